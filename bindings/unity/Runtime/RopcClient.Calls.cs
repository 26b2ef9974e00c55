using System;
using System.Threading;
using System.Threading.Tasks;

namespace Ropc
{
    // After the login, call by call; a session does most of it by itself.
    public sealed partial class RopcClient
    {
        /// <summary>
        /// New tokens for a refresh token (RFC 6749, 6). Blocks. The answer always has a usable refresh token, the
        /// new one or this one: keep it before you use anything else of it.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.GrantRefused"/> when it has ended. When RequestSent is true and HttpStatus 0, the
        /// server may have replaced it, and to send it again may sign the user out everywhere.
        /// </exception>
        public RopcTokens Refresh(string refreshToken)
        {
            using (NativeText token = NativeText.Of(refreshToken, nameof(refreshToken)))
            {
                IntPtr tokens, error;
                RopcException.Check(Native.ropc_refresh(handle, token.Pointer, out tokens, out error), error);
                return new RopcTokens(tokens);
            }
        }

        /// <summary>Prepares what <see cref="Refresh"/> does.</summary>
        public RopcRequest<RopcTokens> PrepareRefresh(string refreshToken)
        {
            using (NativeText token = NativeText.Of(refreshToken, nameof(refreshToken)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_refresh(handle, token.Pointer, out request, out error), error);
                return new RopcRequest<RopcTokens>(request, Taken.Tokens);
            }
        }

        /// <summary><see cref="Refresh"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Refresh"/>.</exception>
        public Task<RopcTokens> RefreshAsync(string refreshToken,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareRefresh(refreshToken).RunAsync(cancellation);
        }

        /// <summary>
        /// Has the server end a token (RFC 7009). Blocks. LoginRadius ends refresh tokens this way; an access token
        /// lives on until <see cref="Invalidate"/>. A token that the server does not know is a success.
        /// </summary>
        /// <exception cref="RopcException">
        /// The token must be taken to be still valid. <see cref="RopcStatus.Unsupported"/> when no such endpoint is
        /// known.
        /// </exception>
        public void Revoke(string token, RopcTokenHint hint = RopcTokenHint.None)
        {
            using (NativeText text = NativeText.Of(token, nameof(token)))
            {
                IntPtr error;
                RopcException.Check(Native.ropc_revoke(handle, text.Pointer, (int)hint, out error), error);
            }
        }

        /// <summary>Prepares what <see cref="Revoke"/> does.</summary>
        public RopcPlainRequest PrepareRevoke(string token, RopcTokenHint hint = RopcTokenHint.None)
        {
            using (NativeText text = NativeText.Of(token, nameof(token)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_revoke(handle, text.Pointer, (int)hint, out request,
                    out error), error);
                return new RopcPlainRequest(request);
            }
        }

        /// <summary><see cref="Revoke"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Revoke"/>.</exception>
        public Task RevokeAsync(string token, RopcTokenHint hint = RopcTokenHint.None,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareRevoke(token, hint).RunAsync(cancellation);
        }

        /// <summary>
        /// Who the user is, as the JSON text of one object (OIDC Core, 5.3). Blocks. Compare its "sub" with the ID
        /// token's, if there is one.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.TokenRefused"/> when the access token is not good (any more).
        /// <see cref="RopcStatus.Unsupported"/> when no such endpoint is known.
        /// </exception>
        public string UserInfo(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            {
                IntPtr text, error;
                RopcException.Check(Native.ropc_userinfo(handle, token.Pointer, out text, out error), error);
                return NativeText.Take(text);
            }
        }

