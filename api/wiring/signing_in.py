"""Signing in on the page, by settings."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import httpx2

from infra.oidc.claims import ClaimMap
from infra.oidc.provider import Client, OidcProvider, safe_address
from infra.settings import Settings, SettingsError
from retrieval.errors import InvalidPrincipal
from retrieval.types import Principal


def provider(settings: Settings) -> OidcProvider | None:
    """The organisation's identity provider; None where none is named. Asks it nothing. Raises `SettingsError`."""
    if not settings.oidc_issuer:
        return None
    if not safe_address(settings.oidc_issuer):
        raise SettingsError("FOOTNOTE_OIDC_ISSUER: write the issuer's address, https://...")
    for name, value in (("CLIENT_ID", settings.oidc_client_id), ("PUBLIC_URL", settings.public_url)):
        if not value:
            variable = name if name == "PUBLIC_URL" else f"OIDC_{name}"
            raise SettingsError(f"FOOTNOTE_{variable} is missing: signing in by FOOTNOTE_OIDC_ISSUER needs it.")
    try:
        Principal("checked", frozenset(settings.oidc_group_map.values()))
    except InvalidPrincipal as error:
        raise SettingsError(f"FOOTNOTE_OIDC_GROUP_MAP: {error}") from error
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_scopes,
    )
    claims = ClaimMap(settings.oidc_user_claim, settings.oidc_groups_claim, settings.oidc_group_map)
    return OidcProvider(client, claims, httpx2.Client(timeout=10.0))


def granted(settings: Settings) -> Mapping[str, str]:
    """Scopes that whoever is signed in by the identity provider has by a group, {scope: group}."""
    named = {"write": settings.write_group, "admin": settings.admin_group, "audit": settings.audit_group}
    return {scope: group for scope, group in named.items() if group}


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose alone, so that what it signs counts nowhere else."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
