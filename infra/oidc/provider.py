"""The organisation's identity provider: discovery, authorization code with PKCE (RFC 7636), keys that rotate."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import jwt

from infra.oidc.claims import ClaimMap, SignedIn, check
from infra.oidc.errors import ProviderUnavailable, SignInRefused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
AT_ONCE = 8  # requests to the provider: anybody may begin to sign in, and each holds a thread of the service
_KEPT_S = 600.0
_LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Client:
    """This installation as the provider knows it; without a `secret` a public client, which PKCE alone protects."""

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    scopes: str = "openid profile email"


class OidcProvider:
    """What the provider says of itself and its keys are kept for ten minutes; keys are asked for again when a token
    names one that is not among them."""

    def __init__(self, client: Client, claims: ClaimMap, http: httpx2.Client) -> None:
        self._client = client
        self._claims = claims
        self._http = http
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._metadata: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, tuple[jwt.PyJWK, ...]] | None = None

    def close(self) -> None:
        self._http.close()

    def address(self, redirect_uri: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser; raises `ProviderUnavailable`."""
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._client.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def signed_in(self, answer: Mapping[str, str], redirect_uri: str, *, nonce: str, verifier: str) -> SignedIn:
        """Who it is, by the query that the browser came back with. Raises `SignInRefused` and `ProviderUnavailable`."""
        named = answer.get("iss")  # RFC 9207
        required = self._described().get("authorization_response_iss_parameter_supported") is True
        if (named is not None or required) and named != self._client.issuer:
            raise SignInRefused("The answer comes from another identity provider.")
        if "code" not in answer:
            raise SignInRefused(f"The identity provider refused: {_told(answer)}.")
        token = self._exchanged(answer["code"], redirect_uri, verifier)
        claims = self._checked(token)
        check(claims, client_id=self._client.client_id, nonce=nonce)
        return self._claims.person(claims)

    def _exchanged(self, code: str, redirect_uri: str, verifier: str) -> str:
        """The ID token for a code, which is good once."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        known = self._described().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        headers = {"Accept": "application/json"}
        if self._client.secret and "client_secret_basic" in known:
            pair = f"{quote(self._client.client_id, safe='')}:{quote(self._client.secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._client.client_id
            if self._client.secret:
                form["client_secret"] = self._client.secret
        endpoint = self._endpoint("token_endpoint")
        reply = self._asked(lambda: self._http.post(endpoint, data=form, headers=headers), may_refuse=True)
        if "id_token" not in reply:
            raise SignInRefused(f"The identity provider refused: {_told(reply)}.")
        return str(reply["id_token"])

    def _checked(self, token: str) -> Mapping[str, Any]:
        """The claims of a token whose signature, issuer, audience and times hold."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._key(header.get("kid"), str(header.get("alg")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._client.client_id,
                issuer=self._client.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise SignInRefused(f"The identity provider's token does not hold: {error}.") from error
        return claims

    def _key(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        """The key that a token names, asked for anew where it is not known yet."""
        for fresh in (False, True):
            found = [
                key for key in self._published(fresh) if kid in (None, key.key_id) and key.algorithm_name == algorithm
            ]
            if len(found) == 1:
                return found[0]
        raise SignInRefused("The identity provider's token is signed by none of its keys.")

    def _published(self, fresh: bool) -> tuple[jwt.PyJWK, ...]:
        if fresh or self._keys is None or time.monotonic() - self._keys[0] > _KEPT_S:
            endpoint = self._endpoint("jwks_uri")
            listed = self._asked(lambda: self._http.get(endpoint)).get("keys", [])
            self._keys = time.monotonic(), tuple(key for one in listed for key in _signing_keys(one))
        return self._keys[1]

    def _described(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0)."""
        if self._metadata is None or time.monotonic() - self._metadata[0] > _KEPT_S:
            place = self._client.issuer.rstrip("/") + "/.well-known/openid-configuration"
            told = self._asked(lambda: self._http.get(place))
            if told.get("issuer") != self._client.issuer:
                raise ProviderUnavailable(
                    f"The identity provider calls itself {str(told.get('issuer'))[:200]!r}. Write FOOTNOTE_OIDC_ISSUER "
                    "exactly so."
                )
            self._metadata = time.monotonic(), told
        return self._metadata[1]

    def _endpoint(self, name: str) -> str:
        address = str(self._described().get(name, ""))
        if not safe_address(address):
            raise ProviderUnavailable(f"The identity provider gives no '{name}' that can be used.")
        return address

    def _asked(self, ask: Callable[[], httpx2.Response], *, may_refuse: bool = False) -> Mapping[str, Any]:
        """The JSON object of a reply, `ask` being one request; raises `ProviderUnavailable`."""
        if not self._free.acquire(blocking=False):
            raise ProviderUnavailable("Too many people are signing in at once. Try again in a moment.")
        try:
            reply = ask()
            body = reply.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderUnavailable("The identity provider cannot be reached. Try again in a moment.") from error
        finally:
            self._free.release()
        refused = may_refuse and reply.is_client_error
        if not isinstance(body, dict) or not (reply.is_success or refused):
            raise ProviderUnavailable("The identity provider does not answer as it should. Try again in a moment.")
        return body if reply.is_success else {key: body[key] for key in body if key != "id_token"}


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def safe_address(address: str) -> bool:
    """HTTPS, or plain HTTP on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def _signing_keys(listed: Any) -> tuple[jwt.PyJWK, ...]:
    """One, or none where it is of a kind that signs no token of ours."""
    if not isinstance(listed, dict) or listed.get("use", "sig") != "sig":
        return ()
    try:
        key = jwt.PyJWK(listed)
    except jwt.PyJWTError:
        return ()
    return (key,) if key.algorithm_name in ALGORITHMS else ()


def _told(answer: Mapping[str, Any]) -> str:
    """The provider's own words, short and in one line."""
    words = str(answer.get("error_description") or answer.get("error") or "it gave no reason")
    return " ".join(words.split())[:200].rstrip(".")
