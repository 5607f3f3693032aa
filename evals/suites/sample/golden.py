"""`footnote feedback golden`: what a person has said of an answer becomes a question that `footnote eval` asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from api.terminal import UsageError, say
from evals.systems.case_files import add, evidence_of, facts_of
from evals.systems.installations import Installation, asked_of, opened, recorded
from evals.types import Kind
from generation.people import Expected, Feedback, FeedbackKind, FeedbackState, KeptAnswer
from generation.types import Answer, Citation

_FIGURE = re.compile(r"\d(?:[\d.,'/]*\d)?")


def golden(feedback_id: str, out: Path, facts: Sequence[str], words: str) -> int:
    """Appends a line to `out`. `facts`: what a right answer states, each with its alternatives between bars. Raises
    `UsageError` where no case can be made of it; then nothing is written."""
    with opened() as parts:
        found = parts.feedback.find(feedback_id, None)
        if found is None:
            raise UsageError(f"There is no feedback {feedback_id}: `footnote feedback list`.")
        if found.kept is None:
            raise UsageError("The answer that it is about was erased, and with it what was asked.")
        row = case_of(parts, found.feedback, found.kept, facts)
        recorded(parts, "read_feedback", None, sorted(found.kept.rests_on), feedback=feedback_id)
        add(out, row)
        parts.feedback.review(feedback_id, None, FeedbackState.GOLDEN, words or found.feedback.review)
    say(f"{row['id']} is the last line of {out}. To ask it: footnote eval --questions {out}")
    return 0


def case_of(parts: Installation, told: Feedback, kept: KeptAnswer, facts: Sequence[str]) -> dict[str, Any]:
    """The line of the file, each quote looked up in the version that the asker reads now."""
    right = told.kind is FeedbackKind.RIGHT
    asker = asked_of(parts, kept.audit_id)
    evidence = [evidence_of(parts, place, asker) for place in _places(told, kept.answer)]
    stated = facts_of(facts)
    if evidence and not stated and right:
        stated = [[figure] for figure in _figures(told, kept)]
    if evidence and not (stated and all(stated)):
        raise UsageError("Say what a right answer has to state: --fact '90 days|ninety days', once for each fact.")
    return {
        "id": f"feedback-{told.id[:8]}",
        "kind": (Kind.ANSWERABLE if evidence else Kind.UNANSWERABLE).value,
        "question": kept.question,
        "asker": {"user": asker.user, "groups": sorted(asker.groups)},
        "evidence": evidence,
        "answer": kept.answer.answer if right else " ".join(one["quote"] for one in evidence),
        "must_contain": stated,
    }


def _places(told: Feedback, answer: Answer) -> Iterator[Expected]:
    """The passages that a right answer rests on; none where it is right that there is no answer."""
    if told.expected is not None:
        yield told.expected
    elif told.kind is not FeedbackKind.RIGHT:
        raise UsageError("It does not say which passage was expected, so that nobody knows what would be right.")
    else:
        for one in _cited(told, answer):
            yield Expected(one.document_id, one.version, one.start, one.end)


def _cited(told: Feedback, answer: Answer) -> list[Citation]:
    sentences = answer.sentences[told.sentence - 1 : told.sentence] if told.sentence else answer.sentences
    numbers = {number for sentence in sentences for number in sentence.citations}
    return [one for one in answer.citations if one.id in numbers]


def _figures(told: Feedback, kept: KeptAnswer) -> list[str]:
    """Those that the answer, or the sentence, has out of what it cites, and not out of the question."""
    answer, asked = kept.answer, set(_FIGURE.findall(kept.question))
    said = answer.sentences[told.sentence - 1].text if told.sentence else answer.answer
    quoted = {figure for one in _cited(told, answer) for figure in _FIGURE.findall(one.quote)}
    return [figure for figure in dict.fromkeys(_FIGURE.findall(said)) if figure in quoted - asked]
