using System;
using System.Threading;
using System.Threading.Tasks;

namespace Ropc
{
    /// <summary>
    /// What to sign in to, and how; every default is usable. Setters return these options, so that they can be
    /// chained. A value that the library cannot take changes nothing; the first such refusal is remembered, and the
    /// constructor of <see cref="RopcClient"/> throws it, naming the setter. Then begin with new options. Any thread
    /// may use them; one waits for the other. No setter blocks.
    /// </summary>
    /// <remarks>
    /// Every method throws ArgumentNullException and ArgumentException for a text that is null, has a NUL inside or
    /// is no UTF-16, and ObjectDisposedException after Dispose.
    /// </remarks>
    public sealed class RopcOptions : IDisposable
    {
        readonly OptionsHandle handle;

        internal RopcOptions(IntPtr native)
        {
            handle = new OptionsHandle(native);
        }

        /// <summary>LoginRadius application <paramref name="app"/>.</summary>
        /// <param name="site">Host, host:port or origin, such as "acme.hub.loginradius.com" or your own domain.</param>
        /// <param name="app">The application's name.</param>
        /// <param name="clientId">The application's client id.</param>
        /// <exception cref="RopcException"><see cref="RopcStatus.Arg"/> for what is none of these.</exception>
        public static RopcOptions LoginRadius(string site, string app, string clientId)
        {
            RopcLibrary.Load();
            using (NativeText where = NativeText.Of(site, nameof(site)))
            using (NativeText what = NativeText.Of(app, nameof(app)))
            using (NativeText id = NativeText.Of(clientId, nameof(clientId)))
            {
                IntPtr made, error;
                RopcException.Check(Native.ropc_options_loginradius(where.Pointer, what.Pointer, id.Pointer, out made,
                    out error), error);
                return new RopcOptions(made);
            }
        }

        /// <summary>Any RFC 6749 server. Bodies are forms.</summary>
        /// <param name="tokenUrl">
        /// The token endpoint: https, or http to a loopback address; null when <see cref="Discover"/> is to find it.
        /// </param>
        /// <param name="clientId">The application's client id.</param>
        /// <exception cref="RopcException"><see cref="RopcStatus.Arg"/> for a URL that is none.</exception>
        public static RopcOptions OAuth2(string tokenUrl, string clientId)
        {
            RopcLibrary.Load();
            using (NativeText url = NativeText.OrNull(tokenUrl, nameof(tokenUrl)))
            using (NativeText id = NativeText.Of(clientId, nameof(clientId)))
            {
                IntPtr made, error;
                RopcException.Check(Native.ropc_options_oauth2(url.Pointer, id.Pointer, out made, out error), error);
                return new RopcOptions(made);
            }
        }

        /// <summary>Which kind of LoginRadius application this is. Default: <see cref="RopcAppKind.Oauth"/>.</summary>
        public RopcOptions SetAppKind(RopcAppKind kind)
        {
            lock (handle)
                return Done(Native.ropc_options_set_app_kind(handle, (int)kind));
        }

        /// <summary>The URL of an endpoint in place of the derived or discovered one.</summary>
        public RopcOptions SetEndpoint(RopcEndpoint which, string url)
        {
            using (NativeText text = NativeText.Of(url, nameof(url)))
                lock (handle)
                    return Done(Native.ropc_options_set_endpoint(handle, (int)which, text.Pointer));
        }

        /// <summary>
        /// The issuer that ID tokens must be of, compared as text; <see cref="RopcClient.VerifyIdToken"/> wants it,
        /// <see cref="Discover"/> sets it. Default: none.
        /// </summary>
        public RopcOptions SetIssuer(string issuer)
        {
            using (NativeText text = NativeText.Of(issuer, nameof(issuer)))
                lock (handle)
                    return Done(Native.ropc_options_set_issuer(handle, text.Pointer));
        }

        /// <summary>
        /// The application's secret and how it is sent. Default: none; a program that people can take apart has no
        /// secret.
        /// </summary>
        public RopcOptions SetSecret(string secret, RopcSecretMethod method)
        {
            using (NativeText text = NativeText.Of(secret, nameof(secret)))
                lock (handle)
                    return Done(Native.ropc_options_set_secret(handle, text.Pointer, (int)method));
        }

        /// <summary>How bodies are written. Default: JSON for LoginRadius, form for any other server.</summary>
        public RopcOptions SetEncoding(RopcEncoding encoding)
        {
            lock (handle)
                return Done(Native.ropc_options_set_encoding(handle, (int)encoding));
        }

