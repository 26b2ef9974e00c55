// Around the parts of C# programs that a page shows: what they take for granted. Page.Part(line) has them.

using System;
using System.Collections;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ropc;

public static class Around
{
    public static RopcOptions options;
    public static RopcClient client;
    public static RopcStore store;
    public static RopcSession session;
    public static RopcTokens tokens;
    public static CancellationToken cancellation = CancellationToken.None;
    public static string user = Environment.GetEnvironmentVariable("SNIPPET_USER"), password = "correct horse";

    public static void show(string text) { Console.WriteLine(text); }

    /// <summary>As an engine does: a coroutine goes on when what it yields has ended.</summary>
    public static void Play(IEnumerator routine)
    {
        while (routine.MoveNext())
        {
            IEnumerator inner = routine.Current as IEnumerator;
            if (inner != null)
                Play(inner);
            Thread.Sleep(1);
        }
    }

    public static void Main(string[] arguments)
    {
        string site = Environment.GetEnvironmentVariable("SNIPPET_SITE");
        options = RopcOptions.LoginRadius(site, "demo", "demo-client")
            .SetCaPem(File.ReadAllText("company-ca.pem")).SetEndpoint(RopcEndpoint.Identity, site)
            .SetApiKey("standin-api-key").AddApiOrigin(site);
        client = new RopcClient(options);
        store = RopcStore.File("store");
        try { tokens = client.Login(user, password); }
        catch (RopcException) { }
        session = RopcSession.Login(client, "ada", password, store);
        // What failed before the page's lines begin is none of their failures.
        File.WriteAllText(Environment.GetEnvironmentVariable("SNIPPET_FAILURES"), "");
        Page.Part(int.Parse(arguments[0])).GetAwaiter().GetResult();
    }
}
