"""The server of scan.py: it answers as it is told, with tokens that scan.py
chose, over TLS. And the proxy before it."""

import base64
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import urllib.parse

from harness import need


def openssl(*arguments, input=None):
    """Runs it; the end when it fails."""
    done = subprocess.run([need("openssl", "openssl"), *map(str, arguments)], input=input, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"openssl {arguments[0]} failed:\n{done.stderr.decode()}")
    return done.stdout


class Pki:
    """Certificates of an authority, of localhost and of a client, and a key
    that signs ID tokens; in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = folder / "scan-ca.pem"
        new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        openssl(*new, "-subj", "/CN=scan authority", "-keyout", folder / "scan-ca.key", "-out", self.ca)
        for name, extension in [("server", "subjectAltName=DNS:localhost"), ("client", "extendedKeyUsage=clientAuth")]:
            openssl(
                *new, "-CA", self.ca, "-CAkey", folder / "scan-ca.key", "-subj", f"/CN=scan {name}",
                "-keyout", folder / f"scan-{name}.key", "-out", folder / f"scan-{name}.pem",
                "-addext", extension, "-addext", "basicConstraints=critical,CA:FALSE",
            )
        # The client's key: as it is in its file, and the number that is secret.
        self.key_line = (folder / "scan-client.key").read_text().splitlines()[1]
        der = openssl("pkcs8", "-topk8", "-nocrypt", "-in", folder / "scan-client.key", "-outform", "DER")
        self.key_number = der.split(b"\x02\x01\x01\x04\x20")[1][:32]
        self.signer = folder / "scan-signer.key"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.signer)
        modulus = openssl("rsa", "-in", self.signer, "-noout", "-modulus").decode().split("=")[1]
        self.jwks = {"keys": [{"kty": "RSA", "alg": "RS256", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}]}

    def context(self):
        """Of the server's side; a client may show a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "scan-server.pem", self.folder / "scan-server.key")
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def jwt(self, claims):
        """A token with these claims, signed with RS256."""
        head = base64url(b'{"alg":"RS256"}') + "." + base64url(json.dumps(claims).encode())
        return head + "." + base64url(openssl("dgst", "-sha256", "-sign", self.signer, input=head.encode()))


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Listener:
    """Hands each connection to `serve`, in a thread of its own; for `with`."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = [self.listener]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            hang_up(one)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.sockets.append(client)
            threading.Thread(target=self.serve_quietly, args=(client,), daemon=True).start()

    def serve_quietly(self, client):
        """A client that hangs up is no failure of this server."""
        try:
            self.serve(client)
        except (OSError, ValueError):
            pass
        hang_up(client)


def hang_up(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()


def read_head(file):
    """The lines of a request's head; none at the end."""
    lines = []
    while (line := file.readline().rstrip(b"\r\n")):
        lines.append(line.decode())
    return lines


class Server(Listener):
    """Answers every request in the manner that is set: "success", "refused",
    "ended", "echoed", "redirected", "garbled", "halved", "cut", "silent"."""

    def __init__(self, pki):
        self.pki, self.manner, self.success = pki, "success", {}
        self.asked = threading.Event()
        self.tls = pki.context()

    def behave(self, manner, **members):
        """From now on; `members` are what a success has."""
        self.manner, self.success = manner, members
        self.asked.clear()

    def origin(self):
        return f"https://localhost:{self.port}"

    def serve(self, client):
        with self.tls.wrap_socket(client, server_side=True) as wire, wire.makefile("rwb") as file:
            self.sockets.append(wire)
            while lines := read_head(file):
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
                body = file.read(int(headers.get("content-length", 0))).decode()
                manner = self.manner
                self.asked.set()
                if manner == "cut":
                    return
                if manner == "silent":
                    wire.recv(1)  # Until the client hangs up.
                    return
                answer = self.answer(manner, lines[0].split()[1], headers, body)
                file.write(answer[: len(answer) * 3 // 4] if manner == "halved" else answer)
                file.flush()
                if manner == "halved":
                    return

    def answer(self, manner, target, headers, body):
        if manner == "refused":
            return answer("400 No", {"error": "invalid_request", "Message": "Wrong"})
        if manner == "ended":
            return answer("400 No", {"error": "invalid_grant", "ErrorCode": 1217, "Message": "Over"})
        if manner == "echoed":
            return answer("403 No", echo(target, headers, body))
        if manner == "redirected":
            return answer("302 Found", {}, f"Location: {self.origin()}{target}\r\n")
        success = self.members(urllib.parse.urlsplit(target).path)
        if manner == "garbled":
            # Whole tokens in an answer that is none.
            return answer("200 OK", json.dumps(success) + "}")
        return answer("200 OK", success)

    def members(self, path):
        if path.endswith("/jwks"):
            return self.pki.jwks
        if "/.well-known/" in path:
            origin = self.origin()
            return {"issuer": origin, "token_endpoint": origin + "/token", "jwks_uri": origin + "/jwks"}
        return {"token_type": "Bearer", "expires_in": 900, "sub": "ada", "IsPosted": True, **self.success}


def answer(status, body, headers=""):
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    content = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def echo(target, headers, body):
    """A refusal that says again all that was sent, as it came and decoded."""
    parts = [body, headers.get("authorization", ""), target, urllib.parse.unquote(target)]
    try:
        parts += [value for value in json.loads(body).values() if isinstance(value, str)]
    except ValueError:
        parts += [value for _, value in urllib.parse.parse_qsl(body)]
    said = {"error": "invalid_request", "again": parts}
    # The longest one is the secret one, or nearly.
    for name in ["error_description", "Message", "Description"]:
        said[name] = f"What is {max(parts, key=len)}?"
    return said


class Proxy(Listener):
    """Opens a way to `target` for whoever has its login; refuses others, and
    all when it is told to, with what they sent."""

    def __init__(self, target):
        self.target, self.manner = target, "success"
        self.asked = threading.Event()

    def behave(self, manner):
        self.manner = manner
        self.asked.clear()

    def url(self, password):
        return f"http://ada:{urllib.parse.quote(password, safe='')}@127.0.0.1:{self.port}"

    def serve(self, client):
        with client.makefile("rwb", buffering=0) as file:
            head = "\n".join(read_head(file))
            login = re.search("(?i)proxy-authorization: (.*)", head)
            self.asked.set()
            if self.manner == "silent":
                client.recv(1)
            if self.manner in ("silent", "cut"):
                return
            if login is None or self.manner in ("refused", "echoed"):
                text = login[1] if login and self.manner == "echoed" else ""
                file.write(answer("407 No", {"again": text}, f"Proxy-Authenticate: Basic realm=\"{text}\"\r\n"))
                return
            file.write(b"HTTP/1.1 200 OK\r\n\r\n")
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets.append(server)
            threading.Thread(target=relay, args=(server, client), daemon=True).start()
            relay(client, server)


def relay(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    hang_up(other)
