"""Runs the Python that a page shows, whole or with what it takes for granted around it.

    around.py FILE LINE whole|part|compiled

FILE has the lines; errors count from LINE of the page.
"""

import ast
import asyncio
import getpass
import inspect
import os
import sys
import time

PASSWORD = "correct horse"


def names():
    """What a part takes for granted."""
    import ropc

    site, user = os.environ["SNIPPET_SITE"], os.environ["SNIPPET_USER"]
    options = ropc.Options.loginradius(site, "demo", "demo-client")
    options.set_ca_pem(open("company-ca.pem", "rb").read())
    options.set_endpoint(ropc.Endpoint.IDENTITY, site)
    options.set_api_key("standin-api-key")
    options.add_api_origin(site)
    client, store = ropc.Client(options), ropc.FileStore("store")
    tokens = error = None
    try:
        tokens = client.login(user, PASSWORD)
    except ropc.Error as why:
        error = why
    session = ropc.Session.login(client, "ada", PASSWORD, store)
    return {
        "ropc": ropc, "options": options, "client": client, "store": store, "session": session, "tokens": tokens,
        "error": error, "user": user, "password": PASSWORD, "draw_frame": lambda: time.sleep(0.001), "show": print,
        "ask_password": lambda: PASSWORD, "open_browser": lambda url: print("browser:", url),
    }  # fmt: skip


def main():
    path, line, how = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        # A page's line numbers in what Python says of it.
        text = "\n" * (int(line) - 1) + file.read()
    code = compile(text, os.environ["SNIPPET_PAGE"], "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if how == "compiled":
        return
    getpass.getpass = lambda *_, **__: PASSWORD
    around = {"__name__": "__main__", **(names() if how == "part" else {})}
    # What failed before the page's lines begin is none of their failures.
    open(os.environ["SNIPPET_FAILURES"], "w").close()
    ended = eval(code, around)  # Of exec a coroutine would be lost.
    if inspect.iscoroutine(ended):
        asyncio.run(ended)


main()
