"""What scan.py asks of sessions: each step of one, however it ends, and what of
its tokens is in memory then. The live session has its tokens once each, kept
out of core dumps; a token that was replaced, ended or signed out is nowhere.
"""

from collections import Counter
from dataclasses import dataclass

from scan_driver import LONG
from scan_forms import easy_secret, hard_secret


@dataclass
class Step:
    """Commands, the last of which ends as told, what the server does meanwhile,
    and what must be there then: the session has the tokens of answer number
    `kept`, and the program what `shown` names."""

    label: str
    do: str
    gives: tuple = ()
    manner: str = "success"
    brings: int = 0
    ends: str = "OK"
    kept: int = 0
    shown: tuple = ()
    # More that is kept out of core dumps.
    more: tuple = ()


def tokens(number):
    return tuple(f"{kind} {number}" for kind in ("access", "refresh", "ID"))


def signed_in(number=1):
    return Step("signed in", "call session_login", ("ada", "{password}"), brings=number, kept=number)


def signed_out(manner="success", ends="OK"):
    return Step(f"signed out, {manner}", "call session_sign_out", manner=manner, ends=ends)


CALL = ("{origin}/api/any", "{header}", "{body}")
FREED = Step("session freed", "free session")

# Stores, and what is done with each of them.
LIVES = {
    "a long life": (["none", "file", "saving"], [
        signed_in(),
        Step("token held", "call session_token", kept=1, shown=("access 1",)),
        Step("token freed", "free result", kept=1),
        Step("polled", "call session_poll", kept=1, shown=("access 1",)),
        Step("token freed again", "free result", kept=1),
        Step("refreshed", "call session_refresh", brings=2, kept=2),
        Step("refresh refused", "call session_refresh", manner="refused", ends="E_CLIENT", kept=2),
        Step("refresh echoed", "call session_refresh", manner="echoed", ends="E_CLIENT", kept=2),
        Step("refresh cut", "call session_refresh", manner="cut", ends="E_UNCLEAR", kept=2),
        Step("refresh timed out", "call session_refresh", manner="silent", ends="E_UNCLEAR", kept=2),
        Step("refresh halved", "call session_refresh", manner="halved", brings=3, ends="E_UNCLEAR", kept=2),
        Step("refresh garbled", "call session_refresh", manner="garbled", brings=4, ends="E_UNCLEAR", kept=2),
        Step("waiting cancelled", "call_and_stop session_refresh", manner="silent", ends="E_CANCELLED", kept=2),
        Step("refreshed by force", "call session_refresh", brings=5, kept=5),
        Step("expired", "call session_expire", ("{access 5}",), kept=5),
        Step("refreshed since", "call session_token", brings=6, kept=6, shown=("access 6",)),
        Step("token freed once more", "free result", kept=6),
        signed_out(),
        Step("no token", "call session_token", ends="E_SIGNED_OUT"),
        FREED,
    ]),
    "API calls": (["none"], [
        signed_in(),
        Step("answered", "call session_call", CALL, kept=1),
        Step("refused", "call session_call", CALL, manner="refused", kept=1),
        # The answer is the program's own until it is freed.
        Step("echoed", "call session_call", CALL, manner="echoed", kept=1, shown=("access 1",) * 4 + ("body",)),
        Step("answer freed", "free result", kept=1),
        Step("cut", "call session_call", CALL, manner="cut", ends="E_IO", kept=1),
        Step("timed out", "call session_call", CALL, manner="silent", ends="E_TIMEOUT", kept=1),
        Step("stopped", "call_and_stop session_call", CALL, manner="silent", ends="E_CANCELLED", kept=1),
        Step("prepared", "prepare session_call", CALL, kept=1, more=("header",), shown=("body",)),
        Step("freed unstarted", "free result", kept=1),
        Step("requested", "prepare session_call,start,take", CALL, kept=1),
        Step("result freed", "free result", kept=1),
        Step("request cancelled", "prepare session_call,start,cancel,take", CALL, "silent", ends="E_CANCELLED", kept=1),
    ]),
    "ended by the server": (["none", "file", "saving"], [
        signed_in(),
        Step("refresh token ended", "call session_refresh", manner="ended", ends="E_SIGNED_OUT"),
        Step("no token", "call session_token", ends="E_SIGNED_OUT"),
    ]),
    "signed out, whatever the server says": (["none", "file", "saving"], [
        step
        for manner in ("refused", "echoed", "cut", "silent")
        for step in (signed_in(), signed_out(manner, "E_NOT_REVOKED"), FREED)
    ] + [
        signed_in(),
        Step("prepared", "prepare session_sign_out", kept=1),
        Step("freed unstarted", "free result", kept=1),
        Step("signed out beside", "prepare session_sign_out,start,take"),
    ]),
    "freed while it refreshes": (["none", "file"], [
        signed_in(),
        Step("no answer", "call session_begin,wait,free session,shutdown", manner="silent"),
        signed_in(2),
        Step("answered", "call session_begin,wait,free session,shutdown", brings=3),
    ]),
    # What came and was not saved waits in the program's store; so does the mark
    # that a refresh had no answer, with the tokens that it is about.
    "freed while it refreshes, and kept": (["host", "saving"], [
        signed_in(),
        Step("saved", "call session_pending,free result,call session_saved", kept=1, ends=None),
        Step("no answer", "call session_begin,wait,free session,shutdown", manner="silent", kept=1),
        signed_in(2),
        Step("saved again", "call session_pending,free result,call session_saved", kept=2, ends=None),
        Step("answered", "call session_begin,wait,free session,shutdown", brings=3, kept=3),
        signed_in(4),
    ]),
    "from tokens, and resumed": (["file"], [
        Step("tokens held", "call login", ("ada", "{password}"), brings=1, shown=tokens(1)),
        Step("session made", "call session_new", ("ada",), kept=1, shown=tokens(1)),
        Step("tokens freed", "free result", kept=1),
        FREED,
        Step("resumed", "call session_resume", ("ada",), kept=1),
    ]),
    "saved by the program": (["host"], [
        signed_in(),
        Step("record held", "call session_pending", kept=1, shown=tokens(1)),
        Step("record saved", "free result,call session_saved", kept=1),
        # The old ones are good until the new ones are saved.
        Step("refreshed", "call session_refresh", brings=2, ends="SAVE_FIRST", kept=1, more=tokens(2)),
        Step("record held again", "call session_pending", kept=1, more=tokens(2), shown=tokens(2)),
        # What was not saved waits in the store; what is given, too.
        Step("session freed", "free session", kept=2, shown=tokens(2)),
        Step("given", "call store_give", ("ada", "STRING"), kept=2, more=tokens(2), shown=tokens(2)),
        Step("record freed", "free result", kept=2, more=tokens(2)),
        Step("resumed", "call session_resume", ("ada",), kept=2),
        signed_out(),
    ]),
}  # fmt: skip

