using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Ropc;

/// <summary>Users who stay signed in.</summary>
static class Sessions
{
    static readonly string Api = Test.Told("ROPC_API");

    public static void Run()
    {
        Test.Run("a session refreshes", Refreshes);
        Test.Run("a session refreshes beside the program: poll and task", RefreshesBeside);
        Test.Run("a session from tokens, and how it is", FromTokens);
        Test.Run("restart from a file", FileStore);
        Test.Run("nothing stored", NothingStored);
        Test.Run("restart from the host's own store, by pull", HostStore);
        Test.Run("a late refresh of the host's own store waits for the next session", HostStoreLate);
        Test.Run("an API call with the token", Call);
        Test.Run("sign-out: the token is dead at the server", SignOut);
        Test.Run("a sign-out that is cancelled before its turn does nothing", SignOutStopped);
        Test.Run("a refresh without an answer, and forced", Unclear);
        Test.Run("signed out by the server", Ended);
    }

    public static string Token(RopcSession session)
    {
        return session.GetToken(TimeSpan.Zero, Test.Long).Text;
    }

    /// <summary>The session's access token ends at the server, and here.</summary>
    static string Expire(RopcSession session)
    {
        string token = Token(session);
        Test.Ask("expire_access");
        session.Expire(token);
        return token;
    }

