// libropc as a ThirdParty module of Unreal Engine 5, with include/ and lib/<platform>/ beside this file.

using System.IO;
using UnrealBuildTool;

public class Ropc : ModuleRules
{
    public Ropc(ReadOnlyTargetRules Target) : base(Target)
    {
        Type = ModuleType.External;
        PublicSystemIncludePaths.Add(Path.Combine(ModuleDirectory, "include"));
        string From = Path.Combine(ModuleDirectory, "lib", Target.Platform.ToString());
        if (Target.Platform == UnrealTargetPlatform.Win64)
        {
            PublicAdditionalLibraries.Add(Path.Combine(From, "ropc.dll.lib"));
            PublicDelayLoadDLLs.Add("ropc.dll");
            RuntimeDependencies.Add("$(BinaryOutputDir)/ropc.dll", Path.Combine(From, "ropc.dll"));
        }
        else if (Target.Platform == UnrealTargetPlatform.Mac)
        {
            PublicAdditionalLibraries.Add(Path.Combine(From, "libropc.dylib"));
            RuntimeDependencies.Add("$(BinaryOutputDir)/libropc.dylib", Path.Combine(From, "libropc.dylib"));
        }
        else if (Target.Platform == UnrealTargetPlatform.Linux)
        {
            // libropc.so is a link to libropc.so.0, which is the name that the program asks for.
            PublicAdditionalLibraries.Add(Path.Combine(From, "libropc.so"));
            RuntimeDependencies.Add("$(BinaryOutputDir)/libropc.so.0", Path.Combine(From, "libropc.so.0"));
        }
        else if (Target.Platform == UnrealTargetPlatform.IOS)
        {
            PublicAdditionalLibraries.Add(Path.Combine(From, "libropc.a"));
        }
    }
}
