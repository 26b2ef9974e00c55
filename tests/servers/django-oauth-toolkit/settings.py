"""Django with django-oauth-toolkit and nothing else.

Environment: AT_TTL, the lifetime of access tokens in seconds; ROTATE=0, to
keep refresh tokens; GRACE, for how many seconds a rotated one may come again;
DATABASE and KEY, the files that serve.py makes.
"""

import os
import pathlib

SECRET_KEY = "a key that guards nothing outside this test"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "oauth2_provider",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "oauth2_provider.middleware.OAuth2TokenMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "oauth2_provider.backends.OAuth2Backend",
    "django.contrib.auth.backends.ModelBackend",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["DATABASE"],
        # Nothing has to outlive a power cut.
        "OPTIONS": {"timeout": 20, "init_command": "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the passwords are no secrets
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": pathlib.Path(os.environ["KEY"]).read_text(),
    "SCOPES": {"openid": "OpenID Connect", "profile": "profile", "read": "read"},
    "DEFAULT_SCOPES": ["read"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": int(os.environ.get("AT_TTL", 3600)),
    "ROTATE_REFRESH_TOKEN": os.environ.get("ROTATE") != "0",
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": int(os.environ.get("GRACE", 0)),
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # Or it refuses the password grant, as RFC 9700 says.
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": False,
    "PKCE_REQUIRED": False,
}
