"""`footnote eval questions`: passage after passage, each kept as soon as it is known what came of it."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from api.terminal import UsageError, note, say, say_json
from evals.measuring.code import code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.questions import cases
from evals.suites.questions.checks import same
from evals.suites.questions.drawing import passages, wanted
from evals.suites.questions.making import Dropped, Made, made, prompt
from evals.suites.questions.sheet import write_sheet
from evals.suites.questions.unanswerable import Refused, hidden, swapped
from evals.systems.question_desk import Document, QuestionDesk, desk
from evals.types import Kind
from generation.errors import GeneratorRejected
from retrieval.types import ChunkText, Principal

ROW = "tried"
REFUSE_EVERY = 5  # one question in so many must be refused
UNFINISHED = 3
CODE = ("evals.suites.questions.making", "evals.suites.questions.unanswerable")
Clock = Callable[[], float]
T = TypeVar("T", Made, Refused)
OWN, HIDDEN, SWAPPED = "own", "hidden", "swapped"  # how a question came about


@dataclass(frozen=True, slots=True)
class QuestionsRun:
    """What the command line asks for. `other`: a person whose documents the asker may not read gives forbidden ones."""

    out: Path
    asker: Principal
    other: Principal | None = None
    count: int = 100
    documents: Sequence[str] = ()
    minutes: float = 60.0
    sheet: Path | None = None
    as_json: bool = False


def run(asked: QuestionsRun) -> int:
    """The exit code: 3 where the time or the passages were at an end before all were made."""
    with desk(asked.asker, asked.other) as (own, other):
        setup = asdict(own.setup())
        recipe = {
            "prompt": prompt().pinned,
            "checks": code(*CODE),
            "model": setup["generator"],
            "judge": setup["judge"],
        }
        work = Work(asked, own, other, recipe, ResultFile(asked.out.with_name(f"{asked.out.name}.tried")))
        work.go_on(time.monotonic)
    if asked.sheet:
        write_sheet(asked.sheet, work.rows)
    _say(asked, work)
    return 0 if len(work.rows) >= asked.count else UNFINISHED


@dataclass
class Work:
    """`rows`: the lines of the file, as they stand. `why`: how many passages were dropped for what, this time."""

    asked: QuestionsRun
    own: QuestionDesk
    other: QuestionDesk | None
    recipe: dict[str, str]
    results: ResultFile
    rows: list[cases.Row] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)

    def go_on(self, clock: Clock) -> None:
        self.rows = cases.load(self.asked.out)
        self._struck = [row["case"] for row in self.results.rows if row.get("case")]
        ends = clock() + 60 * self.asked.minutes
        documents = wanted(self.own.documents(), self.asked.documents)
        drawn = passages(self.own, documents, self._tried(OWN))
        unread = self._unread(documents)
        if self.rows:
            note(f"{len(self.rows)} of {self.asked.count} questions are there.")
        with progress("questions", max(self.asked.count - len(self.rows), 0)) as step:
            while len(self.rows) < self.asked.count:
                if clock() >= ends:
                    note("The time is up. The same command goes on.")
                    return
                if (drawn_now := next(drawn, None)) is None:
                    note("There is no passage left to draw.")
                    return
                one = self._answerable(*drawn_now, step)
                if one and self._wants_refusal() and clock() < ends:
                    self._to_be_refused(one, documents, unread, step)

    def _answerable(self, document: Document, chunk: ChunkText, step: Callable[[str], None]) -> Made | None:
        one = self._kept(OWN, chunk, lambda: made(self.own, document, chunk))
        if one is not None:
            self._add(OWN, cases.answered(one, self.own.page(chunk, one.fact.gold[0]), self.asked.asker, self.recipe),
                      chunk, step)  # fmt: skip
        return one

    def _to_be_refused(
        self, one: Made, documents: Sequence[Document], unread: Iterator[tuple[Document, ChunkText]],
        step: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Out of a document that is hidden from the asker, if there is any, else the same asked of another one."""
        asker = self.asked.asker
        if self.other and (drawn := next(unread, None)):
            other, chunk = self.other, drawn[1]
            found = self._kept(HIDDEN, chunk, lambda: hidden(self.own, made(other, *drawn)))
            if found is not None:
                page = other.page(chunk, found.of.fact.gold[0])
                self._add(HIDDEN, cases.refused(found, page, asker, self.recipe, forbidden=True), chunk, step)
            return
        put = self._kept(SWAPPED, one.chunk, lambda: swapped(self.own, one, documents))
        if put is not None:
            self._add(SWAPPED, cases.refused(put, None, asker, self.recipe, forbidden=False), one.chunk, step)

    def _kept(self, how: str, chunk: ChunkText, make: Callable[[], T]) -> T | None:
        """What was made; None of what was dropped, which is kept in mind."""
        try:
            found = make()
            of = found if isinstance(found, Made) else found.of
            self._new(found.question, "" if how == SWAPPED else of.gold)
            return found
        except Dropped as error:
            why, drafted = str(error), error.question
        except GeneratorRejected:
            why, drafted = "too long for the language model", ""
        self.why[why] += 1
        self.results.add(self._place(how, chunk) | {"case": None, "why": why, "drafted": drafted})
        note(f"dropped: {why}")
        return None

    def _new(self, question: str, gold: str) -> None:
        for row in (*self.rows, *self._struck):
            quotes = [one["quote"] for one in row["evidence"]]
            if same(question, row["question"]) or (gold and gold in quotes):
                raise Dropped("asks what another asks")

    def _add(self, how: str, row: cases.Row, chunk: ChunkText, step: Callable[[str], None]) -> None:
        """Into the file first: a kill in between makes the passage be tried again, and dropped as known."""
        cases.save(self.asked.out, [*self.rows, row])
        self.rows.append(row)
        self.results.add(self._place(how, chunk) | {"case": row, "why": ""})
        step(f"{row['kind']:<12} {row['question']}")

    def _place(self, how: str, chunk: ChunkText) -> cases.Row:
        return {"row": ROW, "how": how, "passage": chunk.chunk_id, "recipe": self._digest}

    @property
    def _digest(self) -> str:
        return hashlib.sha256(json.dumps(self.recipe, sort_keys=True).encode()).hexdigest()[:12]

    def _tried(self, how: str) -> Callable[[str], bool]:
        """By this recipe; what was kept by another one is in the file."""
        known = {
            row["passage"]
            for row in self.results.rows
            if row.get("row") == ROW and row["how"] == how and (row["case"] or row["recipe"] == self._digest)
        }
        return known.__contains__

    def _unread(self, documents: Sequence[Document]) -> Iterator[tuple[Document, ChunkText]]:
        if self.other is None:
            return iter(())
        own = {one.id for one in self.own.documents()}
        found = [one for one in self.other.documents() if one.id not in own]
        if not found:
            raise UsageError(f"{self.other.asker.user} reads no document that {self.own.asker.user} may not read.")
        return passages(self.other, found, self._tried(HIDDEN))

    def _wants_refusal(self) -> bool:
        refusals = sum(Kind(row["kind"]).wants_abstention for row in self.rows)
        return len(self.rows) < self.asked.count and refusals < (len(self.rows) + 1) // REFUSE_EVERY


def _say(asked: QuestionsRun, work: Work) -> None:
    kinds = Counter(row["kind"] for row in work.rows)
    if asked.as_json:
        say_json({"file": asked.out, "questions": len(work.rows), "kinds": kinds, "dropped": work.why})
        return
    say(f"{len(work.rows)} of {asked.count} questions in {asked.out}: "
        f"{', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items())) or 'none'}")  # fmt: skip
    if work.why:
        table("Passages that gave none, this time", ("why", "passages"), work.why.most_common())
    if asked.sheet:
        say(f"Strike out what is bad in {asked.sheet}, and save it as CSV. To apply it:")
        say(f"footnote eval questions --out {asked.out} --accept SHEET.csv")
    say(f"To ask them: footnote eval nightly --questions {asked.out}")


def person(name: str, groups: str, option: str) -> Principal:
    """`user:NAME` with groups between commas. Raises `UsageError`, and what `Principal` raises."""
    kind, _, user = name.partition(":")
    if kind != "user" or not user:
        raise UsageError(f"{option} names a person, as user:NAME.")
    return Principal(user, frozenset(group.strip() for group in groups.split(",") if group.strip()))
