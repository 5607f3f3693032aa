"""Lists over HTTP: pages, orders, words, kinds, and the versions of a document."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

MISSING = "00000000-0000-5000-8000-000000000000"
NAMES = ("pear.txt", "apple.txt", "fig.txt")


@pytest.fixture(scope="module")
def gita(service: Any) -> Iterator[dict[str, str]]:
    """She has three documents of her own, the last of them in two versions, and reads no other."""
    headers = service.key("gita", write=True)
    for name in (*NAMES, NAMES[-1]):
        put(service, headers, name, f"The {name} is ripe." + " Twice." * (name in made))
        made.append(name)
    yield headers
    for document in service.client.get("/v1/documents", headers=headers).json()["documents"]:
        service.client.delete(f"/v1/documents/{document['document_id']}", headers=headers)


made: list[str] = []


def put(service: Any, headers: dict[str, str], name: str, text: str) -> None:
    files = {"file": (name, text.encode(), "text/plain")}
    assert service.client.post("/v1/documents", files=files, data={"allow": "user:gita"}, headers=headers).is_success


def listed(service: Any, headers: dict[str, str], **asked: Any) -> Any:
    reply = service.client.get("/v1/documents", params=asked, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def names(body: Any) -> list[str]:
    return [document["source"].rsplit("/", 1)[-1] for document in body["documents"]]


def test_a_list_comes_page_by_page(service: Any, gita: dict[str, str]) -> None:
    first = listed(service, gita, limit=2)
    assert (names(first), first["total"]) == (["apple.txt", "fig.txt"], 3)
    last = listed(service, gita, limit=2, after=first["next"])
    assert (names(last), last["total"], last["next"]) == (["pear.txt"], 3, None)
    assert all(document["may_change"] for document in first["documents"] + last["documents"])
    whole = listed(service, gita)
    assert (len(whole["documents"]), whole["next"]) == (3, None)


def test_a_list_is_looked_into_anywhere(service: Any, gita: dict[str, str]) -> None:
    middle = listed(service, gita, limit=1, skip=1)
    assert (names(middle), middle["total"]) == (["fig.txt"], 3)
    assert names(listed(service, gita, after=middle["next"])) == ["pear.txt"]
    assert names(listed(service, gita, skip=1, order="desc", sort="added_at")) == ["apple.txt", "pear.txt"]
    beyond = listed(service, gita, skip=3)
    assert (beyond["documents"], beyond["total"], beyond["next"]) == ([], 3, None)
    nothing = listed(service, gita, skip=1, q="lease")  # of others, of whom nothing shows in any place
    assert (nothing["documents"], nothing["total"]) == ([], 0)


def test_a_list_is_sorted_and_sought_in(service: Any, gita: dict[str, str]) -> None:
    assert names(listed(service, gita, order="desc")) == ["pear.txt", "fig.txt", "apple.txt"]
    assert names(listed(service, gita, sort="added_at")) == ["pear.txt", "apple.txt", "fig.txt"]
    assert names(listed(service, gita, q="FIG upload")) == ["fig.txt"]
    assert names(listed(service, gita, kind=["pdf", "text"])) == ["apple.txt", "fig.txt", "pear.txt"]
    nothing = listed(service, gita, group="everyone")
    assert (nothing["documents"], nothing["total"]) == ([], 0)


DEEP = base64.urlsafe_b64encode(b"[" * 2990).decode()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"limit": 0}, "invalid_request"), ({"skip": -1}, "invalid_request"), ({"limit": 1001}, "invalid_request"), ({"sort": "text"}, "invalid_request"),
        ({"q": "\0"}, "invalid_request"), ({"kind": "a\0"}, "invalid_request"), ({"after": DEEP}, "invalid_cursor"),
        ({"after": "?"}, "invalid_cursor"), ({"after": "W10"}, "invalid_cursor"), ({"after": "é"}, "invalid_cursor"),
        ({"group": "le gal"}, "invalid_principal"), ({"kind": ""}, "invalid_request"),
    ],
)  # fmt: skip
def test_what_cannot_be_listed_is_refused(service: Any, gita: dict[str, str], asked: Any, code: str) -> None:
    reply = service.client.get("/v1/documents", params=asked, headers=gita)
    assert (reply.status_code, reply.json()["code"]) == (422, code)


def test_a_cursor_is_good_for_its_own_order(service: Any, gita: dict[str, str]) -> None:
    after = listed(service, gita, limit=1)["next"]
    for other in ({"sort": "title"}, {"order": "desc"}):
        reply = service.client.get("/v1/documents", params={"after": after, **other}, headers=gita)
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


def test_a_cursor_with_a_key_of_another_kind_is_refused(service: Any, gita: dict[str, str]) -> None:
    from api.http.cursors import Cursor

    for sort, key, id_ in (
        ("bytes", "many", MISSING),
        ("added_at", "soon", MISSING),
        ("added_at", "0001-01-01T00:00:00+23:59", MISSING),
        ("source", "a\0", MISSING),
        ("source", "a", "?"),
    ):
        after = Cursor(sort, "asc", (key, id_)).written()
        reply = service.client.get("/v1/documents", params={"after": after, "sort": sort}, headers=gita)
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    ("sort", "key"), [("added_at", "2026-W01-1"), ("updated_at", "2026-03-01T00:00:00+23:59"), ("bytes", "٣")]
)
def test_a_key_that_python_reads_and_the_database_does_not_is_spelled_for_it(
    service: Any, gita: dict[str, str], sort: str, key: str
) -> None:
    from api.http.cursors import Cursor

    after = Cursor(sort, "asc", (key, MISSING)).written()
    reply = service.client.get("/v1/documents", params={"after": after, "sort": sort}, headers=gita)
    assert reply.status_code == 200


def test_a_list_goes_on_after_a_long_title_in_any_script(service: Any, gita: dict[str, str]) -> None:
    from api.http.cursors import Cursor

    after = Cursor("title", "asc", ("🙂" * 500, MISSING)).written()
    reply = service.client.get("/v1/documents", params={"after": after, "sort": "title"}, headers=gita)
    assert reply.status_code == 200


def test_every_version_of_a_document_is_told(service: Any, gita: dict[str, str]) -> None:
    (fig,) = listed(service, gita, q="fig")["documents"]
    body = service.client.get(f"/v1/documents/{fig['document_id']}/versions", headers=gita).json()
    assert body["document_id"] == fig["document_id"]
    assert [(v["version"], v["current"], v["corrects"]) for v in body["versions"]] == [
        (2, True, None),
        (1, False, None),
    ]
    newest, first = body["versions"]
    assert newest["effective"] is not None
    assert first["effective"] is None
    assert (first["bytes"], first["media_type"], first["chunking"]) == (
        len("The fig.txt is ripe."),
        "text/plain",
        "structure",
    )


def test_one_document_is_as_the_list_has_it(service: Any, gita: dict[str, str]) -> None:
    for listed in service.client.get("/v1/documents", headers=gita).json()["documents"]:
        assert service.client.get(f"/v1/documents/{listed['document_id']}", headers=gita).json() == listed
    replies = [service.client.get(f"/v1/documents/{id_}", headers=gita) for id_ in (service.lease, MISSING, "no-id")]
    assert {(reply.status_code, reply.text) for reply in replies} == {(404, replies[0].text)}


def test_versions_of_hidden_and_missing_documents_are_the_same_answer(service: Any, gita: dict[str, str]) -> None:
    replies = [
        service.client.get(f"/v1/documents/{id_}/versions", headers=gita) for id_ in (service.lease, MISSING, "no-id")
    ]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.content for reply in replies}) == 1


def test_a_list_is_narrowed_by_label_language_day_and_warnings(service: Any, gita: dict[str, str]) -> None:
    every = ["apple.txt", "fig.txt", "pear.txt"]
    today = datetime.now(UTC).date()
    assert names(listed(service, gita, label="user:gita")) == every
    assert names(listed(service, gita, label="user:paul")) == []
    languages = {document["language"] for document in listed(service, gita)["documents"]}
    assert names(listed(service, gita, language=[*languages, "fi"])) == every
    assert names(listed(service, gita, language="fi")) == []
    assert names(listed(service, gita, warnings=False)) == every
    assert names(listed(service, gita, warnings=True)) == []
    dated = {"from": today - timedelta(days=1), "to": today + timedelta(days=1)}
    assert names(listed(service, gita, **dated)) == ["fig.txt"]  # a first version holds since ever
    assert names(listed(service, gita, **{"from": today + timedelta(days=2)})) == []
    latest = listed(service, gita, sort="effective", order="desc", limit=1)
    assert (names(latest), latest["total"]) == (["fig.txt"], 3)
    following = listed(service, gita, sort="effective", order="desc", after=latest["next"])
    assert sorted(names(following)) == ["apple.txt", "pear.txt"]


@pytest.mark.parametrize("wrong", [{"label": "legal"}, {"language": "x"}, {"from": "2024"}, {"warnings": "some"}])
def test_what_nothing_can_be_narrowed_to_is_refused(service: Any, gita: dict[str, str], wrong: Any) -> None:
    assert service.client.get("/v1/documents", params=wrong, headers=gita).status_code == 422
