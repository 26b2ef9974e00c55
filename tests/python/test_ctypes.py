#!/usr/bin/env python3
"""libropc from Python's ctypes: what a host without a C compiler sees of calls
that block.

    python3 -m unittest discover -s tests/python
"""

import ctypes
import json
import resource
import sys
import threading
import time
import unittest
from ctypes import POINTER, byref, c_char_p, c_int32, c_void_p

from case import PASSWORD, WRONG, Case, standin
from loaded import ROOT, ropc
from _native import (
    ABI, ErrorStruct, Limit, LogFn, LogLevel, Reason, ResponseStruct, SessionInfoStruct, Stage, Status, TokenKind,
    TokensStruct, TokenStruct,
)


class Library(Case):
    def test_serves_this_interface_and_no_newer_one(self):
        self.assertEqual(ropc.abi_check(ABI), Status.OK)
        self.assertEqual(ropc.abi_check(ABI + 1), Status.UNSUPPORTED)
        self.assertEqual(ropc.abi_check(0), Status.UNSUPPORTED)

    def test_declares_every_function_there_is(self):
        lines = (ROOT / "tests/symbols.txt").read_text(encoding="utf-8").splitlines()
        listed = {line.split()[0] for line in lines if line.endswith(" function")}
        self.assertEqual({f"ropc_{name}" for name in vars(ropc)}, listed)

    def test_declares_every_struct_as_it_is(self):
        lines = (ROOT / "tests/symbols.txt").read_text(encoding="utf-8").splitlines()
        listed = dict(line.split(maxsplit=2)[::2] for line in lines if " bytes" in line)
        structs = {"error": ErrorStruct, "tokens": TokensStruct, "token": TokenStruct}
        structs |= {"response": ResponseStruct, "session_info": SessionInfoStruct}
        declared = {}
        for name, struct in structs.items():
            declared[f"ropc_{name}"] = f"{ctypes.sizeof(struct)} bytes"
            for field, _ in struct._fields_:
                place = getattr(struct, field)
                declared[f"ropc_{name}.{field}"] = f"{place.size} bytes at {place.offset}"
        self.assertEqual(declared, listed)

    def test_names_its_numbers(self):
        self.assertEqual(ropc.status_name(Status.REFUSED), b"ROPC_E_REFUSED")
        self.assertEqual(ropc.reason_name(Reason.LOCKED), b"ROPC_REASON_LOCKED")
        self.assertEqual(ropc.status_name(-1), b"ROPC_UNKNOWN_STATUS")
        self.assertEqual(ropc.reason_name(12345), b"ROPC_UNKNOWN_REASON")

    def test_wipes_a_buffer_and_only_it(self):
        buffer = bytearray(b"[" + WRONG.encode() + b"]")
        inside = (ctypes.c_char * len(WRONG)).from_buffer(buffer, 1)
        ropc.wipe(inside, len(WRONG))
        self.assertEqual(bytes(buffer), b"[" + bytes(len(WRONG)) + b"]")


