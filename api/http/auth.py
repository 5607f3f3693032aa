"""Who is asking, from the credential alone: an API key or a JWT (RFC 7519)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ingest.errors import FootnoteError, NotAllowed
from ingest.types import Author
from retrieval.errors import InvalidPrincipal
from retrieval.types import Principal

READ, WRITE, ADMIN = "read", "write", "admin"
_SESSION = timedelta(hours=12)


class NotAuthenticated(FootnoteError):
    """No credential, or one that is not valid (any more)."""

    code = "not_authenticated"


class Key(Protocol):
    """What a key look-up gives: who the key speaks for."""

    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> frozenset[str]: ...
    @property
    def scopes(self) -> frozenset[str]: ...


class ApiKeys(Protocol):
    def lookup(self, secret: str) -> Key | None: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """A principal and what the credential allows it to do."""

    principal: Principal
    scopes: frozenset[str]

    @property
    def author(self) -> Author:
        return Author(self.principal.user, self.principal.tokens, ADMIN in self.scopes)

    def carries(self, scope: str) -> bool:
        """Whether the credential has this scope; `admin` includes `write`."""
        return scope in self.scopes or (scope == WRITE and ADMIN in self.scopes)

    def require(self, scope: str) -> None:
        if not self.carries(scope):
            raise NotAllowed(f"This credential does not carry the scope '{scope}'. Ask for a key that does.")


class Authenticator:
    """Checks bearer credentials.

    JWTs are accepted if signed with this installation's own secret (HS256) or, where `public_key` (PEM) is
    set, by the organisation's identity provider (RS256, ES256 or EdDSA). Claims: `sub`, `exp`, `groups`
    (list), `scope` (space-separated; "read" if absent), and `aud` where an audience is configured.
    """

    def __init__(
        self, keys: ApiKeys, *, secret: bytes, public_key: str = "", audience: str = "", demo: bool = False
    ) -> None:
        self._keys = keys
        self._demo = demo
        self._secret = secret
        self._public_key = public_key
        self._audience = audience or None

    def identify(self, authorization: str) -> Identity:
        """The identity behind an Authorization header; raises `NotAuthenticated`."""
        scheme, _, credential = authorization.partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise NotAuthenticated("Send 'Authorization: Bearer <API key or token>'.")
        credential = credential.strip()
        if credential.count(".") == 2:
            return self._from_token(credential)
        key = self._keys.lookup(credential)
        if key is None:
            raise NotAuthenticated("This API key is unknown or was revoked.")
        return Identity(Principal(key.user, key.groups), key.scopes)

    def issue(self, principal: Principal, scopes: frozenset[str]) -> tuple[str, datetime]:
        """A token for a sample person and when it ends; it counts in demo mode only."""
        import jwt

        expires = datetime.now(UTC) + _SESSION
        claims: dict[str, Any] = {
            "sub": principal.user,
            "groups": sorted(principal.groups),
            "scope": " ".join(sorted(scopes)),
            "exp": expires,
            "demo": True,
        }
        if self._audience:
            claims["aud"] = self._audience
        return jwt.encode(claims, self._secret, algorithm="HS256"), expires

    def _from_token(self, token: str) -> Identity:
        import jwt

        try:
            algorithm = jwt.get_unverified_header(token).get("alg", "")
            key: Any = self._secret if algorithm == "HS256" else self._public_key
            allowed = ["HS256"] if algorithm == "HS256" else ["RS256", "ES256", "EdDSA"]
            if not key:
                raise NotAuthenticated("Tokens of this kind are not accepted here: no public key is configured.")
            options: Any = {"require": ["sub", "exp"], "verify_aud": self._audience is not None}
            claims = jwt.decode(token, key, algorithms=allowed, audience=self._audience, options=options)
            if claims.get("demo") and not self._demo:
                raise NotAuthenticated("This token is for the demo only: sign in with a credential of your own.")
            groups = claims.get("groups", [])
            if not isinstance(groups, list):
                raise NotAuthenticated("The token's 'groups' claim is not a list.")
            principal = Principal(str(claims["sub"]), frozenset(map(str, groups)))
        except jwt.ExpiredSignatureError as error:
            raise NotAuthenticated("The session has ended: sign in again.") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise NotAuthenticated("The token is not valid.") from error
        except InvalidPrincipal as error:
            raise NotAuthenticated(f"The token names nobody we can serve: {error}") from error
        return Identity(principal, frozenset(str(claims.get("scope", READ)).split()))
