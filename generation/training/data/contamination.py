"""What the system is measured on must not be trained on: runs of words that rows share with the benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generation.training.data.pairs import read_jsonl
from generation.training.data.text import UNASKED_CONTRACTS

WORDS, FEWEST = 13, 6
WHOLE = (
    "squad2_dev_half/corpus.jsonl",
    "squad2_dev_half/qa.jsonl",
    "cuad/qa.jsonl",
    "ragtruth_qa_test/pairs.jsonl",
)
"""What answers and the gate are measured on: every text, but for the contracts of CUAD that no benchmark asks about."""
QUESTIONS = (
    "legal_summarization/queries.jsonl",
    "legalbench_corporate_lobbying/queries.jsonl",
    "legalbench_rag/qa.jsonl",
    "multihop_mini/queries.jsonl",
    "nfcorpus/queries.jsonl",
    "scifact/queries.jsonl",
    "xquad_en/queries.jsonl",
)
"""What search is measured on: the questions alone, of those that are there."""


def benchmark_texts(data: Path) -> dict[str, list[str]]:
    """The texts by the file that they are from."""
    found = {name: list(_whole(data / name)) for name in WHOLE}
    return found | {name: list(_questions(data / name)) for name in QUESTIONS if (data / name).is_file()}


def texts_in(value: object) -> Iterator[str]:
    """Every text in an object of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(part)


def _whole(path: Path) -> Iterator[str]:
    for row in read_jsonl(path):
        if row.get("pdf") not in UNASKED_CONTRACTS:
            yield from texts_in(row)


def _questions(path: Path) -> Iterator[str]:
    """With what follows an opening that names the document ("Consider X's privacy policy; who can see ...")."""
    for row in read_jsonl(path):
        question = str(row["question"] if "question" in row else row["text"])
        yield from (question, question.partition("; ")[2])


def grams(texts: Iterable[str]) -> set[int]:
    """Hashes of all runs of WORDS words, and of whole texts that are shorter but have FEWEST (a question)."""
    found = set[int]()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        if len(words) >= FEWEST:
            found.update(hash(tuple(words[at : at + WORDS])) for at in range(max(1, len(words) - WORDS + 1)))
    return found