class Login(Case):
    def test_hands_out_tokens(self):
        status, tokens, _ = self.login(self.make_client(), "ada")
        self.assertEqual(status, Status.OK)
        got = tokens[0]
        self.assertEqual(got.token_type, b"Bearer")
        self.assertEqual(got.scope, b"openid")
        self.assertEqual(got.access_token.count(b"."), 2)
        self.assertTrue(got.refresh_token)
        self.assertAlmostEqual(got.expires_at, time.time() + 900, delta=60)
        self.assertAlmostEqual(got.received_at, time.time(), delta=60)
        self.assertAlmostEqual(got.server_date_at, time.time(), delta=60)
        self.assertEqual(ropc.tokens_extra(tokens, b"expires_in"), None)
        self.assertEqual(ropc.tokens_extra(tokens, b"no_such_member"), None)

    def test_decodes_claims(self):
        _, tokens, _ = self.login(self.make_client(), "ada")
        status, _, claims = self.claims(tokens, TokenKind.ID)
        self.assertEqual((status, claims["email"]), (Status.OK, "ada@standin.test"))
        status, _, claims = self.claims(tokens, TokenKind.ACCESS)
        self.assertEqual((status, claims["cid"]), (Status.OK, "demo-client"))
        self.assertEqual(self.claims(tokens, 3), (Status.ARG, Reason.ARGUMENT, None))

    def test_says_that_an_opaque_token_has_no_claims(self):
        _, tokens, _ = self.login(self.make_client(), "variant:big_token")
        self.assertEqual(self.claims(tokens, TokenKind.ACCESS), (Status.UNSUPPORTED, Reason.NOT_A_JWT, None))

    def test_takes_a_password_that_python_can_wipe(self):
        user, password = "bøb".encode(), bytearray('p&s=w+r%d é€"\\'.encode())
        secret = (ctypes.c_char * len(password)).from_buffer(password)
        tokens, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
        client = self.make_client()
        standin.ask("requests")
        status = ropc.login_n(client, user, len(user), secret, len(password), byref(tokens), byref(error))
        self.addCleanup(ropc.tokens_free, tokens)
        self.assertEqual(status, Status.OK, error and error[0].message)
        sent = json.loads(standin.ask("requests")[0]["body"])
        self.assertEqual((sent["username"], sent["password"]), ("bøb", password.decode()))

    def test_grant_adds_members(self):
        members = {"username": "captcha", "password": PASSWORD, "g-recaptcha-response": "human"}
        names = (c_char_p * 3)(*(name.encode() for name in members))
        values = (c_char_p * 3)(*(value.encode() for value in members.values()))
        tokens, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
        status = ropc.grant(self.make_client(), b"password", names, values, 3, byref(tokens), byref(error))
        self.addCleanup(ropc.tokens_free, tokens)
        self.assertEqual(status, Status.OK, error and error[0].message)
        self.assertTrue(tokens[0].access_token)

    def test_results_outlive_client_and_options(self):
        options, client = c_void_p(), c_void_p()
        site = standin.ports["http"].encode()
        self.assertEqual(ropc.options_loginradius(site, b"demo", b"demo-client", byref(options), None), Status.OK)
        self.assertEqual(ropc.client_new(options, byref(client), None), Status.OK)
        ropc.options_free(options)
        _, tokens, _ = self.login(client, "ada")
        _, _, error = self.login(client, "locked")
        ropc.client_free(client)
        self.assertEqual(tokens[0].token_type, b"Bearer")
        self.assertIn(b"locked the account", error[0].message)

    def test_says_which_proxy(self):
        options, proxy, error = self.make_options(), c_void_p(), POINTER(ErrorStruct)()
        self.assertEqual(ropc.options_set_proxy(options, b"http://user:hidden@proxy.example:3128"), Status.OK)
        client = self.make_client(options)
        self.assertEqual(ropc.client_proxy(client, byref(proxy), byref(error)), Status.OK)
        self.addCleanup(ropc.string_free, proxy)
        self.assertEqual((proxy and ctypes.string_at(proxy), bool(error)), (b"proxy.example:3128", False))

    def test_lets_other_threads_run_and_share_a_client(self):
        client, found = self.make_client(), []

        def sign_in():
            tokens = POINTER(TokensStruct)()
            status = ropc.login(client, b"ada", PASSWORD.encode(), byref(tokens), None)
            found.append((status, bool(tokens) and tokens[0].token_type))
            ropc.tokens_free(tokens)

        threads = [threading.Thread(target=sign_in) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [(Status.OK, b"Bearer")] * 8)


class Refusal(Case):
    def test_wrong_password(self):
        error = self.refused("ada", WRONG)[0]
        self.assertEqual(error.status, Status.REFUSED)
        self.assertEqual(error.reason, Reason.WRONG_CREDENTIALS)
        self.assertEqual((error.stage, error.http_status, error.provider_code), (Stage.ANSWER, 401, 966))
        self.assertEqual((error.request_sent, error.retryable), (1, 0))
        self.assertEqual(error.provider_message, b"The username or password is incorrect")
        self.assertEqual((error.oauth_error, error.oauth_description), (None, None))
        self.assertIn(ropc.reason_advice(error.reason), error.message)
        texts = [value for name, _ in ErrorStruct._fields_ if isinstance(value := getattr(error, name), bytes)]
        self.assertNotIn(WRONG.encode(), b"|".join(texts))

    def test_locked_until(self):
        error = self.refused("locked")[0]
        self.assertEqual(error.reason, Reason.LOCKED)
        self.assertAlmostEqual(error.locked_until_at, time.time() + 600, delta=60)
        self.assertAlmostEqual(error.server_date_at, time.time(), delta=60)

    def test_second_factor_token_is_in_the_error(self):
        error = self.refused("mfa-native")
        self.assertEqual(error[0].reason, Reason.SECOND_FACTOR)
        member = json.loads(ropc.error_extra(error, b"SecondFactorAuthentication"))
        self.assertTrue(member["SecondFactorAuthenticationToken"])
        self.assertEqual(ropc.error_extra(error, b"no_such_member"), None)

    def test_certificate_of_nobody_one_trusts(self):
        options = self.make_options(f"https://localhost:{standin.ports['traps']['unknown_ca']}")
        status, _, error = self.login(self.make_client(options), "ada")
        self.assertEqual((status, error[0].reason), (Status.TLS, Reason.TLS_UNKNOWN_ISSUER))
        self.assertEqual((error[0].request_sent, error[0].http_status), (0, 0))

    def test_setter_is_named_by_client_new(self):
        options, client, error = self.make_options(), c_void_p(), POINTER(ErrorStruct)()
        self.assertEqual(ropc.options_set_timeouts(options, 0, 0), Status.ARG)
        self.assertEqual(ropc.client_new(options, byref(client), byref(error)), Status.ARG)
        self.addCleanup(ropc.error_free, error)
        self.assertIn(b"ropc_options_set_timeouts", error[0].message)
        self.assertFalse(client)


