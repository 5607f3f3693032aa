"""Who somebody is, by the claims of an ID token (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.oidc.errors import SignInRefused
from retrieval.errors import InvalidPrincipal
from retrieval.types import Principal, principal_token


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClaimMap:
    """Which claims name a person and their groups. A name with dots may lead into objects: `realm_access.roles`.

    `groups`: {what the provider sends: group here}. With it no other group counts; without, groups are called what the
    provider calls them, spaces as hyphens, and those that cannot be named in an access label are left out.
    """

    user_claim: str = "sub"
    groups_claim: str = "groups"
    groups: Mapping[str, str] = field(default_factory=dict)

    def person(self, claims: Mapping[str, Any]) -> SignedIn:
        """Raises `SignInRefused`."""
        user = _claim(claims, self.user_claim)
        if not isinstance(user, str) or not user:
            raise SignInRefused(
                f"The identity provider does not say who you are: the claim '{self.user_claim}' is missing."
            )
        if self.user_claim == "email" and claims.get("email_verified") is not True:
            raise SignInRefused("The identity provider has not verified your e-mail address.")
        try:
            return SignedIn(Principal(user).user, self._groups(_claim(claims, self.groups_claim)))
        except InvalidPrincipal as error:
            raise SignInRefused(f"Your name at the identity provider cannot be used here: {error}") from error

    def _groups(self, given: object) -> frozenset[str]:
        names = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        strings = [name for name in names if isinstance(name, str)]
        if self.groups:
            return frozenset(self.groups[name] for name in strings if name in self.groups)
        return frozenset(filter(None, map(_group, strings)))


def check(claims: Mapping[str, Any], *, client_id: str, nonce: str) -> None:
    """What the library that checked signature, issuer, audience and times leaves over; raises `SignInRefused`."""
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise SignInRefused("The identity provider's token answers another sign-in. Start again.")
    authorized = claims.get("azp")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (authorized is not None or several) and authorized != client_id:
        raise SignInRefused("The identity provider's token was made for another application.")


def _claim(claims: Mapping[str, Any], name: str) -> object:
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _group(name: str) -> str:
    """ "" where no access label can name it."""
    try:
        return principal_token(f"group:{'-'.join(name.split())}").removeprefix("group:")
    except InvalidPrincipal:
        return ""
