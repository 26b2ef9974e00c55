using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ropc;

/// <summary>
/// What Unity's editor does when it compiles or enters play mode: the domain goes, with all that is in it, and the
/// process and the native library stay.
/// </summary>
static class Domains
{
    const int Rounds = 20;

    // What a game holds on to, in whatever domain this is.
    static readonly object[] held = new object[8];

    public static void Run()
    {
        Test.Run("the domain is reloaded twenty times, with everything in use", Reload);
        Test.Run("what a refresh brings after its domain is gone is in the file", LateRefresh);
    }

    static string Store => Path.Combine(Test.Told("ROPC_FOLDER"), "login");

    static void Reload()
    {
        int threads = 0, files = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            AppDomain domain = AppDomain.CreateDomain("play " + round);
            domain.SetData("round", round);
            domain.DoCallBack(Play);
            Test.Is(domain.GetData("done"), round, "the game's word from its domain");
            AppDomain.Unload(domain);
            Test.Is(NativeThreads(), 0, "threads of the library behind round " + round);
            if (round == 5)
            {
                threads = Count("task");
                files = Count("fd");
            }
        }
        Test.That(Count("task") <= threads + 5, "threads: " + threads + " after 5 rounds, now " + Count("task"));
        Test.That(Count("fd") <= files + 5, "files: " + files + " after 5 rounds, now " + Count("fd"));
        Test.Until(() => Test.Count("open") == 0, "the server sees all connections end");
        using (RopcClient client = Test.Client())
            Test.End(client.LoginAsync("ada", Test.Password)).Dispose();
    }

    static void LateRefresh()
    {
        AppDomain domain = AppDomain.CreateDomain("late");
        domain.DoCallBack(BeginRefresh);
        string old = (string)domain.GetData("token");
        AppDomain.Unload(domain);
        Test.Is(NativeThreads(), 1, "threads of the library: the one that waits for the tokens");
        Test.Until(() => NativeThreads() == 0, "it ends");
        Test.Ask("refresh");
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.File(Store))
        using (RopcSession session = RopcSession.Resume(client, store, "late"))
            Test.That(Sessions.Token(session) != old, "the new tokens are in the file");
    }

    /// <summary>Runs in a domain of its own: a refresh whose answer comes later than an unload waits.</summary>
    static void BeginRefresh()
    {
        RopcSession session = RopcSession.Login(Test.Client(), "ada", Test.Password, RopcStore.File(Store), "late");
        AppDomain.CurrentDomain.SetData("token", Sessions.Token(session));
        int before = Test.Count("requests");
        Test.Ask("refresh fault:delay_4000");
        Test.Is(session.Refresh(false, TimeSpan.Zero), RopcStatus.Pending, "a refresh begins");
        Test.Until(() => Test.Count("requests") > before, "it arrives");
        held[0] = session;
    }

    static int Count(string what)
    {
        return Directory.GetFileSystemEntries("/proc/self/" + what).Length;
    }

    /// <summary>Threads of the library, as run.py sees them: Mono cannot read of one that has just ended.</summary>
    static int NativeThreads()
    {
        return int.Parse(Test.Ask("threads"));
    }

    /// <summary>Runs in a domain of its own, and leaves everything as it is.</summary>
    static void Play()
    {
        RopcClient client = Test.Client();
        RopcStore store = RopcStore.File(Store);
        RopcSession session = (int)AppDomain.CurrentDomain.GetData("round") == 1
            ? RopcSession.Login(client, "ada", Test.Password, store)
            : RopcSession.Resume(client, store, "ada");
        Sessions.Token(session);
        int before = Test.Count("requests");
        held[0] = client.PrepareLogin("fault:never", Test.Password).Start();
        held[1] = client.LoginAsync("fault:never", Test.Password);
        held[2] = session;
        held[3] = RopcSession.Login(client, "ada", Test.Password);
        held[4] = client.PrepareLogin("ada", Test.Password);
        held[5] = RopcSession.LoginAsync(client, "fault:never", Test.Password, store, "another");
        Background(() => client.Login("fault:never", Test.Password));
        Background(() => client.PrepareLogin("fault:never", Test.Password).Start().Wait(Test.Long));
        Test.Until(() => Test.Count("requests") >= before + 6, "six requests arrive");
        AppDomain.CurrentDomain.SetData("done", AppDomain.CurrentDomain.GetData("round"));
    }

    static void Background(Action call)
    {
        Thread thread = new Thread(() =>
        {
            try
            {
                call();
            }
            catch (RopcException)
            {
                // Cancelled, as its domain goes.
            }
        });
        thread.IsBackground = true;
        thread.Start();
    }

    /// <summary>A process that ends with everything in use: nothing is waited for, nothing crashes.</summary>
    public static void End()
    {
        AppDomain.CurrentDomain.SetData("round", 1);
        Play();
    }

    /// <summary>The same, ended by another thread in the middle of everything.</summary>
    public static void Exit()
    {
        End();
        Task.Run(() => Environment.Exit(7));
        Thread.Sleep(Test.Long);
    }
}
