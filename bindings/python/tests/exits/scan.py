"""Has a password in its memory, then wipes it, for a test that looks."""

import contextlib
import gc
import sys

import ropc
from ends import client_of, go_on

# Not in one piece in this program's constants.
password = bytearray(16)
password[0::2], password[1::2] = b"cnr-50b3", b"aay7d9c1"

client = client_of(*sys.argv[1:])
for user in ("ada", "fault:cut_before"):
    with contextlib.suppress(ropc.Error):
        client.login(user, password)
    with contextlib.suppress(ropc.Error):
        ropc.Session.login(client, user, password)
go_on()
ropc.wipe(password)
gc.collect()
go_on()
