"""Statements about tables that people judged true or false: TabFact (Chen et al. 2020, arXiv 1909.02164), its simple
channel, rows told by their header as the gate reads them. Nobody asked a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generation.training.data.pairs import read_jsonl, split_of
from retrieval.text.tables import told

FILE = Path("tabfact", "pairs.jsonl")


@dataclass(frozen=True, slots=True)
class Statement:
    """`evidence`: the caption of the table and its rows."""

    id: str
    evidence: str
    claim: str
    true: bool


def statements(data: Path, split: str, most: int) -> Iterator[Statement]:
    """Of the tables of a split (by the hash of the table), `most` of each, in the order of the file."""
    seen: Counter[str] = Counter()
    for row in read_jsonl(data / FILE):
        table = row["table"]
        if row["channel"] == "simple" and split_of(f"tabfact/{table}") == split and seen[table] < most:
            seen[table] += 1
            caption, header, rows = row["premise"].split("\n", 2)
            yield Statement(
                row["id"], f"{caption}\n{told(header, rows)}", row["hypothesis"], row["label"] == "entailment"
            )
