"""Which documents the words of a question name, among those that the asker may read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from retrieval.search.names import Entry, ViewNames
from retrieval.types import NamedDocument
from retrieval.understanding.kinds import KIND_OF
from retrieval.understanding.periods import Period, fit, periods
from retrieval.understanding.words import FUNCTION_WORDS, stem_match, straight

MOST_DOCUMENTS = 256  # that words may fit before they count as no name
_MOST_TOLD = 8  # documents of one name that the result tells of
_MOST_LIKELY = 1000  # documents that have a word in their names before it says nothing
_MOST_OTHERS = 100  # the same of a word that does not look like part of a name
_HALF = 0.49  # share of a name, by rareness, that names it without its first word
_MOST_OF_IT = 0.8  # share of a title or file name
_FITS = 0.3  # of a period, by `periods.fit`
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_FORM = re.compile(r"\b(10-?K|10-?Q|8-?K|20-?F|annual report|quarterly report|10-?KSB|S-?1)s?\b", re.I)
_COMPARED = re.compile(
    r"\b(?:compar\w+|differ\w*|versus|vs|than|both|respectively|each|either|and|or|between)\b|,", re.I
)
_IN_MANY = frozenset(
    """american united national general international first new global great world royal british us usa north south east
    west bank capital group holding holdings health media energy financial life pharma technologies technology
    services systems data digital""".split()
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """`documents`: UUIDs, ascending; `named` tells of the best of them; `mentions`: the spans of the question that name
    them, with what they are; `reports`: whether all documents are reports of companies."""

    documents: tuple[str, ...] = ()
    named: tuple[NamedDocument, ...] = ()
    mentions: tuple[tuple[int, int, str], ...] = ()
    periods: tuple[Period, ...] = ()
    reports: bool = False


@dataclass(slots=True)
class _Fit:
    """What a document's names have in common with the question: tokens by place, and what they are names of; `whole`:
    the question holds all of its file name."""

    places: dict[int, str] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str
    capital: bool
    shout: bool  # all capitals


def resolve(question: str, names: ViewNames, phrases: Sequence[tuple[int, int]]) -> Resolved:
    """`phrases`: the spans of the question that read like names of documents ("the Kestrel lease").

    Words count by how rare they are among the names of the visible documents. Of what fits equally well, the kind
    ("lease", "10-K") and then the period decide; what is still ambiguous is all meant.
    """
    tokens = _tokens(question)
    fits = _fits(tokens, names, _quoted(question, phrases))
    weights = {place: _rareness(names, tokens[place].word) for fit_ in fits.values() for place in fit_.places}
    spoken = periods(question)
    groups: list[tuple[set[int], list[int]]] = []
    left = set(weights)
    while left and len(groups) < 4:
        group = _best(fits, weights, left, [_inside(tokens[p], phrases) * (p + 1) for p in range(len(tokens))])
        if not group:
            break
        covered = {place for row in group for place in fits[row].places} & left
        if groups and not (_joined(question, tokens, groups[0][0], covered) and _proper(group, fits, covered)):
            break
        elsewhere = {at for at in _parties(fits) if at not in covered}
        chosen = _refined(question, group, names, spoken, _near(tokens, covered, elsewhere))
        if chosen and len(chosen) <= MOST_DOCUMENTS:
            groups.append((covered, chosen))
        left -= covered
    return _resolved(question, groups, fits, names, tokens, spoken)


def _tokens(question: str) -> list[_Token]:
    found = []
    text = straight(question)
    for match in _WORD.finditer(text):
        word = match.group()
        bare = re.sub(r"'s?$", "", word)
        found.append(
            _Token(
                match.start(),
                match.start() + len(bare),
                bare.casefold(),
                bare[:1].isupper() or bare[:1].isdigit() or any(map(str.isupper, bare)),
                bare.isupper() and len(bare) > 1,
            )
        )
    return found


def _rareness(names: ViewNames, word: str) -> float:
    return math.log((names.count + 1) / (names.shared(word) + 0.5)) + 0.1


def _fits(tokens: Sequence[_Token], names: ViewNames, quoted: Sequence[tuple[int, int]]) -> dict[int, _Fit]:
    """By row, for every document that the question mentions by one of its names."""
    held: dict[Entry, dict[int, str]] = {}
    casual = not any(token.capital for token in tokens[1:])
    for place, token in enumerate(tokens):
        if token.word in FUNCTION_WORDS:
            continue
        for word, places in _spelled(tokens, place):
            likely = token.capital or any(start <= token.start < end for start, end in quoted)
            if 0 < names.shared(word) <= (_MOST_LIKELY if likely else _MOST_OTHERS):
                for entry in names.entries(word):
                    for covered in places:
                        held.setdefault(entry, {})[covered] = word
    fits: dict[int, _Fit] = {}
    for entry, found in held.items():
        if _mentioned(entry, found, tokens, names, quoted, casual=casual):
            fit_ = fits.setdefault(entry.row, _Fit())
            fit_.whole |= entry.kind == "file name" and set(entry.words) <= {token.word for token in tokens}
            known = fit_.places
            for at in found:
                known[at] = entry.kind if known.get(at) in (None, "title", "file name") else known[at]
    return fits


def _spelled(tokens: Sequence[_Token], place: int) -> Iterable[tuple[str, range]]:
    """The token alone, and joined with the one or two after it."""
    for count in (1, 2, 3):
        part = tokens[place : place + count]
        if len(part) == count and all(after.start - before.end <= 2 for before, after in pairwise(part)):
            yield "".join(token.word for token in part), range(place, place + count)


def _mentioned(
    entry: Entry,
    places: Mapping[int, str],
    tokens: Sequence[_Token],
    names: ViewNames,
    quoted: Sequence[tuple[int, int]],
    *,
    casual: bool,
) -> bool:
    """Whether the question's words at these places mean this name."""
    found = set(places.values())
    total = sum(_rareness(names, word) for word in dict.fromkeys(entry.words))
    share = sum(_rareness(names, word) for word in dict.fromkeys(entry.words) if word in found) / max(total, 1e-9)
    whole = bool(found & entry.leads) or share > 0.99
    if entry.kind in {"title", "file name"}:
        inside = all(any(start <= tokens[at].start < end for start, end in quoted) for at in places)
        rare = any(names.shared(word) <= 3 for word in found if word in entry.words)
        return len(places) > 1 and rare and (share >= _MOST_OF_IT or (inside and share >= _HALF))
    capital = [at for at in places if tokens[at].capital]
    if not (capital or (casual and all(len(word) > 4 for word in found))):
        return False
    if found & entry.initials and not found & set(entry.words):
        return any(tokens[at].shout for at in places)
    first = entry.words[0] if entry.words else ""
    lead = first in found and first not in _IN_MANY and first not in KIND_OF and not first.isdigit()
    if capital == [0] and len(places) == 1 and not casual and len(entry.words) == 1 and names.shared(first) > 1:
        return False
    own = any(at and tokens[at].word not in _IN_MANY and tokens[at].word not in KIND_OF for at in capital)
    return whole or lead or (share >= _HALF and (len(found) > 1 or own))


