"""Page images over HTTP, and the signed addresses that show them without a credential."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

MISSING = "00000000-0000-5000-8000-000000000000"
NDA = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf").read_bytes()


@pytest.fixture(scope="module")
def paul(service: Any) -> dict[str, str]:
    return service.key("paul", "paper", write=True)


@pytest.fixture
def nda(service: Any, paul: dict[str, str]) -> Iterator[str]:
    form = {"allow": "group:paper"}
    reply = service.client.post("/v1/documents", files={"file": ("nda.pdf", NDA)}, data=form, headers=paul)
    assert reply.is_success, reply.text
    yield reply.json()["document_id"]
    service.client.delete(f"/v1/documents/{reply.json()['document_id']}", headers=paul)


def problem(reply: Any, status: int, code: str) -> str:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert reply.json()["code"] == code
    return str(reply.json()["detail"])


def page(service: Any, headers: dict[str, str], id_: str, number: object = 1, **asked: Any) -> Any:
    return service.client.get(f"/v1/documents/{id_}/pages/{number}.png", params=asked, headers=headers)


def signed(service: Any, headers: dict[str, str], id_: str, **asked: Any) -> Any:
    return service.client.post(f"/v1/documents/{id_}/links", json={"page": 1} | asked, headers=headers)


def quote_of(service: Any, headers: dict[str, str], id_: str, number: int = 1) -> tuple[int, int, str]:
    text = service.client.get(f"/v1/documents/{id_}/text", headers=headers).json()
    start = next(page["start"] for page in text["pages"] if page["page"] == number)
    return start, start + 40, text["text"][start : start + 40]


def test_a_page_is_a_picture_that_the_browser_asks_for_again(service: Any, paul: dict[str, str], nda: str) -> None:
    reply = page(service, paul, nda, 2, width=300)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert reply.headers["cache-control"] == "private, no-cache"
    assert Image.open(io.BytesIO(reply.content)).width == 300
    again = service.client.get(reply.url, headers=paul | {"If-None-Match": f'"x", W/{reply.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert page(service, paul, nda, 2, width=301).headers["etag"] != reply.headers["etag"]


def test_a_quote_is_marked_by_its_words_or_by_its_place(service: Any, paul: dict[str, str], nda: str) -> None:
    start, end, words = quote_of(service, paul, nda)
    plain = page(service, paul, nda)
    by_place, by_words = page(service, paul, nda, start=start, end=end), page(service, paul, nda, quote=words)
    spaced = page(service, paul, nda, quote="  ".join(words.split()))
    assert plain.content != by_place.content == by_words.content == spaced.content


def test_what_cannot_be_shown_is_told(service: Any, paul: dict[str, str], nda: str) -> None:
    _, _, words = quote_of(service, paul, nda, 2)
    assert "3 pages" in problem(page(service, paul, nda, 4), 404, "no_such_page")
    assert "page 2, not on page 1" in problem(page(service, paul, nda, quote=words), 422, "quote_not_found")
    problem(page(service, paul, nda, quote="no such words"), 422, "quote_not_found")
    problem(page(service, paul, nda, quote=" "), 422, "quote_not_found")
    problem(page(service, paul, nda, start=5, end=10**9), 422, "quote_not_found")
    for wrong in ({"start": 5}, {"start": 5, "end": 9, "quote": "x"}, {"width": 99}, {"width": 2401}, {"version": 0}):
        problem(page(service, paul, nda, **wrong), 422, "invalid_request")
        problem(signed(service, paul, nda, **wrong), 422, "invalid_request")
    for number in (0, -1, "x", 10**30):
        problem(page(service, paul, nda, number), 422, "invalid_request")
    problem(page(service, service.key("ana", "legal"), service.lease), 415, "no_page_images")


def test_hidden_and_missing_are_the_same_answer(service: Any, nda: str) -> None:
    ana = service.key("ana", "legal")
    for ask in (page, signed):
        hidden, missing = ask(service, ana, nda), ask(service, ana, MISSING)
        problem(hidden, 404, "not_found")
        assert hidden.content == missing.content
    problem(service.client.get(f"/v1/documents/{nda}/pages/1.png"), 401, "not_authenticated")
    problem(service.client.post(f"/v1/documents/{nda}/links", json={"page": 1}), 401, "not_authenticated")


def test_a_signed_address_shows_the_very_picture_without_a_credential(
    service: Any, paul: dict[str, str], nda: str
) -> None:
    start, end, words = quote_of(service, paul, nda)
    body = signed(service, paul, nda, quote=words, width=500).json()
    assert datetime.fromisoformat(body["expires_at"]) <= datetime.now(UTC) + timedelta(minutes=5)
    reply = service.client.get(body["url"])
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert reply.headers["cache-control"] == "private, no-cache"
    assert reply.content == page(service, paul, nda, start=start, end=end, width=500).content
    assert service.client.get(body["url"], headers={"If-None-Match": reply.headers["etag"]}).status_code == 304


def test_an_address_shows_the_version_that_was_signed(service: Any, paul: dict[str, str], nda: str) -> None:
    url = signed(service, paul, nda).json()["url"]
    before = service.client.get(url).content
    other = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/firmware_agreement.pdf").read_bytes()
    form = {"allow": "group:paper"}
    assert service.client.post("/v1/documents", files={"file": ("nda.pdf", other)}, data=form, headers=paul).is_success
    assert service.client.get(url).content == before != page(service, paul, nda).content


def test_a_changed_or_ended_address_is_as_if_it_had_never_been(
    service: Any, paul: dict[str, str], nda: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = signed(service, paul, nda).json()["url"]
    changed = service.client.get(url[:12] + ("A" if url[12] != "A" else "B") + url[13:])
    made_up = service.client.get("/v1/pages/abc.png")
    links = service.client.app.state.parts.links
    monkeypatch.setattr(links, "_now", lambda: datetime.now(UTC) + timedelta(minutes=5, seconds=1))
    ended = service.client.get(url)
    for reply in (changed, made_up, ended):
        problem(reply, 404, "not_found")
    assert changed.content == made_up.content == ended.content


def test_a_signed_address_of_somebody_who_has_left_opens_nothing(service: Any, nda: str) -> None:
    sync = {"Authorization": f"Bearer {service.parts.api_keys.create('okta', [], {'scim'}, 'sync')}"}

    def made(kind: str, **body: Any) -> str:
        reply = service.client.post(f"/scim/v2/{kind}", json=body, headers=sync)
        assert reply.status_code == 201, reply.text
        return f"/scim/v2/{kind}/{reply.json()['id']}"

    pia = made("Users", userName="pia")
    group = made("Groups", displayName="paper", members=[{"value": pia.rpartition("/")[2]}])
    url = signed(service, service.key("pia", "paper"), nda).json()["url"]
    assert service.client.get(url).status_code == 200
    gone = service.client.get("/v1/pages/abc.png").content
    assert service.client.delete(group, headers=sync).status_code == 204
    assert service.client.get(url).content == gone  # no longer in the group
    group = made("Groups", displayName="paper", members=[{"value": pia.rpartition("/")[2]}])
    assert service.client.get(url).status_code == 200
    assert service.client.delete(pia, headers=sync).status_code == 204
    assert service.client.get(url).content == gone  # no longer here
    service.client.delete(group, headers=sync)
    with service.parts.pool.connection() as conn:
        conn.execute("DELETE FROM people")


def test_a_signed_address_opens_nothing_from_the_next_request_on(service: Any, paul: dict[str, str], nda: str) -> None:
    url = signed(service, paul, nda).json()["url"]
    tag = {"If-None-Match": service.client.get(url).headers["etag"]}
    gone = service.client.get("/v1/pages/abc.png").content
    store = service.parts.documents
    store.relabel(nda, frozenset({"group:others"}))
    for headers in ({}, tag):
        assert service.client.get(url, headers=headers).content == gone
    store.relabel(nda, frozenset({"group:paper"}))
    assert service.client.get(url).status_code == 200
    service.client.delete(f"/v1/documents/{nda}", headers=paul)
    for headers in ({}, tag):
        assert service.client.get(url, headers=headers).content == gone
    service.client.post(f"/v1/documents/{nda}/restore", headers=paul)
    assert service.client.get(url).status_code == 200


def test_who_signs_only_shares_what_they_see_themselves(service: Any, paul: dict[str, str], nda: str) -> None:
    """The address carries its principal; a credential beside it changes nothing."""
    url = signed(service, paul, nda).json()["url"]
    assert service.client.get(url, headers=service.key("nina")).status_code == 200
    problem(signed(service, service.key("nina"), nda), 404, "not_found")
