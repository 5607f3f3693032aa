"""The unit of training data of the judge: a piece of evidence, a claim, and whether the one entails the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

Label = Literal["entailed", "neutral", "contradicted", "not_entailed"]


@dataclass(frozen=True, slots=True)
class Pair:
    """`kind` says how the pair came about ("true", a kind of corruption, or "nli"); `source` names the data set and
    `document` the text that it was taken from: pairs of one document never stand on both sides of a split."""

    evidence: str
    claim: str
    label: Label
    kind: str
    source: str
    document: str


def fraction(text: str) -> float:
    """A number in [0, 1) that depends on nothing but the text: for splits that stay the same from run to run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64


def split_of(document: str) -> str:
    """ "train", "calibrate" or "cases": 80, 10 and 10 in a hundred documents, by the hash of the id."""
    at = fraction(document)
    return "train" if at < 0.8 else "calibrate" if at < 0.9 else "cases"


def generator(seed: str) -> Random:
    """Random numbers that depend on the seed alone."""
    return Random(seed)  # noqa: S311 - for sampling, not for secrets


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> int:
    """Writes one JSON object a line and gives the number of lines."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for pair in pairs:
            out.write(json.dumps(asdict(pair), ensure_ascii=False) + "\n")
            count += 1
    return count
