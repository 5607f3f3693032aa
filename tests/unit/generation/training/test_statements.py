"""Statements about tables come as the gate reads tables, and tables never stand on both sides of a split."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from generation.training.data.pairs import split_of
from generation.training.data.statements import BENCH, FILE, statements


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {
            "id": f"{table}-{number}-{channel}",
            "premise": "winners of the cup\nyear | club\n1999 | leeds\n2000 | hull",
            "hypothesis": f"leeds win in {1999 + number}",
            "label": "entailment" if number == 0 else "refuted",
            "table": f"t{table}",
            "channel": channel,
        }
        for table in range(400)
        for channel in ("simple", "complex")
        for number in range(3)
    ]
    file = tmp_path / FILE
    file.parent.mkdir()
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_rows_are_told_and_a_table_gives_a_true_and_a_false_one(data: Path) -> None:
    found = list(statements(data, "train"))
    assert found[0].evidence == "winners of the cup\nyear 1999: club = leeds\nyear 2000: club = hull"
    assert [(one.claim, one.true) for one in found[:2]] == [("leeds win in 1999", True), ("leeds win in 2000", False)]
    assert set(Counter(one.id.split("-")[0] for one in found).values()) == {2}
    assert all(one.id.endswith("simple") for one in found)


def test_a_table_is_of_one_split_and_nothing_is_chosen_on_those_of_the_bench(data: Path) -> None:
    tables = {
        split: {f"t{one.id.split('-')[0]}" for one in statements(data, split)}
        for split in ("train", "calibrate", "cases", BENCH)
    }
    assert sum(map(len, tables.values())) == 400
    assert len(set.union(*tables.values())) == 400
    assert all(split_of(f"tabfact/{table}") == "cases" for table in tables["cases"] | tables[BENCH])
    assert len(tables[BENCH]) > 5
