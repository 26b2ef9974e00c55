"""What doctor.py runs examples-c/doctor against, and what must be found: at the
stand-in, and at a server that answers as it is told here.
"""

PASSWORD = "correct horse"
WRONG = "canary-5f1e-not-the-password"
NOBODY = "ropc-doctor@nobody.invalid"

# The lines of a run, in short: a check that is good, `-check` where there is
# nothing to check, `!check` that failed.
CONNECTED = "-proxy lookup connect"
REACHED = CONNECTED + " tls"
ANSWERED = REACHED + " answer clock"
ALLOWED = ANSWERED + " app grant"
# The same at a server without TLS.
PLAIN = CONNECTED + " -tls"
PLAIN_ANSWERED = PLAIN + " answer clock"
PLAIN_KNOWN = PLAIN_ANSWERED + " app"
PLAIN_ALLOWED = PLAIN_KNOWN + " grant"

# By whether somebody is signed in, and whether a check failed.
VERDICTS = {
    (True, False): "Sign-in works.",
    (True, True): "Sign-in works, but not every check is good.",
    (False, False): "Everything that could be checked is good.",
    (False, True): "Not every check is good: mend what FAIL names.",
}

HINT_PROXY = "https_proxy or all_proxy"
HINT_CA = "try --system-ca, or --ca"
HINT_APP = "Compare the application's name"
HINT_GRANT = "must allow this application the password grant"

