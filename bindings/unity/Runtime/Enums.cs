// Generated from include/ropc.h by bindings/unity/generate.py; do not edit.

namespace Ropc
{
    /// <summary>
    /// What a call came to: <see cref="RopcStatus.Ok"/>, <see cref="RopcStatus.Pending"/>,
    /// <see cref="RopcStatus.SaveFirst"/> or a failure. Few and stable; what exactly went wrong is
    /// <see cref="RopcException.Reason"/>. Numbers are never reused; treat an unknown one as a failure.
    /// </summary>
    public enum RopcStatus
    {
        /// <summary>Done.</summary>
        Ok = 0,
        /// <summary>The request is under way: no failure, ask again.</summary>
        Pending = 1,
        /// <summary>
        /// The session has new tokens to be saved before they are used: no failure; see
        /// <see cref="RopcSession.Pending"/>.
        /// </summary>
        SaveFirst = 2,
        /// <summary>An argument or option is wrong. Nothing was sent.</summary>
        Arg = 10,
        /// <summary>The handle cannot do that now, as in the child of a fork.</summary>
        State = 11,
        /// <summary>Asked for something this library does not do.</summary>
        Unsupported = 12,
        /// <summary>The process is short of threads or descriptors.</summary>
        Resources = 13,
        /// <summary>The host name did not resolve.</summary>
        Resolve = 20,
        /// <summary>No connection could be made.</summary>
        Connect = 21,
        /// <summary>The TLS handshake failed or the certificate is not trusted.</summary>
        Tls = 22,
        /// <summary>A time limit ran out.</summary>
        Timeout = 23,
        /// <summary>
        /// The connection broke; <see cref="RopcException.RequestSent"/> says before or after the request was out.
        /// </summary>
        Io = 24,
        /// <summary>
        /// Stopped by the program: <see cref="RopcRequest.Cancel"/>, <see cref="RopcClient.Cancel"/> or
        /// <see cref="RopcLibrary.Shutdown"/>.
        /// </summary>
        Cancelled = 25,
        /// <summary>The proxy could not be used.</summary>
        Proxy = 26,
        /// <summary>The server refused this user or this password.</summary>
        Refused = 30,
        /// <summary>The server refused this application or its request.</summary>
        Client = 31,
        /// <summary>The server asks to wait: <see cref="RopcException.RetryAfter"/>.</summary>
        RateLimited = 32,
        /// <summary>The server failed.</summary>
        Server = 33,
        /// <summary>The answer is not what such an endpoint answers.</summary>
        Answer = 34,
        /// <summary>The ID token does not prove who signed in.</summary>
        IdToken = 35,
        /// <summary>Nobody is signed in any more: ask the person to sign in.</summary>
        SignedOut = 40,
        /// <summary>A refresh was sent and its answer never came; see <see cref="RopcSession.Refresh"/>.</summary>
        Unclear = 41,
        /// <summary>The store cannot be read or written.</summary>
        Store = 42,
        /// <summary>Signed out here; the server was not told, or not all of it.</summary>
        NotRevoked = 43,
        /// <summary>A bug in this library; the process is still sound.</summary>
        Bug = 90,
    }

