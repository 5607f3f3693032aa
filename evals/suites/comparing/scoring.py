"""Which of the planted changes were found, and which differences are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from evals.suites.comparing.edits import Edit
from ingest.types import Document
from retrieval.comparing.types import Change, Comparison, Difference, Kind, Span

_SIGNS = re.compile(r"[\W_]+")
_LEAST = 40  # characters of what was changed, to be known again within a longer quote
_WHOLE = 0.9  # of the words of a clause that was added, removed or moved
_EXPECTED = {
    "amount": {Change.AMOUNT}, "date": {Change.DATE}, "number": {Change.NUMBER}, "party": {Change.PARTY},
    "modal": {Change.MODAL}, "negation": {Change.NEGATION}, "cell": {Change.NUMBER, Change.AMOUNT},
}  # fmt: skip
_KINDS = {"added": {Kind.ADDED}, "removed": {Kind.REMOVED}, "moved": {Kind.MOVED},
          "renumbered": {Kind.ADDED, Kind.RENUMBERED}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """Of one change: whether it was found, as what it is, and with just the words that changed; `odd`: differences in
    it of another kind than it is."""

    edit: Edit
    found: bool
    kind: bool
    words: bool
    odd: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions as they were read, and what was found between them."""

    old: Document
    new: Document
    comparison: Comparison

    def exact(self) -> bool:
        """Whether every span is the bytes of its version, and holds words."""
        return all(
            0 <= span.start < span.end <= len(side.text) and _folded(side.text[span.start : span.end])
            for one in self.comparison.differences
            for side, spans in ((self.old, one.old), (self.new, one.new))
            for span in spans
        )

    def scored(self, edits: Sequence[Edit]) -> tuple[list[Scored], list[Difference]]:
        """Each change, and the differences that belong to none."""
        left = list(self.comparison.differences)
        rows = []
        for edit in edits:
            own = [one for one in left if self._of(one, edit)]
            if edit.kind in _EXPECTED:
                own = sorted(own, key=lambda one: not self._changed(edit, [one]).words)[:1]
            left = [one for one in left if one not in own]
            odd = sum(one.kind not in _KINDS.get(edit.kind, {Kind.CHANGED}) for one in own)
            rows.append(replace(self._score(edit, own), odd=odd))
        return rows, left

    def _of(self, one: Difference, edit: Edit) -> bool:
        """Whether both of its sides stand in what was changed."""
        if edit.numbers and one.kind is Kind.RENUMBERED:
            known = {(_folded(old), _folded(new)) for old, new in edit.numbers}
            pairs = zip(self._quotes(self.old, one.old), self._quotes(self.new, one.new), strict=True)
            return any((old, new) in known for old, new in pairs)
        old, new = _folded(edit.old), _folded(edit.new)
        sides = [(self._quotes(self.old, one.old), old), (self._quotes(self.new, one.new), new)]
        return all(any(_overlap(quote, whole) for quote in quotes) for quotes, whole in sides if quotes)

    def _score(self, edit: Edit, own: Sequence[Difference]) -> Scored:
        if edit.kind in _EXPECTED:
            return self._changed(edit, own)
        if edit.kind == "renumbered":
            told = {pair for one in own if one.kind is Kind.RENUMBERED for pair in self._pairs(one)}
            wanted = {(_folded(old), _folded(new)) for old, new in edit.numbers}
            right = wanted <= told
            return Scored(edit, bool(told), right, right)
        side, whole = (self.old, edit.old) if edit.kind == "removed" else (self.new, edit.new)
        of_kind = [one for one in own if one.kind in _KINDS[edit.kind]]
        spans = [span for one in of_kind for span in (one.old if edit.kind == "removed" else one.new)]
        quotes = "".join(self._quotes(side, spans))
        covered = len(quotes) >= _WHOLE * len(_folded(whole))
        return Scored(edit, bool(own), covered, quotes == _folded(whole))

    def _changed(self, edit: Edit, own: Sequence[Difference]) -> Scored:
        old, new = map(_folded, edit.words)
        hunks = [
            (words, _folded(self.old.text[slice(words.old.start, words.old.end)]), _folded(_of(self.new, words.new)))
            for one in own
            if one.kind is Kind.CHANGED
            for words in one.words
        ]
        kinds = {change for words, *_ in hunks for change in words.changes}
        return Scored(
            edit,
            bool(hunks),
            bool(kinds) and kinds <= _EXPECTED[edit.kind],
            bool(hunks) and all(was in old and became in new for _, was, became in hunks),
        )

    def _pairs(self, one: Difference) -> Iterator[tuple[str, str]]:
        return zip(self._quotes(self.old, one.old), self._quotes(self.new, one.new), strict=True)

    @staticmethod
    def _quotes(side: Document, spans: Sequence[Span]) -> list[str]:
        return [_folded(_of(side, span)) for span in spans]


def _overlap(quote: str, whole: str) -> bool:
    """Whether one holds the other: a file's lines may divide sentences otherwise."""
    return quote in whole or (len(whole) > _LEAST and whole in quote)


def _of(side: Document, span: Span) -> str:
    return side.text[span.start : span.end]


def _folded(text: str) -> str:
    """Letters and figures alone: files are set in many ways."""
    return _SIGNS.sub("", text).casefold()
