using System;
using System.Runtime.InteropServices;

namespace Ropc
{
    /// <summary>
    /// Something of the library's that is freed once, when it is disposed of or
    /// collected and no call uses it any more.
    /// </summary>
    internal abstract class Handle : SafeHandle
    {
        protected Handle(IntPtr native) : base(IntPtr.Zero, true)
        {
            SetHandle(native);
        }

        public override bool IsInvalid => handle == IntPtr.Zero;
    }

    internal sealed class OptionsHandle : Handle
    {
        public OptionsHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_options_free(handle);
            return true;
        }
    }

    internal sealed class ClientHandle : Handle
    {
        public ClientHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_client_free(handle);
            return true;
        }
    }

    internal sealed class RequestHandle : Handle
    {
        public RequestHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_request_free(handle);
            return true;
        }
    }

    internal sealed class SessionHandle : Handle
    {
        public SessionHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_session_free(handle);
            return true;
        }
    }

    internal sealed class StoreHandle : Handle
    {
        /// <summary>No store: NULL where the library allows it.</summary>
        public static readonly StoreHandle None = new StoreHandle(IntPtr.Zero);

        public StoreHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_store_free(handle);
            return true;
        }
    }

    internal sealed class TokensHandle : Handle
    {
        public TokensHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_tokens_free(handle);
            return true;
        }
    }

    internal sealed class ResponseHandle : Handle
    {
        public ResponseHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_response_free(handle);
            return true;
        }
    }

    internal sealed class ErrorHandle : Handle
    {
        public ErrorHandle(IntPtr native) : base(native) { }

        protected override bool ReleaseHandle()
        {
            Native.ropc_error_free(handle);
            return true;
        }
    }

    /// <summary>
    /// Keeps a handle from being freed, for `using`, while what is reached
    /// through it is read.
    /// </summary>
    internal struct Held : IDisposable
    {
        readonly SafeHandle handle;

        public Held(SafeHandle handle)
        {
            bool held = false;
            handle.DangerousAddRef(ref held);
            this.handle = handle;
        }

        public void Dispose()
        {
            handle.DangerousRelease();
        }
    }
}
