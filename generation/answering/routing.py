"""Which of several language models answers a question: one that may read what was found, the smallest that will do."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from generation.errors import NoPermittedTier
from generation.prompts import Prompt
from generation.protocols import ChatModel
from generation.types import Permits, Status, Usage, Version
from ingest.types import admits
from retrieval.text.tables import BAR
from retrieval.types import EVERYONE, Context, Passage, SearchResult, principal_token

EVERYTHING = frozenset({"*"})  # reads whatever the asker may read
OPEN = frozenset[str]()  # reads what everyone in the organisation may read, and nothing else

_PER_TOKENS = 1_000_000


class Reason(StrEnum):
    """Why a question is hard; or, of a second try, what became of the first."""

    PARTS = "parts"  # several questions in one
    COMPARE = "compare"
    CALCULATE = "calculate"
    SUMMARISE = "summarise"
    UNSURE = "unsure"  # the reranker takes no passage for an answer
    DOCUMENTS = "documents"  # the passages are from many documents
    TABLE = "table"  # a passage is of a table
    REFUSED = "refused"  # the model wrote nothing that could be checked
    WITHHELD = "withheld"  # the gate kept back all that it wrote


def _said(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_ASKED = {
    Reason.COMPARE: _said(
        r"compar(?:e|es|ed|ing|isons?)",
        r"differ(?:s|ed|ences?)?",
        r"different(?:ly)? (?:from|to|than)",
        r"contrast|versus|vs",
    ),
    Reason.CALCULATE: _said(
        r"calculat(?:e|ing|ion)|compute|work out|adds? up|altogether|combined|in total|on average",
        r"(?:sum|total|average) of",
        r"by how (?:much|many)",
        r"how (?:much|many) (?:more|less|fewer|longer|higher|lower)",
    ),
    Reason.SUMMARISE: _said(r"summar(?:y|ies|i[sz]e[sd]?|i[sz]ing)", r"overview|outline|(?:main|key) points"),
}


@dataclass(frozen=True, slots=True)
class Tier:
    """A language model and what it may read.

    `sees`: principals, such as "group:partners", on whose behalf it reads: like a person in these groups it reads what
    is open to everyone and what a label opens to one of them. `EVERYTHING` is not narrowed at all. Costs are in
    currency units per million tokens. `prompt`: what the model is told, None for the service's own. Raises
    `ValueError` or `InvalidPrincipal`.
    """

    name: str
    model: ChatModel
    cost_in: float = 0.0
    cost_out: float = 0.0
    sees: frozenset[str] = OPEN
    prompt: Prompt | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("A tier has no name: give it one.")
        for cost in (self.cost_in, self.cost_out):
            if not (math.isfinite(cost) and cost >= 0):
                raise ValueError(f"Tier {self.name!r}: a cost of {cost} is not possible: write 0 or more.")
        for token in self.sees if self.sees != EVERYTHING else ():
            principal_token(token)

    def may_read(self, labels: Sequence[frozenset[str]]) -> bool:
        """Whether each of a version's labels lets this tier in; no labels let nobody in."""
        if self.sees == EVERYTHING:
            return True
        return bool(labels) and all(admits(label, self.sees | {EVERYONE}) for label in labels)


@dataclass(frozen=True, slots=True)
class RouterOptions:
    """`unsure_below`: a question is hard if the reranker's best logit for a passage is below it. `most_documents`: as
    it is if the passages come from more documents than this. `second_try`: whether a larger tier may try where
    nothing could be shipped; such a question then takes the time of both."""

    unsure_below: float = 0.0
    most_documents: int = 2
    second_try: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The tier for a question, why, and which tiers may read its passages, small to large; `asdict` for the record.

    No reason means an easy question. `before`: on a second try, the tier that tried first.
    """

    tier: str
    reasons: tuple[Reason, ...]
    permitted: tuple[str, ...]
    cost_in: float
    cost_out: float
    before: str = ""

    def cost(self, usage: Usage) -> float:
        """Of this tier's reply alone, in currency units."""
        return (usage.prompt_tokens * self.cost_in + usage.completion_tokens * self.cost_out) / _PER_TOKENS


