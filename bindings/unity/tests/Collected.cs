using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using Ropc;

/// <summary>What nobody disposes of is the collector's: in every order, and while it is in use.</summary>
static class Collected
{
    public static void Run()
    {
        Test.Run("objects dropped in every order, requests in flight among them", EveryOrder);
        Test.Run("a task whose request and client nobody holds ends all the same", TaskAlone);
        Test.Run("a call keeps its objects, whatever the collector does", InsideCall);
        Test.Run("what nobody disposes of is freed: memory does not grow", Memory);
        Test.Run("collections while eight threads sign in", Hammer);
    }

    static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    static IEnumerable<int[]> Orders(int count)
    {
        if (count == 0)
            return new[] { new int[0] };
        return Orders(count - 1).SelectMany(rest => Enumerable.Range(0, count).Select(
            place => rest.Take(place).Concat(new[] { count - 1 }).Concat(rest.Skip(place)).ToArray()));
    }

    // A frame of its own, of which no object is left on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static object[] OneOfEach(RopcTokens tokens)
    {
        RopcOptions options = Test.Options();
        RopcClient client = new RopcClient(options);
        RopcStore store = RopcStore.Host();
        RopcSession session = RopcSession.Create(client, tokens, store, "who");
        RopcRequest<RopcTokens> flying = client.PrepareLogin("fault:never", Test.Password).Start();
        return new object[] { options, client, store, session, flying };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Drop(object[] objects, int[] order)
    {
        foreach (int one in order)
        {
            objects[one] = null;
            Collect();
        }
    }

    static void EveryOrder()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        {
            int orders = 0;
            foreach (int[] order in Orders(5))
            {
                Drop(OneOfEach(tokens), order);
                orders++;
            }
            Test.Is(orders, 120, "orders");
        }
        // The stand-in holds each of the requests until its connection is closed: by the request's finalizer, and
        // not by the time limit of 30 s.
        Stopwatch clock = Stopwatch.StartNew();
        while (Test.Count("open") > 0)
        {
            Test.That(clock.Elapsed.TotalSeconds < 20, "the server sees all 120 requests end");
            Collect();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static Task<RopcTokens> Alone()
    {
        RopcClient client = Test.Client();
        return client.LoginAsync("fault:delay_300", Test.Password);
    }

    static void TaskAlone()
    {
        Task<RopcTokens> task = Alone();
        while (!task.IsCompleted)
            Collect();
        Test.End(task).Dispose();
    }

    static void InsideCall()
    {
        Task<RopcTokens> call = Task.Run(() => Test.Client().Login("fault:delay_300", Test.Password));
        Task<RopcStatus> wait = Task.Run(
            () => Test.Client().PrepareLogin("fault:delay_300", Test.Password).Start().Wait(Test.Long));
        while (!call.IsCompleted || !wait.IsCompleted)
            Collect();
        Test.End(call).Dispose();
        Test.Is(Test.End(wait), RopcStatus.Ok, "a request of which only the wait knows");
    }

    static long Resident()
    {
        return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * 4096;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Rounds(Action round, int count)
    {
        for (int done = 0; done < count; done++)
        {
            round();
            if (done % 500 == 0)
                Collect();
        }
        Collect();
    }

    /// <summary>Memory grows by less than half of what it would if each round left something of that size.</summary>
    static void Grows(string what, int size, int count, Action round)
    {
        Rounds(round, count / 2);
        long before = Resident();
        Rounds(round, count);
        long growth = Resident() - before;
        Test.That(growth < (long)size * count / 2, what + ": memory grows by " + growth / count + " bytes each");
    }

    static void Memory()
    {
        using (RopcClient client = Test.Client())
        using (RopcTokens tokens = client.Login("ada", Test.Password))
        using (RopcSession session = RopcSession.Create(client, tokens, null, "who"))
        {
            Grows("an error", 400, 40000, () => Error(client));
            Grows("a session with its store", 3000, 10000,
                () => RopcSession.Create(client, tokens, RopcStore.Host(), "who"));
            Grows("a request", 500, 40000, () => client.PrepareLogin("ada", Test.Password));
            Grows("claims", 400, 40000, () => tokens.Claims(RopcTokenKind.Id));
            Grows("an access token", 800, 20000, () => Sessions.Token(session));
            Grows("how a session is", 100, 80000, () => session.GetInfo());
            Grows("options and a client", 4000, 2000, () => Test.Client());
            Grows("tokens", 2000, 2000, () => client.Login("ada", Test.Password).AccessToken.Trim());
            Grows("an answer", 1000, 2000, () => session.Call("GET", Test.Told("ROPC_API")).Text.Trim());
            Grows("a text", 60000, 2000, () => new RopcPassword(new char[60000]));
        }
    }

    static void Error(RopcClient client)
    {
        try
        {
            client.Grant("");
        }
        catch (RopcException why)
        {
            // Its error is the collector's.
            Test.Is(why.Extra("none"), null, "a member that did not come");
        }
    }

    static void Hammer()
    {
        using (RopcClient client = Test.Client())
        {
            Task[] tasks = Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
            {
                for (int round = 0; round < 20; round++)
                {
                    RopcSession session = RopcSession.Login(client, "ada", Test.Password);
                    session.Call("GET", Test.Told("ROPC_API"));
                    try
                    {
                        client.Login("ada", Test.Wrong);
                    }
                    catch (RopcException why)
                    {
                        Test.Is(why.Reason, RopcReason.WrongCredentials, "a wrong password");
                    }
                }
            })).ToArray();
            Task all = Task.WhenAll(tasks);
            while (!all.IsCompleted)
                Collect();
            Test.End(all);
        }
    }
}
