#!/usr/bin/env python3
"""libropc from Python's ctypes: requests that run beside the program, and what
stops them."""

import ctypes
import subprocess
import sys
import threading
import time
import unittest
from ctypes import POINTER, byref, c_char_p, c_void_p
from pathlib import Path

from case import PASSWORD, WRONG, Case, standin
from loaded import ropc
from _native import ErrorStruct, LogFn, LogLevel, Reason, Stage, Status, TokensStruct

# Longer than anything here takes; who waits so long has hung.
LONG_MS, LONG_SECONDS = 60_000, 60

# A program that ends while the server has its request. The time limit of its
# request is 30 seconds.
CHILD = """
import sys
from ctypes import byref, c_void_p
from loaded import ropc
from _native import Status
site, ca, shutdown = sys.argv[1:]
options, client, request = c_void_p(), c_void_p(), c_void_p()
assert ropc.options_loginradius(site.encode(), b"demo", b"demo-client", byref(options), None) == Status.OK
pem = open(ca, "rb").read()
ropc.options_set_ca_pem(options, pem, len(pem))
assert ropc.client_new(options, byref(client), None) == Status.OK
assert ropc.request_login(client, b"fault:never", b"correct horse", byref(request), None) == Status.OK
assert ropc.request_start(request, None) == Status.OK
sys.stdin.readline()
assert ropc.request_poll(request) == Status.PENDING
if shutdown:
    print(ropc.shutdown(20_000), ropc.request_poll(request))
"""


class RequestCase(Case):
    def request(self, client, user="ada", password=PASSWORD):
        """A login, prepared."""
        request = c_void_p()
        status = ropc.request_login(client, user.encode(), password.encode(), byref(request), None)
        self.assertEqual(status, Status.OK)
        self.addCleanup(ropc.request_free, request)
        return request

    def start(self, request):
        self.assertEqual(ropc.request_start(request, None), Status.OK)
        return request

    def start_and_let_arrive(self, client):
        """A login that the server has, and does not answer."""
        standin.ask("requests")
        request = self.start(self.request(client, "fault:never"))
        self.let_arrive()
        return request

    def let_arrive(self):
        """Until the server has a request."""
        end = time.monotonic() + LONG_SECONDS
        while not standin.ask("requests"):
            self.assertLess(time.monotonic(), end, "the request never arrived")

    def take(self, request):
        """The status, and tokens and error, of which one at most is there."""
        tokens, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
        status = ropc.request_take_tokens(request, byref(tokens), byref(error))
        self.addCleanup(ropc.tokens_free, tokens)
        self.addCleanup(ropc.error_free, error)
        self.assertEqual((bool(tokens), bool(error)), (status == Status.OK, status not in (Status.OK, Status.PENDING)))
        return status, tokens, error

    def assert_takes_tokens(self, request):
        status, tokens, _ = self.take(request)
        self.assertEqual((status, tokens and tokens[0].token_type), (Status.OK, b"Bearer"))

    def assert_cancelled(self, request):
        self.assertEqual(ropc.request_wait(request, LONG_MS), Status.CANCELLED)
        status, _, error = self.take(request)
        self.assertEqual((status, error[0].reason), (Status.CANCELLED, Reason.CANCELLED))
        self.assertEqual((error[0].stage, error[0].request_sent), (Stage.RECEIVE, 1))


