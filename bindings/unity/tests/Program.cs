using System;
using System.Collections.Generic;

/// <summary>One group of tests; run.py starts a process and a stand-in for each.</summary>
static class Program
{
    static readonly Dictionary<string, Action> Groups = new Dictionary<string, Action>
    {
        { "logins", Logins.Run },
        { "calls", Calls.Run },
        { "sessions", Sessions.Run },
        { "layouts", Layouts.Run },
        { "bad input", BadInput.Run },
        { "collected", Collected.Run },
        { "scan", Scan.Run },
        { "sample", Sample.Run },
        { "domains", Domains.Run },
        { "end", Domains.End },
        { "exit", Domains.Exit },
    };

    static int Main(string[] arguments)
    {
        Groups[arguments[0]]();
        return 0;
    }
}
