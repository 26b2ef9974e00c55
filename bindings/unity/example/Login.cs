// Login.cs - signs a user in, calls an API and signs out, from Mono or .NET:
//
//     mcs -out:build/unity/login.exe bindings/unity/Runtime/*.cs bindings/unity/example/Login.cs
//     LD_LIBRARY_PATH=build/lib python3 bindings/standin.py mono build/unity/login.exe ada
//
// Asks for the password, or takes it from standard input.

using System;
using System.IO;
using System.Threading.Tasks;
using Ropc;

static class Login
{
    static int Main(string[] arguments)
    {
        if (arguments.Length != 1)
        {
            Console.Error.WriteLine("usage: login.exe USER");
            return 2;
        }
        try
        {
            Visit(arguments[0]).GetAwaiter().GetResult();
            return 0;
        }
        catch (RopcException why)
        {
            Console.Error.WriteLine("Not signed in: " + why.Message + "\n(" + RopcLibrary.NameOf(why.Reason) + ")");
            if (why.LockedUntil.HasValue)
                Console.Error.WriteLine("The lock ends at " + why.LockedUntil.Value.ToLocalTime() + ".");
            return 1;
        }
    }

    static async Task Visit(string user)
    {
        string site = Told("ROPC_SITE"), app = Told("ROPC_APP"), id = Told("ROPC_CLIENT_ID");
        using (RopcOptions options = RopcOptions.LoginRadius(site, app, id))
        using (RopcClient client = new RopcClient(options.SetCaPem(File.ReadAllText(Told("ROPC_CA")))))
        using (RopcPassword password = ReadPassword())
        using (RopcSession session = await RopcSession.LoginAsync(client, user, password))
        {
            RopcAccessToken token = await session.GetTokenAsync(TimeSpan.FromSeconds(30));
            Console.WriteLine("Signed in as " + session.GetInfo().UserKey + ". The access token has "
                + token.Text.Length + " characters and ends at " + token.ExpiresAt.Value.ToLocalTime() + ".");
            using (RopcResponse answer = await session.CallAsync("GET", Told("ROPC_API")))
                Console.WriteLine("The API answered " + answer.HttpStatus + ", " + answer.ContentType + ".");
            try
            {
                await session.SignOutAsync();
                Console.WriteLine("Signed out.");
            }
            catch (RopcException why)
            {
                // NotRevoked: signed out here, and the message says what the server was not told.
                string what = why.Status == RopcStatus.NotRevoked ? "Signed out here. " : "Still signed in. ";
                Console.WriteLine(what + why.Message);
            }
        }
    }

    /// <summary>One character at a time, so that no string ever holds it.</summary>
    static RopcPassword ReadPassword()
    {
        char[] typed = new char[RopcMax.Secret];
        int length = 0, next;
        Console.Error.Write("Password: ");
        while ((next = ReadCharacter()) != '\n' && next != '\r' && next >= 0)
            if (next == '\b')
                length = Math.Max(0, length - 1);
            else if (length < typed.Length)
                typed[length++] = (char)next;
        Console.Error.WriteLine();
        char[] password = new char[length];
        Array.Copy(typed, password, length);
        RopcLibrary.Wipe(typed);
        return new RopcPassword(password);
    }

    static int ReadCharacter()
    {
        if (Console.IsInputRedirected)
            return Console.In.Read();
        ConsoleKeyInfo key = Console.ReadKey(true);
        return key.Key == ConsoleKey.Backspace ? '\b' : key.KeyChar;
    }

    static string Told(string name)
    {
        string value = Environment.GetEnvironmentVariable(name);
        if (value == null)
            throw new InvalidOperationException(name + " is not set: run this with bindings/standin.py");
        return value;
    }
}
