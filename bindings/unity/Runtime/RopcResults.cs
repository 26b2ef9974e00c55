using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Ropc
{
    /// <summary>One access token out of a session.</summary>
    public sealed class RopcAccessToken
    {
        /// <summary>Takes the library's token, and frees it.</summary>
        internal RopcAccessToken(IntPtr native)
        {
            ropc_token token = (ropc_token)Marshal.PtrToStructure(native, typeof(ropc_token));
            Text = NativeText.Read(token.access_token);
            ExpiresAt = Times.Instant(token.expires_at);
            Native.ropc_token_free(native);
        }

        /// <summary>For the Authorization header, after "Bearer ". Visible ASCII. Never null.</summary>
        public string Text { get; }

        /// <summary>When it ends; null when the server did not say.</summary>
        public DateTimeOffset? ExpiresAt { get; }

        /// <summary>When it ends; not the token.</summary>
        public override string ToString()
        {
            return "RopcAccessToken(ExpiresAt: " + Times.Written(ExpiresAt) + ")";
        }
    }

    /// <summary>
    /// What an API answered. It stays in the library's memory, which is overwritten when this is disposed of. Any
    /// thread.
    /// </summary>
    public sealed class RopcResponse : IDisposable
    {
        readonly ResponseHandle handle;
        readonly ropc_response fields;

        internal RopcResponse(IntPtr native)
        {
            handle = new ResponseHandle(native);
            fields = (ropc_response)Marshal.PtrToStructure(native, typeof(ropc_response));
            ContentType = NativeText.Read(fields.content_type);
        }

        /// <summary>The HTTP status.</summary>
        public int HttpStatus => fields.http_status;

        /// <summary>Content-Type; null when there was none.</summary>
        public string ContentType { get; }

        /// <summary>The body; a new copy each time. Never null.</summary>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public byte[] Body
        {
            get
            {
                // The library's bound for an answer, 64 MiB, is far below int's.
                byte[] copy = new byte[(int)fields.body_len.ToUInt32()];
                using (new Held(handle))
                    Marshal.Copy(fields.body, copy, 0, copy.Length);
                return copy;
            }
        }

        /// <summary>The body as UTF-8; a new copy each time. Never null.</summary>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public string Text => Encoding.UTF8.GetString(Body);

        /// <summary>A header of the answer by its name, in whatever case, or null; of several the first.</summary>
        /// <exception cref="ArgumentNullException">No name.</exception>
        /// <exception cref="ArgumentException">The name has a NUL inside, or is no UTF-16.</exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public string Header(string name)
        {
            using (NativeText wanted = NativeText.Of(name, nameof(name)))
            using (new Held(handle))
                return NativeText.Read(Native.ropc_response_header(handle, wanted.Pointer));
        }

        /// <summary>Overwrites and frees the library's copy. Any number of times.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>The HTTP status; nothing of the body.</summary>
        public override string ToString()
        {
            return "RopcResponse(HttpStatus: " + HttpStatus + ")";
        }
    }

    /// <summary>A session at one moment, for a line on a screen.</summary>
    public sealed class RopcSessionInfo
    {
        /// <summary>Takes the library's struct, and frees it.</summary>
        internal RopcSessionInfo(IntPtr native)
        {
            ropc_session_info info = (ropc_session_info)Marshal.PtrToStructure(native, typeof(ropc_session_info));
            State = info.state;
            Refreshing = info.refreshing != 0;
            UserKey = NativeText.Read(info.user_key);
            Scope = NativeText.Read(info.scope);
            ExpiresAt = Times.Instant(info.expires_at);
            ReceivedAt = Times.Instant(info.received_at);
            LastStatus = info.last_status;
            LastReason = info.last_reason;
            LastMessage = NativeText.Read(info.last_message);
            Native.ropc_session_info_free(native);
        }

        /// <summary>How it is.</summary>
        public RopcSessionState State { get; }

        /// <summary>Whether a refresh is under way.</summary>
        public bool Refreshing { get; }

        /// <summary>Who: what the program called the user. Never null.</summary>
        public string UserKey { get; }

        /// <summary>What was granted; null when the server did not say.</summary>
        public string Scope { get; }

        /// <summary>When the access token ends; null when unknown or signed out.</summary>
        public DateTimeOffset? ExpiresAt { get; }

        /// <summary>When the tokens came; null when signed out.</summary>
        public DateTimeOffset? ReceivedAt { get; }

        /// <summary>
        /// Why the last refresh or save failed; <see cref="RopcStatus.Ok"/> when none did since the last that
        /// succeeded.
        /// </summary>
        public RopcStatus LastStatus { get; }

        /// <summary>Its reason; <see cref="RopcReason.None"/>.</summary>
        public RopcReason LastReason { get; }

        /// <summary>Its message; null.</summary>
        public string LastMessage { get; }

        /// <summary>Who and how.</summary>
        public override string ToString()
        {
            return "RopcSessionInfo(" + UserKey + ", " + State + ")";
        }
    }
}
