"""Answers as documents, over HTTP and on the command line: for whom, and what is in them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from lxml import etree
from typer.testing import CliRunner

from api.cli.main import command_line
from api.wiring.exporting import Exporting, note_of
from generation.people import KeptAnswer
from generation.types import Answer, Assumed, Caution, LeftAside, ModelCard, Status
from ingest.types import WarningKind
from retrieval.types import Principal

QUESTION = "What is the rent of Unit 7, and who may end the lease?"
RENT = "The rent of Unit 7 is 500 euros per month."
END = "The tenant Kestrel may end the lease with thirty days of notice."
LENA = Principal("lena", frozenset({"legal"}))
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def answered(service: Any) -> dict[str, Any]:
    service.parts.script.text = f"{RENT[:-1]} [1]. {END[:-1]} [1]."
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=service.key("lena", "legal"))
    assert len(reply.json()["sentences"]) == 2, reply.text
    return dict(reply.json())


def fetched(service: Any, audit_id: str, headers: dict[str, str], form: str = "docx") -> Any:
    return service.client.get(f"/v1/answers/{audit_id}/export", params={"format": form}, headers=headers)


def auditor(service: Any, user: str, *groups: str) -> dict[str, str]:
    secret = service.parts.api_keys.create(user, groups, {"read", "audit"}, "test")
    return {"Authorization": f"Bearer {secret}"}


def footnotes(data: bytes) -> list[str]:
    """The words that each quotes."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        root = etree.fromstring(file.read("word/footnotes.xml"))
    runs = [one for one in root.iter(f"{W}r") if one.find(f"{W}rPr/{W}rStyle[@{W}val='QuotedWords']") is not None]
    return ["".join(one.text for one in run.iter(f"{W}t")) for run in runs]


def targets(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return [one.get("Target") for one in etree.fromstring(file.read("word/_rels/footnotes.xml.rels"))]


def test_what_has_changed_since_is_said(service: Any, answered: dict[str, Any]) -> None:
    lena, recall = service.key("lena", "legal"), service.parts.recall
    assert "found wrong" not in fetched(service, answered["audit_id"], lena, "md").text
    recall.find_wrong(service.lease, 1, "The scan lacks page 3")
    try:
        recall.refresh()
        told = fetched(service, answered["audit_id"], lena, "md").text
        assert re.search(
            r"\*LEASE OF UNIT 7: Version 1 was found wrong on [\d\\-]+: The scan lacks page 3\\?\.\*", told
        )
    finally:
        recall.not_wrong(service.lease, 1)


def test_every_footnote_is_the_text_of_the_version(service: Any, answered: dict[str, Any]) -> None:
    reply = fetched(service, answered["audit_id"], service.key("lena", "legal"))
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].endswith("wordprocessingml.document")
    assert reply.headers["content-disposition"] == "attachment; filename=answer.docx"
    assert reply.headers["cache-control"] == "private, no-store"
    text = service.parts.documents.text(service.lease, 1, LENA).text
    cited = {one["id"]: one for one in answered["citations"]}
    order = dict.fromkeys(id_ for one in answered["sentences"] for id_ in one["citations"])
    assert footnotes(reply.content) == [text[cited[id_]["start"] : cited[id_]["end"]] for id_ in order]
    paragraphs = [one.text for one in docx.Document(io.BytesIO(reply.content)).paragraphs]
    assert QUESTION in paragraphs
    assert any(RENT in one and END in one for one in paragraphs)


def test_a_link_opens_the_source_at_the_quote(service: Any, answered: dict[str, Any]) -> None:
    headers = service.key("lena", "legal")
    data = fetched(service, answered["audit_id"], headers).content
    assert targets(data)
    for url in targets(data):
        page, _, place = url.partition("#source/")
        document_id, version_id, start, end = place.split("/")
        assert service.client.get(page).status_code == 200
        shown = service.client.get(f"/v1/documents/{document_id}/text", params={"version": version_id}, headers=headers)
        assert shown.json()["text"][int(start) : int(end)] in footnotes(data)


def test_markdown_and_pdf_say_the_same(service: Any, answered: dict[str, Any]) -> None:
    headers = service.key("lena", "legal")
    text = fetched(service, answered["audit_id"], headers, "md")
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert f"{RENT}[^1]" in text.text
    assert answered["audit_id"] in text.text
    data = fetched(service, answered["audit_id"], headers, "pdf").content
    with pypdfium2.PdfDocument(data) as document:
        shown = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    assert RENT in shown
    assert answered["audit_id"] in shown
    assert fetched(service, answered["audit_id"], headers, "exe").status_code == 422


def test_who_may_have_it(service: Any, answered: dict[str, Any]) -> None:
    id_ = answered["audit_id"]
    assert fetched(service, id_, auditor(service, "otto", "legal")).status_code == 200
    missing = fetched(service, "00000000-0000-4000-8000-000000000000", service.key("lena", "legal"))
    for headers in (service.key("otto", "legal"), auditor(service, "otto", "hr"), service.key("lena", "hr")):
        reply = fetched(service, id_, headers)
        expected = missing.content.replace(missing.url.path.encode(), reply.url.path.encode())
        assert (reply.status_code, reply.content) == (404, expected)
    assert fetched(service, id_, {}).status_code == 401
    assert fetched(service, "no id", service.key("lena", "legal")).status_code == 404