# At the stand-in: where, options, the user (with the password, unless it is the
# usual one), the lines, the reason, part of the next step.
CASES = [
    # What is in order.
    ("https", "", None, f"{ALLOWED} -sign-in", None, None),
    ("https", "", "ada", f"{ALLOWED} sign-in sign-out", None, None),
    ("https", "--oidc", "ada", f"{ALLOWED} sign-in sign-out", None, None),
    ("https", "--app=revoke-503", "ada", f"{ALLOWED} sign-in -sign-out", None, None),
    ("https", "--no-client", None, f"{ANSWERED} app -grant", None, None),
    ("https", "--pin {leaf}", None, f"{ALLOWED} -sign-in", None, None),
    ("tls12_only", "", None, f"{ALLOWED} -sign-in", None, None),
    ("http", "", None, f"{PLAIN_ALLOWED} -sign-in", None, None),
    ("https", "--proxy http://127.0.0.1:{proxy_open}", None, "proxy tls answer clock app grant -sign-in", None, None),
    # Before anything is sent.
    ("http://192.0.2.1", "", None, "!settings", "PLAIN_HTTP", "Use https://"),
    ("https://me:proxy-pass@localhost", "", None, "!settings", "ARGUMENT", "Correct the argument"),
    ("https://localhost/path", "", None, "!settings", "ARGUMENT", "Correct the argument"),
    ("https", "--proxy socks5://127.0.0.1", None, "!settings", "UNSUPPORTED", "Choose a setting"),
    ("https", "--pin 00", None, "!settings", "ARGUMENT", "Correct the argument"),
    ("https", "--proxy http://me:proxy-pass@127.0.0.1:0", None, "!settings", "ARGUMENT", "Correct the argument"),
    # The way to the server.
    ("https://no-such-host.invalid", "", None, "-proxy !lookup", "UNRESOLVED", "spelling of the host"),
    ("dead", "", None, "-proxy lookup !connect", "CONNECTION_REFUSED", "Check host and port"),
    ("black_hole", "--timeout 1", None, "-proxy lookup !connect", "TIMED_OUT", "whether a proxy is needed"),
    ("https", "--proxy 127.0.0.1:{dead}", None, "!proxy", "PROXY_UNREACHABLE", "Check the proxy's address"),
    ("https", "--proxy 127.0.0.1:{proxy_html}", None, "!proxy", "PROXY_REFUSED", "allow this host"),
    ("https", "--proxy 127.0.0.1:{http_port}", None, "!proxy", "PROXY_REFUSED", "allow this host"),
    ("https", "--proxy 127.0.0.1:{proxy_needs_login}", None, "!proxy", "PROXY_LOGIN", "Give the proxy's user name"),
    ("https", "--timeout 1 --proxy 127.0.0.1:{proxy_silent}", None, "!proxy", "TIMED_OUT", "switch the proxy off"),
    ("https", "--timeout 1 --proxy 127.0.0.1:{black_hole}", None, "!proxy", "TIMED_OUT", "switch the proxy off"),
    # TLS.
    ("expired", "", None, f"{CONNECTED} !tls", "TLS_EXPIRED", "Check this machine's date"),
    ("not_yet_valid", "", None, f"{CONNECTED} !tls", "TLS_NOT_YET_VALID", "Check this machine's date"),
    ("wrong_host", "", None, f"{CONNECTED} !tls", "TLS_WRONG_HOST", "Check the host name"),
    ("self_signed", "", None, f"{CONNECTED} !tls", "TLS_UNKNOWN_ISSUER", "set its certificate"),
    ("unknown_ca", "", None, f"{CONNECTED} !tls", "TLS_UNKNOWN_ISSUER", "set its certificate"),
    ("https", "--no-ca", None, f"{CONNECTED} !tls", "TLS_UNKNOWN_ISSUER", HINT_CA),
    ("https", "--pin {decoy}", None, f"{CONNECTED} !tls", "TLS_PIN", "update the pins only"),
    ("plain_on_tls", "", None, f"{CONNECTED} !tls", "TLS_PROTOCOL", "Check the port"),
    ("tls11_only", "", None, f"{CONNECTED} !tls", "TLS_PROTOCOL", "TLS 1.2 or newer"),
    ("client_auth_only", "", None, f"{CONNECTED} !tls", "TLS_CERTIFICATE", "must replace the certificate"),
    ("silent_close", "", None, f"{CONNECTED} !tls", "CUT_OFF_BEFORE_SENT", "Try again"),
    ("stalled_handshake", "--timeout 1", None, f"{CONNECTED} !tls", "TIMED_OUT", "allow more time"),
    # With TLS 1.3 the server says so only after the handshake.
    ("client_cert", "", None, f"{REACHED} !tls", "TLS_CLIENT_CERTIFICATE", "Set the client certificate"),
    # The application.
    ("https", "--app=no-app", None, f"{ANSWERED} !app", "CLIENT_REFUSED", HINT_APP),
    ("https", "--app=no-app --no-client", None, f"{ANSWERED} !app", "CLIENT_REFUSED", HINT_APP),
    ("https", "--client=another", None, f"{ANSWERED} !app", "CLIENT_REFUSED", HINT_APP),
    ("https", "", "client-refused", f"{ANSWERED} app !grant", "CLIENT_REFUSED", HINT_GRANT),
    ("https", "", "unsupported", f"{ANSWERED} app !grant", "UNSUPPORTED_GRANT", HINT_GRANT),
    ("https", "", "scope", f"{ANSWERED} app !grant", "SCOPE_REFUSED", "Ask for a scope"),
    # The user.
    ("https", "", ("ada", WRONG), f"{ALLOWED} !sign-in", "WRONG_CREDENTIALS", "Ask for user name and password again"),
    ("https", "", ("echo", WRONG), f"{ALLOWED} !sign-in", "WRONG_CREDENTIALS", "Ask for user name and password again"),
    ("https", "", "locked", f"{ALLOWED} !sign-in", "LOCKED", "The lock ends in "),
    ("https", "", "mfa", f"{ALLOWED} !sign-in", "SECOND_FACTOR", "through the browser"),
    ("https", "", "mfa-native", f"{ALLOWED} !sign-in", "SECOND_FACTOR", "through the browser"),
    ("https", "", "captcha", f"{ALLOWED} !sign-in", "CAPTCHA", "Solve a CAPTCHA"),
    ("https", "", "unknown-code", f"{ALLOWED} !sign-in", "UNEXPLAINED", "Check what was sent"),
    ("https", "", ("ada", ""), f"{REACHED} !settings", "ARGUMENT", "Correct the argument"),
    # Something else than an answer.
    ("https", "", "ratelimited", f"{REACHED} !answer", "RATE_LIMITED", "the server asks to wait 7 seconds"),
    ("https", "", "servererror", f"{REACHED} !answer", "SERVER_FAULT", "Try again later"),
    ("https", "", "badgateway", f"{REACHED} !answer", "SERVER_FAULT", "Try again later"),
    ("https", "", "waf", f"{REACHED} !answer", "UNEXPLAINED", "captive portal"),
    ("https", "", "variant:html", f"{REACHED} !answer", "ANSWER_NOT_UNDERSTOOD", "captive portal"),
    ("https", "", "fault:redirect_302", f"{REACHED} !answer", "REDIRECT_REFUSED", "captive portal"),
    ("https", "", "fault:cut_before", f"{REACHED} !answer", "CUT_OFF_AFTER_SENT", "may have counted"),
    ("https", "--timeout 1", "fault:never", f"{REACHED} !answer", "TIMED_OUT", "may have counted"),
]