        /// <summary>The scopes to ask for, one space between them. Default: none, or "openid" for OIDC.</summary>
        public RopcOptions SetScope(string scope)
        {
            using (NativeText text = NativeText.Of(scope, nameof(scope)))
                lock (handle)
                    return Done(Native.ropc_options_set_scope(handle, text.Pointer));
        }

        /// <summary>
        /// One more parameter of every token request, such as "audience"; at most <see cref="RopcMax.Params"/>.
        /// </summary>
        public RopcOptions AddParameter(string name, string value)
        {
            using (NativeText first = NativeText.Of(name, nameof(name)))
            using (NativeText second = NativeText.Of(value, nameof(value)))
                lock (handle)
                    return Done(Native.ropc_options_add_param(handle, first.Pointer, second.Pointer));
        }

        /// <summary>
        /// response_type of the password grant; null leaves it out. Default: "token" for LoginRadius, none for any
        /// other server.
        /// </summary>
        public RopcOptions SetResponseType(string value)
        {
            using (NativeText text = NativeText.OrNull(value, nameof(value)))
                lock (handle)
                    return Done(Native.ropc_options_set_response_type(handle, text.Pointer));
        }

        /// <summary>
        /// How long a call may take to get a connection, and how long in all: 1 ms to 10 minutes each. Default: 10
        /// and 30 seconds.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">A time is negative, or above 49 days.</exception>
        public RopcOptions SetTimeouts(TimeSpan connect, TimeSpan total)
        {
            uint connectMs = Times.Milliseconds(connect, nameof(connect));
            uint totalMs = Times.Milliseconds(total, nameof(total));
            lock (handle)
                return Done(Native.ropc_options_set_timeouts(handle, connectMs, totalMs));
        }

        /// <summary>
        /// Whose certificates to trust; replaces what <see cref="SetCaPem"/> set. Default:
        /// <see cref="RopcTrust.Bundled"/>.
        /// </summary>
        public RopcOptions SetTrust(RopcTrust trust)
        {
            lock (handle)
                return Done(Native.ropc_options_set_trust(handle, (int)trust));
        }

        /// <summary>Trust these authorities, in PEM, and no others; replaces what <see cref="SetTrust"/> set.</summary>
        public RopcOptions SetCaPem(string pem)
        {
            using (NativeText text = NativeText.Counted(pem, nameof(pem)))
                lock (handle)
                    return Done(Native.ropc_options_set_ca_pem(handle, text.Pointer, text.Length));
        }

        /// <summary>
        /// Demand that the chain verified for <paramref name="origin"/> holds a key with this SHA-256, of its DER
        /// SubjectPublicKeyInfo, in base64 or hexadecimal. Several pins of one origin: one of them must fit.
        /// </summary>
        public RopcOptions AddPin(string origin, string sha256)
        {
            using (NativeText where = NativeText.Of(origin, nameof(origin)))
            using (NativeText pin = NativeText.Of(sha256, nameof(sha256)))
                lock (handle)
                    return Done(Native.ropc_options_add_pin(handle, where.Pointer, pin.Pointer));
        }

        /// <summary>
        /// The certificate chain (leaf first) and private key to show to <paramref name="origin"/> when it asks,
        /// both in PEM. Default: none.
        /// </summary>
        public RopcOptions SetClientCertificatePem(string origin, string certificate, string key)
        {
            using (NativeText where = NativeText.Of(origin, nameof(origin)))
            using (NativeText chain = NativeText.Counted(certificate, nameof(certificate)))
            using (NativeText secret = NativeText.Counted(key, nameof(key)))
                lock (handle)
                    return Done(Native.ropc_options_set_client_cert_pem(handle, where.Pointer, chain.Pointer,
                        chain.Length, secret.Pointer, secret.Length));
        }

        /// <summary>
        /// The HTTP proxy to go through: [http://][user:password@]host[:port]; "" for none at all. Default: what
        /// the environment says in HTTPS_PROXY, ALL_PROXY and NO_PROXY when the client is made.
        /// </summary>
        public RopcOptions SetProxy(string url)
        {
            using (NativeText text = NativeText.Of(url, nameof(url)))
                lock (handle)
                    return Done(Native.ropc_options_set_proxy(handle, text.Pointer));
        }

        /// <summary>The User-Agent header: printable ASCII. Default: "ropc/" and the version.</summary>
        public RopcOptions SetUserAgent(string userAgent)
        {
            using (NativeText text = NativeText.Of(userAgent, nameof(userAgent)))
                lock (handle)
                    return Done(Native.ropc_options_set_user_agent(handle, text.Pointer));
        }