def test_the_trail_tells_what_an_export_has_shown(service: Any, answered: dict[str, Any]) -> None:
    assert fetched(service, answered["audit_id"], auditor(service, "eve-25", "legal")).status_code == 200
    service.parts.accesses.flush()
    found = [one for row in service.parts.audit.show(limit=5) for one in json.loads(row.record).get("accesses", ())]
    (access,) = [one for one in found if one.get("principal") == "user:eve-25"]
    assert (access["action"], access["shown"]) == ("export_answer", [{"document_id": service.lease, "version": 1}])
    assert access["asked"] == [["format", "docx"]]


def test_an_abstention_says_why(service: Any) -> None:
    service.parts.script.text = "I do not know."
    headers = service.key("lena", "legal")
    answer = service.client.post("/v1/query", json={"question": QUESTION}, headers=headers).json()
    assert answer["status"] == "abstained"
    paragraphs = [one.text for one in docx.Document(io.BytesIO(fetched(service, answer["audit_id"], headers).content)).paragraphs]  # fmt: skip
    assert answer["explanation"] in paragraphs
    assert footnotes(fetched(service, answer["audit_id"], headers).content) == []


def test_several_answers_become_one_memo_without_those_that_are_closed(service: Any, answered: dict[str, Any]) -> None:
    exporting: Exporting = service.parts.exporting
    ids = [answered["audit_id"], "00000000-0000-4000-8000-000000000000", answered["audit_id"]]
    found = exporting.memo_of(ids, LENA, "Two", "https://f.example/")
    assert [one.question for one in found.memo.passages] == [QUESTION, QUESTION]
    quotes = {one.quote for one in found.memo.sources}
    assert len(quotes) == len(found.memo.sources), "each quote once"
    assert all(one.url.startswith("https://f.example/#source/") for one in found.memo.sources)
    assert found.shown == ((service.lease, 1),)
    closed = exporting.memo_of(ids, Principal("lena", frozenset({"hr"})), "None")
    assert (closed.memo.passages, closed.memo.sources, closed.shown) == ((), (), ())
    assert exporting.memo_of(ids, LENA, "No page").memo.sources[0].url == ""


def test_what_a_reader_has_to_know_is_told_and_what_was_left_aside_to_who_asked_alone() -> None:
    told = Answer(
        "", Status.ABSTAINED, (), (), ModelCard(*"gaerjps"), explanation="3 passages in German were left aside.",
        left_aside=(LeftAside("de", "German", 3),), cautions=(Caution(WarningKind.INSTRUCTION, "Beware.", ()),),
        assumed=(Assumed("the lease", "id", 1, "Lease of Unit 7", 4),),
    )  # fmt: skip
    kept = KeptAnswer("id", "user:ana", datetime.now(UTC), "?", told, frozenset(), as_of=date(2024, 2, 1))
    rest = "“the lease” was taken to mean: Lease of Unit 7. Answered from the versions in force on 2024-02-01. Beware."
    assert note_of(kept, asker=True) == f"3 passages in German were left aside. {rest}"
    assert note_of(kept, asker=False) == f"No answer was given. {rest}"


@pytest.fixture
def command(service: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command line over the same parts."""
    monkeypatch.setattr("api.cli.signing.opened", lambda: nullcontext(service.parts))

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(command_line(), ["answers", *arguments])

    return run


def test_the_command_writes_a_memo(command: Any, answered: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "memo.docx"
    given = (answered["audit_id"], "--out", str(out), "--as", "user:lena", "--groups", "legal")
    assert command("export", *given, "--title", "For Kestrel").exit_code == 0
    document = docx.Document(str(out))
    assert document.paragraphs[0].text == "For Kestrel"
    assert targets(out.read_bytes()) == [], "without FOOTNOTE_PUBLIC_URL there is no address"
    assert command("export", *given, "--format", "pdf").exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")
    refused = command("export", *given[:3], "--as", "user:otto", "--groups", "legal")
    assert refused.exit_code == 1
    assert "that user:otto has asked for" in str(refused.exception)


def test_the_command_signs(service: Any, command: Any, answered: dict[str, Any]) -> None:
    whose = ("--as", "user:lena", "--groups", "legal")
    id_ = answered["audit_id"]
    assert command("sign", id_, "--sentence", "2", "--verdict", "approved", "--words", "Seen.", *whose).exit_code == 0
    listed = command("sign-offs", id_, *whose, "--json")
    assert [(one["sentence"], one["words"]) for one in json.loads(listed.stdout)] == [(2, "Seen.")]
    assert "sentence 2: approved by user:lena: Seen." in command("sign-offs", id_, *whose).stdout
    assert command("sign", id_, "--sentence", "9", "--verdict", "approved", *whose).exit_code == 1
    assert command("sign", id_, *whose).exit_code == 1
    assert command("sign", id_, "--sentence", "2", "--withdraw", *whose).exit_code == 0
    assert "Nobody has said anything" in command("sign-offs", id_, *whose).stdout
