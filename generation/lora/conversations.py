"""Conversations with sources: a question over numbered sources in exactly the prompt of the service, and the reply.

The replies are short sentences in the words of their sources, with their numbers, or NOT FOUND: those of cited.jsonl.
Most rows show their sources trimmed as the service trims them. From them further kinds are made: sources that lost the
passage with the answer, sources with planted instructions, and two versions of a source that differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from generation.judge.data.exercises import Piece
from generation.judge.data.pairs import generator
from generation.judge.data.written import Reply, Written
from generation.lora.instructions import planted
from generation.prompts import numbered

NOT_FOUND = "NOT FOUND"
PROMPT = "cited"
RATES = {"without_gold": 0.12, "planted": 0.1, "versions": 0.5, "trimmed": 0.8}
BUDGETS = (700, 900, 1200)  # characters over all sources of a trimmed row

_AMOUNT = re.compile(
    r"(?<![\w.,])(\d{1,3})(\s?%(?!\w)|"
    r" (?:percent|(?:business |calendar )?days?|weeks?|months?|years?|hours?|minutes?)\b)"
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """`pieces` are the sources in order, `reply` is what the model is to write, `kind` how the row came about."""

    kind: str
    document: str
    question: str
    pieces: tuple[Piece, ...]
    reply: str

    @property
    def prompt(self) -> str:
        return PROMPT

    @property
    def blanks(self) -> Mapping[str, str]:
        """What fills the prompt."""
        sources = "\n\n".join(numbered(n, piece.heading, rows_of(piece.text)) for n, piece in enumerate(self.pieces, 1))
        return {"sources": sources, "question": self.question}


Passes = Callable[[str, Sequence[Piece]], bool]
"""Whether the gate passes a sentence on these pieces."""

Trim = Callable[[str, Sequence[Piece], int], Sequence[Piece | None]]
"""Pieces, best first, cut down for a question to so many characters in all; None for one that had no room."""


def rows_of(text: str) -> str:
    """Table rows as our parsers write them: without the bars at both ends."""
    if not text.startswith("|"):
        return text
    return "\n".join(line.removeprefix("|").removesuffix("|").strip() for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes rows of replies; `passes` and `trim` are the service's gate and trimming."""

    passes: Passes
    trim: Trim
    seed: int

    def rows(self, replied: Iterable[Reply]) -> Iterator[Conversation]:
        """All rows that can be made of the replies."""
        for reply in replied:
            random = generator(f"{self.seed}:lora:{reply.exercise.id}")
            if reply.answer:
                yield from self._answered(reply, random)
            else:
                yield from self._unanswerable("unanswerable", reply, reply.exercise.passages, random)

    def _answered(self, reply: Reply, random: Random) -> Iterator[Conversation]:
        shown = self._shown(reply, random)
        if shown is None:
            return
        pieces, text = shown
        yield _row("answer", reply, pieces, text)
        if random.random() < RATES["without_gold"]:
            yield from self._without_gold(reply, random)
        if random.random() < RATES["planted"]:
            yield _row("planted", reply, _with_order(pieces, random), text)
        if random.random() < RATES["versions"]:
            yield from _versions(reply, random)

    def _unanswerable(self, kind: str, reply: Reply, pieces: Sequence[Piece], random: Random) -> Iterator[Conversation]:
        shown = [piece for piece in self._trimmed(reply, pieces, random) if piece]
        if not shown:
            return
        yield _row(kind, reply, shown, NOT_FOUND)
        if random.random() < RATES["planted"]:
            yield _row("planted", reply, _with_order(shown, random), NOT_FOUND)

    def _without_gold(self, reply: Reply, random: Random) -> Iterator[Conversation]:
        """The sources that are not cited, if none of them says what the answer says."""
        cited = {n for said in reply.answer for n in said.cites}
        left = [piece for n, piece in enumerate(reply.exercise.passages, 1) if n not in cited]
        if left and not any(self.passes(said.text, [piece]) for said in reply.answer for piece in left):
            yield from self._unanswerable("without_gold", reply, left, random)

    def _shown(self, reply: Reply, random: Random) -> tuple[tuple[Piece, ...], str] | None:
        """The sources in another order, sometimes without one that is not cited, and the reply with their new numbers;
        None if what is shown does not support the reply."""
        passages = reply.exercise.passages
        cited = {n for said in reply.answer for n in said.cites}
        order = random.sample(range(1, len(passages) + 1), len(passages))
        spare = [n for n in order if n not in cited]
        if spare and len(order) > 2 and random.random() < 0.3:
            order.remove(random.choice(spare))
        trimmed = self._trimmed(reply, [passages[n - 1] for n in order], random)
        shown = {n: piece for n, piece in zip(order, trimmed, strict=True) if piece}
        if not cited <= shown.keys():
            return None
        if not all(self.passes(said.text, [shown[n] for n in said.cites]) for said in reply.answer):
            return None
        return tuple(shown.values()), _reply(reply.answer, {n: new for new, n in enumerate(shown, 1)})

    def _trimmed(self, reply: Reply, pieces: Sequence[Piece], random: Random) -> Sequence[Piece | None]:
        if random.random() >= RATES["trimmed"]:
            return pieces
        return self.trim(reply.exercise.question, pieces, random.choice(BUDGETS))


