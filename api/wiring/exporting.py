"""Answers out of the trail as memos, and memos as files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from api.exports import types as told
from api.exports.docx import docx
from api.exports.markdown import markdown
from api.exports.pdf import pdf
from api.wiring.kept import own
from api.wiring.recall.noting import noted
from api.wiring.signing import May, Place
from generation.people import KeptAnswer, SignOff
from generation.types import Answer, Citation, Frame, Sentence, Status
from retrieval.types import Numbering, Principal

WRITERS: Mapping[str, Callable[[told.Memo], bytes]] = {"docx": docx, "md": markdown, "pdf": pdf}
TITLE = "Memorandum"
_NO_ANSWER = "No answer was given."


class Kept(Protocol):
    def find(self, audit_id: str) -> KeptAnswer | None: ...
    def readable(self, kept: Sequence[KeptAnswer], principal: Principal) -> list[KeptAnswer]: ...


class Signed(Protocol):
    def of(self, audit_ids: Collection[str]) -> list[SignOff]: ...


class Numbers(Protocol):
    def of(self, principal: Principal, document_ids: Collection[str]) -> Numbering: ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """A memo, and the versions that its answers rest on, by their stored numbers."""

    memo: told.Memo
    shown: tuple[Place, ...]


class Exporting:
    """Implements `api.http.parts.Exports`. `may`: who has a right to ask for an answer."""

    def __init__(
        self,
        kept: Kept,
        signed: Signed,
        numbers: Numbers,
        may: May = own,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kept, self._signed, self._numbers, self._may, self._now = kept, signed, numbers, may, now

    def answer(
        self, audit_id: str, principal: Principal, form: str, page: str, *, auditor: bool = False
    ) -> tuple[bytes, Sequence[Place]] | None:
        """The file, and the versions that the answer rests on; None where there is no such answer (any more), it is not
        the principal's (which an auditor need not care for), or they may not read all that it rests on."""
        kept = self._kept.find(audit_id)
        if kept is None or not (auditor or self._may(kept, principal)):
            return None
        gathered = self._gathered([kept], principal, TITLE, page)
        return (written(gathered.memo, form), gathered.shown) if gathered.memo.passages else None

    def memo(
        self, audit_ids: Sequence[str], principal: Principal, title: str, form: str, page: str
    ) -> tuple[bytes, Sequence[Place]]:
        """The file of `memo_of`, and the versions that its answers rest on."""
        gathered = self.memo_of(audit_ids, principal, title or TITLE, page)
        return written(gathered.memo, form), gathered.shown

    def memo_of(self, audit_ids: Sequence[str], principal: Principal, title: str, page: str = "") -> Gathered:
        """Of those that are still there and that the principal may read all of, in this order; the others are absent.
        That they have a right to ask for them is the caller's to know. `page`: the address of the web page, to which
        quotes are linked; "" for no links. Raises `DatabaseUnavailable`."""
        found = [kept for one in audit_ids if (kept := self._kept.find(one)) is not None]
        return self._gathered(found, principal, title, page)

    def _gathered(self, found: Sequence[KeptAnswer], principal: Principal, title: str, page: str) -> Gathered:
        readable = self._kept.readable(found, principal)
        cited = {document_id for kept in readable for document_id, _ in kept.rests_on}
        sources = Sources(self._numbers.of(principal, cited), page)
        signed = self._signed.of([kept.audit_id for kept in readable])
        passages = tuple(
            _passage(kept, sources, [one for one in signed if one.audit_id == kept.audit_id], principal)
            for kept in readable
        )
        memo = told.Memo(title, f"user:{principal.user}", self._now(), passages, sources.all)
        return Gathered(memo, tuple(sorted({place for kept in readable for place in kept.rests_on})))


def written(memo: told.Memo, form: str) -> bytes:
    """`form`: docx, md or pdf."""
    return WRITERS[form](memo)


