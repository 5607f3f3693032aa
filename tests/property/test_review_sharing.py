"""The same of reviews: whatever is shared, asked, taken away and erased, nobody is shown, or told of, a row, a cell or a
count of what they may not read (tests/property/test_sharing.py has the documents, people and words)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from api.exports.types import Matrix
from api.http.review_events import ReviewLooks
from api.http.schemas.reviews import ReviewOut, ReviewRow
from api.wiring import kept as kept_module
from api.wiring import review_seeing
from api.wiring import reviews as reviews_module
from api.wiring.people_stores import PeopleStores
from api.wiring.review_matrix import MatrixExport
from api.wiring.review_seeing import STATES, Seen, ShownReview
from api.wiring.reviewing import ReviewWork, Rights
from api.wiring.reviews import ReviewDesk
from generation.types import Answer, ModelCard, Status
from infra.postgres.errors import ReviewMissing
from infra.postgres.pool import transaction
from infra.postgres.review_rows import CellState
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from infra.settings import load_settings
from retrieval.types import Filter
from tests.property.test_sharing import LABELS, NAMES, SECRET, WHOM, Said, Talk, World

EVERYBODY = [f"user:{name}" for name in NAMES]
HISTORIES, STEPS, LEAKY = 6, 40, 12


@dataclass(eq=False)
class Asked:
    """A cell: waiting, absent, failed, or how its answer stands, that was asked of `version` of its document."""

    state: str = "waiting"
    version: int = 0
    said: Said | None = None
    audit_id: str = ""


@dataclass(eq=False)
class Table:
    """A review. `rows`: documents by place in the list."""

    id: str
    owner: str
    title: str
    questions: tuple[str, ...]
    rows: list[int]
    cells: dict[tuple[int, int], Asked]
    shares: set[str] = field(default_factory=set)


class Reviewing(World):
    """The real reviews and the model, side by side."""

    def __init__(self, parts: PeopleStores, seed: int) -> None:
        super().__init__(parts, seed)
        self.tables: list[Table] = []
        self.desk = ReviewDesk(parts.reviews, parts.kept, lambda *_: ())
        rights = Rights(lambda user: None, bool)
        asks: Any = None
        self.work = ReviewWork(parts.reviews, parts.review_queue, rights, asks, lambda: 0, parts.kept, slots=1)

    # The model

    def current(self, place: int) -> int:
        return len(self.docs[place].versions)

    def reads(self, name: str, place: int) -> bool:
        return self.readable(name, (place, self.current(place)))

    def rows(self, name: str, table: Table) -> list[int]:
        """Of what they may see; none where they may see nothing of it."""
        tokens = {f"user:{name}", *(f"group:{group}" for group in self.groups[name])}
        if name != table.owner and not tokens & table.shares:
            return []
        return [place for place in table.rows if self.reads(name, place)]

    def status(self, name: str, table: Table, place: int, question: int) -> str | None:
        """None: there is no such cell."""
        cell, own = table.cells[place, question], name == table.owner
        if cell.state == "absent":
            return "stale" if own else None
        if cell.said is None:
            return cell.state
        whole = all(self.readable(name, rested) for rested in cell.said.rests)
        if not own and not (whole and self.readable(name, (place, cell.version))):
            return None
        if cell.version != self.current(place):
            return "stale"
        return cell.state if whole else "failed"

    def cells(self, name: str, table: Table) -> dict[tuple[int, int], str]:
        return {
            (place, question): status
            for place in self.rows(name, table)
            for question in range(1, len(table.questions) + 1)
            if (status := self.status(name, table, place, question)) is not None
        }

    def opened(self, name: str, table: Table, at: tuple[int, int]) -> Said | None:
        """What is said in a cell that they may see."""
        said = table.cells[at].said
        return said if said and all(self.readable(name, rested) for rested in said.rests) else None

    # What happens

    def begin(self) -> None:
        name = self.random.choice(NAMES)
        rows = [place for place in range(len(self.docs)) if self.docs[place].versions and self.reads(name, place)]
        if not rows:
            return
        rows = self.random.sample(rows, self.random.randint(1, min(3, len(rows))))
        asked = tuple(self.secret() for _ in range(self.random.randint(1, 2)))
        title, only = self.secret(), Filter(documents=frozenset(self.docs[place].id for place in rows))
        id_ = self.desk.start(self.principal(name), None, title, asked, only, None, live=False)
        rows.sort(key=lambda place: (f"About {self.quote(place, self.current(place))}", f"{place}.txt"))
        cells = {(place, at): Asked() for place in rows for at in range(1, len(asked) + 1)}
        self.tables.append(Table(id_, name, title, asked, rows, cells))

    def revise(self) -> None:
        """A new version of a row's document, under a label of its own: many may read it who may not read the one before."""
        places = [place for table in self.tables for place in table.rows if not self.docs[place].deleted]
        if places:
            place, tokens, words = (
                self.random.choice(places),
                self.random.choice((self.random.choice(LABELS), EVERYBODY)),
                self.secret(),
            )
            doc = self.docs[place]
            self._store(f"files/{self.seed}/{place}.txt", f"{words} is what {place} says", self.label(tokens))
            doc.label = set(tokens)
            doc.versions.append(set(tokens))
            doc.words.append(words)

    def answer(self) -> None:
        """The next cell of a review; now and then out of more than the version in force."""
        if not (table := self._table()) or not (taken := self.parts.review_queue.take(table.id)):
            return
        place = next(place for place in table.rows if self.docs[place].id == taken.document_id)
        cell = table.cells[place, taken.question] = Asked("absent")
        if not self.reads(table.owner, place):
            assert self.parts.review_queue.end(taken, CellState.ABSENT)
            return
        versions = [at for at in range(1, self.current(place) + 1) if self.readable(table.owner, (place, at))]
        rests = {
            (place, at)
            for at in self.random.sample(versions, self.random.randint(min(1, len(versions) - 1), len(versions)))
        }
        self.clock += 1
        cell.said, cell.version = Said(self.secret(), rests, [], self.clock), self.current(place)
        cell.audit_id = self.answered(Talk("", table.owner), cell.said, self.principal(table.owner))
        status = self.random.choice([*Status])
        cell.state = str(STATES[status])
        told = Answer("", status, (), (), ModelCard(*"abcdefg"), audit_id=cell.audit_id)
        asyncio.run(self.work._answered(taken, told, cell.version))

    def _table(self) -> Table | None:
        return self.random.choice(self.tables) if self.tables else None

    def share_table(self) -> None:
        if table := self._table():
            table.shares = set(self.random.sample(WHOM, self.random.randrange(5)))
            self.desk.share(table.id, self.principal(table.owner), list(map(self.real, table.shares)))

    def rename_table(self) -> None:
        if table := self._table():
            table.title = self.secret()
            self.desk.change(table.id, self.principal(table.owner), title=table.title, live=None)

    def delete_table(self) -> None:
        if table := self._table():
            self.desk.delete(table.id, self.principal(table.owner))
            self.tables.remove(table)

    def resume(self) -> None:
        """What is stale or failed of the rows that the owner may read waits again."""
        if table := self._table():
            again = [at for at, status in self.cells(table.owner, table).items() if status in {"stale", "failed"}]
            assert self.desk.resume(table.id, self.principal(table.owner), None) == len(again)
            table.cells |= {at: Asked() for at in again}

    def ask_again(self) -> None:
        if (table := self._table()) and (there := list(self.cells(table.owner, table))):
            place, question = self.random.choice(there)
            was = table.cells[place, question].state
            asked = table.id, self.principal(table.owner), None, self.docs[place].id, [question]
            assert self.desk.again(*asked) == (was != "waiting")
            table.cells[place, question] = Asked()

    def erase_answer(self) -> None:
        """As an erasure does."""
        if (table := self._table()) and (said := [one for one in table.cells.values() if one.audit_id]):
            cell = self.random.choice(said)
            self.parts.keys.destroy([f"entry:{cell.audit_id}"])
            with transaction(self.parts.pool) as conn:
                conn.execute(SQL["erase_answers_of_cells"], {"answers": [as_uuid(cell.audit_id)]})
            cell.state, cell.said, cell.audit_id = "failed", None, ""

    def meddle(self) -> None:
        """Nobody else changes it, whomever it is shared with."""
        if table := self._table():
            who = self.principal(self.random.choice([name for name in NAMES if name != table.owner]))
            refused: tuple[Callable[[], object], ...] = (
                lambda: self.desk.share(table.id, who, []),
                lambda: self.desk.change(table.id, who, title="Mine", live=True),
                lambda: self.desk.resume(table.id, who, None),
                lambda: self.desk.again(table.id, who, None, self.docs[table.rows[0]].id, []),
                lambda: self.desk.cancel(table.id, who),
                lambda: self.desk.delete(table.id, who),
            )
            with pytest.raises(ReviewMissing):
                self.random.choice(refused)()

    # What is looked at

    def look(self, name: str) -> None:
        self.look_at(name, self.random.sample(self.tables, min(1, len(self.tables))))

    def look_at(self, name: str, tables: list[Table]) -> None:
        shown = self.tables_listed(name) + "".join(self.shown(name, table) for table in tables)
        told = set(SECRET.findall(shown))
        assert told <= self.may_see(name), f"{name} is shown {told - self.may_see(name)}"

    def may_see(self, name: str) -> set[str]:
        found: set[str] = set()
        for table in self.tables:
            rows = self.rows(name, table)
            if rows or name == table.owner:
                found |= {table.title, *table.questions}
            found |= {self.quote(place, self.current(place)) for place in rows}
            for at in self.cells(name, table):
                if said := self.opened(name, table, at):
                    found |= {self.quote(*rested) for rested in said.rests}
        return found

    def told(self, name: str, table: Table) -> tuple[object, ...]:
        counts = Counter(self.cells(name, table).values())
        shares = sorted(map(self.real, table.shares)) if name == table.owner else []
        return table.id, table.title, len(self.rows(name, table)), dict(counts), sum(counts.values()), shares

    def tables_listed(self, name: str) -> str:
        text = ""
        for shared in (False, True):
            found: list[ShownReview] = []
            after = None
            while True:
                page, after = self.desk.list(self.principal(name), shared=shared, after=after, limit=2)
                found += page
                if after is None:
                    break
            there = [one for one in reversed(self.tables) if (one.owner != name) == shared]
            there = [one for one in there if not shared or self.rows(name, one)]
            outs = [ReviewOut.of(one) for one in found]
            assert list(map(as_told, outs)) == [self.told(name, one) for one in there]
            text += "".join(one.model_dump_json() for one in outs)
        return text

    def shown(self, name: str, table: Table) -> str:
        principal, rows = self.principal(name), self.rows(name, table)
        self.answers_shared(name, table)
        if name != table.owner and not rows:
            for call in (self.desk.find, self.desk.rows, self.desk.every_row):
                with pytest.raises(ReviewMissing):
                    call(table.id, principal)
            return ""
        shown, found, _ = self.desk.rows(table.id, principal)
        assert as_told(ReviewOut.of(shown)) == self.told(name, table)
        assert [row.document_id for row in found] == [self.docs[place].id for place in rows]
        cells = [cell for row in found for cell in row.cells]
        there = self.cells(name, table)
        expected = [(self.docs[place].id, at, status) for (place, at), status in there.items()]
        assert [(cell.document_id, cell.question, cell.status) for cell in cells] == expected
        opened = [self.opened(name, table, at) is not None for at in there]
        assert [cell.kept is not None for cell in cells] == opened
        if name != table.owner:
            assert all(cell.kept is None or cell.kept.answer.withheld == 0 for cell in cells)
            assert not any(cell.code for cell in cells)
        seen = self.parts.numbers.of(principal, {self.docs[place].id for place in rows})
        text = "".join(ReviewRow.of(row, seen).model_dump_json() for row in found)
        return text + self.exported(name, table) + self.followed(name, table)

    def exported(self, name: str, table: Table) -> str:
        made: list[Matrix] = []

        def writer(matrix: Matrix) -> bytes:
            made.append(matrix)
            return b""

        export = MatrixExport(self.desk, self.parts.numbers, self.parts.sign_offs, "", writer)
        export(table.id, self.principal(name))
        statuses = {at: status.replace("_", " ") for at, status in self.cells(name, table).items()}
        asked = range(1, len(table.questions) + 1)
        assert [[cell.status for cell in row] for row in made[0].cells] == [
            [statuses.get((place, at), "") for at in asked] for place in self.rows(name, table)
        ]
        return repr(asdict(made[0]))

    def followed(self, name: str, table: Table) -> str:
        """The events from the beginning. That they count what others may not see is told by no id."""
        looks = ReviewLooks(self.desk, self.parts.numbers, table.id, "")
        text = b"".join(looks(self.principal(name)).events).decode()
        assert ("\nid: " in text) == (name == table.owner), text
        return text

    def answers_shared(self, name: str, table: Table) -> None:
        """Answers that stand in cells which are shared with them are theirs to open; reviews are named to who sees them."""
        there = self.cells(name, table)
        for at, cell in table.cells.items():
            if cell.audit_id:
                opens = name != table.owner and at in there
                assert self.parts.placing.opens(cell.audit_id, self.principal(name)) == opens
                named = self.parts.placing.of([cell.audit_id], self.principal(name))
                assert [one.title for one in named.get(cell.audit_id, ())] == [table.title] * (at in there)


