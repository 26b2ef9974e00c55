"""What is wrong with how the library stood a fault: a text, or None."""

import json
import re

# What an error has to name, by the reason.
NAMES = {
    "RESOURCES": r"thread|socket|random|memory|certificates|/store",
    "UNRESOLVED": r"name localhost",
    "CONNECTION_REFUSED": r"(localhost|127\.0\.0\.1) port \d+",
    "UNREACHABLE": r"(localhost|127\.0\.0\.1) port \d+",
    "CUT_OFF_BEFORE_SENT": r"[Cc]onnection",
    "CUT_OFF_AFTER_SENT": r"[Cc]onnection",
    "UNCLEAR": r"answer never came|connection",
    "TLS_UNKNOWN_ISSUER": r"certificate store",
    "STORE_ACCESS": r"/ropc-torture-",
    "SAVE_FAILED": r"/ropc-torture-",
    "NOT_REVOKED": r"/ropc-torture-|server",
}

# What a process may write that ends for want of memory, std and glibc; several threads
# may say it at once.
LAST_WORDS = (
    r"memory allocation of|\d+|bytes failed|skipping backtrace printing to avoid potential recursion"
    r"|note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"
    r"|Fatal glibc error: failed to register TLS destructor: out of memory"
)

# The driver's time limit, and what a busy machine adds.
LIMIT_MS = 12000 + 3000

PASSWORD = "correct horse"
PREFIX = "ROPC_REASON_"


def reason(result):
    """The end of a reason's name; "" for a success."""
    return "" if result[0] == "ROPC_OK" else result[1].removeprefix(PREFIX)


def lived(report):
    """It came to its end, and said nothing that it should not."""
    how, number = report.end
    if how == "late":
        return f"still under way after {number} s"
    if how == "signal":
        return f"killed by signal {number}: {' / '.join(report.said[:3])}"
    if report.said:
        return " / ".join(report.said[:5])
    return f"exit code {number}" if number else None


def told(result):
    """The error says what it is about, and no secret."""
    status, _, _, took_ms, message = result
    why = reason(result)
    if took_ms > LIMIT_MS:
        return f"it took {took_ms} ms"
    if why in ("-", "BUG", "STATE", "ARGUMENT"):
        return f"ended as {status}, {why}: {message!r}"
    if why in NAMES and not re.search(NAMES[why], message):
        return f"{why} does not name what it is about: {message!r}"
    return f"the password is in {message!r}" if PASSWORD in message else None


def sent(*reports):
    """Nothing was sent twice, and nothing unknown to the program."""
    refreshes = []
    for report in reports:
        passwords, results = 0, report.results.values()
        for requests in report.wire.values():
            for request in requests:
                form = json.loads(request["body"] or "{}")
                passwords += form.get("grant_type") == "password"
                refreshes += [form["refresh_token"]] if form.get("grant_type") == "refresh_token" else []
        # Those that succeeded, and those whose error says that something was sent.
        may = sum(result[0] == "ROPC_OK" or result[2] or "SAVE_FAILED" in result[1] for result in results)
        if passwords > may:
            return f"the password was sent {passwords} times, and the program knows of {may}"
    return "a refresh token was sent twice" if len(refreshes) != len(set(refreshes)) else None


def left(report, kept=0):
    """Nothing is left of it but descriptors that are kept on purpose."""
    descriptors, threads = report.left
    if descriptors not in (0, kept) or threads:
        return f"{descriptors} descriptors and {threads} threads more than before"
    return None


def again(report):
    """Without the fault it works, unless a refresh is known to have had no answer."""
    once, second = report.results["once"], report.results["again"]
    if reason(once) == "UNCLEAR" and reason(second) == "UNCLEAR":
        return None
    return None if second[0] == "ROPC_OK" else f"without the fault: {second[1]}: {second[4]!r}"


# What the next start may find, by the operation and whether it had said OK.
NEXT = {
    ("refresh", True): {""},
    ("refresh", False): {"", "UNCLEAR"},
    ("first", True): {""},
    ("first", False): {"", "NOTHING_STORED"},
    ("resume", True): {""},
    ("resume", False): {""},
    ("sign_out", True): {"NOTHING_STORED"},
    ("sign_out", False): {"NOTHING_STORED", "REFRESH_ENDED"},
}


def next_start(operation, report, after, reused, files):
    """The program that is started afterwards can go on, or is told why not."""
    if problem := lived(after):
        return f"the next start: {problem}"
    # What came last is what counts; a process that died said nothing.
    last = report.results.get("again", report.results.get("once"))
    well = last is not None and last[0] == "ROPC_OK"
    found = reason(after.results["once"])
    if found not in NEXT[operation, well]:
        return f"the next start: {found or 'OK'}, {after.results['once'][4]!r}, after {last}"
    unsaved = last is None or reason(last) in ("SAVE_FAILED", "UNCLEAR")
    if found == "UNCLEAR" and not unsaved:
        return f"the next start has lost the tokens, and this one was told {last}"
    if reused:
        return "a refresh token that was replaced was sent"
    new = [name for name in files if name.endswith(".new")]
    return f"{', '.join(new)} is left in the store's folder" if new else None


def after_call(case, report):
    """How it stood the failure of a system call."""
    if problem := lived(report) or told(report.results["once"]) or sent(report):
        return problem
    once = report.results["once"]
    if reason(once) not in case.outcomes:
        return f"ended as {once[0]}, {reason(once)}: {once[4]!r}"
    if case.end == "gone":
        return None
    # std keeps /dev/urandom open where there is no such call; and what the system
    # says is not ours is not ours to close.
    kept = 1 if (case.call, case.kind) in (("getrandom", "-"), ("newfstatat", "socket")) else 0
    return again(report) or left(report, kept)


def after_memory(report):
    """How it stood the failure of an allocation: an error, or the end that the
    manual speaks of."""
    if report.end == ("signal", 6):
        others = re.sub(LAST_WORDS, "", " ".join(report.said)).strip()
        return f"it wrote {others!r}" if others else None
    if problem := lived(report) or told(report.results["once"]) or sent(report):
        return problem
    return again(report) or left(report)


# Buffers of a connection may have grown once more.
MORE_BLOCKS, MORE_BYTES = 4, 4096


def live(report):
    """As much is in use after a thousand times as after a hundred."""
    if problem := lived(report):
        return problem
    first, last = report.live[100], report.live[1000]
    blocks, used, descriptors, threads = (b - a for a, b in zip(first, last))
    if blocks > MORE_BLOCKS or used > MORE_BYTES or descriptors > 0 or threads > 0:
        return f"{blocks} blocks, {used} bytes, {descriptors} descriptors and {threads} threads more"
    return left(report)
