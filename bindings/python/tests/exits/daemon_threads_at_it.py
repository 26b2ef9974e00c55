"""Ends while daemon threads sign in again and again."""

import itertools
import sys
import threading

from ends import PASSWORD, client_of

client, turns = client_of(*sys.argv[1:]), itertools.count()
begun = threading.Barrier(5)


def work() -> None:
    for turn in turns:
        client.login("ada", PASSWORD).close()
        if turn == 20:
            begun.reset()


threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
try:
    begun.wait()
except threading.BrokenBarrierError:
    pass