def as_told(one: ReviewOut) -> tuple[object, ...]:
    return one.id, one.title, one.documents, one.counts, one.cells, one.shares


STEPS_TAKEN: tuple[tuple[Callable[[Any], None], int], ...] = (
    (Reviewing.begin, 3), (Reviewing.answer, 12), (Reviewing.revise, 8), (Reviewing.share_table, 5), (Reviewing.add_document, 2),
    (Reviewing.relabel, 3), (Reviewing.move, 2), (Reviewing.rename_table, 1), (Reviewing.delete_document, 2),
    (Reviewing.restore_document, 2), (Reviewing.delete_table, 1), (Reviewing.resume, 2), (Reviewing.ask_again, 1),
    (Reviewing.erase_answer, 1), (Reviewing.meddle, 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def parts(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleStores]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE review_sharing")
    url = urlsplit(database_url)._replace(path="/review_sharing").geturl()
    home: Path = tmp_path_factory.mktemp("review_sharing")
    with PeopleStores(load_settings(home=home, DATABASE_URL=url, demo=False)) as made:
        yield made


def history(parts: PeopleStores, seed: int) -> None:
    world = Reviewing(parts, seed)
    begin = (world.begin, world.share_table, world.revise, world.revise, world.answer, world.answer)
    for step in (world.add_document, world.add_document, *begin):
        step()
    kinds, weights = zip(*STEPS_TAKEN, strict=True)
    for step in world.random.choices(kinds, weights, k=STEPS):
        step(world)
        world.look(world.random.choice(NAMES))
    for name in NAMES:
        world.look_at(name, world.tables)


@pytest.mark.parametrize("seed", range(1, HISTORIES + 1))
def test_nobody_is_shown_of_a_review_what_they_may_not_read(parts: PeopleStores, seed: int) -> None:
    history(parts, seed)


def shows_every_cell(patch: pytest.MonkeyPatch) -> None:
    """Cells whose answers rest on what a reader may not read are there, if empty."""
    real: Any = review_seeing.status_of
    patch.setattr(review_seeing, "status_of", lambda cell, now, *, own: real(cell, now, own=True))


def counts_hidden_rows(patch: pytest.MonkeyPatch) -> None:
    def counted(self: Seen, counts: Any) -> ShownReview:
        found = Counter[str]()
        for one in counts:
            found[str(one.state)] += one.count
        return ShownReview(self.review, self.own, len(self.documents), dict(found))

    patch.setattr(Seen, "counted", counted)


def tells_titles_without_rows(patch: pytest.MonkeyPatch) -> None:
    """A review is there for whom it is shared with, though they may read none of its documents."""

    def opened(self: Any, review_id: str, principal: Any, *, shared: bool = True) -> Seen:
        return self._seen([self._reviews.find(review_id, principal, shared=shared)], principal)[0]  # type: ignore[no-any-return]

    patch.setattr(ReviewDesk, "_opened", opened)


def tells_what_its_owner_was_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reviews_module, "told_to_others", lambda answer: answer)


def rests_on_what_is_cited_alone(patch: pytest.MonkeyPatch) -> None:
    real: Any = kept_module._named
    patch.setattr(kept_module, "_named", lambda answer, context: real(answer, ()))


def shares_with_nobody_are_kept(patch: pytest.MonkeyPatch) -> None:
    real: Any = ReviewDesk.share
    patch.setattr(ReviewDesk, "share", lambda self, *given: given[-1] and real(self, *given))


def numbers_events_for_all(patch: pytest.MonkeyPatch) -> None:
    real: Any = ReviewDesk.changed

    def changed(self: ReviewDesk, *given: Any) -> Any:
        found = real(self, *given)
        shown = ShownReview(found.shown.review, True, found.shown.documents, found.shown.counts)
        return reviews_module.Changed(shown, found.cells, found.since, found.more)

    patch.setattr(ReviewDesk, "changed", changed)


LEAKS = (
    shows_every_cell, counts_hidden_rows, tells_titles_without_rows, tells_what_its_owner_was_told,
    rests_on_what_is_cited_alone, shares_with_nobody_are_kept, numbers_events_for_all,
)  # fmt: skip


def histories(parts: PeopleStores, first: int) -> None:
    for seed in range(first, first + LEAKY):
        history(parts, seed)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_that_is_planted_in_reviews_is_found(
    parts: PeopleStores, leak: Callable[[pytest.MonkeyPatch], Mapping[str, object] | None]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        leak(patch)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            histories(parts, 100 + 100 * LEAKS.index(leak))
