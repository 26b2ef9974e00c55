using System;

namespace Ropc
{
    /// <summary>The library's milliseconds and instants as .NET has them.</summary>
    internal static class Times
    {
        // 9999-12-31T23:59:59Z, the last second that DateTimeOffset can tell.
        const long Last = 253402300799;

        public static uint Milliseconds(TimeSpan duration, string name)
        {
            double whole = Math.Ceiling(duration.TotalMilliseconds);
            if (duration < TimeSpan.Zero || whole > uint.MaxValue)
                throw new ArgumentOutOfRangeException(name,
                    "From 0 to 4294967295 milliseconds: there is no wait for ever.");
            return (uint)whole;
        }

        /// <summary>Null for 0, which says that it is not known.</summary>
        public static DateTimeOffset? Instant(long seconds)
        {
            if (seconds == 0)
                return null;
            return DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, Math.Min(seconds, Last)));
        }

        public static string Written(DateTimeOffset? instant)
        {
            return instant.HasValue ? instant.Value.ToString("u") : "unknown";
        }
    }
}
