using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Ropc;

/// <summary>Every other call of a client, in each of its three forms.</summary>
static class Calls
{
    public static void Run()
    {
        Test.Run("which proxy, without its login", WhichProxy);
        Test.Run("the server's clock, where it is not known", ServerClock);
        Test.Run("connect ahead", Connect);
        Test.Run("any grant", Grant);
        Test.Run("refresh and revoke", RefreshAndRevoke);
        Test.Run("who it is: user info and profile", WhoItIs);
        Test.Run("validate and invalidate", ValidateAndInvalidate);
        Test.Run("discovery, and an ID token proved", Discovery);
        Test.Run("every setter takes a good value", Setters);
        Test.Run("a refused setting is told by the client, by its name", RefusedSetting);
        Test.Run("the library: version, workers, names, shutdown", Library);
    }

    /// <summary>A request polled as a game does.</summary>
    static T Polled<T>(RopcRequest<T> request) where T : class
    {
        using (request.Start())
        {
            Test.Until(() => request.Poll() != RopcStatus.Pending, "a request ends");
            return request.Take();
        }
    }

    static void Polled(RopcPlainRequest request)
    {
        using (request.Start())
        {
            Test.Until(() => request.Poll() != RopcStatus.Pending, "a request ends");
            request.Take();
        }
    }

    static void WhichProxy()
    {
        using (RopcOptions options = Test.Options().SetProxy(""))
        {
            using (RopcClient client = new RopcClient(options))
                Test.Is(client.Proxy, null, "the proxy of a client that has none");
            using (RopcClient client = new RopcClient(options.SetProxy("http://user:hidden@proxy.example:3128")))
                Test.Is(client.Proxy, "proxy.example:3128", "the proxy");
        }
    }

    static void ServerClock()
    {
        using (RopcClient client = Test.Client())
        using (NativeText user = NativeText.Counted("ada", "user"))
        using (NativeText secret = NativeText.Counted(Test.Password, "secret"))
        {
            IntPtr native, error;
            RopcException.Check(Native.ropc_login_n(RopcClient.HandleOf(client), user.Pointer, user.Length,
                secret.Pointer, secret.Length, out native, out error), error);
            // As of a server that sends no Date.
            Marshal.WriteInt64(native, Marshal.OffsetOf(typeof(ropc_tokens), "server_date_at").ToInt32(), 0);
            using (RopcTokens tokens = new RopcTokens(native))
                Test.That(tokens.ServerDateAt == null && tokens.ReceivedAt != null, "this machine's alone is known");
        }
    }

    static void Connect()
    {
        using (RopcClient client = Test.Client())
        {
            int before = Test.Count("connections");
            client.Connect();
            Polled(client.PrepareConnect());
            Test.End(client.ConnectAsync());
            client.Login("ada", Test.Password).Dispose();
            Test.Is(Test.Count("connections") - before, 1, "connections");
        }
    }

    static void Grant()
    {
        Dictionary<string, string> answered = new Dictionary<string, string>
        {
            { "username", "captcha" }, { "password", Test.Password }, { "g-recaptcha-response", "human" },
        };
        using (RopcClient client = Test.Client())
        {
            Test.Refused(RopcStatus.Refused, RopcReason.Captcha, () => client.Login("captcha", Test.Password), "none");
            client.Grant("password", answered).Dispose();
            Polled(client.PrepareGrant("password", answered)).Dispose();
            Test.End(client.GrantAsync("password", answered)).Dispose();
            Test.Throws<RopcException>(() => client.Grant("client_credentials"), "a grant without parameters");
        }
    }

