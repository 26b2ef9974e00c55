using System;
using System.Threading;

namespace Ropc
{
    /// <summary>
    /// A password for one call, which overwrites it. It lies in memory that the collector does not move. A string
    /// can stand where one is wanted, but .NET cannot overwrite the string: where that matters collect the password
    /// in a char[] and make one of these from it.
    /// </summary>
    /// <remarks>A call takes it, whatever comes of the call; a second one gets ObjectDisposedException.</remarks>
    public sealed class RopcPassword : IDisposable
    {
        NativeText text;

        /// <summary>From characters, which are overwritten with zeros.</summary>
        /// <exception cref="ArgumentNullException">There are none.</exception>
        /// <exception cref="ArgumentException">They are no UTF-16. They are overwritten all the same.</exception>
        public RopcPassword(char[] password)
        {
            try
            {
                text = NativeText.Counted(password, nameof(password));
            }
            finally
            {
                RopcLibrary.Wipe(password);
            }
        }

        /// <summary>From bytes of UTF-8, which are overwritten with zeros.</summary>
        /// <exception cref="ArgumentNullException">There are none.</exception>
        public RopcPassword(byte[] password)
        {
            text = NativeText.Counted(password, nameof(password));
            RopcLibrary.Wipe(password);
        }

        /// <summary>From a string, which stays in memory until the collector takes it, and often longer.</summary>
        /// <exception cref="ArgumentNullException">There is none.</exception>
        /// <exception cref="ArgumentException">It is no UTF-16.</exception>
        public RopcPassword(string password)
        {
            text = NativeText.Counted(password, nameof(password));
        }

        /// <summary>As the constructor; null stays null.</summary>
        public static implicit operator RopcPassword(string password)
        {
            return password == null ? null : new RopcPassword(password);
        }

        /// <summary>Overwrites a password that no call took. Any number of times.</summary>
        public void Dispose()
        {
            NativeText left = Interlocked.Exchange(ref text, null);
            if (left != null)
                left.Dispose();
        }

        /// <summary>The text for the one call that has it now.</summary>
        internal static NativeText TakeFrom(RopcPassword password)
        {
            if (password == null)
                throw new ArgumentNullException(nameof(password));
            NativeText taken = Interlocked.Exchange(ref password.text, null);
            if (taken == null)
                throw new ObjectDisposedException(nameof(RopcPassword));
            return taken;
        }
    }
}
