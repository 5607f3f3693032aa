"""What one reply adds to each measure, as (numerator, denominator): a measure is the sum of the first over the sum of
the second, so that it can be drawn anew question by question."""

from __future__ import annotations

from collections.abc import Sequence

from evals.datasets.question_sets import CUAD, Question
from evals.measuring.ratios import Part, Parts
from evals.metrics.correctness import correctness
from evals.metrics.quote_overlap import token_f1
from evals.suites.generation.gold import gold_markers, states
from evals.suites.generation.reading import ERRORS, Reply
from evals.suites.generation.support import Supports
from generation.types import Answer, Limits, ModelCard, Status
from retrieval.types import Context

NOTHING: Part = (0.0, 0.0)
FORMAT = "format errors"
MEASURES = (
    FORMAT,
    *(f"  {error}" for error in ERRORS),
    "citation recall, strict",
    "citation precision, strict",
    "citation recall, lenient",
    "citation precision, lenient",
    "gold in the context",
    "gold cited",
    "gold cited, where answered",
    "answer F1",
    "answer contains",
    "refusal precision",
    "refusal recall",
    "refusal F1",
    "refusal F1, by what was shown",
    "refused though gold was shown",
    "refused as no gold was shown",
)


def parts(question: Question, context: Context, reply: Reply, supports: Sequence[Supports], limits: Limits) -> Parts:
    """The parts of all `MEASURES`. `supports` are those of `reply.sentences`."""
    return {
        **format_parts(reply),
        **citation_parts("strict", supports, limits.ship),
        **citation_parts("lenient", supports, limits.grey),
        **gold_parts(question, context, reply),
        **answer_parts(question, reply),
        **refusal_parts(question, context, reply),
    }


def format_parts(reply: Reply) -> Parts:
    return {
        FORMAT: _share(bool(reply.errors)),
        **{f"  {error}": _share(error in reply.errors) for error in ERRORS},
    }


def citation_parts(name: str, supports: Sequence[Supports], limit: float) -> Parts:
    """ALCE's citation recall over sentences and precision over citations."""
    return {
        f"citation recall, {name}": (sum(item.recalled(limit) for item in supports), len(supports)),
        f"citation precision, {name}": (
            sum(item.precise(limit) for item in supports),
            sum(item.citations for item in supports),
        ),
    }


def gold_parts(question: Question, context: Context, reply: Reply) -> Parts:
    """By words alone. A refusal cites nothing; whether it is right is told where no gold was shown, too."""
    if not question.answerable or not question.case.gold:
        return dict.fromkeys(
            (
                "gold in the context",
                "gold cited",
                "gold cited, where answered",
                "refused though gold was shown",
                "refused as no gold was shown",
            ),
            NOTHING,
        )
    held = gold_markers(question, context)
    cited = any(held.intersection(said.markers) for said in reply.sentences)
    return {
        "gold in the context": _share(bool(held)),
        "gold cited": _share(cited, bool(held)),
        "gold cited, where answered": _share(cited, bool(held) and not reply.refused),
        "refused though gold was shown": _share(reply.refused, bool(held)),
        "refused as no gold was shown": _share(reply.refused, not held),
    }


def answer_parts(question: Question, reply: Reply) -> Parts:
    """Of questions with an answer: the best token F1 with a right one (Rajpurkar et al. 2016, arXiv 1606.05250; here
    articles count), and whether the reply holds one. A contract's clause need not be said in full: of these questions
    there is no "contains"."""
    if not question.answerable:
        return {"answer F1": NOTHING, "answer contains": NOTHING}
    contains = _share(gives_answer(question, reply.text), question.set != CUAD)
    best = max((token_f1(reply.text, answer) for answer in question.answers), default=0.0)
    return {"answer F1": (best, 1.0), "answer contains": contains}


def refusal_parts(question: Question, context: Context, reply: Reply) -> Parts:
    """Refusing is positive, and right where the set says that there is no answer; "by what was shown" also where the
    search did not find the gold, since the model cannot know it."""
    wanted, refused = not question.answerable, reply.refused
    blind = wanted or bool(question.case.gold and not gold_markers(question, context))
    right = float(wanted and refused)
    return {
        "refusal precision": (right, float(refused)),
        "refusal recall": (right, float(wanted)),
        "refusal F1": (2 * right, float(refused) + float(wanted)),
        "refusal F1, by what was shown": (2.0 * (blind and refused), float(refused) + float(blind)),
    }


def gives_answer(question: Question, text: str) -> bool:
    """Whether the text states every decisive fact, or a right answer word for word."""
    if question.case.must_contain:
        answer = Answer(text, Status.ANSWERED, (), (), ModelCard("", "", "", "", "", "", ""))
        return correctness(question.case, answer) == 1.0
    return any(states(text, answer) for answer in question.answers)


def _share(holds: bool, counts: bool = True) -> Part:
    return (float(holds), 1.0) if counts else NOTHING
