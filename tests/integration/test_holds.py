"""A legal hold keeps what is to be deleted, purged or replaced, and nobody who deletes it can tell; retention."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.wiring.erasing.retaining import Retained, Retaining
from api.wiring.people_stores import PeopleStores
from generation.people import SignVerdict
from infra.postgres.errors import DocumentMissing, ErasureRefused, HeldBack
from infra.postgres.pool import transaction
from infra.settings import load_settings
from infra.vault import refs
from ingest.types import OPERATOR, Author
from retrieval.types import Principal
from tests.integration.erasing import NAME, add, answer

ANA = Author("ana", frozenset({"user:ana"}))
READER = Principal("ana", frozenset())
TEXTS = ("The first words of it.", "The second words of it.")


@pytest.fixture
def parts(database_url: str, fresh_database: object) -> Iterator[PeopleStores]:
    with transaction(fresh_database) as conn:  # type: ignore[arg-type]
        url = database_url.replace("/postgres?", f"/{conn.info.dbname}?")
    with tempfile.TemporaryDirectory() as home, PeopleStores(load_settings(home=Path(home), DATABASE_URL=url)) as made:
        yield made


def uploaded(parts: PeopleStores, name: str, text: str = TEXTS[0]) -> str:
    return add(parts, f"upload/ana/{name}", text, ["user:ana"], author=ANA)


def expire(parts: PeopleStores) -> None:
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE documents SET deleted_at = now() - interval '90 days' WHERE deleted_at IS NOT NULL")


def stored(parts: PeopleStores) -> set[str]:
    with transaction(parts.pool) as conn:
        return {source for (source,) in conn.execute("SELECT source FROM documents")}


def seen(parts: PeopleStores) -> list[object]:
    """All that an owner and reader is told of the documents, but ids and times."""
    listed = [(one.source, one.version, one.versions[-1].version, one.allow) for one in parts.documents.list(READER)]
    return [listed, [one.source for one in parts.documents.deleted(ANA)]]


KINDS = ["document", "person", "collection"]


def held(parts: PeopleStores, kind: str) -> tuple[str, str, str]:
    """A held document and another one, and the hold."""
    kept, other = uploaded(parts, "kept.txt"), add(parts, "other.txt", "Other words.", ["user:ana"])
    parts.collections.add("matter", None, frozenset())
    parts.collections.put("matter", [kept])
    subject = {"document": kept, "person": "Ana", "collection": "matter"}[kind]
    return kept, other, parts.holds.place(kind, subject, "Quill v. Bismuth")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_outlives_the_recycle_bin(parts: PeopleStores, kind: str) -> None:
    kept, other, hold = held(parts, kind)
    for one in (kept, other):
        assert parts.documents.delete(one, OPERATOR)
    with pytest.raises(HeldBack, match=hold):
        parts.documents.delete(kept, OPERATOR, now=True)
    expire(parts)
    assert parts.documents.purge() == 1
    assert stored(parts) == {"upload/ana/kept.txt"}
    assert parts.documents.list(READER) == ()
    assert parts.documents.deleted(ANA) == ()
    parts.holds.lift(hold)
    assert parts.documents.purge() == 1
    assert stored(parts) == set()


def test_without_a_recycle_bin_it_is_kept_and_looks_purged(parts: PeopleStores) -> None:
    kept, other, _ = held(parts, "document")
    parts.documents.recycle_days = 0
    for one in (kept, other):
        assert parts.documents.delete(one, ANA if one == kept else OPERATOR)
    assert stored(parts) == {"upload/ana/kept.txt"}
    assert parts.documents.restore(kept, ANA) is False


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_whoever_deletes_and_uploads_it_again_is_told_the_same_and_it_is_kept(
    parts: PeopleStores, kind: str | None
) -> None:
    kept = uploaded(parts, "kept.txt")
    parts.collections.add("matter", None, frozenset())
    parts.collections.put("matter", [kept])
    told = []
    if kind is not None:
        subject = {"document": kept, "person": "ana", "collection": "matter"}[kind]
        hold = parts.holds.place(kind, subject, "Quill v. Bismuth")
    told.append(parts.documents.delete(kept, ANA))
    told.append(seen(parts))
    uploaded(parts, "kept.txt", TEXTS[1])
    told.append(seen(parts))
    told.append(parts.documents.delete(kept, ANA))
    told.append(parts.documents.restore(kept, ANA))
    told.append(seen(parts))
    listed = [[("upload/ana/kept.txt", 2, 2, frozenset({"user:ana"}))], []]
    assert told == [True, [[], ["upload/ana/kept.txt"]], listed, True, True, listed]
    versions = parts.holds.versions()
    if kind is None:
        assert versions == ()
        return
    assert [(one.document_id, one.version, one.source) for one in versions] == [(kept, 1, "upload/ana/kept.txt")]
    first = versions[0].content_sha256
    parts.documents.sweep_blobs()
    assert parts.blobs.get(first) == TEXTS[0].encode()
    parts.documents.sweep(parts.holds.lift(hold))
    assert parts.holds.versions() == ()
    assert not parts.blobs.path(first).exists()


def test_documents_do_not_leave_a_held_collection(parts: PeopleStores) -> None:
    kept, other, hold = held(parts, "collection")
    with pytest.raises(HeldBack, match=hold):
        parts.collections.put(None, [kept])
    assert parts.collections.put("matter", [other]) == 1
    parts.holds.lift(hold)
    assert parts.collections.put(None, [kept]) == 1


def test_a_hold_is_on_something_once_and_recorded(parts: PeopleStores) -> None:
    kept, _, hold = held(parts, "document")
    with pytest.raises(ErasureRefused, match="already"):
        parts.holds.place("document", kept, "again")
    with pytest.raises(DocumentMissing, match="no collection nowhere"):
        parts.holds.place("collection", "nowhere", "why")
    parts.holds.lift(hold)
    with pytest.raises(DocumentMissing, match="could be lifted"):
        parts.holds.lift(hold)
    opened = [parts.opened(row).record for row in parts.audit.show(limit=2)]
    assert ["lift_hold" in opened[0], "place_hold" in opened[1], "Quill v. Bismuth" in opened[1]] == [True] * 3


def backdate(parts: PeopleStores, days: int) -> None:
    """The months of records are those of their times; the chain does not matter here."""
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE audit SET recorded_at = recorded_at - make_interval(days => %s)", (days,))


def test_the_trail_is_kept_for_half_a_year_at_least(parts: PeopleStores) -> None:
    with pytest.raises(ErasureRefused, match="trail 180 days"):
        parts.retention.set("trail", 179)
    with pytest.raises(ErasureRefused, match="Other classes there are none"):
        parts.retention.set("everything", 400)
    parts.retention.set("trail", 180)
    assert {rule.class_: rule.days for rule in parts.retention.rules()} == {
        "trail": 180,
        "keys": None,
        "people": None,
        "observations": 180,
        "evaluations": None,
    }
    parts.retention.set("trail", None)
    assert Retaining(parts).run() == (Retained("observations", 0),)


@pytest.mark.parametrize("hold", ["none", "document", "person", "renamed", "named"])
def test_months_of_the_trail_go_when_all_of_them_is_older_unless_a_hold_is_on_what_they_tell(
    parts: PeopleStores, hold: str
) -> None:
    cited, other = uploaded(parts, "kept.txt"), add(parts, "other.txt", "Other words.", ["user:ana"])
    answer(parts, "What are the first words?", TEXTS[0][:9], cited, user="ben")
    parts.api_keys.create("dora", [], ["read"], "")
    backdate(parts, 300)
    first = answer(parts, "And now?", "Other", other, user="cleo")
    for words in ("then", "now"):
        parts.sign_offs.put(first, None, f"user:{words}", SignVerdict.APPROVED, words, lambda: True)
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE sign_offs SET signed_at = signed_at - interval '300 days' WHERE words = 'then'")
    with transaction(parts.pool) as conn:
        months = [at for (at,) in conn.execute("SELECT DISTINCT recorded_at FROM audit ORDER BY recorded_at")]
    if hold == "renamed":
        from types import SimpleNamespace

        ben = SimpleNamespace(user_name="ben", external_id="1", active=True, attributes={})
        now = SimpleNamespace(user_name="benedict", external_id="1", active=True, attributes={})
        parts.people.change_person(parts.people.add_person(ben, "user:scim").id, lambda old: now, "user:scim")
        parts.holds.place("person", "Benedict", "why")
    elif hold == "named":  # by what somebody else did
        parts.holds.place("person", "Dora", "why")
    elif hold != "none":
        parts.holds.place(hold, cited if hold == "document" else "Ben", "why")
    parts.retention.set("trail", 180)
    done = Retaining(parts).run()[0]
    gone = hold == "none"
    assert (done.gone, done.held) == ((1, 0) if gone else (0, 1))
    assert parts.keys.alive(refs.month(months[0])) is not gone
    assert parts.keys.alive(refs.month(months[-1]))
    assert [one.words for one in parts.sign_offs.of([first])] == (["now"] if gone else ["then", "now"])
    again = Retaining(parts).run()[0]
    assert again.gone == 0
    record = parts.audit.show(limit=1)[0].record
    assert ('"action":"erased"' in record) is gone


def test_old_keys_and_removed_people_go_and_those_of_a_held_person_stay(parts: PeopleStores) -> None:
    from types import SimpleNamespace

    for user in ("ben", NAME):
        secret = parts.api_keys.create(user, [], ["read"], "old")
        assert secret
        person = SimpleNamespace(user_name=user, external_id=None, active=True, attributes={})
        parts.people.remove_person(parts.people.add_person(person, "scim").id, "scim")
    parts.api_keys.create("cleo", [], ["read"], "in use")
    with transaction(parts.pool) as conn:
        conn.execute("UPDATE api_keys SET revoked_at = now() - interval '60 days' WHERE user_name <> 'cleo'")
        conn.execute("UPDATE people SET deleted_at = now() - interval '60 days'")
    parts.holds.place("person", NAME, "why")
    for class_ in ("keys", "people"):
        parts.retention.set(class_, 30)
    done = {one.class_: one.gone for one in Retaining(parts).run()}
    assert done == {"keys": 1, "people": 1, "observations": 0}
    with transaction(parts.pool) as conn:
        rows = conn.execute(
            "SELECT user_name FROM api_keys UNION ALL SELECT user_name FROM people ORDER BY 1"
        ).fetchall()
    assert rows == [("cleo",), (NAME,), (NAME,)]


def test_the_service_runs_it_once_a_day(parts: PeopleStores, monkeypatch: pytest.MonkeyPatch) -> None:
    retaining, runs = Retaining(parts), list[int]()
    real = retaining.run
    monkeypatch.setattr(retaining, "run", lambda: (runs.append(1), real())[1])
    parts.retention.set("observations", None)
    retaining.run_if_due()
    assert runs == []
    parts.retention.set("keys", 30)
    for _ in range(3):
        retaining.run_if_due()
    assert runs == [1]


def test_jobs_of_a_held_person_are_kept(parts: PeopleStores) -> None:
    with transaction(parts.pool) as conn:
        for number, owner in enumerate(("ana", "ben")):
            conn.execute(
                "INSERT INTO jobs (id, kind, title, owner, tokens, admin, queue, priority, request_sha256, request, "
                "finished_at) VALUES (gen_random_uuid(), 'ingest', %s, %s, '{}', false, '', 0, '', '{}', %s)",
                (str(number), owner, "2020-01-01"),
            )
    parts.holds.place("person", "ana", "why")
    parts.jobs.purge(30)
    with transaction(parts.pool) as conn:
        assert conn.execute("SELECT owner FROM jobs").fetchall() == [("ana",)]