HOUR = 3600
AHEAD, BEHIND = "ahead of the server's", "behind the server's"
PAGE = "<html>Welcome</html>"
DEAD = (400, {"error": "invalid_grant"})
WRONG_LOGIN = (401, {"ErrorCode": 966, "Message": "The username or password is incorrect"})
NOT_ALLOWED = (403, {"error": "unauthorized_client", "error_description": "oops"})
TOKENS = (200, {"access_token": "canary-access", "token_type": "Bearer", "refresh_token": "canary-refresh"})

# At a server of our own, for what is said to nobody: what that is, the answer to
# the login and to the revocation, how far its clock is off, and the rest as above.
SAID_TO_NOBODY = [
    ("wrong password", WRONG_LOGIN, None, 0, f"{PLAIN_ALLOWED} -sign-in", None, None),
    ("no date", WRONG_LOGIN, None, None, f"{PLAIN} answer -clock app grant -sign-in", None, None),
    ("45 s from now", WRONG_LOGIN, None, 45, f"{PLAIN_ALLOWED} -sign-in", None, None),
    ("in 2 h", WRONG_LOGIN, None, 2 * HOUR, f"{PLAIN} answer !clock app grant -sign-in", None, BEHIND),
    ("2 h ago", WRONG_LOGIN, None, -2 * HOUR, f"{PLAIN} answer !clock app grant -sign-in", None, AHEAD),
    # A refusal that means either of two things is decided at another endpoint.
    ("no, but known", NOT_ALLOWED, (200, None), 0, f"{PLAIN_KNOWN} !grant", "CLIENT_REFUSED", HINT_GRANT),
    ("no, but no token", NOT_ALLOWED, DEAD, 0, f"{PLAIN_KNOWN} !grant", "CLIENT_REFUSED", HINT_GRANT),
    ("no, and unknown", NOT_ALLOWED, NOT_ALLOWED, 0, f"{PLAIN_ANSWERED} !app", "CLIENT_REFUSED", HINT_APP),
    ("no, and a fault", NOT_ALLOWED, (500, None), 0, f"{PLAIN_ANSWERED} !app", "CLIENT_REFUSED", HINT_APP),
    ("no, and a page", NOT_ALLOWED, (403, PAGE), 0, f"{PLAIN_ANSWERED} !app", "CLIENT_REFUSED", HINT_APP),
    ("malformed", (400, {"error": "invalid_request"}), None, 0, f"{PLAIN_KNOWN} !grant", "REQUEST_REFUSED", "Check"),
    ("not here", (404, None), None, 0, f"{PLAIN_ANSWERED} !app", "NOT_FOUND", HINT_APP),
    ("captcha", (403, {"ErrorCode": 1132}), None, 0, f"{PLAIN_ALLOWED} !sign-in", "CAPTCHA", "Solve a CAPTCHA"),
    ("a code", (403, {"ErrorCode": 1999}), None, 0, f"{PLAIN_ALLOWED} !sign-in", "UNEXPLAINED", "Check what"),
    ("welcome", TOKENS, None, 0, f"{PLAIN_ALLOWED} !sign-in", None, "Do not sign in there"),
    ("wait", (429, {"Message": "Slow"}), None, 0, f"{PLAIN} !answer", "RATE_LIMITED", "Wait as long as"),
    ("a fault", (503, PAGE), None, 0, f"{PLAIN} !answer", "SERVER_FAULT", "Try again later"),
    ("a page", (200, PAGE), None, 0, f"{PLAIN} !answer", "ANSWER_NOT_UNDERSTOOD", "captive portal"),
    ("elsewhere", (302, None), None, 0, f"{PLAIN} !answer", "REDIRECT_REFUSED", "captive portal"),
    ("nothing", None, None, 0, f"{PLAIN} !answer", "TIMED_OUT", "may have counted"),
]
