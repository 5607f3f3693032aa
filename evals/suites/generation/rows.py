"""Suite "rows": does the reranker find the table row that answers, and does it know when it does?

Questions of TAT-QA (Zhu et al. 2021, arXiv 2105.07624) that one cell of a table answers, each over the table and the
prose of its document. Reported: how often the sentence that the reranker likes best holds the answer, where rows are
read as they stand and where they are told under their header, as the service does; and of the rows that may open an
answer, how many do by how far they are ahead of the next row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.terminal import UsageError
from evals.datasets.beir import json_lines
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, table
from generation.gate.claims import sentence_spans
from generation.protocols import Selector
from generation.training.data.conversations import rows_of
from retrieval.context.trimming import Span, Text, Trimmer
from retrieval.protocols import Reranker
from retrieval.text.tables import BAR

SUITE = "rows"
BANDS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # logits ahead of the next row, from each to the next
Row = dict[str, Any]


class Bare(Text):
    """Read as it stands."""

    __slots__ = ()

    def read(self, span: Span) -> str:
        return f"{self.heading}\n{self.text[slice(*span)]}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over a text with a table, and the figure that answers it."""

    question: str
    text: str
    answer: str

    @property
    def stands_in_a_row(self) -> bool:
        rows = (line for line in self.text.split("\n") if BAR in line)
        return any(character.isdigit() for character in self.answer) and any(self.answer in row for row in rows)


def load(data: Path, limit: int) -> list[Asked]:
    """The `limit` (0: all) questions first by the hash of their ids; raises `UsageError` if `data` has none."""
    corpus, questions = data / "tatqa" / "corpus.jsonl", data / "tatqa" / "qa.jsonl"
    if not corpus.is_file() or not questions.is_file():
        raise UsageError(f"{data} must hold tatqa/corpus.jsonl and qa.jsonl (see docs/benchmarks.md).")
    texts = {row["_id"]: rows_of(row["text"]) for row in json_lines(corpus)}
    told = (row for row in json_lines(questions) if row["answer_type"] == "span" and len(row["answers"]) == 1)
    shuffled = sorted(told, key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())
    found = [Asked(row["question"], texts[row["doc"]], row["answers"][0]) for row in shuffled]
    return [one for one in found if one.stands_in_a_row][: limit or None]


def measure(
    reranker: Reranker, selector: Selector, asked: Sequence[Asked], quote_from: float, results: ResultFile
) -> Row:
    """How often what is liked best holds the answer; `quote_from`: how sure the selector has to be that it may open
    one."""
    trimmer = Trimmer(reranker, sentence_spans, 1)
    right = {"as they stand": 0, "under their header": 0}
    bands: dict[float, list[bool]] = {band: [] for band in BANDS}
    with progress(SUITE, len(asked)) as step:
        for one in asked:
            told = Text("", one.text)
            for way, text in zip(right, (Bare("", one.text), told), strict=True):
                best = trimmer.cut(one.question, [text]).best
                holds = best is not None and one.answer in told.read(best.span)
                right[way] += holds
            ahead = best.ahead if best else None
            if (
                best
                and ahead is not None
                and selector.answers(one.question, told.read(best.span).strip()) >= quote_from
            ):
                bands[max(band for band in BANDS if band <= ahead)].append(holds)
            step(one.question[:60])
    found = {"questions": len(asked), "right": right, "quote_from": quote_from,
             "ahead": {str(band): [sum(held), len(held)] for band, held in bands.items()}}  # fmt: skip
    return results.add({"suite": SUITE, "reranker": reranker.name, "selector": selector.name, **found})


def say(found: Row) -> None:
    count = found["questions"]
    table(
        f"{count} questions that a table's cell answers: what the reranker likes best holds the answer",
        ("rows are read", "percent"),
        [(way, percent(right / count)) for way, right in found["right"].items()],
    )
    table(
        f"rows under their header that answer with {found['quote_from']:g} or more, by their lead over the next row",
        ("ahead by at least", "rows", "hold the answer, percent"),
        [(band, of, percent(right / of if of else None)) for band, (right, of) in found["ahead"].items()],
    )