class Memory(Case):
    @staticmethod
    def peak_mib():
        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

    def test_no_server_takes_more_than_a_small_multiple_of_the_limit(self):
        self.login(self.make_client(), "ada")
        before = self.peak_mib()
        for user in ("variant:huge", "variant:deep", "fault:flood_body", "fault:flood_chunked", "fault:flood_headers"):
            status, _, _ = self.login(self.make_client(), user)
            self.assertEqual(status, Status.ANSWER, user)
        self.assertLess(self.peak_mib() - before, 16)
        # The same with room for 50 MB shows that it would have been seen.
        options = self.make_options()
        self.assertEqual(ropc.options_set_limit(options, Limit.ANSWER_BYTES, 64 << 20), Status.OK)
        self.login(self.make_client(options), "variant:huge")
        self.assertGreater(self.peak_mib() - before, 40)


class Nulls(Case):
    def test_null_is_refused_with_an_error(self):
        client = self.make_client()
        standin.ask("requests")
        for arguments in ((None, b"ada", b"x"), (client, None, b"x"), (client, b"ada", None)):
            tokens, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
            self.assertEqual(ropc.login(*arguments, byref(tokens), byref(error)), Status.ARG, arguments)
            self.assertEqual((error[0].reason, error[0].stage), (Reason.ARGUMENT, Stage.SETUP))
            self.assertFalse(tokens)
            ropc.error_free(error)
        self.assertEqual(ropc.login(client, b"ada", PASSWORD.encode(), None, None), Status.ARG)
        self.assertEqual(standin.ask("requests"), [], "something was sent")

    def test_null_is_freed_and_has_no_members(self):
        for name in vars(ropc):
            if name.endswith("_free"):
                getattr(ropc, name)(None)
        ropc.wipe(None, 8)
        self.assertEqual(ropc.tokens_extra(None, b"name"), None)
        self.assertEqual(ropc.error_extra(None, b"name"), None)

    def test_an_error_that_nobody_wants_is_not_made(self):
        tokens = POINTER(TokensStruct)()
        self.assertEqual(ropc.login(self.make_client(), b"ada", WRONG.encode(), byref(tokens), None), Status.REFUSED)
        self.assertFalse(tokens)


class Log(Case):
    def drain(self, client):
        lines, level, line = [], c_int32(), c_void_p()
        while ropc.client_next_log(client, byref(level), byref(line)) == Status.OK and line:
            self.assertIn(level.value, range(LogLevel.ERROR, LogLevel.DEBUG + 1))
            lines.append(ctypes.string_at(line).decode())
            ropc.string_free(line)
        return lines

    def test_is_pulled(self):
        options = self.make_options()
        self.assertEqual(ropc.options_set_log(options, LogLevel.DEBUG, LogFn(), None), Status.OK)
        client = self.make_client(options)
        self.assertEqual(self.drain(client), [])
        self.login(client, "ada", WRONG)
        lines = self.drain(client)
        self.assertTrue(any("/api/oidc/demo/token" in line for line in lines), lines)
        self.assertNotIn(WRONG, "\n".join(lines))
        self.assertEqual(self.drain(client), [], "a line came twice")

    def test_is_called_on_the_calling_thread(self):
        calls = []
        told = LogFn(lambda user, level, line: calls.append((user, level, line, threading.get_ident())))
        options = self.make_options()
        self.assertEqual(ropc.options_set_log(options, LogLevel.DEBUG, told, 42), Status.OK)
        self.login(self.make_client(options), "ada")
        self.assertTrue(calls)
        self.assertEqual({(user, thread) for user, _, _, thread in calls}, {(42, threading.get_ident())})
        self.assertTrue(all(1 <= level <= LogLevel.DEBUG for _, level, _, _ in calls), calls)

    def test_is_off_by_default(self):
        client = self.make_client()
        self.login(client, "ada", WRONG)
        self.assertEqual(self.drain(client), [])


if __name__ == "__main__":
    unittest.main()
