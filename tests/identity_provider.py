"""An identity provider for tests: OpenID Connect by the book over real HTTP with real RS256 keys, and wrong on demand.

`python tests/identity_provider.py 8144 http://127.0.0.1:8143` runs it beside a service, to be signed in by hand.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "footnote", "s3cret/+:é"
PEOPLE = {
    "ana": {"groups": ["legal", "staff"]},
    "carla": {"groups": ["hr", "staff"]},
    "root": {"groups": ["admins", "legal"]},
}


@dataclass
class Key:
    kid: str
    private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def public(self) -> dict[str, Any]:
        listed = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return listed | {"kid": self.kid, "use": "sig", "alg": "RS256"}


class IdentityProvider:
    """`claims` replace those of the next tokens (None: left out), `algorithm` is what they are signed by; `redirects`
    are the addresses that it sends browsers back to; `answered` is added to the query it does so with. `jwks` stands in
    the place of its key set, which comes after `slow_s`, and once `held` is set; `described_at` is where it describes
    itself."""

    def __init__(self, port: int = 0) -> None:
        self.people: dict[str, dict[str, Any]] = {user: dict(claims) for user, claims in PEOPLE.items()}
        self.redirects: set[str] = set()
        self.keys = [Key("one")]
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self.right()
        provider = self

        class Handler(_Handler):
            idp = provider

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.issuer = self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def right(self) -> None:
        """Nothing is wrong any more."""
        self.claims: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.signs_with: Key | None = None
        self.answered: dict[str, str] = {}
        self.described: dict[str, Any] = {}
        self.down = False
        self.jwks: Any = None
        self.slow_s = 0.0
        self.held = threading.Event()
        self.held.set()
        self.described_at = "/.well-known/openid-configuration"

    def key_set(self) -> Any:
        time.sleep(self.slow_s)
        self.held.wait(20)
        return {"keys": [key.public() for key in self.keys]} if self.jwks is None else self.jwks

    def rotate(self) -> None:
        """Another key; the one before is withdrawn."""
        self.keys = [Key(secrets.token_hex(4))]

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.address}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        } | self.described

    def approve(self, address: str, user: str) -> str:
        """What the browser is sent back to when this person signs in at the address that it was sent to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["client_id"] == CLIENT_ID
        assert asked["redirect_uri"] in self.redirects, "an address that is not registered"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked | {"user": user}
        back = {"code": code, "state": asked["state"], "iss": self.issuer} | self.answered
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        scheme, _, pair = authorization.partition(" ")
        client, _, secret = base64.b64decode(pair).decode().partition(":")
        if (scheme, unquote(client), unquote(secret)) != ("Basic", CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)  # good once
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or _text(digest) != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant", "error_description": "The code or its\nverifier is wrong."}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self._token(asked)}

    def access_token(self, user: str, **claims: Any) -> str:
        """As a program gets it, which then sends it to the service."""
        now = int(time.time())
        held = {"iss": self.issuer, "sub": user, "iat": now, "exp": now + 300, **self.people[user], **claims}
        return jwt.encode(held, self.keys[-1].private, "RS256", {"kid": self.keys[-1].kid, "typ": "at+jwt"})

    def _token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": asked["user"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.people[asked["user"]],
            **self.claims,
        }
        held = {name: value for name, value in claims.items() if value is not None}
        key = self.signs_with or self.keys[-1]
        if self.algorithm == "HS256":  # with what everybody knows as the secret, which the library refuses to do
            return _confused(held, key)
        secret = None if self.algorithm == "none" else key.private
        return jwt.encode(held, secret, self.algorithm, {"kid": key.kid})


def _confused(claims: dict[str, Any], key: Key) -> str:
    parts = [{"alg": "HS256", "typ": "JWT", "kid": key.kid}, claims]
    signed = ".".join(_text(json.dumps(part).encode()) for part in parts)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    secret = key.private.public_key().public_bytes(serialization.Encoding.PEM, form)
    return f"{signed}.{_text(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    idp: IdentityProvider

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        self.idp.asked.append(place.path)
        if self.idp.down:
            self._send(503, b"down", "text/plain")
        elif place.path == self.idp.described_at:
            self._json(200, self.idp.description())
        elif place.path == "/jwks":
            self._json(200, self.idp.key_set())
        elif place.path == "/authorize":
            self._choose(dict(parse_qsl(place.query)))
        else:
            self._send(404, b"", "text/plain")

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
        self._json(*self.idp.exchange(form, self.headers.get("authorization", "")))

    def _choose(self, asked: dict[str, str]) -> None:
        """A page on which one says who one is."""
        user = asked.pop("user", None)
        if user is not None:
            self.send_response(302)
            self.send_header("Location", self.idp.approve(f"/authorize?{urlencode(asked)}", user))
            self.end_headers()
            return
        links = "".join(
            f"<li><a href='/authorize?{escape(urlencode(asked | {'user': name}))}'>{name}</a>"
            for name in self.idp.people
        )
        self._send(
            200,
            f"<title>Sign in</title><link rel=icon href='data:,'><h1>Who are you?</h1><ul>{links}</ul>".encode(),
            "text/html",
        )

    def _json(self, status: int, body: object) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    running = IdentityProvider(int(sys.argv[1]))
    running.redirects.add(f"{sys.argv[2]}/v1/session/oidc/callback")
    print(f"FOOTNOTE_OIDC_ISSUER={running.issuer} FOOTNOTE_OIDC_CLIENT_ID={CLIENT_ID}", flush=True)
    print(f"FOOTNOTE_OIDC_CLIENT_SECRET='{CLIENT_SECRET}' FOOTNOTE_PUBLIC_URL={sys.argv[2]}", flush=True)
    threading.Event().wait()