        /// <summary>
        /// LoginRadius' API key, for <see cref="RopcClient.Profile"/>, <see cref="RopcClient.Validate"/>,
        /// <see cref="RopcClient.Invalidate"/> and signing out; it goes to the identity host and nowhere else.
        /// </summary>
        public RopcOptions SetApiKey(string key)
        {
            using (NativeText text = NativeText.Of(key, nameof(key)))
                lock (handle)
                    return Done(Native.ropc_options_set_api_key(handle, text.Pointer));
        }

        /// <summary>
        /// Lets sessions send the user's access token to <paramref name="origin"/> too, with
        /// <see cref="RopcSession.Call"/>. Default: the site, and LoginRadius' identity host.
        /// </summary>
        public RopcOptions AddApiOrigin(string origin)
        {
            using (NativeText text = NativeText.Of(origin, nameof(origin)))
                lock (handle)
                    return Done(Native.ropc_options_add_api_origin(handle, text.Pointer));
        }

        /// <summary>
        /// What else this server says to a refresh when the refresh token has ended: an "error" of RFC 6749 or, in
        /// digits, LoginRadius' ErrorCode. Default: "invalid_grant", and 1217 with LoginRadius.
        /// </summary>
        public RopcOptions AddEndedError(string error)
        {
            using (NativeText text = NativeText.Of(error, nameof(error)))
                lock (handle)
                    return Done(Native.ropc_options_add_ended_error(handle, text.Pointer));
        }

        /// <summary>Moves a bound; <see cref="RopcLimit"/> tells ranges and defaults.</summary>
        public RopcOptions SetLimit(RopcLimit which, long value)
        {
            lock (handle)
                return Done(Native.ropc_options_set_limit(handle, (int)which, unchecked((ulong)value)));
        }

        /// <summary>
        /// What is logged, into a queue that <see cref="RopcClient.NextLog"/> reads. No line holds a password,
        /// secret or token. Default: <see cref="RopcLogLevel.Off"/>.
        /// </summary>
        public RopcOptions SetLog(RopcLogLevel level)
        {
            lock (handle)
                return Done(Native.ropc_options_set_log(handle, (int)level, IntPtr.Zero, IntPtr.Zero));
        }

        /// <summary>
        /// Asks a server where its endpoints are (RFC 8414, OpenID Connect Discovery). Blocks, up to the total time
        /// limit, and holds up other uses of these options.
        /// </summary>
        /// <param name="issuer">A URL without query; the metadata must name the very same.</param>
        /// <param name="otherHosts">Whether endpoints may be at another origin than the issuer's.</param>
        /// <returns>Options like these, with the endpoints that these have not, and the issuer.</returns>
        /// <exception cref="RopcException">As any; <see cref="RopcStatus.Unsupported"/> for LoginRadius.</exception>
        public RopcOptions Discover(string issuer, bool otherHosts = false)
        {
            using (NativeText text = NativeText.Of(issuer, nameof(issuer)))
                lock (handle)
                {
                    IntPtr found, error;
                    RopcException.Check(Native.ropc_discover(handle, text.Pointer, otherHosts ? 1 : 0, out found,
                        out error), error);
                    return new RopcOptions(found);
                }
        }

        /// <summary>Prepares what <see cref="Discover"/> does; these options are copied.</summary>
        /// <exception cref="RopcException">As <see cref="Discover"/>, for what is known at once.</exception>
        public RopcRequest<RopcOptions> PrepareDiscover(string issuer, bool otherHosts = false)
        {
            using (NativeText text = NativeText.Of(issuer, nameof(issuer)))
                lock (handle)
                {
                    IntPtr request, error;
                    RopcException.Check(Native.ropc_request_discover(handle, text.Pointer, otherHosts ? 1 : 0,
                        out request, out error), error);
                    return new RopcRequest<RopcOptions>(request, Taken.Options);
                }
        }

        /// <summary><see cref="Discover"/> without blocking; see <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <exception cref="RopcException">As <see cref="Discover"/>.</exception>
        public Task<RopcOptions> DiscoverAsync(string issuer, bool otherHosts = false,
            CancellationToken cancellation = default(CancellationToken))
        {
            return PrepareDiscover(issuer, otherHosts).RunAsync(cancellation);
        }

        /// <summary>Frees these; clients made from them live on. Any number of times.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>A client from these settings, while no setter runs.</summary>
        internal static IntPtr NewClient(RopcOptions options)
        {
            if (options == null)
                throw new ArgumentNullException(nameof(options));
            lock (options.handle)
            {
                IntPtr client, error;
                RopcException.Check(Native.ropc_client_new(options.handle, out client, out error), error);
                return client;
            }
        }

        // A refusal is remembered by the library, with a message that names the setter.
        RopcOptions Done(RopcStatus status)
        {
            if (status == RopcStatus.Bug)
                throw RopcException.From(status, IntPtr.Zero);
            return this;
        }
    }
}
