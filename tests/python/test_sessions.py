#!/usr/bin/env python3
"""libropc from Python's ctypes: a user who stays signed in. The host keeps the
records itself, and hands the library no function."""

import ctypes
import json
import time
import unittest
from ctypes import POINTER, byref, c_char_p, c_void_p
from pathlib import Path

from case import PASSWORD, Case, standin
from loaded import ropc
from _native import (
    Endpoint, ErrorStruct, Reason, ResponseStruct, SaveFn, SessionInfoStruct, SessionState, Status, TokenHint,
    TokensStruct, TokenStruct,
)  # fmt: skip

LONG_MS, LONG_SECONDS = 60_000, 60


class SessionCase(Case):
    def make_client(self):
        options = self.make_options()
        self.assertEqual(ropc.options_set_api_key(options, b"standin-api-key"), Status.OK)
        site = standin.ports["https"].encode()
        self.assertEqual(ropc.options_set_endpoint(options, Endpoint.IDENTITY, site), Status.OK)
        return super().make_client(options)

    def asked(self, function, *arguments, out=c_void_p, free=None, status=Status.OK, reason=0):
        """Calls a function that has an `out`: what it gave, freed in the end."""
        result, error = out(), POINTER(ErrorStruct)()
        got = getattr(ropc, function)(*arguments, byref(result), byref(error))
        self.addCleanup(ropc.error_free, error)
        self.assertEqual((got, error[0].reason if error else 0), (status, reason), error and error[0].message)
        self.assertEqual(bool(result), status == Status.OK)
        if free and result:
            self.addCleanup(getattr(ropc, free), result)
        return result

    def done(self, function, *arguments, status=Status.OK, reason=0):
        """Calls a function that has none."""
        error = POINTER(ErrorStruct)()
        got = getattr(ropc, function)(*arguments, byref(error))
        self.addCleanup(ropc.error_free, error)
        self.assertEqual((got, error[0].reason if error else 0), (status, reason), error and error[0].message)

    def make_store(self, path=None):
        if path:
            return self.asked("store_file", str(path).encode(), free="store_free")
        return self.asked("store_host", SaveFn(), None, free="store_free")

    def sign_in(self, client, store=None, user="ada", key=None):
        texts = [user.encode(), PASSWORD.encode(), store, key]
        return self.asked("session_login", client, *texts, free="session_free")

    def token(self, session, **wanted):
        token = self.asked("session_token", session, 0, LONG_MS, out=POINTER(TokenStruct), free="token_free", **wanted)
        if not token:
            return None
        self.assertEqual(len(token[0].access_token), token[0].length)
        return token[0].access_token

    def status(self, session):
        return self.asked("session_status", session, out=POINTER(SessionInfoStruct), free="session_info_free")[0]

    def call(self, session, method, path, headers=(), body=None, **wanted):
        """Status, body and the response of an API call."""
        names, values = ((c_char_p * len(headers))(*some) for some in (zip(*headers) if headers else ((), ())))
        call = [method, path if b":" in path else standin.ports["https"].encode() + path, names, values, len(headers)]
        call += [body, len(body or b"")]
        wanted |= {"out": POINTER(ResponseStruct), "free": "response_free"}
        response = self.asked("session_call", session, *call, **wanted)
        if not response:
            return None, None, None
        return response[0].http_status, ctypes.string_at(response[0].body, response[0].body_len), response

    def expire(self, session):
        token = self.token(session)
        standin.ask("expire_access")
        self.assertEqual(ropc.session_expire(session, token), Status.OK)
        return token

    def take_pending(self, session):
        """The record that is to be saved, as text."""
        record, error = c_void_p(), POINTER(ErrorStruct)()
        self.assertEqual(ropc.session_pending(session, byref(record), byref(error)), Status.OK)
        text = ctypes.string_at(record) if record else None
        ropc.string_free(record)
        return text


