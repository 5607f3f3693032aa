"""Suite "limit": the limit for quotations, from written exercises that the selector was not trained on.

An exercise is a question with passages; somebody wrote the answer, or that there is none
(generation/training/selector). The limit bounds a risk on questions like those without an answer (conformal risk
control), not on others: people can make a question that is harder to see through (SQuAD 2.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.terminal import say
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.generation import quotations
from generation.gate.claims import sentence_spans
from generation.gate.quoting import opening
from generation.protocols import Selector
from generation.training.data import cited
from generation.training.data.conversations import passage_of
from generation.training.data.words import overlap
from generation.training.data.written import Reply, replies
from generation.training.judge.conformal import risk_limit
from generation.training.selector.data import held
from generation.training.selector.replies import once
from retrieval.context.trimming import Text, Trimmer
from retrieval.protocols import Reranker
from retrieval.types import Context, Lead

SUITE, SET = "limit", "written exercises"
RISK = 0.2  # of questions that nobody found an answer to: so many may open with a quotation
_SAYS = 0.5  # the share of the written sentence's words that a right quotation has
Row = dict[str, Any]


def measure(reranker: Reranker, selector: Selector, data: Path, results: ResultFile) -> list[Row]:
    """Rows like those of suite "quotations", of each exercise once."""
    judged = list(replies(data))
    both = once([*cited.replies(data, judged), *judged])
    chosen = [reply for reply in both if held(reply.exercise.document)]
    rows = []
    with progress(SUITE, len(chosen)) as step:
        for reply in chosen:
            rows.append(_opened(reranker, selector, reply))
            step(reply.exercise.id)
    results.add({"suite": SUITE, "selector": selector.name, "rows": rows})
    return rows


def _opened(reranker: Reranker, selector: Selector, reply: Reply) -> Row:
    """Whole passages are shown: the best of all sentences is the same as after trimming."""
    exercise = reply.exercise
    passages = [passage_of(marker, piece) for marker, piece in enumerate(exercise.passages, 1)]
    texts = [Text(passage.chunk.heading, passage.text) for passage in passages]
    best = Trimmer(reranker, sentence_spans, 1).cut(exercise.question, texts).best
    lead = Lead(best.at + 1, *best.span, best.score, best.ahead) if best else None
    quotation = opening(Context(tuple(passages), lead), {passage.marker: passage.text for passage in passages})
    row = {"key": exercise.id, "answerable": bool(reply.answer), "sure": None, "right": False}
    if quotation is None:
        return row
    source = quotation.source.passage
    told = [said.text for said in reply.answer[:1] if source.marker in said.cites]
    sure = selector.answers(exercise.question, quotation.text, source.chunk.heading)
    return row | {"sure": sure, "right": any(overlap(text, quotation.text) >= _SAYS for text in told)}


def least(rows: Sequence[Row]) -> float:
    """The least `FOOTNOTE_QUOTE_FROM` at which at most `RISK` of the questions without an answer open with one."""
    return risk_limit([row["sure"] or 0.0 for row in rows if not row["answerable"]], RISK)


def tell(rows: Sequence[Row]) -> None:
    quotations.say({SET: rows})
    say(f"FOOTNOTE_QUOTE_FROM={least(rows):.3f}: at most {RISK:.0%} of such questions without an answer are opened.")
