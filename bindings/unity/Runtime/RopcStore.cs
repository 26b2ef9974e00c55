using System;

namespace Ropc
{
    /// <summary>
    /// Where sessions keep their tokens between two runs of the program. Any thread, any number of sessions;
    /// sessions keep what they need of it.
    /// </summary>
    public sealed class RopcStore : IDisposable
    {
        readonly StoreHandle handle;

        RopcStore(IntPtr native)
        {
            handle = new StoreHandle(native);
        }

        /// <summary>
        /// The file at <paramref name="path"/>, for up to 500 users and any number of processes at once. It need not
        /// exist yet; its folder must, and be yours: in Unity one in Application.persistentDataPath. Only its owner
        /// may read it (on Windows the folder's permissions see to that); it is not encrypted. Other files of that
        /// name with an ending lie beside it. Blocks as long as reading it takes.
        /// </summary>
        /// <exception cref="RopcException">
        /// <see cref="RopcReason.StoreAccess"/>, <see cref="RopcReason.StoreExposed"/> when others can read it,
        /// <see cref="RopcReason.StoreBroken"/> when it is no such file: it is never overwritten then.
        /// </exception>
        /// <exception cref="ArgumentNullException">No path.</exception>
        /// <exception cref="ArgumentException">The path has a NUL inside, or is no UTF-16.</exception>
        public static RopcStore File(string path)
        {
            RopcLibrary.Load();
            using (NativeText where = NativeText.Of(path, nameof(path)))
            {
                IntPtr store, error;
                RopcException.Check(Native.ropc_store_file(where.Pointer, out store, out error), error);
                return new RopcStore(store);
            }
        }

        /// <summary>
        /// The program's own: a keychain, a profile. After a sign-in and each refresh the session says
        /// <see cref="RopcStatus.SaveFirst"/> until the program has saved what <see cref="RopcSession.Pending"/>
        /// gives, and said so with <see cref="RopcSession.Saved"/>. Does not block.
        /// </summary>
        /// <remarks>
        /// One process at a time may use a user's record. After a crash in the middle of a refresh the next start
        /// sends the same refresh token again, which a strict server answers by ending all of the user's tokens.
        /// Before you dispose of a session, see that <see cref="RopcSessionInfo.Refreshing"/> is false and Pending()
        /// gives null. When a session says <see cref="RopcStatus.SignedOut"/>, and after
        /// <see cref="RopcSession.SignOut"/>, delete its record.
        /// </remarks>
        public static RopcStore Host()
        {
            RopcLibrary.Load();
            IntPtr store, error;
            // No function of this domain is given away: it might be called after the domain is gone.
            RopcException.Check(Native.ropc_store_host(IntPtr.Zero, IntPtr.Zero, out store, out error), error);
            return new RopcStore(store);
        }

        /// <summary>
        /// Gives a store of <see cref="Host"/> the record that was saved for a user, for the next
        /// <see cref="RopcSession.Resume"/> of that user. Does not block.
        /// </summary>
        /// <exception cref="RopcException"><see cref="RopcStatus.Unsupported"/> for a file.</exception>
        /// <exception cref="ArgumentNullException">An argument is null.</exception>
        /// <exception cref="ArgumentException">An argument has a NUL inside, or is no UTF-16.</exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public void Give(string userKey, string record)
        {
            using (NativeText user = NativeText.Of(userKey, nameof(userKey)))
            using (NativeText saved = NativeText.Of(record, nameof(record)))
            {
                IntPtr error;
                RopcException.Check(Native.ropc_store_give(handle, user.Pointer, saved.Pointer, out error), error);
            }
        }

        /// <summary>Frees it; its sessions live on, and its file stays. Any number of times.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>For a call that can do without a store.</summary>
        internal static StoreHandle HandleOrNone(RopcStore store)
        {
            return store == null ? StoreHandle.None : store.handle;
        }

        internal static StoreHandle HandleOf(RopcStore store)
        {
            if (store == null)
                throw new ArgumentNullException(nameof(store));
            return store.handle;
        }
    }
}
