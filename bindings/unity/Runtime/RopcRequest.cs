using System;
using System.Collections;
using System.Threading;
using System.Threading.Tasks;

namespace Ropc
{
    /// <summary>
    /// One operation that runs beside the program, on a thread of the library: prepared, started, polled or waited
    /// for, taken, disposed of. Any thread may use it. No code of yours is called from another thread.
    /// </summary>
    /// <remarks>
    /// In a coroutine: <c>yield return request.Start();</c>, then <c>request.Take()</c>. In Update: once
    /// <see cref="IsDone"/> says so, <c>request.Take()</c>. With tasks: <c>await request.RunAsync()</c>.
    /// Keep it until it has ended: one that nobody holds is stopped when it is collected; a task holds its own.
    /// </remarks>
    public abstract class RopcRequest : IEnumerator, IDisposable
    {
        // How often a task looks: longer than a timer's resolution on most systems, shorter than a frame.
        internal const int PollMs = 5;

        internal RopcRequest(IntPtr native)
        {
            Handle = new RequestHandle(native);
        }

        internal RequestHandle Handle { get; }

        /// <summary>
        /// How far it is: <see cref="RopcStatus.Pending"/> while it is under way, then what it came to, also after
        /// its result was taken; <see cref="RopcStatus.State"/> when it was not started. Never blocks and allocates
        /// nothing: ask every frame.
        /// </summary>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public RopcStatus Poll()
        {
            return Native.ropc_request_poll(Handle);
        }

        /// <summary>Whether there is nothing to wait for: it has ended, or was not started.</summary>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public bool IsDone => Poll() != RopcStatus.Pending;

        /// <summary>
        /// Waits until it has ended, or for <paramref name="wait"/> at most, and returns what <see cref="Poll"/>
        /// then does. Blocks.
        /// </summary>
        /// <exception cref="ArgumentOutOfRangeException">The time is negative, or above 49 days.</exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public RopcStatus Wait(TimeSpan wait)
        {
            return Native.ropc_request_wait(Handle, Times.Milliseconds(wait, nameof(wait)));
        }

        /// <summary>
        /// Stops it. Returns at once; it ends as <see cref="RopcStatus.Cancelled"/>, in a moment, unless it had
        /// ended before: what has come is never thrown away.
        /// </summary>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public void Cancel()
        {
            RopcException.Check(Native.ropc_request_cancel(Handle), IntPtr.Zero);
        }

        /// <summary>Stops it if it is under way, and frees it. Never blocks. Any number of times.</summary>
        public void Dispose()
        {
            Handle.Dispose();
        }

        /// <summary>For coroutines: true while it is under way.</summary>
        bool IEnumerator.MoveNext()
        {
            return !IsDone;
        }

        /// <summary>For coroutines: wait a frame.</summary>
        object IEnumerator.Current => null;

        void IEnumerator.Reset()
        {
            throw new NotSupportedException("A request runs once: prepare another.");
        }

        internal void StartIt()
        {
            IntPtr error;
            RopcException.Check(Native.ropc_request_start(Handle, out error), error);
        }

