"""The heart of the gate, without any LLM: a sentence's claims, each held against the spans that may bear it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generation.gate.evidence import covering, framed, spans, wide
from generation.gate.figures import missing
from generation.gate.naming import unnamed
from generation.gate.particulars.roles import in_its_words
from generation.gate.splitting.split import split_claims
from generation.protocols import EntailmentModel
from generation.types import Entailment, Judgement, Limits, Stage, Verdict

_UNASKED = Entailment(0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one claim came to: the judgement, which of the spans given it rests on (or came closest), and what the judge
    found there for the claim as it was put to it, if it was asked."""

    judgement: Judgement
    at: int
    found: Entailment = _UNASKED
    claim: str = ""


class Checker:
    """Holds claims against spans: figures first, then the judge. Thread-safe."""

    def __init__(self, model: EntailmentModel, limits: Limits) -> None:
        self.model = model
        self.limits = limits

    def check(self, sentence: str, evidence: str, *, before: str = "", around: str = "") -> Judgement:
        """The judgement on a sentence against a plain text: that of its weakest claim.

        `before` is the sentence before it (for its pronouns), `around` the rest of the document (for its names).
        A support in the grey zone is not enough here, where no second judge is at hand.
        """
        claims = split_claims(sentence, before)
        if not claims:
            return Judgement(Verdict.NEUTRAL, 0.0, Stage.MARKER, "states nothing that could be checked")
        around = around or evidence
        tried = ((claim, texts(claim, evidence)) for claim in claims)
        return weakest(self.weigh(claim, spans, around, [around] * len(spans)).judgement for claim, spans in tried)

    def support(self, sentence: str, evidence: str, *, before: str = "") -> float:
        """The judge's support alone, without the figures stage: the weakest claim's best span."""
        claims = split_claims(sentence, before)
        pairs = ([(text, claim) for text in texts(claim, evidence)] for claim in claims)
        return min((self._judged(tried)[1].entailed for tried in pairs), default=0.0)

    def weigh(self, claim: str, texts: Sequence[str], around: str, documents: Sequence[str]) -> Finding:
        """The first of `texts` that entails the claim, else the one that comes closest. `texts` is not empty.

        `around` is all of the documents that they are taken from; `documents` says of each text its one document, ""
        if it is taken from several.

        Names are sought in the whole document; the judge then reads "this Agreement" for an agreement so named, and
        parties called as the span calls them.
        """
        lacking = [missing(claim, text, around) for text in texts]
        sound = [i for i, lacks in enumerate(lacking) if not lacks]
        if not sound:
            least = min(range(len(texts)), key=lambda i: (len(lacking[i]), i))
            reason = f"not in the evidence: {', '.join(lacking[least])}"
            return Finding(Judgement(Verdict.NEUTRAL, 0.0, Stage.FIGURES, reason), least)
        plain = unnamed(claim)
        pairs = [(texts[i], in_its_words(plain, texts[i], documents[i])) for i in sound]
        best, found = self._judged(pairs)
        return Finding(_judgement(found, self.limits), sound[best], found, pairs[best][1])

    def _judged(self, pairs: Sequence[tuple[str, str]]) -> tuple[int, Entailment]:
        """Which pair of evidence and claim is entailed first or most, and how much."""
        best, found = 0, Entailment(-1.0, 0.0, 0.0)
        for i, (text, claim) in enumerate(pairs):
            entailment = self.model.entailment(text, claim)
            if entailment.entailed > found.entailed:
                best, found = i, entailment
            if found.entailed >= self.limits.ship:
                break
        return best, found


def weakest(judgements: Iterable[Judgement]) -> Judgement:
    """The judgement that decides on a sentence: a failed one before a passed one, then the lowest support."""
    return min(judgements, key=lambda judgement: (judgement.passed, judgement.support))


def _judgement(found: Entailment, limits: Limits) -> Judgement:
    if found.entailed >= limits.ship:
        return Judgement(Verdict.ENTAILED, found.entailed, Stage.JUDGE)
    if found.contradicted >= limits.conflict:
        return Judgement(Verdict.CONTRADICTED, found.entailed, Stage.JUDGE, "the evidence says otherwise")
    return Judgement(Verdict.NEUTRAL, found.entailed, Stage.JUDGE, "the evidence does not say this")


def texts(claim: str, evidence: str) -> list[str]:
    """What of a plain text the claim is held against: its likeliest windows, sentences from several places together,
    and the likeliest window with its surroundings."""
    windows = [framed(evidence, start, evidence[start:end]) for start, end in spans(claim, evidence)]
    spread = [framed(evidence, start, evidence[start:end]) for _, start, end in covering(claim, [evidence])]
    grown = wide(claim, evidence)
    further = ["\n".join(spread) if spread else "", evidence[slice(*grown)] if grown else ""]
    return [*windows, *(text for text in further if text)] or [evidence]
