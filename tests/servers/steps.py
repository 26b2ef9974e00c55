"""Drives steps.c, and asks a server without it."""

import json
import queue
import ssl
import subprocess
import threading
import urllib.error
import urllib.request

import lab


class Steps:
    """A running steps.c; use it in a `with` statement. Each step gives what
    came back, as a dictionary."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )
        self.lines = queue.Queue()
        self.told = set()  # in confidence
        self.leaks = []

    def __enter__(self):
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def do(self, step, **arguments):
        given = [f"{name}={value}" for name, value in arguments.items() if value is not None]
        try:
            self.process.stdin.write("\t".join([step, *given]) + "\n")
            self.process.stdin.flush()
            line = self.lines.get(timeout=lab.STEP_SECONDS)
        except (OSError, queue.Empty):
            line = ""
        if not line:
            self.process.kill()
            raise lab.Problem(f"steps.c ended at {step}, or hung: {self.process.stderr.read()}")
        answer = json.loads(line)
        self._look_for_leaks(step, arguments, line, answer)
        return answer

    def _look_for_leaks(self, step, arguments, line, answer):
        """No text may hold a password or a secret; no error a token either."""
        self.told.update(filter(None, map(arguments.get, ("password", "secret"))))
        tokens = () if answer["status"] == "ROPC_OK" else filter(None, map(arguments.get, ("token", "access")))
        for secret in (*self.told, *tokens):
            if json.dumps(secret).strip('"') in line or secret in line:
                self.leaks.append(f"what came back from {step} holds a secret: {line}")


def is_alive(server, path, access_token):
    """Whether the server takes this access token at its resource."""
    request = urllib.request.Request(server.origin + path, headers={"Authorization": f"Bearer {access_token}"})
    trust = ssl.create_default_context(cafile=server.ca) if server.ca else None
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), *([urllib.request.HTTPSHandler(context=trust)] if trust else [])
    )
    try:
        with opener.open(request, timeout=lab.STEP_SECONDS) as response:
            return response.status == 200
    except urllib.error.HTTPError as refusal:
        refusal.close()
        if refusal.code in (401, 403):
            return False
        raise lab.Problem(f"{server.name} answered {refusal.code} at {path}") from refusal
