"""What scan.py asks of a session: that its password and the tokens it has
replaced are nowhere in memory while it lives, and its last ones neither once
it was signed out. The stand-in tells which tokens there were."""

import json
import subprocess

from harness import HERE, compile_c, compiler, shared

PASSWORD = "correct horse"

# What is there after each step, once; what else was sent by then is nowhere.
STEPS = {
    "signed in": ["access 1"],
    "refreshed": ["access 2"],
    "signed out": [],
    "session freed": [],
    "client freed": [],
}


class Driver:
    """drivers/scan_session.c, step by step; for `with`."""

    def __init__(self, program, standin, store):
        self.process = subprocess.Popen(
            [program, store],
            env={**standin.environment(), "ROPC_WAY": "scan"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.go_on(PASSWORD)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)

    def go_on(self, line=""):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def has_done(self):
        """A step, or what went wrong."""
        return self.process.stdout.readline().strip()


def tokens(requests, known):
    """Adds the tokens that were sent with these requests to those `known` by
    their names: they are numbered as they came."""
    for request in requests:
        found = []
        if request["body"]:
            found.append(("refresh", json.loads(request["body"]).get("refresh_token")))
        found += [("access", value.split()[1]) for name, value in request["headers"] if name == "authorization"]
        for kind, token in found:
            if token and token.encode() not in known.values():
                known[f"{kind} {1 + sum(name.startswith(kind) for name in known)}"] = token.encode()


def run(program, standin, copies, store):
    """One life of a session: what the memory had after each step, and what is
    wrong with that."""
    known, table, problems = {"password": PASSWORD.encode()}, [], []
    standin.ask("requests")
    with Driver(program, standin, store) as driver:
        for step, there in STEPS.items():
            done = driver.has_done()
            if done != step:
                return table, [f"{step}: the program says {done!r}"]
            tokens(standin.ask("requests"), known)
            counts = copies(driver.process.pid, known)
            wrong = {name: count for name, count in counts.items() if count != (1 if name in there else 0)}
            problems += [f"{step}: {name} {count} times" for name, count in wrong.items()]
            # What was never sent was never looked for.
            problems += [f"{step}: {name} was not seen" for name in there if name not in known]
            table.append((step, counts))
            driver.go_on()
    if sum(name.startswith("refresh") for name in known) != 2:
        problems.append(f"of the tokens only {', '.join(known)} were sent")
    if driver.process.returncode != 0:
        problems.append(f"exit code {driver.process.returncode}")
    return table, problems


def rows(build, standin, copies):
    """Prints a table; returns how many of its rows are not as wanted."""
    source, output = HERE / "drivers/scan_session.c", standin.path / "scan_session"
    program = compile_c([compiler(), "-O1"], source, output, shared(build / "lib"))
    failed = 0
    print(f"{'SESSION':<34} {'STORE':<5} COPIES")
    for store in ("none", "file", "host"):
        table, problems = run(program, standin, copies, store)
        for step, counts in table:
            found = ", ".join(f"{name}: {count}" for name, count in counts.items() if count)
            print(f"{step:<34} {store:<5} {found or 'none'}")
        for problem in problems:
            print(problem)
        failed += bool(problems)
    return failed