        /// <summary>
        /// Starts it for a task, which disposes of it from here on. One that cannot be had is disposed of too, for
        /// there may be no one else who has it; but not one that was started before, which is another's.
        /// </summary>
        internal void StartFor(CancellationToken cancellation)
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                StartIt();
            }
            catch
            {
                if (Poll() == RopcStatus.State)
                    Dispose();
                throw;
            }
        }

        /// <summary>Returns when it has ended, early when it is cancelled.</summary>
        internal async Task EndAsync(CancellationToken cancellation)
        {
            using (cancellation.Register(CancelIfThere))
                while (!IsDone)
                    await Task.Delay(PollMs).ConfigureAwait(false);
        }

        // What is thrown here would come out of the program's own CancellationTokenSource.Cancel().
        void CancelIfThere()
        {
            try
            {
                Cancel();
            }
            catch (ObjectDisposedException)
            {
                // Disposed of while its task ran: stopped already.
            }
        }

        /// <summary>A task that its own token stopped says so as .NET does.</summary>
        internal static void TellStop(RopcException why, CancellationToken cancellation)
        {
            if (why.Status == RopcStatus.Cancelled && cancellation.IsCancellationRequested)
                throw new OperationCanceledException(why.Message, why, cancellation);
        }
    }

    /// <summary>A request that yields something.</summary>
    /// <typeparam name="T">What it yields; disposing of it is up to who takes it.</typeparam>
    public sealed class RopcRequest<T> : RopcRequest where T : class
    {
        readonly Func<RequestHandle, T> take;

        internal RopcRequest(IntPtr native, Func<RequestHandle, T> take) : base(native)
        {
            this.take = take;
        }

        /// <summary>
        /// Starts it, once. Its time limit runs from here, a wait for a free thread included. Does not block.
        /// </summary>
        /// <returns>This request.</returns>
        /// <exception cref="RopcException">
        /// <see cref="RopcStatus.Resources"/> when no thread can be had: it may be started again.
        /// <see cref="RopcStatus.State"/> when it was started or cancelled before.
        /// </exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public RopcRequest<T> Start()
        {
            StartIt();
            return this;
        }

        /// <summary>What it came to, once. Does not block.</summary>
        /// <exception cref="RopcException">
        /// Why there is none. <see cref="RopcStatus.Pending"/> while it is under way, <see cref="RopcStatus.State"/>
        /// when it was not started or was taken before: then nothing is lost.
        /// </exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public T Take()
        {
            return take(Handle);
        }

        /// <summary>
        /// Starts it, takes what it came to, and disposes of it, without blocking: for await. Continues where the
        /// await stands, in Unity on the main thread.
        /// </summary>
        /// <param name="cancellation">Stops it, as <see cref="RopcRequest.Cancel"/>.</param>
        /// <exception cref="OperationCanceledException">It was stopped by <paramref name="cancellation"/>.</exception>
        /// <exception cref="RopcException">
        /// It failed, or was stopped in another way. <see cref="RopcStatus.State"/> when it was started before: then
        /// it goes on, and is not disposed of.
        /// </exception>
        public async Task<T> RunAsync(CancellationToken cancellation = default(CancellationToken))
        {
            StartFor(cancellation);
            using (this)
            {
                await EndAsync(cancellation).ConfigureAwait(false);
                try
                {
                    return Take();
                }
                catch (RopcException why)
                {
                    TellStop(why, cancellation);
                    throw;
                }
            }
        }
    }

    /// <summary>A request that yields nothing but success.</summary>
    public sealed class RopcPlainRequest : RopcRequest
    {
        internal RopcPlainRequest(IntPtr native) : base(native) { }

        /// <summary>As <see cref="RopcRequest{T}.Start"/>.</summary>
        /// <returns>This request.</returns>
        /// <exception cref="RopcException">It cannot be started.</exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public RopcPlainRequest Start()
        {
            StartIt();
            return this;
        }

        /// <summary>As <see cref="RopcRequest{T}.Take"/>: returns when it succeeded.</summary>
        /// <exception cref="RopcException">It failed, is under way, was not started, or was taken before.</exception>
        /// <exception cref="ObjectDisposedException">This was disposed of.</exception>
        public void Take()
        {
            IntPtr error;
            RopcException.Check(Native.ropc_request_take_done(Handle, out error), error);
        }

        /// <summary>As <see cref="RopcRequest{T}.RunAsync"/>.</summary>
        /// <param name="cancellation">Stops it, as <see cref="RopcRequest.Cancel"/>.</param>
        /// <exception cref="OperationCanceledException">It was stopped by <paramref name="cancellation"/>.</exception>
        /// <exception cref="RopcException">It failed, or was stopped in another way.</exception>
        public async Task RunAsync(CancellationToken cancellation = default(CancellationToken))
        {
            StartFor(cancellation);
            using (this)
            {
                await EndAsync(cancellation).ConfigureAwait(false);
                try
                {
                    Take();
                }
                catch (RopcException why)
                {
                    TellStop(why, cancellation);
                    throw;
                }
            }
        }
    }

    /// <summary>What each kind of request yields.</summary>
    internal static class Taken
    {
        public static RopcTokens Tokens(RequestHandle request)
        {
            IntPtr taken, error;
            RopcException.Check(Native.ropc_request_take_tokens(request, out taken, out error), error);
            return new RopcTokens(taken);
        }

        public static string Text(RequestHandle request)
        {
            IntPtr taken, error;
            RopcException.Check(Native.ropc_request_take_text(request, out taken, out error), error);
            return NativeText.Take(taken);
        }

        public static RopcOptions Options(RequestHandle request)
        {
            IntPtr taken, error;
            RopcException.Check(Native.ropc_request_take_options(request, out taken, out error), error);
            return new RopcOptions(taken);
        }

        public static RopcSession Session(RequestHandle request)
        {
            IntPtr taken, error;
            RopcException.Check(Native.ropc_request_take_session(request, out taken, out error), error);
            return new RopcSession(taken);
        }

        public static RopcResponse Response(RequestHandle request)
        {
            IntPtr taken, error;
            RopcException.Check(Native.ropc_request_take_response(request, out taken, out error), error);
            return new RopcResponse(taken);
        }
    }
}
