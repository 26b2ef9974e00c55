"""Ends by an exception that nobody catches."""

import sys

from ends import client_of

client_of(*sys.argv[1:]).login("ada", "canary-" + "9c40-not-the-password")
