"""Ends while a daemon thread is inside a call that blocks."""

import sys
import threading

from ends import PASSWORD, client_of, go_on

client = client_of(*sys.argv[1:])
threading.Thread(target=client.login, args=("fault:never", PASSWORD), daemon=True).start()
go_on()
