"""Erasure of documents and persons in a real installation: every store, every byte, and kills at each step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from api.cli.main import command_line
from api.wiring.erasing.checking import checked
from api.wiring.erasing.erasing import Eraser
from api.wiring.erasing.trail import entry_id
from api.wiring.erasing.verifying import Found, look, remains
from api.wiring.people_stores import PeopleStores
from generation.people import SignVerdict
from infra.erasure.receipts import ReceiptInvalid
from infra.erasure.words import Words
from infra.files.durable import UNFINISHED
from infra.postgres.audit import PostgresAudit
from infra.postgres.errors import DocumentMissing, ErasureRefused, HeldBack, StillRead
from infra.postgres.evaluations import CaseResult, Dataset, MetricValue, NewRun, PostgresEvaluations
from infra.postgres.holdings import HOLDINGS
from infra.postgres.holds import PostgresHolds
from infra.postgres.hygiene import clean
from infra.postgres.pool import Pool, connection, transaction
from infra.postgres.releases import PostgresReleases, Release
from infra.settings import load_settings
from infra.vault import refs
from ingest.syncing.types import Connector, ItemReport, Plan, Step
from ingest.types import OPERATOR
from retrieval.types import Principal
from tests.integration.erasing import (
    ADDRESS,
    DISPLAY,
    NAME,
    OTHER,
    SECRET,
    SOURCE,
    Planted,
    add,
    answer,
    plant,
    search,
)

ROOT = Path(__file__).parents[2]
ANA = Principal("ana", frozenset({"legal"}))
JANE = Principal(NAME, frozenset())
TYPES = {"text", "character varying", "text[]", "json", "jsonb", "bytea"}


@pytest.fixture(scope="module")
def _empty() -> Iterator[Path]:
    """A migrated installation that holds nothing, to be copied."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        with stores(Path(made)) as parts:
            assert parts.erasures.all() == []
        yield Path(made)


