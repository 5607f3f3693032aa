"""The organisation's identity provider: authorization code with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import jwt

from infra.oidc.claims import ClaimMap, SignedIn, check
from infra.oidc.errors import SignInRefused
from infra.oidc.published import Published

LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Client:
    """This installation as the provider knows it; without a `secret` a public client, which PKCE alone protects."""

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    scopes: str = "openid profile email"


class OidcProvider:
    """Signs people in; endpoints and keys are those that the provider publishes."""

    def __init__(self, client: Client, claims: ClaimMap, http: httpx2.Client) -> None:
        self._client = client
        self._claims = claims
        self._published = Published(http, issuer=client.issuer)

    def close(self) -> None:
        self._published.close()

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
        endpoint = self._published.endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def signed_in(self, answer: Mapping[str, str], redirect_uri: str, *, nonce: str, verifier: str) -> SignedIn:
        """Who it is, by the query that the browser came back with. Raises `SignInRefused` and `ProviderUnavailable`."""
        named = answer.get("iss")  # RFC 9207
        required = self._published.description().get("authorization_response_iss_parameter_supported") is True
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
        known = self._published.description().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        headers = {"Accept": "application/json"}
        if self._client.secret and "client_secret_basic" in known:
            pair = f"{quote(self._client.client_id, safe='')}:{quote(self._client.secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._client.client_id
            if self._client.secret:
                form["client_secret"] = self._client.secret
        endpoint = self._published.endpoint("token_endpoint")
        reply = self._published.posted(endpoint, form, headers)
        if "id_token" not in reply:
            raise SignInRefused(f"The identity provider refused: {_told(reply)}.")
        return str(reply["id_token"])

    def _checked(self, token: str) -> Mapping[str, Any]:
        """The claims of a token whose signature, issuer, audience and times hold."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._published.key(header.get("kid"), str(header.get("alg")))
            if key is None:
                raise SignInRefused("The identity provider's token is signed by none of its keys.")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._client.client_id,
                issuer=self._client.issuer,
                leeway=LEEWAY_S,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise SignInRefused(f"The identity provider's token does not hold: {error}.") from error
        return claims


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _told(answer: Mapping[str, Any]) -> str:
    """The provider's own words, short and in one line."""
    words = str(answer.get("error_description") or answer.get("error") or "it gave no reason")
    return " ".join(words.split())[:200].rstrip(".")
