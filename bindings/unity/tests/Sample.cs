using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using Ropc;
using UnityEngine;

/// <summary>Plays the sample on the stand-ins of Unity.cs: what is typed, and what is on the screen then.</summary>
static class Sample
{
    public static void Run()
    {
        string folder = Path.Combine(Path.GetTempPath(), "ropc-unity-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        Application.persistentDataPath = folder;
        SynchronizationContext.SetSynchronizationContext(MainThread.Current);
        try
        {
            Test.Run("the sample: a wrong password, a sign-in, a call, a restart, a sign-out", Visit);
            Test.Run("the sample: a sign-out stopped before its turn leaves the user signed in", StillSignedIn);
            Test.Run("the sample: another application after the first", OtherApplication);
            Test.Run("the sample: gone while it signs in, and while it calls", GoneMeanwhile);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    static SignIn Begin(string api = null, string app = null)
    {
        SignIn screen = new SignIn
        {
            site = Test.Told("ROPC_SITE"), app = app ?? Test.Told("ROPC_APP"),
            clientId = Test.Told("ROPC_CLIENT_ID"), apiUrl = api ?? Test.Told("ROPC_API"),
            authority = new TextAsset(File.ReadAllText(Test.Told("ROPC_CA"))),
        };
        Message(screen, "Awake");
        return screen;
    }

    // As Unity calls them: by name, private or not.
    static void Message(SignIn screen, string name)
    {
        typeof(SignIn).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic).Invoke(screen, null);
    }

    static void Destroy(SignIn screen)
    {
        Stage.End();
        Message(screen, "OnDestroy");
    }

    /// <summary>Frames until a text is on the screen.</summary>
    static void Until(SignIn screen, string text)
    {
        Test.Until(() =>
        {
            Stage.Frame(() => Message(screen, "OnGUI"));
            return Stage.Shown.Any(one => one.Contains(text));
        }, "\"" + text + "\" is shown, not \"" + string.Join(", ", Stage.Shown) + "\"");
    }

    static void Press(SignIn screen, string button, string shown)
    {
        Stage.Pressed = button;
        Until(screen, shown);
        Stage.Typed = Stage.TypedPassword = null;
    }

    static void Type(SignIn screen, string user, string password)
    {
        Stage.Typed = user;
        Stage.TypedPassword = password;
    }

    static void Visit()
    {
        SignIn screen = Begin();
        Until(screen, "Please sign in.");
        Type(screen, "ada", Test.Wrong);
        Press(screen, "Sign in", "does not accept");
        Type(screen, "locked", Test.Password);
        Press(screen, "Sign in", "locked");
        Type(screen, "ada", Test.Password);
        Press(screen, "Sign in", "Signed in.");
        Press(screen, "Call the API", "The API answered 200.");
        Test.Ask("expire_access");
        Press(screen, "Call the API", "The API answered 200.");
        Destroy(screen);
        UnityEditor.AssemblyReloadEvents.Reload();

        screen = Begin();
        Until(screen, "Welcome back.");
        Press(screen, "Call the API", "The API answered 200.");
        Application.Quit();
        SignOut(screen);

        screen = Begin();
        Until(screen, "Please sign in.");
        Destroy(screen);
    }

    static void StillSignedIn()
    {
        SignIn screen = Begin();
        Type(screen, "ada", Test.Password);
        Press(screen, "Sign in", "Signed in.");
        RopcLibrary.SetWorkers(1);
        using (RopcClient client = Test.Client())
        using (Test.Hanging(client))
        {
            Press(screen, "Sign out", "Signing out...");
            RopcLibrary.Shutdown(Test.Long);
        }
        RopcLibrary.SetWorkers(8);
        Test.Until(() => !Busy(screen), "the sign-out ends");
        Press(screen, "Call the API", "The API answered 200.");
        SignOut(screen);
    }

    static void OtherApplication()
    {
        SignIn screen = Begin();
        Type(screen, "ada", Test.Password);
        Press(screen, "Sign in", "Signed in.");
        Destroy(screen);

        screen = Begin(app: "my app");
        Until(screen, "Please sign in.");
        Type(screen, "ada", Test.Password);
        Press(screen, "Sign in", "Signed in.");
        Press(screen, "Call the API", "The API answered 200.");
        SignOut(screen);

        screen = Begin();
        Until(screen, "Welcome back.");
        SignOut(screen);
    }

    static void SignOut(SignIn screen)
    {
        Press(screen, "Sign out", "ign");
        Until(screen, "Sign in");
        Destroy(screen);
    }

    static void GoneMeanwhile()
    {
        SignIn screen = Begin();
        int before = Test.Count("requests");
        Type(screen, "fault:never", Test.Password);
        Press(screen, "Sign in", "Signing in...");
        Test.Until(() => Test.Count("requests") > before, "the request arrives");
        Destroy(screen);
        Soon(() => Test.Count("open") == 0, "its request ends");

        screen = Begin(Test.Told("ROPC_BLACK_HOLE"));
        Type(screen, "ada", Test.Password);
        Press(screen, "Sign in", "Signed in.");
        Stage.Pressed = "Call the API";
        Stage.Frame(() => Message(screen, "OnGUI"));
        Test.That(Busy(screen), "it waits for a host that does not answer");
        Destroy(screen);
        Soon(() => !Busy(screen), "its call ends");
    }

    static bool Busy(SignIn screen)
    {
        MainThread.Current.Pump();
        return (bool)typeof(SignIn).GetField("busy", BindingFlags.Instance | BindingFlags.NonPublic).GetValue(screen);
    }

    /// <summary>Before any time limit of the library, of which the shortest is 10 s.</summary>
    static void Soon(Func<bool> there, string what)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!there())
            Test.That(clock.Elapsed.TotalSeconds < 8, what);
    }
}