        /// <summary>Prepares what <see cref="UserInfo"/> does.</summary>
        public RopcRequest<string> PrepareUserInfo(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_userinfo(handle, token.Pointer, out request, out error), error);
                return new RopcRequest<string>(request, Taken.Text);
            }
        }

        /// <summary><see cref="UserInfo"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="UserInfo"/>.</exception>
        public Task<string> UserInfoAsync(string accessToken,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareUserInfo(accessToken).RunAsync(cancellation);
        }

        /// <summary>
        /// LoginRadius' profile of the user, as the JSON text of one object. Blocks. Wants the site's API key:
        /// <see cref="RopcOptions.SetApiKey"/>.
        /// </summary>
        /// <param name="accessToken">Whose.</param>
        /// <param name="fields">Only those members, such as "Email,FirstName"; null for all.</param>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.TokenRefused"/> when the access token is not good (any more);
        /// <see cref="RopcStatus.Arg"/> without an API key; <see cref="RopcStatus.Unsupported"/> for another server.
        /// </exception>
        public string Profile(string accessToken, string fields = null)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            using (NativeText only = NativeText.OrNull(fields, nameof(fields)))
            {
                IntPtr text, error;
                RopcException.Check(Native.ropc_profile(handle, token.Pointer, only.Pointer, out text, out error),
                    error);
                return NativeText.Take(text);
            }
        }

        /// <summary>Prepares what <see cref="Profile"/> does.</summary>
        public RopcRequest<string> PrepareProfile(string accessToken, string fields = null)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            using (NativeText only = NativeText.OrNull(fields, nameof(fields)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_profile(handle, token.Pointer, only.Pointer, out request,
                    out error), error);
                return new RopcRequest<string>(request, Taken.Text);
            }
        }

        /// <summary><see cref="Profile"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Profile"/>.</exception>
        public Task<string> ProfileAsync(string accessToken, string fields = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareProfile(accessToken, fields).RunAsync(cancellation);
        }

        /// <summary>
        /// Asks LoginRadius whether an access token is good, and until when: ExpiresAt. Blocks; wants the API key.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.TokenRefused"/> when it is not; else as <see cref="Profile"/>.
        /// </exception>
        public RopcTokens Validate(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            {
                IntPtr tokens, error;
                RopcException.Check(Native.ropc_validate(handle, token.Pointer, out tokens, out error), error);
                return new RopcTokens(tokens);
            }
        }

        /// <summary>Prepares what <see cref="Validate"/> does.</summary>
        public RopcRequest<RopcTokens> PrepareValidate(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_validate(handle, token.Pointer, out request, out error), error);
                return new RopcRequest<RopcTokens>(request, Taken.Tokens);
            }
        }

        /// <summary><see cref="Validate"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Validate"/>.</exception>
        public Task<RopcTokens> ValidateAsync(string accessToken,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareValidate(accessToken).RunAsync(cancellation);
        }

        /// <summary>
        /// Has LoginRadius end an access token, and its refresh token with it. Blocks; wants the API key. Never
        /// repeated.
        /// </summary>
        /// <exception cref="RopcException">The token must be taken to be still valid.</exception>
        public void Invalidate(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            {
                IntPtr error;
                RopcException.Check(Native.ropc_invalidate(handle, token.Pointer, out error), error);
            }
        }

        /// <summary>Prepares what <see cref="Invalidate"/> does.</summary>
        public RopcPlainRequest PrepareInvalidate(string accessToken)
        {
            using (NativeText token = NativeText.Of(accessToken, nameof(accessToken)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_invalidate(handle, token.Pointer, out request, out error),
                    error);
                return new RopcPlainRequest(request);
            }
        }

        /// <summary><see cref="Invalidate"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Invalidate"/>.</exception>
        public Task InvalidateAsync(string accessToken, CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareInvalidate(accessToken).RunAsync(cancellation);
        }

        /// <summary>
        /// Proves an ID token (OIDC Core, 3.1.3.7) by the server's published keys and the issuer of
        /// <see cref="RopcOptions.SetIssuer"/>. Blocks when the keys have to be fetched.
        /// </summary>
        /// <param name="idToken">What is to be proved.</param>
        /// <param name="accessToken">Checked to have come with it, if the ID token says so; null: not checked.</param>
        /// <param name="nonce">What it must be about; null: anything.</param>
        /// <returns>What it says, as the JSON text of one object.</returns>
        /// <exception cref="RopcException">
        /// <see cref="RopcStatus.IdToken"/> when it proves nothing; <see cref="RopcStatus.Arg"/> when no issuer is
        /// set.
        /// </exception>
        public string VerifyIdToken(string idToken, string accessToken = null, string nonce = null)
        {
            using (NativeText token = NativeText.Of(idToken, nameof(idToken)))
            using (NativeText access = NativeText.OrNull(accessToken, nameof(accessToken)))
            using (NativeText about = NativeText.OrNull(nonce, nameof(nonce)))
            {
                IntPtr text, error;
                RopcException.Check(Native.ropc_verify_id_token(handle, token.Pointer, access.Pointer, about.Pointer,
                    out text, out error), error);
                return NativeText.Take(text);
            }
        }

        /// <summary>Prepares what <see cref="VerifyIdToken"/> does.</summary>
        public RopcRequest<string> PrepareVerifyIdToken(string idToken, string accessToken = null, string nonce = null)
        {
            using (NativeText token = NativeText.Of(idToken, nameof(idToken)))
            using (NativeText access = NativeText.OrNull(accessToken, nameof(accessToken)))
            using (NativeText about = NativeText.OrNull(nonce, nameof(nonce)))
            {
                IntPtr request, error;
                RopcException.Check(Native.ropc_request_verify_id_token(handle, token.Pointer, access.Pointer,
                    about.Pointer, out request, out error), error);
                return new RopcRequest<string>(request, Taken.Text);
            }
        }

        /// <summary>
        /// <see cref="VerifyIdToken"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.
        /// </summary>
        /// <exception cref="RopcException">As <see cref="VerifyIdToken"/>.</exception>
        public Task<string> VerifyIdTokenAsync(string idToken, string accessToken = null, string nonce = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareVerifyIdToken(idToken, accessToken, nonce).RunAsync(cancellation);
        }
    }
}
