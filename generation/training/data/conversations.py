"""Conversations with sources: a question over numbered sources in exactly the prompt of the service, and the reply.

The replies are short sentences in the words of their sources, with their numbers, or NOT FOUND: those of cited.jsonl.
Most rows show their sources trimmed as the service trims them. From them further kinds are made: sources that lost the
passage with the answer, sources with planted instructions, and two versions of a source that differ. Whatever was done
to the sources of a row, the gate has passed its reply on those that are shown. Pairs hold a worse reply beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from generation.prompts import sources
from generation.training.data.exercises import Piece
from generation.training.data.instructions import planted
from generation.training.data.pairs import generator
from generation.training.data.versions import dated, earlier, other_amount
from generation.training.data.written import Reply, Written
from retrieval.types import ChunkText, Passage

NOT_FOUND = "NOT FOUND"
RATES = {"without_gold": 0.12, "planted": 0.1, "trimmed": 0.8, "miscited": 0.5}
BUDGETS = (400, 500, 600, 900)  # characters over all sources of a trimmed row


@dataclass(frozen=True, slots=True)
class Conversation:
    """`pieces` are the sources in order, `reply` is what the model is to write, `kind` how the row came about."""

    kind: str
    document: str
    question: str
    pieces: tuple[Piece, ...]
    reply: str

    @property
    def blanks(self) -> Mapping[str, str]:
        """What fills `CITED`."""
        passages = [passage_of(marker, piece) for marker, piece in enumerate(self.pieces, 1)]
        return {"sources": sources(passages), "question": self.question}


Passes = Callable[[str, Sequence[Piece]], bool]
"""Whether the gate passes a sentence on these pieces."""

Trim = Callable[[str, Sequence[Piece], int], Sequence[Piece | None]]
"""Pieces, best first, cut down for a question to so many characters in all; None for one that had no room."""


def rows_of(text: str) -> str:
    """Table rows as our parsers write them: without the bars at both ends."""
    if not text.startswith("|"):
        return text
    return "\n".join(line.removeprefix("|").removesuffix("|").strip() for line in text.split("\n"))


def passage_of(marker: int, piece: Piece) -> Passage:
    """The piece as the service's context would hold it."""
    title, *sections = piece.heading.split(" > ")
    text = rows_of(piece.text)
    chunk = ChunkText(
        chunk_id="", document_id=piece.document, version=1, content_sha256="", title=title, source="", ordinal=0,
        start=0, end=len(text), text=text, section_path=tuple(sections), page=None,
    )  # fmt: skip
    return Passage(marker, chunk, text, 0, len(text))


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

    def pairs(self, replied: Iterable[Reply]) -> Iterator[tuple[Conversation, str]]:
        """(row, a reply that is worse). The kind of the row says how: needless (NOT FOUND, though a source answers),
        unsupported, miscited, partial (one of two sentences that rest on different sources), and, where NOT FOUND is
        right, invented (no source answers), lost (the one that did is not shown) or planted (the same with an
        instruction in a source).

        The row's own reply passes on what is shown. Of a worse one at least one sentence does not, unless it is
        needless or partial.
        """
        for reply in replied:
            random = generator(f"{self.seed}:preferences:{reply.exercise.id}")
            pieces, at = self._shown(reply, random)
            told = _numbered(reply.answer, at)
            wrong = [said for said in _numbered(reply.wrong, at) if not supported([said], pieces, self.passes)]
            worse = random.sample(wrong, min(1, len(wrong)))
            if told and supported(told, pieces, self.passes):
                for kind, text in self._worse(told, worse, pieces, random):
                    yield _conversation(kind, reply, pieces, told), text
                yield from self._lost(reply, random)
            elif not reply.answer:
                yield from ((_conversation("invented", reply, pieces, ()), _text([said])) for said in worse)

    def _worse(
        self, told: Sequence[Written], wrong: Sequence[Written], pieces: Sequence[Piece], random: Random
    ) -> Iterator[tuple[str, str]]:
        """(kind, text) of replies that are worse than what is told."""
        yield "needless", NOT_FOUND
        for said in wrong:
            yield "unsupported", _text([*told[:-1], said])
        if random.random() < RATES["miscited"] and (moved := _miscited(told, pieces, self.passes, random)):
            yield "miscited", _text(moved)
        if len(told) == 2 and not {*told[0].cites} & {*told[1].cites}:
            yield "partial", _text([random.choice(told)])

    def _lost(self, reply: Reply, random: Random) -> Iterator[tuple[Conversation, str]]:
        """The answer, cited from what is left of the sources without those that it rests on."""
        for row in self._unanswerable("lost", reply, _left(reply), random):
            said = [replace(said, cites=(random.randint(1, len(row.pieces)),)) for said in reply.answer]
            yield row, _text(said)

    def _answered(self, reply: Reply, random: Random) -> Iterator[Conversation]:
        pieces, at = self._shown(reply, random)
        told = _numbered(reply.answer, at)
        answered = [*self._row("answer", reply, pieces, told)] if told else []
        if not answered:
            return
        yield from answered
        if random.random() < RATES["without_gold"]:
            yield from self._unanswerable("without_gold", reply, _left(reply), random)
        if random.random() < RATES["planted"]:
            yield from self._row("planted", reply, _with_order(pieces, random), told)
        yield from self._versions(reply, random)

    def _unanswerable(self, kind: str, reply: Reply, pieces: Sequence[Piece], random: Random) -> Iterator[Conversation]:
        shown = [piece for piece in self._trimmed(reply, pieces, random) if piece]
        if not shown:
            return
        yield from self._row(kind, reply, shown, ())
        if random.random() < RATES["planted"]:
            yield from self._row("planted", reply, _with_order(shown, random), ())

    def _row(self, kind: str, reply: Reply, pieces: Sequence[Piece], told: Sequence[Written]) -> Iterator[Conversation]:
        """The row that tells this on these pieces, if the gate passes each sentence on what it cites; or that tells
        nothing, if no piece says what the answer says."""
        if told:
            right = supported(told, pieces, self.passes)
        else:
            right = not any(self.passes(said.text, [piece]) for said in reply.answer for piece in pieces)
        if right:
            yield _conversation(kind, reply, pieces, told)

    def _shown(self, reply: Reply, random: Random) -> tuple[Sequence[Piece], Mapping[int, int]]:
        """The sources in another order, sometimes without one that is not cited, and their new numbers by the old
        ones; nothing if a source that the answer cites is not shown."""
        passages = reply.exercise.passages
        cited = _cited(reply)
        order = random.sample(range(1, len(passages) + 1), len(passages))
        spare = [n for n in order if n not in cited]
        if spare and len(order) > 2 and random.random() < 0.3:
            order.remove(random.choice(spare))
        trimmed = self._trimmed(reply, [passages[n - 1] for n in order], random)
        shown = {n: piece for n, piece in zip(order, trimmed, strict=True) if piece}
        if not cited <= shown.keys():
            return (), {}
        return tuple(shown.values()), {n: new for new, n in enumerate(shown, 1)}

    def _trimmed(self, reply: Reply, pieces: Sequence[Piece], random: Random) -> Sequence[Piece | None]:
        if random.random() >= RATES["trimmed"]:
            return pieces
        return self.trim(reply.exercise.question, pieces, random.choice(BUDGETS))

    def _versions(self, reply: Reply, random: Random) -> Iterator[Conversation]:
        """The cited source twice, as of two years, with another amount in the older one: both are told, the newer
        first. The service shows a title and headings over a text, so each year stands in its text."""
        (said,) = reply.answer if len(reply.answer) == 1 else (None,)
        if said is None or len(said.cites) != 1:
            return
        piece = reply.exercise.passages[said.cites[0] - 1]
        changed = other_amount(said.text, piece.text, random)
        if changed is None:
            return
        before, old_text = changed
        year = random.randint(2012, 2022)
        new_text, old_text = dated(piece.text, old_text, year, random)
        new, old = replace(piece, text=new_text), replace(piece, text=old_text)
        then = earlier(before, year, piece.text)
        if self.passes(said.text, [old]) or self.passes(then, [new]):
            return
        pieces = random.sample([new, old], 2)
        at = {shown.text: n for n, shown in enumerate(pieces, 1)}
        told = [Written(said.text, (at[new_text],)), Written(then, (at[old_text],))]
        yield from self._row("versions", reply, pieces, told)


