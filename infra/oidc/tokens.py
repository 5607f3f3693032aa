"""Access tokens of an identity provider as credentials of programs: JWT (RFC 7519, 8725), RFC 9068 among them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from infra.oidc.claims import ClaimMap
from infra.oidc.errors import SignInRefused
from infra.oidc.provider import LEEWAY_S
from infra.oidc.published import FLOOR_S, signing_keys
from infra.settings import SettingsError
from ingest.errors import NotAuthenticated

_TYPES = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
_ACCESS = frozenset({"at+jwt", "application/at+jwt"})
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash")
_TOLD = {
    jwt.ExpiredSignatureError: "has ended: sign in again, or get a new one",
    jwt.ImmatureSignatureError: "does not hold yet (nbf, iat); do the clocks agree?",
    jwt.InvalidAudienceError: "is for another service, by its audience",
    jwt.InvalidIssuerError: "comes from another issuer",
}
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


class Keys(Protocol):
    def key(self, kid: str | None, algorithm: str, *, floor_s: float) -> jwt.PyJWK | None:
        """By which a token is signed that says so; None if by none of them. Raises `ProviderUnavailable`."""
        ...

    def keys(self) -> tuple[jwt.PyJWK, ...]:
        """All of them; raises `ProviderUnavailable`."""
        ...

    def close(self) -> None: ...


class FixedKey:
    """One public key as PEM, with the one algorithm that it is for. Raises `SettingsError`."""

    def __init__(self, pem: str) -> None:
        try:
            found = load_pem_public_key(pem.replace("\\n", "\n").encode())  # in one line, as env files have it
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _no_key() from error
        keys = signing_keys([_listed(found)])
        if not keys:
            raise _no_key()
        self._key = keys[0]

    def close(self) -> None:
        """There is nothing to close."""

    def keys(self) -> tuple[jwt.PyJWK, ...]:
        return (self._key,)

    def key(self, kid: str | None, algorithm: str, *, floor_s: float) -> jwt.PyJWK | None:
        return self._key if self._key.algorithm_name == algorithm else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Which tokens count: of this `issuer`, for this `audience`, that live `longest_s` at most. Either "" is not asked
    for, in the demo only."""

    issuer: str
    audience: str
    longest_s: float


class AccessTokens:
    """`claims` None: users are named by `sub`, groups by `groups`. Scopes are those of `scope`, read where it lacks.

    Of the header the algorithm, which has to be the key's, the type and the key's id count; addresses of keys and keys
    that it brings itself are never looked at.
    """

    def __init__(self, keys: Keys, accepted: Accepted, claims: ClaimMap | None = None) -> None:
        self._keys, self._accepted, self._claims = keys, accepted, claims

    def close(self) -> None:
        self._keys.close()

    def signing(self) -> int:
        """How many keys sign tokens now; raises `ProviderUnavailable`."""
        return len(self._keys.keys())

    def read(self, token: str) -> tuple[str, frozenset[str], frozenset[str], datetime]:
        """User, groups, scopes and its end; raises `NotAuthenticated` and `ProviderUnavailable`."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._key(header)
            claims = self._decoded(token, key)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _refused(error) from error
        self._check(header, claims)
        scopes = frozenset(str(claims.get("scope", "read")).split())
        return *self._person(claims), scopes, datetime.fromtimestamp(int(claims["exp"]), UTC)

    def _key(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        if str(header.get("typ", "")).lower() not in _TYPES:
            raise NotAuthenticated("This is not an access token, by its type.")
        found = self._keys.key(header.get("kid"), str(header.get("alg")), floor_s=FLOOR_S)
        if found is None:
            raise NotAuthenticated("The token is signed by none of the identity provider's keys.")
        return found

    def _decoded(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        issuer, audience = self._accepted.issuer, self._accepted.audience
        named = [name for name, wanted in (("iss", issuer), ("aud", audience)) if wanted]
        options: Any = {"require": ["sub", "exp", *named], "verify_aud": bool(audience), "verify_iss": bool(issuer)}
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=audience or None,
            issuer=issuer or None,
            leeway=LEEWAY_S,
            options=options,
        )
        return claims

    def _check(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        """What the library leaves over."""
        if "cnf" in claims:
            said = "The token is bound to a key of its holder, which is not checked here."
            raise NotAuthenticated(said, guessed=False)
        kind = str(claims.get("typ", "Bearer")).lower()  # Keycloak's word for what it is
        of_id = any(name in claims for name in _OF_ID_TOKENS)
        if kind != "bearer" or (of_id and str(header.get("typ", "")).lower() not in _ACCESS):
            raise NotAuthenticated(
                "This is an ID token or of another kind, which says who has signed in elsewhere. Send an access token "
                "for Footnote.",
                guessed=False,
            )
        begins = claims.get("iat", claims.get("nbf"))
        lasts = int(claims["exp"]) - (time.time() if begins is None else int(begins))
        if lasts > self._accepted.longest_s + LEEWAY_S:
            longest = self._accepted.longest_s / 3600
            raise NotAuthenticated(
                f"The token lives too long: here at most {longest:g} hours (FOOTNOTE_JWT_MAX_HOURS).", guessed=False
            )

    def _person(self, claims: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
        if self._claims is not None:
            try:
                person = self._claims.person(claims)
            except SignInRefused as error:
                raise NotAuthenticated(str(error), guessed=False) from error
            return person.user, person.groups
        groups = claims.get("groups", [])
        if not isinstance(groups, list):
            raise NotAuthenticated("The token's 'groups' claim is not a list.", guessed=False)
        return str(claims["sub"]), frozenset(map(str, groups))


def _listed(key: object) -> dict[str, Any]:
    """As it would stand in a key set, with its algorithm."""
    if isinstance(key, rsa.RSAPublicKey):
        return RSAAlgorithm.to_jwk(key, as_dict=True) | {"alg": "RS256"}
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return ECAlgorithm.to_jwk(key, as_dict=True) | {"alg": _CURVES[key.curve.name]}
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return OKPAlgorithm.to_jwk(key, as_dict=True) | {"alg": "EdDSA"}
    return {}


def _no_key() -> SettingsError:
    return SettingsError(
        "FOOTNOTE_JWT_PUBLIC_KEY is no public key that signs tokens: write it as PEM, 'BEGIN PUBLIC KEY', RSA of 2048 "
        "bits or more, P-256, P-384, P-521 or Ed25519; or name FOOTNOTE_JWT_ISSUER or FOOTNOTE_JWT_JWKS_URL instead."
    )


def _refused(error: Exception) -> NotAuthenticated:
    """What is told of a token that somebody else has signed is nothing; claims are looked at after the signature."""
    for kind, said in _TOLD.items():
        if isinstance(error, kind):
            return NotAuthenticated(f"The token {said}.", guessed=False)
    if isinstance(error, jwt.MissingRequiredClaimError):
        return NotAuthenticated(f"The token has no '{error.claim}'.", guessed=False)
    return NotAuthenticated("The token is not valid.")
