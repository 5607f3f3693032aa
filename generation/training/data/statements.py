"""Statements about tables that people judged true or false: TabFact (Chen et al. 2020, arXiv 1909.02164), its simple
channel, rows told by their header as the gate reads them. Nobody asked a question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generation.training.data.pairs import fraction, read_jsonl, split_of
from retrieval.text.tables import told

FILE = Path("tabfact", "pairs.jsonl")
BENCH = "bench"


@dataclass(frozen=True, slots=True)
class Statement:
    """`evidence`: the caption of the table and its rows."""

    id: str
    evidence: str
    claim: str
    true: bool


def statements(data: Path, split: str) -> Iterator[Statement]:
    """Of each table of a split the first true statement and the first false one: the file mostly begins with true
    ones. Splits as of documents, but that half of the tables of "cases" are of "bench": nothing is chosen on these."""
    seen: set[tuple[str, str]] = set()
    for row in read_jsonl(data / FILE):
        table, label = row["table"], row["label"]
        if row["channel"] == "simple" and (table, label) not in seen and _split(table) == split:
            seen.add((table, label))
            caption, header, rows = row["premise"].split("\n", 2)
            yield Statement(row["id"], f"{caption}\n{told(header, rows)}", row["hypothesis"], label == "entailment")


def _split(table: str) -> str:
    split = split_of(f"tabfact/{table}")
    return BENCH if split == "cases" and fraction(f"bench/{table}") < 0.5 else split
