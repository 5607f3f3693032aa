"""POST /v1/compare and `footnote documents compare`: differences as pairs of quotes, for whoever may read both."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from api.cli import comparing
from api.terminal import UsageError

MISSING = "00000000-0000-5000-8000-000000000000"
OLD = """# Supply of Pumps

Between Kestrel Pumps Ltd and Osprey Water GmbH, dated 3 March 2024.

## 1. Delivery

The Supplier shall deliver the pumps within thirty (30) days. The Buyer may reject late pumps.

## 2. Price

The price is EUR 1,250,000, payable under clause 1.

| Item | 2024 | 2025 |
|---|---|---|
| Rent | 500 | 600 |
| Fees | 20 | 30 |

## 3. Confidentiality

Each party shall keep the information of the other party secret for five years.

## 4. Law

The laws of Denmark govern this contract.
"""
NEW = """# Supply of Pumps

Between Kestrel Pumps Ltd and Osprey Water GmbH, dated 3 March 2024.

## 1. Insurance

The Supplier must insure the pumps. It shows the policy on request.

## 2. Delivery

The Supplier shall deliver the pumps within
sixty (60) days. The Buyer may not reject late pumps.

## 3. Price

The price is EUR 1,350,000, payable under clause 2.

| Item | 2024 | 2025 |
|---|---|---|
| Rent | 500 | 650 |
| Fees | 20 | 30 |

## 4. Confidentiality

Each party shall keep the information of the other party secret for five years.
"""


@pytest.fixture(scope="module")
def nora(service: Any) -> dict[str, str]:
    """She hands in the versions: the first and second are the board's, the third one the works'."""
    return service.key("nora", "board", "works", write=True)


@pytest.fixture(scope="module")
def otto(service: Any) -> dict[str, str]:
    """He reads what is the works'."""
    return service.key("otto", "works")


@pytest.fixture(scope="module")
def pumps(service: Any, nora: dict[str, str]) -> str:
    return handed_in(service, nora, "pumps.md", [("board", OLD), ("board", NEW), ("works", NEW + "\nSigned twice.\n")])


@pytest.fixture(scope="module")
def other(service: Any, nora: dict[str, str]) -> str:
    """Another document, which both read."""
    return handed_in(service, nora, "draft.md", [("works", OLD.replace("Denmark", "Norway"))])


def handed_in(service: Any, headers: dict[str, str], name: str, contents: list[tuple[str, str]]) -> str:
    for group, text in contents:
        form = {"allow": f"group:{group}"}
        file = {"file": (name, text.encode())}
        reply = service.client.post("/v1/documents", files=file, data=form, headers=headers)
        assert reply.status_code == 201, reply.text
    return str(reply.json()["document_id"])


def asked(service: Any, headers: dict[str, str], old: object, new: object, **more: object) -> Any:
    return service.client.post("/v1/compare", json={"old": old, "new": new} | more, headers=headers)


def of(document_id: str, version: object = None) -> dict[str, object]:
    return {"document_id": document_id, "version": version}


def compared(service: Any, headers: dict[str, str], old: object, new: object, **more: object) -> Any:
    reply = asked(service, headers, old, new, **more)
    assert reply.status_code == 200, reply.text
    return reply.json()


def words(one: dict[str, Any]) -> list[tuple[str, str]]:
    return [(words["old"]["quote"], words["new"]["quote"]) for words in one["words"]]


def test_two_versions_differ_in_these_places(service: Any, nora: dict[str, str], pumps: str) -> None:
    told = compared(service, nora, of(pumps, 1), of(pumps, 2))
    assert told["counts"] == {"changed": 4, "added": 1, "removed": 1, "renumbered": 1}
    assert told["summary"].startswith("4 changed, 1 added, 1 removed, 1 renumbered. ")
    assert (told["total"], told["next"], told["notes"]) == (7, None, [])
    kinds = [(one["kind"], one["changes"]) for one in told["differences"]]
    assert kinds == [
        ("added", []),
        ("renumbered", []),
        ("changed", ["number"]),
        ("changed", ["negation"]),
        ("changed", ["amount", "reference"]),
        ("changed", ["number"]),
        ("removed", []),
    ]
    changed = [one for one in told["differences"] if one["kind"] == "changed"]
    assert [words(one) for one in changed] == [
        [("thirty (30", "sixty (60")],
        [("", "not")],
        [("1,250,000", "1,350,000"), ("1", "2")],
        [("600", "650")],
    ]
    renumbered = told["differences"][1]
    assert [place["quote"] for place in renumbered["old"]] == ["1. Delivery", "2. Price", "3. Confidentiality"]
    assert [place["quote"] for place in renumbered["new"]] == ["2. Delivery", "3. Price", "4. Confidentiality"]
    assert changed[0]["old"][0]["section"][-1] == "1. Delivery"
    assert changed[0]["new"][0]["section"][-1] == "2. Delivery"
    assert [changed[0][side][0]["clause"] for side in ("old", "new")] == ["1.", "2."]