    /// <summary>
    /// Why a call failed, for a program to branch on. Numbers are never reused; treat an unknown one by its status. 10
    /// to 19: the program; 20 to 39: network and proxy; 40 to 59: TLS; 60 to 79: the answer; 80 to 99: what the server
    /// decided; 100 to 119: the session and its store; 120 on: the ID token.
    /// </summary>
    public enum RopcReason
    {
        /// <summary>No failure.</summary>
        None = 0,
        /// <summary>
        /// An argument or option is NULL, empty, too long, not UTF-8 or not allowed; the message names it. Nothing was
        /// sent.
        /// </summary>
        Argument = 10,
        /// <summary>The handle cannot do that now, as in the child of a fork.</summary>
        State = 11,
        /// <summary>This library does not do that, as a SOCKS proxy.</summary>
        Unsupported = 12,
        /// <summary>http:// leads to an address that is not loopback. Nothing was sent.</summary>
        PlainHttp = 13,
        /// <summary>The token is opaque or encrypted: it has no claims to show.</summary>
        NotAJwt = 14,
        /// <summary>No thread or no descriptor could be had, or too many name lookups are stuck.</summary>
        Resources = 15,
        /// <summary>A bug in this library; the process is still sound.</summary>
        Bug = 16,
        /// <summary>A session has new tokens, which are to be saved before they are used: no failure.</summary>
        SaveFirst = 17,
        /// <summary>The host name did not resolve.</summary>
        Unresolved = 20,
        /// <summary>The host answered that nothing listens at that port.</summary>
        ConnectionRefused = 21,
        /// <summary>No way to the host: no network, no route, or a firewall.</summary>
        Unreachable = 22,
        /// <summary>
        /// A time limit ran out; <see cref="RopcException.Stage"/> says where, <see cref="RopcException.RequestSent"/>
        /// whether the request was out.
        /// </summary>
        TimedOut = 23,
        /// <summary>The connection ended before the request was sent.</summary>
        CutOffBeforeSent = 24,
        /// <summary>
        /// The connection ended after the request was sent and before its answer was complete: what the server did is
        /// not known.
        /// </summary>
        CutOffAfterSent = 25,
        /// <summary>Stopped by the program.</summary>
        Cancelled = 26,
        /// <summary>The proxy could not be reached.</summary>
        ProxyUnreachable = 27,
        /// <summary>The proxy wants a user name and password (407), or other ones.</summary>
        ProxyLogin = 28,
        /// <summary>The proxy refused to connect, or is no proxy.</summary>
        ProxyRefused = 29,
        /// <summary>The server's certificate has ended, or this clock is wrong.</summary>
        TlsExpired = 40,
        /// <summary>The server's certificate is not valid yet, or this clock is wrong.</summary>
        TlsNotYetValid = 41,
        /// <summary>The certificate is for another host.</summary>
        TlsWrongHost = 42,
        /// <summary>
        /// No trusted authority issued the certificate, or the server does not send its intermediate.
        /// </summary>
        TlsUnknownIssuer = 43,
        /// <summary>The certificate is trusted, and no key in its chain is pinned.</summary>
        TlsPin = 44,
        /// <summary>The other side does not speak TLS 1.2 or 1.3.</summary>
        TlsProtocol = 45,
        /// <summary>The certificate is broken or made for another purpose.</summary>
        TlsCertificate = 46,
        /// <summary>The server wants a client certificate, or another one.</summary>
        TlsClientCertificate = 47,
        /// <summary>The server redirects; a password never follows.</summary>
        RedirectRefused = 60,
        /// <summary>The answer is no token answer: a web page, broken JSON, or a member that cannot be used.</summary>
        AnswerNotUnderstood = 61,
        /// <summary>The answer is larger than allowed.</summary>
        AnswerTooLarge = 62,
        /// <summary>The token is of a type that is not Bearer (RFC 6749, 7.1).</summary>
        TokenType = 63,
        /// <summary>Nothing is served at this URL (404, 405, 410).</summary>
        NotFound = 64,
        /// <summary>The server refused and did not say why.</summary>
        Unexplained = 65,
        /// <summary>
        /// Too many requests; <see cref="RopcException.RetryAfter"/> says how long to wait, if known.
        /// </summary>
        RateLimited = 66,
        /// <summary>The server failed (5xx).</summary>
        ServerFault = 67,
        /// <summary>The server's metadata names another issuer than the one asked for.</summary>
        OtherIssuer = 68,
        /// <summary>The server's metadata has an endpoint at another host.</summary>
        OtherHost = 69,
        /// <summary>No such user, or not this password.</summary>
        WrongCredentials = 80,
        /// <summary>The e-mail address or phone number was never confirmed.</summary>
        NotVerified = 81,
        /// <summary>
        /// Locked after failed attempts; <see cref="RopcException.LockedUntil"/> says until when, if known.
        /// </summary>
        Locked = 82,
        /// <summary>Blocked by an administrator.</summary>
        Blocked = 83,
        /// <summary>A second factor is needed, which this grant cannot carry.</summary>
        SecondFactor = 84,
        /// <summary>The server found this sign-in risky and wants an extra step.</summary>
        RiskCheck = 85,
        /// <summary>The server wants a solved CAPTCHA.</summary>
        Captcha = 86,
        /// <summary>A consent, a privacy policy or a PIN must be dealt with first.</summary>
        Consent = 87,
        /// <summary>This user may not sign in this way, or from here.</summary>
        LoginNotAllowed = 88,
        /// <summary>The user is signed in at too many places.</summary>
        SessionLimit = 89,
        /// <summary>Unknown application, wrong secret, or grant not allowed to it.</summary>
        ClientRefused = 90,
        /// <summary>The server does not offer this grant.</summary>
        UnsupportedGrant = 91,
        /// <summary>The scope is unknown or more than allowed.</summary>
        ScopeRefused = 92,
        /// <summary>The server calls the request malformed.</summary>
        RequestRefused = 93,
        /// <summary>What was offered in place of a password is invalid or has ended.</summary>
        GrantRefused = 94,
        /// <summary>The access token is invalid or has ended.</summary>
        TokenRefused = 95,
        /// <summary>The session was signed out, by this program or by another that shares its store.</summary>
        SignedOut = 100,
        /// <summary>The refresh token is invalid, was revoked or has ended.</summary>
        RefreshEnded = 101,
        /// <summary>The access token has ended, and there is no refresh token.</summary>
        NoRefreshToken = 102,
        /// <summary>The store holds nothing for this user.</summary>
        NothingStored = 103,
        /// <summary>A refresh was answered with tokens of somebody else.</summary>
        OtherUser = 104,
        /// <summary>
        /// A refresh was sent and its answer never came: the server may have replaced the refresh token, or not.
        /// </summary>
        Unclear = 105,
        /// <summary>The server's access tokens end sooner than was asked for.</summary>
        TooShort = 106,
        /// <summary>Signed out here; the server could not be told, or not all of it.</summary>
        NotRevoked = 107,
        /// <summary>The store's file or folder cannot be read or written.</summary>
        StoreAccess = 108,
        /// <summary>Others can read the store's file.</summary>
        StoreExposed = 109,
        /// <summary>The store's file is none, or of a newer version of this library.</summary>
        StoreBroken = 110,
        /// <summary>The record is of another server, application or user.</summary>
        StoreForeign = 111,
        /// <summary>Another process uses the record and does not let go.</summary>
        StoreBusy = 112,
        /// <summary>New tokens are there and could not be saved; they are kept.</summary>
        SaveFailed = 113,
        /// <summary>The access token may not be sent to that origin.</summary>
        OriginNotAllowed = 114,
        /// <summary>The ID token is no signed JWT of bounded size.</summary>
        IdTokenMalformed = 120,
        /// <summary>The ID token is signed in a way that is not allowed.</summary>
        IdTokenAlgorithm = 121,
        /// <summary>No key of the server fits the ID token.</summary>
        IdTokenKey = 122,
        /// <summary>The signature of the ID token is wrong.</summary>
        IdTokenSignature = 123,
        /// <summary>The ID token is of another issuer.</summary>
        IdTokenIssuer = 124,
        /// <summary>The ID token is for another application.</summary>
        IdTokenAudience = 125,
        /// <summary>The ID token has ended.</summary>
        IdTokenExpired = 126,
        /// <summary>The ID token is not valid yet, or this clock is wrong.</summary>
        IdTokenEarly = 127,
        /// <summary>The ID token belongs to another sign-in.</summary>
        IdTokenNonce = 128,
        /// <summary>The ID token came with another access token.</summary>
        IdTokenAccess = 129,
    }

