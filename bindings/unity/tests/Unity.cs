// Stand-ins for as much of UnityEngine and UnityEditor as Samples~ uses, declared as Unity does, and a screen and a
// main loop to drive the sample with. This is not Unity: it tells that the sample compiles and does what it says,
// not how it looks.

using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;

namespace UnityEngine
{
    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip) { }
    }

    public class TextAsset
    {
        public TextAsset(string text)
        {
            this.text = text;
        }

        public string text { get; }
    }

    public sealed class Coroutine { }

    public class MonoBehaviour
    {
        public Coroutine StartCoroutine(IEnumerator routine)
        {
            Stage.Begin(routine);
            return new Coroutine();
        }
    }

    public static class Application
    {
        public static event Action quitting;

        public static string persistentDataPath { get; set; }

        public static void Quit()
        {
            if (quitting != null)
                quitting();
        }
    }

    public static class GUILayout
    {
        public static void Label(string text)
        {
            Stage.Shown.Add(text);
        }

        public static string TextField(string text, int maxLength)
        {
            return Stage.Typed ?? text;
        }

        public static string PasswordField(string password, char maskChar, int maxLength)
        {
            return Stage.TypedPassword ?? password;
        }

        public static bool Button(string text)
        {
            Stage.Shown.Add(text);
            if (Stage.Pressed != text)
                return false;
            Stage.Pressed = null;
            return true;
        }
    }

    /// <summary>Not Unity's: what the player types and presses, and the frames in which it happens.</summary>
    public static class Stage
    {
        static readonly List<List<IEnumerator>> Routines = new List<List<IEnumerator>>();

        public static readonly List<string> Shown = new List<string>();
        public static string Typed, TypedPassword, Pressed;

        /// <summary>Unity runs a coroutine up to its first yield at once.</summary>
        public static void Begin(IEnumerator routine)
        {
            List<IEnumerator> stack = new List<IEnumerator> { routine };
            if (Step(stack))
                Routines.Add(stack);
        }

        /// <summary>Unity ends the coroutines of an object that is destroyed.</summary>
        public static void End()
        {
            Routines.Clear();
        }

        /// <summary>One frame: coroutines, what tasks have posted, the screen.</summary>
        public static void Frame(Action onGui)
        {
            Routines.RemoveAll(stack => !Step(stack));
            MainThread.Current.Pump();
            Shown.Clear();
            onGui();
        }

        // What a coroutine yields that is one itself is run to its end first, a step a frame.
        static bool Step(List<IEnumerator> stack)
        {
            while (stack.Count > 0)
            {
                IEnumerator last = stack[stack.Count - 1];
                if (!last.MoveNext())
                {
                    stack.Remove(last);
                    continue;
                }
                IEnumerator inner = last.Current as IEnumerator;
                if (inner == null)
                    return true;
                stack.Add(inner);
            }
            return false;
        }
    }

    /// <summary>As Unity's: what follows an await runs on the main thread, within a frame.</summary>
    public sealed class MainThread : SynchronizationContext
    {
        readonly ConcurrentQueue<KeyValuePair<SendOrPostCallback, object>> posted =
            new ConcurrentQueue<KeyValuePair<SendOrPostCallback, object>>();

        public static new readonly MainThread Current = new MainThread();

        public override void Post(SendOrPostCallback callback, object state)
        {
            posted.Enqueue(new KeyValuePair<SendOrPostCallback, object>(callback, state));
        }

        public void Pump()
        {
            KeyValuePair<SendOrPostCallback, object> one;
            while (posted.TryDequeue(out one))
                one.Key(one.Value);
        }
    }
}

namespace UnityEditor
{
    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload;

        public static void Reload()
        {
            if (beforeAssemblyReload != null)
                beforeAssemblyReload();
        }
    }
}
