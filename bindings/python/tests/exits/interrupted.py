"""Ctrl-C in a call that blocks, once for each way to wait."""

import sys

import ropc
from ends import PASSWORD, client_of, go_on, interrupted

client = client_of(*sys.argv[1:])
request = client.request_login("fault:never", PASSWORD).start()
go_on()
interrupted(lambda: client.login("fault:never", PASSWORD))
interrupted(request.wait)
interrupted(request.result)
assert request.poll() is ropc.Status.PENDING
