"""One row of scan.py: an operation, as a call or as a request, with every
outcome that scan_rows.py has for it."""

import re
import time

from scan_driver import LONG
from scan_forms import middle
from scan_rows import AT_PROXY, CALLS, LIVE_FORMS, OPERATIONS, REQUESTS, SECRETS

# At so many moments of an operation the clock fails it; the first of all rows
# is stopped at each.
PANICS = 4


class Dumped(Exception):
    """The process ended with its core dump."""


def names_in(texts, known):
    """The secrets that stand in these texts, in braces."""
    return [name for text in texts for name in re.findall("{(.*?)}", text) if name in known]


def plain(names):
    """As they were given."""
    return [f"{name}, plain" for name in names]


class Row:
    """The row, in one process; or up to the step `core_at`, at which a core
    dump is looked at."""

    def __init__(self, driver, pki, server, proxy, dead, operation, mode, core_at=None):
        self.driver, self.pki, self.server, self.proxy = driver, pki, server, proxy
        self.operation, self.mode, self.dead = operation, mode, dead
        self.moments, self.core_at = 0, core_at
        driver.wanted.add("line of the client's key", pki.key_line)
        driver.wanted.add("number of the client's key", pki.key_number)

    def look(self, step, at_once=()):
        """After each step of a life."""
        step = f"{self.outcome}, {step}"
        self.driver.look(step, at_once)
        if step == self.core_at:
            self.driver.look_at_core(step)
            raise Dumped

    def run(self):
        try:
            self.run_all()
        except Dumped:
            pass

    def run_all(self):
        outcomes = CALLS if self.mode == "call" else REQUESTS
        for outcome, (manner, ends) in outcomes.items():
            if self.operation.left_out(outcome):
                continue
            if outcome != "panic":
                self.live(outcome, manner, ends)
                continue
            step = 1 if self.operation is OPERATIONS[0] else max(1, self.moments // PANICS)
            for moment in range(1, self.moments + 1, step):
                self.live(f"panic at look {moment} of {self.moments} at the clock", manner, ends, moment)

    def live(self, outcome, manner, ends, moment=0):
        """A client from its settings to its end, and in between the operation
        with this outcome; looks after each step."""
        driver, operation = self.driver, self.operation
        self.outcome, self.unstarted = outcome, []
        self.make_secrets()
        self.server.behave("success" if operation.at_proxy else manner, **self.members)
        self.proxy.behave(manner if operation.at_proxy else "success")
        self.make_client({"timed out": 400}.get(outcome, 3000 if moment else LONG * 1000))
        self.gives = [f"give {self.filled(text)}" for text in operation.gives]
        self.given = names_in(operation.gives, self.secrets)
        told = self.called(moment) if self.mode == "call" else self.requested(moment)
        driver.must("fail_clock 0")
        self.judge(told, AT_PROXY.get(outcome, ends) if operation.at_proxy else ends)

        result = plain(operation.held() if told and told.status == "OK" else [])
        place = driver.kept if operation.result_is_kept else driver.shown
        place.update(result)
        driver.kept.update(plain(self.unstarted))
        # To free a request that runs does not wait for its end.
        self.look("result", at_once=[] if outcome == "freed" else [*self.given, "client secret", "API key"])
        driver.kept.subtract(plain(self.unstarted))
        driver.must("free result", "free session")
        place.subtract(result)
        self.look("result freed")
        driver.must("free client", "free options", "shutdown")
        driver.kept.clear()
        driver.shown.clear()
        self.look("all freed")

    def make_secrets(self):
        """New ones, and where everything is."""
        origin = self.server.origin()
        if self.outcome == "wrong host":
            origin = origin.replace("localhost", "127.0.0.1")
        elif self.outcome == "nobody there":
            origin = f"https://localhost:{self.dead}"
        self.secrets = {name: make() for name, make in SECRETS.items()}
        if self.operation.call == "verify":
            now = int(time.time())
            claims = {"iss": origin, "aud": "demo-client", "sub": "ada", "iat": now, "exp": now + 300, "jti": middle()}
            self.secrets["ID token"] = self.pki.jwt(claims)
        for name, secret in self.secrets.items():
            self.driver.wanted.add(name, secret)
        self.members = {member: self.secrets[name] for member, name in self.operation.gets.items()}
        proxy = self.proxy.url(self.secrets["proxy password"])
        cert = f"{self.pki.folder}/scan-client.pem {self.pki.folder}/scan-client.key"
        self.places = {"origin": origin, "proxy": proxy, "cert": cert, **self.secrets}

    def filled(self, text):
        return re.sub("{(.*?)}", lambda name: self.places[name[1]], text)

    def make_client(self, limit):
        """Settings, and a client of them; discovery wants the settings only."""
        driver, settings = self.driver, self.operation.settings
        names = names_in(settings, self.secrets)
        through_proxy = any("{proxy}" in line for line in settings)
        names += ["proxy password"] if through_proxy else []
        driver.must(*(self.filled(line) for line in settings), f"ca {self.pki.ca}", "log", f"limit {limit}")
        if not through_proxy:
            driver.must("proxy ")
        driver.kept.update(f"{name}, {LIVE_FORMS.get(name, 'plain')}" for name in names)
        if any("{cert}" in line for line in settings):
            # As TLS uses it; what it was read from is gone.
            driver.shown["number of the client's key, plain"] = 1
        self.look("options")
        if self.operation.call != "discover":
            driver.must("client", "free options")
            self.look("client")

    def judge(self, told, ends):
        """Notes an end that is not as wanted."""
        if ends is None or (told.http if isinstance(ends, int) else told.status) == ends:
            if self.outcome == "success":
                self.moments = told.clocks
            return
        # Another thread's moment has its own end, as has one that comes after
        # the operation.
        if self.outcome.startswith("panic") and told.status in ("OK", "E_BUG", "E_RESOLVE"):
            return
        self.driver.problems.append(f"{self.outcome}: ended {told}, wanted {ends}")

    def called(self, moment):
        """How the call ended."""
        driver, call = self.driver, self.operation.call
        driver.must(*self.gives, f"fail_clock {moment}")
        if self.outcome != "stopped":
            return driver.do(f"call {call}")
        driver.send(f"call_and_stop {call}")
        self.wait_for_request()
        driver.send("stop")
        return driver.ended()

    def requested(self, moment):
        """How the request ended; None when it was freed before."""
        driver, outcome = self.driver, self.outcome
        if outcome == "cancelled in the queue":
            driver.must(f"occupy {self.server.origin()} {self.pki.ca}")
        driver.must(*self.gives, f"prepare {self.operation.call}")
        driver.kept.update(plain(self.given))
        self.look("prepared")
        driver.kept.subtract(plain(self.given))
        driver.must(f"fail_clock {moment}")
        if outcome == "freed unstarted":
            driver.must("free request")
            return None
        if outcome == "cancelled before":
            return driver.do("cancel", "take")
        told = driver.do("start")
        if told.status != "OK":
            # Only a panic may do that; the request is as it was.
            self.unstarted = self.given
            return told
        if outcome in ("cancelled", "shut down", "freed"):
            self.wait_for_request()
            driver.must({"cancelled": "cancel", "shut down": "shutdown", "freed": "free request"}[outcome])
            return None if outcome == "freed" else driver.do("take")
        if outcome != "cancelled in the queue":
            return driver.do("take")
        told = driver.do("cancel", "take")
        driver.must("free aside", "workers 8")
        return told

    def wait_for_request(self):
        at = self.proxy if self.operation.at_proxy else self.server
        if not at.asked.wait(LONG):
            self.driver.problems.append(f"nothing was sent in {LONG} s")
