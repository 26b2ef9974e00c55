"""django-oauth-toolkit behind gunicorn: settings, accounts and the listening
are ours, whatever a request meets is not.

What it does in its own way:
- HTTP Basic must be form-encoded as RFC 6749, 2.3.1 says.
- A body that is no form is 400 unsupported_grant_type: it is not looked into.
- A path without its slash at the end is 404.
- There is no id_token with the password grant, only with the refresh after
  it; and a client without a signing algorithm gets 500 then.
- A refresh token that comes a second time ends every token of its sign-in,
  except within a time of grace: then the answer is the same again.
- Discovery does not name its revocation.
- userinfo answers 401 with JSON that is labelled text/html; a page behind
  @protected_resource 403, with an empty body.

Environment: see settings.py.
"""

import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import stop  # noqa: E402  (it lies one folder up)


def seed():
    """Tables, users and applications."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    User.objects.create_user("alice", "alice@example.test", "wonderland")
    User.objects.create_user("bøb", "bob@example.test", "p&s=w+r%d é€")
    for client_id, secret, grant in (
        ("app", "appsecret", Application.GRANT_PASSWORD),
        ("hard", "s:e c%r+t/&", Application.GRANT_PASSWORD),
        ("pub", "", Application.GRANT_PASSWORD),
        ("machine", "machinesecret", Application.GRANT_CLIENT_CREDENTIALS),
    ):
        Application.objects.create(
            client_id=client_id,
            client_secret=secret,
            client_type=Application.CLIENT_CONFIDENTIAL if secret else Application.CLIENT_PUBLIC,
            authorization_grant_type=grant,
            name=client_id,
            algorithm=Application.RS256_ALGORITHM,
        )


def serve(given):
    from django.core.wsgi import get_wsgi_application
    from gunicorn.app.base import BaseApplication

    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"{'https' if given.cert else 'http'}://127.0.0.1:{listener.getsockname()[1]}"

    def ready(server):
        stop.with_the_test(lambda: os.kill(server.pid, signal.SIGQUIT))
        print(f"ready {origin}", flush=True)

    def tls(_, default):
        context = default()
        context.maximum_version = given.tls_max
        return context

    settings = {
        "bind": f"fd://{listener.fileno()}",
        "workers": 1,
        "threads": 4,
        "keepalive": 30,
        "control_socket_disable": True,
        "when_ready": ready,
    }
    if given.cert:
        settings |= {"certfile": given.cert, "keyfile": given.key, "ssl_context": tls}

    class Gunicorn(BaseApplication):
        def load_config(self):
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self):
            return get_wsgi_application()

    Gunicorn().run()


def copy_tables(database):
    """Tables are made once for these sources: it takes longer than the start.
    By a process of its own: no open database may cross the fork of gunicorn."""
    sources = b"".join((HERE / name).read_bytes() for name in ("serve.py", "requirements.txt"))
    made = HERE / f"tables-{hashlib.sha256(sources).hexdigest()[:16]}.sqlite3"
    if made.is_file():
        shutil.copy(made, database)
        return
    subprocess.run([sys.executable, "-B", "-c", "import serve; serve.seed()"], check=True, cwd=HERE)
    new = database.with_suffix(".new")
    shutil.copy(database, new)
    new.replace(made)  # never half of it


def main():
    given = stop.arguments()
    key = given.folder / "signing.pem"
    database = given.folder / "db.sqlite3"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, stderr=subprocess.DEVNULL)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "settings", "DATABASE": str(database), "KEY": str(key)}
    copy_tables(database)
    serve(given)


if __name__ == "__main__":
    main()
