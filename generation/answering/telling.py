"""What a reader is told of an answer as a whole: how complete it is, why not, and which documents it assumed.

The opening quotation, or the first sentence of the generator's that passed as an answer, answers a question that asks
for one thing; what was withheld after it is surplus. A question that may ask for several is not whole without them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from generation.answering.languages import left_aside, told
from generation.answering.run import Draft, Part, Retrieved
from generation.types import Assumed, Caution, Citation, PartAnswer, Status, Why
from ingest.types import WarningKind

_SCOPE = re.compile(
    r"^(?:according to|as of|based on|by|for|from|given|if|in|on|pursuant to|under|with)\b[^,]*,\s+", re.I
)
_SEVERAL = re.compile(
    r"[,;&]|\?\s+\S|\b(?:and|as well as|both|each|every|all|list|main|compar\w+|differ\w*|summar\w+|overview)\b"
    r"|\b(?:what|which|who|whose)\s+(?:are|were)\b"
    r"|\b(?:what|which)\s+(?!(?:is|was|does|has|this|its|happens|\w+ss)\b)\w+s\b",
    re.I,
)
_NO_ANSWER = {
    Why.NOTHING_FOUND: "Nothing that bears on this question was found in the documents that you may read.",
    Why.NOTHING_DRAFTED: "The passages nearest to the question do not seem to answer it.",
    Why.NOT_SUPPORTED: "Passages were found, but what was drafted from them did not pass the check against them. "
    "They may hold the answer all the same.",
}
_NO_PART = {
    Why.NOTHING_FOUND: "nothing was found on it in the documents that you may read",
    Why.NOTHING_DRAFTED: "the passages nearest to it do not seem to answer it",
    Why.NOT_SUPPORTED: "what was drafted on it did not pass the check",
    Why.NOT_MEASURED: "it, or what was found on it, is in a language in which answers are not checked",
}
_INCOMPLETE = "Something may be missing: a sentence that belongs to the answer did not pass the check."


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fields of `Answer`; `parts` only of a question that has some."""

    status: Status
    why: Why
    explanation: str
    parts: tuple[PartAnswer, ...] = ()


def outcome(found: Retrieved, draft: Draft) -> Outcome:
    """How complete the answer is, and why not."""
    parts = tuple(_part(part, draft) for part in found.parts)
    lacking = [part for part in parts if part.why is not Why.NONE]
    if not draft.sentences:
        why = _gravest(lacking)
        aside = told(left_aside(found), len(found.context.passages), alone=why is Why.NOT_MEASURED)
        said = aside if why is Why.NOT_MEASURED else f"{_NO_ANSWER[why]} {aside}".strip()
        return Outcome(Status.ABSTAINED, why, said, parts[: len(found.result.parts)])
    if not lacking:
        return Outcome(Status.ANSWERED, Why.NONE, "", parts if len(parts) > 1 else ())
    if len(parts) == 1:
        return Outcome(Status.PARTIAL, Why.NOT_SUPPORTED, _INCOMPLETE)
    why = _gravest(lacking)
    each = [f"“{part.question}”: {_lacks(part)}" for part in lacking]
    why = why if why in {Why.NOT_SUPPORTED, Why.NOT_MEASURED} else Why.ASKED_FOR_MORE
    return Outcome(Status.PARTIAL, why, f"Not answered, or not in full: {'; '.join(each)}.", parts)


def assumed(found: Retrieved, draft: Draft) -> tuple[Assumed, ...]:
    """Of the documents that ambiguous words name: those that are cited; where none is, those that were read. None where
    each part of a question has its own document: then its title is told."""
    if any(part.title for part in found.parts):
        return ()
    read = {passage.chunk.document_id: passage.chunk for passage in found.context.passages}
    unsure = [one for one in found.result.named if one.alternatives > 1 and one.document_id in read]
    cited = {citation.document_id for citation in draft.citations}
    known = {one.words for one in unsure if one.document_id in cited}
    meant = [one for one in unsure if one.document_id in cited or one.words not in known]
    told = [
        Assumed(one.words, one.document_id, chunk.version, one.title, one.alternatives, chunk.version_id)
        for one in meant
        for chunk in (read[one.document_id],)
    ]
    return tuple(dict.fromkeys(told))


def cautions(citations: Sequence[Citation]) -> tuple[Caution, ...]:
    """What ingestion was unsure of in the words that are cited, each once with all citations that it is about."""
    told: dict[tuple[WarningKind, str], list[int]] = {}
    for citation in citations:
        for warning in citation.warnings:
            told.setdefault((warning.kind, warning.words), []).append(citation.id)
    return tuple(Caution(kind, words, tuple(dict.fromkeys(ids))) for (kind, words), ids in told.items())


def asks_several(question: str) -> bool:
    """Whether it may ask for several things at once: a list, a plural, two things that "and" joins."""
    return _SEVERAL.search(_SCOPE.sub("", question).strip()) is not None


def _part(part: Part, draft: Draft) -> PartAnswer:
    why = _why(part, draft)
    answered = part.number in draft.answered
    status = Status.ANSWERED if why is Why.NONE else Status.PARTIAL if answered else Status.ABSTAINED
    return PartAnswer(part.words, status, why, part.title)


def _why(part: Part, draft: Draft) -> Why:
    withheld = [item for item in draft.withheld if item.part == part.number]
    if part.number in draft.answered:
        several = bool(withheld) and asks_several(part.question)
        return Why.NOT_SUPPORTED if several or any(not item.surplus for item in withheld) else Why.NONE
    if not part.context.passages:
        return Why.NOT_MEASURED if part.left_aside else Why.NOTHING_FOUND
    before = [item for tried in draft.tries for item in tried.withheld if item.part == part.number]
    drafted = any(character.isalnum() for item in (*before, *withheld) for character in item.text)
    return Why.NOT_SUPPORTED if drafted else Why.NOTHING_DRAFTED  # a bare marker is no draft


def _gravest(parts: Sequence[PartAnswer]) -> Why:
    """The reason that claims least about the documents."""
    order = (Why.NOT_MEASURED, Why.NOT_SUPPORTED, Why.NOTHING_DRAFTED, Why.NOTHING_FOUND)
    return next(why for why in order if any(part.why is why for part in parts))


def _lacks(part: PartAnswer) -> str:
    return "a sentence of its answer did not pass the check" if part.status is Status.PARTIAL else _NO_PART[part.why]
