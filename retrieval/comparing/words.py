"""Which words of a sentence changed, and what kind of change that is."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from retrieval.comparing.sequences import equal_runs
from retrieval.comparing.tokens import BAR, Tokens, counts, digits, letters
from retrieval.comparing.types import Change, Span, Words
from retrieval.text.dates import MONTHS, mentions
from retrieval.understanding.clauses import references
from retrieval.understanding.words import COMPANY_FORMS, FUNCTION_WORDS

_MODAL = frozenset("shall may must will should would can could might cannot".split())
_NEGATION = frozenset("not no never neither nor none cannot without".split())
_NUMBER_WORDS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion first "
    "second third fourth fifth sixth seventh eighth ninth tenth half twice".split()
)
_WORDED = rf"(?:(?:{'|'.join(_NUMBER_WORDS)}|and|-)\b[\s-]?)"
_FIGURE = r"\d[\d.,]*(?:\s?(?:million|billion|thousand|bn|mn|m|k)\b)?"
_MONEY = r"(?:dollars?|cents?|euros?|pounds?(?:\ssterling)?|francs?|yen)"
_CODE = r"(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|CNY|RMB|INR|SEK|NOK|DKK|HKD|SGD|US\$|Rs\.?)"
_AMOUNT = re.compile(
    rf"(?:(?:{_CODE}|[$€£¥₹])\s?(?:\(\s?)?{_FIGURE})|(?:{_FIGURE}\s?(?:{_CODE}(?![A-Za-z])|[€£¥]|(?:U\.?S\.?\s)?{_MONEY}\b))"
    rf"|(?:{_WORDED}{{1,12}}(?:\([^()]{{1,24}}\)\s)?(?:U\.?S\.?\s)?{_MONEY}\b)",
    re.I,
)
_FORM = "|".join(
    re.escape(form)
    for name in sorted(COMPANY_FORMS, key=len, reverse=True)
    for form in (name.upper(), name.capitalize())
)
_COMPANY = re.compile(
    rf"(?:(?<![\w.])\(?[A-Z0-9][\w&'’./-]*\)?,?\s(?:(?:of|and|&)\s)?){{1,8}}(?:{_FORM}|GmbH|plc)(?![\w&])\.?"
)
_JOINT = 2  # words between two changes, none of which says much, that are told with them
_LONGEST = 2_000  # words of a pair that are compared one by one


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit as it is compared: its words, and what it says with them. `title`: capitals mean nothing in it; `row`: of
    a table."""

    text: str
    found: Tokens
    title: bool
    row: bool
    parties: Collection[str]  # words of their names

    def span(self, first: int, last: int) -> Span:
        """Words [first, last) in the text; an empty span where there are none: after the word before."""
        if first < last:
            return Span(self.found.starts[first], self.found.ends[last - 1])
        at = self.found.ends[first - 1] if first else self.found.starts[0] if len(self.found) else 0
        return Span(at, at)

    def particulars(self) -> dict[int, Change]:
        """What the words at these places are part of."""
        if not len(self.found):
            return {}
        start, end = self.found.starts[0], self.found.ends[-1]
        said = self.text[start:end]
        marked: dict[int, Change] = {}
        spans = [(one.start, one.end, Change.REFERENCE) for one in references(said)]
        spans += [(*one.span(), Change.AMOUNT) for one in _AMOUNT.finditer(said)]
        spans += [(one.start, one.end, Change.DATE) for one in mentions(said)]
        spans += [(*one.span(), Change.PARTY) for one in _COMPANY.finditer(said)]
        for first, last, change in spans:
            for at in range(
                bisect_left(self.found.starts, start + first), bisect_left(self.found.starts, start + last)
            ):
                marked.setdefault(at, change)
        return marked


def changed(old: Sentence, new: Sentence) -> tuple[Words, ...]:
    """The words that changed, in order; none where both say the same."""
    if old.row and new.row:
        found = list(_cells(old.found, new.found))
    else:
        found = _joined(old.found, new.found, _hunks(old.found.words, new.found.words))
    hunks = [hunk for hunk in found if not _same(old, new, hunk)]
    if not hunks:
        return ()
    of_old, of_new = old.particulars(), new.particulars()
    return tuple(
        Words(old.span(a, b), new.span(c, d), _changes(old, new, (a, b, c, d), of_old, of_new)) for a, b, c, d in hunks
    )


Hunk = tuple[int, int, int, int]  # words [a, b) became words [c, d)


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[Hunk]:
    numbers: dict[str, int] = {}
    own, its = ([numbers.setdefault(word, len(numbers)) for word in side] for side in (old, new))
    if max(len(own), len(its)) > _LONGEST:
        yield from _middle(own, its)
        return
    a = c = 0
    for first, start, length in equal_runs(own, its):
        if first > a or start > c:
            yield a, first, c, start
        a, c = first + length, start + length
    if a < len(own) or c < len(its):
        yield a, len(own), c, len(its)


