"""Known changes, planted in the blocks of a document."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from evals.suites.comparing.blocks import Block, Original, clauses
from generation.gate.claims import sentence_spans
from retrieval.text.dates import MONTH

COMPANY = "Norwick Harbor Trading Inc."
_NUMBERS = {"ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90, "five": 5,
            "two": 2, "three": 3}  # fmt: skip
_OTHERS = {"ten": "fifteen", "fifteen": "twenty", "twenty": "forty", "thirty": "sixty", "forty": "ninety",
           "sixty": "ninety", "ninety": "thirty", "five": "ten", "two": "three", "three": "five"}  # fmt: skip
_SHORTEST, _LONGEST = 40, 700  # characters of a sentence that is changed
_APART = 4  # blocks that a clause moves at least
_TOP = re.compile(r"(\d{1,2})(\.\s+\S.*)")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one `kind`. `old` and `new`: the paragraph, row or clause before and after, "" where there is none;
    `words`: what became what in it; `numbers`: headings that are counted otherwise, before and after."""

    kind: str
    old: str
    new: str
    words: tuple[str, str] = ("", "")
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Version:
    """The new version while it is made. `taken`: blocks of the original that a change has touched."""

    original: Original
    bank: Sequence[tuple[Block, ...]]
    chance: random.Random
    blocks: dict[int, tuple[Block, ...]] = field(default_factory=dict)
    before: dict[int, tuple[Block, ...]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    edits: list[Edit] = field(default_factory=list)
    renumbered: bool = False

    def result(self) -> tuple[Block, ...]:
        found: list[Block] = []
        for at, block in enumerate(self.original.blocks):
            found += self.before.get(at, ())
            found += self.blocks.get(at, (block,))
        return tuple(found)

    def plant(self, kind: str) -> bool:
        """Makes one change of this kind; False where there is no place for it (any more)."""
        edit = next(iter(KINDS[kind](self)), None)
        if edit is not None:
            self.edits.append(edit)
        return edit is not None

    def free(self, wanted: Callable[[Block], bool]) -> list[int]:
        """Blocks that nothing has touched, whose words stand there once, in an order by chance."""
        texts = [block.text for block in self.original.blocks]
        found = [
            at
            for at, block in enumerate(self.original.blocks)
            if at not in self.taken and wanted(block) and texts.count(block.text) == 1
        ]
        self.chance.shuffle(found)
        return found


Substitution = tuple[int, int, str]  # [start, end) of a text, and what stands there then


def _sentences(version: Version, kind: str, change: Callable[[str], Substitution | None]) -> Iterator[Edit]:
    """A change within one sentence of a paragraph."""
    for at in version.free(lambda block: block.level == 0):
        text = version.original.blocks[at].text
        for start, end in sentence_spans(text):
            sentence = text[start:end]
            if not _SHORTEST <= len(sentence) <= _LONGEST:
                continue
            found = change(sentence)
            if found is None:
                continue
            first, last, words = found
            new = f"{text[: start + first]}{words}{text[start + last :]}"
            version.taken.add(at)
            version.blocks[at] = (Block(new),)
            yield Edit(kind, text, new, (sentence[first:last], words))
            return


def _by(pattern: str, become: Callable[[re.Match[str]], str | None]) -> Callable[[str], Substitution | None]:
    compiled = re.compile(pattern)

    def change(sentence: str) -> Substitution | None:
        found = compiled.search(sentence)
        words = become(found) if found else None
        return None if found is None or not words or words == found[0] else (*found.span(), words)

    return change


def _other_figure(text: str) -> str:
    """The same with its first digit counted on."""
    at = next(at for at, sign in enumerate(text) if sign.isdigit() and sign != "0")
    return f"{text[:at]}{int(text[at]) % 9 + 1}{text[at + 1 :]}"


def _other_number(match: re.Match[str]) -> str | None:
    word = match["word"].lower()
    if int(match["figure"]) != _NUMBERS[word]:
        return None
    other = _OTHERS[word]
    return f"{other.capitalize() if match['word'][0].isupper() else other} ({_NUMBERS[other]})"


def _party(version: Version) -> Iterator[Edit]:
    names = sorted((name for name in version.original.parties if len(name) > 5), key=len, reverse=True)
    for name in names:
        found = list(_sentences(version, "party", _by(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: COMPANY)))
        if found:
            yield from found
            return


def _cell(version: Version) -> Iterator[Edit]:
    for at in version.free(lambda block: block.level < 0):
        rows = version.original.blocks[at].text.split("\n")
        for number, row in enumerate(rows):
            cells = row.split(" | ")
            figures = [
                place for place, cell in enumerate(cells) if place and re.fullmatch(r"[$€]?\s?[1-9][\d,.]{2,}%?", cell)
            ]
            years = re.search(r"\b(?:19|20)\d\d\b", row)
            if not figures or years or rows.count(row) > 1 or not re.search(r"[A-Za-z]{4}", cells[0]):
                continue
            old = cells[figures[0]]
            cells[figures[0]] = _other_figure(old)
            new = " | ".join(cells)
            version.taken.add(at)
            version.blocks[at] = (Block("\n".join([*rows[:number], new, *rows[number + 1 :]]), -1),)
            yield Edit("cell", row, new, (old, cells[figures[0]]))
            return


def _text(blocks: Sequence[Block]) -> str:
    return "\n".join(block.text for block in blocks)


def _whole_clauses(version: Version) -> list[tuple[int, int]]:
    found = [
        (first, last)
        for first, last in clauses(version.original.blocks)
        if version.taken.isdisjoint(range(first, last)) and first > 3
    ]
    version.chance.shuffle(found)
    return found


def _removed(version: Version) -> Iterator[Edit]:
    for first, last in _whole_clauses(version):
        version.taken.update(range(first, last))
        version.blocks |= dict.fromkeys(range(first, last), ())
        yield Edit("removed", _text(version.original.blocks[first:last]), "")
        return


def _moved(version: Version) -> Iterator[Edit]:
    """To before another heading as high, past three clauses' worth of words and more."""
    blocks = version.original.blocks
    for first, last in _whole_clauses(version):
        own = sum(len(block.text) for block in blocks[first:last])
        places = [
            at
            for at, block in enumerate(blocks)
            if block.level == blocks[first].level
            and at not in version.before
            and (at - last >= _APART or first - at >= _APART)
            and sum(len(one.text) for one in blocks[min(at, last) : max(at, first)]) > 2 * own
            and at > 3
        ]
        if places:
            at = version.chance.choice(places)
            version.taken.update({*range(first, last), at})
            version.blocks |= dict.fromkeys(range(first, last), ())
            version.before[at] = blocks[first:last]
            yield Edit("moved", _text(blocks[first:last]), _text(blocks[first:last]))
            return


def _added(version: Version) -> Iterator[Edit]:
    """A clause of another contract, before a heading."""
    for at in version.free(lambda block: block.level > 0):
        if at < 4 or at in version.before:
            continue
        clause = version.chance.choice(version.bank)
        level = version.original.blocks[at].level
        placed = tuple(Block(block.text, level if block.level > 0 else 0) for block in clause)
        version.taken.add(at)
        version.before[at] = placed
        yield Edit("added", "", _text(placed))
        return


def _renumbered(version: Version) -> Iterator[Edit]:
    """A numbered clause between numbered headings, which are counted on from there."""
    blocks = version.original.blocks
    if version.renumbered:
        return
    heads = [
        (at, int(found[1]))
        for at, block in enumerate(blocks)
        if block.level > 0 and (found := _TOP.fullmatch(block.text))
    ]
    for start in range(1, len(heads)):
        run = [heads[start]]
        for head in heads[start + 1 :]:
            if head[1] != run[-1][1] + 1:
                break
            run.append(head)
        at, number = run[0]
        if heads[start - 1][1] != number - 1 or len(run) < 2 or not version.taken.isdisjoint(place for place, _ in run):
            continue
        level = blocks[at].level
        end = heads[start + len(run)][0] if start + len(run) < len(heads) else len(blocks)
        clause = (Block(f"{number}. Records", level), *version.chance.choice(version.bank)[1:])
        numbers = []
        for place in range(at, end):
            text = version.blocks.get(place, (blocks[place],))
            counted = tuple(_counted_on(block, number) for block in text)
            if counted != text:
                version.blocks[place] = counted
                version.taken.add(place)
                if place in dict(run):
                    numbers.append((blocks[place].text, counted[0].text))
        version.before[at] = (*clause, *version.before.get(at, ()))
        version.taken.update(place for place, _ in run)
        version.renumbered = True
        yield Edit("renumbered", "", _text(clause), numbers=tuple(numbers))
        return


def _counted_on(block: Block, least: int) -> Block:
    """With the number of its clause one higher, if it is as high as that."""
    found = re.match(r"(\d{1,2})(?=\.\s)" if block.level > 0 else r"(\d{1,2})(?=\.\d+\s+[A-Z])", block.text)
    if block.level < 0 or not found or int(found[1]) < least:
        return block
    return Block(f"{int(found[1]) + 1}{block.text[found.end() :]}", block.level)


def _within(
    kind: str, pattern: str, become: Callable[[re.Match[str]], str | None]
) -> Callable[[Version], Iterator[Edit]]:
    return lambda version: _sentences(version, kind, _by(pattern, become))


KINDS: dict[str, Callable[[Version], Iterator[Edit]]] = {
    "renumbered": _renumbered,
    "moved": _moved,
    "removed": _removed,
    "added": _added,
    "cell": _cell,
    "party": _party,
    "amount": _within("amount", r"\$\s?[1-9]\d*(?:,\d{3})*(?:\.\d+)?", lambda found: _other_figure(found[0])),
    "date": _within(
        "date",
        rf"\b(?i:{MONTH})\s(?P<day>\d{{1,2}}),\s(?P<year>(?:19|20)\d\d)\b",
        lambda found: found[0].replace(found["year"], str(int(found["year"]) + 1)),
    ),
    "number": _within("number", rf"\b(?P<word>(?i:{'|'.join(_NUMBERS)}))\s\((?P<figure>\d+)\)", _other_number),
    "modal": _within("modal", r"\bshall\b(?! not)", lambda _: "may"),
    "negation": _within("negation", r"\b(?:shall|will|may)\b(?! not)", lambda found: f"{found[0]} not"),
}
"""What can be planted; what needs most room comes first."""