    /// <summary>How far a call had come when it failed.</summary>
    public enum RopcStage
    {
        /// <summary>Not begun.</summary>
        None = 0,
        /// <summary>Checking arguments and options.</summary>
        Setup = 1,
        /// <summary>Looking up the host name.</summary>
        Lookup = 2,
        /// <summary>Connecting.</summary>
        Connect = 3,
        /// <summary>Talking to the proxy.</summary>
        Proxy = 4,
        /// <summary>The TLS handshake.</summary>
        Tls = 5,
        /// <summary>Sending the request.</summary>
        Send = 6,
        /// <summary>Waiting for the answer, or receiving it.</summary>
        Receive = 7,
        /// <summary>The answer came: it says so, or cannot be used.</summary>
        Answer = 8,
    }

    /// <summary>How a session is.</summary>
    public enum RopcSessionState
    {
        /// <summary>An access token is there, and good.</summary>
        SignedIn = 1,
        /// <summary>None is, and a refresh is under way or will be at the next call.</summary>
        Refreshing = 2,
        /// <summary>New tokens are to be saved first.</summary>
        SaveFirst = 3,
        /// <summary>None is good, and the last refresh failed; it is tried again.</summary>
        Waiting = 4,
        /// <summary>None is good, and a refresh was sent whose answer never came.</summary>
        Unclear = 5,
        /// <summary>Nobody is signed in any more.</summary>
        SignedOut = 6,
    }

    /// <summary>The two kinds of LoginRadius applications.</summary>
    public enum RopcAppKind
    {
        /// <summary>/api/oauth/{app}/...</summary>
        Oauth = 0,
        /// <summary>/api/oidc/{app}/...; asks for scope "openid" unless you set another.</summary>
        Oidc = 1,
    }

    /// <summary>The endpoints whose URLs can be set.</summary>
    public enum RopcEndpoint
    {
        /// <summary>Where tokens are issued (RFC 6749, 3.2).</summary>
        Token = 1,
        /// <summary>Where they are revoked (RFC 7009).</summary>
        Revoke = 2,
        /// <summary>Where a server says who somebody is (OIDC Core, 5.3).</summary>
        Userinfo = 3,
        /// <summary>The server's public keys (RFC 7517).</summary>
        Jwks = 4,
        /// <summary>The base of LoginRadius' identity API.</summary>
        Identity = 5,
    }

