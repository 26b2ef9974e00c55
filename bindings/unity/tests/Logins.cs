using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Ropc;

/// <summary>Signing in: what comes of it, in every way to drive it.</summary>
static class Logins
{
    public static void Run()
    {
        Test.Run("success: tokens, what they say, what else came", Success);
        Test.Run("wrong password, with its reason", WrongPassword);
        Test.Run("locked, with the time when the lock ends", Locked);
        Test.Run("second factor, with its token", SecondFactor);
        Test.Run("rate limited, with the time to wait", RateLimited);
        Test.Run("an error of RFC 6749", OAuthError);
        Test.Run("texts that are not ASCII go both ways", NotAscii);
        Test.Run("an end beyond what .NET can tell", FarEnd);
        Test.Run("cancel a request that hangs", Cancel);
        Test.Run("cancel a task that hangs", CancelTask);
        Test.Run("a second run of a request leaves the first alone", RunTwice);
        Test.Run("dispose of a request under its task, and cancel then", DisposeUnderTask);
        Test.Run("cancel a blocking call, and all of a client's", CancelClient);
        Test.Run("a time limit", TimeLimit);
        Test.Run("a coroutine: false when it is over", Coroutine);
        Test.Run("a task does not hold up its caller, and continues where it was awaited", Context);
        Test.Run("polls allocate nothing", Allocations);
        Test.Run("a blocking call holds up no collection", CollectMeanwhile);
        Test.Run("the log, by pull", Log);
        Test.Run("a password is wiped by the call that takes it", Wiped);
    }

