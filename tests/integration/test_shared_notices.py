"""Notices of answers that others share: of what their readers may read alone, each told by themselves."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.wiring.people_stores import PeopleStores
from generation.people import TrailFilter
from infra.postgres.pool import transaction
from infra.settings import load_settings
from ingest.types import OPERATOR, document_id
from retrieval.types import Principal
from tests.integration.erasing import add
from tests.integration.recalled import answer

LEGAL, WALLED = ["group:legal"], ["group:board"]
RENT = "The rent of Unit 7 is 500 euros per month."
MORE = "The rent of Unit 7 is 600 euros per month."
TERM = "The lease ends in 2030."


@pytest.fixture(scope="module")
def parts() -> Iterator[PeopleStores]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made,
        PeopleStores(load_settings(home=Path(made) / "home", DATABASE_URL="", demo=False)) as stores,
    ):
        yield stores


def somebody(*groups: str) -> Principal:
    return Principal(f"U{uuid.uuid4().hex}", frozenset(groups))


@dataclass
class Shared:
    """A conversation that is shared with its reader; `first`: its first answer, on the rent."""

    parts: PeopleStores
    source: str
    owner: Principal
    reader: Principal
    id: str
    first: str = ""

    def told(self, who: Principal) -> dict[str, list[int | None]]:
        self.parts.recall.refresh()
        found = self.parts.recall.notices(who, 100)
        return {one.kept.audit_id: [changed.by for changed in one.kept.changed] for one in found}

    def put(self, text: str, label: list[str] = LEGAL, day: str = "") -> None:
        add(self.parts, self.source, text, label)
        if day:
            id_ = document_id(self.source)
            with transaction(self.parts.pool) as conn:
                conn.execute(
                    "UPDATE versions SET effective = %s WHERE document_id = %s AND version = "
                    "(SELECT max(version) FROM versions WHERE document_id = %s)",
                    (day, id_, id_),
                )

    def ask(self, *cited: tuple[str, int, str], carried: tuple[int, ...] = (), as_of: str | None = None) -> str:
        asked = answer(self.parts, "What is the rent?", cited, user=self.owner.user, as_of=as_of)
        self.parts.conversations.add(self.id, self.owner, asked, carried)
        return asked

    def share(self, *whom: str, turn: int = 0) -> None:
        assert self.parts.conversations.share(self.id, self.owner, turn, whom)


@pytest.fixture
def shared(parts: PeopleStores) -> Shared:
    owner, reader, source = somebody("legal", "board"), somebody("legal"), f"matters/{uuid.uuid4()}.txt"
    made = Shared(parts, source, owner, reader, parts.conversations.create(owner))
    made.put(RENT)
    made.first = made.ask((source, 1, RENT))
    made.share(f"user:{reader.user}")
    return made


def test_whom_an_answer_is_shared_with_is_told_by_themselves(shared: Shared) -> None:
    id_, recall, other = shared.first, shared.parts.recall, somebody("legal")
    assert shared.told(shared.reader) == {}
    shared.put(MORE)
    assert shared.told(shared.reader) == shared.told(shared.owner) == {id_: [2]}
    assert shared.told(other) == {}
    recall.seen(other, [id_])
    (notice,) = recall.notices(shared.reader, 100)
    assert notice.kept.asked_by == f"user:{shared.owner.user}"
    recall.seen(shared.reader, [id_])
    assert shared.told(shared.reader) == {}
    assert shared.told(shared.owner) == {id_: [2]}  # nobody told them
    recall.seen(shared.owner, [id_])
    assert shared.told(shared.owner) == {}
    shared.put(f"{MORE} And more.")
    assert shared.told(shared.reader) == {id_: [3]}
    recall.find_wrong(document_id(shared.source), 1, "The scan lacks page 2")
    recall.seen(shared.reader, [id_])
    assert shared.told(shared.reader) == {}
    recall.find_wrong(document_id(shared.source), 1, "It lacks page 3, too")
    assert shared.told(shared.reader).keys() == {id_}


def test_what_they_were_told_of_is_in_the_trail(shared: Shared) -> None:
    trail, reader = shared.parts.trail, shared.reader
    shared.put(MORE)
    shared.told(reader)
    for _ in range(2):
        shared.parts.recall.seen(reader, [shared.first, str(uuid.uuid4())])
    (entry,) = trail.page(TrailFilter("notice_seen", reader.owner), None, 9).entries
    told = ("superseded", 1, 2)
    assert (entry.record["why"], entry.record["version"], entry.record["superseded_by"]) == told
    assert (entry.record["audit_id"], entry.record["document_id"]) == (shared.first, document_id(shared.source))
    (row,) = shared.parts.audit.stored(entry.id)
    assert json.loads(row.record)["superseded_by"] == 2
    assert reader.user.lower() not in row.record.lower()


def test_who_may_not_read_all_of_it_is_told_nothing(shared: Shared) -> None:
    other = f"{shared.source}.2"
    shut = add(shared.parts, other, TERM, LEGAL)
    both = shared.ask((shared.source, 1, RENT), (other, 1, TERM))
    outside = somebody("hr")
    shared.share(f"user:{shared.reader.user}", "group:hr")
    shared.put(MORE)
    assert shared.told(shared.reader).keys() == {shared.first, both}
    assert shared.told(outside) == {}  # shared with them, and closed to them
    shared.parts.documents.relabel(shut, frozenset(WALLED))
    assert shared.told(shared.reader).keys() == {shared.first}
    shared.parts.recall.seen(shared.reader, [both])
    shared.parts.documents.relabel(shut, frozenset(LEGAL))
    assert shared.told(shared.reader).keys() == {shared.first, both}
    shared.parts.documents.delete(shut, OPERATOR, now=True)
    assert shared.told(shared.reader).keys() == {shared.first}


def test_a_turn_that_goes_on_from_a_closed_one_is_no_notice(shared: Shared) -> None:
    other = f"{shared.source}.2"
    shut = add(shared.parts, other, TERM, LEGAL)
    shared.ask((other, 1, TERM))
    follow_up = shared.ask((shared.source, 1, RENT), carried=(2,))
    shared.put(MORE)
    assert shared.told(shared.reader).keys() == {shared.first, follow_up}
    shared.parts.documents.relabel(shut, frozenset(WALLED))
    assert shared.told(shared.reader).keys() == {shared.first}  # the other repeats words of the closed one


def test_what_is_not_shared_any_more_is_no_notice(shared: Shared) -> None:
    shared.put(MORE)
    assert shared.told(shared.reader).keys() == {shared.first}
    shared.share("user:nobody")
    assert shared.told(shared.reader) == {}
    shared.share(f"user:{shared.reader.user}", turn=1)
    assert shared.told(shared.reader).keys() == {shared.first}
    shared.parts.conversations.delete(shared.id, shared.owner)
    assert shared.told(shared.reader) == {}
    assert shared.told(shared.owner).keys() == {shared.first}  # who asked is told all the same


def test_a_newer_version_that_they_may_not_read_is_none_for_them(shared: Shared) -> None:
    with transaction(shared.parts.pool) as conn:
        conn.execute(
            "UPDATE versions SET effective = '2000-01-01' WHERE document_id = %s", (document_id(shared.source),)
        )
    then = shared.ask((shared.source, 1, RENT), as_of="2010-01-01")
    shared.put(MORE, LEGAL, "2002-01-01")
    assert shared.told(shared.reader)[then] == [2]
    shared.parts.recall.seen(shared.reader, [then])
    shared.put(f"{RENT} Secrets.", WALLED, "2003-01-01")
    shared.put(f"{MORE} In the end.", LEGAL, "2022-01-01")
    assert shared.told(shared.owner)[then] == [3]
    assert then not in shared.told(shared.reader)  # what they had seen does not come back either


def test_the_answer_in_its_place_is_told_to_who_asked_alone(shared: Shared) -> None:
    shared.put(MORE)
    shared.told(shared.reader)
    again = answer(shared.parts, "Again?", [(shared.source, 2, MORE)])
    shared.parts.answer_marks.asked_again(shared.first, again)
    assert [one.asked_again for one in shared.parts.recall.notices(shared.reader, 9)] == [""]
    assert [one.asked_again for one in shared.parts.recall.notices(shared.owner, 9)] == [again]
