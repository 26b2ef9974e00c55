"""Ends with a request that the server has, and everything open."""

import sys

from ends import PASSWORD, client_of, go_on

client = client_of(*sys.argv[1:])
request = client.request_login("fault:never", PASSWORD).start()
go_on()
assert request.poll().name == "PENDING"
