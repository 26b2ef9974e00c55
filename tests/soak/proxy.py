"""A TCP proxy that misbehaves: it delays, throttles, cuts, resets, stalls, goes
silent, closes one half, and at times does not listen at all. Which connection
gets which fault follows from a seed.

    python3 proxy.py SEED TARGET-PORT SECONDS-BETWEEN-REFUSALS

Prints one line of JSON with the port of the relay and of the same as an HTTP
proxy (CONNECT, always to the target). Then each line of its input is answered
with the faults so far, by kind; the end of input ends it.
"""

import asyncio
import json
import logging
import random
import socket
import struct
import sys
import threading
from collections import Counter

# Of a thousand connections.
WEIGHTS = {
    "none": 560,
    "delay": 120,
    "throttle": 80,
    "cut": 80,
    "reset": 70,
    "silence": 30,
    "half_close": 40,
    "stall": 20,
}
# Those that come after so many bytes of both directions: a handshake is some
# 3,000, a login on top of it as many again.
MOST_BYTES = 9000
ANSWERS = {True: b"HTTP/1.1 200 Connection established\r\n\r\n", False: b"HTTP/1.1 503 Service Unavailable\r\n\r\n"}


class Over(Exception):
    """The connection has come to its fault."""


class Connection:
    """One client, its fault, and the way to the target."""

    def __init__(self, plan, target, reader, writer):
        self.kind = plan.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        self.left = plan.randrange(MOST_BYTES)
        self.pause = plan.uniform(0.005, 0.3)
        self.slice = plan.randrange(40, 600)
        self.to_client = plan.random() < 0.7
        self.refuses = plan.random() < 0.04
        self.target = target
        self.ends = [(reader, writer)]

    async def serve(self, tunnel):
        """The whole life of it."""
        try:
            try:
                await self.relay(tunnel)
            except Over:
                await self.misbehave()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for _, writer in self.ends:
                writer.close()

    async def relay(self, tunnel):
        """Until one side is through, or its fault comes."""
        if tunnel and not await self.open_tunnel():
            return
        if self.kind == "stall":
            await self.wait_until_gone()
            return
        self.ends.append(await asyncio.open_connection("127.0.0.1", self.target))
        (reader, writer), (from_target, to_target) = self.ends
        there = asyncio.create_task(self.pump(reader, to_target))
        back = asyncio.create_task(self.pump(from_target, writer))
        try:
            await asyncio.gather(there, back)
        finally:
            there.cancel()
            back.cancel()
            await asyncio.wait([there, back])

    async def open_tunnel(self):
        """Answers CONNECT; whether it goes on."""
        reader, writer = self.ends[0]
        await reader.readuntil(b"\r\n\r\n")
        await self.write(writer, ANSWERS[not self.refuses])
        return not self.refuses

    async def pump(self, reader, writer):
        """One direction, until it ends."""
        while data := await reader.read(65536):
            await self.write(writer, data)
        if writer.can_write_eof():
            writer.write_eof()

    async def write(self, writer, data):
        """Passes bytes on as this connection does that."""
        if self.kind in ("cut", "reset", "silence", "half_close"):
            part = data[: self.left]
            self.left -= len(part)
            writer.write(part)
            await writer.drain()
            if len(part) < len(data) or self.left == 0:
                raise Over
        elif self.kind == "throttle":
            for at in range(0, len(data), self.slice):
                writer.write(data[at : at + self.slice])
                await asyncio.sleep(0.01)
        else:
            if self.kind == "delay":
                await asyncio.sleep(self.pause)
            writer.write(data)
            await writer.drain()

    async def misbehave(self):
        """What comes at the byte that was drawn."""
        if self.kind == "reset":
            for _, writer in self.ends:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
        elif self.kind == "half_close":
            _, writer = self.ends[0 if self.to_client else -1]
            writer.write_eof()
            await self.wait_until_gone()
        elif self.kind == "silence":
            await self.wait_until_gone()

    async def wait_until_gone(self):
        """Until the client hangs up."""
        while await self.ends[0][0].read(65536):
            pass


class Listener:
    """One port, which is refused at times."""

    def __init__(self, seed, target, between, tunnel, faults):
        self.plan = random.Random(seed)
        self.target, self.between, self.tunnel, self.faults = target, between, tunnel, faults
        # Held on to, so that nobody else gets the port while it is refused.
        self.holder = self.bound(0)
        self.port = self.holder.getsockname()[1]
        self.live = set()

    @staticmethod
    def bound(port):
        """A socket that is bound, and does not listen."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        return sock

    async def run(self):
        """Listens, and refuses for a second now and then."""
        while True:
            server = await asyncio.start_server(self.accept, sock=self.bound(self.port), backlog=256)
            await asyncio.sleep(self.plan.uniform(0.5, 1.5) * self.between)
            server.close()
            self.faults["refused"] += 1
            await asyncio.sleep(1)

    async def accept(self, reader, writer):
        """One client."""
        connection = Connection(self.plan, self.target, reader, writer)
        # The loop itself does not keep what waits.
        self.live.add(asyncio.current_task())
        self.faults[connection.kind] += 1
        self.faults["proxy_503"] += self.tunnel and connection.refuses
        try:
            await connection.serve(self.tunnel)
        except asyncio.CancelledError:
            pass  # The proxy itself ends.
        finally:
            self.live.discard(asyncio.current_task())


def answer(faults):
    """Tells the faults when asked; at the end of input ends everything."""
    for _ in sys.stdin:
        print(json.dumps(dict(faults)), flush=True)


async def main():
    # Writing to who has hung up is what this is for.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    seed, target, between = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    faults = Counter()
    relay = Listener(seed, target, between, False, faults)
    tunnel = Listener(seed + 1, target, between, True, faults)
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(tunnel.run())]
    print(json.dumps({"relay": relay.port, "tunnel": tunnel.port}), flush=True)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read():
        answer(faults)
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=read, daemon=True).start()
    await over.wait()
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
