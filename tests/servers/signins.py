"""Sign-ins, each by a program that does nothing else: signin.c, signin.py. What
is asked and has to come back is in peers/."""

import concurrent.futures
import json
import subprocess

import lab
from expect import ALICE, PUB, WONDERLAND, differences

# Programs that sign in at the same time.
AT_ONCE = 2


def sign_in(program, arguments, password, expected):
    """One run of a sign-in program; a list of what is wrong with it."""
    command = [*program, *(f"{name}={value}" for name, value in arguments.items())]
    try:
        done = subprocess.run(command, input=password.encode(), capture_output=True, timeout=lab.STEP_SECONDS)
    except subprocess.TimeoutExpired:
        return [f"did not end within {lab.STEP_SECONDS} seconds"]
    out, err = done.stdout.decode(), done.stderr.decode()
    if done.returncode != 0 or err:
        return [f"exit code {done.returncode}", out, err]
    problems = list(differences(expected, json.loads(out)))
    # As they are and as JSON writes them: nothing that was told in confidence
    # may come back in any text.
    for secret in filter(None, (password, arguments.get("secret"))):
        if secret in out or json.dumps(secret).strip('"') in out:
            problems.append("the password or the secret is in the output")
    return [*problems, out] if problems else []


def same_connection(server, program, arguments):
    """Two sign-ins with one client: one connection, over the expected TLS."""
    before = server.counts()
    problems = sign_in(program, {**arguments, "logins": 2}, WONDERLAND, {"status": "ROPC_OK"})
    after = server.counts()
    expected = {name: before[name] + more for name, more in (("opened", 1), ("connections", 1), ("requests", 2))}
    return problems + list(differences({**expected, "tls": server.tls}, after))


def nothing_sent(server, program, arguments, expected):
    """A connection that must not come about: the server sees no request."""
    before = server.counts()
    problems = sign_in(program, arguments, WONDERLAND, {**expected, "request_sent": 0, "http_status": 0})
    del before["opened"]  # which happens before it is known who is there
    return problems + list(differences(before, server.counts()))


def certificate_cases(server):
    """What must be refused about a server with TLS."""
    url = f"{server.origin}/token"
    port = server.origin.rpartition(":")[2]
    client = {**PUB, **ALICE}

    def tls(reason):
        return {"status": "ROPC_E_TLS", "reason": f"ROPC_REASON_TLS_{reason}", "stage": 5}

    yield "not a trusted authority", {**client, "url": url}, tls("UNKNOWN_ISSUER")
    elsewhere = {**client, "url": f"https://localhost:{port}/token", "ca": server.ca}
    yield "certificate of another host", elsewhere, tls("WRONG_HOST")


def all_at(tally, peer, server, where, programs):
    """The whole table, and what can be seen of connections."""
    tell = tally.tell_all
    for language, program in programs.items():
        authority = {"ca": server.ca} if server.ca else {}
        cases = peer.signins(server.origin)
        # Over TLS 1.2 only the handshake is another; over TLS, from Python, too.
        few = server.tls == "TLSv1.2" or (server.tls and language != "C")
        chosen = cases[:2] if few else cases
        runs = [(program, {**arguments, **authority}, password, right) for _, arguments, password, right in chosen]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = pool.map(lambda run: sign_in(*run), runs)
        for (name, *_), problems in zip(chosen, results):
            tell(f"{where}, {language}: {name}", problems)
        if not server.counts_connections:
            continue
        arguments = {**cases[0][1], **authority}
        tell(f"{where}, {language}: two on one connection", same_connection(server, program, arguments))
        if language == "Python":
            ahead = {**arguments, "how": "ahead"}
            tell(f"{where}, {language}: two on a connection made ahead", same_connection(server, program, ahead))
        if server.ca:
            for name, arguments, expected in certificate_cases(server):
                tell(f"{where}, {language}: {name}", nothing_sent(server, program, arguments, expected))
        else:
            # Node answers a TLS handshake on a plain port with HTTP 400.
            arguments = {**PUB, **ALICE, "url": server.origin.replace("http:", "https:") + "/token"}
            expected = {"status": "ROPC_E_TLS", "reason": "ROPC_REASON_TLS_PROTOCOL"}
            tell(f"{where}, {language}: TLS at a plain port", nothing_sent(server, program, arguments, expected))