def test_every_quote_stands_where_it_says(service: Any, nora: dict[str, str], pumps: str) -> None:
    told = compared(service, nora, of(pumps, 1), of(pumps, 3))
    for side, number in (("old", 1), ("new", 3)):
        read = service.client.get(f"/v1/documents/{pumps}/text", params={"version": number}, headers=nora).json()
        assert told[side] == {name: read[name] for name in ("document_id", "version", "version_id", "title")}
        places = [place for one in told["differences"] for place in one[side]]
        spans = [words[side] for one in told["differences"] for words in one["words"]]
        assert places
        for place in (*places, *spans):
            assert place["quote"] == read["text"][place["start"] : place["end"]]
        assert all(place["quote"] for place in places)
        assert {(place["document_id"], place["version_id"]) for place in places} == {(pumps, read["version_id"])}


def test_a_version_and_itself_do_not_differ_and_the_current_one_is_meant_without_a_number(
    service: Any, nora: dict[str, str], pumps: str
) -> None:
    told = compared(service, nora, of(pumps, 3), {"document_id": pumps})
    assert (told["differences"], told["alike"], told["summary"]) == ([], 1.0, "No differences.")


def test_two_documents_are_compared_as_two_versions_are(
    service: Any, nora: dict[str, str], pumps: str, other: str
) -> None:
    (only,) = compared(service, nora, of(pumps, 1), of(other))["differences"]
    assert (only["kind"], only["changes"], words(only)) == ("changed", ["name"], [("Denmark", "Norway")])
    assert [only[side][0]["document_id"] for side in ("old", "new")] == [pumps, other]


def test_kinds_are_chosen_and_the_rest_is_told_in_parts(service: Any, nora: dict[str, str], pumps: str) -> None:
    whole = compared(service, nora, of(pumps, 1), of(pumps, 2))
    numbers = compared(service, nora, of(pumps, 1), of(pumps, 2), only=["number", "removed"])
    assert numbers["differences"] == [whole["differences"][at] for at in (2, 5, 6)]
    assert (numbers["total"], numbers["counts"]) == (3, whole["counts"])
    parts, at = [], 0
    while at is not None:
        part = compared(service, nora, of(pumps, 1), of(pumps, 2), offset=at, limit=3)
        parts += part["differences"]
        at = part["next"]
    assert parts == whole["differences"]
    assert asked(service, nora, of(pumps), of(pumps), only=["everything"]).status_code == 422
    assert asked(service, nora, of(pumps), of(pumps), limit=1001).status_code == 422


def test_versions_are_those_that_the_reader_counts(
    service: Any, nora: dict[str, str], otto: dict[str, str], pumps: str, other: str
) -> None:
    told = compared(service, otto, of(pumps, 1), of(other, 1))
    assert told["old"]["version"] == 1
    assert told["old"]["version_id"] == compared(service, nora, of(pumps, 3), of(pumps))["old"]["version_id"]
    hidden = compared(service, nora, of(pumps, 1), of(pumps))["old"]["version_id"]
    assert asked(service, otto, of(pumps, 2), of(other)).status_code == 404
    assert asked(service, otto, of(pumps, hidden), of(other)).status_code == 404


def test_hidden_and_missing_are_the_same_on_either_side(
    service: Any, otto: dict[str, str], pumps: str, other: str
) -> None:
    for side in ("old", "new"):
        replies = [
            service.client.post("/v1/compare", json={"old": of(other), "new": of(other)} | {side: one}, headers=otto)
            for one in (of(service.salaries), of(MISSING), of("?"), of(service.salaries, 1), of(pumps, 9))
        ]
        assert {reply.status_code for reply in replies} == {404}
        assert len({reply.content for reply in replies}) == 1
    assert service.client.post("/v1/compare", json={"old": of(other), "new": of(other)}).status_code == 401


