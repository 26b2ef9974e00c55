using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Ropc
{
    /// <summary>
    /// A signed-in user: an access token that is always good, refreshed once however many threads ask, and saved
    /// before it is handed out. Any thread may use it at any time.
    /// </summary>
    /// <remarks>
    /// Every method throws ArgumentNullException and ArgumentException for a text that is null, has a NUL inside or
    /// is no UTF-16, and ObjectDisposedException after Dispose. A failed refresh comes back as
    /// <see cref="RopcException"/> of the network or the server, which may pass and has RetryAfter;
    /// <see cref="RopcStatus.Unclear"/> when no answer came; or <see cref="RopcStatus.SignedOut"/>: sign in again.
    /// </remarks>
    public sealed partial class RopcSession : IDisposable
    {
        readonly SessionHandle handle;

        internal RopcSession(IntPtr native)
        {
            handle = new SessionHandle(native);
        }

        /// <summary>
        /// An access token that is good for <paramref name="minimum"/> more. Without waiting while there is one; else
        /// blocks until a refresh has brought one, for <paramref name="wait"/> at most.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcStatus.Timeout"/> after that time, and the refresh goes on;
        /// <see cref="RopcStatus.SaveFirst"/> when new tokens are to be saved (<see cref="RopcStore.Host"/>);
        /// <see cref="RopcReason.TooShort"/> when the server's tokens do not live that long; else as above.
        /// </exception>
        /// <exception cref="ArgumentOutOfRangeException">A time is negative, or above 49 days.</exception>
        public RopcAccessToken GetToken(TimeSpan minimum, TimeSpan wait)
        {
            IntPtr token, error;
            RopcException.Check(Native.ropc_session_token(handle, Times.Milliseconds(minimum, nameof(minimum)),
                Times.Milliseconds(wait, nameof(wait)), out token, out error), error);
            return new RopcAccessToken(token);
        }

        /// <summary>
        /// The same without ever blocking. A refresh is begun here when it is needed: ask every frame, which
        /// allocates nothing until there is a token.
        /// </summary>
        /// <param name="minimum">For how long it must be good.</param>
        /// <param name="token">The token, with <see cref="RopcStatus.Ok"/>; else null.</param>
        /// <returns>
        /// <see cref="RopcStatus.Ok"/>; <see cref="RopcStatus.Pending"/> while a refresh is under way;
        /// <see cref="RopcStatus.SaveFirst"/> when new tokens are to be saved first.
        /// </returns>
        /// <exception cref="RopcException">As <see cref="GetToken"/>.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The time is negative, or above 49 days.</exception>
        public RopcStatus PollToken(TimeSpan minimum, out RopcAccessToken token)
        {
            IntPtr found, error;
            RopcStatus status = Native.ropc_session_poll(handle, Times.Milliseconds(minimum, nameof(minimum)),
                out found, out error);
            token = found == IntPtr.Zero ? null : new RopcAccessToken(found);
            return UnlessFailed(status, error);
        }

        /// <summary><see cref="GetToken"/> without blocking.</summary>
        /// <param name="minimum">For how long it must be good.</param>
        /// <param name="cancellation">Stops the waiting; the refresh goes on.</param>
        /// <exception cref="RopcException">As <see cref="GetToken"/>.</exception>
        /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> said so.</exception>
        public async Task<RopcAccessToken> GetTokenAsync(TimeSpan minimum,
            CancellationToken cancellation = default(CancellationToken))
        {
            cancellation.ThrowIfCancellationRequested();
            RopcAccessToken token;
            RopcStatus status;
            while ((status = PollToken(minimum, out token)) == RopcStatus.Pending)
                await Task.Delay(RopcRequest.PollMs, cancellation).ConfigureAwait(false);
            if (status != RopcStatus.Ok)
                throw RopcException.From(status, IntPtr.Zero);
            return token;
        }

        /// <summary>
        /// Gets newer tokens now, although the access token is good. Blocks for <paramref name="wait"/> at most;
        /// with zero it only begins.
        /// </summary>
        /// <param name="force">
        /// Also when an earlier refresh had no answer (<see cref="RopcStatus.Unclear"/>) or a pause is on: the
        /// refresh token is sent once more, and a server that takes that for theft may end all of the user's tokens.
        /// </param>
        /// <param name="wait">How long to wait for the end.</param>
        /// <returns>
        /// <see cref="RopcStatus.Ok"/>; <see cref="RopcStatus.Pending"/> when it only began;
        /// <see cref="RopcStatus.SaveFirst"/> when new tokens are to be saved first.
        /// </returns>
        /// <exception cref="RopcException">As <see cref="GetToken"/>.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The time is negative, or above 49 days.</exception>
        public RopcStatus Refresh(bool force, TimeSpan wait)
        {
            IntPtr error;
            return UnlessFailed(Native.ropc_session_refresh(handle, force ? 1 : 0,
                Times.Milliseconds(wait, nameof(wait)), out error), error);
        }

        /// <summary>
        /// An API answered 401 to this access token: it is not handed out any more. A newer one is not thrown away.
        /// Repeat the API call once. Does not block.
        /// </summary>
        /// <exception cref="RopcException">The text is no token.</exception>
        public void Expire(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
                RopcException.Check(Native.ropc_session_expire(handle, token.Pointer), IntPtr.Zero);
        }

        /// <summary>
        /// The record that is to be saved: a line of text that holds tokens, to be kept as safe as a password; null
        /// when everything is saved. Then say how it went: <see cref="Saved"/>. Does not block.
        /// </summary>
        /// <exception cref="RopcException">There is none to be had.</exception>
        public string Pending()
        {
            IntPtr record, error;
            RopcException.Check(Native.ropc_session_pending(handle, out record, out error), error);
            return NativeText.Take(record);
        }

        /// <summary>
        /// The record of <see cref="Pending"/> is saved, and its tokens may be handed out; or, with false, could not
        /// be: then nothing is lost, and it is to be saved again. Does not block.
        /// </summary>
        /// <exception cref="RopcException"><see cref="RopcStatus.State"/> when no record was taken before.</exception>
        public void Saved(bool ok)
        {
            RopcException.Check(Native.ropc_session_saved(handle, ok ? 1 : 0), IntPtr.Zero);
        }

        /// <summary>How it is now. Does not block.</summary>
        /// <exception cref="RopcException">A bug of the library.</exception>
        public RopcSessionInfo GetInfo()
        {
            IntPtr info, error;
            RopcException.Check(Native.ropc_session_status(handle, out info, out error), error);
            return new RopcSessionInfo(info);
        }

        /// <summary>
        /// Calls an API with the user's access token, which is refreshed before if need be; once more when the API
        /// does not take it, unless it is a POST or PATCH. The token goes to no origin that the options do not name
        /// (<see cref="RopcOptions.AddApiOrigin"/>). Redirects are not followed. Blocks.
        /// </summary>
        /// <param name="method">GET, HEAD, OPTIONS, PUT, DELETE, POST or PATCH.</param>
        /// <param name="url">https, or http to this machine.</param>
        /// <param name="headers">A Content-Type is yours to give; Authorization is not. Null for none.</param>
        /// <param name="body">Null for none, as GET, HEAD and OPTIONS have.</param>
        /// <returns>The answer, whatever its HTTP status.</returns>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.OriginNotAllowed"/>; else as <see cref="GetToken"/> and as any call.
        /// </exception>
        public RopcResponse Call(string method, string url, IDictionary<string, string> headers = null,
            byte[] body = null)
        {
            using (NativeText verb = NativeText.Of(method, nameof(method)))
            using (NativeText where = NativeText.Of(url, nameof(url)))
            using (NativePairs pairs = new NativePairs(headers, nameof(headers)))
            {
                IntPtr response, error;
                RopcException.Check(Native.ropc_session_call(handle, verb.Pointer, where.Pointer, pairs.Names,
                    pairs.Values, pairs.Count, body, Length(body), out response, out error), error);
                return new RopcResponse(response);
            }
        }

        /// <summary>Prepares what <see cref="Call"/> does.</summary>
        public RopcRequest<RopcResponse> PrepareCall(string method, string url,
            IDictionary<string, string> headers = null, byte[] body = null)
        {
            using (NativeText verb = NativeText.Of(method, nameof(method)))
            using (NativeText where = NativeText.Of(url, nameof(url)))
            using (NativePairs pairs = new NativePairs(headers, nameof(headers)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_session_call(handle, verb.Pointer, where.Pointer, pairs.Names,
                    pairs.Values, pairs.Count, body, Length(body), out request, out error), error);
                return new RopcRequest<RopcResponse>(request, Taken.Response);
            }
        }

        /// <summary><see cref="Call"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Call"/>.</exception>
        public Task<RopcResponse> CallAsync(string method, string url, IDictionary<string, string> headers = null,
            byte[] body = null, CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareCall(method, url, headers, body).RunAsync(cancellation);
        }

        /// <summary>
        /// Signs out: forgets the tokens, removes the record from the file, has the server end the tokens. Blocks.
        /// The part on this machine works offline too; to sign out again is a success. With
        /// <see cref="RopcStore.Host"/> the program deletes its copy of the record itself, also when this throws
        /// <see cref="RopcStatus.NotRevoked"/>.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcStatus.NotRevoked"/> when the server could not be told all of it: signed out here, and the
        /// message says what is left. <see cref="RopcStatus.Cancelled"/> when it was stopped before it began: nothing
        /// was done, and the user is still signed in.
        /// </exception>
        public void SignOut()
        {
            IntPtr error;
            RopcException.Check(Native.ropc_session_sign_out(handle, out error), error);
        }

        /// <summary>
        /// Prepares what <see cref="SignOut"/> does. Keep it until it has ended: one that is collected before is
        /// stopped, and the user may be signed in still.
        /// </summary>
        public RopcPlainRequest PrepareSignOut()
        {
            IntPtr request, error;
            RopcException.Check(Native.ropc_request_session_sign_out(handle, out request, out error), error);
            return new RopcPlainRequest(request);
        }

        /// <summary><see cref="SignOut"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="SignOut"/>.</exception>
        /// <exception cref="OperationCanceledException">
        /// <paramref name="cancellation"/> came before it began: nothing was done, and the user is still signed in.
        /// </exception>
        public Task SignOutAsync(CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareSignOut().RunAsync(cancellation);
        }

        /// <summary>
        /// Frees it. Nothing is revoked, and the record stays: <see cref="Resume"/>. A refresh that was sent goes on
        /// until its tokens are in the file, or wait in the program's store. Does not block. Any number of times.
        /// </summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>Pending and SaveFirst are no failures.</summary>
        static RopcStatus UnlessFailed(RopcStatus status, IntPtr error)
        {
            if (error != IntPtr.Zero || status > RopcStatus.SaveFirst)
                throw RopcException.From(status, error);
            return status;
        }

        static UIntPtr Length(byte[] body)
        {
            return body == null ? UIntPtr.Zero : (UIntPtr)(uint)body.Length;
        }
    }
}
