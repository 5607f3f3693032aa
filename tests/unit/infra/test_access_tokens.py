"""Access tokens of an identity provider: real ones, signed by real keys that a real server on this machine publishes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from infra.oidc import published
from infra.oidc.claims import ClaimMap
from infra.oidc.errors import ProviderUnavailable
from infra.oidc.published import FLOOR_S, KEPT_S, STALE_S, Published
from infra.oidc.tokens import Accepted, AccessTokens, FixedKey
from infra.settings import SettingsError
from ingest.errors import NotAuthenticated
from tests.identity_provider import IdentityProvider, Key

AUDIENCE = "https://footnote.example.com"
DAY_S = 86_400.0
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Service:
    """What checks tokens, and the provider that makes them."""

    idp: IdentityProvider
    clock: Clock = field(default_factory=Clock)
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=10))

    def __post_init__(self) -> None:
        self.published = Published(self.http, issuer=self.idp.issuer, clock=self.clock)
        self.tokens = AccessTokens(self.published, Accepted(self.idp.issuer, AUDIENCE, DAY_S))

    def token(
        self, *, key: Any = None, header: dict[str, Any] | None = None, algorithm: str = "RS256", **changes: Any
    ) -> str:
        now = int(time.time())
        given = {
            "iss": self.idp.issuer, "aud": AUDIENCE, "sub": "ana", "groups": ["legal"], "iat": now, "exp": now + 300,
        } | changes  # fmt: skip
        claims = {name: value for name, value in given.items() if value is not None}
        headers = {"kid": self.idp.keys[-1].kid} | (header or {})
        if headers["kid"] is None:
            del headers["kid"]
        return jwt.encode(claims, key or self.idp.keys[-1].private, algorithm, headers)

    def reads(self, **changes: Any) -> str:
        return self.tokens.read(self.token(**changes))[0]

    def refuses(self, said: str | None = None, **changes: Any) -> NotAuthenticated:
        with pytest.raises(NotAuthenticated, match=said) as raised:
            self.reads(**changes)
        return raised.value

    def asked(self, path: str = "/jwks") -> int:
        return self.idp.asked.count(path)


@pytest.fixture
def service() -> Iterator[Service]:
    idp = IdentityProvider()
    made = Service(idp)
    yield made
    made.published.close()
    idp.close()


def test_a_token_of_the_issuer_for_us_says_who_asks(service: Service) -> None:
    end = int(time.time()) + 250
    told = service.tokens.read(service.token(exp=end))
    assert told == ("ana", frozenset({"legal"}), frozenset({"read"}), datetime.fromtimestamp(end, UTC))
    assert service.tokens.read(service.token(scope="read write"))[2] == {"read", "write"}
    for _ in range(5):
        service.reads(header={"typ": "at+jwt"})
    assert (service.asked(), service.asked("/.well-known/openid-configuration")) == (1, 1)


class In(float):
    """So many seconds after the test has begun."""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://evil.test"}, "another issuer"),
        ({"iss": "http://127.0.0.1"}, "another issuer"),
        ({"iss": None}, "'iss'"),
        ({"aud": "other-service"}, "another service"),
        ({"aud": ["other", "more"]}, "another service"),
        ({"aud": AUDIENCE + "/"}, "another service"),
        ({"aud": None}, "'aud'"),
        ({"aud": {"x": 1}}, None),
        ({"sub": None}, "'sub'"),
        ({"sub": 7}, None),
        ({"exp": None}, "'exp'"),
        ({"exp": In(-60)}, "has ended"),
        ({"exp": "soon"}, None),
        ({"exp": float("inf")}, None),
        ({"nbf": In(120)}, "does not hold yet"),
        ({"iat": In(120)}, "does not hold yet"),
        ({"iat": [1]}, None),
        ({"exp": In(2 * DAY_S)}, "lives too long"),
        ({"exp": In(60), "iat": In(-2 * DAY_S)}, "lives too long"),
        ({"exp": In(2 * DAY_S), "iat": None}, "lives too long"),
        ({"groups": "legal"}, "not a list"),
        ({"nonce": "n"}, "ID token"),
        ({"at_hash": "h"}, "ID token"),
        ({"typ": "ID"}, "ID token"),
        ({"typ": "Refresh"}, "ID token"),
        ({"cnf": {"jkt": "x"}}, "bound to a key"),
    ],
)
def test_a_token_that_was_not_made_for_this_or_not_for_now_is_refused(
    service: Service, changes: dict[str, Any], said: str | None
) -> None:
    now = time.time()
    service.refuses(said, **{name: now + value if isinstance(value, In) else value for name, value in changes.items()})
    assert service.reads() == "ana"


def test_clocks_may_differ_a_little(service: Service) -> None:
    now = time.time()
    assert service.reads(exp=now - 10, iat=now - 300) == service.reads(nbf=now + 10, iat=now + 10) == "ana"


@pytest.mark.parametrize(
    "header", [{"typ": "at+jwt"}, {"typ": "AT+JWT"}, {"typ": "application/at+jwt"}, {"typ": "JWT"}, {"typ": None}]
)
def test_access_tokens_have_one_of_these_types(service: Service, header: dict[str, Any]) -> None:
    assert service.reads(header=header) == "ana"


def test_an_access_token_by_its_type_may_carry_what_an_id_token_has(service: Service) -> None:
    assert service.reads(header={"typ": "at+jwt"}, nonce="n") == "ana"


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "id+jwt", "at", "at+jwt; x=1"])
def test_a_token_of_another_type_is_refused(service: Service, kind: str) -> None:
    service.refuses("by its type", header={"typ": kind})


def unsigned(header: dict[str, Any], claims: dict[str, Any], mac: bytes = b"") -> str:
    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = ".".join(text(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{text(hmac.digest(mac, signed.encode(), hashlib.sha256) if mac else b'')}"


def test_no_algorithm_but_that_of_the_key_counts(service: Service) -> None:
    key = service.idp.keys[-1]
    claims = jwt.decode(service.token(), options={"verify_signature": False})
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.private.public_key().public_bytes(serialization.Encoding.PEM, form)
    for forged in (
        unsigned({"alg": "none", "kid": key.kid}, claims),
        unsigned({"alg": "None", "kid": key.kid}, claims),
        unsigned({"kid": key.kid}, claims),
        unsigned({"alg": "HS256", "kid": key.kid}, claims, pem),
        unsigned({"alg": "HS256", "kid": key.kid}, claims, json.dumps(key.public()).encode()),
        unsigned({"alg": "RS256", "kid": key.kid}, claims, pem),
        unsigned({"alg": ["RS256"], "kid": key.kid}, claims, pem),
        unsigned({"alg": "RS256", "kid": 7}, claims, pem),
        service.token(algorithm="RS512"),
        service.token(algorithm="PS256"),
        service.token(key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
    ):
        service.clock.now += FLOOR_S
        with pytest.raises(NotAuthenticated):
            service.tokens.read(forged)


def test_a_symmetric_key_that_is_published_is_none(service: Service) -> None:
    secret = base64.urlsafe_b64encode(b"k" * 32).rstrip(b"=").decode()
    service.idp.jwks = {"keys": [{"kty": "oct", "kid": "s", "k": secret, "alg": "HS256", "use": "sig"}]}
    service.refuses("none of the identity provider's keys", key=b"k" * 32, algorithm="HS256", header={"kid": "s"})


def test_keys_and_addresses_of_keys_that_a_token_brings_are_never_looked_at(service: Service) -> None:
    own = Key(service.idp.keys[-1].kid)
    address = f"{service.idp.issuer}/elsewhere"
    for header in ({"jwk": own.public()}, {"jku": address}, {"x5u": address}, {"x5c": ["MIIB"]}, {"kid": address}):
        service.clock.now += FLOOR_S
        service.refuses(key=own.private, header=header)
    assert service.reads(header={"jku": address, "x5u": address, "jwk": own.public()}) == "ana"
    assert service.asked("/elsewhere") == 0


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "b64", 7])
def test_a_token_that_asks_to_be_understood_otherwise_is_refused(service: Service, crit: Any) -> None:
    service.refuses(header={"crit": crit, "exp": 1})


def test_a_new_key_counts_at_once_and_one_that_is_withdrawn_when_keys_are_asked_for_again(service: Service) -> None:
    assert service.reads() == "ana"
    old, kept = service.idp.keys[-1], service.token()
    service.idp.keys.append(Key("two"))  # beside the old one
    service.clock.now += FLOOR_S
    assert service.reads() == service.tokens.read(kept)[0] == "ana"
    service.idp.keys.remove(old)
    assert service.tokens.read(kept)[0] == "ana"  # not known yet
    service.clock.now += KEPT_S + 1
    with pytest.raises(NotAuthenticated, match="none of the identity provider's keys"):
        service.tokens.read(kept)


def test_unknown_keys_have_the_provider_asked_no_more_than_once_in_ten_seconds(service: Service) -> None:
    service.reads()
    flood = [service.token(key=Key("x").private, header={"kid": f"unknown-{n}"}) for n in range(30)]
    for n, forged in enumerate(flood):
        service.clock.now += FLOOR_S / 10
        with pytest.raises(NotAuthenticated):
            service.tokens.read(forged)
        assert service.asked() <= 2 + n // 10
    assert service.reads() == "ana"


def test_many_at_once_have_the_provider_asked_once(service: Service) -> None:
    service.idp.slow_s = 0.3
    token = service.token()
    with ThreadPoolExecutor(6) as threads:
        assert {found[0] for found in threads.map(lambda _: service.tokens.read(token), range(6))} == {"ana"}
    assert service.asked() == 1
    service.idp.rotate()  # likewise for those who sign in, who are no strangers
    kid = service.idp.keys[-1].kid
    with ThreadPoolExecutor(6) as threads:
        assert None not in set(threads.map(lambda _: service.published.key(kid, "RS256"), range(6)))
    assert service.asked() == 2


def test_a_provider_that_hangs_holds_few_threads_and_nobody_whose_key_is_known(service: Service) -> None:
    known = service.token()
    service.tokens.read(known)
    service.clock.now += KEPT_S + 1
    service.idp.held.clear()
    service.http.timeout = httpx2.Timeout(1)
    try:
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(service.tokens.read, known)
            until = time.monotonic() + 10
            while service.asked() < 2 and time.monotonic() < until:
                time.sleep(0.01)
            assert service.tokens.read(known)[0] == "ana"  # while the first one waits
            with pytest.raises(ProviderUnavailable):
                service.reads(key=Key("x").private, header={"kid": "unknown"})
            service.idp.held.set()
            assert first.result()[0] == "ana"
    finally:
        service.idp.held.set()


def test_known_keys_count_for_an_hour_while_the_provider_is_down_and_then_nothing_does(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    assert service.reads() == "ana"
    service.idp.down = True
    service.clock.now += STALE_S - 1
    for _ in range(5):
        assert service.reads() == "ana"
    assert caplog.text.count("could not be asked for again") == 1
    with pytest.raises(ProviderUnavailable) as raised:  # whether it is a key, nobody can say
        service.reads(key=Key("x").private, header={"kid": "unknown"})
    assert raised.value.retry_after == FLOOR_S
    before = service.asked("/.well-known/openid-configuration")
    service.clock.now += 2
    with pytest.raises(ProviderUnavailable):
        service.reads()
    with pytest.raises(ProviderUnavailable):
        service.reads()
    assert service.asked("/.well-known/openid-configuration") <= before + 1
    service.idp.down = False
    service.clock.now += FLOOR_S
    assert service.reads() == "ana"


def test_a_provider_that_was_never_reached_is_no_reason_to_let_anybody_in(service: Service) -> None:
    service.idp.down = True
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            service.reads()
    assert service.asked("/.well-known/openid-configuration") == 1
    service.idp.right()
    service.clock.now += FLOOR_S
    assert service.reads() == "ana"


@pytest.mark.parametrize("listed", [None, {}, "keys", 7])
def test_a_key_set_that_is_none_changes_nothing_of_what_is_known(service: Service, listed: Any) -> None:
    service.reads()
    service.idp.jwks = {"keys": listed}
    service.clock.now += KEPT_S + 1
    assert service.reads() == "ana"


def test_what_signs_nothing_is_left_out_of_a_key_set(service: Service) -> None:
    good = service.idp.keys[-1].public()
    weak = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(WEAK.public_key()))
    leaked = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048)))
    del leaked["key_ops"]  # which says that it is for signing
    bad: list[Any] = [
        weak, leaked, None, 7, "x", [], {}, {"kty": "RSA"}, {"kty": 7}, {"kty": ["RSA"]}, good | {"n": 5}, good | {"n": "!"},
        good | {"e": None}, good | {"use": "enc"}, good | {"key_ops": ["sign"]}, good | {"alg": "HS256"}, good | {"alg": 7},
        good | {"alg": ["RS256"]}, good | {"kty": "EC"}, good | {"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "P-256"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}, {"kty": "OKP", "crv": "Ed25519", "x": 1}, {"kty": "OKP", "crv": 1},
    ]  # fmt: skip
    assert published.signing_keys(bad) == ()
    service.idp.jwks = {"keys": [*bad, good]}
    assert service.reads() == "ana"


def test_a_token_without_the_id_of_a_key_counts_where_one_key_fits(service: Service) -> None:
    bare = service.token(header={"kid": None})
    assert service.tokens.read(bare)[0] == "ana"
    service.idp.keys.insert(0, Key("two"))
    service.clock.now += KEPT_S + 1
    with pytest.raises(NotAuthenticated):
        service.tokens.read(bare)


def test_an_authorization_server_without_openid_is_found_by_rfc_8414(service: Service) -> None:
    service.idp.issuer += "/tenant"
    service.idp.described_at = "/.well-known/oauth-authorization-server/tenant"
    made = Service(service.idp)
    assert made.reads() == "ana"
    made.published.close()


@pytest.mark.parametrize(
    "described", [{"issuer": "https://evil.test"}, {"jwks_uri": "http://evil.test/jwks"}, {"jwks_uri": "file:///etc"}]
)
def test_an_issuer_that_calls_itself_otherwise_or_names_no_safe_place_is_none(
    service: Service, described: dict[str, Any]
) -> None:
    service.idp.described = described
    with pytest.raises(ProviderUnavailable):
        service.reads()


def test_keys_may_be_named_by_their_address_alone(service: Service) -> None:
    keys = Published(service.http, jwks_url=f"{service.idp.issuer}/jwks")
    tokens = AccessTokens(keys, Accepted(service.idp.issuer, AUDIENCE, DAY_S))
    assert tokens.read(service.token())[0] == "ana"
    assert (tokens.signing(), service.asked("/.well-known/openid-configuration")) == (1, 0)


def test_who_signs_in_by_the_same_issuer_is_the_same_person_by_a_token(service: Service) -> None:
    claims = ClaimMap("preferred_username", "realm_access.roles", {"Juristen": "legal"})
    tokens = AccessTokens(service.published, Accepted(service.idp.issuer, AUDIENCE, DAY_S), claims)
    given = {"sub": "8aa1", "preferred_username": "ana", "realm_access": {"roles": ["Juristen", "other"]}}
    assert tokens.read(service.token(**given))[:2] == ("ana", frozenset({"legal"}))
    with pytest.raises(NotAuthenticated, match="preferred_username"):
        tokens.read(service.token())


def pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_one_fixed_key_is_for_one_algorithm(service: Service, key: Any, algorithm: str) -> None:
    accepted = Accepted(service.idp.issuer, AUDIENCE, DAY_S)
    for text in (pem(key), pem(key).replace("\n", "\\n")):
        tokens = AccessTokens(FixedKey(text), accepted)
        assert tokens.read(service.token(key=key, algorithm=algorithm))[0] == "ana"
    with pytest.raises(NotAuthenticated):
        tokens.read(service.token(key=b"x" * 32, algorithm="HS256"))


@pytest.mark.parametrize(
    "text", ["x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", pem(WEAK),
             pem(ec.generate_private_key(ec.SECP256K1()))],
)  # fmt: skip
def test_what_is_no_key_is_told_at_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_JWT_PUBLIC_KEY"):
        FixedKey(text)


def test_a_flood_from_many_threads_asks_no_more_than_one_does(service: Service) -> None:
    service.reads()
    service.clock.now += FLOOR_S
    forged = service.token(key=Key("x").private, header={"kid": "unknown"})
    ready = threading.Barrier(8)

    def send(_: int) -> str:
        ready.wait()
        try:
            return service.tokens.read(forged)[0]
        except (NotAuthenticated, ProviderUnavailable) as error:
            return error.code

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(send, range(8)))
    assert found <= {"not_authenticated", "identity_provider_unavailable"}
    assert service.asked() == 2
