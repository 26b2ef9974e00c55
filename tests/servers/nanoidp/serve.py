"""nanoidp, all of it as it comes: two YAML files, no code of ours but the
listening, at a port the system chooses and over TLS if asked to.

What it does in its own way:
- It takes HTTP Basic as it is, never form-decoded, and a secret in the body
  only from a client that is registered for it.
- A request without grant_type, as one with a JSON body has none here, is a
  client_credentials grant: with HTTP Basic it is answered 200, with tokens of
  the application and not of the user.
- Access tokens live a minute or more.
- userinfo answers 401 without WWW-Authenticate.

Environment: ROTATE=0, to keep refresh tokens.
"""

import os
import pathlib
import socket
import ssl
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import stop  # noqa: E402  (it lies one folder up)

SETTINGS = """\
config_version: 1
server: {{host: "127.0.0.1", port: {port}}}
jwt: {{keys_dir: "{keys}"}}
oauth:
  issuer: "{origin}"
  audience: "my-app"
  token_expiry_minutes: 60
  refresh_token_rotation: {rotate}
  clients:
    - {{client_id: "app", client_secret: "appsecret"}}
    - {{client_id: "apppost", client_secret: "appsecret", token_endpoint_auth_method: "client_secret_post"}}
    - {{client_id: "hard", client_secret: "s:e c%r+t/&"}}
    - {{client_id: "hardpost", client_secret: "s:e c%r+t/&", token_endpoint_auth_method: "client_secret_post"}}
    - {{client_id: "pub", token_endpoint_auth_method: "none"}}
"""

USERS = """\
config_version: 1
users:
  alice: {password: "wonderland", email: "alice@example.test", roles: ["USER"]}
  "bøb": {password: "p&s=w+r%d é€", email: "bob@example.test", roles: ["USER"]}
"""


def configure(folder, origin, port):
    rotate = "false" if os.environ.get("ROTATE") == "0" else "true"
    settings = SETTINGS.format(origin=origin, port=port, rotate=rotate, keys=folder / "keys")
    (folder / "settings.yaml").write_text(settings, encoding="utf-8")
    (folder / "users.yaml").write_text(USERS, encoding="utf-8")


def main():
    given = stop.arguments()
    tls = None
    if given.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given.cert, given.key)
        tls.maximum_version = given.tls_max
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    origin = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    configure(given.folder, origin, port)

    from nanoidp.app import create_app
    from werkzeug.serving import make_server

    app = create_app(str(given.folder))
    server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=tls, fd=listener.fileno())
    stop.with_the_test()
    print(f"ready {origin}", flush=True)
    server.serve_forever()


main()
