"""A program, steps.c, at one server, and what was wrong with its visit."""

from expect import NON_ASCII, WONDERLAND, differences
from steps import Steps, is_alive

PASSWORDS = {"alice": WONDERLAND, "bøb": NON_ASCII}


class Wrong(Exception):
    """What came back is such that the check cannot go on."""


class Visit:
    """Use it in a `with` statement."""

    def __init__(self, peer, server, program):
        self.peer = peer
        self.server = server
        self.program = program
        self.steps = Steps(program)
        self.problems = []

    def __enter__(self):
        self.steps.__enter__()
        return self

    def __exit__(self, *_):
        self.steps.__exit__()
        self.problems += self.steps.leaks

    def another(self):
        """Another process at the same server."""
        return Visit(self.peer, self.server, self.program)

    def expect(self, what, expected, found):
        self.problems += [f"{what}: {problem}" for problem in differences(expected, found)]

    def must(self, step, **arguments):
        """A step without which there is nothing more to see."""
        answer = self.steps.do(step, **arguments)
        if answer["status"] != "ROPC_OK":
            raise Wrong(f"{step}: {answer}")
        return answer

    def try_client(self, client=None, **more):
        """A client of this server that was told all endpoints."""
        origin, paths = self.server.origin, self.peer.paths
        arguments = {
            "url": origin + paths["token"],
            **{name: origin + paths[name] for name in ("revoke", "userinfo", "jwks")},
            "issuer": origin + self.peer.issuer,
            "scope": self.peer.scope,
            "ca": self.server.ca,
            **(self.peer.client if client is None else client),
            **more,
        }
        return self.steps.do("client", **arguments)

    def client(self, client=None, **more):
        answer = self.try_client(client, **more)
        if answer["status"] != "ROPC_OK":
            raise Wrong(f"client: {answer}")

    def login(self, user="alice"):
        return self.must("login", user=user, password=PASSWORDS[user])

    def refresh(self, tokens):
        return self.steps.do("refresh", token=tokens["refresh_token"])

    def expect_alive(self, what, right, tokens):
        """Whether the access token is taken, asked without the library."""
        if is_alive(self.server, self.peer.paths["resource"], tokens["access_token"]) != right:
            self.problems.append(f"{what}: the access token is {'dead' if right else 'alive'}")
