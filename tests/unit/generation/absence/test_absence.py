"""Proof of absence without a store: pages accounted for, what decides, what is said, what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.absence.accounting import gaps_of, pages_of
from generation.absence.looking import READ, SELECTED, Looking
from generation.absence.service import MOST_DOCUMENTS, AbsenceService
from generation.absence.types import (
    Absence,
    AbsenceBounds,
    AbsenceEvent,
    AbsenceStatus,
    DocumentAbsence,
    GapKind,
    LookedEvent,
    PagesRead,
    Presence,
    ReadingGap,
)
from generation.absence.weighing import Limits, Weights, load_limits
from generation.absence.wording import overall, reasons, statement
from generation.errors import NotMeasured, TooManyDocuments
from generation.types import SourceText
from ingest.types import FileWarning, PageInfo, PageSource, WarningKind
from retrieval.types import EVERYTHING, ChunkText, Filter, Hit, Principal, Scope, SearchResult

ANA = Principal("ana", frozenset({"legal"}))
LIMITS = Limits(Weights(0.0, 0.5, 0.3), AbsenceBounds(0.1, 0.8, 0.9, 0.02, 0.1))
TEXT, OCR, UNREAD, BLANK = PageSource.TEXT, PageSource.OCR, PageSource.UNREAD, PageSource.BLANK


@dataclass(frozen=True)
class Whole:
    version: int = 1
    version_id: str = "v_1"
    title: str = "Lease"
    source: str = "lease.pdf"
    content_sha256: str = "ab"
    page_count: int | None = None
    passages: int = 1
    parts: tuple[str, ...] = ()
    pending: bool = False


def source(*pages: PageInfo, warnings: Sequence[FileWarning] = (), language: str = "en") -> SourceText:
    return SourceText("The rent is 500.", (), tuple(warnings), {page.number: page for page in pages}, (), language)


def kinds(whole: Whole, text: SourceText, looked_at: Sequence[str] = ()) -> list[GapKind]:
    return [gap.kind for gap in gaps_of(whole, text, pages_of(whole, text, 0.9), looked_at)]


def test_every_page_is_accounted_for() -> None:
    told = FileWarning(WarningKind.UNREAD_PAGE, "Page 4 is a picture in which no words were found.", 4)
    pages = pages_of(
        Whole(page_count=6),
        source(
            PageInfo(1, TEXT), PageInfo(2, OCR, confidence=0.97), PageInfo(3, OCR, confidence=0.7),
            PageInfo(4, UNREAD), PageInfo(5, BLANK), PageInfo(6, UNREAD), warnings=[told],
        ),
        0.9,
    )  # fmt: skip
    assert (pages.total, pages.text, pages.ocr, pages.blank) == (6, 1, 2, 1)
    assert (pages.ocr_min, pages.ocr_median) == (0.7, pytest.approx(0.835))
    assert (pages.unread, pages.unsure) == ((4, 6), (3,))
    assert pages.reasons == (told.words, "Page 6 could not be read.")


def test_a_recognised_page_that_nobody_knows_the_confidence_of_is_unsure() -> None:
    assert pages_of(Whole(), source(PageInfo(1, OCR)), 0.9).unsure == (1,)


@pytest.mark.parametrize(
    ("whole", "text", "expected"),
    [
        (Whole(), source(), []),
        (Whole(page_count=1), source(PageInfo(1, TEXT)), []),
        (Whole(page_count=1), source(PageInfo(1, OCR, confidence=0.95)), []),
        (Whole(page_count=1), source(PageInfo(1, OCR, confidence=0.8)), [GapKind.UNSURE_PAGE]),
        (Whole(page_count=1), source(PageInfo(1, UNREAD)), [GapKind.UNREAD_PAGE]),
        (Whole(page_count=3), source(), [GapKind.PAGES_UNKNOWN]),
        (Whole(), source(warnings=[FileWarning(WarningKind.HIDDEN_TEXT, "hidden")]), [GapKind.LEFT_OUT]),
        (Whole(), source(warnings=[FileWarning(WarningKind.CUT_TABLE, "cut")]), [GapKind.LEFT_OUT]),
        (Whole(), source(warnings=[FileWarning(WarningKind.UNREAD_PART, "a chart")]), [GapKind.PART]),
        (Whole(), source(warnings=[FileWarning(WarningKind.FONT_MAPPING, "font")]), [GapKind.UNREADABLE]),
        (Whole(), source(warnings=[FileWarning(WarningKind.REDLINE, "struck out")]), []),
        (Whole(passages=0), source(), [GapKind.NO_TEXT]),
        (Whole(passages=0, parts=("a",)), source(), [GapKind.PARTS_ELSEWHERE]),
        (Whole(), source(language="de"), [GapKind.LANGUAGE]),
        (Whole(pending=True), source(), [GapKind.PARTS_PENDING]),
    ],
)
def test_what_makes_absence_prove_nothing(whole: Whole, text: SourceText, expected: list[GapKind]) -> None:
    assert kinds(whole, text) == expected


def test_parts_that_are_looked_through_too_are_no_gap() -> None:
    assert kinds(Whole(parts=("a", "b")), source(), ["a", "b"]) == []
    assert kinds(Whole(parts=("a", "b")), source(), ["a"]) == [GapKind.PARTS_ELSEWHERE]


def document(status: Presence = Presence.ABSENT, **changed: Any) -> DocumentAbsence:
    known = DocumentAbsence("d", 1, "v", "Lease", "lease.pdf", "ab", status, 0.02, False, (), PagesRead(), (), 1, 1)
    return replace(known, **changed)


PRESENCES = st.sampled_from(Presence)


@given(st.lists(PRESENCES, max_size=5), st.integers(0, 2))
def test_absent_is_said_only_where_everything_is(statuses: list[Presence], missing: int) -> None:
    said = overall([document(status) for status in statuses], missing)
    everything = bool(statuses) and not missing and set(statuses) == {Presence.ABSENT}
    assert (said is AbsenceStatus.ABSENT) == everything
    assert (said is AbsenceStatus.FOUND) == (Presence.FOUND in statuses)


def test_it_is_said_in_a_plain_sentence() -> None:
    read = document(pages=PagesRead(10, 8, 2, 0, 0.95, 0.96))
    assert statement([read, read], 0) == (
        "None of the 2 documents that you may read has it: all 20 pages were read, 4 of them recognised from pictures, "
        "the least sure of them with a confidence of 0.95."
    )
    assert statement([document()], 0) == "The document has no such passage: all of its text was read."
    unread = document(
        Presence.UNSURE, pages=PagesRead(5, 2, unread=(3, 4, 5)), gaps=(ReadingGap(GapKind.UNREAD_PAGE, "no", 3),)
    )
    assert statement([read] * 11 + [unread], 0) == (
        "It was found in none of the 12 documents that you may read, but its absence is not established: 3 pages of 1 "
        "document could not be read."
    )
    found = document(Presence.FOUND)
    assert statement([found, read, unread], 0) == (
        "1 of the 3 documents that you may read has it; 1 has not; of 1 it is not established."
    )
    assert "1 of those that were named is not there for you" in statement([read], 1)
    assert "no such document that you may read" in statement([], 3)


def test_reasons_tell_apart_what_is_near_and_what_was_not_read() -> None:
    near = document(Presence.UNSURE, near=True)
    blurred = document(Presence.UNSURE, pages=PagesRead(1, 0, 1, 0, 0.5, 0.5, unsure=(1,)))
    blurred = replace(blurred, gaps=(ReadingGap(GapKind.UNSURE_PAGE, "blurred", 1),))
    table = document(Presence.UNSURE, gaps=(ReadingGap(GapKind.LEFT_OUT, "rows"),))
    assert reasons([near, blurred, table, document()], 0) == (
        "1 page of 1 document was recognised from pictures, and not surely",
        "1 document may not have been read as a whole",
        "1 document holds passages that may be it",
    )


def test_bounds_decide() -> None:
    assert [LIMITS.presence(score) for score in (0.0, 0.1, 0.79, 0.8)] == [
        Presence.ABSENT, Presence.UNSURE, Presence.UNSURE, Presence.FOUND,
    ]  # fmt: skip
    assert LIMITS.weights.score(5.0, 0.9) > LIMITS.weights.score(5.0, 0.1) > LIMITS.weights.score(-5.0, 0.1)
    assert 0 < LIMITS.weights.score(-12.0, 0.0) < LIMITS.weights.score(12.0, 1.0) < 1


def test_bounds_count_for_the_models_that_they_were_chosen_for() -> None:
    with pytest.raises(NotMeasured, match="footnote bench absence"):
        load_limits("another@123", "footnote-selector-small@81e130a6960e")


def chunk(ordinal: int, text: str, document_id: str = "d") -> ChunkText:
    return ChunkText(f"c{ordinal}", document_id, 1, "ab", "Lease", "lease.pdf", ordinal, 0, len(text), text, (), None)


class Models:
    """A search, a reranker and a selector in one: texts say themselves how well they fit, as "relevance answers"."""

    def __init__(self, *texts: str, documents: Sequence[str] = ("d",)) -> None:
        self.chunks = [chunk(at, text) for at, text in enumerate(texts)]
        self.documents = tuple(documents)
        self.read, self.selected = 0, 0
        self.name = "models"

    def scope(self, principal: Principal, *, as_of: date | None = None, only: Filter = EVERYTHING) -> Scope:
        return Scope(self.documents, "snapshot")

    def search_now(self, query: str, principal: Principal, top_k: int, **options: Any) -> SearchResult:
        return SearchResult(query, tuple(Hit(one, 1.0) for one in self.chunks[:top_k]), "snapshot")

    def score(self, query: str, texts: Sequence[str]) -> Any:
        self.read += len(texts)
        return np.array([float(text.rpartition("\n")[2].split()[0]) for text in texts])

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        self.selected += 1
        return float(sentence.split()[1])


class Store:
    """Wholes, texts and the trail."""

    def __init__(self, models: Models, whole: Whole | None, *pages: PageInfo) -> None:
        self.models, self.whole, self.pages = models, whole, pages
        self.textless: tuple[str, ...] = ()
        self.records: list[Mapping[str, Any]] = []

    def read(self, document_id: str, principal: Principal, **asked: Any) -> Whole | None:
        return self.whole

    def without_text(self, principal: Principal, as_of: date | None = None) -> Sequence[str]:
        return self.textless

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        words = self.models.chunks[0].text if self.models.chunks else ""
        return SourceText(words, (), (), {page.number: page for page in self.pages}, (), "en")

    async def day(self, document_id: str, version: int, principal: Principal) -> date | None:
        return None

    async def append(self, record: Mapping[str, Any]) -> str:
        self.records.append(record)
        return "audit"


def service(models: Models, store: Store) -> AbsenceService:
    looking = Looking(models, models, models, LIMITS.weights)
    return AbsenceService(
        search=models, looking=looking, wholes=store, versions=store, audit=store, limits=LIMITS, recipe={"read": READ}
    )


def checked(models: Models, store: Store, only: Filter = EVERYTHING) -> Absence:
    return asyncio.run(service(models, store).check("A party must keep insurance.", ANA, None, only))


def test_a_document_is_absent_if_nothing_comes_near_and_all_was_read() -> None:
    models = Models("-11 0.001")
    store = Store(models, Whole(page_count=1), PageInfo(1, TEXT))
    absence = checked(models, store)
    assert (absence.status, absence.audit_id, absence.missing) == (AbsenceStatus.ABSENT, "audit", 0)
    (one,) = absence.documents
    assert (one.status, one.near, one.gaps, one.passages_read) == (Presence.ABSENT, False, (), 1)
    assert one.nearest[0].citation.quote == models.chunks[0].text
    assert (one.nearest[0].relevance, one.nearest[0].answers) == (-11.0, 0.001)


@pytest.mark.parametrize("page", [PageInfo(2, UNREAD), PageInfo(2, OCR, confidence=0.5)])
def test_absence_is_never_established_over_a_page_that_was_not_read(page: PageInfo) -> None:
    models = Models("-11 0.001")
    absence = checked(models, Store(models, Whole(page_count=2), PageInfo(1, TEXT), page))
    assert absence.status is AbsenceStatus.NOT_ESTABLISHED
    assert absence.documents[0].status is Presence.UNSURE
    assert not absence.documents[0].near
    assert absence.reasons


def test_what_is_found_is_found_whatever_else_was_not_read() -> None:
    models = Models("6 0.99", "-11 0.001")
    absence = checked(models, Store(models, Whole(page_count=1), PageInfo(1, UNREAD)))
    assert (absence.status, absence.documents[0].status) == (AbsenceStatus.FOUND, Presence.FOUND)
    assert absence.documents[0].nearest[0].citation.quote == "6 0.99"


def test_the_models_read_so_many_passages_and_no_more() -> None:
    models = Models(*[f"{-at} 0.5" for at in range(40)])
    checked(models, Store(models, Whole(passages=40)))
    assert (models.read, models.selected) == (READ, SELECTED)


def test_what_was_hidden_or_deleted_meanwhile_is_left_out() -> None:
    models = Models("-11 0.001")
    absence = checked(models, Store(models, None))
    assert (absence.documents, absence.status) == ((), AbsenceStatus.NOT_ESTABLISHED)


def test_a_document_that_was_named_and_is_not_there_keeps_absence_from_being_established() -> None:
    models = Models("-11 0.001")
    absence = checked(models, Store(models, Whole()), Filter(documents=frozenset({"d", "e"})))
    assert (absence.missing, absence.status) == (1, AbsenceStatus.NOT_ESTABLISHED)
    assert absence.documents[0].status is Presence.ABSENT


def test_documents_without_any_text_are_looked_at_too() -> None:
    models = Models(documents=())
    store = Store(models, Whole(passages=0, page_count=2), PageInfo(1, UNREAD), PageInfo(2, UNREAD))
    store.textless = ("d",)
    absence = checked(models, store)
    assert [one.document_id for one in absence.documents] == ["d"]
    assert absence.status is AbsenceStatus.NOT_ESTABLISHED
    assert checked(models, store, Filter(documents=frozenset({"e"}))).documents == ()
    assert checked(models, store, Filter(kinds=frozenset({"pdf"}))).documents == ()


def test_a_question_in_another_language_establishes_nothing() -> None:
    models = Models("-11 0.001")
    question = "Eine Vertragspartei darf den Vertrag nicht ohne Zustimmung der anderen Vertragspartei abtreten."
    absence = asyncio.run(service(models, Store(models, Whole())).check(question, ANA))
    assert absence.status is AbsenceStatus.NOT_ESTABLISHED
    assert [gap.kind for gap in absence.documents[0].gaps] == [GapKind.LANGUAGE]


def test_nothing_is_told_before_it_is_recorded_and_the_record_has_what_it_rests_on() -> None:
    models = Models("-11 0.001", documents=("d", "e"))
    store = Store(models, Whole())

    async def heard() -> list[object]:
        told: list[object] = []
        async for event in service(models, store).stream("A party must keep insurance.", ANA):
            if isinstance(event, AbsenceEvent):
                assert store.records
            told.append(event)
        return told

    told = asyncio.run(heard())
    assert told[:-1] == [LookedEvent(0, 2), LookedEvent(1, 2), LookedEvent(2, 2)]
    (record,) = store.records
    assert (record["kind"], record["action"], record["principal"]) == ("absence", "absence", "user:ana")
    assert (record["snapshot"], record["recipe"]["bounds"]["absent_below"]) == ("snapshot", 0.1)
    (one, _) = record["documents"]
    assert (one["document_id"], one["version"], one["status"]) == ("d", 1, "absent")
    assert one["nearest"][0] | {} == {
        "start": 0, "end": 9, "page": None, "quote": "-11 0.001", "score": pytest.approx(0.0005, abs=0.001),
        "relevance": -11.0, "answers": 0.001,
    }  # fmt: skip


def test_too_many_documents_are_refused() -> None:
    models = Models("-11 0.001", documents=[str(at) for at in range(MOST_DOCUMENTS + 1)])
    with pytest.raises(TooManyDocuments, match="1,001"):
        checked(models, Store(models, Whole()))
