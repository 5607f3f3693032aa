"""The answer as it grows, part of the question by part: a quotation that answers, then what the model writes, each
sentence through the gate.

Read `Drafting.drafts` first, then the stages below it, in their order. Every stage yields the draft as it has become.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from generation.answering.conflicts import Source, at_odds, differing
from generation.answering.guarding import kept_back
from generation.answering.replies import statements
from generation.answering.run import Draft, Opening, Part, Reply, Retrieved
from generation.answering.shipping import ship
from generation.answering.strictness import OTHERWISE, doubt
from generation.answering.turns import Turns, failed, heard
from generation.errors import GenerationError
from generation.gate.claims import claim_text, markers
from generation.gate.quoting import opening
from generation.prompts import sources
from generation.protocols import Gate, Selector, VersionText
from generation.types import Decision, Evidence, Fate, Judgement, Note, Origin, Stage, Verdict

_LEAST_TOKENS, _LEAST_SENTENCES = 80, 2  # of a part of a question
# Where a sentence fails that lacks no figure.
_DOUBTED = frozenset({Stage.JUDGE, Stage.SECOND, Stage.RELEVANCE, Stage.STRICTNESS})
_CUT_OFF = Judgement(Verdict.NEUTRAL, 0.0, Stage.LENGTH, "cut off by the token limit or in a loop")


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """`max_tokens` to generate, `max_sentences` of these to look at, `passages_searched` hits that the context is built
    from; `quote_from`: how surely a sentence of the context has to answer, in [0, 1], to open the answer in its own
    words."""

    max_tokens: int = 200
    max_sentences: int = 5
    passages_searched: int = 8
    quote_from: float = 1.0

    def share(self, parts: int) -> tuple[int, int]:
        """Tokens and sentences for each of so many parts of a question, which are short."""
        if parts == 1:
            return self.max_tokens, self.max_sentences
        return max(_LEAST_TOKENS, self.max_tokens // parts), max(_LEAST_SENTENCES, self.max_sentences // parts)


@dataclass(frozen=True, slots=True)
class Drafting:
    """Who drafts and who checks. Without a `selector` no answer opens with a quotation."""

    turns: Turns
    gate: Gate
    versions: VersionText
    options: AnswerOptions
    selector: Selector | None

    async def drafts(self, found: Retrieved, draft: Draft) -> AsyncGenerator[Draft, None]:
        """The answer as it grows, part of the question by part: the sentence of the context that answers, where the
        selector is sure of one, and what the chosen model writes and the gate passes. If all that is nothing, what a
        larger tier writes, which may try once."""
        steps = [partial(step, found, part) for part in found.parts for step in (self._quoted, self._written)]
        async with aclosing(_grown(draft, steps)) as drafts:
            async for draft in drafts:
                yield draft
        if again := self.turns.second(draft):
            yield (draft := again)
            steps = [partial(self._written, found, part) for part in found.parts]
            try:
                async with aclosing(_grown(draft, steps)) as drafts:
                    async for draft in drafts:
                        yield draft
            except GenerationError as error:
                if draft.sentences:
                    raise
                draft = failed(draft, error.code)  # the first try's abstention stands
        async with aclosing(_grown(draft, [partial(self._instead, found, part) for part in found.parts])) as drafts:
            async for draft in drafts:
                yield draft
        yield draft.at("written", found.asked.elapsed())

    async def _quoted(self, found: Retrieved, part: Part, draft: Draft) -> AsyncGenerator[Draft, None]:
        """The sentence of the context that answers, where the selector is sure of one and the gate agrees."""
        selector = self.selector
        quotation = opening(part.context, found.documents) if selector else None
        if selector is None or quotation is None:
            return
        heading = quotation.source.passage.chunk.heading
        sure = await asyncio.to_thread(selector.answers, part.question, quotation.text, heading)
        if sure < self.options.quote_from:
            doubt = Judgement(Verdict.NEUTRAL, sure, Stage.SELECTOR, "does not surely answer the question")
            yield draft.opening(Opening(part.number, quotation, doubt)).stepped(
                Origin.OPEN, Fate.WITHHELD, part.number, doubt
            )
            return
        decision = await self._decided(found, part, draft, quotation.cited, opening=True)
        draft, judgement = await self._shipped(found, part, draft.checked(decision), decision, Note.QUOTED)
        fate = Fate.SHIPPED if judgement.passed else Fate.WITHHELD
        draft = draft.opening(Opening(part.number, quotation, judgement))
        draft = draft.stepped(Origin.OPEN, fate, part.number, judgement)
        yield draft
        if judgement.passed:
            yield await self._contradicted(found, part, draft, decision)

    async def _written(self, found: Retrieved, part: Part, draft: Draft) -> AsyncGenerator[Draft, None]:
        """What the model whose turn it is writes from the part's passages, sentence by sentence through the gate."""
        if not part.context.passages:
            return
        model, prompt = self.turns.writer(draft)
        tokens, sentences = self.options.share(len(found.parts))
        messages = prompt.messages(sources=sources(found.guard.shown(part.context.passages)), question=part.question)
        draft = replace(draft, replies=(*draft.replies, Reply()))
        reply = model.stream(messages, max_tokens=tokens, stop=("\nQuestion:",), cache_salt=found.result.snapshot)
        async with aclosing(statements(reply, sentences)) as read:
            async for piece in read:
                if piece.delta:
                    draft = heard(draft, piece.delta).at("first_token", found.asked.elapsed())
                    yield draft
                for sentence in piece.sentences:
                    text = claim_text(sentence)
                    if draft.says(text, part.number):  # nothing is lost, even if it is cut off in a loop
                        continue
                    if piece.cut:
                        draft = draft.without(text, _CUT_OFF, part.number)
                        draft = draft.stepped(Origin.WROTE, Fate.WITHHELD, part.number, _CUT_OFF, markers(sentence))
                        yield draft
                        continue
                    draft, decision = await self._gated(found, part, draft, sentence)
                    yield draft
                    if decision:
                        yield (draft := await self._contradicted(found, part, draft, decision))

    async def _instead(self, found: Retrieved, part: Part, draft: Draft) -> AsyncGenerator[Draft, None]:
        """Of a part that nothing has answered: what a sentence that failed was drawn from, in the source's own words,
        if that answers."""
        if part.number in draft.answered:
            return
        for item in [one for one in draft.failed if one.part == part.number and one.judgement.stage in _DOUBTED]:
            said = await self.gate.instead(item.text, found.guard.judged(part.context), found.documents, part.question)
            if said is None or draft.says(said.text, part.number):
                continue
            said = self._kept_back(found, part, draft, said)
            draft, judgement = await self._shipped(found, part, draft.checked(said), said, Note.QUOTED)
            if judgement.passed:
                draft = draft.instead(item).stepped(Origin.INSTEAD, Fate.SHIPPED, part.number, judgement)
                yield draft
                yield await self._contradicted(found, part, draft, said)
                return

    async def _gated(self, found: Retrieved, part: Part, draft: Draft, sentence: str) -> tuple[Draft, Decision | None]:
        """The draft with the sentence shipped, and by which decision; or with it withheld, or left out since the reader
        has it already, and None."""
        decision = await self._decided(found, part, draft, sentence, opening=part.number not in draft.opened)
        draft, opened = draft.checked(decision), draft.opened | {part.number}
        named = markers(sentence)
        if decision.judgement.passed and draft.repeats(decision):
            draft = replace(draft, opened=opened, left_out=(*draft.left_out, decision.text))
            return draft.stepped(Origin.WROTE, Fate.LEFT_OUT, part.number, decision.judgement, named), None
        note = Note.MOVED if decision.moved else Note.NONE
        draft, judgement = await self._shipped(found, part, draft, decision, note)
        if not judgement.passed:
            draft = draft.without(decision.text, judgement, part.number)
            return draft.stepped(Origin.WROTE, Fate.WITHHELD, part.number, judgement, named), None
        draft = replace(draft, opened=opened)
        return draft.stepped(Origin.WROTE, Fate.SHIPPED, part.number, judgement, named), decision

    async def _decided(self, found: Retrieved, part: Part, draft: Draft, sentence: str, *, opening: bool) -> Decision:
        decision = await self.gate.check(
            sentence,
            found.guard.judged(part.context),
            found.documents,
            part.question,
            opening=opening,
            before=draft.before(part.number),
        )
        return self._kept_back(found, part, draft, decision)

    def _kept_back(self, found: Retrieved, part: Part, draft: Draft, decision: Decision) -> Decision:
        return kept_back(decision, found.guard, part.context, self.turns.writer(draft)[1].fixed[0].content)

    async def _shipped(
        self, found: Retrieved, part: Part, draft: Draft, decision: Decision, note: Note
    ) -> tuple[Draft, Judgement]:
        """As `ship`; of a strict answer only what leaves nothing to doubt."""
        longer, judgement = ship(found, draft, decision, part.number, note)
        strict = found.asked.strict
        if strict is None or not judgement.passed:
            return longer, judgement
        reason = doubt(strict, longer.sentences[-1])
        if not reason and await self._opposed(found, part, decision):
            reason = OTHERWISE
        check = (Stage.STRICTNESS, bool(reason))
        if not reason:
            return replace(longer, checks=(*longer.checks, check)), judgement
        withheld = Judgement(Verdict.NEUTRAL, judgement.support, Stage.STRICTNESS, reason)
        return replace(draft, checks=(*draft.checks, check)), withheld

    async def _opposed(self, found: Retrieved, part: Part, decision: Decision) -> tuple[Evidence, Evidence] | None:
        """The span that it rests on, and what another source says against it."""
        other = await self.gate.conflict(decision, part.context)
        said = at_odds(decision.evidence, other) if other else None
        return None if other is None or said is None or found.guard.sure(other) else (said, other)

    async def _contradicted(self, found: Retrieved, part: Part, draft: Draft, decision: Decision) -> Draft:
        """After a shipped sentence: with a sentence that says so if another source contradicts it, once for each pair
        of documents. Of a strict answer nothing has shipped that is contradicted."""
        sides = None if found.asked.strict else await self._opposed(found, part, decision)
        if sides is None:
            return draft
        said, other = sides
        pair = frozenset(evidence.passage.chunk.document_id for evidence in (said, other))
        if pair in draft.differing:
            return draft
        told = differing(await self._dated(found, said), await self._dated(found, other))
        draft = replace(draft, differing=draft.differing | {pair})
        draft, judgement = ship(found, draft, told, part.number, Note.CONFLICT)
        return draft.stepped(Origin.ODDS, Fate.SHIPPED, part.number, judgement) if judgement.passed else draft

    async def _dated(self, found: Retrieved, evidence: Evidence) -> Source:
        chunk = evidence.passage.chunk
        day = await self.versions.day(chunk.document_id, chunk.version, found.asked.principal)
        return Source(evidence, day, found.rank(evidence.passage))


async def _grown(
    draft: Draft, steps: Sequence[Callable[[Draft], AsyncGenerator[Draft, None]]]
) -> AsyncGenerator[Draft, None]:
    """The draft as one step after another makes more of it."""
    for step in steps:
        async with aclosing(step(draft)) as drafts:
            async for draft in drafts:
                yield draft
