"""What a test with real servers needs: tools, installed packages, certificates,
a compiled program, and servers that stop when the test does."""

import http.client
import importlib.util
import json
import os
import pathlib
import queue
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Whatever hangs fails the test instead. Installing may take a slow network.
STEP_SECONDS = 60
INSTALL_SECONDS = 600


class Problem(Exception):
    """The test cannot go on; says why, and what to do."""


def need(command, package):
    if shutil.which(command) is None:
        raise Problem(f"{command} is missing. Install it with: apt-get install -y {package}")


def run(command, what, seconds=STEP_SECONDS, **options):
    """Runs `command`; its output is shown only when it fails."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, **options
        )
    except subprocess.TimeoutExpired as slow:
        raise Problem(f"{what} did not end within {seconds} seconds") from slow
    if done.returncode != 0:
        raise Problem(f"{what} failed: {' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def need_node():
    """Node with npm, new enough for both servers: Debian 12's own is not."""
    need("node", "nodejs npm")
    need("npm", "nodejs npm")
    has_url_parse = "process.exit(typeof URL.parse === 'function' ? 0 : 1)"  # oidc-provider calls it
    if subprocess.run(["node", "-e", has_url_parse]).returncode != 0:
        version = run(["node", "--version"], "node --version").strip()
        raise Problem(f"Node {version} is too old. Install a newer one with: npm install -g node@22")


def need_venv():
    """Python as the packages want it, with what makes environments."""
    if sys.version_info < (3, 10):
        raise Problem("The servers need Python 3.10 or newer, and this one is older")
    if importlib.util.find_spec("ensurepip") is None:
        raise Problem("The Python module ensurepip is missing. Install it with: apt-get install -y python3-venv")


def install(name, into):
    """Copies a server into the build directory and gets its packages, unless
    what its lock file says is there already. Returns its folder."""
    folder = into / name
    for shared in ("listen.mjs", "stop.py"):
        shutil.copy(HERE / shared, into)
    shutil.copytree(HERE / name, folder, dirs_exist_ok=True)
    node = (folder / "package-lock.json").is_file()
    lock = (folder / ("package-lock.json" if node else "requirements.txt")).read_text()
    installed = folder / "installed-lock"  # written last: never half an installation
    if installed.is_file() and installed.read_text() == lock:
        return folder
    installed.unlink(missing_ok=True)
    if node:
        print(f"{name}: npm ci, in {folder}", flush=True)
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], "npm ci", INSTALL_SECONDS, cwd=folder)
    else:
        print(f"{name}: pip install, in {folder}", flush=True)
        run([sys.executable, "-m", "venv", "--clear", folder / "venv"], "python -m venv")
        pip = [folder / "venv/bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes"]
        run([*pip, "-r", "requirements.txt"], "pip install", INSTALL_SECONDS, cwd=folder)
    installed.write_text(lock)
    return folder


def certificates(folder):
    """An authority, and a certificate of 127.0.0.1 that it issued, made anew
    each time. The certificate names no other host. Returns the paths of the
    authority, the certificate and its key."""
    need("openssl", "openssl")
    folder.mkdir(parents=True, exist_ok=True)
    ca, ca_key, cert, key = (folder / file for file in ("ca.pem", "ca.key", "cert.pem", "cert.key"))
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run([*new, "-subj", "/CN=ropc test authority", "-keyout", ca_key, "-out", ca], "openssl")
    run(
        [
            *new, "-CA", ca, "-CAkey", ca_key, "-subj", "/CN=ropc test server", "-keyout", key, "-out", cert,
            "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
        ],
        "openssl",
    )
    return ca, cert, key


def compile_program(name, build, into):
    """A program of ours from the header alone, linked with -lropc."""
    compiler = os.environ.get("CC", "cc").split()
    need(compiler[0], "gcc")
    library = build.resolve() / "lib"
    if not (library / "libropc.so").exists():
        raise Problem(f"{library}/libropc.so is missing. Build it with: make lib")
    program = into / name
    flags = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'include'}"]
    link = [f"-L{library}", "-lropc", f"-Wl,-rpath,{library}"]
    sources = [HERE / f"{name}.c", HERE / "common.c"]
    run([*compiler, *flags, *sources, *link, "-o", program], f"compiling {name}.c")
    return program


class Server:
    """A running server; use it in a `with` statement."""

    def __init__(self, folder, certificates=None, tls=None, setting=None, options=()):
        """With `certificates` (authority, certificate, key) it speaks TLS, at
        most version `tls`; else plain http. `setting` is added to its
        environment, `options` to its command line."""
        self.name = folder.name
        self.ca = certificates and certificates[0]
        self.tls = tls
        self.folder = tempfile.TemporaryDirectory(prefix="run-", dir=folder)
        self.log = pathlib.Path(self.folder.name, "server.log")
        self.counts_connections = (folder / "server.mjs").is_file()  # see listen.mjs
        if self.counts_connections:
            command = ["node", "server.mjs", *options]
        else:
            command = ["venv/bin/python", "-B", "serve.py", *options, self.folder.name]
        if certificates:
            command += ["--cert", certificates[1], "--key", certificates[2], "--tls-max", tls]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(setting or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.lines = queue.Queue()

    def __enter__(self):
        threading.Thread(target=self._read, daemon=True).start()
        try:
            while not (line := self.lines.get(timeout=STEP_SECONDS)).startswith("ready "):
                if not line:
                    raise Problem(f"{self.name} did not start:\n{self.log.read_text()}")
        except BaseException:
            self.__exit__()
            raise
        self.origin = line.split()[1]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()  # which tells it to stop
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def _read(self):
        """To the end, so that the server never waits for a full pipe."""
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def counts(self):
        """How many connections were opened and used, how many requests came in,
        and by which TLS."""
        where = urllib.parse.urlsplit(self.origin)
        if self.ca:
            trust = ssl.create_default_context(cafile=self.ca)
            connection = http.client.HTTPSConnection(where.netloc, timeout=STEP_SECONDS, context=trust)
        else:
            connection = http.client.HTTPConnection(where.netloc, timeout=STEP_SECONDS)
        try:
            connection.request("GET", "/counts")
            return json.load(connection.getresponse())
        finally:
            connection.close()


def main_guard(main):
    """Runs `main`; what stops it is a sentence or two, not a traceback."""
    try:
        return main()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
