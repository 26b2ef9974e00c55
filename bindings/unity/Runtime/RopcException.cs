using System;
using System.Runtime.InteropServices;

namespace Ropc
{
    /// <summary>
    /// A call failed. Branch on <see cref="Reason"/>; the message is one line for a person: what happened, to what,
    /// what to do. No text here holds a password, a secret or a token; what <see cref="Extra"/> finds may.
    /// </summary>
    public sealed class RopcException : Exception
    {
        readonly ErrorHandle handle;

        RopcException(RopcStatus status, RopcReason reason, string message) : base(message)
        {
            Status = status;
            Reason = reason;
        }

        RopcException(ErrorHandle handle, ropc_error error) : base(NativeText.Read(error.message))
        {
            this.handle = handle;
            Status = error.status;
            Reason = error.reason;
            Stage = error.stage;
            HttpStatus = error.http_status;
            ProviderCode = error.provider_code;
            if (error.retry_after_ms != 0)
                RetryAfter = TimeSpan.FromMilliseconds(error.retry_after_ms);
            LockedUntil = Times.Instant(error.locked_until_at);
            ServerDateAt = Times.Instant(error.server_date_at);
            RequestSent = error.request_sent != 0;
            Retryable = error.retryable != 0;
            OAuthError = NativeText.Read(error.oauth_error);
            OAuthDescription = NativeText.Read(error.oauth_description);
            ProviderMessage = NativeText.Read(error.provider_message);
            ProviderDescription = NativeText.Read(error.provider_description);
        }

        /// <summary>What the call came to. Treat one that you do not know as a failure.</summary>
        public RopcStatus Status { get; }

        /// <summary>
        /// Why: what a program branches on. <see cref="RopcReason.None"/> with <see cref="RopcStatus.Pending"/>,
        /// which is no failure. Treat one that you do not know by its status.
        /// </summary>
        public RopcReason Reason { get; }

        /// <summary>How far the call had come.</summary>
        public RopcStage Stage { get; }

        /// <summary>HTTP status of the answer; 0 when there was none.</summary>
        public int HttpStatus { get; }

        /// <summary>LoginRadius' ErrorCode, also one that this library does not know; 0 when there was none.</summary>
        public long ProviderCode { get; }

        /// <summary>How long the server asks to wait, at most a day; null when it did not.</summary>
        public TimeSpan? RetryAfter { get; }

        /// <summary>When a lock ends; null when unknown.</summary>
        public DateTimeOffset? LockedUntil { get; }

        /// <summary>The time by the server's clock; null when unknown.</summary>
        public DateTimeOffset? ServerDateAt { get; }

        /// <summary>Whether any byte of the request had left: the server may have counted the attempt.</summary>
        public bool RequestSent { get; }

        /// <summary>Whether the same call, made later and unchanged, can succeed.</summary>
        public bool Retryable { get; }

        /// <summary>"error" of RFC 6749, such as "invalid_grant"; null when there was none.</summary>
        public string OAuthError { get; }

        /// <summary>"error_description" of RFC 6749; null when there was none.</summary>
        public string OAuthDescription { get; }

        /// <summary>LoginRadius' Message; null when there was none.</summary>
        public string ProviderMessage { get; }

        /// <summary>LoginRadius' Description; null when there was none.</summary>
        public string ProviderDescription { get; }

        /// <summary>What to do about <see cref="Reason"/>, in English; "" when there is nothing to say.</summary>
        public string Advice => RopcLibrary.AdviceOn(Reason);

        /// <summary>
        /// Another member of the error's body, as JSON text (a text in its quotes), or null when there is none of
        /// that name. The second-factor token of <see cref="RopcReason.SecondFactor"/> is in
        /// "SecondFactorAuthentication". Any thread.
        /// </summary>
        /// <exception cref="ArgumentNullException">No name.</exception>
        /// <exception cref="ArgumentException">The name has a NUL inside, or is no UTF-16.</exception>
        public string Extra(string name)
        {
            using (NativeText wanted = NativeText.Of(name, nameof(name)))
            {
                if (handle == null)
                    return null;
                using (new Held(handle))
                    return NativeText.Read(Native.ropc_error_extra(handle, wanted.Pointer));
            }
        }

        /// <summary>Throws unless a call went well; takes its error.</summary>
        internal static void Check(RopcStatus status, IntPtr error)
        {
            if (status != RopcStatus.Ok || error != IntPtr.Zero)
                throw From(status, error);
        }

        /// <summary>What to throw for a call that did not go well; takes its error.</summary>
        internal static RopcException From(RopcStatus status, IntPtr error)
        {
            if (error != IntPtr.Zero)
            {
                ErrorHandle handle = new ErrorHandle(error);
                return new RopcException(handle, (ropc_error)Marshal.PtrToStructure(error, typeof(ropc_error)));
            }
            return From(status);
        }

        /// <summary>For a call that says no more than its status.</summary>
        static RopcException From(RopcStatus status)
        {
            switch (status)
            {
                case RopcStatus.Pending:
                    return new RopcException(status, RopcReason.None,
                        "The request is still under way. Take what it came to once IsDone says so.");
                case RopcStatus.SaveFirst:
                    return new RopcException(status, RopcReason.SaveFirst,
                        "The session has new tokens that are not saved yet. Save what Pending() gives, say so with "
                        + "Saved(), and ask again.");
                case RopcStatus.Arg:
                    return Advised(status, RopcReason.Argument, "An argument is wrong. ");
                case RopcStatus.State:
                    return Advised(status, RopcReason.State, "That cannot be done now. ");
                case RopcStatus.Unsupported:
                    return new RopcException(status, RopcReason.Unsupported,
                        "The native library is older than this code. Use those of one version.");
                case RopcStatus.Bug:
                    return Advised(status, RopcReason.Bug, "The library has a bug. ");
                default:
                    return new RopcException(status, RopcReason.None, "The library answered "
                        + RopcLibrary.NameOf(status) + ". Treat it as a failure.");
            }
        }

        static RopcException Advised(RopcStatus status, RopcReason reason, string what)
        {
            return new RopcException(status, reason, what + RopcLibrary.AdviceOn(reason));
        }
    }
}
