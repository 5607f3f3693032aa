"""What a version is called, wherever one is told of: who may read the last of three counts one, and learns of no other."""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ingest.types import OPERATOR, document_id

NDA = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf").read_bytes()
TEXTS = [f"HANGAR PLAN\n\nThe fee of the hangar is {fee} euros per week.\n" for fee in (410, 420, 430)]
QUESTION = "What is the fee of the hangar?"
ANSWER = "The fee of the hangar is 430 euros per week [1]."
MISSING = "v_AAAAAAAAAAAAAAAA"


@pytest.fixture(scope="module")
def nora(service: Any) -> dict[str, str]:
    """She hands in the versions and reads all of them."""
    return service.key("nora", "board", "hangar", write=True)


@pytest.fixture(scope="module")
def otto(service: Any) -> dict[str, str]:
    """He reads the last one."""
    return service.key("otto", "hangar", write=True)


@pytest.fixture(scope="module")
def plan(service: Any, nora: dict[str, str]) -> str:
    """The first two versions are the board's, the third one the hangar's."""
    return versions_of(service, nora, "plan.txt", [text.encode() for text in TEXTS])


@pytest.fixture(scope="module")
def paper(service: Any, nora: dict[str, str]) -> str:
    """The same with pages."""
    return versions_of(service, nora, "paper.pdf", [NDA, NDA + b"\n% two\n", NDA + b"\n% three\n"])


def versions_of(service: Any, headers: dict[str, str], name: str, contents: list[bytes]) -> str:
    for number, (data, group) in enumerate(zip(contents, ("board", "board", "hangar"), strict=True), 1):
        form = {"allow": f"group:{group}"}
        reply = service.client.post("/v1/documents", files={"file": (name, data)}, data=form, headers=headers)
        assert (reply.status_code, reply.json()["version"]) == (201, number), reply.text
    return str(reply.json()["document_id"])


