"""What the servers of Python share: their arguments, and stopping together
with the test that started them."""

import argparse
import os
import pathlib
import ssl
import sys
import threading


def arguments():
    """A folder for what the server writes; --cert and --key (PEM files) for
    TLS; --tls-max, the newest TLS version to offer, e.g. TLSv1.2."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--tls-max", default="TLSv1.3", type=lambda name: ssl.TLSVersion[name.replace(".", "_")])
    return parser.parse_args()


def with_the_test(stop=lambda: os._exit(0)):
    """Calls `stop` when the test's end of the pipe closes, however it ended."""

    def wait():
        sys.stdin.buffer.read()
        stop()

    threading.Thread(target=wait, daemon=True).start()