def preferences(replied: Sequence[Reply], passes: Passes, seed: int) -> Iterator[tuple[Conversation, str]]:
    """(row, a reply that is worse): with an unsupported sentence, a wrong number, or an answer where there is none."""
    for reply in replied:
        random = generator(f"{seed}:preferences:{reply.exercise.id}")
        pieces = reply.exercise.passages
        wrong = [said for said in reply.wrong if not passes(said.text, [pieces[n - 1] for n in said.cites])]
        good = _reply(reply.answer, {n: n for n in range(1, len(pieces) + 1)}) if reply.answer else NOT_FOUND
        same = {n: n for n in range(1, len(pieces) + 1)}
        row = _row("answer" if reply.answer else "unanswerable", reply, pieces, good)
        for said in random.sample(wrong, min(1, len(wrong))):
            others = [*reply.answer[:-1], said] if reply.answer else [said]
            yield row, _reply(others, same)
        if reply.answer and len(pieces) > 1 and random.random() < 0.5:
            yield row, _miscited(reply.answer, len(pieces), random)


def _miscited(answer: Sequence[Written], count: int, random: Random) -> str:
    """The right sentences with the number of a source that they are not from."""
    moved = []
    for said in answer:
        others = [n for n in range(1, count + 1) if n not in said.cites]
        moved.append(replace(said, cites=(random.choice(others),)) if others else said)
    return _reply(moved, {n: n for n in range(1, count + 1)})


def _with_order(pieces: Sequence[Piece], random: Random) -> tuple[Piece, ...]:
    """The pieces with an attacker's instruction in one of them."""
    at = random.randrange(len(pieces))
    bad = replace(pieces[at], text=planted(pieces[at].text, random))
    return (*pieces[:at], bad, *pieces[at + 1 :])


def _versions(reply: Reply, random: Random) -> Iterator[Conversation]:
    """The cited source twice, of two years, with another number in the older one: both are told, the newer first."""
    (said,) = reply.answer if len(reply.answer) == 1 else (None,)
    if said is None or len(said.cites) != 1:
        return
    piece = reply.exercise.passages[said.cites[0] - 1]
    amounts = [amount for amount in _AMOUNT.finditer(said.text) if len(_places(amount[1], piece.text)) == 1]
    if len(amounts) != 1:
        return
    number, unit = amounts[0].groups()
    other = str(int(number) + random.randint(1, 9))
    year = random.randint(2012, 2023)
    heading = piece.heading or "Report"
    new = replace(piece, heading=f"{heading} (version of {year + 1})")
    old = replace(piece, heading=f"{heading} (version of {year})", text=re.sub(_whole(number), other, piece.text))
    pieces = random.sample([new, old], 2)
    at = {piece.heading: n for n, piece in enumerate(pieces, 1)}
    told = [
        f"{said.text.rstrip('.')} [{at[new.heading]}].",
        f"The version of {year} states {other}{unit} [{at[old.heading]}].",
    ]
    yield _row("versions", reply, pieces, " ".join(told))


def _places(number: str, text: str) -> list[str]:
    return re.findall(_whole(number), text)


def _whole(number: str) -> str:
    return rf"(?<![\w.,]){number}(?![\d.,]?\d)"


def _reply(answer: Sequence[Written], numbers: Mapping[int, int]) -> str:
    sentences = []
    for said in answer:
        end = said.text[-1] if said.text[-1] in ".!?" else "."
        markers = "".join(f"[{number}]" for number in sorted(numbers[n] for n in said.cites))
        sentences.append(f"{said.text.rstrip('.!?')} {markers}{end}")
    return " ".join(sentences)


def _row(kind: str, reply: Reply, pieces: Sequence[Piece], text: str) -> Conversation:
    return Conversation(kind, reply.exercise.document, reply.exercise.question, tuple(pieces), text)
