"""Retrieval sets in the layout of BEIR (Thakur et al. 2021): corpus.jsonl, queries.jsonl, qrels/test.tsv."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.terminal import UsageError

SETS = (
    "scifact",
    "nfcorpus",
    "legalbench_corporate_lobbying",
    "legal_summarization",
    "xquad_en",
    "multihop_mini",
)
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Query:
    """A judged question: `gains` by passage id, graded where the set grades."""

    id: str
    text: str
    gains: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RankingSet:
    """Passages `ids`, `titles`, `texts`, (n,) each, and the queries that the test split judges, in file order."""

    name: str
    ids: Sequence[str]
    titles: Sequence[str]
    texts: Sequence[str]
    queries: Sequence[Query]

    @property
    def passages(self) -> list[str]:
        """Each passage as one text under its title: what every system is given."""
        return [f"{title}\n{text}" if title else text for title, text in zip(self.titles, self.texts, strict=True)]

    def sample(self, count: int) -> RankingSet:
        """The same set with `count` of its queries (0: all), the first of a fixed shuffle, in file order."""
        return replace(self, queries=[self.queries[at] for at in sampled(len(self.queries), count)])


def sampled(total: int, count: int) -> list[int]:
    """`count` (0: all) of 0..total-1, ascending; a larger sample holds every smaller one."""
    order = list(range(total))
    random.Random(SEED).shuffle(order)
    return sorted(order[: count or total])


def load_set(data: Path, name: str) -> RankingSet:
    """Reads a set; raises `UsageError` if it is not there."""
    folder = data / name
    qrels = folder / "qrels" / "test.tsv"
    if not qrels.is_file():
        raise UsageError(f"{folder} must hold corpus.jsonl, queries.jsonl and qrels/test.tsv (see docs/benchmarks.md).")
    gains: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for line in qrels.read_text(encoding="utf-8").splitlines()[1:]:
        query, passage, gain = line.split("\t")
        gains[query][passage] = float(gain)
    rows = list(json_lines(folder / "corpus.jsonl"))
    return RankingSet(
        name=name,
        ids=[row["_id"] for row in rows],
        titles=[row.get("title", "").strip() for row in rows],
        texts=[row["text"].strip() for row in rows],
        queries=[
            Query(row["_id"], row["text"], gains[row["_id"]])
            for row in json_lines(folder / "queries.jsonl")
            if any(gain > 0 for gain in gains.get(row["_id"], {}).values())
        ],
    )


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())
