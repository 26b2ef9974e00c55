using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using Ropc;

/// <summary>Looks for a password in all of this process's memory, behind the calls that took it.</summary>
static class Scan
{
    const int Length = 40;
    const string Memory = "/proc/self/mem";

    // What is looked for is never in one piece here: a letter at a time is computed.
    static readonly int seed = Environment.TickCount & 0xffff;

    public static void Run()
    {
        Test.Run("no copy of a password is left in memory, as UTF-8 or as UTF-16", Copies);
    }

    static char Letter(int place)
    {
        return (char)('a' + (seed + place * place * 7 + place * (seed % 11)) % 26);
    }

    /// <summary>The password in characters that never moved.</summary>
    static RopcPassword Typed()
    {
        char[] typed = new char[Length];
        GCHandle pin = GCHandle.Alloc(typed, GCHandleType.Pinned);
        for (int place = 0; place < Length; place++)
            typed[place] = Letter(place);
        RopcPassword password = new RopcPassword(typed);
        pin.Free();
        return password;
    }

    static void Copies()
    {
        using (RopcClient client = Test.Client())
        {
            RopcPassword planted = Typed();
            Test.That(Found(1) > 0, "a password that no call took yet is found");
            planted.Dispose();
            Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => client.Login("ada", Typed()), "a blocking call");
            Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => Test.End(client.LoginAsync("ada", Typed())), "a task");
            Test.Refused(RopcStatus.Refused, RopcReason.WrongCredentials,
                () => RopcSession.Login(client, "ada", Typed()), "a session");
            Test.Throws<ArgumentNullException>(() => client.Login(null, Typed()), "a call that is not made");
            client.PrepareLogin("ada", Typed()).Dispose();
            using (RopcRequest<RopcTokens> request = client.PrepareLogin("fault:cut_before", Typed()).Start())
                request.Wait(Test.Long);
            Test.Is(Found(1), 0, "copies as UTF-8");
            Test.Is(Found(2), 0, "copies as UTF-16");
        }
    }

    /// <summary>How often the password is in memory, with letters of so many bytes.</summary>
    static int Found(int size)
    {
        int found = 0;
        byte[] chunk = new byte[1 << 20];
        using (FileStream memory = new FileStream(Memory, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1))
            foreach (string line in File.ReadAllLines("/proc/self/maps").Where(line => line.Contains(" rw")))
            {
                long[] ends = line.Split(' ')[0].Split('-').Select(
                    end => long.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
                for (long place = ends[0]; place < ends[1]; place += chunk.Length - Length * size)
                    found += FoundIn(chunk, Read(memory, place, ends[1], chunk), size);
            }
        Array.Clear(chunk, 0, chunk.Length);
        return found;
    }

    static int Read(FileStream memory, long place, long end, byte[] chunk)
    {
        try
        {
            memory.Seek(place, SeekOrigin.Begin);
            return memory.Read(chunk, 0, (int)Math.Min(chunk.Length, end - place));
        }
        catch (IOException)
        {
            // Gone meanwhile, or not to be read by anybody.
            return 0;
        }
    }

    static int FoundIn(byte[] chunk, int length, int size)
    {
        int found = 0;
        byte first = (byte)Letter(0);
        for (int start = 0; start <= length - Length * size; start++)
            if (chunk[start] == first)
            {
                int place = 1;
                while (place < Length && chunk[start + place * size] == Letter(place))
                    place++;
                if (place == Length)
                    found++;
            }
        return found;
    }
}
