"""The gate as a library: what any system wrote, held against the texts that it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from generation.gate.claims import SentenceStream
from generation.gate.own_loop import OwnLoop
from generation.gate.sources import Source, Texts, listed, shown
from generation.protocols import Gate
from generation.types import Decision, Evidence, Stage, Verdict

_UNSAID = "the evidence does not say this"  # where a language model gave no reason


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a sentence rests on: `text == evidence[index].text[start:end]`, in characters.

    `index` counts the texts given as evidence from 0, `id` is the source's own.
    """

    index: int
    id: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence as `answer[start:end]`, and what the gate found.

    `text` are its words without markers and list signs; `support`, in [0, 1], is that of its weakest claim; `stage`
    decided, and `reason` says for people why it failed. `quotes` is empty unless it passed; `moved`: they are of other
    texts than the sentence's markers name.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    support: float
    stage: Stage
    reason: str = ""
    quotes: tuple[Quote, ...] = ()
    moved: bool = False

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.ENTAILED


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """All sentences of an answer, in order."""

    sentences: tuple[CheckedSentence, ...]

    @property
    def supported(self) -> str:
        """The answer as it may ship: the sentences that passed, without markers; "" if none did."""
        return " ".join(sentence.text for sentence in self.sentences if sentence.passed)

    @property
    def faithful(self) -> bool:
        """Whether it says something, and every sentence passed."""
        return bool(self.sentences) and all(sentence.passed for sentence in self.sentences)


class FaithfulnessGate:
    """Holds sentences against given texts with a `Gate`. Thread-safe.

    Evidence is one text, or several as `str` or `Source`; a sentence may name them by markers, [1] for the first. With
    a `question` the sentence that opens the answer has to answer it. Every method has an `async` twin; both run in an
    event loop of the gate's own. All raise `GenerationError` where a language model that judges is gone.
    """

    def __init__(self, gate: Gate) -> None:
        self.name = gate.name
        self._gate = gate
        self._loop = OwnLoop()

    def check(self, sentence: str, evidence: Texts, *, question: str = "", before: str = "") -> CheckedSentence:
        """One sentence. `before` is the one before it, from which pronouns are resolved; without it the sentence
        opens the answer."""
        return self._loop.run(self._one(sentence, evidence, question, before))

    async def acheck(self, sentence: str, evidence: Texts, *, question: str = "", before: str = "") -> CheckedSentence:
        return await self._loop.run_async(self._one(sentence, evidence, question, before))

    def check_answer(self, answer: str, evidence: Texts, *, question: str = "") -> CheckedAnswer:
        """Every sentence of an answer, as the service does: pronouns are those of the last sentence that passed, and
        the first that passes opens the answer."""
        return self._loop.run(self._all(answer, evidence, question))

    async def acheck_answer(self, answer: str, evidence: Texts, *, question: str = "") -> CheckedAnswer:
        return await self._loop.run_async(self._all(answer, evidence, question))

    def close(self) -> None:
        """Ends its thread; it is started again where it is asked again."""
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def _one(self, sentence: str, evidence: Texts, question: str, before: str) -> CheckedSentence:
        return await self._checked(sentence, 0, listed(evidence), question, before)

    async def _all(self, answer: str, evidence: Texts, question: str) -> CheckedAnswer:
        sources, before = listed(evidence), ""
        found: list[CheckedSentence] = []
        for start, sentence in _sentences(answer):
            found.append(await self._checked(sentence, start, sources, question, before))
            before = found[-1].text if found[-1].passed else before
        return CheckedAnswer(tuple(found))

    async def _checked(
        self, sentence: str, start: int, sources: Sequence[Source], question: str, before: str
    ) -> CheckedSentence:
        context, documents = shown(sources)
        opening = bool(question.strip()) and not before
        decision = await self._gate.check(sentence, context, documents, question, opening=opening, before=before)
        return _told(decision, start, start + len(sentence), sources)


def _told(decision: Decision, start: int, end: int, sources: Sequence[Source]) -> CheckedSentence:
    judgement = decision.judgement
    return CheckedSentence(
        text=decision.text,
        start=start,
        end=end,
        verdict=judgement.verdict,
        support=judgement.support,
        stage=judgement.stage,
        reason=judgement.reason or ("" if judgement.passed else _UNSAID),
        quotes=tuple(_quote(item, sources) for item in decision.evidence),
        moved=decision.moved,
    )


def _quote(item: Evidence, sources: Sequence[Source]) -> Quote:
    index, first = item.passage.marker - 1, item.passage.start
    return Quote(index, sources[index].id, item.start - first, item.end - first, item.quote)


def _sentences(answer: str) -> Iterator[tuple[int, str]]:
    """Where each sentence of an answer begins, and the sentence with its markers."""
    stream, end = SentenceStream(), 0
    for sentence in (*stream.feed(answer), *stream.finish()):
        start = answer.index(sentence, end)
        end = start + len(sentence)
        yield start, sentence
