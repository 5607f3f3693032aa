"""One question out of one passage: drafted by the language model for a fact of it, kept if every check lets it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from importlib.resources import files

from evals.suites.questions.checks import Draft, needs_a_name, problem
from evals.suites.questions.desks import Desk
from evals.suites.questions.facts import Fact, FactKind, facts, spellings
from evals.suites.questions.naming import named, named_question
from evals.suites.questions.rivals import answering, rivals
from evals.systems.question_desk import Document
from evals.types import Kind
from generation.gate.claims import sentence_spans
from generation.prompts import Prompt, parse_prompt
from retrieval.text.tables import BAR, header_above
from retrieval.types import ChunkText, SearchResult

_MOST_TOKENS = 60
_MOST_SHOWN = 1200  # characters
_SHORTEST = 80  # of a passage


class Dropped(Exception):
    """Why there is no question, and the one that was drafted, if it came so far."""

    def __init__(self, why: str, question: str = "") -> None:
        super().__init__(why)
        self.question = question


@dataclass(frozen=True, slots=True)
class Made:
    """A question that passed. `plain`: without the words that name its document, which are `named`; `rank`: of the
    passage among the hits, None where it is not among them: told, and nothing is dropped for it."""

    question: str
    plain: str
    named: str
    kind: Kind
    document: Document
    chunk: ChunkText
    fact: Fact
    rank: int | None

    @property
    def answer(self) -> str:
        return self.fact.of(self.chunk.text)

    @property
    def heading(self) -> str:
        return " ".join((self.document.title, *self.chunk.section_path))

    @property
    def gold(self) -> str:
        return self.fact.sentence(self.chunk.text)


def prompt() -> Prompt:
    return parse_prompt("question", files(__package__).joinpath("question.md").read_bytes())


def usable(chunk: ChunkText) -> bool:
    return len(chunk.text) >= _SHORTEST and bool(facts(chunk.text))


def made(desk: Desk, document: Document, chunk: ChunkText) -> Made:
    """Raises `Dropped`, and `GenerationError`."""
    fact = _drawn(chunk)
    question = drafted(desk, document, chunk, fact)
    kind = Kind.TABLE if BAR in fact.sentence(chunk.text) else Kind.ANSWERABLE
    one = Made(question, question, "", kind, document, chunk, fact, None)
    try:
        return _passed(desk, one)
    except Dropped as error:
        raise Dropped(str(error), question) from error


def _passed(desk: Desk, one: Made) -> Made:
    """Cheapest check first."""
    _well_put(one)
    one, found = _standing_alone(desk, one)
    _well_put(one)
    _held_up(desk, one)
    _alone_to_answer(desk, one, found)
    hits = [hit.chunk.chunk_id for hit in found.hits]
    return replace(one, rank=hits.index(one.chunk.chunk_id) + 1 if one.chunk.chunk_id in hits else None)


def _well_put(one: Made) -> None:
    if why := problem(Draft(one.question, spellings(one.answer), one.gold, one.heading, one.named)):
        raise Dropped(why)


def drafted(desk: Desk, document: Document, chunk: ChunkText, fact: Fact) -> str:
    messages = prompt().messages(
        title=document.title, section=" > ".join(chunk.section_path) or "-", text=around(chunk, fact),
        answer=fact.of(chunk.text),
    )  # fmt: skip
    first, *_ = desk.write(messages, _MOST_TOKENS).strip().splitlines() or [""]
    return first.strip().removeprefix("Question:").strip()


def around(chunk: ChunkText, fact: Fact) -> str:
    """The sentence of the fact with the one before and the one after it; of a table its row under the header."""
    gold = fact.sentence(chunk.text)
    if BAR in gold:
        header = header_above(chunk.text, fact.gold[0], chunk.table_header)
        return "\n".join(dict.fromkeys(part for part in (header, gold) if part))
    spans = sentence_spans(chunk.text)
    at = spans.index(fact.gold)
    near = spans[max(at - 1, 0) : at + 2]
    return chunk.text[near[0][0] : near[-1][1]][:_MOST_SHOWN]


def _drawn(chunk: ChunkText) -> Fact:
    """One of the passage's facts, by the passage's id; who must do something where there is nothing else."""
    found = facts(chunk.text)
    told = [fact for fact in found if fact.kind is not FactKind.WHO] or found
    if not told:
        raise Dropped("no fact to ask for")
    return min(told, key=lambda fact: digest(f"{chunk.chunk_id}{fact.start}"))


def _standing_alone(desk: Desk, one: Made) -> tuple[Made, SearchResult]:
    """With the name of its document where it needs one, or where another document would answer it, too."""
    found = desk.search(one.question)
    if named(found, one.document.id):
        return one, found
    others = [
        rival for rival in rivals(desk, one.question, found, one.fact.kind, one.gold)
        if rival.chunk.document_id != one.document.id
    ]  # fmt: skip
    if not others and not needs_a_name(one.question, one.heading):
        return one, found
    again = named_question(desk, one.question, one.document)
    if again is None:
        raise Dropped("cannot be told from other documents")
    question, reference, found = again
    return replace(one, question=question, named=reference), found


def _held_up(desk: Desk, one: Made) -> None:
    """The gate: the gold sentence answers, and so does the fact alone, better than another of its kind beside it."""
    if not desk.check(one.gold, one.chunk, one.question).judgement.passed:
        raise Dropped("the passage does not answer it")
    said = desk.check(as_reply(one.answer), one.chunk, one.question).judgement
    if not said.passed:
        raise Dropped("the fact is not the answer")
    text = one.chunk.text
    beside = [fact for fact in facts(text) if fact.kind is one.fact.kind and fact.gold == one.fact.gold]
    for other in beside:
        if other.of(text) == one.answer:
            continue
        judged = desk.check(as_reply(other.of(text)), one.chunk, one.question).judgement
        if judged.passed and judged.support >= said.support:
            raise Dropped("another fact beside it answers as well")


def _alone_to_answer(desk: Desk, one: Made, found: SearchResult) -> None:
    """No other passage that it may be asked of answers. Of other documents those count only where it names none."""
    only = one.document.id if one.named or named(found, one.document.id) else ""
    others = rivals(desk, one.question, found, one.fact.kind, one.gold)
    rival = answering(desk, one.question, [r for r in others if not only or r.chunk.document_id == only])
    if rival is not None:
        raise Dropped("another passage answers it, too")


def as_reply(fact: str) -> str:
    return f"{fact[:1].upper()}{fact[1:]}."


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
