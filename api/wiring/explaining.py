"""Why an answer is what it is: what was found, in which order and why, and what became of each sentence.

All of it is what the record holds, as far as who asks may read it now. Read `Explaining.explain` first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from api.wiring import steps
from api.wiring.kept import Place, Shown, day_of, own
from generation.errors import UnresolvedCitation
from generation.gate.citations import resolve
from generation.people import Explained, FoundPassage, KeptAnswer
from generation.types import Citation, Evidence, SourceText, TableSpan
from infra.postgres.chain import is_erased
from infra.postgres.citing import with_numbers
from infra.postgres.layout import VersionView
from infra.witness.bundles import answer_of
from ingest.types import ElementKind
from retrieval.protocols import ChunkReader
from retrieval.types import ChunkText, Clue, Numbering, Passage, Principal

_OF_DOCUMENTS = frozenset({"fact"})  # kinds of clues that are told only where documents have what is asked for
Span = tuple[str, int, int, int]
"""Document, version as it is stored, and characters [start, end)."""


class Kept(Protocol):
    def find(self, audit_id: str) -> KeptAnswer | None: ...
    def readable(self, kept: Sequence[KeptAnswer], principal: Principal) -> list[KeptAnswer]: ...


class Numbers(Protocol):
    def of(self, principal: Principal, document_ids: frozenset[str]) -> Numbering: ...


class Documents(Protocol):
    def text(self, document_id: str, version: int | None, principal: Principal) -> VersionView | None: ...


class Explaining:
    """Implements `api.http.parts.Explanations`."""

    def __init__(self, trail: Shown, kept: Kept, numbers: Numbers, documents: Documents, chunks: ChunkReader) -> None:
        self._trail, self._kept, self._numbers = trail, kept, numbers
        self._documents, self._chunks = documents, chunks

    def explain(
        self, audit_id: str, principal: Principal, *, auditor: bool = False
    ) -> tuple[Explained, Sequence[Place]] | None:
        """With the documents and versions that are shown of it. None where there is no such answer (any more), it is
        not the principal's own (which an auditor need not care for), or they may not read all that it rests on. Who it
        is shared with is told nothing: what was found counts what its asker could read."""
        kept = self._kept.find(audit_id)
        if kept is None or not (auditor or own(kept, principal)) or not self._kept.readable([kept], principal):
            return None
        record = answer_of(tuple(reversed(self._trail.show(audit_id))))
        if record is None:
            return None
        found = self._found(with_numbers(record), principal)
        passages = tuple(found.passages(kept))
        told = found.told
        explained = Explained(
            kept=kept,
            query=_words(told.get("query")) or kept.question,
            asked=(_words(told.get("asked")) if found.whole else _words(told.get("query"))) or kept.question,
            parts=_all_words(told.get("parts_asked" if found.whole else "parts")),
            hypothesis=_words(told.get("hypothesis")),
            clues=tuple(found.clues()),
            passages=passages,
            sentences=tuple(steps.looked_at(found.record, passages, open_=auditor and found.reads_shown)),
            in_order=isinstance(found.record.get("steps"), list),
        )
        copies = (copy for one in passages for copy in (one.quote, *one.copies))
        places = (*kept.rests_on, *((one.document_id, one.version) for one in copies))
        return explained, sorted(set(places))

    def _found(self, record: Mapping[str, Any], principal: Principal) -> _Found:
        hits = [hit for hit in _dicts(record.get("hits")) if not is_erased(hit.get("chunk_id"))]
        older = [hit["chunk_id"] for hit in hits if not _spans([hit.get("place")])]
        read = self._chunks.read(older, principal, day_of(record)) if older else ()
        known = {chunk.chunk_id: (chunk.document_id, chunk.version, chunk.start, chunk.end) for chunk in read}
        placed = [(hit, next(iter(_spans([hit.get("place"), known.get(hit["chunk_id"])])), None)) for hit in hits]
        spans = [span for hit, own in placed for span in (own, *_spans(hit.get("copied"))) if span]
        named = {one["document_id"] for one in _dicts(_dict(record.get("search")).get("named"))}
        ids = {span[0] for span in spans} | {one["document_id"] for one in _dicts(record.get("context"))} | named
        seen = self._numbers.of(principal, frozenset(ids))
        return _Found(record, placed, seen, _Texts(self._documents, seen, principal))


@dataclass(frozen=True)
class _Found:
    """`hits` of the record, each with its place, None where that is not known any more."""

    record: Mapping[str, Any]
    hits: Sequence[tuple[Mapping[str, Any], Span | None]]
    seen: Numbering
    texts: _Texts

    @property
    def told(self) -> Mapping[str, Any]:
        return _dict(self.record.get("search"))

    @cached_property
    def whole(self) -> bool:
        """Whether the reader may read now all that was found, named and shown."""
        named = all(self.seen.versions.get(one["document_id"]) for one in _dicts(self.told.get("named")))
        return self.reads_shown and named and not self._hidden

    @property
    def reads_shown(self) -> bool:
        """Whether the reader may read now all that the generator was shown, which is what it wrote from."""
        return all(self.seen.knows(*span[:2]) for span in self.shown.values())

    @cached_property
    def shown(self) -> Mapping[int, Span]:
        """By marker."""
        return {
            one["marker"]: (one["document_id"], one["version"], one["start"], one["end"])
            for one in _dicts(self.record.get("context"))
        }

    @cached_property
    def _hidden(self) -> Sequence[Mapping[str, Any]]:
        """Hits that the reader may not read, or of which nobody knows where they stood."""
        return [hit for hit, span in self.hits if span is None or not self.seen.knows(*span[:2])]

    def clues(self) -> Iterator[Clue]:
        for one in _dicts(self.told.get("clues")):
            if not is_erased(list(one.values())) and (self.whole or one["kind"] not in _OF_DOCUMENTS):
                yield Clue(**one)

    def passages(self, kept: KeptAnswer) -> Iterator[FoundPassage]:
        """Those that can be read now, numbered and ranked as if there were no others; then what was shown beside."""
        unread = {int(marker) for marker in _dict(_dict(self.record.get("languages")).get("passages"))}
        spoken = _dict(self.record.get("languages")).get("question")
        readable = {marker: span for marker, span in self.shown.items() if self.seen.knows(*span[:2])}
        spans = [(hit, span) for hit, span in self.hits if span and self.seen.knows(*span[:2])]
        beside = [s for s in readable.values() if not any(_overlap(s, span) for _, span in spans)]
        found: list[FoundPassage] = []
        for hit, span in [*spans, *(({}, span) for span in beside)]:
            quote = self.texts.quote(span, len(found) + 1)
            if quote is None:
                continue
            markers = tuple(marker for marker, other in readable.items() if _overlap(span, other))
            ranked = FoundPassage(quote, 0) if not hit else self._ranked(hit, quote, len(found) + 1)
            read = not spoken and any(marker not in unread for marker in markers)
            found.append(replace(ranked, markers=markers, read=read))
        abstention = kept.answer.abstention
        cited = _standing(kept.answer.citations, found, readable)
        nearest = _standing(abstention.nearest if abstention else (), found, readable)
        for one in found:
            yield replace(one, cited=tuple(cited.get(one.quote.id, ())), nearest=tuple(nearest.get(one.quote.id, ())))

    def _ranked(self, hit: Mapping[str, Any], quote: Citation, rank: int) -> FoundPassage:
        copies = (self.texts.quote(span, 0) for span in _spans(hit.get("copied")) if self.seen.knows(*span[:2]))
        known = {"chunk_id", "score", "question", "copies", "parts", "ranks", "place", "copied"}
        scores = {name: value for name, value in hit.items() if name not in known and isinstance(value, int | float)}
        others = [_dict(other.get("ranks")) for other in self._hidden if other.get("question") == hit.get("question")]
        ranks = {
            leg: place - sum(other.get(leg, place) < place for other in others)
            for leg, place in _dict(hit.get("ranks")).items()
        }
        question = _words(hit.get("question")) if len(_all_words(self.told.get("parts"))) > 1 else ""
        return FoundPassage(
            quote, rank, float(hit["score"]), scores, ranks, question, tuple(one for one in copies if one)
        )


class _Texts:
    """Quotes out of versions that the reader may read, each version read once."""

    def __init__(self, documents: Documents, seen: Numbering, principal: Principal) -> None:
        self._documents, self._seen, self._principal = documents, seen, principal
        self._read: dict[Place, VersionView | None] = {}

    def quote(self, span: Span, number: int) -> Citation | None:
        """None where the version was closed to the reader this moment."""
        document_id, version, start, end = span
        if (document_id, version) not in self._read:
            self._read[document_id, version] = self._documents.text(document_id, version, self._principal)
        view = self._read[document_id, version]
        if view is None:
            return None
        text = view.text[start:end]
        chunk = ChunkText(
            "", document_id, version, view.content_sha256, view.title, view.source, 0, start, end, text,
            _section(view, start, end), None, version_id=self._seen.id(document_id, version),
        )  # fmt: skip
        page = next((one.page for one in reversed(view.pages) if one.start <= start), None)
        evidence = Evidence(Passage(0, replace(chunk, page=page), text, start, end), start, end, 0.0)
        try:
            return resolve(evidence, number, _source(view))
        except UnresolvedCitation:  # the text is not that of then
            return None


def _source(view: VersionView) -> SourceText:
    tables = tuple(TableSpan(one.start, one.end, one.grid) for one in view.elements if one.grid)
    pages = {page.number: page for page in view.page_infos}
    return SourceText(view.text, view.lines, view.warnings, pages, tables, view.language)


def _section(view: VersionView, start: int, end: int) -> tuple[str, ...]:
    """The headings above the first words of a span that are none."""
    path: list[tuple[int, str]] = []
    for one in view.elements:
        if one.start >= end or (one.end > start and one.kind is not ElementKind.HEADING):
            break
        if one.kind is ElementKind.HEADING:
            path = [*(above for above in path if above[0] < one.level), (one.level, view.text[one.start : one.end])]
    return tuple(title for _, title in path)


def _standing(
    quotes: Sequence[Citation], found: Sequence[FoundPassage], shown: Mapping[int, Span]
) -> dict[int, list[int]]:
    """In which of the passages these quotes stand, by number; where in none, then in what was shown of these."""
    places: dict[int, list[int]] = {}
    for quote in quotes:
        span = _span(quote)
        around = {marker for marker, other in shown.items() if _overlap(span, other)}
        own = [one for one in found if _overlap(span, _span(one.quote))]
        for one in own or [one for one in found if around & set(one.markers)]:
            places.setdefault(one.quote.id, []).append(quote.id)
    return places


def _span(quote: Citation) -> Span:
    return quote.document_id, quote.version, quote.start, quote.end


def _overlap(one: Span, other: Span) -> bool:
    return one[:2] == other[:2] and one[2] < other[3] and other[2] < one[3]


def _spans(values: object) -> list[Span]:
    """Places as they are recorded, as far as they are not erased."""
    listed = values if isinstance(values, list) else []
    found = [(*one,) for one in listed if isinstance(one, list | tuple) and len(one) == 4]
    return [(one[0], one[1], one[2], one[3]) for one in found]


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _words(value: Any) -> str:
    return value if isinstance(value, str) and not is_erased(value) else ""


def _all_words(value: Any) -> tuple[str, ...]:
    return tuple(map(_words, value)) if isinstance(value, list) else ()
