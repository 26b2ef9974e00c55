"""Ends with a session that is refreshing, and its store and client open."""

import pathlib
import sys
from typing import Any

import ropc
from ends import PASSWORD, client_of, go_on

client, store = client_of(*sys.argv[1:]), ropc.FileStore(pathlib.Path(sys.argv[2]).with_name("left"))
session = ropc.Session.login(client, "ada", PASSWORD, store)
session.expire(session.token())
session.poll()
cycle: list[Any] = [client, store, session, client.login("ada", PASSWORD)]
cycle.append(cycle)
go_on()
