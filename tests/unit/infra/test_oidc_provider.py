"""The identity provider from our side: how a client proves itself, and that a slow one holds up nobody else."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest

from infra.oidc.claims import ClaimMap
from infra.oidc.errors import ProviderUnavailable, SignInRefused
from infra.oidc.provider import Client, OidcProvider
from infra.oidc.published import AT_ONCE

ISSUER = "https://idp.example.com/"
BACK = "https://footnote.test/back"


def provider(handler: Any, secret: str = "", **described: Any) -> OidcProvider:
    told = {
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.example.com/go?tenant=1",
        "token_endpoint": "https://idp.example.com/token",
        "jwks_uri": "https://idp.example.com/jwks",
    } | described

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.startswith("/.well-known/"):
            return httpx2.Response(200, json=told)
        return handler(request)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return OidcProvider(Client(ISSUER, "client:1", secret), ClaimMap(), http)


def test_an_address_that_has_a_query_keeps_it() -> None:
    address = provider(None).address(BACK, state="s", nonce="n", verifier="v")
    assert address.startswith("https://idp.example.com/go?tenant=1&response_type=code&client_id=client%3A1&")


@pytest.mark.parametrize(
    ("secret", "methods", "header", "form"),
    [
        ("a b:é", None, "client%3A1:a%20b%3A%C3%A9", {}),
        ("x", ["client_secret_post", "client_secret_basic"], "client%3A1:x", {}),
        ("x", ["client_secret_post"], None, {"client_id": ["client:1"], "client_secret": ["x"]}),
        ("", None, None, {"client_id": ["client:1"]}),
    ],
)
def test_a_client_proves_itself_as_the_provider_has_it(
    secret: str, methods: list[str] | None, header: str | None, form: dict[str, list[str]]
) -> None:
    seen: list[httpx2.Request] = []

    def token(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(400, json={"error": "invalid_grant", "id_token": "of no use"})

    described = {} if methods is None else {"token_endpoint_auth_methods_supported": methods}
    with pytest.raises(SignInRefused, match="invalid_grant"):
        provider(token, secret, **described).signed_in({"code": "c"}, BACK, nonce="n", verifier="v")
    (request,) = seen
    given = request.headers.get("authorization", "").removeprefix("Basic ")
    assert (base64.b64decode(given).decode() if given else None) == header
    sent = parse_qs(request.content.decode())
    assert sent == {
        "grant_type": ["authorization_code"], "code": ["c"], "redirect_uri": [BACK], "code_verifier": ["v"],
    } | form  # fmt: skip


@pytest.mark.parametrize(
    "reply",
    [
        httpx2.Response(500, json={"id_token": "x"}),
        httpx2.Response(302, headers={"Location": "https://evil.test"}),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json=["id_token"]),
    ],
)
def test_what_is_no_answer_is_a_provider_that_is_not_there(reply: httpx2.Response) -> None:
    with pytest.raises(ProviderUnavailable):
        provider(lambda request: reply).signed_in({"code": "c"}, BACK, nonce="n", verifier="v")


def test_a_slow_provider_holds_few_threads_of_the_service() -> None:
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def slow(request: httpx2.Request) -> httpx2.Response:
        waiting.release()
        go_on.wait(20)
        return httpx2.Response(503, json={})

    made = provider(slow)
    made.address(BACK, state="s", nonce="n", verifier="v")

    def come_back() -> None:
        made.signed_in({"code": "c"}, BACK, nonce="n", verifier="v")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        held = [threads.submit(come_back) for _ in range(AT_ONCE)]
        for _ in held:
            assert waiting.acquire(timeout=20)
        with pytest.raises(ProviderUnavailable, match="at once"):
            come_back()
        go_on.set()
        for one in held:
            with pytest.raises(ProviderUnavailable, match="as it should"):
                one.result()
    with pytest.raises(ProviderUnavailable, match="as it should"):
        come_back()  # there is room again
