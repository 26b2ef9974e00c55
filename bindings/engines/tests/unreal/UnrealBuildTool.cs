// As much of Unreal's build tool as ../../unreal/Ropc.Build.cs names: it is in no package.

using System.Collections.Generic;

namespace UnrealBuildTool
{
    public sealed class UnrealTargetPlatform
    {
        public static readonly UnrealTargetPlatform
            Win64 = new UnrealTargetPlatform(), Mac = new UnrealTargetPlatform(), Linux = new UnrealTargetPlatform(),
            IOS = new UnrealTargetPlatform(), Android = new UnrealTargetPlatform();
    }

    public sealed class ReadOnlyTargetRules
    {
        public UnrealTargetPlatform Platform { get { return UnrealTargetPlatform.Linux; } }
    }

    public sealed class Dependencies
    {
        public void Add(string path) { }
        public void Add(string path, string source) { }
    }

    public class ModuleRules
    {
        public enum ModuleType { CPlusPlus, External }

        public ModuleType Type;
        public readonly List<string> PublicSystemIncludePaths = new List<string>(),
            PublicAdditionalLibraries = new List<string>(), PublicDelayLoadDLLs = new List<string>();
        public readonly Dependencies RuntimeDependencies = new Dependencies();

        public ModuleRules(ReadOnlyTargetRules target) { }
        protected string ModuleDirectory { get { return "."; } }
    }
}