def _best(fits: Mapping[int, _Fit], weights: Mapping[int, float], left: set[int], inside: Sequence[int]) -> list[int]:
    """The documents that share most with the words that are left; of equals those named where documents are named."""
    scored = []
    for row, found in fits.items():
        places = left & set(found.places)
        if places:
            score = round(sum(weights[at] for at in places), 6)
            scored.append((found.whole, score, any(inside[at] for at in places), row))
    if not scored:
        return []
    top = max(entry[:3] for entry in scored)
    return [row for *entry, row in scored if tuple(entry) == top]


def _inside(token: _Token, phrases: Sequence[tuple[int, int]]) -> bool:
    return any(start <= token.start < end for start, end in phrases)


def _joined(question: str, tokens: Sequence[_Token], first: set[int], second: set[int]) -> bool:
    """Whether something like "and" or "than" stands between two names; else the second one is what is asked about."""
    before, after = sorted((min(first), min(second)))
    between = question[tokens[before].end : tokens[after].start]
    return bool(_COMPARED.search(between)) or bool(re.search(r"\b(?:compar\w+|differ\w+|both)\b", question, re.I))


def _proper(rows: Sequence[int], fits: Mapping[int, _Fit], places: set[int]) -> bool:
    """Whether the words are more than a title: "supply agreement" beside two parties names no further document."""
    return any(fits[row].places.get(at) not in (None, "title") for row in rows for at in places)


