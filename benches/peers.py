"""The command line of every driver (see bench.h), for clients in Python:

    python peers.py CLIENT WORK COUNT BASE_URL CA_FILE

CLIENT is requests-oauthlib or ropc, our own package; WORK is warm, cold, once
or memory.
"""

import json
import sys
import time
from pathlib import Path

BEFORE = 5
USER, PASSWORD = "ada@example.com", "correct horse battery staple"
CLIENT_ID = "5f0c7a3e-1b2d-4c6f-8a9b-0d1e2f3a4b5c"


def ropc(base, ca, cold):
    """A function that signs in with our own package."""
    import ropc

    options = ropc.Options.loginradius(base, "bench", CLIENT_ID).set_ca_pem(ca.read_bytes()).set_proxy("")
    if cold:
        options.set_limit(ropc.Limit.IDLE_CONNECTIONS, 0)
    client = ropc.Client(options)

    def login():
        with client.login(USER, PASSWORD) as tokens:
            assert tokens.access_token

    return login


def requests_oauthlib(base, ca, cold):
    """A function that signs in with requests-oauthlib."""
    from oauthlib.oauth2 import LegacyApplicationClient
    from requests_oauthlib import OAuth2Session

    session = OAuth2Session(client=LegacyApplicationClient(client_id=CLIENT_ID))
    session.trust_env = False  # no proxy of whoever runs this
    url = f"{base}/api/oauth/bench/token"

    def login():
        token = session.fetch_token(url, username=USER, password=PASSWORD, verify=str(ca))
        assert token["access_token"]
        if cold:
            session.close()

    return login


CLIENTS = {"ropc": ropc, "requests-oauthlib": requests_oauthlib}


def kilobytes(file, name):
    """A number out of one of the kernel's files about this process."""
    lines = Path("/proc/self", file).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def main():
    client, work, count, base, ca = sys.argv[1:]
    login = CLIENTS[client](base, Path(ca), work == "cold")
    if work == "once":
        login()
        print(json.dumps({"at": time.monotonic_ns()}))
        return
    if work == "memory":
        for _ in range(int(count)):
            login()
        peak, dirty = kilobytes("status", "VmHWM:"), kilobytes("smaps_rollup", "Private_Dirty:")
        print(json.dumps({"peak_kb": peak, "dirty_kb": dirty}))
        return
    for _ in range(BEFORE):
        login()
    times = []
    cpu = time.process_time_ns()
    for _ in range(int(count)):
        start = time.perf_counter_ns()
        login()
        times.append(time.perf_counter_ns() - start)
    cpu = time.process_time_ns() - cpu
    times.sort()
    print(json.dumps({"ns": times[len(times) // 2], "cpu": cpu / len(times)}))


if __name__ == "__main__":
    main()
