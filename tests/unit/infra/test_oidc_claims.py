"""Which claims name a person and their groups."""

from __future__ import annotations

from typing import Any

import pytest

from infra.oidc.claims import ClaimMap, SignedIn, check
from infra.oidc.errors import SignInRefused
from infra.oidc.provider import challenge
from infra.oidc.published import safe_address


def person(claims: dict[str, Any], **how: Any) -> SignedIn:
    return ClaimMap(**how).person({"sub": "ana"} | claims)


@pytest.mark.parametrize(
    ("given", "groups"),
    [
        (["legal", "staff"], {"legal", "staff"}),
        ("legal", {"legal"}),
        ([], set()),
        (None, set()),
        ({"legal": True}, set()),
        (["legal", 7, None, ["hr"]], {"legal"}),
        (["Legal  Team", " staff "], {"Legal-Team", "staff"}),
        (["/keycloak/path", "legal", "a:b", "é", ""], {"legal"}),
    ],
)
def test_groups_that_cannot_be_named_are_left_out(given: object, groups: set[str]) -> None:
    assert person({"groups": given}) == SignedIn("ana", frozenset(groups))


def test_with_a_map_no_other_group_counts() -> None:
    how = {"groups": {"8aa1a0c0": "legal", "/people": "hr"}}
    assert person({"groups": ["8aa1a0c0", "legal", "admins", "/people"]}, **how).groups == {"legal", "hr"}
    assert person({"groups": ["legal"]}, **how).groups == frozenset()


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("roles", {"roles": ["legal"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["legal"]}}),
        ("https://example.com/groups", {"https://example.com/groups": ["legal"]}),
    ],
)
def test_groups_may_stand_in_another_claim(claim: str, claims: dict[str, Any]) -> None:
    assert person(claims, groups_claim=claim).groups == {"legal"}
    assert person({"groups": ["hr"]}, groups_claim=claim).groups == frozenset()


@pytest.mark.parametrize("user", [None, "", 7, ["ana"], "a b", "auth0|1", "ana\nuser:eve", "x" * 129])
def test_who_cannot_be_named_is_refused(user: object) -> None:
    with pytest.raises(SignInRefused):
        person({"preferred_username": user}, user_claim="preferred_username")


def test_an_address_counts_as_a_name_only_if_the_provider_has_verified_it() -> None:
    how = {"user_claim": "email"}
    assert person({"email": "ana@example.com", "email_verified": True}, **how).user == "ana@example.com"
    for verified in ({}, {"email_verified": False}, {"email_verified": "true"}):
        with pytest.raises(SignInRefused, match="verified"):
            person({"email": "ana@example.com"} | verified, **how)


def test_a_nonce_is_compared_whole() -> None:
    good = {"aud": "c", "nonce": "n1"}
    check(good, client_id="c", nonce="n1")
    for nonce in ("n", "n11", "", None, 1, "é"):
        with pytest.raises(SignInRefused):
            check(good | {"nonce": nonce}, client_id="c", nonce="n1")


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://idp.example.com", True),
        ("http://localhost:8080/realms/x", True),
        ("http://127.0.0.1:1", True),
        ("http://idp.example.com", False),
        ("http://localhost.evil.test", False),
        ("ftp://localhost", False),
        ("https://", False),
        ("", False),
    ],
)
def test_a_provider_is_asked_over_tls_unless_it_is_on_this_machine(address: str, safe: bool) -> None:
    assert safe_address(address) is safe