def supported(told: Sequence[Written], pieces: Sequence[Piece], passes: Passes) -> bool:
    """Whether each sentence passes on the pieces that it cites."""
    return all(passes(said.text, [pieces[n - 1] for n in said.cites]) for said in told)


def _cited(reply: Reply) -> set[int]:
    return {n for said in reply.answer for n in said.cites}


def _left(reply: Reply) -> list[Piece]:
    """The sources that the answer does not rest on."""
    cited = _cited(reply)
    return [piece for n, piece in enumerate(reply.exercise.passages, 1) if n not in cited]


def _numbered(said: Sequence[Written], at: Mapping[int, int]) -> list[Written]:
    """With new numbers; without sentences that cite what has none."""
    shown = [one for one in said if {*one.cites} <= at.keys()]
    return [replace(one, cites=tuple(at[n] for n in one.cites)) for one in shown]


def _miscited(
    answer: Sequence[Written], pieces: Sequence[Piece], passes: Passes, random: Random
) -> list[Written] | None:
    """The right sentences with the number of a source that does not support them; None if there is no such source."""
    moved = []
    for said in answer:
        others = [n for n in range(1, len(pieces) + 1) if n not in said.cites]
        silent = (n for n in random.sample(others, len(others)) if not passes(said.text, [pieces[n - 1]]))
        moved.append(replace(said, cites=tuple(islice(silent, 1)) or said.cites))
    return moved if moved != list(answer) else None


def _with_order(pieces: Sequence[Piece], random: Random) -> tuple[Piece, ...]:
    """The pieces with an attacker's instruction in one of them."""
    at = random.randrange(len(pieces))
    bad = replace(pieces[at], text=planted(pieces[at].text, random))
    return (*pieces[:at], bad, *pieces[at + 1 :])


def _conversation(kind: str, reply: Reply, pieces: Sequence[Piece], told: Sequence[Written]) -> Conversation:
    text = _text(told) or NOT_FOUND
    return Conversation(kind, reply.exercise.document, reply.exercise.question, tuple(pieces), text)


def _text(told: Sequence[Written]) -> str:
    """The sentences with their markers before the full stop."""
    sentences = []
    for said in told:
        end = said.text[-1] if said.text[-1] in ".!?" else "."
        markers = "".join(f"[{number}]" for number in sorted(said.cites))
        sentences.append(f"{said.text.rstrip('.!?')} {markers}{end}")
    return " ".join(sentences)
