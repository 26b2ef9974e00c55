using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ropc
{
    /// <summary>What concerns the native library as a whole. All of it may be called in any thread.</summary>
    public static class RopcLibrary
    {
        // How long an unloading domain or an ending process waits for the library's threads.
        const uint EndMs = 1000;

        static int loaded;

        /// <summary>The version of the loaded library, such as "0.1.0".</summary>
        public static string Version => NativeText.Read(Native.ropc_version());

        /// <summary>
        /// Stops everything in this process: each started request and each blocking call ends as
        /// <see cref="RopcStatus.Cancelled"/>, and the library's threads end. Blocks until they are gone, up to
        /// <paramref name="wait"/>. Objects stay valid, and the library can be used again at once.
        /// </summary>
        /// <remarks>
        /// It happens by itself, for up to a second, when this application domain is unloaded, as Unity's editor
        /// does when it compiles or enters play mode, and when the process ends. Call it where a game ends without:
        /// in Application.quitting.
        /// </remarks>
        /// <returns>
        /// How many threads were left by then, 0 when none is; -1 after a bug of the library. One that is left is
        /// stuck in a name look-up, or finishes a session's refresh that was sent; it touches nothing managed.
        /// </returns>
        /// <exception cref="ArgumentOutOfRangeException">The time is negative, or above 49 days.</exception>
        public static int Shutdown(TimeSpan wait)
        {
            return unchecked((int)Native.ropc_shutdown(Times.Milliseconds(wait, nameof(wait))));
        }

        /// <summary>
        /// How many requests of this process may run at once: 1 to <see cref="RopcMax.Workers"/>, 8 unless set.
        /// More wait in a queue.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">Another number.</exception>
        public static void SetWorkers(int most)
        {
            if (Native.ropc_set_workers(unchecked((uint)most)) != RopcStatus.Ok)
                throw new ArgumentOutOfRangeException(nameof(most), "From 1 to " + RopcMax.Workers + ".");
        }

        /// <summary>The name of a status in ropc.h, such as "ROPC_E_TIMEOUT".</summary>
        public static string NameOf(RopcStatus status)
        {
            return NativeText.Read(Native.ropc_status_name((int)status));
        }

        /// <summary>The name of a reason in ropc.h, such as "ROPC_REASON_LOCKED".</summary>
        public static string NameOf(RopcReason reason)
        {
            return NativeText.Read(Native.ropc_reason_name((int)reason));
        }

        /// <summary>
        /// What to do about a reason: a sentence in English for the person who reads it; "" when there is nothing
        /// to say.
        /// </summary>
        public static string AdviceOn(RopcReason reason)
        {
            return NativeText.Read(Native.ropc_reason_advice((int)reason));
        }

        /// <summary>
        /// Overwrites your own copy of a password with zeros. The collector may have moved it before, and left
        /// another behind: <see cref="RopcPassword"/> keeps one that is never moved.
        /// </summary>
        /// <param name="buffer">Null does nothing.</param>
        public static void Wipe(byte[] buffer)
        {
            Wipe(buffer, sizeof(byte));
        }

        /// <summary>The same for characters.</summary>
        /// <param name="buffer">Null does nothing.</param>
        public static void Wipe(char[] buffer)
        {
            Wipe(buffer, sizeof(char));
        }

        static void Wipe(Array buffer, int size)
        {
            if (buffer == null)
                return;
            GCHandle pin = GCHandle.Alloc(buffer, GCHandleType.Pinned);
            Native.ropc_wipe(pin.AddrOfPinnedObject(), (UIntPtr)(ulong)((long)buffer.Length * size));
            pin.Free();
        }

        /// <summary>
        /// Before the first use in a domain: refuses a library that is older than this code, and sees to it that
        /// the library's threads end before the domain does. No code of this domain is known to the library, so
        /// the order in which the rest of the domain goes away does not matter.
        /// </summary>
        internal static void Load()
        {
            if (Volatile.Read(ref loaded) != 0)
                return;
            RopcException.Check(Native.ropc_abi_check(Native.ROPC_ABI), IntPtr.Zero);
            if (Interlocked.Exchange(ref loaded, 1) != 0)
                return;
            AppDomain.CurrentDomain.DomainUnload += End;
            AppDomain.CurrentDomain.ProcessExit += End;
        }

        static void End(object sender, EventArgs arguments)
        {
            Native.ropc_shutdown(EndMs);
        }
    }
}