def _refined(
    question: str,
    rows: Sequence[int],
    names: ViewNames,
    spoken: Sequence[Period],
    tokens: Sequence[Sequence[_Token]],
) -> list[int]:
    """Of documents with the same names, those of the kind and then of the period that the question asks for."""
    kept = list(rows)
    form = _FORM.search(question)
    if form:
        wanted = _form(form[1])
        kept = [row for row in kept if any(value.startswith(wanted) for value in names.record(row).forms)] or kept
    else:
        kept = _of_kind(kept, names, tokens)
    if spoken and any(names.record(row).periods for row in kept):
        by_fit = {row: fit(spoken, names.record(row).periods) for row in kept}
        top = max(by_fit.values())
        if top >= _FITS:
            kept = [row for row in kept if by_fit[row] > top - 0.05]
    return kept


def _form(spoken: str) -> str:
    text = spoken.upper()
    if text.startswith("ANNUAL"):
        return "10-K"
    if text.startswith("QUARTERLY"):
        return "10-Q"
    return re.sub(r"^(\d+|S)-?", r"\1-", text)


def _parties(fits: Mapping[int, _Fit]) -> set[int]:
    """Places of words that name somebody."""
    return {at for found in fits.values() for at, kind in found.places.items() if kind in {"party", "issuer"}}


def _near(tokens: Sequence[_Token], covered: set[int], elsewhere: set[int]) -> list[list[_Token]]:
    """Phrases for kinds, such as "consulting agreement", that stand no nearer to the names of other documents."""
    phrases = []
    for at, token in enumerate(tokens):
        if token.word not in KIND_OF:
            continue
        mine, other = (
            min((abs(at - place) for place in places), default=len(tokens)) for places in (covered, elsewhere)
        )
        if mine > other and covered - {at}:
            continue
        phrase = [token]
        for before in reversed(tokens[max(0, at - 4) : at]):
            if before.word in FUNCTION_WORDS:
                break
            phrase.append(before)
        phrases.append(phrase)
    return phrases


def _of_kind(rows: list[int], names: ViewNames, phrases: Sequence[Sequence[_Token]]) -> list[int]:
    """Those whose title or file name holds most of "consulting agreement", "lease", "license" in the question."""
    wanted = {token.word for phrase in phrases for token in phrase}
    if not wanted or len(rows) < 2:
        return rows
    scores = {row: sum(_holds(names.record(row).kind_words, word) for word in sorted(wanted)) for row in rows}
    top = max(scores.values())
    return [row for row in rows if scores[row] >= top - 0.01]


def _holds(known: frozenset[str], word: str) -> float:
    return 1.0 if word in known else 0.9 if any(stem_match(word, other) for other in known) else 0.0


def _quoted(question: str, phrases: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in quotation marks, and those that read like names of documents."""
    return [*(match.span() for match in re.finditer(r"[\"“][^\"”]{3,200}[\"”]", question)), *phrases]


def _resolved(
    question: str,
    groups: Sequence[tuple[set[int], list[int]]],
    fits: Mapping[int, _Fit],
    names: ViewNames,
    tokens: Sequence[_Token],
    spoken: Sequence[Period],
) -> Resolved:
    documents: set[str] = set()
    named: list[NamedDocument] = []
    mentions: set[tuple[int, int, str]] = set()
    reports = True
    for covered, rows in groups:
        records = {names.record(row).document: row for row in rows}
        documents |= set(records)
        reports &= all(names.record(row).periods for row in rows)
        spans = _spans(covered, tokens, fits[rows[0]])
        words = " … ".join(question[start:end] for (start, end), _ in spans)
        for document, row in sorted(records.items())[:_MOST_TOLD]:
            kinds = [fits[row].places[at] for at in sorted(covered) if at in fits[row].places]
            how = min(kinds, key=("file name", "title", "party", "issuer").index)
            named.append(NamedDocument(document, names.record(row).title, words, how, len(records)))
        mentions |= {(*span, kind) for span, kind in spans}
    if not documents:
        return Resolved()
    return Resolved(tuple(sorted(documents)), tuple(named), tuple(sorted(mentions)), tuple(spoken), reports)


def _spans(covered: set[int], tokens: Sequence[_Token], found: _Fit) -> list[tuple[tuple[int, int], str]]:
    """Neighbouring tokens as one span each."""
    spans: list[tuple[tuple[int, int], str]] = []
    last = -2
    for at in sorted(covered):
        kind = found.places.get(at, "party")
        if at == last + 1 and spans:
            (start, _), kind = spans[-1]
            spans[-1] = ((start, tokens[at].end), kind)
        else:
            spans.append(((tokens[at].start, tokens[at].end), kind))
        last = at
    return spans
