"""Ctrl-C while a session waits for a refresh that hangs."""

import sys

import ropc
from ends import PASSWORD, client_of, go_on, interrupted

session = ropc.Session.login(client_of(*sys.argv[1:]), "ada", PASSWORD)
session.expire(session.token())
session.poll()
go_on()
interrupted(session.token)
interrupted(session.refresh)