    static void Refreshes()
    {
        using (RopcClient client = Test.Client())
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password))
        {
            int before = Test.Count("refreshed");
            string old = Expire(session);
            Test.That(Token(session) != old, "there is another token");
            Test.Is(Test.Count("refreshed"), before + 1, "refreshes");
            Test.Is(session.Refresh(false, Test.Long), RopcStatus.Ok, "a refresh that was asked for");
            Test.Is(Test.Count("refreshed"), before + 2, "refreshes");
            RopcAccessToken token = session.GetToken(TimeSpan.FromSeconds(30), Test.Long);
            Test.That(token.ExpiresAt > DateTimeOffset.UtcNow.AddMinutes(14), "it ends in a quarter of an hour");
            Test.Hides(token.ToString(), "ToString of a token");
            Test.Refused(RopcStatus.Answer, RopcReason.TooShort,
                () => session.GetToken(TimeSpan.FromDays(2), Test.Long), "a longer one than the server's");
        }
    }

    static void RefreshesBeside()
    {
        using (RopcClient client = Test.Client())
        using (RopcSession session = Test.End(RopcSession.LoginAsync(client, "ada", Test.Password)))
        {
            string old = Expire(session);
            RopcAccessToken token = null;
            Test.Until(() => session.PollToken(TimeSpan.Zero, out token) != RopcStatus.Pending, "a refresh ends");
            Test.That(token != null && token.Text != old, "there is another token");
            old = Expire(session);
            Test.That(Test.End(session.GetTokenAsync(TimeSpan.Zero)).Text != old, "there is another token");
            Task<RopcAccessToken> stopped = session.GetTokenAsync(TimeSpan.Zero, new CancellationToken(true));
            Test.That(stopped.IsCanceled, "a task that was cancelled before it began is told so: " + stopped.Status);
            Test.Is(session.Refresh(false, TimeSpan.Zero), RopcStatus.Pending, "a refresh that only begins");
            Test.Until(() => !session.GetInfo().Refreshing, "it ends");
        }
    }

    static void FromTokens()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        using (RopcSession session = RopcSession.Create(client, tokens, null, "who"))
        using (RopcSession other = Test.End(RopcSession.CreateAsync(client, tokens, null, "who")))
        {
            Test.Is(Token(session), tokens.AccessToken, "its token");
            Test.Is(Token(other), tokens.AccessToken, "the other's");
            RopcSessionInfo info = session.GetInfo();
            Test.Is(info.State, RopcSessionState.SignedIn, "its state");
            Test.Is(info.UserKey, "who", "its user");
            Test.That(!info.Refreshing && info.ExpiresAt == tokens.ExpiresAt && info.ReceivedAt != null, "its times");
            Test.That(info.LastStatus == RopcStatus.Ok && info.LastReason == RopcReason.None, "nothing failed");
            Test.That(info.LastMessage == null && info.ToString().Contains("SignedIn"), "nothing to say");
            Test.Is(session.Pending(), null, "a record of a session that ends with the program");
        }
    }

    static string InFolder(Action<string> test)
    {
        string folder = Path.Combine(Path.GetTempPath(), "ropc-unity-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        try
        {
            test(Path.Combine(folder, "l\u00f6gin"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
        return folder;
    }

    static void FileStore()
    {
        InFolder(path =>
        {
            string token;
            using (RopcClient client = Test.Client())
            using (RopcStore store = RopcStore.File(path))
            using (RopcSession session = RopcSession.Login(client, "ada", Test.Password, store, "key"))
            {
                token = Token(session);
                Test.Throws<RopcException>(() => store.Give("key", "{}"), "a record given to a file");
            }
            using (RopcClient client = Test.Client())
            using (RopcStore store = RopcStore.File(path))
            using (RopcSession session = RopcSession.Resume(client, store, "key"))
            {
                store.Dispose();
                Test.Is(Token(session), token, "the token after a restart");
                Expire(session);
                Test.That(Token(session) != token, "it refreshes after a restart");
                session.SignOut();
            }
            using (RopcClient client = Test.Client())
            using (RopcStore store = RopcStore.File(path))
                Test.Refused(RopcStatus.SignedOut, RopcReason.NothingStored,
                    () => RopcSession.Resume(client, store, "key"), "signed out");
        });
    }

    static void NothingStored()
    {
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.Host())
        {
            Test.Refused(RopcStatus.SignedOut, RopcReason.NothingStored,
                () => RopcSession.Resume(client, store, "ada"), "an empty store");
            store.Give("ada", "diary");
            Test.Refused(RopcStatus.Store, RopcReason.StoreBroken,
                () => RopcSession.Resume(client, store, "ada"), "a diary");
        }
    }

    static void HostStore()
    {
        string record, token;
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.Host())
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password, store))
        {
            RopcAccessToken none;
            Test.Refused(RopcStatus.SaveFirst, RopcReason.SaveFirst, () => Token(session), "unsaved tokens");
            Test.Is(session.PollToken(TimeSpan.Zero, out none), RopcStatus.SaveFirst, "polled");
            Test.Is(none, null, "the token polled");
            Test.Refused(RopcStatus.SaveFirst, RopcReason.SaveFirst,
                () => Test.End(session.GetTokenAsync(TimeSpan.Zero)), "a task");
            Test.Refused(RopcStatus.SaveFirst, RopcReason.SaveFirst, () => session.Call("GET", Api), "a call");
            RopcException why = Test.Refused(RopcStatus.State, RopcReason.State, () => session.Saved(true),
                "saved without a record");
            Test.That(why.Advice != "" && why.Message.EndsWith(". " + why.Advice), "a sentence: " + why.Message);
            Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => session.Expire(""), "no token");
            record = session.Pending();
            session.Saved(false);
            Test.Is(session.GetInfo().LastReason, RopcReason.SaveFailed, "a save that failed");
            Test.Is(session.Pending(), record, "it is offered again");
            session.Saved(true);
            token = Token(session);
            Test.Is(session.Pending(), null, "everything is saved");
        }
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.Host())
        {
            store.Give("ada", record);
            using (RopcSession session = RopcSession.Resume(client, store, "ada"))
            {
                Test.Is(Token(session), token, "the token after a restart");
                Test.Ask("expire_access");
                session.Expire(token);
                Test.Is(session.Refresh(false, Test.Long), RopcStatus.SaveFirst, "a refresh");
                Test.That(session.Pending() != record, "another record");
                session.Saved(true);
                Test.That(Token(session) != token, "another token");
            }
        }
    }

    static void HostStoreLate()
    {
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.Host())
        {
            RopcSession first = RopcSession.Login(client, "ada", Test.Password, store);
            first.Pending();
            first.Saved(true);
            string old = Token(first);
            int before = Test.Count("requests");
            Test.Ask("refresh fault:delay_300");
            Test.Is(first.Refresh(false, TimeSpan.Zero), RopcStatus.Pending, "a refresh begins");
            Test.Until(() => Test.Count("requests") > before, "it arrives");
            first.Dispose();
            RopcSession next = null;
            Test.Until(() => (next = Resumed(client, store)) != null, "what came late is found");
            Test.Ask("refresh");
            string record = next.Pending();
            if (record != null)
                next.Saved(true);
            Test.That(Token(next) != old, "its token is the new one");
            next.Dispose();
        }
    }

    static RopcSession Resumed(RopcClient client, RopcStore store)
    {
        try
        {
            return RopcSession.Resume(client, store, "ada");
        }
        catch (RopcException why) when (why.Reason == RopcReason.NothingStored)
        {
            return null;
        }
    }

    static void Call()
    {
        Dictionary<string, string> headers = new Dictionary<string, string>
        {
            { "Content-Type", "text/plain" }, { "X-Game", "b\u00f8wling" },
        };
        byte[] body = Encoding.UTF8.GetBytes("p\u00f6st");
        using (RopcClient client = Test.Client())
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password))
        {
            using (RopcResponse answer = session.Call("GET", Api))
            {
                Test.Is(answer.HttpStatus, 200, "GET");
                Test.That(answer.ContentType.StartsWith("application/json"), "its type");
                Test.Is(answer.Header("CONTENT-TYPE"), answer.ContentType, "the same as a header");
                Test.Is(answer.Header("X-None"), null, "a header that did not come");
                Test.That(answer.Text.Contains("GET"), "the echo: " + answer.Text);
                Test.That(!answer.ToString().Contains("{"), "ToString has nothing of the body");
            }
            headers.Remove("X-Game");
            using (RopcResponse answer = Test.End(session.CallAsync("POST", Api, headers, body)))
                Test.That(answer.HttpStatus == 200 && answer.Text.Contains("p\u00f6st"), "the echo: " + answer.Text);
            using (RopcRequest<RopcResponse> request = session.PrepareCall("PUT", Api, headers, new byte[0]).Start())
            {
                request.Wait(Test.Long);
                request.Take().Dispose();
            }
            Test.Ask("expire_access");
            using (RopcResponse answer = session.Call("GET", Api))
                Test.Is(answer.HttpStatus, 200, "GET with a token that the API refuses at first");
            Test.Refused(RopcStatus.Arg, RopcReason.OriginNotAllowed,
                () => session.Call("GET", "https://localhost:1/"), "another origin");
        }
    }

    static void SignOut()
    {
        using (RopcClient client = Test.Client())
        {
            RopcSession[] sessions =
            {
                RopcSession.Login(client, "ada", Test.Password), RopcSession.Login(client, "ada", Test.Password),
                RopcSession.Login(client, "ada", Test.Password),
            };
            string[] tokens = Array.ConvertAll(sessions, Token);
            sessions[0].SignOut();
            using (RopcPlainRequest request = sessions[1].PrepareSignOut().Start())
            {
                request.Wait(Test.Long);
                request.Take();
            }
            Test.End(sessions[2].SignOutAsync());
            foreach (string token in tokens)
                Test.Refused(RopcStatus.Refused, RopcReason.TokenRefused, () => client.UserInfo(token), "its token");
            foreach (RopcSession session in sessions)
            {
                Test.Refused(RopcStatus.SignedOut, RopcReason.SignedOut, () => Token(session), "a session signed out");
                Test.Is(session.GetInfo().State, RopcSessionState.SignedOut, "its state");
                session.SignOut();
                session.Dispose();
            }
        }
    }

    static void SignOutStopped()
    {
        InFolder(path =>
        {
            using (CancellationTokenSource source = new CancellationTokenSource())
            using (RopcClient client = Test.Client())
            using (RopcStore store = RopcStore.File(path))
            using (RopcSession session = RopcSession.Login(client, "ada", Test.Password, store))
            {
                RopcLibrary.SetWorkers(1);
                using (Test.Hanging(client))
                {
                    Task leaving = session.SignOutAsync(source.Token);
                    source.Cancel();
                    Test.Throws<OperationCanceledException>(() => Test.End(leaving), "the sign-out");
                }
                RopcLibrary.SetWorkers(8);
                Test.Is(session.GetInfo().State, RopcSessionState.SignedIn, "its state");
                using (RopcSession again = RopcSession.Resume(client, store, "ada"))
                    client.UserInfo(Token(again));
            }
        });
    }

    static void Unclear()
    {
        using (RopcClient client = Test.Client())
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password))
        {
            Expire(session);
            Test.Ask("lose 1");
            Test.Refused(RopcStatus.Unclear, RopcReason.Unclear, () => Token(session), "a refresh without an answer");
            Test.Is(session.GetInfo().State, RopcSessionState.Unclear, "its state");
            Test.Refused(RopcStatus.SignedOut, RopcReason.RefreshEnded, () => session.Refresh(true, Test.Long),
                "sent again to a strict server");
        }
    }

    static void Ended()
    {
        using (RopcClient client = Test.Client())
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password))
        {
            Test.Ask("kill_refresh");
            Expire(session);
            Test.Refused(RopcStatus.SignedOut, RopcReason.RefreshEnded, () => Token(session), "an ended refresh token");
        }
    }
}