def got(service: Any, headers: dict[str, str], path: str, **asked: Any) -> Any:
    reply = service.client.get(path, params=asked, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def counted(told: Any, document: str = "") -> set[int]:
    """Every number of a version anywhere in a reply: of `document`, or of any."""
    return {one for one in _named(told, ("version", "corrects"), document) if isinstance(one, int)}


def ids(told: Any, document: str = "") -> set[str]:
    return {str(one) for one in _named(told, ("version_id",), document) if one}


def _named(told: Any, names: tuple[str, ...], document: str) -> set[Any]:
    parts = told if isinstance(told, list) else told.values() if isinstance(told, dict) else ()
    found = set[Any]().union(*(_named(part, names, document) for part in parts))
    if isinstance(told, dict) and document in ("", told.get("document_id")):
        found |= {told[name] for name in names if name in told}
    return found


def test_who_reads_all_versions_counts_all(service: Any, nora: dict[str, str], plan: str) -> None:
    told = got(service, nora, f"/v1/documents/{plan}/versions")["versions"]
    assert [one["version"] for one in told] == [3, 2, 1]
    for one, text in zip(reversed(told), TEXTS, strict=True):
        for name in (one["version"], one["version_id"]):
            assert got(service, nora, f"/v1/documents/{plan}/text", version=name)["text"].endswith(text[-20:].strip())


@pytest.mark.parametrize("path", ["", "/versions", "/text", "/facts"])
def test_who_reads_the_last_one_alone_counts_one(
    service: Any, nora: dict[str, str], otto: dict[str, str], plan: str, path: str
) -> None:
    his, hers = (got(service, who, f"/v1/documents/{plan}{path}") for who in (otto, nora))
    assert (counted(his), len(ids(his))) == ({1}, 1)
    assert 3 in counted(hers)
    assert ids(his) <= ids(hers)


def test_lists_and_hits_count_the_same(service: Any, otto: dict[str, str], plan: str) -> None:
    listed = [one for one in got(service, otto, "/v1/documents")["documents"] if one["document_id"] == plan]
    found = service.client.post("/v1/search", json={"query": QUESTION}, headers=otto).json()["hits"]
    hits = [hit for hit in found if hit["document_id"] == plan]
    assert counted(listed) == counted(hits) == {1}
    assert ids(listed) == ids(hits)


def test_nothing_says_since_when_there_are_hidden_versions(
    service: Any, nora: dict[str, str], otto: dict[str, str], plan: str
) -> None:
    (own,) = got(service, otto, f"/v1/documents/{plan}/versions")["versions"]
    assert got(service, otto, f"/v1/documents/{plan}")["added_at"] == own["added_at"]
    assert got(service, nora, f"/v1/documents/{plan}")["added_at"] < own["added_at"]


def test_the_order_of_a_list_says_nothing_of_hidden_versions(
    service: Any, nora: dict[str, str], otto: dict[str, str], plan: str
) -> None:
    def put(name: str, text: str, group: str) -> None:
        form = {"allow": f"group:{group}"}
        assert service.client.post("/v1/documents", files={"file": (name, text)}, data=form, headers=nora).is_success

    put("old.txt", "Rules of the canteen.", "board")
    put("between.txt", "A list of tools.", "hangar")
    put("old.txt", "Rules of the yard.", "hangar")
    for who, order in ((otto, ["between.txt", "old.txt"]), (nora, ["old.txt", "between.txt"])):
        listed = got(service, who, "/v1/documents", sort="added_at")["documents"]
        names = [one["source"].rsplit("/", 1)[-1] for one in listed]
        assert [name for name in names if name in order] == order
        one_by_one = [got(service, who, "/v1/documents", sort="added_at", skip=at, limit=1) for at in range(len(names))]
        assert [page["documents"] for page in one_by_one] == [[one] for one in listed]


def test_a_hidden_version_is_one_that_there_is_not(
    service: Any, nora: dict[str, str], otto: dict[str, str], plan: str
) -> None:
    *_, first = got(service, nora, f"/v1/documents/{plan}/versions")["versions"]
    for path in ("text", "original", "facts", "pages/1.png"):
        replies = [
            service.client.get(f"/v1/documents/{plan}/{path}", params={"version": name}, headers=otto)
            for name in (first["version_id"], MISSING, 2, 3)
        ]
        told = [{**reply.json(), "request_id": ""} for reply in replies]
        assert [reply.status_code for reply in replies] == [404] * 4
        assert all(one == told[0] for one in told)
    assert service.client.get(f"/v1/documents/{plan}/text", params={"version": "3x"}, headers=otto).status_code == 422


def test_an_id_opens_the_same_words_whatever_is_opened_to_its_reader(
    service: Any, otto: dict[str, str], plan: str
) -> None:
    service.parts.script.text = ANSWER
    (citation,) = service.client.post("/v1/query", json={"question": QUESTION}, headers=otto).json()["citations"]
    promoted = service.key("otto", "hangar", "board")
    text = got(service, promoted, f"/v1/documents/{plan}/text", version=citation["version_id"])
    assert (citation["version"], text["version"]) == (1, 3)
    assert text["text"][citation["start"] : citation["end"]] == citation["quote"]
    by_number = got(service, promoted, f"/v1/documents/{plan}/text", version=citation["version"])
    assert by_number["text"][citation["start"] : citation["end"]] != citation["quote"]


def test_answers_count_as_their_asker_does_in_every_form(
    service: Any, nora: dict[str, str], otto: dict[str, str], plan: str
) -> None:
    def asked(who: dict[str, str], path: str, **body: Any) -> str:
        service.parts.script.text = ANSWER
        reply = service.client.post(path, json=body, headers=who)
        assert reply.status_code == 200, reply.text
        return str(reply.text)

    chat = {"model": "footnote", "messages": [{"role": "user", "content": QUESTION}]}
    forms = [("/v1/query", {"question": QUESTION}), ("/v1/query", {"question": QUESTION, "stream": True})]
    forms += [("/v1/chat/completions", chat), ("/v1/chat/completions", chat | {"stream": True})]
    for path, body in forms:
        for who, number in ((otto, 1), (nora, 3)):
            told = [
                json.loads(line.removeprefix("data: "))
                for line in asked(who, path, **body).splitlines()
                if line.removeprefix("data: ").startswith("{")
            ]
            assert counted(told, plan) == {number}, (path, body)
            (id_,) = ids(told, plan)
            links = [word for word in json.dumps(told).split('"') if "#source/" in word]
            assert all(f"#source/{plan}/{id_}/" in link for link in links)


def test_an_abstention_counts_its_nearest_passages_too(service: Any, otto: dict[str, str], plan: str) -> None:
    service.parts.script.text = "The fee of the hangar is 9,000 dollars per day [1]."
    body = service.client.post("/v1/query", json={"question": QUESTION}, headers=otto).json()
    assert body["status"] == "abstained"
    assert body["abstention"]["nearest"]
    assert counted(body) == {1}


def test_the_trail_has_the_numbers_that_are_stored(service: Any, otto: dict[str, str], plan: str) -> None:
    service.parts.script.text = ANSWER
    body = service.client.post("/v1/query", json={"question": QUESTION}, headers=otto).json()
    record = json.loads(service.parts.audit.show(body["audit_id"])[0].record)
    assert {one["version"] for one in record["context"] if one["document_id"] == plan} == {3}
    assert counted(body) == {1}


def test_a_bundle_says_no_number(service: Any, otto: dict[str, str], plan: str) -> None:
    for said in (ANSWER, "NOT FOUND"):
        service.parts.script.text = said
        body = service.client.post("/v1/query", json={"question": QUESTION}, headers=otto).json()
        told = service.client.get(f"/v1/answers/{body['audit_id']}/bundle", headers=otto)
        with zipfile.ZipFile(BytesIO(told.content)) as file:
            names = file.namelist()
            answer, proof = (json.loads(file.read(name)) for name in ("answer.json", "proof.json"))
        assert counted(answer) == counted([row["shown"] for row in proof["rows"]]) == set()
        assert ids(answer)
        assert {name[-len("v_.txt") - 16 : -len(".txt")] for name in names if name.startswith("texts/")} == ids(answer)


def test_a_signed_address_says_no_number(service: Any, nora: dict[str, str], otto: dict[str, str], paper: str) -> None:
    reply = service.client.post(f"/v1/documents/{paper}/links", json={"page": 1}, headers=otto)
    url = reply.json()["url"]
    assert service.client.get(url).headers["content-type"] == "image/png"
    token = url.removeprefix("/v1/pages/").split(".")[0]
    said = json.loads(zlib.decompress(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    assert 3 not in said
    assert ids(got(service, otto, f"/v1/documents/{paper}/versions")) < set(map(str, said))
    for name, status in ((1, 200), (2, 404), (3, 404)):
        asked = {"page": 1, "version": name}
        assert service.client.post(f"/v1/documents/{paper}/links", json=asked, headers=otto).status_code == status
        picture = service.client.get(f"/v1/documents/{paper}/pages/1.png", params={"version": name}, headers=otto)
        assert picture.status_code == status
        assert service.client.post(f"/v1/documents/{paper}/links", json=asked, headers=nora).status_code == 200


def test_reports_count_as_who_reads_them_does_now(service: Any, nora: dict[str, str], plan: str) -> None:
    """Of her own document, whose first versions are not open to her any more."""
    left = service.key("nora", "hangar", write=True)
    sent = service.client.post(
        "/v1/jobs", files=[("files", ("plan.txt", TEXTS[2].encode()))], data={"allow": "group:hangar"}, headers=left
    ).json()["id"]
    with service.client.stream("GET", f"/v1/jobs/{sent}/events", headers=left) as events:
        told = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert counted(told) == {1}
    assert counted(got(service, left, f"/v1/jobs/{sent}")) == {1}
    assert counted(got(service, nora, f"/v1/jobs/{sent}")) == {3}
    again = service.client.post(
        "/v1/documents", files={"file": ("plan.txt", TEXTS[2].encode())}, data={"allow": "group:hangar"}, headers=left
    )
    assert (again.json()["outcome"], again.json()["version"]) == ("unchanged", 1)


def test_purged_versions_are_not_counted_and_leave_no_day(service: Any, nora: dict[str, str]) -> None:
    form = {"allow": "group:hangar"}
    for text in TEXTS[:2]:
        service.client.post("/v1/documents", files={"file": ("gone.txt", text)}, data=form, headers=nora)
    service.parts.documents.delete(document_id("upload/nora/gone.txt"), OPERATOR, now=True)
    told = service.client.post("/v1/documents", files={"file": ("gone.txt", TEXTS[2])}, data=form, headers=nora).json()
    assert (told["outcome"], told["version"]) == ("added", 1)
    (one,) = got(service, nora, f"/v1/documents/{told['document_id']}/versions")["versions"]
    assert (one["version"], one["effective"]) == (1, None)


@pytest.fixture(autouse=True, scope="module")
def _tidied(service: Any) -> Iterator[None]:
    yield
    for name in ("plan.txt", "paper.pdf", "old.txt", "between.txt", "gone.txt"):
        service.parts.documents.delete(document_id(f"upload/nora/{name}"), OPERATOR, now=True)
