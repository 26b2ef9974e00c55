using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Ropc
{
    /// <summary>
    /// One application at one server, with its connections. Make one and share it: any thread may use it at any
    /// time. Every call comes in three forms: the plain one blocks, up to the total time limit; Prepare... gives a
    /// <see cref="RopcRequest"/> to poll; ...Async gives a task.
    /// </summary>
    /// <remarks>
    /// Every method throws ArgumentNullException and ArgumentException for a text that is null, has a NUL inside or
    /// is no UTF-16, and ObjectDisposedException after Dispose. Prepare... and ...Async throw
    /// <see cref="RopcException"/> at once for what is wrong before anything is sent.
    /// </remarks>
    public sealed partial class RopcClient : IDisposable
    {
        readonly ClientHandle handle;

        /// <summary>From settings, which are copied. Connects to nothing yet; does not block.</summary>
        /// <exception cref="RopcException">
        /// The first setting that was refused, whose name is in the message; or settings that do not go together.
        /// </exception>
        public RopcClient(RopcOptions options)
        {
            handle = new ClientHandle(RopcOptions.NewClient(options));
        }

        /// <summary>
        /// Connects ahead of a login, while the user still types; the connection is kept for 15 seconds. No secret
        /// is sent. Blocks.
        /// </summary>
        /// <exception cref="RopcException">As a login that gets no connection.</exception>
        public void Connect()
        {
            IntPtr error;
            RopcException.Check(Native.ropc_client_connect(handle, out error), error);
        }

        /// <summary>Prepares what <see cref="Connect"/> does.</summary>
        public RopcPlainRequest PrepareConnect()
        {
            IntPtr request, error;
            RopcException.Check(Native.ropc_request_connect(handle, out request, out error), error);
            return new RopcPlainRequest(request);
        }

        /// <summary><see cref="Connect"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Connect"/>.</exception>
        public Task ConnectAsync(CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareConnect().RunAsync(cancellation);
        }

        /// <summary>
        /// Stops all calls of this client that are under way: blocking ones in other threads, requests and tasks.
        /// Each ends as <see cref="RopcStatus.Cancelled"/> unless it had ended before. Returns at once.
        /// </summary>
        public void Cancel()
        {
            RopcException.Check(Native.ropc_client_cancel(handle), IntPtr.Zero);
        }

        /// <summary>
        /// The HTTP proxy through which the token endpoint is reached, as host:port and without its login; null when
        /// it is reached directly: no proxy is set, no_proxy excepts the host, or it is plain http to loopback. Does
        /// not block.
        /// </summary>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public string Proxy
        {
            get
            {
                IntPtr proxy, error;
                RopcException.Check(Native.ropc_client_proxy(handle, out proxy, out error), error);
                return NativeText.Take(proxy);
            }
        }

        /// <summary>
        /// The oldest line of the log's queue (256 lines; the oldest is dropped first), or null when it is empty.
        /// See <see cref="RopcOptions.SetLog"/>. Does not block.
        /// </summary>
        /// <param name="level">How grave it is; <see cref="RopcLogLevel.Off"/> without a line.</param>
        public string NextLog(out RopcLogLevel level)
        {
            int number;
            IntPtr line;
            RopcException.Check(Native.ropc_client_next_log(handle, out number, out line), IntPtr.Zero);
            level = (RopcLogLevel)number;
            return NativeText.Take(line);
        }

        /// <summary>
        /// Signs in with a user name and a password (RFC 6749, 4.3). Blocks. The password is sent at most once.
        /// </summary>
        /// <param name="username">Who; may have a NUL inside.</param>
        /// <param name="password">Overwritten, whatever comes of the call.</param>
        /// <exception cref="RopcException">
        /// Branch on its Reason: <see cref="RopcStatus.Refused"/> covers wrong credentials, locked, second factor
        /// needed and the like.
        /// </exception>
        public RopcTokens Login(string username, RopcPassword password)
        {
            using (NativeText secret = RopcPassword.TakeFrom(password))
            using (NativeText user = NativeText.Counted(username, nameof(username)))
            {
                IntPtr tokens, error;
                RopcException.Check(Native.ropc_login_n(handle, user.Pointer, user.Length, secret.Pointer,
                    secret.Length, out tokens, out error), error);
                return new RopcTokens(tokens);
            }
        }

        /// <summary>
        /// Prepares what <see cref="Login"/> does. The library's copy of the password is overwritten before the
        /// request's end is told, or when it is disposed of unstarted.
        /// </summary>
        public RopcRequest<RopcTokens> PrepareLogin(string username, RopcPassword password)
        {
            using (NativeText secret = RopcPassword.TakeFrom(password))
            using (NativeText user = NativeText.Counted(username, nameof(username)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_login_n(handle, user.Pointer, user.Length, secret.Pointer,
                    secret.Length, out request, out error), error);
                return new RopcRequest<RopcTokens>(request, Taken.Tokens);
            }
        }

        /// <summary><see cref="Login"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Login"/>.</exception>
        public Task<RopcTokens> LoginAsync(string username, RopcPassword password,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareLogin(username, password).RunAsync(cancellation);
        }

        /// <summary>
        /// Any grant that the token endpoint offers. Blocks. Client id, secret and scope are added. "password" with
        /// username, password and one more member answers a CAPTCHA.
        /// </summary>
        /// <param name="grantType">In visible ASCII.</param>
        /// <param name="parameters">At most <see cref="RopcMax.Params"/>; null for none.</param>
        /// <exception cref="RopcException">As <see cref="Login"/>.</exception>
        public RopcTokens Grant(string grantType, IDictionary<string, string> parameters = null)
        {
            using (NativeText kind = NativeText.Of(grantType, nameof(grantType)))
            using (NativePairs pairs = new NativePairs(parameters, nameof(parameters)))
            {
                IntPtr tokens, error;
                RopcException.Check(Native.ropc_grant(handle, kind.Pointer, pairs.Names, pairs.Values, pairs.Count,
                    out tokens, out error), error);
                return new RopcTokens(tokens);
            }
        }

        /// <summary>Prepares what <see cref="Grant"/> does.</summary>
        public RopcRequest<RopcTokens> PrepareGrant(string grantType, IDictionary<string, string> parameters = null)
        {
            using (NativeText kind = NativeText.Of(grantType, nameof(grantType)))
            using (NativePairs pairs = new NativePairs(parameters, nameof(parameters)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_grant(handle, kind.Pointer, pairs.Names, pairs.Values,
                    pairs.Count, out request, out error), error);
                return new RopcRequest<RopcTokens>(request, Taken.Tokens);
            }
        }

        /// <summary><see cref="Grant"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Login"/>.</exception>
        public Task<RopcTokens> GrantAsync(string grantType, IDictionary<string, string> parameters = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareGrant(grantType, parameters).RunAsync(cancellation);
        }

        /// <summary>
        /// Frees it. Requests and sessions go on without it; tokens and errors that came from it live on. A call
        /// of another thread that is inside it ends first. Any number of times.
        /// </summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        internal static ClientHandle HandleOf(RopcClient client)
        {
            if (client == null)
                throw new ArgumentNullException(nameof(client));
            return client.handle;
        }
    }
}
