using System;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Ropc;

/// <summary>What a test found wrong.</summary>
sealed class Failed : Exception
{
    public Failed(string what) : base(what) { }
}

/// <summary>What the tests share: the line to run.py, where the stand-in is, and ways to say what should be.</summary>
static class Test
{
    public const string Password = "correct horse";
    public const string Wrong = "canary-9c40-not-the-password";

    // Far longer than anything here takes, on a busy machine too.
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    static readonly object line = new object();

    public static string Told(string name)
    {
        return Environment.GetEnvironmentVariable(name);
    }

    /// <summary>One test. One that hangs ends the program, for the tests behind it would hang too.</summary>
    public static void Run(string name, Action test)
    {
        string problem = null;
        using (new Timer(late => End(name), null, TimeSpan.FromSeconds(100), Timeout.InfiniteTimeSpan))
            try
            {
                test();
            }
            catch (Exception why)
            {
                problem = why is Failed ? why.Message : why.ToString();
            }
        Say(problem == null ? "ok   " + name : "FAIL " + name + ": FAILED: " + problem.Replace("\n", " | "));
    }

    static void End(string name)
    {
        Say("FAIL " + name + ": FAILED: it hangs");
        Environment.FailFast(name + " hangs");
    }

    static void Say(string text)
    {
        lock (line)
        {
            Console.Out.WriteLine(text);
            Console.Out.Flush();
        }
    }

    /// <summary>One command of `standin --help`, and its answer.</summary>
    public static string Ask(string command)
    {
        lock (line)
        {
            Say("ask  " + command);
            return Console.In.ReadLine();
        }
    }

    /// <summary>A number of the stand-in's `counts`.</summary>
    public static int Count(string what)
    {
        return int.Parse(Regex.Match(Ask("counts"), "\"" + what + "\": ?(\\d+)").Groups[1].Value);
    }

    public static void That(bool right, string what)
    {
        if (!right)
            throw new Failed("not so: " + what);
    }

    public static void Is<T>(T real, T wanted, string what)
    {
        if (!Equals(real, wanted))
            throw new Failed(what + " is " + real + ", not " + wanted);
    }

    public static E Throws<E>(Action what, string name) where E : Exception
    {
        try
        {
            what();
        }
        catch (E why)
        {
            Hides(why.ToString(), name);
            return why;
        }
        catch (Exception why)
        {
            throw new Failed(name + " throws " + why + ", not " + typeof(E).Name);
        }
        throw new Failed(name + " throws nothing");
    }

    public static RopcException Refused(RopcStatus status, RopcReason reason, Action what, string name)
    {
        RopcException why = Throws<RopcException>(what, name);
        Is(why.Status, status, name + ": its status (" + why.Message + ")");
        Is(why.Reason, reason, name + ": its reason (" + why.Message + ")");
        return why;
    }

    /// <summary>No text that a person may come to see holds a password or a token.</summary>
    public static void Hides(string text, string what)
    {
        That(!text.Contains(Password) && !text.Contains(Wrong), what + " holds a password: " + text);
        That(!Regex.IsMatch(text, "eyJ[A-Za-z0-9_-]{20}"), what + " holds a token: " + text);
    }

    /// <summary>Waits for what happens beside this thread.</summary>
    public static void Until(Func<bool> there, string what)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!there())
        {
            That(clock.Elapsed < Long, what + " within a minute");
            Thread.Sleep(1);
        }
    }

    /// <summary>What a task came to, its own exception thrown.</summary>
    public static T End<T>(Task<T> task)
    {
        End((Task)task);
        return task.Result;
    }

    public static void End(Task task)
    {
        That(Task.WhenAny(task, Task.Delay(Long)).Result == task, "a task ends within a minute");
        task.GetAwaiter().GetResult();
    }

    /// <summary>LoginRadius as it is for the examples, with an API key.</summary>
    public static RopcOptions Options()
    {
        return RopcOptions.LoginRadius(Told("ROPC_SITE"), Told("ROPC_APP"), Told("ROPC_CLIENT_ID"))
            .SetCaPem(File.ReadAllText(Told("ROPC_CA"))).SetAppKind(RopcAppKind.Oidc).SetApiKey("standin-api-key")
            .SetEndpoint(RopcEndpoint.Identity, Told("ROPC_SITE"));
    }

    public static RopcClient Client()
    {
        using (RopcOptions options = Options())
            return new RopcClient(options);
    }

    /// <summary>A request that the stand-in never answers, once it has arrived there.</summary>
    public static RopcRequest<RopcTokens> Hanging(RopcClient client)
    {
        int before = Count("requests");
        RopcRequest<RopcTokens> request = client.PrepareLogin("fault:never", Password).Start();
        Until(() => Count("requests") > before, "a request arrives");
        return request;
    }
}
