using System;
using System.Runtime.InteropServices;

namespace Ropc
{
    /// <summary>
    /// What the server issued. The texts stay in the library's memory, which overwrites them when this is disposed
    /// of; each reading of a property makes a string, which .NET cannot overwrite. Any thread.
    /// </summary>
    public sealed class RopcTokens : IDisposable
    {
        readonly TokensHandle handle;
        readonly ropc_tokens fields;

        internal RopcTokens(IntPtr native)
        {
            handle = new TokensHandle(native);
            fields = (ropc_tokens)Marshal.PtrToStructure(native, typeof(ropc_tokens));
        }

        /// <summary>For the Authorization header, after "Bearer ". Visible ASCII of any length. Never null.</summary>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string AccessToken => Read(fields.access_token);

        /// <summary>As the server wrote it: "Bearer", "bearer", "access_token" or ""; always send "Bearer".</summary>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string TokenType => Read(fields.token_type);

        /// <summary>For new tokens once the access token has ended. Null when none was issued.</summary>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string RefreshToken => Read(fields.refresh_token);

        /// <summary>Who signed in, as a JWT. Null when none was issued.</summary>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string IdToken => Read(fields.id_token);

        /// <summary>Scopes, separated by spaces. Null when the server did not say: as asked for.</summary>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string Scope => Read(fields.scope);

        /// <summary>When the access token ends. Null when the server did not say.</summary>
        public DateTimeOffset? ExpiresAt => Times.Instant(fields.expires_at);

        /// <summary>When the answer came, by this machine's clock.</summary>
        public DateTimeOffset? ReceivedAt => Times.Instant(fields.received_at);

        /// <summary>
        /// When it came, by the server's clock; null when unknown. Far from <see cref="ReceivedAt"/>, one of the two
        /// clocks is wrong.
        /// </summary>
        public DateTimeOffset? ServerDateAt => Times.Instant(fields.server_date_at);

        /// <summary>
        /// Another member of the server's answer, as JSON text (a text in its quotes), or null when there is none
        /// of that name.
        /// </summary>
        /// <exception cref="ArgumentNullException">No name.</exception>
        /// <exception cref="ArgumentException">The name has a NUL inside, or is no UTF-16.</exception>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string Extra(string name)
        {
            using (NativeText wanted = NativeText.Of(name, nameof(name)))
            using (new Held(handle))
                return NativeText.Read(Native.ropc_tokens_extra(handle, wanted.Pointer));
        }

        /// <summary>
        /// What a token says of itself (RFC 7519), as the JSON text of one object. Nothing is verified: fit to
        /// greet the person, not to decide what they may do. Does not block.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.NotAJwt"/> when the token was not issued, is opaque or is encrypted.
        /// </exception>
        /// <exception cref="ObjectDisposedException">These were disposed of.</exception>
        public string Claims(RopcTokenKind which)
        {
            IntPtr claims, error;
            RopcException.Check(Native.ropc_tokens_claims(handle, (int)which, out claims, out error), error);
            return NativeText.Take(claims);
        }

        /// <summary>Overwrites and frees the library's copies. Any number of times.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>When they end; no token.</summary>
        public override string ToString()
        {
            return "RopcTokens(ExpiresAt: " + Times.Written(ExpiresAt) + ")";
        }

        internal static TokensHandle HandleOf(RopcTokens tokens)
        {
            if (tokens == null)
                throw new ArgumentNullException(nameof(tokens));
            return tokens.handle;
        }

        string Read(IntPtr text)
        {
            using (new Held(handle))
                return NativeText.Read(text);
        }
    }
}