class Router:
    """Chooses among tiers, given from small to large. Depends on the question and on what its asker may read only:
    the context, its labels and the scores of its hits. Raises `ValueError` if no tier is given, or a name twice."""

    def __init__(self, tiers: Sequence[Tier], options: RouterOptions | None = None) -> None:
        self._tiers = {tier.name: tier for tier in tiers}
        if not tiers or len(self._tiers) < len(tiers):
            raise ValueError("Give at least one tier, and each a name of its own.")
        self._options = options or RouterOptions()

    def tier(self, choice: Choice) -> Tier:
        return self._tiers[choice.tier]

    def choose(self, found: SearchResult, context: Context, permits: Permits) -> Choice:
        """Of the tiers that may read every passage: the largest for a hard question, else the smallest.

        `permits`: of `versions(context)`; one that is missing is read by tiers that see everything only. Raises
        `NoPermittedTier`.
        """
        labels = [permits.get(_version(passage), ()) for passage in context.passages]
        permitted = [tier for tier in self._tiers.values() if all(map(tier.may_read, labels))]
        if not permitted:
            raise NoPermittedTier(_refusal(context))
        reasons = self._hard(found, context)
        return _chosen(permitted[-1 if reasons else 0], reasons, tuple(tier.name for tier in permitted))

    def escalate(self, choice: Choice, status: Status, withheld: int) -> Choice | None:
        """The second try of a question of which nothing shipped, by the next larger permitted tier; there is no third.

        `status` and `withheld` (sentences): those of the first answer.
        """
        larger = choice.permitted[choice.permitted.index(choice.tier) + 1 :]
        if not self._options.second_try or status is not Status.ABSTAINED or choice.before or not larger:
            return None
        reason = Reason.WITHHELD if withheld else Reason.REFUSED
        return _chosen(self._tiers[larger[0]], (*choice.reasons, reason), choice.permitted, choice.tier)

    def _hard(self, found: SearchResult, context: Context) -> tuple[Reason, ...]:
        """What makes the question hard, in the order of `Reason`."""
        asked = _own_words(found)
        best = _best_logit(found, context)
        documents = {passage.chunk.document_id for passage in context.passages}
        rules = {
            Reason.PARTS: len(found.parts) > 1,
            **{reason: pattern.search(asked) is not None for reason, pattern in _ASKED.items()},
            Reason.UNSURE: best is not None and best < self._options.unsure_below,
            Reason.DOCUMENTS: len(documents) > self._options.most_documents,
            Reason.TABLE: any(BAR in passage.text for passage in context.passages),
        }
        return tuple(reason for reason, holds in rules.items() if holds)


def default_sees(*, local: bool) -> frozenset[str]:
    """What a tier reads if its operator says nothing: on our own machines everything, elsewhere what is open to all."""
    return EVERYTHING if local else OPEN


def versions(context: Context) -> tuple[Version, ...]:
    """The versions whose labels decide, each once, in prompt order."""
    return tuple(dict.fromkeys(_version(passage) for passage in context.passages))


def _version(passage: Passage) -> Version:
    return passage.chunk.document_id, passage.chunk.version


def _chosen(tier: Tier, reasons: tuple[Reason, ...], permitted: tuple[str, ...], before: str = "") -> Choice:
    return Choice(tier.name, reasons, permitted, tier.cost_in, tier.cost_out, before)


def _own_words(found: SearchResult) -> str:
    """The question without what it quotes and the names of documents: a "Fee Comparison" asks for no comparison."""
    text = found.query
    for clue in found.clues:
        if clue.kind in {"phrase", "document"}:
            text = text.replace(clue.text, " ")
    return text


def _best_logit(found: SearchResult, context: Context) -> float | None:
    """The reranker's best logit for a hit that is shown; None if it has read none of them."""
    shown = {passage.chunk.chunk_id for passage in context.passages}
    logits = (hit.scores["rerank"] for hit in found.hits if hit.chunk.chunk_id in shown and "rerank" in hit.scores)
    return max(logits, default=None)


def _refusal(context: Context) -> str:
    titles = list(dict.fromkeys(passage.chunk.title for passage in context.passages))
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return (
        f"No language model of this installation may read all that was found ({', '.join(titles[:3])}{more}). "
        "Ask about fewer documents; or have the operator add a tier that may read them, such as one on the service's "
        "own machine."
    )