class Sources:
    """Quotes of several answers, each once, as their reader counts versions."""

    def __init__(self, seen: Numbering, page: str) -> None:
        self._seen, self._page = seen, page
        self._known: dict[tuple[str, int, int, int], told.Source] = {}

    @property
    def seen(self) -> Numbering:
        return self._seen

    @property
    def all(self) -> tuple[told.Source, ...]:
        return tuple(self._known.values())

    def number(self, one: Citation) -> int:
        key = one.document_id, one.version, one.start, one.end
        if key not in self._known:
            self._known[key] = self._source(len(self._known) + 1, one)
        return self._known[key].number

    def _source(self, number: int, one: Citation) -> told.Source:
        version_id = self._seen.id(one.document_id, one.version)
        return told.Source(
            number, one.title, one.document_id, version_id, self._seen.number(one.document_id, one.version),
            one.page, one.page_label, one.section_path, one.quote, one.content_sha256,
            quote_url(self._page, one, version_id), one.bates, one.cell,
            tuple(dict.fromkeys(warning.words for warning in one.warnings)), one.source,
            frame_of(one),
        )  # fmt: skip


def quote_url(page: str, one: Citation, version_id: str) -> str:
    """Where the web page opens the source at the quote; "" without a page."""
    return f"{page}#source/{one.document_id}/{version_id}/{one.start}/{one.end}" if page else ""


def frame_of(one: Citation) -> str:
    """`Thousands of pounds. Columns: Item | 2024 | 2023.`; "" of what is no row of a table."""
    units = [told.quote for told in one.context if told.kind is not Frame.HEADER]
    names = [told.quote for told in one.context if told.kind is Frame.HEADER]
    columns = [f"Columns: {' | '.join(names)}"] if names else []
    return " ".join(words if words.endswith(".") else f"{words}." for words in (*units, *columns))


def signs_of(signed: Sequence[SignOff], sentence: int | None) -> tuple[told.SignOff, ...]:
    return tuple(
        told.SignOff(one.by, one.at, one.verdict.value, one.words) for one in signed if one.sentence == sentence
    )


def _passage(kept: KeptAnswer, sources: Sources, signed: Sequence[SignOff], principal: Principal) -> told.Passage:
    answer = kept.answer
    changed = (f"{one.title}: {noted(one, sources.seen)}" for one in kept.changed)
    note = (note_of(kept, asker=own(kept, principal)), *changed)
    return told.Passage(
        kept.question, tuple(_statements(answer, sources, signed)), answer.status.value, " ".join(filter(None, note)),
        kept.audit_id, kept.asked_at, signs_of(signed, None),
    )  # fmt: skip


def _statements(answer: Answer, sources: Sources, signed: Sequence[SignOff]) -> Iterator[told.Statement]:
    """Where parts of the question ask different documents, the first sentence of each begins with the title."""
    cited = {one.id: one for one in answer.citations}
    part = 0
    for number, one in enumerate(answer.sentences, 1):
        title = _title(answer, one) if one.part != part else ""
        part = one.part
        numbers = tuple(sources.number(cited[id_]) for id_ in one.citations)
        yield told.Statement(f"{title}: {one.text}" if title else one.text, numbers, signs_of(signed, number))


def _title(answer: Answer, one: Sentence) -> str:
    return answer.parts[one.part - 1].title if one.part and answer.parts else ""


def note_of(kept: KeptAnswer, *, asker: bool) -> str:
    """Why something is missing, and what else a reader has to know. `asker`: else what was left aside is not told,
    which counts what the asker could read."""
    answer = kept.answer
    explanation = answer.explanation
    if answer.left_aside and not asker:
        explanation = _NO_ANSWER if answer.status is Status.ABSTAINED else ""
    meant = (f"“{one.words}” was taken to mean: {one.title}." for one in answer.assumed)
    as_of = f"Answered from the versions in force on {kept.as_of}." if kept.as_of else ""
    cautions = (one.words for one in answer.cautions if not one.citations)  # the others stand at their quotes
    return " ".join(filter(None, (explanation, *meant, as_of, *cautions)))
