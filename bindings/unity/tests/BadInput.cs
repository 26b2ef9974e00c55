using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ropc;

/// <summary>What no program should do, and some do.</summary>
static class BadInput
{
    static readonly TimeSpan Zero = TimeSpan.Zero;

    public static void Run()
    {
        Test.Run("null, a NUL inside, half a surrogate pair: ArgumentException, with nothing of the text", Texts);
        Test.Run("empty and huge texts are refused by the library", EmptyAndHuge);
        Test.Run("passwords and user names of any bytes", AnyBytes);
        Test.Run("null objects", NullObjects);
        Test.Run("times that are none", Times);
        Test.Run("dispose of everything twice", DisposeTwice);
        Test.Run("use after Dispose: ObjectDisposedException", AfterDispose);
        Test.Run("the wrong order", WrongOrder);
        Test.Run("options set by eight threads at once", EightThreads);
        Test.Run("dispose of what other threads are inside of", DisposeInside);
    }

    static void Texts()
    {
        using (RopcOptions options = Test.Options())
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.Host())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        using (RopcSession session = RopcSession.Create(client, tokens, null, "who"))
        using (RopcResponse response = session.Call("GET", Test.Told("ROPC_API")))
        {
            Dictionary<string, Action<string>> calls = new Dictionary<string, Action<string>>
            {
                { "LoginRadius site", bad => RopcOptions.LoginRadius(bad, "a", "b") },
                { "LoginRadius app", bad => RopcOptions.LoginRadius("a.test", bad, "b") },
                { "LoginRadius client id", bad => RopcOptions.LoginRadius("a.test", "b", bad) },
                { "OAuth2", bad => RopcOptions.OAuth2("https://a.test/", bad) },
                { "SetEndpoint", bad => options.SetEndpoint(RopcEndpoint.Token, bad) },
                { "SetIssuer", bad => options.SetIssuer(bad) },
                { "SetSecret", bad => options.SetSecret(bad, RopcSecretMethod.Post) },
                { "SetScope", bad => options.SetScope(bad) },
                { "AddParameter name", bad => options.AddParameter(bad, "v") },
                { "AddParameter value", bad => options.AddParameter("n", bad) },
                { "AddPin origin", bad => options.AddPin(bad, "v") },
                { "AddPin", bad => options.AddPin("n", bad) },
                { "SetClientCertificatePem", bad => options.SetClientCertificatePem(bad, "c", "k") },
                { "SetProxy", bad => options.SetProxy(bad) },
                { "SetUserAgent", bad => options.SetUserAgent(bad) },
                { "SetApiKey", bad => options.SetApiKey(bad) },
                { "AddApiOrigin", bad => options.AddApiOrigin(bad) },
                { "AddEndedError", bad => options.AddEndedError(bad) },
                { "Discover", bad => options.Discover(bad) },
                { "PrepareDiscover", bad => options.PrepareDiscover(bad) },
                { "Grant", bad => client.Grant(bad) },
                { "Grant value", bad => client.Grant("g", new Dictionary<string, string> { { "n", bad } }) },
                { "PrepareGrant", bad => client.PrepareGrant(bad) },
                { "Refresh", bad => client.Refresh(bad) },
                { "PrepareRefresh", bad => client.PrepareRefresh(bad) },
                { "RefreshAsync", bad => client.RefreshAsync(bad) },
                { "Revoke", bad => client.Revoke(bad) },
                { "PrepareRevoke", bad => client.PrepareRevoke(bad) },
                { "UserInfo", bad => client.UserInfo(bad) },
                { "PrepareUserInfo", bad => client.PrepareUserInfo(bad) },
                { "Profile", bad => client.Profile(bad) },
                { "PrepareProfile", bad => client.PrepareProfile(bad) },
                { "Validate", bad => client.Validate(bad) },
                { "PrepareValidate", bad => client.PrepareValidate(bad) },
                { "Invalidate", bad => client.Invalidate(bad) },
                { "PrepareInvalidate", bad => client.PrepareInvalidate(bad) },
                { "VerifyIdToken", bad => client.VerifyIdToken(bad) },
                { "PrepareVerifyIdToken", bad => client.PrepareVerifyIdToken(bad) },
                { "File", bad => RopcStore.File(bad) },
                { "Give user", bad => store.Give(bad, "{}") },
                { "Give", bad => store.Give("ada", bad) },
                { "Create", bad => RopcSession.Create(client, tokens, null, bad) },
                { "PrepareCreate", bad => RopcSession.PrepareCreate(client, tokens, null, bad) },
                { "Resume", bad => RopcSession.Resume(client, store, bad) },
                { "Expire", bad => session.Expire(bad) },
                { "Call method", bad => session.Call(bad, Test.Told("ROPC_API")) },
                { "Call URL", bad => session.Call("GET", bad) },
                { "PrepareCall", bad => session.PrepareCall("GET", bad) },
                { "Extra of tokens", bad => tokens.Extra(bad) },
                { "Header", bad => response.Header(bad) },
            };
            string[] halves = { Test.Wrong + "\ud83d", "\ude00" + Test.Wrong };
            string[] wrong = { Test.Wrong + "\0tail", "\0", halves[0], halves[1] };
            foreach (KeyValuePair<string, Action<string>> call in calls)
            {
                Test.Throws<ArgumentNullException>(() => call.Value(null), call.Key + " of null");
                foreach (string bad in wrong)
                    Test.That(!Test.Throws<ArgumentException>(() => call.Value(bad), call.Key).Message.Contains("D83D"),
                        "the message tells nothing of the text");
            }
            Dictionary<string, Action<string>> optional = new Dictionary<string, Action<string>>
            {
                { "OAuth2 URL", bad => RopcOptions.OAuth2(bad, "id") },
                { "SetResponseType", bad => options.SetResponseType(bad) },
                { "Profile fields", bad => client.Profile("token", bad) },
                { "VerifyIdToken nonce", bad => client.VerifyIdToken("token", "token", bad) },
                { "Login user key", bad => RopcSession.Login(client, "ada", Test.Password, store, bad ?? "\0") },
            };
            foreach (KeyValuePair<string, Action<string>> call in optional)
                Test.Throws<ArgumentException>(() => call.Value("a\0b"), call.Key);
            foreach (string bad in halves)
            {
                Test.Throws<ArgumentException>(() => client.Login("ada", bad), "a password");
                Test.Throws<ArgumentException>(() => client.LoginAsync(bad, Test.Password), "a user name");
                char[] characters = bad.ToCharArray();
                Test.Throws<ArgumentException>(() => new RopcPassword(characters), "characters");
                Test.That(characters.All(one => one == 0), "they are wiped all the same");
            }
        }
    }

    static void EmptyAndHuge()
    {
        string huge = new string('x', 8 << 20);
        using (RopcClient client = Test.Client())
        {
            int before = Test.Count("requests");
            foreach (string bad in new[] { "", huge })
            {
                string what = bad == "" ? "empty" : "huge";
                Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => client.Login(bad, "p"), what + " user name");
                Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => client.Login("ada", bad), what + " password");
                Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => client.PrepareLogin("ada", bad), what + " one");
                Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => client.Grant(bad), what + " grant");
                Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => RopcStore.File(bad), what + " path");
                Test.Refused(RopcStatus.Arg, RopcReason.Argument,
                    () => RopcOptions.LoginRadius(bad, "a", "b"), what + " site");
                Test.Refused(RopcStatus.Arg, RopcReason.Argument,
                    () => RopcSession.Login(client, "ada", "p", null, bad), what + " user key");
            }
            Test.Is(Test.Count("requests"), before, "requests sent");
            IEnumerable<int> numbers = Enumerable.Range(0, RopcMax.Params + 1);
            Dictionary<string, string> many = numbers.ToDictionary(number => "n" + number, number => "v");
            Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => client.Grant("g", many), "too many parameters");
        }
    }

    static void AnyBytes()
    {
        using (RopcClient client = Test.Client())
        {
            Test.Refused(RopcStatus.Arg, RopcReason.Argument,
                () => client.Login("ada", new RopcPassword(new byte[] { 0xff, 0xfe })), "bytes that are no UTF-8");
            Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => client.Login("ada", Test.Password + "\0"), "a NUL at the end is part of the password");
            Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => client.Login("ada\0", Test.Password), "and of the name");
            Test.Throws<ArgumentNullException>(() => new RopcPassword((byte[])null), "no bytes");
            Test.Throws<ArgumentNullException>(() => new RopcPassword((char[])null), "no characters");
            Test.Throws<ArgumentNullException>(() => new RopcPassword((string)null), "no string");
        }
    }

    static void NullObjects()
    {
        using (RopcClient client = Test.Client())
        using (RopcStore store = RopcStore.Host())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        {
            Test.Throws<ArgumentNullException>(() => new RopcClient(null), "no options");
            Test.Throws<ArgumentNullException>(() => client.Login("ada", (RopcPassword)null), "no password");
            Test.Throws<ArgumentNullException>(() => client.Login("ada", (string)null), "no text");
            Test.Throws<ArgumentNullException>(() => client.LoginAsync(null, "p"), "no user");
            Test.Throws<ArgumentNullException>(() => RopcSession.Login(null, "ada", "p"), "no client");
            Test.Throws<ArgumentNullException>(() => RopcSession.Create(null, tokens, store, "k"), "no client");
            Test.Throws<ArgumentNullException>(() => RopcSession.Create(client, null, store, "k"), "no tokens");
            Test.Throws<ArgumentNullException>(() => RopcSession.Resume(client, null, "k"), "no store");
            Test.Throws<ArgumentNullException>(() => RopcSession.Resume(null, store, "k"), "no client");
        }
    }

    static void Times()
    {
        using (RopcOptions options = Test.Options())
        using (RopcClient client = Test.Client())
        using (RopcRequest<RopcTokens> request = client.PrepareLogin("ada", Test.Password))
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password))
            foreach (TimeSpan bad in new[] { Timeout.InfiniteTimeSpan, TimeSpan.MinValue, TimeSpan.MaxValue })
            {
                RopcAccessToken token;
                Test.Throws<ArgumentOutOfRangeException>(() => request.Wait(bad), "Wait");
                Test.Throws<ArgumentOutOfRangeException>(() => session.GetToken(bad, Zero), "GetToken");
                Test.Throws<ArgumentOutOfRangeException>(() => session.GetToken(Zero, bad), "GetToken");
                Test.Throws<ArgumentOutOfRangeException>(() => session.PollToken(bad, out token), "PollToken");
                Test.Throws<ArgumentOutOfRangeException>(() => session.Refresh(false, bad), "Refresh");
                Test.Throws<ArgumentOutOfRangeException>(() => options.SetTimeouts(bad, bad), "SetTimeouts");
            }
        Test.Throws<ArgumentOutOfRangeException>(() => Ropc.Times.Milliseconds(TimeSpan.FromTicks(-1), "t"), "-1 tick");
        ArgumentOutOfRangeException why = Test.Throws<ArgumentOutOfRangeException>(
            () => Ropc.Times.Milliseconds(Timeout.InfiniteTimeSpan, "t"), "for ever");
        Test.That(why.Message.Contains("no wait for ever"), "what it says of a wait for ever: " + why.Message);
        Test.Is(Ropc.Times.Milliseconds(TimeSpan.FromTicks(1), "t"), 1u, "a tick, rounded up");
        Test.Is(Ropc.Times.Milliseconds(TimeSpan.FromMilliseconds(uint.MaxValue), "t"), uint.MaxValue, "the longest");
    }

    /// <summary>One of each, to be disposed of.</summary>
    static IDisposable[] OneOfEach()
    {
        RopcClient client = Test.Client();
        RopcSession session = RopcSession.Login(client, "ada", Test.Password);
        return new IDisposable[]
        {
            Test.Options(), client, client.PrepareLogin("ada", Test.Password).Start(), client.PrepareConnect(), session,
            RopcStore.Host(), client.Login("ada", Test.Password), session.Call("GET", Test.Told("ROPC_API")),
            new RopcPassword(Test.Password),
        };
    }

    static void DisposeTwice()
    {
        foreach (IDisposable one in OneOfEach().Concat(OneOfEach().Reverse()))
        {
            one.Dispose();
            one.Dispose();
            Parallel.For(0, 8, round => one.Dispose());
        }
    }

    static void AfterDispose()
    {
        RopcClient live = Test.Client();
        IDisposable[] all = OneOfEach();
        foreach (IDisposable one in all)
            one.Dispose();
        RopcOptions options = (RopcOptions)all[0];
        RopcClient client = (RopcClient)all[1];
        RopcRequest<RopcTokens> request = (RopcRequest<RopcTokens>)all[2];
        RopcPlainRequest plain = (RopcPlainRequest)all[3];
        RopcSession session = (RopcSession)all[4];
        RopcStore store = (RopcStore)all[5];
        RopcTokens tokens = (RopcTokens)all[6];
        RopcResponse response = (RopcResponse)all[7];
        RopcAccessToken none;
        RopcLogLevel level;
        Action[] calls =
        {
            () => options.SetScope("s"), () => new RopcClient(options), () => options.Discover("https://a.test"),
            () => client.Login("ada", "p"), () => client.LoginAsync("ada", "p"), () => client.Cancel(),
            () => client.NextLog(out level), () => client.Connect(), () => RopcSession.Resume(client, store, "a"),
            () => Test.Is(client.Proxy, null, "a proxy"),
            () => request.Start(), () => request.Poll(), () => request.Take(), () => request.Wait(Zero),
            () => request.Cancel(), () => Test.End(request.RunAsync()), () => request.IsDone.ToString(),
            () => plain.Start(), () => plain.Take(), () => Test.End(plain.RunAsync()),
            () => session.GetToken(Zero, Zero), () => session.PollToken(Zero, out none), () => session.GetInfo(),
            () => session.Refresh(false, Zero), () => session.Expire("t"), () => session.Pending(),
            () => session.Saved(true), () => session.SignOut(), () => session.SignOutAsync(),
            () => session.Call("GET", "https://a.test"), () => Test.End(session.GetTokenAsync(Zero)),
            () => store.Give("a", "r"), () => RopcSession.Resume(live, store, "a"),
            () => RopcSession.Create(live, tokens, null, "k"), () => tokens.AccessToken.ToString(),
            () => tokens.RefreshToken.ToString(), () => tokens.Extra("x"), () => tokens.Claims(RopcTokenKind.Id),
            () => response.Header("x"), () => response.Body.ToString(), () => response.Text.ToString(),
        };
        for (int call = 0; call < calls.Length; call++)
            Test.Throws<ObjectDisposedException>(calls[call], "call " + call);
        // What was copied stays.
        Test.That(tokens.ExpiresAt != null && response.HttpStatus == 200, "numbers stay");
        live.Dispose();
    }

    static void WrongOrder()
    {
        using (RopcClient client = Test.Client())
        using (RopcRequest<RopcTokens> request = client.PrepareLogin("ada", Test.Password))
        using (RopcRequest<RopcTokens> stopped = client.PrepareLogin("ada", Test.Password))
        {
            Test.Is(request.Poll(), RopcStatus.State, "one that was not started");
            Test.Is(request.Wait(Zero), RopcStatus.State, "to wait for it");
            Test.That(request.IsDone, "nothing to wait for");
            Test.Refused(RopcStatus.State, RopcReason.State, () => request.Take(), "taken before it was started");
            request.Start();
            Test.Refused(RopcStatus.State, RopcReason.State, () => request.Start(), "started twice");
            Test.Is(request.Wait(Test.Long), RopcStatus.Ok, "waited for");
            request.Take().Dispose();
            Test.Refused(RopcStatus.State, RopcReason.State, () => request.Take(), "taken twice");
            stopped.Cancel();
            Test.Refused(RopcStatus.State, RopcReason.State, () => stopped.Start(), "started after it was cancelled");
            client.Dispose();
            request.Poll();
        }
    }

    static void EightThreads()
    {
        using (RopcOptions options = Test.Options())
        {
            Parallel.For(0, 8, thread =>
            {
                for (int round = 0; round < 500; round++)
                {
                    options.SetScope("scope" + thread).SetApiKey("key" + round).SetUserAgent("agent/" + thread);
                    if (round % 50 == 0)
                        new RopcClient(options).Dispose();
                }
            });
            using (RopcClient client = new RopcClient(options.SetApiKey("standin-api-key").SetScope("openid")))
                client.Login("ada", Test.Password).Dispose();
        }
    }

    static void DisposeInside()
    {
        RopcClient client = Test.Client();
        RopcSession session = RopcSession.Login(client, "ada", Test.Password);
        RopcRequest<RopcTokens> request = Test.Hanging(client);
        int before = Test.Count("requests");
        Task blocked = Task.Run(() => client.Login("fault:never", Test.Password));
        ManualResetEvent begins = new ManualResetEvent(false);
        Task waiting = Task.Run(() => { begins.Set(); request.Wait(Test.Long); });
        begins.WaitOne();
        Test.Until(() => Test.Count("requests") > before, "a request arrives");
        // Freed once no call uses them any more; the calls go on until then.
        request.Dispose();
        client.Dispose();
        session.Dispose();
        Test.Is(RopcLibrary.Shutdown(Test.Long), 0, "threads left");
        Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => Test.End(blocked), "the call inside");
        try
        {
            Test.End(waiting);
        }
        catch (ObjectDisposedException)
        {
            // Nothing tells when it is inside: a busy machine may have held it up before.
        }
    }
}