    static void Success()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        {
            Test.That(tokens.AccessToken.StartsWith("eyJ"), "there is an access token");
            Test.That(tokens.RefreshToken.Length > 8, "there is a refresh token");
            Test.That(tokens.ExpiresAt > DateTimeOffset.UtcNow.AddMinutes(14), "it ends in a quarter of an hour");
            Test.That(Math.Abs((tokens.ReceivedAt.Value - DateTimeOffset.UtcNow).TotalSeconds) < 60, "it came now");
            double apart = (tokens.ServerDateAt.Value - DateTimeOffset.UtcNow).TotalSeconds;
            Test.That(Math.Abs(apart) < 60, "the server's clock is right, not wrong by " + apart + " s");
            string who = tokens.Claims(RopcTokenKind.Id), what = tokens.Claims(RopcTokenKind.Access);
            Test.That(who.Contains("ada@standin.test"), "the ID token says who: " + who);
            Test.That(what.Contains("demo-client") && what != who, "the access token says for what: " + what);
            Test.Is(tokens.Extra("no_such_member"), null, "a member that did not come");
            Test.Hides(tokens.ToString(), "ToString of tokens");
            Test.That(tokens.ToString().Contains(tokens.ExpiresAt.Value.Year.ToString()), "ToString tells the end");
        }
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("variant:unknown_members", Test.Password))
            Test.Is(tokens.Extra("extra_text"), "\"kept as it is\"", "another member");
    }

    static void WrongPassword()
    {
        using (RopcClient client = Test.Client())
        {
            RopcException why = Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => client.Login("ada", Test.Wrong), "a wrong password");
            Test.Is(why.HttpStatus, 401, "its HTTP status");
            Test.Is(why.ProviderCode, 966, "its code");
            Test.Is(why.Stage, RopcStage.Answer, "its stage");
            Test.That(why.RequestSent && !why.Retryable, "it was sent, and is not to be repeated");
            Test.That(why.Advice.Length > 10 && why.Message.Contains("966"), "it says what to do");
            Test.That(why.ServerDateAt > DateTimeOffset.UtcNow.AddHours(-1), "the server's clock");
            Test.That(why.LockedUntil == null && why.RetryAfter == null, "nothing to wait for");
            Test.That(why.ProviderMessage.Length > 0 && why.ProviderDescription.Length > 0, "LoginRadius' words");
            Test.Is(RopcLibrary.NameOf(why.Reason), "ROPC_REASON_WRONG_CREDENTIALS", "its name");
            why = Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => Test.End(client.LoginAsync("echo", Test.Wrong)), "a server that repeats the password");
            Test.Is(why.Extra("no_such_member"), null, "a member that did not come");
        }
    }

    static void Locked()
    {
        using (RopcClient client = Test.Client())
        {
            RopcException why = Test.Refused(RopcStatus.Refused, RopcReason.Locked,
                () => client.Login("locked", Test.Password), "a locked account");
            double left = (why.LockedUntil.Value - DateTimeOffset.UtcNow).TotalSeconds;
            Test.That(left > 540 && left < 660, "the lock ends in ten minutes, not in " + left + " s");
        }
    }

    static void SecondFactor()
    {
        using (RopcClient client = Test.Client())
        {
            RopcException why = Test.Refused(RopcStatus.Refused, RopcReason.SecondFactor,
                () => client.Login("mfa-native", Test.Password), "a second factor");
            Test.That(why.Extra("SecondFactorAuthentication").Contains("Token"), "the token is there");
            GC.Collect();
            Test.That(why.Extra("SecondFactorAuthentication").Contains("Token"), "it is there after a collection");
        }
    }

    static void RateLimited()
    {
        using (RopcClient client = Test.Client())
        {
            RopcException why = Test.Refused(RopcStatus.RateLimited, RopcReason.RateLimited,
                () => client.Login("ratelimited", Test.Password), "too many requests");
            Test.Is(why.RetryAfter, TimeSpan.FromSeconds(7), "the time to wait");
            Test.That(why.Retryable, "it can be repeated");
        }
    }

    static void OAuthError()
    {
        using (RopcClient client = Test.Client())
        {
            RopcException why = Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => client.Login("oauth-denied", Test.Password), "invalid_grant");
            Test.Is(why.OAuthError, "invalid_grant", "its error");
            Test.That(why.OAuthDescription.Contains("wrong"), "its description");
            Test.That(why.ProviderCode == 0 && why.ProviderMessage == null, "it has nothing of LoginRadius");
        }
    }

    static void NotAscii()
    {
        using (RopcClient client = Test.Client())
        {
            client.Login("b\u00f8b", "p&s=w+r%d \u00e9\u20ac\"\\").Dispose();
            client.Login("b\u00f8b", new RopcPassword("p&s=w+r%d \u00e9\u20ac\"\\".ToCharArray())).Dispose();
            string missing = "/tmp/\u4e2d\ud83d\ude00/none";
            RopcException why = Test.Throws<RopcException>(() => RopcStore.File(missing), "a file in no folder");
            Test.That(why.Message.Contains("\u4e2d\ud83d\ude00"), "the message names the file: " + why.Message);
        }
    }

    static void FarEnd()
    {
        using (RopcClient client = Test.Client())
        {
            using (RopcTokens tokens = client.Login("variant:no_expiry", Test.Password))
                Test.Is(tokens.ExpiresAt, null, "no end");
            using (RopcTokens tokens = client.Login("variant:expires_huge", Test.Password))
                Test.Is(tokens.ExpiresAt, new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero), "a far end");
            using (RopcTokens tokens = client.Login("variant:expires_negative", Test.Password))
                Test.That(tokens.ExpiresAt != null && tokens.ExpiresAt == tokens.ReceivedAt, "an end that is over");
        }
        Test.Is(Times.Instant(long.MaxValue).Value.Year, 9999, "the last second");
        Test.Is(Times.Instant(long.MinValue).Value.Year, 1970, "one before 1970");
        Test.Is(Times.Instant(0), null, "an unknown one");
    }

    static void Cancel()
    {
        using (RopcClient client = Test.Client())
        using (RopcRequest<RopcTokens> request = Test.Hanging(client))
        {
            Test.Is(request.Poll(), RopcStatus.Pending, "a request that hangs");
            Test.Refused(RopcStatus.Pending, RopcReason.None, () => request.Take(), "taken too early");
            request.Cancel();
            Test.Is(request.Wait(Test.Long), RopcStatus.Cancelled, "a cancelled one");
            Test.That(request.IsDone, "it is over");
            Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => request.Take(), "taken");
            request.Cancel();
        }
    }

    static void CancelTask()
    {
        using (RopcClient client = Test.Client())
        using (CancellationTokenSource source = new CancellationTokenSource())
        {
            int before = Test.Count("requests");
            Task<RopcTokens> task = client.LoginAsync("fault:never", Test.Password, source.Token);
            Test.Until(() => Test.Count("requests") > before, "a request arrives");
            Test.That(!task.IsCompleted, "it hangs");
            source.Cancel();
            OperationCanceledException why =
                Test.Throws<OperationCanceledException>(() => Test.End(task), "a cancelled task");
            Test.That(task.IsCanceled && why.CancellationToken == source.Token, "the task is told as cancelled");
            before = Test.Count("requests");
            why = Test.Throws<OperationCanceledException>(
                () => Test.End(client.LoginAsync("ada", Test.Password, source.Token)), "one that was cancelled before");
            Test.Is(why.InnerException, null, "what the library says of one that never started");
            Test.Is(Test.Count("requests"), before, "what was sent for it");
            Test.End(client.LoginAsync("ada", Test.Password, CancellationToken.None)).Dispose();
        }
    }

    static void RunTwice()
    {
        using (RopcClient client = Test.Client())
        {
            CancellationToken stop = new CancellationToken(true);
            RopcRequest<RopcTokens> request = client.PrepareLogin("fault:delay_300", Test.Password);
            Task<RopcTokens> first = request.RunAsync();
            Test.Refused(RopcStatus.State, RopcReason.State, () => Test.End(request.RunAsync()), "run twice");
            Test.Throws<OperationCanceledException>(() => Test.End(request.RunAsync(stop)), "run again, cancelled");
            Test.End(first).Dispose();

            using (request = client.PrepareLogin("fault:delay_300", Test.Password).Start())
            {
                Test.Refused(RopcStatus.State, RopcReason.State, () => Test.End(request.RunAsync()), "run and started");
                Test.Is(request.Wait(Test.Long), RopcStatus.Ok, "the one that was started");
                Test.Refused(RopcStatus.State, RopcReason.State, () => Test.End(request.RunAsync()), "run at its end");
                request.Take().Dispose();
            }
            using (RopcPlainRequest plain = client.PrepareConnect().Start())
            {
                Test.Refused(RopcStatus.State, RopcReason.State, () => Test.End(plain.RunAsync()), "a plain one");
                Test.Is(plain.Wait(Test.Long), RopcStatus.Ok, "the plain one that was started");
                plain.Take();
            }
            request = client.PrepareLogin("ada", Test.Password);
            Test.Throws<OperationCanceledException>(() => Test.End(request.RunAsync(stop)), "run, cancelled before");
            Test.Throws<ObjectDisposedException>(() => request.Poll(), "what nobody else has is disposed of");
        }
    }

    static void DisposeUnderTask()
    {
        using (RopcClient client = Test.Client())
        using (CancellationTokenSource source = new CancellationTokenSource())
        {
            RopcRequest<RopcTokens> request = client.PrepareLogin("fault:never", Test.Password);
            Task<RopcTokens> task = request.RunAsync(source.Token);
            request.Dispose();
            source.Cancel();
            Test.Throws<ObjectDisposedException>(() => Test.End(task), "its task");
        }
    }

    static void CancelClient()
    {
        using (RopcClient client = Test.Client())
        {
            int before = Test.Count("requests");
            Task<RopcTokens> blocked = Task.Run(() => client.Login("fault:never", Test.Password));
            Task<RopcTokens> task = client.LoginAsync("fault:never", Test.Password);
            Test.Until(() => Test.Count("requests") == before + 2, "two requests arrive");
            client.Cancel();
            Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => Test.End(blocked), "a blocking call");
            Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => Test.End(task), "a task");
            client.Login("ada", Test.Password).Dispose();
        }
    }

    static void TimeLimit()
    {
        using (RopcOptions options = Test.Options().SetTimeouts(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(0.3)))
        using (RopcClient client = new RopcClient(options))
        {
            RopcException why = Test.Refused(RopcStatus.Timeout, RopcReason.TimedOut,
                () => client.Login("fault:never", Test.Password), "no answer");
            Test.That(why.RequestSent && why.HttpStatus == 0, "it was sent");
        }
    }

    static void Coroutine()
    {
        using (RopcClient client = Test.Client())
        using (RopcRequest<RopcTokens> hanging = Test.Hanging(client))
        using (RopcRequest<RopcTokens> request = client.PrepareLogin("ada", Test.Password).Start())
        {
            IEnumerator routine = hanging;
            Test.That(routine.MoveNext() && routine.Current == null, "the coroutine waits a frame");
            routine = request;
            Test.Until(() => !routine.MoveNext(), "the coroutine goes on");
            request.Take().Dispose();
            Test.Throws<NotSupportedException>(routine.Reset, "Reset");
        }
    }

    sealed class OneThread : SynchronizationContext
    {
        readonly BlockingCollection<Action> posted = new BlockingCollection<Action>();

        public override void Post(SendOrPostCallback callback, object state)
        {
            posted.Add(() => callback(state));
        }

        public void Until(Task task)
        {
            Action next;
            while (!task.IsCompleted)
                if (posted.TryTake(out next, 100))
                    next();
        }
    }

    static void Context()
    {
        OneThread context = new OneThread();
        SynchronizationContext before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            using (RopcClient client = Test.Client())
            {
                int thread = Thread.CurrentThread.ManagedThreadId, after = 0;
                Func<Task> visit = async () =>
                {
                    Task<RopcTokens> login = client.LoginAsync("fault:delay_300", Test.Password);
                    Test.That(!login.IsCompleted, "the caller has it before it is over");
                    (await login).Dispose();
                    after = Thread.CurrentThread.ManagedThreadId;
                };
                Task task = visit();
                context.Until(task);
                task.GetAwaiter().GetResult();
                Test.Is(after, thread, "the thread behind the await");
                // Nobody pumps now: a task that needed this thread to go on would hang.
                Test.That(client.LoginAsync("ada", Test.Password).Wait(Test.Long), "a task needs no one to pump");
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    static void Allocations()
    {
        using (RopcClient client = Test.Client())
        using (RopcRequest<RopcTokens> request = Test.Hanging(client))
        using (RopcSession session = RopcSession.Login(client, "ada", Test.Password))
        {
            string old = session.GetToken(TimeSpan.Zero, Test.Long).Text;
            Test.Ask("refresh fault:never");
            session.Expire(old);
            IEnumerator routine = request;
            RopcAccessToken token;
            long before = 0;
            for (int round = 0; round < 200000; round++)
            {
                if (round == 1000)
                    before = GC.GetAllocatedBytesForCurrentThread();
                RopcStatus status = session.PollToken(TimeSpan.Zero, out token);
                if (request.IsDone || !routine.MoveNext() || status != RopcStatus.Pending)
                    throw new Failed("a request that hangs is over");
            }
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            client.Cancel();
            Test.Ask("refresh");
            Test.Is(bytes, 0, "bytes for 199000 frames");
        }
    }

    static void CollectMeanwhile()
    {
        using (RopcClient client = Test.Client())
        {
            int before = Test.Count("requests");
            Task<RopcTokens> blocked = Task.Run(() => client.Login("fault:never", Test.Password));
            Test.Until(() => Test.Count("requests") > before, "a request arrives");
            for (int round = 0; round < 20; round++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
            Test.That(!blocked.IsCompleted, "twenty collections are over before the call is");
            client.Cancel();
            Test.Refused(RopcStatus.Cancelled, RopcReason.Cancelled, () => Test.End(blocked), "the call");
        }
    }

    static void Log()
    {
        using (RopcOptions options = Test.Options().SetLog(RopcLogLevel.Debug))
        using (RopcClient client = new RopcClient(options))
        {
            RopcLogLevel level;
            Test.Throws<RopcException>(() => client.Login("ada", Test.Wrong), "a wrong password");
            Test.End(client.LoginAsync("ada", Test.Password)).Dispose();
            HashSet<RopcLogLevel> levels = new HashSet<RopcLogLevel>();
            string line;
            while ((line = client.NextLog(out level)) != null)
            {
                Test.Hides(line, "a line of the log");
                levels.Add(level);
            }
            Test.That(levels.Contains(RopcLogLevel.Debug) && levels.Contains(RopcLogLevel.Error), "lines of both ends");
            Test.Is(level, RopcLogLevel.Off, "the level without a line");
        }
    }

    static void Wiped()
    {
        using (RopcClient client = Test.Client())
        {
            char[] characters = Test.Password.ToCharArray();
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(Test.Password);
            RopcPassword first = new RopcPassword(characters), second = new RopcPassword(bytes);
            Test.Is(new string(characters), new string('\0', characters.Length), "the characters");
            Test.Is(BitConverter.ToString(bytes).Replace("00", "").Replace("-", ""), "", "the bytes");
            Test.Hides(first.ToString(), "ToString of a password");
            client.Login("ada", first).Dispose();
            Test.End(client.LoginAsync("ada", second)).Dispose();
            Test.Throws<ObjectDisposedException>(() => client.Login("ada", first), "a password used twice");
            Test.Throws<ObjectDisposedException>(() => client.PrepareLogin("ada", second), "another");
            RopcPassword third = new RopcPassword(Test.Password);
            Test.Throws<ArgumentNullException>(() => client.Login(null, third), "no user");
            Test.Throws<ObjectDisposedException>(() => client.Login("ada", third), "one whose call failed");
            RopcPassword unused = Test.Password;
            unused.Dispose();
            unused.Dispose();
            Test.Throws<ObjectDisposedException>(() => client.Login("ada", unused), "one disposed of");
            NativeText text = NativeText.Counted(Test.Password, "text");
            IntPtr place = text.Pointer;
            Test.Is(System.Runtime.InteropServices.Marshal.ReadByte(place), (byte)'c', "the pinned copy");
            text.Dispose();
            Test.Is(System.Runtime.InteropServices.Marshal.ReadByte(place), (byte)0, "the pinned copy behind the call");
        }
    }
}