# After which steps core dumps are looked at, too.
CORES = [
    ("a long life", ["token held", "token freed", "refreshed", "refresh cut", "refreshed by force"]),
    ("a long life", ["signed out, success", "session freed"]),
    ("API calls", ["answered", "answer freed", "prepared", "request cancelled"]),
    ("ended by the server", ["refresh token ended"]),
    ("from tokens, and resumed", ["session made", "tokens freed", "resumed"]),
    ("saved by the program", ["record held", "refreshed", "session freed", "record freed", "resumed"]),
]

# At so many moments of a refresh and of a sign-out the clock fails.
PANICS = 8


class Life:
    """One session, in a driver of its own."""

    def __init__(self, driver, pki, server, folder):
        self.driver, self.pki, self.server, self.folder = driver, pki, server, folder
        self.places = {"origin": server.origin()}
        for name, make in [("password", hard_secret), ("header", easy_secret), ("body", easy_secret)]:
            self.add(name, make())

    def bring(self, number):
        """The members of an answer with these tokens."""
        for name in tokens(number):
            if name not in self.places:
                self.add(name, easy_secret())
        return dict(zip(["access_token", "refresh_token", "id_token"], map(self.places.get, tokens(number))))

    def add(self, name, secret):
        self.places[name] = secret
        self.driver.wanted.add(name, secret)

    def run(self, store, steps, core_at=None):
        """Does all steps; or those up to `core_at`, at which a core dump is
        looked at."""
        driver = self.driver
        self.begin(store)
        for step in steps:
            self.step(step)
            if step.label == core_at:
                driver.look_at_core(step.label)
                return
        self.end()

    def begin(self, store):
        driver = self.driver
        driver.must(f"loginradius {self.server.origin()}", "oidc", f"endpoint 5 {self.server.origin()}", "proxy ",
                    f"ca {self.pki.ca}", "log", "limit 1000", "api_key none", "client", "free options")  # fmt: skip
        driver.must(f"store {self.folder / 'store' if store == 'file' else store}")

    def end(self):
        driver = self.driver
        driver.must("free result", "free session", "free store", "free client", "shutdown")
        driver.kept.clear()
        driver.shown.clear()
        driver.look("all freed")

    def panics(self, store, moments):
        """A refresh, and a sign-out, in which the clock fails at so many
        moments: the session has its old tokens or the new ones, or none."""
        driver, number = self.driver, 0
        self.begin(store)
        for call in ("session_refresh", "session_sign_out"):
            looks = failing = 0
            while failing <= looks:
                number += 2
                self.step(signed_in(number - 1))
                self.server.behave("success", **self.bring(number))
                driver.must(f"fail_clock {failing}")
                told = driver.do(f"call {call}")
                driver.do("fail_clock 0", "shutdown")
                if failing == 0:
                    looks = told.clocks
                kept = {f"{name}, plain" for each in (number - 1, number) for name in tokens(each)}
                driver.look_among(f"{call}, panic at look {failing} of {looks} at the clock", kept)
                driver.must("free result", "free session", "shutdown")
                failing += max(1, looks // moments)
        self.end()

    def step(self, step):
        driver = self.driver
        self.server.behave(step.manner, **(self.bring(step.brings) if step.brings else {}))
        for text in step.gives:
            driver.must("give_string" if text == "STRING" else f"give {text.format(**self.places)}")
        *before, last = step.do.split(",")
        for command in before:
            if command == "wait":
                self.wait_for_request()
            else:
                driver.do(command)
        if last.startswith("call_and_stop"):
            driver.send(last)
            self.wait_for_request()
            driver.send("stop")
            told = driver.ended()
        else:
            told = driver.do(last)
        if step.ends and told.status != step.ends:
            driver.problems.append(f"{step.label}: ended {told}, wanted {step.ends}")
        kept = (*(tokens(step.kept) if step.kept else ()), *step.more)
        driver.kept, driver.shown = (Counter(f"{name}, plain" for name in names) for names in (kept, step.shown))
        driver.look(step.label, at_once=["password"])

    def wait_for_request(self):
        if not self.server.asked.wait(LONG):
            self.driver.problems.append(f"nothing was sent in {LONG} s")



def jobs():
    """The names of all rows, and what is done for each with a Life."""
    for name, (stores, steps) in LIVES.items():
        for store in stores:
            yield f"session, store {store}: {name}", Life.run, (store, steps)
    for name, labels in CORES:
        for store in LIVES[name][0]:
            for label in labels:
                args = (store, LIVES[name][1], label)
                yield f"core dump, session, store {store}: {name}: {label}", Life.run, args
    for store in ("none", "file", "saving"):
        yield f"session, store {store}: panics", Life.panics, (store, PANICS)
