"""Signing in on the page, and tokens of programs, by settings."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import httpx2

from infra.oidc.claims import ClaimMap
from infra.oidc.provider import Client, OidcProvider
from infra.oidc.published import Published, safe_address
from infra.oidc.tokens import Accepted, AccessTokens, FixedKey, Keys
from infra.settings import Settings, SettingsError
from retrieval.errors import InvalidPrincipal
from retrieval.types import Principal

_TIMEOUT_S = 10.0


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
    return OidcProvider(client, _claims(settings), httpx2.Client(timeout=_TIMEOUT_S))


def access_tokens(settings: Settings) -> AccessTokens | None:
    """Those of the identity provider that count here; None where none do. Asks it nothing. Raises `SettingsError`."""
    accepted = _accepted(settings)
    if accepted is None:
        return None
    same = bool(accepted.issuer) and accepted.issuer == settings.oidc_issuer
    return AccessTokens(_keys(settings), accepted, _claims(settings) if same else None)


def _accepted(settings: Settings) -> Accepted | None:
    issuer, audience = settings.jwt_issuer, settings.jwt_audience
    if not (issuer or settings.jwt_jwks_url or settings.jwt_public_key):
        if audience:
            raise SettingsError(
                "FOOTNOTE_JWT_AUDIENCE says for whom tokens are, and nothing from whom: set FOOTNOTE_JWT_ISSUER."
            )
        return None
    if settings.jwt_jwks_url and settings.jwt_public_key:
        raise SettingsError("Set either FOOTNOTE_JWT_JWKS_URL or FOOTNOTE_JWT_PUBLIC_KEY.")
    for name, value, what in (
        ("FOOTNOTE_JWT_ISSUER", issuer, "who makes them, exactly as their claim 'iss' says it"),
        ("FOOTNOTE_JWT_AUDIENCE", audience, "whom they are made for, as their claim 'aud' names this service"),
    ):
        if not value and not settings.demo:
            raise SettingsError(
                f"{name} is missing: tokens are accepted only where it is said {what}. Without it a token that was "
                "made for another program opens this one. Or unset FOOTNOTE_JWT_*, and no tokens are accepted."
            )
    return Accepted(issuer, audience, settings.jwt_max_hours * 3600)


def _keys(settings: Settings) -> Keys:
    if settings.jwt_public_key:
        return FixedKey(settings.jwt_public_key)
    name = "JWKS_URL" if settings.jwt_jwks_url else "ISSUER"
    if not safe_address(settings.jwt_jwks_url or settings.jwt_issuer):
        raise SettingsError(f"FOOTNOTE_JWT_{name}: write an address, https://...")
    http = httpx2.Client(timeout=_TIMEOUT_S)
    return Published(http, issuer=settings.jwt_issuer, jwks_url=settings.jwt_jwks_url, setting="FOOTNOTE_JWT_ISSUER")


def _claims(settings: Settings) -> ClaimMap:
    return ClaimMap(settings.oidc_user_claim, settings.oidc_groups_claim, settings.oidc_group_map)


def granted(settings: Settings) -> Mapping[str, str]:
    """Scopes that whoever is signed in by the identity provider has by a group, {scope: group}."""
    named = {"write": settings.write_group, "admin": settings.admin_group, "audit": settings.audit_group}
    return {scope: group for scope, group in named.items() if group}


def derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose alone, so that what it signs counts nowhere else."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
