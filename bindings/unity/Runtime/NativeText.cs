using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Ropc
{
    /// <summary>
    /// A text on its way into the library: UTF-8 with a NUL behind it, in memory
    /// that the collector does not move and so leaves no copies of; overwritten
    /// when it is disposed of.
    /// </summary>
    internal sealed class NativeText : IDisposable
    {
        static readonly Encoding Utf8 = new UTF8Encoding(false, true);

        byte[] bytes;
        GCHandle pin;

        NativeText(byte[] bytes)
        {
            this.bytes = bytes;
            if (bytes != null)
                pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        }

        ~NativeText()
        {
            Dispose();
        }

        /// <summary>Where it is; NULL for no text.</summary>
        public IntPtr Pointer => bytes == null ? IntPtr.Zero : pin.AddrOfPinnedObject();

        /// <summary>Its length in bytes, without the NUL.</summary>
        public UIntPtr Length => bytes == null ? UIntPtr.Zero : (UIntPtr)(uint)(bytes.Length - 1);

        /// <summary>A text that the library reads up to the NUL, and so must have none inside.</summary>
        public static NativeText Of(string text, string name)
        {
            if (text != null && text.IndexOf('\0') >= 0)
                throw new ArgumentException("There is a NUL inside.", name);
            return Counted(text, name);
        }

        /// <summary>The same, or NULL for null.</summary>
        public static NativeText OrNull(string text, string name)
        {
            return text == null ? new NativeText(null) : Of(text, name);
        }

        /// <summary>A text whose length the library is told.</summary>
        public static NativeText Counted(string text, string name)
        {
            if (text == null)
                throw new ArgumentNullException(name);
            try
            {
                NativeText made = new NativeText(new byte[Utf8.GetByteCount(text) + 1]);
                Utf8.GetBytes(text, 0, text.Length, made.bytes, 0);
                return made;
            }
            catch (EncoderFallbackException)
            {
                throw Unpaired(name);
            }
        }

        /// <summary>The same from characters that the program can overwrite.</summary>
        public static NativeText Counted(char[] text, string name)
        {
            if (text == null)
                throw new ArgumentNullException(name);
            try
            {
                NativeText made = new NativeText(new byte[Utf8.GetByteCount(text) + 1]);
                Utf8.GetBytes(text, 0, text.Length, made.bytes, 0);
                return made;
            }
            catch (EncoderFallbackException)
            {
                throw Unpaired(name);
            }
        }

        /// <summary>The same from bytes, whatever they are: the library looks at them.</summary>
        public static NativeText Counted(byte[] text, string name)
        {
            if (text == null)
                throw new ArgumentNullException(name);
            NativeText made = new NativeText(new byte[text.Length + 1]);
            Buffer.BlockCopy(text, 0, made.bytes, 0, text.Length);
            return made;
        }

        public void Dispose()
        {
            if (bytes == null)
                return;
            Native.ropc_wipe(Pointer, (UIntPtr)(uint)bytes.Length);
            bytes = null;
            pin.Free();
            GC.SuppressFinalize(this);
        }

        /// <summary>A text of the library's; null for NULL.</summary>
        public static string Read(IntPtr text)
        {
            if (text == IntPtr.Zero)
                return null;
            int length = 0;
            while (Marshal.ReadByte(text, length) != 0)
                length++;
            byte[] copy = new byte[length];
            Marshal.Copy(text, copy, 0, length);
            string read = Encoding.UTF8.GetString(copy);
            Array.Clear(copy, 0, length);
            return read;
        }

        /// <summary>A text that is the program's, which is freed; null for NULL.</summary>
        public static string Take(IntPtr text)
        {
            try
            {
                return Read(text);
            }
            finally
            {
                Native.ropc_string_free(text);
            }
        }

        // The runtime's own words tell the character and its place: of a password, too much.
        static ArgumentException Unpaired(string name)
        {
            return new ArgumentException("This is no UTF-16: half of a surrogate pair is missing.", name);
        }
    }

    /// <summary>Names and their values on their way into the library.</summary>
    internal sealed class NativePairs : IDisposable
    {
        readonly List<NativeText> texts = new List<NativeText>();

        public readonly IntPtr[] Names;
        public readonly IntPtr[] Values;

        /// <summary>From null: none.</summary>
        public NativePairs(IDictionary<string, string> pairs, string name)
        {
            int count = pairs == null ? 0 : pairs.Count;
            Names = new IntPtr[count];
            Values = new IntPtr[count];
            if (count == 0)
                return;
            try
            {
                foreach (KeyValuePair<string, string> pair in pairs)
                {
                    Names[texts.Count / 2] = Kept(pair.Key, name);
                    Values[texts.Count / 2] = Kept(pair.Value, name);
                }
            }
            catch (ArgumentException)
            {
                Dispose();
                throw;
            }
        }

        public UIntPtr Count => (UIntPtr)(uint)Names.Length;

        public void Dispose()
        {
            foreach (NativeText text in texts)
                text.Dispose();
        }

        IntPtr Kept(string text, string name)
        {
            NativeText made = NativeText.Of(text, name);
            texts.Add(made);
            return made.Pointer;
        }
    }
}
