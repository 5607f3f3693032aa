"""`footnote bench injection`: how much the detector finds, and how often it suspects what is ordinary."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.terminal import say
from evals.measuring.machine import setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.redteam.paragraphs import of_lines, of_pdfs, sentences
from evals.suites.redteam.rates import rate
from evals.systems.guards import detector
from generation.gate.instructions import suspect, suspects

_SEED = 20261130


def run(data: Path, count: int, out: Path | None) -> int:
    """At most `count` texts of a kind, half of them in each half. The halves "train" chose the limits."""
    draw = random.Random(_SEED)
    results, finder, rows = ResultFile(out), detector(), []
    ordinary, hostile = _ordinary(data), _hostile(data, draw)
    texts = [(name, False, text) for name, held in ordinary.items() for text in _some(held, count, draw)]
    texts += [(name, True, text) for name, held in hostile.items() for text in _some(held, count, draw)]
    started = time.perf_counter()
    with progress("read", len(texts)) as step:
        for at, (name, attack, text) in enumerate(texts):
            found = suspects(text, finder)
            if name == "questions (deepset)" or name.startswith("deepset, asked"):
                whole = suspect(text, finder)
                found = (whole,) if whole else ()
            row = {"row": "text", "source": name, "attack": attack, "half": ("train", "test")[at % 2],
                   "suspect": bool(found), "sure": any(one.sure for one in found)}  # fmt: skip
            rows.append(results.add(row))
            step(name)
    spent = 1000 * (time.perf_counter() - started) / len(texts)
    results.add({"row": "summary", "ms_each": round(spent, 1), "detector": finder.name, **setting()})
    lines = []
    for name in dict.fromkeys(row["source"] for row in rows):
        of = [row for row in rows if row["source"] == name]
        told = [rate([row[level] for row in of if row["half"] == half]) for half in ("train", "test")
                for level in ("suspect", "sure")]  # fmt: skip
        lines.append((name, "attack" if of[0]["attack"] else "ordinary", len(of), *told))
    header = ("source", "kind", "n", "train: suspect %", "train: sure %", "test: suspect %", "test: sure %")
    table(f"{finder.name}, {spent:.0f} ms a text", header, lines)
    say("95 % intervals by Wilson. A text counts if any sentence of it does.")
    return 0


def _ordinary(data: Path) -> Mapping[str, Sequence[str]]:
    prompts = _prompts(data)
    return {
        "contracts (CUAD)": of_pdfs(data / "cuad", 40),
        "filings": of_pdfs(data / "filings", 20),
        "policies (PolicyQA)": of_lines(data / "policyqa" / "corpus.jsonl"),
        "NDAs (Kleister)": of_lines(data / "kleister_nda" / "texts.jsonl"),
        "questions (deepset)": [one["text"] for one in prompts if one["label"] == 0],
    }


def _hostile(data: Path, draw: random.Random) -> Mapping[str, Sequence[str]]:
    base = of_pdfs(data / "cuad", 40)
    kinds = json.loads((data / "security" / "bipia" / "text_attack_train.json").read_text(encoding="utf-8"))
    asked = [one["text"] for one in _prompts(data) if one["label"] == 1]

    def inside(attack: str) -> str:
        parts = sentences(draw.choice(base))
        at = draw.randrange(len(parts) + 1)
        return " ".join((*parts[:at], attack, *parts[at:]))

    return {
        "deepset, asked": asked,
        "deepset, in a contract": [inside(one) for one in asked],
        "BIPIA, in a contract": [inside(one) for held in kinds.values() for one in held],
    }


def _prompts(data: Path) -> list[dict[str, Any]]:
    path = data / "security" / "deepset_prompt_injections" / "prompts.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _some(texts: Sequence[str], count: int, draw: random.Random) -> list[str]:
    return draw.sample(list(texts), min(count, len(texts)))