    /// <summary>
    /// How a client secret is sent (RFC 6749, 2.3.1). Servers differ; a wrong choice is answered with
    /// <see cref="RopcReason.ClientRefused"/>, by some with <see cref="RopcReason.RequestRefused"/>.
    /// </summary>
    public enum RopcSecretMethod
    {
        /// <summary>As client_secret in the body.</summary>
        Post = 1,
        /// <summary>HTTP Basic, form-encoded first, as the RFC says.</summary>
        Basic = 2,
        /// <summary>HTTP Basic as it is.</summary>
        BasicRaw = 3,
    }

    /// <summary>How the body of a request is written.</summary>
    public enum RopcEncoding
    {
        /// <summary>application/json, as LoginRadius documents it.</summary>
        Json = 1,
        /// <summary>application/x-www-form-urlencoded, as RFC 6749 says.</summary>
        Form = 2,
    }

    /// <summary>Whose certificates are trusted.</summary>
    public enum RopcTrust
    {
        /// <summary>Mozilla's authorities, built in: the same on every machine.</summary>
        Bundled = 0,
        /// <summary>
        /// The operating system's, with what a company added, read with the first connection; SSL_CERT_FILE and
        /// SSL_CERT_DIR count then.
        /// </summary>
        System = 1,
    }

    /// <summary>Bounds that can be moved.</summary>
    public enum RopcLimit
    {
        /// <summary>Bytes of an answer's body. 1024 to 67108864; default 1048576.</summary>
        AnswerBytes = 1,
        /// <summary>Idle connections that a client keeps. 0 to 1024; default 64.</summary>
        IdleConnections = 2,
        /// <summary>
        /// How long it keeps one, in milliseconds: the next call after that closes it. 0 to 600000; default 4000. Keep
        /// it shorter than the server does: a login on a connection that the server is closing is lost, never repeated.
        /// </summary>
        IdleMs = 3,
    }

    /// <summary>How much is logged; each level includes the ones before it.</summary>
    public enum RopcLogLevel
    {
        /// <summary>Nothing.</summary>
        Off = 0,
        /// <summary>Calls that failed.</summary>
        Error = 1,
        /// <summary>What went wrong and was mended.</summary>
        Warn = 2,
        /// <summary>Each call and how it ended.</summary>
        Info = 3,
        /// <summary>Each step of a call.</summary>
        Debug = 4,
    }

    /// <summary>One of the tokens of <see cref="RopcTokens"/>.</summary>
    public enum RopcTokenKind
    {
        /// <summary>access_token</summary>
        Access = 1,
        /// <summary>id_token</summary>
        Id = 2,
    }

    /// <summary>
    /// What kind a token to be revoked is (RFC 7009, 2.1): a help for the server, which finds the token all the same.
    /// LoginRadius is not told.
    /// </summary>
    public enum RopcTokenHint
    {
        /// <summary>Not said.</summary>
        None = 0,
        /// <summary>access_token</summary>
        Access = 1,
        /// <summary>refresh_token</summary>
        Refresh = 2,
    }

    /// <summary>How long texts may be, and how many of a thing there may be.</summary>
    public static class RopcMax
    {
        /// <summary>
        /// Longest app, grant type, response type, user agent, name of a parameter or header, and `error` of a server,
        /// in bytes.
        /// </summary>
        public const int Name = 256;
        /// <summary>
        /// Longest site, origin, URL, issuer, scope, client id, user name, user key, path, nonce, list of a profile's
        /// fields and value of a header, in bytes.
        /// </summary>
        public const int Text = 4096;
        /// <summary>Longest password, token and value of a parameter, in bytes.</summary>
        public const int Secret = 65536;
        /// <summary>Longest client secret and API key, and client id beside a secret, in bytes.</summary>
        public const int ClientSecret = 1024;
        /// <summary>
        /// Longest access token that can be sent to a server, in bytes; others may have <see cref="RopcMax.Secret"/>.
        /// </summary>
        public const int Bearer = 12288;
        /// <summary>Longest record of a session, in bytes.</summary>
        public const int Record = 262144;
        /// <summary>Longest certificate or key in PEM, in bytes.</summary>
        public const int Pem = 4194304;
        /// <summary>
        /// Most parameters of one grant, headers of one call of an API, and parameters, API origins and ended errors of
        /// one <see cref="RopcOptions"/>, each.
        /// </summary>
        public const int Params = 64;
        /// <summary>Most threads that run requests; see <see cref="RopcLibrary.SetWorkers"/>.</summary>
        public const int Workers = 64;
    }
}
