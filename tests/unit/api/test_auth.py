"""Who is asking, from the credential alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from api.http.auth import ADMIN, READ, WRITE, Authenticator, Identity
from infra.oidc.tokens import Accepted, AccessTokens, FixedKey
from ingest.errors import NotAllowed, NotAuthenticated
from ingest.types import Author
from retrieval.types import Principal

ISSUER, AUDIENCE = "https://idp.test", "https://footnote.test"
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@dataclass(frozen=True)
class Known:
    """A key, a session or what is synced of a person."""

    user: str = "ana"
    groups: frozenset[str] | None = frozenset({"legal"})
    scopes: frozenset[str] = frozenset({"read"})
    id: str = "1"
    expires_at: datetime | None = None
    expired: bool = False
    until: datetime | None = None
    way: str = "oidc"
    active: bool = True


class Kept:
    """Keys and sessions by their secret, people by their user."""

    def __init__(self, **known: Known) -> None:
        self.known = known

    def lookup(self, secret: str) -> Known | None:
        return self.known.get(secret)

    find = standing = lookup


KEYS = Kept(fn_good=Known(), fn_old=Known(expired=True), fn_synced=Known(groups=None))


def authenticator(people: Kept | None = None, sessions: Kept | None = None, **options: Any) -> Authenticator:
    tokens = AccessTokens(FixedKey(pem(options.pop("key", RSA))), Accepted(ISSUER, AUDIENCE, 24 * 3600))
    return Authenticator(KEYS, tokens, sessions, people, **options)


def claims(**changes: Any) -> dict[str, Any]:
    made = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "groups": ["legal"], "exp": datetime.now(UTC) + timedelta(hours=1),
    } | changes  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def token(key: Any = RSA, algorithm: str = "RS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm)


def identified(credential: str, **options: Any) -> Identity:
    return authenticator(**options).identify(f"Bearer {credential}")


def test_an_api_key_speaks_for_its_owner() -> None:
    identity = identified("fn_good")
    assert identity == Identity(Principal("ana", frozenset({"legal"})), frozenset({READ}), limited=True)
    identity.require(READ)
    with pytest.raises(NotAllowed, match="'write'"):
        identity.require(WRITE)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic fn_good", "fn_good", "Bearer fn_bad", "bearer\tfn_good"]
)
def test_no_good_credential_is_nobody(header: str) -> None:
    with pytest.raises(NotAuthenticated):
        authenticator().identify(header)


def test_the_scheme_may_be_in_any_case() -> None:
    assert authenticator().identify("bEARER  fn_good ").principal.user == "ana"


def test_an_expired_key_opens_nothing_and_only_who_holds_it_hears_that_it_has_expired() -> None:
    with pytest.raises(NotAuthenticated, match="has expired"):
        identified("fn_old")
    with pytest.raises(NotAuthenticated, match="unknown or was revoked"):
        identified("fn_ol")


@pytest.mark.parametrize("demo", [True, False])
def test_a_token_that_an_installation_could_have_signed_itself_counts_nowhere(demo: bool) -> None:
    with pytest.raises(NotAuthenticated):
        identified(token(b"s" * 32, "HS256"), demo=demo)


def test_where_no_identity_provider_is_set_up_no_token_counts() -> None:
    with pytest.raises(NotAuthenticated, match="not accepted here"):
        Authenticator(KEYS).identify(f"Bearer {token()}")


STAFF = frozenset({"staff"})


def test_synced_groups_stand_in_the_place_of_those_of_a_token_or_a_sign_in() -> None:
    people = Kept(ana=Known("Ana", STAFF))
    assert identified(token(), people=people).principal == Principal("Ana", STAFF)
    sessions = Kept(fs_1=Known())
    assert authenticator(people, sessions).identify("", "fs_1").principal == Principal("Ana", STAFF)


def test_a_key_opens_no_more_than_its_own_groups_and_those_of_its_user() -> None:
    for synced, held in ((STAFF, frozenset()), (STAFF | {"legal"}, {"legal"})):
        people, sessions = Kept(ana=Known("ana", synced)), Kept(fs_1=Known(way="key"))
        assert identified("fn_good", people=people).principal.groups == held
        assert authenticator(people, sessions).identify("", "fs_1").principal.groups == held
        assert identified("fn_synced", people=people).principal.groups == synced
    assert identified("fn_synced").principal.groups == frozenset()


def test_who_is_deactivated_is_refused_whatever_they_hold() -> None:
    made = authenticator(Kept(ana=Known(active=False)), Kept(fs_1=Known(), fs_2=Known(way="demo")), demo=True)
    for authorization, session in (("Bearer fn_good", ""), (f"Bearer {token()}", ""), ("", "fs_1"), ("", "fs_2")):
        with pytest.raises(NotAuthenticated, match="deactivated"):
            made.identify(authorization, session)


def test_a_group_gives_scopes_to_who_is_signed_in_by_the_identity_provider_alone() -> None:
    sessions = Kept(fs_1=Known(), fs_2=Known(way="key"))
    made = authenticator(None, sessions, granted={"admin": "legal", "audit": "hr", "write": "everyone"})
    assert made.identify("", "fs_1").scopes == {READ, WRITE, ADMIN}
    assert made.identify("", "fs_2").scopes == {READ}
    assert made.identify("Bearer fn_good").scopes == {READ}
    people = Kept(ana=Known(groups=frozenset({"hr"})))
    moved = authenticator(people, sessions, granted={"admin": "legal", "audit": "hr"})
    assert moved.identify("", "fs_1").scopes == {READ, "audit"}


def test_an_authorization_header_counts_before_a_session() -> None:
    made = authenticator(None, Kept(fs_1=Known("eve")))
    assert made.identify("Bearer fn_good", "fs_1").principal.user == "ana"
    with pytest.raises(NotAuthenticated):
        made.identify("Bearer fn_bad", "fs_1")
    with pytest.raises(NotAuthenticated, match="ended"):
        made.identify("", "fs_2")


def test_sessions_of_sample_people_count_in_demo_mode_only() -> None:
    sessions = Kept(fs_1=Known(way="demo"))
    assert authenticator(None, sessions, demo=True).identify("", "fs_1").principal.user == "ana"
    with pytest.raises(NotAuthenticated):
        authenticator(None, sessions).identify("", "fs_1")


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")])
def test_the_identity_provider_is_trusted_by_its_public_key(key: Any, algorithm: str) -> None:
    identity = identified(token(key, algorithm, scope="read write"), key=key)
    assert identity.principal == Principal("ana", frozenset({"legal"}))
    assert identity.scopes == {READ, WRITE}


def test_a_token_without_scope_may_read_and_nothing_more() -> None:
    assert identified(token()).scopes == {READ}
    assert identified(token(groups=None)).principal.groups == frozenset()


def unsigned(header: dict[str, Any], body: dict[str, Any], signature: str = "") -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, body))
    return ".".join((*parts, signature))


FUTURE = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "groups": ["legal"], "exp": 4102444800}


@pytest.mark.parametrize(
    "credential",
    [
        token(b"x" * 32, "HS256"),
        token(OTHER_RSA),
        token(RSA, "PS256"),
        token(EC, "ES256"),
        token(ED, "EdDSA"),
        token(b"s" * 64, "HS512"),
        token(exp=datetime.now(UTC) - timedelta(minutes=1)),
        token(exp=None),
        token(sub=None),
        token(sub=7),
        token(sub="a b"),
        token(sub="ana\nuser:eve"),
        token(groups="legal"),
        token(groups={"legal": 1}),
        token(groups=["le gal"]),
        token(groups=[["legal"]]),
        token(exp="soon"),
        token(nbf=datetime.now(UTC) + timedelta(hours=1)),
        unsigned({"alg": "none", "typ": "JWT"}, FUTURE),
        unsigned({"alg": "None"}, FUTURE),
        unsigned({"alg": "RS256"}, FUTURE, "AAAA"),
        unsigned({"alg": "HS256"}, FUTURE, "AAAA"),
        unsigned({"alg": ["HS256"]}, FUTURE, "AAAA"),
        unsigned({"alg": 7}, FUTURE, "AAAA"),
        unsigned({}, FUTURE, "AAAA"),
        f"{base64.urlsafe_b64encode(b'[' * 30_000).decode()}.e30.AAAA",
        token().rsplit(".", 1)[0] + ".",
        "..",
        "a.b.c",
        "é.é.é",
    ],
)
def test_a_token_that_is_forged_ended_or_malformed_is_refused(credential: str) -> None:
    with pytest.raises(NotAuthenticated):
        identified(credential)


def test_the_public_key_is_never_taken_for_the_shared_secret() -> None:
    """The classic confusion: HS256 with the provider's public key, which everybody has, as the secret."""
    header = {"alg": "HS256", "typ": "JWT"}
    signing_input = unsigned(header, FUTURE)[:-1]
    mac = hmac.new(pem(RSA).encode(), signing_input.encode(), hashlib.sha256).digest()
    forged = f"{signing_input}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    with pytest.raises(NotAuthenticated):
        identified(forged)


def test_a_token_that_has_ended_says_what_to_do() -> None:
    with pytest.raises(NotAuthenticated, match="sign in again, or get a new one"):
        identified(token(exp=datetime.now(UTC) - timedelta(minutes=1)))


def test_admin_includes_write_and_names_an_author_who_is_one() -> None:
    ana = Principal("ana", frozenset({"legal"}))
    admin = Identity(ana, frozenset({READ, ADMIN}))
    admin.require(WRITE)
    assert admin.author == Author("ana", ana.tokens, admin=True)
    assert Identity(ana, frozenset({READ, WRITE})).author == Author("ana", ana.tokens)
    with pytest.raises(NotAllowed, match="'read'"):
        Identity(ana, frozenset({ADMIN})).require(READ)