    static void RefreshAndRevoke()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens first = client.Login("ada", Test.Password))
        using (RopcTokens second = client.Refresh(first.RefreshToken))
        using (RopcTokens third = Polled(client.PrepareRefresh(second.RefreshToken)))
        using (RopcTokens fourth = Test.End(client.RefreshAsync(third.RefreshToken)))
        {
            Test.That(fourth.RefreshToken != third.RefreshToken, "each refresh brings another token");
            int before = Test.Count("revoked");
            client.Revoke(fourth.RefreshToken);
            Test.Is(Test.Count("revoked"), before + 1, "tokens revoked");
            Polled(client.PrepareRevoke(fourth.RefreshToken, RopcTokenHint.Refresh));
            Test.End(client.RevokeAsync(fourth.RefreshToken, RopcTokenHint.Access));
            Test.Refused(RopcStatus.Refused, RopcReason.GrantRefused, () => client.Refresh(fourth.RefreshToken),
                "one that was revoked");
        }
    }

    static void WhoItIs()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        {
            string access = tokens.AccessToken;
            foreach (string text in new[] { client.UserInfo(access), Polled(client.PrepareUserInfo(access)),
                Test.End(client.UserInfoAsync(access)) })
                Test.That(text.Contains("\"sub\""), "user info: " + text);
            foreach (string text in new[] { client.Profile(access), Polled(client.PrepareProfile(access)),
                Test.End(client.ProfileAsync(access)) })
                Test.That(text.Contains("ada"), "a profile: " + text);
            Test.That(client.Profile(access, "Uid").Length < client.Profile(access).Length, "part of it is less");
            Test.Refused(RopcStatus.Refused, RopcReason.TokenRefused, () => client.UserInfo("nothing"), "no token");
        }
    }

    static void ValidateAndInvalidate()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        {
            string access = tokens.AccessToken;
            using (RopcTokens valid = client.Validate(access))
                Test.That(valid.ExpiresAt > DateTimeOffset.UtcNow, "it is good for a while");
            Polled(client.PrepareValidate(access)).Dispose();
            Test.End(client.ValidateAsync(access)).Dispose();
            client.Invalidate(access);
            Test.Refused(RopcStatus.Refused, RopcReason.TokenRefused, () => client.Validate(access), "an ended one");
            Test.Throws<RopcException>(() => Polled(client.PrepareInvalidate(access)), "to end it again");
            Test.Throws<RopcException>(() => Test.End(client.InvalidateAsync(access)), "and again");
        }
    }

    static void Discovery()
    {
        string pem = System.IO.File.ReadAllText(Test.Told("ROPC_CA")), issuer = Test.Told("ROPC_SITE") + "/tenant/a";
        using (RopcOptions none = RopcOptions.OAuth2(null, "demo-client").SetCaPem(pem).SetScope("openid"))
        {
            Test.Refused(RopcStatus.Answer, RopcReason.OtherIssuer,
                () => none.Discover(Test.Told("ROPC_SITE") + "/wrong-issuer"), "another issuer");
            Test.Refused(RopcStatus.Answer, RopcReason.OtherHost,
                () => none.Discover(Test.Told("ROPC_SITE") + "/other-host"), "another host");
            none.Discover(Test.Told("ROPC_SITE") + "/other-host", true).Dispose();
            Polled(none.PrepareDiscover(issuer)).Dispose();
            Test.End(none.DiscoverAsync(issuer)).Dispose();
            using (RopcOptions found = none.Discover(issuer))
            using (RopcClient client = new RopcClient(found))
            using (RopcTokens tokens = client.Login("ada", Test.Password))
            {
                string id = tokens.IdToken, access = tokens.AccessToken;
                foreach (string text in new[] { client.VerifyIdToken(id), client.VerifyIdToken(id, access),
                    Polled(client.PrepareVerifyIdToken(id, access)), Test.End(client.VerifyIdTokenAsync(id)) })
                    Test.That(text.Contains("/tenant/a\""), "what it says: " + text);
                Test.Refused(RopcStatus.IdToken, RopcReason.IdTokenNonce, () => client.VerifyIdToken(id, null, "mine"),
                    "another nonce");
            }
        }
    }

    static void Setters()
    {
        string site = Test.Told("ROPC_SITE");
        using (RopcOptions options = Test.Options().SetScope("openid email").SetIssuer(site).SetResponseType(null)
            .SetSecret("s", RopcSecretMethod.Post).SetEncoding(RopcEncoding.Form).AddParameter("audience", "all")
            .SetTimeouts(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)).SetTrust(RopcTrust.System)
            .SetTrust(RopcTrust.Bundled).AddPin(site, new string('0', 64)).SetProxy("").SetUserAgent("a test/1")
            .AddApiOrigin("https://localhost:1").AddEndedError("invalid_request").SetLog(RopcLogLevel.Warn)
            .SetLimit(RopcLimit.AnswerBytes, 2048))
            new RopcClient(options).Dispose();
    }

    static void RefusedSetting()
    {
        using (RopcOptions options = Test.Options().SetLimit(RopcLimit.IdleMs, -1).SetScope("\"").SetScope("openid"))
        {
            RopcException why = Test.Refused(RopcStatus.Arg, RopcReason.Argument,
                () => new RopcClient(options), "a bound");
            Test.That(why.Message.Contains("ropc_options_set_limit"), "the first is named: " + why.Message);
        }
        using (RopcOptions options = Test.Options().SetEncoding((RopcEncoding)77))
            Test.Refused(RopcStatus.Arg, RopcReason.Argument, () => new RopcClient(options), "an unknown number");
        using (RopcOptions options = Test.Options().SetProxy("socks5://localhost:1"))
            Test.Throws<RopcException>(() => new RopcClient(options), "a SOCKS proxy");
    }

    static void Library()
    {
        Test.Is(RopcLibrary.Version, "0.1.0", "the version");
        Test.Is(RopcLibrary.NameOf((RopcStatus)12345), "ROPC_UNKNOWN_STATUS", "an unknown status");
        Test.Is(RopcLibrary.AdviceOn((RopcReason)12345), "", "advice on an unknown reason");
        Test.Throws<ArgumentOutOfRangeException>(() => RopcLibrary.SetWorkers(0), "no workers");
        Test.Throws<ArgumentOutOfRangeException>(() => RopcLibrary.SetWorkers(-1), "less than none");
        Test.Throws<ArgumentOutOfRangeException>(() => RopcLibrary.SetWorkers(RopcMax.Workers + 1), "too many");
        RopcLibrary.SetWorkers(8);
        RopcLibrary.Wipe((byte[])null);
        RopcLibrary.Wipe(new char[0]);
        Test.Throws<ArgumentOutOfRangeException>(() => RopcLibrary.Shutdown(TimeSpan.MinValue), "no time");
        using (RopcClient client = Test.Client())
        using (RopcRequest<RopcTokens> request = Test.Hanging(client))
        {
            int before = Test.Count("requests");
            Task<RopcTokens> blocked = Task.Run(() => client.Login("fault:never", Test.Password));
            Test.Until(() => Test.Count("requests") > before, "a request arrives");
            Test.Is(RopcLibrary.Shutdown(Test.Long), 0, "threads left");
            Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => request.Take(), "a request");
            Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => Test.End(blocked), "a blocking call");
            Test.End(client.LoginAsync("ada", Test.Password)).Dispose();
        }
    }
}