class Session(SessionCase):
    def test_hands_out_a_token_while_it_is_good(self):
        session = self.sign_in(self.make_client())
        token = self.token(session)
        polled = self.asked("session_poll", session, 0, out=POINTER(TokenStruct), free="token_free")
        self.assertEqual(polled[0].access_token, token)
        self.assertAlmostEqual(polled[0].expires_at, time.time() + 900, delta=60)

    def test_refreshes_beside_the_program(self):
        session = self.sign_in(self.make_client())
        before = standin.ask("counts")["grants"]["refreshed"]
        old = self.expire(session)
        token, error, end = POINTER(TokenStruct)(), POINTER(ErrorStruct)(), time.monotonic() + LONG_SECONDS
        while (status := ropc.session_poll(session, 0, byref(token), byref(error))) == Status.PENDING:
            self.assertEqual((bool(token), bool(error)), (False, False))
            self.assertLess(time.monotonic(), end)
            time.sleep(0.001)
        self.addCleanup(ropc.token_free, token)
        self.assertEqual(status, Status.OK)
        self.assertNotEqual(token[0].access_token, old)
        self.assertEqual(standin.ask("counts")["grants"]["refreshed"], before + 1)

    def test_tells_how_it_is(self):
        session = self.sign_in(self.make_client(), key=b"me")
        info = self.status(session)
        self.assertEqual((info.state, info.refreshing, info.user_key), (SessionState.SIGNED_IN, 0, b"me"))
        self.assertEqual(info.scope, b"openid")
        self.assertEqual(info.expires_at - info.received_at, 900)
        self.assertEqual((info.last_status, info.last_reason, info.last_message), (Status.OK, 0, None))

    def test_calls_an_api(self):
        session = self.sign_in(self.make_client())
        status, body, response = self.call(session, b"PUT", b"/api/echo?x=1", [(b"X-Trace", b"17")], b"a\0b")
        self.assertEqual(status, 200)
        echoed = json.loads(body)
        self.assertEqual((echoed["method"], echoed["target"], echoed["user"]), ("PUT", "/api/echo?x=1", "ada"))
        self.assertEqual(echoed["body"], "a\0b")
        self.assertIn("17", [value for name, value in echoed["headers"] if name.lower() == "x-trace"])
        self.assertEqual(ropc.response_header(response, b"content-TYPE"), response[0].content_type)
        standin.ask("expire_access")
        self.assertEqual(self.call(session, b"GET", b"/api/echo")[0], 200)
        self.call(session, b"GET", b"https://api.example/", status=Status.ARG, reason=Reason.ORIGIN_NOT_ALLOWED)

    def test_signs_out(self):
        client = self.make_client()
        session, other = self.sign_in(client), self.sign_in(client)
        before = standin.ask("counts")["grants"]
        self.done("session_sign_out", session)
        request = self.asked("request_session_sign_out", other, free="request_free")
        self.assertEqual(ropc.request_start(request, None), Status.OK)
        self.assertEqual(ropc.request_wait(request, LONG_MS), Status.OK)
        self.done("request_take_done", request)
        for one in (session, other):
            self.token(one, status=Status.SIGNED_OUT, reason=Reason.SIGNED_OUT)
            self.assertEqual(self.status(one).state, SessionState.SIGNED_OUT)
        after = standin.ask("counts")["grants"]
        self.assertEqual(after["revoked"], before["revoked"] + 2)
        self.assertEqual(after["invalidated"], before["invalidated"] + 2)


class Restart(SessionCase):
    def test_resumes_from_a_file(self):
        client, path = self.make_client(), Path(standin.path, "python-tokens")
        session = self.sign_in(client, self.make_store(path))
        token = self.token(session)
        again = self.asked("session_resume", client, self.make_store(path), b"ada", free="session_free")
        self.assertEqual(self.token(again), token)
        self.done("session_sign_out", again)
        self.asked("session_resume", client, self.make_store(path), b"ada", status=Status.SIGNED_OUT,
                   reason=Reason.NOTHING_STORED)  # fmt: skip

    def test_is_saved_by_pull(self):
        client, store = self.make_client(), self.make_store()
        session = self.sign_in(client, store)
        self.token(session, status=Status.SAVE_FIRST)
        self.assertEqual(ropc.session_saved(session, 1), Status.STATE)
        record = self.take_pending(session)
        self.assertEqual(ropc.session_saved(session, 0), Status.OK)
        self.token(session, status=Status.SAVE_FIRST)
        info = self.status(session)
        self.assertEqual((info.state, info.last_status), (SessionState.SAVE_FIRST, Status.STORE))
        self.assertEqual(info.last_reason, Reason.SAVE_FAILED)
        self.assertEqual(self.take_pending(session), record)
        self.assertEqual(ropc.session_saved(session, 1), Status.OK)
        token = self.token(session)
        self.assertIsNone(self.take_pending(session))

        # The next start of the program.
        store = self.make_store()
        self.done("store_give", store, b"ada", record)
        again = self.asked("session_resume", client, store, b"ada", free="session_free")
        self.assertEqual(self.token(again), token)
        self.expire(again)
        self.token(again, status=Status.SAVE_FIRST)
        newer = self.take_pending(again)
        self.assertNotEqual(newer, record)
        self.assertEqual(ropc.session_saved(again, 1), Status.OK)
        self.assertNotEqual(self.token(again), token)


class OneShot(SessionCase):
    def test_refresh_and_revoke(self):
        client = self.make_client()
        _, tokens, _ = self.login(client, "ada")
        newer = self.asked("refresh", client, tokens[0].refresh_token, out=POINTER(TokensStruct), free="tokens_free")
        self.assertNotEqual(newer[0].refresh_token, tokens[0].refresh_token)
        self.done("revoke", client, newer[0].refresh_token, TokenHint.REFRESH)
        result, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
        status = ropc.refresh(client, newer[0].refresh_token, byref(result), byref(error))
        self.addCleanup(ropc.error_free, error)
        self.assertEqual((status, bool(result)), (Status.REFUSED, False))

    def test_who_it_is(self):
        client = self.make_client()
        _, tokens, _ = self.login(client, "ada")
        for function, *more in (("userinfo",), ("profile", b"Uid,FirstName")):
            text = self.asked(function, client, tokens[0].access_token, *more, free="string_free")
            self.assertIn(b"ada", ctypes.string_at(text))


if __name__ == "__main__":
    unittest.main()
