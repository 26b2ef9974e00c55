using System;
using System.Threading;
using System.Threading.Tasks;

namespace Ropc
{
    // How a session comes to be.
    public sealed partial class RopcSession
    {
        /// <summary><see cref="RopcClient.Login"/> and <see cref="Create"/> in one. Blocks.</summary>
        /// <param name="client">Where.</param>
        /// <param name="username">Who.</param>
        /// <param name="password">Overwritten, whatever comes of the call.</param>
        /// <param name="store">Where it is kept; null: it ends with the program.</param>
        /// <param name="userKey">What the record is called; null: as the user.</param>
        /// <exception cref="RopcException">As <see cref="RopcClient.Login"/>.</exception>
        public static RopcSession Login(RopcClient client, string username, RopcPassword password,
            RopcStore store = null, string userKey = null)
        {
            using (NativeText secret = RopcPassword.TakeFrom(password))
            using (NativeText user = NativeText.Counted(username, nameof(username)))
            using (NativeText key = NativeText.OrNull(userKey, nameof(userKey)))
            {
                IntPtr session, error;
                RopcException.Check(Native.ropc_session_login_n(RopcClient.HandleOf(client), user.Pointer,
                    user.Length, secret.Pointer, secret.Length, RopcStore.HandleOrNone(store), key.Pointer,
                    out session, out error), error);
                return new RopcSession(session);
            }
        }

        /// <summary>Prepares what <see cref="Login"/> does.</summary>
        public static RopcRequest<RopcSession> PrepareLogin(RopcClient client, string username,
            RopcPassword password, RopcStore store = null, string userKey = null)
        {
            using (NativeText secret = RopcPassword.TakeFrom(password))
            using (NativeText user = NativeText.Counted(username, nameof(username)))
            using (NativeText key = NativeText.OrNull(userKey, nameof(userKey)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_session_login_n(RopcClient.HandleOf(client), user.Pointer,
                    user.Length, secret.Pointer, secret.Length, RopcStore.HandleOrNone(store), key.Pointer,
                    out request, out error), error);
                return new RopcRequest<RopcSession>(request, Taken.Session);
            }
        }

        /// <summary><see cref="Login"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="RopcClient.Login"/>.</exception>
        public static Task<RopcSession> LoginAsync(RopcClient client, string username, RopcPassword password,
            RopcStore store = null, string userKey = null, CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareLogin(client, username, password, store, userKey).RunAsync(cancellation);
        }

        /// <summary>
        /// From tokens of <paramref name="client"/>, which are copied. A record that is there is replaced. Blocks
        /// only as long as the store's file takes. When the tokens cannot be saved there is a session all the same,
        /// and its next call for a token says <see cref="RopcStatus.Store"/>.
        /// </summary>
        /// <param name="client">Where the tokens are from.</param>
        /// <param name="tokens">What the server issued.</param>
        /// <param name="store">Where it is kept; null: it ends with the program.</param>
        /// <param name="userKey">What the record is called.</param>
        /// <exception cref="RopcException">An argument is wrong.</exception>
        public static RopcSession Create(RopcClient client, RopcTokens tokens, RopcStore store, string userKey)
        {
            using (NativeText key = NativeText.Of(userKey, nameof(userKey)))
            {
                IntPtr session, error;
                RopcException.Check(Native.ropc_session_new(RopcClient.HandleOf(client), RopcTokens.HandleOf(tokens),
                    RopcStore.HandleOrNone(store), key.Pointer, out session, out error), error);
                return new RopcSession(session);
            }
        }

        /// <summary>Prepares what <see cref="Create"/> does, for a program that must not wait for a disk.</summary>
        public static RopcRequest<RopcSession> PrepareCreate(RopcClient client, RopcTokens tokens, RopcStore store,
            string userKey)
        {
            using (NativeText key = NativeText.Of(userKey, nameof(userKey)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_session_new(RopcClient.HandleOf(client),
                    RopcTokens.HandleOf(tokens), RopcStore.HandleOrNone(store), key.Pointer, out request, out error),
                    error);
                return new RopcRequest<RopcSession>(request, Taken.Session);
            }
        }

        /// <summary><see cref="Create"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Create"/>.</exception>
        public static Task<RopcSession> CreateAsync(RopcClient client, RopcTokens tokens, RopcStore store,
            string userKey, CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareCreate(client, tokens, store, userKey).RunAsync(cancellation);
        }

        /// <summary>
        /// The session that <paramref name="store"/> has for a user, as when the program is started again. Asks no
        /// server. Blocks only as long as the store's file takes.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.NothingStored"/> (<see cref="RopcStatus.SignedOut"/>): ask for the password.
        /// <see cref="RopcReason.StoreForeign"/> when the record is of another server or application.
        /// </exception>
        public static RopcSession Resume(RopcClient client, RopcStore store, string userKey)
        {
            using (NativeText key = NativeText.Of(userKey, nameof(userKey)))
            {
                IntPtr session, error;
                RopcException.Check(Native.ropc_session_resume(RopcClient.HandleOf(client), RopcStore.HandleOf(store),
                    key.Pointer, out session, out error), error);
                return new RopcSession(session);
            }
        }
    }
}