class Request(RequestCase):
    def test_is_polled_until_it_has_ended(self):
        request = self.request(self.make_client(), "fault:delay_300")
        self.assertEqual(ropc.request_poll(request), Status.STATE)
        self.start(request)
        self.assertEqual(ropc.request_poll(request), Status.PENDING)
        self.assertEqual(self.take(request)[0], Status.PENDING)
        turns, end = 0, time.monotonic() + LONG_SECONDS
        while ropc.request_poll(request) == Status.PENDING:
            self.assertLess(time.monotonic(), end)
            turns += 1
        self.assertGreater(turns, 100)
        self.assertEqual(ropc.request_poll(request), Status.OK)
        self.assert_takes_tokens(request)
        self.assertEqual(ropc.request_poll(request), Status.OK)
        status, _, error = self.take(request)
        self.assertEqual((status, error[0].reason), (Status.STATE, Reason.STATE))

    def test_is_waited_for_only_so_long(self):
        request = self.start(self.request(self.make_client(), "fault:delay_500"))
        self.assertEqual(ropc.request_wait(request, 0), Status.PENDING)
        self.assertEqual(ropc.request_wait(request, 10), Status.PENDING)
        self.assertEqual(ropc.request_wait(request, LONG_MS), Status.OK)
        self.assert_takes_tokens(request)

    def test_tells_why_there_are_no_tokens(self):
        request = self.start(self.request(self.make_client(), "ada", WRONG))
        self.assertEqual(ropc.request_wait(request, LONG_MS), Status.REFUSED)
        status, _, error = self.take(request)
        self.assertEqual((status, error[0].reason), (Status.REFUSED, Reason.WRONG_CREDENTIALS))
        self.assertNotIn(WRONG.encode(), error[0].message)

    def test_takes_a_password_that_python_can_wipe_at_once(self):
        request, password = c_void_p(), bytearray(PASSWORD.encode())
        secret = (ctypes.c_char * len(password)).from_buffer(password)
        client = self.make_client()
        status = ropc.request_login_n(client, b"ada", 3, secret, len(password), byref(request), None)
        self.addCleanup(ropc.request_free, request)
        self.assertEqual(status, Status.OK)
        ropc.wipe(secret, len(password))
        self.start(request)
        self.assertEqual(ropc.request_wait(request, LONG_MS), Status.OK)

    def test_carries_any_grant(self):
        members = {"username": "captcha", "password": PASSWORD, "g-recaptcha-response": "human"}
        names = (c_char_p * 3)(*(name.encode() for name in members))
        values = (c_char_p * 3)(*(value.encode() for value in members.values()))
        request = c_void_p()
        status = ropc.request_grant(self.make_client(), b"password", names, values, 3, byref(request), None)
        self.addCleanup(ropc.request_free, request)
        self.assertEqual(status, Status.OK)
        self.start(request)
        self.assertEqual(ropc.request_wait(request, LONG_MS), Status.OK)
        self.assert_takes_tokens(request)

    def test_null_is_refused(self):
        request, error = c_void_p(), POINTER(ErrorStruct)()
        self.assertEqual(ropc.request_login(None, b"ada", b"x", byref(request), byref(error)), Status.ARG)
        self.assertEqual((bool(request), error[0].reason), (False, Reason.ARGUMENT))
        ropc.error_free(error)
        for call in (ropc.request_poll, ropc.request_cancel, ropc.client_cancel):
            self.assertEqual(call(None), Status.ARG)
        self.assertEqual(ropc.request_wait(None, LONG_MS), Status.ARG)
        self.assertEqual(ropc.request_start(None, None), Status.ARG)

    def test_how_many_run_at_once_has_bounds(self):
        answers = [ropc.set_workers(most) for most in (0, 65, 64, 8)]
        self.assertEqual(answers, [Status.ARG, Status.ARG, Status.OK, Status.OK])

    def test_log_comes_on_the_thread_that_waits(self):
        calls = []
        told = LogFn(lambda _user, _level, line: calls.append((line, threading.get_ident())))
        options = self.make_options()
        self.assertEqual(ropc.options_set_log(options, LogLevel.DEBUG, told, None), Status.OK)
        request = self.start(self.request(self.make_client(options)))
        end = time.monotonic() + LONG_SECONDS
        while ropc.request_poll(request) == Status.PENDING:
            self.assertLess(time.monotonic(), end)
        self.assertEqual(calls, [], "a poll called the log function")
        self.assertEqual(ropc.request_wait(request, 0), Status.OK)
        self.assertTrue(any(b"/api/oidc/demo/token" in line for line, _ in calls), calls)
        self.assertEqual({thread for _, thread in calls}, {threading.get_ident()})


