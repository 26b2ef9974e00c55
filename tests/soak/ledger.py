"""What the stand-in was sent, added up: what may be sent once came once."""

import json
from collections import Counter


class Ledger:
    """All requests of a run."""

    def __init__(self):
        # Refresh tokens by who sent them, and what each call sends that no other does.
        self.refreshes = {"soak": Counter(), "soak-force": Counter()}
        self.once = Counter()
        self.passwords = 0
        self.requests = 0

    def add(self, seen):
        """What came since the last time."""
        for request in seen:
            self.requests += 1
            if request["method"] == "POST" and request["target"].endswith("/token"):
                self.add_token(request)
            elif request["method"] == "POST" and request["body"].startswith("once "):
                self.once[request["body"]] += 1

    def add_token(self, request):
        """A request to the token endpoint."""
        agent = next(value for name, value in request["headers"] if name.lower() == "user-agent")
        body = json.loads(request["body"])
        if body["grant_type"] == "refresh_token":
            self.refreshes[agent][body["refresh_token"]] += 1
        elif body["password"].startswith("wrong "):
            self.once[body["password"]] += 1
        elif body["username"].startswith("fault:delay_"):
            self.passwords += 1

    def problems(self, programs, counts):
        """What came more often than it may: sent again only where that was forced,
        by sessions that force."""
        wrong = [f"'{what}' came {times} times" for what, times in self.once.items() if times > 1]
        twice = sum(times > 1 for times in self.refreshes["soak"].values())
        if twice:
            wrong.append(f"a refresh token was sent twice, and nobody forced it: {twice} of them")
        last = [program.reports[-1] for program in programs if program.reports]
        forced = sum(report["forced"] for report in last)
        again = sum(times - 1 for times in self.refreshes["soak-force"].values())
        if again > forced:
            wrong.append(f"refresh tokens came again {again} times, which was forced {forced} times")
        if counts["reused"] > forced:
            wrong.append(f"{counts['reused']} refresh tokens came after they were replaced, {forced} were forced")
        calls = sum(report["passwords"] for report in last)
        if self.passwords > calls:
            wrong.append(f"{self.passwords} right passwords came of {calls} calls")
        if len(self.once) < 10 or len(self.refreshes["soak"]) < 10:
            wrong.append("hardly anything came that is to come once")
        return wrong