def _cells(old: Tokens, new: Tokens) -> Iterator[Hunk]:
    """Cell by cell, where both rows have as many; else whatever the cells: columns were made out otherwise."""
    own, its = _bounds(old.words), _bounds(new.words)
    if len(own) != len(its):
        kept_old, kept_new = ([at for at, word in enumerate(side.words) if word != BAR] for side in (old, new))
        for a, b, c, d in _hunks([old.words[at] for at in kept_old], [new.words[at] for at in kept_new]):
            yield (*_place(kept_old, a, b), *_place(kept_new, c, d))
        return
    for (a, b), (c, d) in zip(own, its, strict=True):
        for first, last, begin, end in _hunks(old.words[a:b], new.words[c:d]):
            yield a + first, a + last, c + begin, c + end


def _bounds(words: Sequence[str]) -> list[tuple[int, int]]:
    bars = [at for at, word in enumerate(words) if word == BAR]
    return list(zip([0, *(at + 1 for at in bars)], [*bars, len(words)], strict=True))


def _place(kept: Sequence[int], first: int, last: int) -> tuple[int, int]:
    """Of words [first, last) among those that were kept, the place among all."""
    if first < last:
        return kept[first], kept[last - 1] + 1
    at = kept[first - 1] + 1 if first else 0
    return at, at


def _middle(own: Sequence[int], its: Sequence[int]) -> Iterator[Hunk]:
    """What stands between an equal beginning and an equal end."""
    shorter = min(len(own), len(its))
    head = next((at for at in range(shorter) if own[at] != its[at]), shorter)
    tail = next((at for at in range(shorter - head) if own[-1 - at] != its[-1 - at]), shorter - head)
    if head + tail < max(len(own), len(its)):
        yield head, len(own) - tail, head, len(its) - tail


def _joined(old: Tokens, new: Tokens, hunks: Iterator[Hunk]) -> list[Hunk]:
    """Changes that only a comma or an "of" parts are one: "thirty (30" that became "sixty (60"."""
    found: list[Hunk] = []
    for hunk in hunks:
        if found:
            a, _, c, _ = found[-1]
            between = old.words[found[-1][1] : hunk[0]]
            small = len(between) <= _JOINT and all(not counts(one) or one in FUNCTION_WORDS for one in between)
            both = found[-1][0] < found[-1][1] and found[-1][2] < found[-1][3]
            if small and both and hunk[0] < hunk[1] and hunk[2] < hunk[3]:
                found[-1] = (a, hunk[1], c, hunk[3])
                continue
        found.append(hunk)
    return found


def _same(old: Sentence, new: Sentence, hunk: Hunk) -> bool:
    """Whether only hyphens and blanks within words differ."""
    a, b, c, d = hunk
    own, its = letters(old.found.words[a:b]), letters(new.found.words[c:d])
    if own or its:
        return own == its
    hyphens = {*old.found.words[a:b], *new.found.words[c:d]} <= {"-"}
    return hyphens and _between_letters(old, a, b) and _between_letters(new, c, d)


def _between_letters(side: Sentence, first: int, last: int) -> bool:
    words = side.found.words
    around = (words[first - 1] if first else "", words[last] if last < len(words) else "")
    return all(word.isalpha() for word in around)


def _kinds(side: Sentence, first: int, last: int, particulars: dict[int, Change]) -> Iterator[Change]:
    for at in range(first, last):
        yield from _kind(side, at, particulars.get(at))


def _kind(side: Sentence, at: int, particular: Change | None) -> Iterator[Change]:
    word = side.found.words[at]
    low = word.casefold()
    if not counts(word):
        yield Change.PUNCTUATION
    elif particular is not None:
        yield particular
    elif word[0].isdigit() or low in _NUMBER_WORDS or word == "%":
        yield Change.NUMBER
    elif word in _MODAL or word in _NEGATION or word.endswith("n't"):
        if word in _MODAL:
            yield Change.MODAL
        if word not in _MODAL or word in _NEGATION:
            yield Change.NEGATION
    elif word in side.parties or (word.isupper() and word.capitalize() in side.parties):
        yield Change.PARTY
    elif _is_name(side, at):
        yield Change.NAME
    elif low not in FUNCTION_WORDS:
        yield Change.WORDING


def _is_name(side: Sentence, at: int) -> bool:
    """Whether a capital is more than that of a title or the beginning of a sentence."""
    words = side.found.words
    word = words[at]
    if side.title or not word[0].isupper() or word.casefold() in FUNCTION_WORDS or word.casefold() in MONTHS:
        return False
    opens = not any(map(counts, words[:at])) or words[at - 1] in {".", ":", "|"}
    return not opens or (at + 1 < len(words) and words[at + 1][0].isupper())


def _changes(
    old: Sentence, new: Sentence, hunk: Hunk, of_old: dict[int, Change], of_new: dict[int, Change]
) -> tuple[Change, ...]:
    """The most telling first; punctuation around words says nothing more. "1,000" and "1000" are one number."""
    a, b, c, d = hunk
    figure = digits(old.found.words[a:b])
    if figure and figure == digits(new.found.words[c:d]):
        return (Change.PUNCTUATION,)
    found = {*_kinds(old, a, b, of_old), *_kinds(new, c, d, of_new)}
    words = any(map(counts, (*old.found.words[a:b], *new.found.words[c:d])))
    if words:
        found.discard(Change.PUNCTUATION)
    return tuple(change for change in Change if change in found) or (Change.WORDING,)
