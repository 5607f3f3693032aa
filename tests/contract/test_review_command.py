"""`footnote review` over the local data folder: a file of questions in, a table and a file out, and on after Ctrl-C."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import reviewing, reviews
from api.cli.main import command_line
from api.http.strictness import Offered
from api.terminal import UsageError
from api.wiring.review_matrix import WRITERS
from generation.types import Strict
from retrieval.types import Principal

LENA = ("--as", "user:lena", "--groups", "legal")
LABEL = frozenset({"group:legal"})


@pytest.fixture(scope="module")
def parts(start: Callable[..., Any]) -> Any:
    made = start()
    for unit in (7, 8):
        text = f"LEASE OF UNIT {unit}\n\nThe rent of Unit {unit} is {unit}00 euros per month.\n"
        made.pipeline.ingest(text.encode(), f"{unit}.txt", f"leases/{unit}.txt", LABEL)
    made.pipeline.ingest(b"Minutes of nothing.", "m.txt", "minutes/m.txt", LABEL)
    return made


@pytest.fixture
def run(parts: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    @contextmanager
    def opened(**_: object) -> Iterator[Any]:
        yield parts

    monkeypatch.setattr(reviewing, "opened", opened)
    monkeypatch.setattr(reviews, "opened", opened)
    parts.script.__init__("The rent of Unit 7 is 700 euros per month [1].")
    return lambda *options: CliRunner().invoke(command_line(), ["review", *options])


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "rents.txt"
    path.write_text("What is the rent of Unit 7?\n\nWho is the tenant?\n", encoding="utf-8")
    return path


def test_questions_are_asked_of_what_is_named(run: Any, questions: Path) -> None:
    ran = run("--questions", str(questions), "--source-prefix", "leases/", *LENA)
    assert ran.exit_code == 0, ran.output
    assert "1. What is the rent of Unit 7?" in ran.stdout
    table = [line.split() for line in ran.stdout.splitlines() if line.startswith("LEASE")]
    assert [(row[3], row[4:]) for row in table] == [("7", ["answered", "not_found"]), ("8", ["not_found"] * 2)]
    assert "4 cells" in ran.stderr


def test_csv_and_json_are_spoken(run: Any, parts: Any, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('number,Question\n1,"What, then, is the rent of Unit 7?"\n', encoding="utf-8")
    ids = [one.document_id for one in parts.documents.everything() if one.source.startswith("leases/7")]
    ran = run("--questions", str(path), "--documents", ",".join(ids), "--title", "Of csv", "--json", *LENA)
    told = json.loads(ran.stdout)
    assert (told["title"], told["questions"]) == ("Of csv", ["What, then, is the rent of Unit 7?"])
    (row,) = told["rows"]
    assert (row["cells"][0]["status"], row["cells"][0]["answer"]["citations"][0]["version"]) == ("answered", 1)


def test_a_strict_review_stays_strict_when_it_goes_on(
    run: Any, parts: Any, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.answer_service, "_stricter", Strict(1.01))
    ran = run("--questions", str(questions), "--source-prefix", "leases/7", "--strictness", "strict", "--json", *LENA)
    told = json.loads(ran.stdout)
    assert (told["strictness"], told["counts"]) == ("strict", {"not_found": 2})
    asker = Principal("lena", frozenset({"legal"}))
    parts.review_desk.again(told["id"], asker, None, told["rows"][0]["document_id"], ())
    assert json.loads(run("--resume", told["id"], "--json", *LENA).stdout)["counts"] == {"not_found": 2}
    monkeypatch.setattr(type(parts), "strictness", Offered.of("usual", ["usual"]))
    refused = run("--questions", str(questions), "--source-prefix", "leases/7", "--strictness", "strict", *LENA)
    assert 'ask for "usual", or leave it out' in str(refused.exception)


def test_stopped_in_the_middle_it_goes_on(
    run: Any, parts: Any, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = parts.script.stream

    async def stopped(*given: Any, **more: Any) -> Any:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(parts.script, "stream", stopped)
    ran = run("--questions", str(questions), "--source-prefix", "leases/7", *LENA)
    assert ran.exit_code == 130
    review_id = ran.stderr.split("--resume ")[1].split()[0]
    monkeypatch.setattr(parts.script, "stream", asked)
    ran = run("--resume", review_id, *LENA)
    assert (ran.exit_code, "1 answered, 1 not found" in ran.stdout) == (0, True), ran.output


def test_it_is_written_to_a_file_and_recorded(
    run: Any, parts: Any, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITERS, "xlsx", lambda matrix: "|".join(matrix.documents).encode())
    out = tmp_path / "rents.xlsx"
    ran = run("--questions", str(questions), "--source-prefix", "leases/", "--out", str(out), *LENA)
    assert ran.exit_code == 0, ran.output
    assert out.read_bytes() == b"LEASE OF UNIT 7|LEASE OF UNIT 8"
    last = [json.loads(row.record)["accesses"][0] for row in parts.audit.show(limit=2)]
    assert [(one["action"], len(one["shown"])) for one in last] == [("export_review", 2), ("read_review", 2)]


def test_a_review_is_shared_listed_exported_asked_again_and_deleted(
    run: Any, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITERS, "docx", lambda matrix: "|".join(matrix.documents).encode())
    ran = run("--questions", str(questions), "--source-prefix", "leases/7", "--json", *LENA)
    told = json.loads(ran.stdout)

    def call(*options: str) -> Any:
        return CliRunner().invoke(command_line(), ["reviews", *options])

    otto = ("--as", "user:otto", "--groups", "legal")
    assert call("list", "--shared", *otto).stdout.count(told["id"]) == 0
    assert "group:legal" in call("share", told["id"], "--with", "group:legal", *LENA).stdout
    assert told["id"] in call("list", *LENA).stdout
    (shared,) = json.loads(call("list", "--shared", "--json", *otto).stdout)["reviews"]
    assert (shared["id"], shared["owner"], shared["shares"]) == (told["id"], "user:lena", [])
    out = tmp_path / "rents.docx"
    assert call("export", told["id"], "--out", str(out), *otto).exit_code == 0
    assert out.read_bytes() == b"LEASE OF UNIT 7"
    assert call("delete", told["id"], *otto).exit_code != 0
    (row,) = told["rows"]
    asked = call("again", told["id"], "--document", row["document_id"], "--question", "1", *LENA)
    assert asked.stdout.startswith("1 asked again")
    assert "1 answered, 1 not found" in run("--resume", told["id"], *LENA).stdout
    assert call("share", told["id"], "--nobody", *LENA).exit_code == 0
    assert call("export", told["id"], "--out", str(out), *otto).exit_code != 0
    assert call("share", told["id"], *LENA).exit_code != 0
    assert call("delete", told["id"], *LENA).exit_code == 0
    assert told["id"] not in call("list", *LENA).stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--questions FILE, or go on"),
        (("--questions", "FILE"), "one of --documents, --source-prefix"),
        (("--questions", "FILE", "--source-prefix", "nowhere/"), "no such documents"),
        (("--questions", "FILE", "--collection", "none"), "no collection"),
        (("--questions", "FILE", "--source-prefix", "leases/", "--out", "a.pdf"), "ends in .xlsx"),
    ],
)
def test_a_call_that_cannot_work_says_why(run: Any, questions: Path, options: tuple[str, ...], words: str) -> None:
    ran = run(*(str(questions) if one == "FILE" else one for one in options), *LENA)
    assert ran.exit_code != 0
    assert words in str(ran.exception)
    assert isinstance(ran.exception, UsageError) or "collection" in words
