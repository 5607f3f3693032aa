"""What the generator is measured on must not be trained on: runs of words that rows share with the benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generation.judge.data.pairs import read_jsonl
from generation.judge.data.text import UNASKED_CONTRACTS

WORDS, FEWEST = 13, 6
BENCHMARKS = (
    "squad2_dev_half/corpus.jsonl",
    "squad2_dev_half/qa.jsonl",
    "cuad/qa.jsonl",
    "ragtruth_qa_test/pairs.jsonl",
)


def benchmark_texts(data: Path) -> Iterator[str]:
    """Every text in BENCHMARKS, but for the contracts of CUAD that no benchmark asks about."""
    for name in BENCHMARKS:
        for row in read_jsonl(data / name):
            if row.get("pdf") not in UNASKED_CONTRACTS:
                yield from _texts(row)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(part)


def grams(texts: Iterable[str]) -> set[int]:
    """Hashes of all runs of WORDS words, and of whole texts that are shorter but have FEWEST (a question)."""
    found = set[int]()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        if len(words) >= FEWEST:
            found.update(hash(tuple(words[at : at + WORDS])) for at in range(max(1, len(words) - WORDS + 1)))
    return found
