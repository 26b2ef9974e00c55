using System;

namespace Ropc
{
    /// <summary>
    /// Tells Unity's linker to leave in what nothing in C# writes to or calls; it
    /// goes by the name, so that this assembly needs none of UnityEngine.
    /// </summary>
    [AttributeUsage(AttributeTargets.Struct | AttributeTargets.Field)]
    internal sealed class PreserveAttribute : Attribute
    {
    }
}