@pytest.fixture
def folder(_empty: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        subprocess.run(["cp", "-a", str(_empty / "home"), made], check=True)
        yield Path(made)


@pytest.fixture
def parts(folder: Path) -> Iterator[PeopleStores]:
    with stores(folder) as made:
        yield made


def stores(folder: Path) -> PeopleStores:
    return PeopleStores(load_settings(home=folder / "home", DATABASE_URL="", demo=False))


@pytest.fixture
def planted(parts: PeopleStores) -> Planted:
    return plant(parts)


def places(parts: PeopleStores, *words: str) -> set[str]:
    return {one.place for one in look(parts, Words.of(words))}


def rows(parts: PeopleStores, query: str) -> list[tuple[object, ...]]:
    with transaction(parts.pool) as conn:
        return conn.execute(query.encode()).fetchall()


def test_every_column_that_can_hold_words_is_in_the_table_of_what_is_where(fresh_database: Pool) -> None:
    with transaction(fresh_database) as conn:
        found = conn.execute(
            "SELECT c.relname || '.' || a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace "
            "AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
        ).fetchall()
    assert sorted(one.column for one in HOLDINGS) == sorted(name for name, kind in found if kind in TYPES)


def test_the_page_has_the_same_table() -> None:
    page = (ROOT / "docs" / "erasure.md").read_text(encoding="utf-8")
    for one in HOLDINGS:
        assert f"| `{one.column}` | {', '.join(one.of) or '-'} | {one.how} |" in page, one.column


def test_a_document_is_gone_from_every_table_and_file(parts: PeopleStores, planted: Planted) -> None:
    assert {"versions.text", "chunks.text", "files"} <= places(parts, SECRET)
    done = Eraser(parts).documents([SOURCE])
    assert places(parts, SECRET) == set()
    assert list(remains(parts, planted.secret)) == []
    assert done.receipt.done["originals"] == 3
    assert done.receipt.done["documents"] == 1
    assert not parts.blobs.path(planted.secret_hash).exists()
    assert {one.source for one in parts.documents.list(ANA)} == {"matters/lease.txt"}
    assert rows(parts, "SELECT name, source, report FROM job_files WHERE number = 1 ORDER BY job_id LIMIT 1") == [
        ("[erased]", "[erased]", None)
    ]
    assert rows(parts, "SELECT title FROM jobs ORDER BY id LIMIT 1") == [("[erased]",)]
    assert rows(parts, "SELECT count(*) FROM review_cells") == [(2,)]


def test_a_document_goes_by_its_id_out_of_the_recycle_bin_and_after_it_was_purged(parts: PeopleStores) -> None:
    first, second = (
        add(parts, "a.txt", f"{SECRET} one", ["group:legal"]),
        add(parts, "b.txt", "something else", ["group:legal"]),
    )
    parts.documents.delete(first, OPERATOR)
    parts.documents.delete(second, OPERATOR, now=True)
    Eraser(parts).documents([first, second])
    assert places(parts, SECRET) == set()
    with pytest.raises(DocumentMissing, match="There is no document c"):
        Eraser(parts).documents(["c.txt"])


def test_what_came_out_of_a_document_goes_with_it_and_not_alone(parts: PeopleStores) -> None:
    outer = add(parts, "mail.eml", "A mail that has something with it.", ["group:legal"])
    inner = add(parts, "mail.eml/letter.txt", f"{SECRET} in a letter.", ["group:legal"])
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE documents SET parent_id = %s WHERE id = %s", (outer, inner))
    with pytest.raises(ErasureRefused, match="erase that one as a whole"):
        Eraser(parts).documents([inner])
    assert set(Eraser(parts).documents([outer]).receipt.subjects) == {outer, inner}
    assert places(parts, SECRET) == set()


def test_what_came_out_of_a_document_and_was_purged_goes_with_it(parts: PeopleStores) -> None:
    outer = add(parts, "mail.eml", "A mail that has something with it.", ["group:legal"])
    inner = add(parts, "mail.eml/letter.txt", f"{SECRET} in a letter.", ["group:legal"])
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE documents SET parent_id = %s WHERE id = %s", (outer, inner))
    parts.documents.delete(outer, OPERATOR, now=True)
    assert set(Eraser(parts).documents(["mail.eml"]).receipt.subjects) == {outer, inner}
    assert not parts.keys.alive(f"document:{inner}#0")


@pytest.mark.parametrize("by_id", [True, False])
def test_what_jobs_say_of_a_document_goes_after_it_was_purged(
    parts: PeopleStores, planted: Planted, by_id: bool
) -> None:
    parts.documents.delete(planted.secret, OPERATOR, now=True)
    done = Eraser(parts).documents([planted.secret if by_id else SOURCE])
    assert rows(parts, "SELECT name, source, report FROM job_files WHERE number = 1 ORDER BY job_id LIMIT 1") == [
        ("[erased]", "[erased]", None)
    ]
    assert by_id or done.receipt.checked
    assert places(parts, "bismuth-settlement") == set()


@pytest.mark.parametrize(
    "title", ["bismuth-settlement.txt", "bismuth-settl…", "bismuth-settl… and 3 more", "matters", "matters and 12 more"]
)
def test_titles_of_jobs_that_tell_of_a_document_or_its_folder_go_also_where_they_were_cut(
    parts: PeopleStores, planted: Planted, title: str
) -> None:
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE jobs SET title = %s, idempotency_key = %s || number", (title, SECRET))
    Eraser(parts).documents([SOURCE])
    with transaction(parts.pool) as conn:
        told = conn.execute("SELECT title FROM jobs ORDER BY owner NULLS FIRST").fetchall()
    assert told == [("[erased]",), (title,)]
    assert {row[0] for row in rows(parts, "SELECT idempotency_key IS NULL FROM jobs WHERE owner IS NULL")} == {True}


def test_what_a_connector_says_of_an_item_goes_also_where_its_name_was_cut(parts: PeopleStores) -> None:
    parts.connectors.add(Connector("share", "folder", {"path": "/nowhere"}, "/nowhere/map.toml"))
    key = f"{'deep/' * 30}wolverhampton-bismuth.txt"
    add(parts, f"share:/{key}", SECRET, ["group:legal"])
    plan = Plan(refused=(ItemReport(key, Step.FAILED, reason="It cannot be read."),))
    parts.connectors.finish("share", plan.told, {}, changed=False)
    assert places(parts, "wolverhampton-bismuth")
    Eraser(parts).documents([f"share:/{key}"])
    assert places(parts, "wolverhampton-bismuth") == set()


def test_what_a_killed_upload_has_left_of_an_original_goes_with_it(parts: PeopleStores, planted: Planted) -> None:
    half = parts.blobs.path(planted.secret_hash).with_name(f"{UNFINISHED}4711")
    half.write_bytes(b"The settlement of Wolver")
    elsewhere = parts.blobs.path("0" * 64).with_name(half.name)
    elsewhere.parent.mkdir(parents=True)
    elsewhere.touch()
    Eraser(parts).documents([SOURCE])
    assert (half.exists(), elsewhere.exists()) == (False, True)


def test_an_original_that_another_document_has_too_stays(parts: PeopleStores) -> None:
    add(parts, "one.txt", OTHER, ["group:legal"])
    kept = add(parts, "two.txt", OTHER, ["group:legal"])
    Eraser(parts).documents(["one.txt"])
    assert parts.documents.original(kept, None, ANA) is not None


def test_a_person_is_gone_from_every_column_and_keeps_no_right(parts: PeopleStores, planted: Planted) -> None:
    assert [one.source for one in parts.documents.list(JANE)] == [f"upload/{NAME}/notes.txt"]
    done = Eraser(parts).person(NAME.upper())
    assert places(parts, NAME, ADDRESS, DISPLAY) == set()
    assert parts.documents.list(JANE) == ()
    assert parts.people.standing(NAME) is None
    assert rows(parts, "SELECT owner, source FROM documents WHERE source LIKE 'upload/%'") == [
        (None, "upload/[erased]/notes.txt")
    ]
    assert {one.source for one in parts.documents.list(ANA)} >= {SOURCE, "matters/lease.txt"}
    assert done.was_active
    assert NAME not in json.dumps(done.receipt.done)
    assert rows(parts, "SELECT set_by FROM facts WHERE set_by IS NOT NULL") == [("[erased]",)]
    assert rows(parts, "SELECT owner, title FROM reviews") == [("user:ana", "Rents")]
    assert rows(parts, "SELECT owner, title FROM conversations") == [("user:ana", "Rents")]
    assert rows(parts, "SELECT principal FROM conversation_shares") == [("user:otto",)]
    with pytest.raises(ErasureRefused, match="Nobody called nobody-9 is known"):
        Eraser(parts).person("nobody-9")


def test_somebody_who_is_called_as_a_scope_a_group_or_an_action_takes_nothing_of_others_along(
    parts: PeopleStores, planted: Planted
) -> None:
    asked = parts.audit.append_now(
        {"kind": "opened", "principal": "user:ana", "groups": ["admin"], "question": "What is the rent?"}
    )
    parts.api_keys.create("ana", ["admin"], ["admin"], "of ana")
    parts.api_keys.create("admin", [], ["read"], "of somebody who is called so")
    named, of_ana = (row.id for row in parts.audit.show(limit=2))
    Eraser(parts).person("admin")
    alive = [parts.keys.alive(refs.entry(one)) for one in (asked, of_ana, named)]
    assert alive == [True, True, False]


def test_a_name_that_somebody_else_has_now_takes_nobody_else_along(parts: PeopleStores) -> None:
    def synced(name: str, external: str) -> SimpleNamespace:
        return SimpleNamespace(user_name=name, external_id=external, active=True, attributes={})

    alice = parts.people.add_person(synced("j.doe", "1"), "user:scim")
    parts.people.change_person(alice.id, lambda old: synced("alice", "1"), "user:scim")
    parts.people.add_person(synced("j.doe", "2"), "user:scim")
    for name in ("alice", "j.doe"):
        parts.api_keys.create(name, [], ["read"], "")
    kept = parts.people.everybody()
    assert parts.erasures.person("J.Doe").names == ("2", "j.doe")
    assert parts.erasures.person("alice").names == ("1", "alice")
    Eraser(parts).person("j.doe")
    assert [one.user_name for one in parts.people.everybody()] == ["alice"] != [one.user_name for one in kept]
    assert rows(parts, "SELECT user_name FROM api_keys") == [("alice",)]
    assert parts.erasures.person("j.doe").names == ("1", "alice", "j.doe")


def test_documents_in_which_a_person_is_named_are_listed_and_stay(parts: PeopleStores, planted: Planted) -> None:
    named = add(parts, "minutes.txt", f"Present were {DISPLAY} and others.", ["group:legal"])
    done = Eraser(parts).person(NAME, [DISPLAY])
    assert done.mentioned == ((named, "minutes.txt"),)
    assert done.receipt.checked
    assert {one.place for one in done.left if one.place != "files"} == {"versions.text", "chunks.text"}
    assert "minutes.txt" in {one.source for one in parts.documents.list(ANA)}


def test_what_operators_typed_gives_way_or_is_listed(parts: PeopleStores, planted: Planted) -> None:
    releases = PostgresReleases(parts.pool)
    note = f"{NAME.upper()} and {DISPLAY.replace(' ', chr(10))} want it; ask {NAME}-2, user:{NAME} or Bo."
    for name in ("spring", f"for-{NAME}"):
        releases.add(Release(name, {}, {}, "0" * 64, "operator", note), {})
    releases.promote("spring", "operator", {"forced": f"says {NAME}", "outcome": "block"})
    releases.rollback("operator", {"reason": "Too slow."})
    runs = PostgresEvaluations(parts.pool)
    run_id, _ = runs.begin(NewRun("nightly", "", "c", "d", {}, {}), [Dataset("d" * 64, f"of-{NAME}.jsonl", 1)])
    case = CaseResult("golden", f"said-by-{NAME}", "d" * 64, "own", "right", "", "", None, 1.0, None, "", {})
    runs.add(run_id, case, [MetricValue("golden", case.case_id, "right", 1.0)])
    held = add(parts, "held.txt", "Nothing of it.", ["group:hr"])
    PostgresHolds(parts.pool).place("document", held, f"Quill v. {NAME}")
    done = Eraser(parts).person(NAME)
    assert rows(parts, "SELECT DISTINCT note FROM releases") == [
        (f"[erased] and [erased] want it; ask {NAME}-2, user:[erased] or Bo.",)
    ]
    told = rows(parts, "SELECT action, evidence FROM release_events WHERE action <> 'propose' ORDER BY number")
    assert told == [("promote", {"forced": "says [erased]", "outcome": "block"}), ("rollback", {"reason": "Too slow."})]
    listed = {one.place: one.key for one in done.noted}
    assert set(listed) == {
        "releases.name", "release_events.name", "releases.note", "eval_cases.case_id", "eval_metrics.case_id",
        "eval_datasets.name", "holds.reason",
    }  # fmt: skip
    assert listed["releases.name"] == f"for-{NAME}"
    assert done.receipt.checked


def test_what_stands_outside_of_documents_afterwards_is_told(parts: PeopleStores, planted: Planted) -> None:
    with transaction(parts.pool) as conn:
        conn.execute(
            "INSERT INTO groups (id, name, display_name) VALUES (gen_random_uuid(), 'friends', %s)", (f"of {DISPLAY}",)
        )
    done = Eraser(parts).person(NAME, [DISPLAY])
    assert done.receipt.checked is False
    assert {one.place for one in done.left if one.place != "files"} == {"groups.display_name"}
    assert {one.of for one in done.left if one.place == "files"} >= {"groups"}


def test_the_keys_of_answers_that_quote_it_are_destroyed_and_of_others_are_not(
    parts: PeopleStores, planted: Planted
) -> None:
    quoting = answer(parts, "What does it come to?", SECRET, planted.secret)
    other = answer(parts, "What is the rent?", OTHER[:20], planted.other)
    naming = answer(parts, f"Where does {DISPLAY} live?", OTHER[:20], planted.other)
    search(parts, "bismuth", planted.secret)
    Eraser(parts).documents([planted.secret])
    assert not parts.keys.alive(refs.entry(quoting))
    assert not parts.keys.alive(f"document:{planted.secret}#0")
    assert parts.keys.alive(refs.entry(other))
    assert parts.keys.alive(refs.entry(naming))
    Eraser(parts).person(NAME, [DISPLAY])
    assert parts.keys.alive(refs.entry(other))
    assert not parts.keys.alive(refs.entry(naming))


def said_of(parts: PeopleStores, audit_id: str, words: str, by: str = "user:ana") -> str:
    """The record in which somebody says it; its id."""
    parts.sign_offs.put(audit_id, 1, by, SignVerdict.APPROVED, words, lambda: True)
    return parts.audit.show(limit=1)[0].id


@pytest.mark.parametrize("keep_questions", [True, False])
def test_what_was_said_of_answers_goes_with_them(parts: PeopleStores, planted: Planted, keep_questions: bool) -> None:
    quoting = answer(parts, "What does it come to?", SECRET, planted.secret)
    other = answer(parts, "What is the rent?", OTHER[:20], planted.other)
    gone = said_of(parts, quoting, f"It was {SECRET}, indeed.")
    kept = said_of(parts, other, "Seen.")
    done = Eraser(parts).documents([SOURCE], keep_questions=keep_questions)
    assert "sign_offs.words" not in places(parts, SECRET)
    assert done.receipt.done["sign_offs"] == 1
    assert [one.words for one in parts.sign_offs.of([quoting, other])] == ["Seen."]
    assert [parts.keys.alive(refs.entry(one)) for one in (gone, kept)] == [False, True]
    Eraser(parts).documents([planted.other], ["Seen."])
    assert parts.sign_offs.of([other]) == []


def test_what_was_said_of_a_persons_answers_goes_with_them(parts: PeopleStores, planted: Planted) -> None:
    theirs = answer(parts, "What is the rent?", OTHER[:20], planted.other, user=NAME)
    other = answer(parts, "What is the rent?", OTHER[:20], planted.other)
    gone = [said_of(parts, theirs, "Seen."), said_of(parts, other, f"Tell {DISPLAY}.", "user:ben")]
    said_of(parts, other, "Mine.", f"user:{NAME.upper()}")
    kept = said_of(parts, other, "Seen as well.")
    Eraser(parts).person(NAME, [DISPLAY])
    assert places(parts, NAME, DISPLAY) == set()
    assert rows(parts, "SELECT words FROM sign_offs") == [("Seen as well.",)]
    assert [parts.keys.alive(refs.entry(one)) for one in (*gone, kept)] == [False, False, True]
    assert not parts.keys.alive(f"name:{NAME}#0")
    assert parts.audit.verify().ok


def test_questions_can_be_kept(parts: PeopleStores, planted: Planted) -> None:
    quoting = answer(parts, "What does it come to?", SECRET, planted.secret)
    Eraser(parts).documents([planted.secret], keep_questions=True)
    assert parts.keys.alive(refs.entry(quoting))
    assert not parts.keys.alive(f"document:{planted.secret}#0")


def test_what_is_written_while_the_trail_is_read_is_read_too(
    parts: PeopleStores, planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[str] = []
    real = parts.erasures.erase_documents

    def slower(*given: object) -> object:
        late.append(answer(parts, "And now?", SECRET, planted.secret))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(parts.erasures, "erase_documents", slower)
    Eraser(parts).documents([planted.secret])
    assert not parts.keys.alive(refs.entry(late[0]))


def test_an_answer_under_way_does_not_tell_the_trail_what_is_erased_meanwhile(
    parts: PeopleStores, planted: Planted
) -> None:
    search(parts, "anything", planted.other, user=NAME)
    opened = [
        parts.audit.append_now({"kind": "opened", "principal": f"user:{user}", "question": "What is it about?"})
        for user in ("ana", NAME)
    ]
    Eraser(parts).documents([planted.secret])
    Eraser(parts).person(NAME, [DISPLAY])
    for user, id_, quote, cited in (
        ("ana", opened[0], SECRET, planted.secret),
        (NAME, opened[1], OTHER[:20], planted.other),
    ):
        citation = {"id": 1, "document_id": cited, "version": 1, "start": 0, "end": len(quote), "quote": quote}
        said = {"sentences": [{"text": quote, "citations": [1]}], "citations": [citation]}
        whose = {"principal": f"user:{user}", "answer_id": id_, "question": "What is it about?"}
        parts.audit.append_now({"kind": "sentence", **whose, **said})
        parts.audit.append_now({"kind": "closed", **whose, "answer": {"answer": quote, **said}})
    assert places(parts, SECRET, NAME) == set()
    shown = [[json.loads(row.record).get("question") for row in parts.audit.show(id_)] for id_ in opened]
    assert shown == [["What is it about?"] * 3, ["[erased]"] * 3]
    assert len({row.principal for row in parts.audit.stored(opened[1])}) == 1
    assert parts.audit.verify().ok


def test_the_receipt_is_signed_and_says_nothing_of_what_was_erased(
    parts: PeopleStores, planted: Planted, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Eraser(parts, by="the board").person(NAME, [DISPLAY])
    data = done.path.read_bytes()
    assert not any(word.encode() in data for word in (NAME, ADDRESS, DISPLAY))
    assert checked(data, parts.public_key.encode()) == done.receipt
    assert (done.receipt.by, done.receipt.kind) == ("the board", "person")
    last = parts.audit.show(limit=1)[0]
    assert (last.seq, last.hash.hex()) == (done.receipt.position, done.receipt.hash)
    told = json.loads(last.record)
    assert (told["action"], told["indices"]) == ("erased", list(done.receipt.indices))
    assert told["subject"] == done.receipt.subjects[0]
    with pytest.raises(ReceiptInvalid, match="was changed"):
        checked(data.replace(b'"the board"', b'"nobody"'), parts.public_key.encode())


def test_a_job_that_works_on_it_is_waited_for(parts: PeopleStores, planted: Planted) -> None:
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE job_files SET state = 'queued'")
        conn.execute("UPDATE jobs SET finished_at = NULL")
    for erase in (lambda: Eraser(parts).documents([SOURCE]), lambda: Eraser(parts).person(NAME)):
        with pytest.raises(ErasureRefused, match=r"Job 00000000-.* is not done yet"):
            erase()
    assert parts.erasures.all() == []
    assert places(parts, SECRET) >= {"versions.text"}


def test_a_hold_beats_erasure(parts: PeopleStores, planted: Planted) -> None:
    hold = parts.holds.place("collection", "matter", "Quill v. Bismuth")
    person = parts.holds.place("person", NAME, "the same")
    with pytest.raises(HeldBack, match=f"footnote holds lift {hold}"):
        Eraser(parts).documents([SOURCE])
    with pytest.raises(HeldBack, match=f"footnote holds lift {person}"):
        Eraser(parts).person(NAME)
    assert parts.erasures.all() == []
    parts.holds.lift(hold)
    parts.holds.lift(person)
    Eraser(parts).documents([SOURCE])
    Eraser(parts).person(NAME)


def test_a_hold_keeps_what_the_trail_tells_of_it_whatever_else_is_erased(parts: PeopleStores, planted: Planted) -> None:
    quoting = answer(parts, "What does it come to?", SECRET, planted.secret)
    about = answer(parts, f"Does {DISPLAY} rent?", OTHER[:20], planted.other, user="ben")
    person = parts.holds.place("person", "Ana", "Quill v. Bismuth")
    document = parts.holds.place("document", planted.other, "the same")
    for erase in (
        lambda: Eraser(parts).documents([planted.secret]),
        lambda: Eraser(parts).documents([planted.secret], keep_questions=True),
        lambda: Eraser(parts).documents([planted.upload], ["What does it come to?"]),
        lambda: Eraser(parts).person(NAME, [DISPLAY]),
    ):
        told = rf"tells of the (person ana|document {planted.other}), which a legal hold keeps"
        with pytest.raises(HeldBack, match=told):
            erase()
    assert parts.erasures.all() == []
    assert all(parts.keys.alive(refs.entry(one)) for one in (quoting, about))
    parts.holds.lift(person)
    parts.holds.lift(document)
    Eraser(parts).documents([planted.secret])
    Eraser(parts).person(NAME, [DISPLAY])


def test_a_reader_who_still_sees_the_rows_is_waited_for(parts: PeopleStores, planted: Planted) -> None:
    with parts.pool.connection() as conn, conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        conn.execute("SELECT count(*) FROM documents")
        with pytest.raises(StillRead, match="reads the table documents for long"):
            clean(parts.pool, ["documents"], None, wait_s=0.3)
        parts.documents.delete(planted.other, OPERATOR, now=True)
        with pytest.raises(StillRead, match="still sees what is to be erased"):
            clean(parts.pool, ["facts"], None, wait_s=0.3)


def test_an_erased_item_of_a_source_is_known_whatever_it_is_called(parts: PeopleStores) -> None:
    parts.connectors.add(Connector("share", "folder", {"path": "/nowhere"}, "/nowhere/map.toml"))
    add(parts, "share:/deep/bismuth.txt", SECRET, ["group:legal"])
    Eraser(parts).documents(["share:/deep/bismuth.txt"])
    assert parts.connectors.erased("share", ["deep/bismuth.txt", "else.txt"]) == {"deep/bismuth.txt"}
    import hashlib

    assert parts.connectors.erased_bytes("share", hashlib.sha256(SECRET.encode()).hexdigest())
    assert not parts.connectors.erased_bytes("share", hashlib.sha256(b"else").hexdigest())
    assert places(parts, "deep/bismuth") == set()
    add(parts, "share:/deep/other.txt", OTHER, ["group:legal"])
    with pytest.raises(DocumentMissing, match=r"There is no document othre\.txt"):
        Eraser(parts).documents(["share:/deep/other.txt", "othre.txt"])


@pytest.mark.parametrize("above", [True, False])
def test_of_another_server_everything_is_done_that_may_be_and_the_rest_is_told(
    database_url: str, fresh_database: Pool, tmp_path: Path, above: bool
) -> None:
    with connection(fresh_database) as conn:
        url = database_url.replace("/postgres?", f"/{conn.info.dbname}?")
        if not above:
            name = f"owner_{conn.info.dbname}"
            conn.execute(
                f"CREATE ROLE {name} LOGIN CREATEROLE; GRANT footnote_reader TO {name} WITH ADMIN OPTION".encode()
            )
            conn.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION {name}".encode())
            url = url.replace("postgres@", f"{name}@")
    with PeopleStores(load_settings(home=tmp_path, DATABASE_URL=url, demo=False)) as parts:
        planted = plant(parts)
        receipt = Eraser(parts).documents([planted.secret]).receipt
        assert places(parts, SECRET) == set()
        assert any("logs of PostgreSQL" in one for one in receipt.not_promised)
        assert any("statistics" in one for one in receipt.not_promised) is not above


def test_resealing_leaves_no_byte_of_what_stood_in_the_clear(parts: PeopleStores) -> None:
    plain = PostgresAudit(parts.pool, parts._audit_key, parts._audit_head)
    for number in range(30):
        plain.append_now({"kind": "opened", "principal": "user:ana", "question": f"{SECRET} {number}?"})
    clean(parts.pool, ["audit"], None)  # which takes samples of them
    with pytest.raises(ErasureRefused, match="footnote audit reseal"):
        Eraser(parts).documents([add(parts, "a.txt", OTHER, ["group:legal"])])
    assert {"audit.record", "files"} <= places(parts, SECRET)
    assert parts.reseal(lambda seq: None) is not None
    assert places(parts, SECRET) == {"trail"}


def test_the_commands(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("FOOTNOTE_") and name != "FOOTNOTE_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder / "home"))

    def ran(*command: str, code: int = 0) -> str:
        """What is said, where the command ends so; foreseen errors are raised."""
        done = CliRunner().invoke(command_line(), command)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return str(done.output)

    with stores(folder) as parts:
        plant(parts)
    assert ran("erase", "verify", "--words", SECRET, code=1).count("versions.text") == 2
    held = ran("holds", "place", "document", SOURCE, "--reason", "Quill v. Bismuth").split()[-1]
    assert "Quill v. Bismuth" in ran("holds", "list")
    with pytest.raises(HeldBack):
        ran("erase", "document", SOURCE)
    ran("holds", "lift", held)
    assert "Quill" not in ran("holds", "list")
    receipt = tmp_path / "receipt.json"
    said = ran("erase", "document", SOURCE, "--by", "DPO, case 17", "--receipt", str(receipt))
    assert "nothing is left" in said
    assert "by DPO, case 17" in ran("erase", "check", str(receipt))
    assert "document" in ran("erase", "list")
    assert "Nothing was interrupted" in ran("erase", "resume")
    assert "nothing of what the receipts tell of is here again" in ran("erase", "reapply", str(receipt))
    assert ran("erase", "verify", "--words", SECRET) == "Nothing is found.\n"
    assert "active at the identity provider" in ran("erase", "person", f"user:{NAME}")
    assert "person person:" not in ran("erase", "list")
    ran("retention", "set", "keys", "90")
    assert "90 days" in ran("retention", "show")
    assert "keys: 0 rows gone" in ran("retention", "run")


STEPS = {
    "before the transaction ends": ("infra.postgres.audit.PostgresAudit.append_within", "before"),
    "before keys": ("infra.vault.keys.Keys.destroy_indices", "before"),
    "after keys": ("infra.vault.keys.Keys.destroy_indices", "after"),
    "after originals": ("infra.postgres.documents.PostgresDocumentStore.sweep", "after"),
    "after the index": ("api.wiring.erasing.finishing.Finisher._rewrite_index", "after"),
    "among the tables": ("infra.postgres.hygiene.about", "after"),
    "after the bytes": ("api.wiring.erasing.finishing.Finisher._receipt", "before"),
    "after the receipt": ("infra.postgres.erasure.PostgresErasure.finish", "before"),
}
KILLED = """
import os, pkgutil, signal, sys
from datetime import date
from pathlib import Path
from api.wiring.erasing.erasing import Eraser
from tests.integration.test_erasure import SOURCE, stores
folder, name, when = sys.argv[1:]
owner, _, method = name.rpartition(".")
owner = pkgutil.resolve_name(owner)
real = getattr(owner, method)
def killed(*given, **named):
    if when == "after":
        real(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, method, killed)
with stores(Path(folder)) as parts:
    Eraser(parts, by="DPO, case 17").documents([SOURCE], copies_until=date(2031, 5, 1))
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_nothing_done_or_something_that_is_finished_later(folder: Path, step: str) -> None:
    with stores(folder) as parts:
        planted = plant(parts)
    command = [sys.executable, "-c", KILLED, str(folder), *STEPS[step]]
    ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    with stores(folder) as parts:
        begun = parts.erasures.unfinished()
        if step == "before the transaction ends":
            assert begun == []
            assert places(parts, SECRET) >= {"versions.text", "files"}
            Eraser(parts).documents([SOURCE])
        else:
            assert [one.subjects for one in begun] == [(planted.secret,)]
            parts.go_on_erasing()
            assert not parts.keys.alive(f"document:{planted.secret}#0")
            (done,) = Eraser(parts).resume()
            assert (done.receipt.by, done.receipt.copies_until) == ("DPO, case 17", "2031-05-01")
            assert done.receipt.checked is (True if step == "after the receipt" else None)
        assert places(parts, SECRET) == set()
        assert not parts.keys.alive(f"document:{planted.secret}#0")
        assert parts.erasures.unfinished() == []
        assert Eraser(parts).resume() == []
        assert parts.audit.verify().ok


def test_keys_are_destroyed_at_the_start_only_where_the_trail_says_so(parts: PeopleStores, planted: Planted) -> None:
    asked = [str(uuid.uuid4()), [planted.secret], [parts.keys.index(f"document:{planted.secret}#0")]]
    with transaction(parts.pool) as conn:
        conn.execute(
            "INSERT INTO erasures (id, kind, subjects, indices, originals, counts, asked_by, copies_until) "
            "VALUES (%s, 'document', %s, %s, '{}', '{}', 'x', now())",
            asked,
        )
    parts.go_on_erasing()
    assert parts.keys.alive(f"document:{planted.secret}#0")


def test_after_an_old_backup_receipts_are_applied_again(parts: PeopleStores, planted: Planted) -> None:
    receipts = [Eraser(parts).documents([SOURCE]).path, Eraser(parts).person(NAME).path]
    plant_again = add(parts, SOURCE, SECRET, ["group:legal"])
    asked = answer(parts, "What is the rent?", OTHER[:20], planted.other)
    said_of(parts, asked, "Came back.", f"user:{NAME}")  # somebody whom the identity provider alone knows
    assert Eraser(parts).again([path.read_bytes() for path in receipts[1:]]) == []
    parts.api_keys.create(NAME, ["legal"], ["read"], "came back")
    assert Eraser(parts).again([path.read_bytes() for path in receipts]) == []  # somebody has added them since
    assert {"versions.text", "api_keys.user_name"} <= places(parts, SECRET, NAME)
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE documents SET created_at = created_at - interval '1 day'")
        conn.execute("UPDATE api_keys SET created_at = created_at - interval '1 day'")
        conn.execute("UPDATE sign_offs SET signed_at = signed_at - interval '1 day'")
    done = Eraser(parts).again([path.read_bytes() for path in receipts])
    assert [one.receipt.kind for one in done] == ["document", "person"]
    assert done[0].receipt.subjects == (plant_again,)
    assert places(parts, SECRET) == set()
    assert "api_keys.user_name" not in places(parts, NAME)


@pytest.mark.parametrize(
    "where",
    [
        "UPDATE documents SET managers = ARRAY['user:Vera.Holm'] WHERE source = 'matters/lease.txt'",
        "UPDATE facts SET set_by = 'user:vera.holm', set_at = now()",
        "UPDATE collections SET walls = ARRAY['user:vera.holm']",
        "UPDATE collections SET label = ARRAY['user:vera.holm']",
        "UPDATE collection_documents SET asked = ARRAY['user:vera.holm']",
        "UPDATE connector_items SET label = ARRAY['user:vera.holm']",
        "UPDATE documents SET source = 'upload/vera.holm/lease.txt' WHERE source = 'matters/lease.txt'",
        "UPDATE job_files SET source = 'upload/vera.holm/notes.txt' WHERE source LIKE 'upload/%'",
        "INSERT INTO budget_use VALUES ('user:vera.holm', current_date, 3, 4)",
        "UPDATE conversations SET owner = 'user:Vera.Holm', created_at = '2020-01-01' WHERE title = 'Rents'",
        "UPDATE conversation_shares SET principal = 'user:Vera.Holm' WHERE principal = 'user:otto'",
        "UPDATE reviews SET owner = 'user:vera.holm', created_at = '2020-01-01' WHERE title = 'Rents'",
        "UPDATE sign_offs SET signed_by = 'user:vera.holm', signed_at = '2020-01-01'",
        "INSERT INTO feedback (id, audit_id, owner, kind, sentence, words, given_at) VALUES "
        "(gen_random_uuid(), gen_random_uuid(), 'user:vera.holm', 'wrong', 0, 'By Vera.Holm.', '2020-01-01')",
        "INSERT INTO answer_marks (audit_id, document_id, version, reason, owner, asked_at, at) VALUES "
        "(gen_random_uuid(), gen_random_uuid(), 1, 'wrong', 'user:vera.holm', '2020-01-01', now())",
    ],
)
def test_somebody_of_whom_one_column_alone_tells_is_known_and_erased_again(
    parts: PeopleStores, planted: Planted, where: str
) -> None:
    """As after a restore, where the trail tells nothing of them any more."""
    parts.api_keys.create("vera.holm", [], ["read"], "")
    receipt = Eraser(parts).person("vera.holm").path.read_bytes()
    with transaction(parts.pool) as conn:
        conn.execute(where)
        conn.execute("UPDATE documents SET created_at = created_at - interval '1 day'")
    assert places(parts, "vera.holm")
    (done,) = Eraser(parts).again([receipt])
    assert done.receipt.kind == "person"
    assert places(parts, "vera.holm") == set()


def test_somebody_who_was_erased_twice_is_erased_again(parts: PeopleStores, planted: Planted) -> None:
    Eraser(parts).person(NAME)
    parts.api_keys.create(NAME, [], ["read"], "came back")
    receipt = Eraser(parts).person(NAME).path.read_bytes()
    parts.api_keys.create(NAME, [], ["read"], "out of a backup")
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE api_keys SET created_at = created_at - interval '1 minute'")
        conn.execute("UPDATE documents SET created_at = created_at - interval '1 day'")
    assert len(Eraser(parts).again([receipt])) == 1
    assert "api_keys.user_name" not in places(parts, NAME)


def test_a_hold_that_came_back_keeps_no_other_receipt_from_being_applied(parts: PeopleStores, planted: Planted) -> None:
    receipts = [Eraser(parts).documents([one]).path.read_bytes() for one in (SOURCE, "matters/lease.txt")]
    held = add(parts, SOURCE, SECRET, ["group:legal"])
    add(parts, "matters/lease.txt", OTHER, ["group:legal"])
    parts.holds.place("document", held, "as it was then")
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE documents SET created_at = created_at - interval '1 day'")
    with pytest.raises(HeldBack):
        Eraser(parts).again(receipts)
    assert {one.source for one in parts.documents.list(ANA)} == {SOURCE}


def test_what_came_and_was_erased_after_the_backup_stays_out_of_syncs(parts: PeopleStores) -> None:
    share = Connector("share", "folder", {"path": "/nowhere"}, "/nowhere/map.toml")
    parts.connectors.add(share)
    add(parts, "share:/bismuth.txt", SECRET, ["group:legal"])
    receipt = Eraser(parts).documents(["share:/bismuth.txt"]).path.read_bytes()
    with transaction(parts.pool) as conn:
        conn.execute("DELETE FROM erased_items")  # the backup is older than the document
    assert parts.connectors.erased("share", ["bismuth.txt"]) == frozenset()
    before = parts.audit.head().seq
    assert Eraser(parts).again([receipt]) == []
    assert parts.connectors.erased("share", ["bismuth.txt", "else.txt"]) == {"bismuth.txt"}
    assert parts.audit.head().seq == before + 1
    Eraser(parts).again([receipt])
    assert parts.audit.head().seq == before + 1


def test_entries_are_called_as_their_keys_are(parts: PeopleStores, planted: Planted) -> None:
    asked = answer(parts, "What?", OTHER[:20], planted.other)
    search(parts, "rent", planted.other)
    newest = [entry for row in parts.audit.show(limit=4) for entry in parts.trail.find(row.id)]
    ids = {entry_id(entry) for entry in newest}
    assert asked in ids
    assert any(one.endswith(".0") for one in ids)


def test_what_is_found_is_told_with_its_place(parts: PeopleStores, planted: Planted) -> None:
    found = set(look(parts, Words.of(["wolverhampton  bismuth"])))
    assert Found("versions.text", f"{planted.secret}, 1") in found
    assert any(one.place == "files" and one.key.startswith("blobs/") for one in found)
