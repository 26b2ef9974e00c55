"""Ends by sys.exit() in the middle of everything, with a code of its own."""

import sys

import ropc
from ends import PASSWORD, client_of, go_on

with client_of(*sys.argv[1:]) as client, ropc.Session.login(client, "ada", PASSWORD) as session:
    with client.request_login("fault:never", PASSWORD).start() as request:
        go_on()
        session.token()
        sys.exit(7)
