"""What only the server can tell about a program that has ended well."""

import json


def check(name, standin, before):
    """What is wrong by what the server saw; None when nothing is."""
    requests = standin.ask("requests")
    connections = standin.ask("counts")["connections"] - before["connections"]
    rule = RULES.get(name)
    return rule(requests, connections) if rule else None


def null(requests, _connections):
    """Two logins make the results that are tested, four end well with an `err`
    that held something; refused calls send nothing."""
    return f"{len(requests)} requests, wanted 6" if len(requests) != 6 else None


def null_sessions(requests, _connections):
    """One login makes the tokens that are tested; refused calls send nothing."""
    return f"{len(requests)} requests, wanted 1" if len(requests) != 1 else None


def text(requests, _connections):
    """Refused texts are not sent; the ones that are arrive whole."""
    passwords = [json.loads(request["body"])["password"] for request in requests]
    # The last two are the logins whose results are looked through.
    wanted = ["cor\0rect", "p" * 65536, "correct horse", "correct horse"]
    return f"passwords arrived as {[p[:20] for p in passwords]}" if passwords != wanted else None


def grant(requests, _connections):
    """Two of a CAPTCHA, three of an exchange, two of client credentials; what
    is refused sends nothing."""
    return f"{len(requests)} requests, wanted 7" if len(requests) != 7 else None


def setters(requests, _connections):
    """Settings send nothing."""
    return f"{len(requests)} requests, wanted none" if requests else None


def log(requests, _connections):
    """The log did not keep the logins from being sent."""
    return None if requests else "nothing was sent"


def threads(requests, connections):
    """One connection at most for each of 32 threads."""
    if len(requests) != 32 * 20:
        return f"{len(requests)} requests, wanted {32 * 20}"
    return f"{connections} connections for 32 threads" if connections > 32 else None


def unload(requests, _connections):
    """Every round signed in: with a blocking call, beside it, and for a session."""
    logins = sum(json.loads(request["body"]).get("username") == "ada" for request in requests)
    return f"{logins} logins, wanted {29 * 3}" if logins != 29 * 3 else None


def plugin(requests, _connections):
    """Every round signed in."""
    logins = sum(json.loads(request["body"])["username"] == "ada" for request in requests)
    return f"{logins} logins, wanted 25" if logins != 25 else None


RULES = {
    "grant": grant,
    "log": log,
    "null": null,
    "null_sessions": null_sessions,
    "null_setters": setters,
    "plugin": plugin,
    "setters": setters,
    "text": text,
    "threads": threads,
    "unload": unload,
}
