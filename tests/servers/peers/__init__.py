"""One module for each server: what is asked of it, and what it answers."""

from . import django_oauth_toolkit, jmondi, nanoidp, oidc_provider

PEERS = [jmondi.PEER, oidc_provider.PEER, nanoidp.PEER, django_oauth_toolkit.PEER]
