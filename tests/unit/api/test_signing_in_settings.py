"""Settings of signing in: what is missing or wrong is one line that names the variable."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from api.wiring.signing_in import access_tokens, derived, granted, provider
from infra.settings import Settings, SettingsError, load_settings


def _pem() -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


GOOD = {
    "OIDC_ISSUER": "https://idp.example.com",
    "OIDC_CLIENT_ID": "footnote",
    "PUBLIC_URL": "https://footnote.example.com",
}


def settings(monkeypatch: pytest.MonkeyPatch, **given: str) -> Settings:
    for name, value in given.items():
        monkeypatch.setenv(f"FOOTNOTE_{name}", value)
    return load_settings(home=Path("unused"))


def test_without_an_issuer_there_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provider(settings(monkeypatch)) is None
    assert provider(settings(monkeypatch, **GOOD)) is not None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"OIDC_ISSUER": "http://idp.example.com"}, "FOOTNOTE_OIDC_ISSUER"),
        ({"OIDC_ISSUER": "idp.example.com"}, "FOOTNOTE_OIDC_ISSUER"),
        ({"OIDC_CLIENT_ID": ""}, "FOOTNOTE_OIDC_CLIENT_ID is missing"),
        ({"PUBLIC_URL": ""}, "FOOTNOTE_PUBLIC_URL is missing"),
        ({"PUBLIC_URL": "http://footnote.example.com"}, "FOOTNOTE_PUBLIC_URL"),
        ({"PUBLIC_URL": "https://footnote.example.com/"}, "FOOTNOTE_PUBLIC_URL"),
        ({"PUBLIC_URL": "http://localhost.evil.test"}, "FOOTNOTE_PUBLIC_URL"),
        ({"OIDC_GROUP_MAP": '{"a": "le gal"}'}, "FOOTNOTE_OIDC_GROUP_MAP.*not a principal"),
        ({"OIDC_GROUP_MAP": "{"}, "FOOTNOTE_OIDC_GROUP_MAP is no JSON object"),
        ({"SESSION_HOURS": "0"}, "FOOTNOTE_SESSION_HOURS"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        provider(settings(monkeypatch, **GOOD | wrong))


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1:8143", "http://[::1]", "https://a.b:1"])
def test_the_page_may_be_on_this_machine(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert provider(settings(monkeypatch, **GOOD | {"PUBLIC_URL": address})) is not None


def test_groups_that_give_scopes_are_those_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert granted(settings(monkeypatch, ADMIN_GROUP="admins")) == {"admin": "admins"}


ISSUER, PEM = "https://idp.example.com", _pem()
JWT = {"JWT_ISSUER": ISSUER, "JWT_AUDIENCE": "https://footnote.example.com"}


def test_without_any_setting_for_tokens_none_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert access_tokens(settings(monkeypatch)) is None


@pytest.mark.parametrize(
    "given", [JWT, JWT | {"JWT_PUBLIC_KEY": PEM}, JWT | {"JWT_JWKS_URL": f"{ISSUER}/keys"},
              JWT | {"JWT_ISSUER": "acme", "JWT_PUBLIC_KEY": PEM}, {"DEMO": "true", "JWT_PUBLIC_KEY": PEM}],
)  # fmt: skip
def test_tokens_are_accepted_by_discovery_by_an_address_of_keys_or_by_one_key(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    made = access_tokens(settings(monkeypatch, **given))
    assert made is not None
    made.close()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"JWT_PUBLIC_KEY": PEM}, "FOOTNOTE_JWT_ISSUER is missing"),
        ({"JWT_JWKS_URL": f"{ISSUER}/keys"}, "FOOTNOTE_JWT_ISSUER is missing"),
        ({"JWT_PUBLIC_KEY": PEM, "JWT_AUDIENCE": "us"}, "FOOTNOTE_JWT_ISSUER is missing"),
        ({"JWT_ISSUER": ISSUER}, "FOOTNOTE_JWT_AUDIENCE is missing"),
        ({"JWT_PUBLIC_KEY": PEM, "JWT_ISSUER": ISSUER}, "FOOTNOTE_JWT_AUDIENCE is missing"),
        ({"JWT_AUDIENCE": "us"}, "set FOOTNOTE_JWT_ISSUER"),
        (JWT | {"JWT_PUBLIC_KEY": PEM, "JWT_JWKS_URL": f"{ISSUER}/keys"}, "either FOOTNOTE_JWT_JWKS_URL"),
        (JWT | {"JWT_ISSUER": "http://idp.example.com"}, "FOOTNOTE_JWT_ISSUER: write an address"),
        (JWT | {"JWT_JWKS_URL": "http://idp.example.com/keys"}, "FOOTNOTE_JWT_JWKS_URL: write an address"),
        (JWT | {"JWT_PUBLIC_KEY": "x"}, "FOOTNOTE_JWT_PUBLIC_KEY is no public key"),
        (JWT | {"JWT_MAX_HOURS": "0"}, "FOOTNOTE_JWT_MAX_HOURS"),
    ],
)
def test_tokens_need_to_be_said_from_whom_and_for_whom(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        access_tokens(settings(monkeypatch, **given))


def test_the_secret_of_a_client_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings(monkeypatch, **GOOD, OIDC_CLIENT_SECRET="hunter2")
    assert "hunter2" not in repr(made)
    assert "hunter2" not in repr(vars(provider(made) or object()))


def test_a_key_for_one_purpose_is_none_for_another() -> None:
    assert len({derived(b"s" * 32, "signing in"), derived(b"s" * 32, "other"), b"s" * 32}) == 3