def test_it_is_recorded_with_what_was_shown_and_what_was_refused(
    service: Any, otto: dict[str, str], pumps: str, other: str
) -> None:
    eve = {"Authorization": f"Bearer {service.parts.api_keys.create('eve', [], ['audit'], 'test')}"}

    def newest(**wanted: object) -> dict[str, Any]:
        service.parts.accesses.flush()
        entry, *_ = service.client.get("/v1/audit", params=wanted, headers=eve).json()["entries"]
        (found,) = service.client.get(f"/v1/audit/{entry['id']}", headers=eve).json()["entries"]
        record: dict[str, Any] = found["record"]
        return record

    compared(service, otto, of(pumps), of(other))
    record = newest(action="compare", user="otto", document=pumps)
    assert record["shown"] == [{"document_id": pumps, "version": 3}, {"document_id": other, "version": 1}]
    assert record["hits"] > 0
    asked(service, otto, of(other), of(service.salaries))
    record = newest(refused="not_found", document=service.salaries)
    assert (record["action"], record["principal"]) == ("compare", "user:otto")
    assert record["asked"] == [{"document_id": other}, {"document_id": service.salaries}]
    assert "shown" not in record


@pytest.fixture
def here(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line looks at the service's own folder."""
    from contextlib import contextmanager

    @contextmanager
    def opened() -> Iterator[Any]:
        yield service.parts

    monkeypatch.setattr(comparing, "opened", opened)


WHO = {"as_user": "user:nora", "groups": "board,works"}


@pytest.mark.usefixtures("here")
def test_the_command_marks_the_words_that_changed(pumps: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert comparing.compare(f"{pumps}@1", f"{pumps}@2", **WHO) == 0
    said = capsys.readouterr().out
    assert f"- Supply of Pumps, version 1 ({pumps})" in said
    assert "3. changed: number  (1. Delivery -> 2. Delivery)" in said
    assert "- The Supplier shall deliver the pumps within [-thirty (30-]) days." in said
    assert "+ The Supplier shall deliver the pumps within {+sixty (60+}) days." in said
    assert "+ The Buyer may {+not+} reject late pumps." in said
    assert comparing.compare(f"{pumps}@1", f"{pumps}@2", only="amount,number", limit=1, **WHO) == 0
    said = capsys.readouterr().out
    assert said.count(". changed: ") == 1
    assert "2 more: --offset 1" in said


@pytest.mark.usefixtures("here")
def test_the_command_prints_what_the_api_does_and_refuses_alike(
    service: Any, nora: dict[str, str], pumps: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert comparing.compare(f"{pumps}@1", pumps, as_json=True, **WHO) == 0
    assert json.loads(capsys.readouterr().out) == compared(service, nora, of(pumps, 1), of(pumps))
    for wrong in ((f"{pumps}@7", pumps), (pumps, MISSING), (f"{pumps}@", pumps)):
        with pytest.raises(UsageError):
            comparing.compare(*wrong, **WHO)
    with pytest.raises(UsageError, match="--only rent"):
        comparing.compare(pumps, pumps, only="rent", **WHO)
    with pytest.raises(UsageError, match="nothing that user:otto may read"):
        comparing.compare(f"{pumps}@2", pumps, as_user="user:otto", groups="works")
    assert capsys.readouterr().out == ""


def test_who_leaves_gives_the_place_up_and_too_many_are_refused(service: Any, nora: dict[str, str], pumps: str) -> None:
    from api.wiring.differences import AdmittedDifferences

    admitted: AdmittedDifferences = service.parts.admitted_differences
    begun, go_on = threading.Event(), threading.Event()
    real = admitted._differences.of

    def slow(*given: Any) -> Any:
        begun.set()
        go_on.wait(20)
        return real(*given)

    admitted._differences.of = slow  # type: ignore[method-assign]
    try:
        waiting = service.parts.settings.searches_waiting_each + max(1, service.parts.settings.threads // 2)
        threads = [
            threading.Thread(target=asked, args=(service, nora, of(pumps), of(pumps)), daemon=True)
            for _ in range(waiting)
        ]
        for thread in threads:
            thread.start()
        assert begun.wait(10)
        while admitted._line.waiting < service.parts.settings.searches_waiting_each:
            assert any(thread.is_alive() for thread in threads)
        refused = asked(service, nora, of(pumps), of(pumps))
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_waiting")
    finally:
        go_on.set()
        del admitted._differences.of
    for thread in threads:
        thread.join(20)
    assert compared(service, nora, of(pumps), of(pumps))["differences"] == []
