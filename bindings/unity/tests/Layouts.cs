using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using Ropc;

/// <summary>What Runtime/Native.cs declares, held to tests/symbols.txt as this runtime lays it out.</summary>
static class Layouts
{
    const BindingFlags All = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    static readonly Dictionary<string, Type> Structs = new[]
    {
        typeof(ropc_error), typeof(ropc_tokens), typeof(ropc_token), typeof(ropc_response), typeof(ropc_session_info),
    }.ToDictionary(one => one.Name);

    // Each with what its values begin with in C.
    static readonly Dictionary<Type, string> Enums = new Dictionary<Type, string>
    {
        { typeof(RopcStatus), "ROPC_" }, { typeof(RopcReason), "ROPC_REASON_" }, { typeof(RopcStage), "ROPC_STAGE_" },
        { typeof(RopcSessionState), "ROPC_SESSION_STATE_" }, { typeof(RopcAppKind), "ROPC_APP_" },
        { typeof(RopcEndpoint), "ROPC_ENDPOINT_" }, { typeof(RopcSecretMethod), "ROPC_SECRET_" },
        { typeof(RopcEncoding), "ROPC_ENCODING_" }, { typeof(RopcTrust), "ROPC_TRUST_" },
        { typeof(RopcLimit), "ROPC_LIMIT_" }, { typeof(RopcLogLevel), "ROPC_LOG_" },
        { typeof(RopcTokenKind), "ROPC_TOKEN_KIND_" }, { typeof(RopcTokenHint), "ROPC_HINT_" },
    };

    // All that goes over: numbers, addresses, handles. No function of this side.
    static readonly Type[] Plain =
    {
        typeof(void), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(IntPtr), typeof(UIntPtr),
        typeof(byte[]), typeof(IntPtr[]), typeof(RopcStatus),
    };

    public static void Run()
    {
        Test.Run("structs and numbers are those of tests/symbols.txt", Listed);
        Test.Run("every function is declared, cdecl, by its exact name", Functions);
        Test.Run("no delegate goes to the library", NoDelegates);
        Test.Run("the library is the one that was built", Loaded);
    }

    static IEnumerable<string[]> Lines()
    {
        foreach (string line in File.ReadAllLines(Test.Told("ROPC_SYMBOLS")))
            if (line != "" && line[0] != '#')
                yield return line.Split(new[] { ' ' }, 3, StringSplitOptions.RemoveEmptyEntries);
    }

    static void Listed()
    {
        int structs = 0, fields = 0, numbers = 0;
        foreach (string[] line in Lines())
        {
            string[] words = line[2].Split(' ');
            string[] names = line[0].Split('.');
            if (words[0] == "function")
                continue;
            if (names.Length == 2)
            {
                FieldInfo field = Structs[names[0]].GetField(names[1]);
                Test.That(field != null, line[0] + " is declared");
                Type type = field.FieldType.IsEnum ? Enum.GetUnderlyingType(field.FieldType) : field.FieldType;
                Test.Is(Marshal.SizeOf(type), int.Parse(words[0]), "the size of " + line[0]);
                Test.Is(Marshal.OffsetOf(Structs[names[0]], names[1]).ToInt32(), int.Parse(words[3]), line[0]);
                fields++;
            }
            else if (words.Length == 2)
            {
                Test.Is(Marshal.SizeOf(Structs[line[0]]), int.Parse(words[0]), "the size of " + line[0]);
                structs++;
            }
            else
            {
                Test.Is(Number(line[0]), int.Parse(words[0]), line[0]);
                numbers++;
            }
        }
        Test.Is(structs, Structs.Count, "structs listed");
        Test.Is(fields, Structs.Values.Sum(one => one.GetFields().Length), "fields listed");
        Test.Is(numbers, Enums.Keys.Sum(one => Enum.GetNames(one).Length), "numbers listed");
    }

    /// <summary>The value of an enum by its name in C, found letter by letter; -1 for none.</summary>
    static int Number(string name)
    {
        foreach (KeyValuePair<Type, string> each in Enums.Where(one => name.StartsWith(one.Value)))
        {
            string own = name.Substring(each.Value.Length);
            if (each.Key == typeof(RopcStatus) && own.StartsWith("E_"))
                own = own.Substring(2);
            foreach (string one in Enum.GetNames(each.Key))
                if (one.ToUpperInvariant() == own.Replace("_", ""))
                    return (int)Enum.Parse(each.Key, one);
        }
        return -1;
    }

    static void Functions()
    {
        List<string> wanted = Lines().Where(line => line[2] == "function").Select(line => line[0]).ToList();
        List<string> declared = Imports().Select(one => one.Name).ToList();
        Test.Is(string.Join(" ", wanted.Except(declared)), "", "functions that are not declared");
        Test.Is(string.Join(" ", declared.Except(wanted)), "", "functions that are not in the library");
        foreach (MethodInfo one in Imports())
        {
            DllImportAttribute import = one.GetCustomAttribute<DllImportAttribute>();
            Test.Is(import.Value, "ropc", "where " + one.Name + " is");
            Test.Is(import.CallingConvention, CallingConvention.Cdecl, "how " + one.Name + " is called");
            Test.That(import.ExactSpelling && !import.SetLastError, one.Name + " is called by its name");
            // Looks it up in the library.
            Marshal.Prelink(one);
        }
    }

    static IEnumerable<MethodInfo> Imports()
    {
        return typeof(Native).GetMethods(All).Where(one => (one.Attributes & MethodAttributes.PinvokeImpl) != 0);
    }

    static void NoDelegates()
    {
        foreach (MethodInfo one in Imports())
            foreach (ParameterInfo parameter in one.GetParameters().Concat(new[] { one.ReturnParameter }))
            {
                Type type = parameter.ParameterType;
                if (type.IsByRef)
                    type = type.GetElementType();
                Test.That(Plain.Contains(type) || typeof(Handle).IsAssignableFrom(type) && !parameter.IsOut,
                    one.Name + " passes " + type.Name);
            }
        foreach (Type type in typeof(Native).Assembly.GetTypes().Where(type => type.Namespace == "Ropc"))
        {
            Test.That(!typeof(Delegate).IsAssignableFrom(type), type.Name + " is no delegate");
            foreach (MethodInfo one in type.GetMethods(All | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                Test.That(type == typeof(Native) || (one.Attributes & MethodAttributes.PinvokeImpl) == 0,
                    type.Name + " has no function of the library's of its own");
        }
    }

    static void Loaded()
    {
        string built = Test.Told("ROPC_LIBRARY");
        string[] mapped = File.ReadAllLines("/proc/self/maps").Where(line => line.Contains("libropc")).ToArray();
        Test.That(mapped.Length > 0 && mapped.All(line => line.EndsWith(built)), "loaded from " + built);
    }
}
