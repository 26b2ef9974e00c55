"""What the tests here share: the stand-in server, and what is freed after each
of them."""

import atexit
import ctypes
import json
import os
import sys
import unittest
from ctypes import POINTER, byref, c_void_p

from loaded import ROOT, ropc
from _native import AppKind, ErrorStruct, Status, TokensStruct

sys.path.insert(0, str(ROOT / "tests/c"))

from harness import Standin  # noqa: E402

PASSWORD = "correct horse"
WRONG = "canary-9c40-not-the-password"

for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(name, None)  # Not for loopback.
standin = Standin(ROOT / "build").__enter__()
atexit.register(standin.__exit__)


class Case(unittest.TestCase):
    """Frees what a test made, whatever became of the test."""

    def make_options(self, site=None):
        options, error = c_void_p(), POINTER(ErrorStruct)()
        site = site or standin.ports["https"]
        status = ropc.options_loginradius(site.encode(), b"demo", b"demo-client", byref(options), byref(error))
        self.assertEqual(status, Status.OK, error and error[0].message)
        self.addCleanup(ropc.options_free, options)
        self.assertEqual(ropc.options_set_app_kind(options, AppKind.OIDC), Status.OK)
        pem = standin.ca.read_bytes()
        self.assertEqual(ropc.options_set_ca_pem(options, pem, len(pem)), Status.OK)
        return options

    def make_client(self, options=None):
        client, error = c_void_p(), POINTER(ErrorStruct)()
        status = ropc.client_new(options or self.make_options(), byref(client), byref(error))
        self.assertEqual(status, Status.OK, error and error[0].message)
        self.addCleanup(ropc.client_free, client)
        return client

    def login(self, client, user, password=PASSWORD):
        """The status, and tokens and error, one of which is NULL."""
        tokens, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
        status = ropc.login(client, user.encode(), password.encode(), byref(tokens), byref(error))
        self.addCleanup(ropc.tokens_free, tokens)
        self.addCleanup(ropc.error_free, error)
        self.assertEqual((bool(tokens), bool(error)), (status == Status.OK, status != Status.OK))
        return status, tokens, error

    def refused(self, user, password=PASSWORD):
        status, _, error = self.login(self.make_client(), user, password)
        self.assertEqual(status, Status.REFUSED)
        return error

    def claims(self, tokens, kind):
        """Status and decoded claims."""
        text, error = c_void_p(), POINTER(ErrorStruct)()
        status = ropc.tokens_claims(tokens, kind, byref(text), byref(error))
        claims = json.loads(ctypes.string_at(text)) if text else None
        reason = error[0].reason if error else 0
        ropc.string_free(text)
        ropc.error_free(error)
        return status, reason, claims