class Ahead(RequestCase):
    def counted(self):
        counts = standin.ask("counts")
        return counts["connections"], counts["flights"]

    def login_after(self, connect):
        """What connecting and then a login cost: connections and flights."""
        client = self.make_client()
        before = self.counted()
        connect(client)
        between = self.counted()
        self.assertEqual(self.login(client, "ada")[0], Status.OK)
        costs = (before, between), (between, self.counted())
        return [tuple(b - a for a, b in zip(*pair)) for pair in costs]

    def test_login_takes_one_turn_after_a_connect(self):
        def connect(client):
            self.assertEqual(ropc.client_connect(client, None), Status.OK)

        self.assertEqual(self.login_after(connect), [(1, 2), (0, 1)])

    def test_login_takes_one_turn_after_a_connect_beside_it(self):
        def connect(client):
            request = c_void_p()
            self.assertEqual(ropc.request_connect(client, byref(request), None), Status.OK)
            self.addCleanup(ropc.request_free, request)
            self.start(request)
            self.assertEqual(ropc.request_wait(request, LONG_MS), Status.OK)
            # The wrong take loses nothing.
            self.assertEqual(self.take(request)[0], Status.STATE)
            self.assertEqual(ropc.request_take_done(request, None), Status.OK)
            self.assertEqual(ropc.request_take_done(request, None), Status.STATE)

        self.assertEqual(self.login_after(connect), [(1, 2), (0, 1)])


class Stopping(RequestCase):
    def test_cancel_ends_a_request_that_was_sent(self):
        request = self.start_and_let_arrive(self.make_client())
        self.assertEqual(ropc.request_cancel(request), Status.OK)
        self.assert_cancelled(request)

    def test_cancelled_before_the_start_it_never_starts(self):
        request = self.request(self.make_client())
        self.assertEqual(ropc.request_cancel(request), Status.OK)
        self.assertEqual(ropc.request_poll(request), Status.CANCELLED)
        self.assertEqual(ropc.request_start(request, None), Status.STATE)

    def test_a_client_s_calls_are_cancelled_and_no_other_s(self):
        client, found = self.make_client(), []
        standin.ask("requests")
        other = self.start(self.request(self.make_client(), "fault:delay_500"))
        self.let_arrive()
        request = self.start_and_let_arrive(client)

        def sign_in():
            tokens = POINTER(TokensStruct)()
            found.append(ropc.login(client, b"fault:never", PASSWORD.encode(), byref(tokens), None))

        thread = threading.Thread(target=sign_in)
        thread.start()
        self.let_arrive()
        self.assertEqual(ropc.client_cancel(client), Status.OK)
        thread.join(LONG_SECONDS)
        self.assertEqual(found, [Status.CANCELLED])
        self.assert_cancelled(request)
        self.assertEqual(ropc.request_wait(other, LONG_MS), Status.OK)

    def test_shutdown_ends_everything_and_nothing_for_ever(self):
        client = self.make_client()
        request = self.start_and_let_arrive(client)
        self.assertEqual(ropc.shutdown(LONG_MS), 0)
        # The system lists a thread that was joined for a moment longer.
        until = time.monotonic() + LONG_SECONDS
        while threads_of_ropc() and time.monotonic() < until:
            time.sleep(0.001)
        self.assertEqual(threads_of_ropc(), [])
        self.assertEqual(ropc.request_poll(request), Status.CANCELLED)
        self.assert_cancelled(request)
        again = self.start(self.request(client))
        self.assertEqual(ropc.request_wait(again, LONG_MS), Status.OK)
        self.assert_takes_tokens(again)
        self.assertEqual(ropc.shutdown(LONG_MS), 0)

    def end_of_an_interpreter(self, shutdown):
        """What a program that ends with a request under way printed."""
        standin.ask("requests")
        arguments = [standin.ports["https"], str(standin.ca), shutdown]
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, *arguments], cwd=Path(__file__).parent, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.addCleanup(child.kill)
        self.let_arrive()
        began = time.monotonic()
        output, errors = child.communicate("\n", timeout=LONG_SECONDS)
        # It did not wait for the request's own end, after 30 seconds.
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual((child.returncode, errors), (0, ""))
        return output

    def test_an_interpreter_ends_with_a_request_under_way(self):
        self.assertEqual(self.end_of_an_interpreter(""), "")

    def test_an_interpreter_ends_after_a_shutdown(self):
        self.assertEqual(self.end_of_an_interpreter("shutdown"), f"0 {int(Status.CANCELLED)}\n")


def threads_of_ropc():
    """The names of this library's threads, where the system tells them."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return [name for name in names if name.startswith("ropc-")]


if __name__ == "__main__":
    unittest.main()
