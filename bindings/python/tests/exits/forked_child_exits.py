"""A child of a fork that ends as a program does, with what it got from its parent."""

import os
import sys

import ropc
from ends import PASSWORD, client_of, go_on

client = client_of(*sys.argv[1:])
session = ropc.Session.login(client, "ada", PASSWORD)
request = client.request_login("fault:never", PASSWORD).start()
go_on()
child = os.fork()
if child == 0:
    print(client.login("ada", PASSWORD).token_type, flush=True)
    sys.exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
assert request.poll() is ropc.Status.PENDING
