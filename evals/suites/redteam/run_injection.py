"""`footnote bench injection`: how much the detector finds, and how often it suspects what is ordinary."""

from __future__ import annotations

import gzip
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
from generation.types import Suspicion

_SEED = 20261201
_LEVELS = (Suspicion.NOTED, Suspicion.LIKELY, Suspicion.SURE)
_TOLD = 20  # ordinary sentences that are printed
QUESTIONS = "questions (deepset)"
Row = Mapping[str, Any]


def run(data: Path, count: int, out: Path | None) -> int:
    """At most `count` texts of a source."""
    draw = random.Random(_SEED)
    results, finder, rows = ResultFile(out), detector(), list[Row]()
    ordinary, hostile = _ordinary(data), _hostile(data, draw)
    texts = [(name, False, text) for name, held in ordinary.items() for text in _some(held, count, draw)]
    texts += [(name, True, text) for name, held in hostile.items() for text in _some(held, count, draw)]
    started = time.perf_counter()
    with progress("read", len(texts)) as step:
        for name, attack, text in texts:
            found = suspects(text, finder)
            if name == QUESTIONS or name.startswith("deepset, asked"):
                whole = suspect(text, finder)
                found = (whole,) if whole else ()
            levels = [one.level for one in found]
            words = [text[one.start : one.end] for one in found if one.level is not Suspicion.NOTED]
            row = {"row": "text", "source": name, "attack": attack, "words": words,
                   "level": max(levels, key=_LEVELS.index) if levels else ""}  # fmt: skip
            rows.append(results.add(row))
            step(name)
    spent = 1000 * (time.perf_counter() - started) / len(texts)
    results.add({"row": "summary", "ms_each": round(spent, 1), "detector": finder.name, **setting()})
    _report(rows, f"{finder.name}, {spent:.0f} ms a text")
    return 0


def _report(rows: Sequence[Row], title: str) -> None:
    lines = [_line(name, "attack" if of[0]["attack"] else "ordinary", of) for name, of in _by_source(rows).items()]
    passages = [row for row in rows if not row["attack"] and row["source"] != QUESTIONS]
    lines.append(_line("all ordinary passages", "ordinary", passages))
    table(title, ("source", "kind", "n", "recorded only %", "not read or sure %", "sure %"), lines)
    say("95 % intervals by Wilson. A text counts if any sentence of it does.")
    for words in [words for row in passages for words in row["words"]][:_TOLD]:
        say(f"  not read: {' '.join(words.split())[:200]}")


def _line(name: str, kind: str, rows: Sequence[Row]) -> tuple[str, str, int, str, str, str]:
    levels = [row["level"] for row in rows]
    likely = rate([level in _LEVELS[1:] for level in levels])
    return (
        name,
        kind,
        len(rows),
        rate([level == _LEVELS[0] for level in levels]),
        likely,
        rate([level == _LEVELS[2] for level in levels]),
    )


def _by_source(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    return {
        name: [row for row in rows if row["source"] == name] for name in dict.fromkeys(row["source"] for row in rows)
    }


def _ordinary(data: Path) -> Mapping[str, Sequence[str]]:
    prompts = _prompts(data)
    return {
        "contracts (CUAD)": of_pdfs(data / "cuad", 40),
        "merger agreements (LegalBench-RAG)": of_lines(data / "legalbench_rag" / "corpus.jsonl"),
        "filings": of_pdfs(data / "filings", 20),
        "statutes (D.C., Canada)": _passages(data, health=False),
        "health pages (MedQuAD)": _passages(data, health=True),
        "abstracts (PubMedQA)": of_lines(data / "pubmedqa" / "corpus.jsonl"),
        "policies (PolicyQA)": of_lines(data / "policyqa" / "corpus.jsonl"),
        "NDAs (Kleister)": of_lines(data / "kleister_nda" / "texts.jsonl"),
        QUESTIONS: [one["text"] for one in prompts if one["label"] == 0],
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


def _passages(data: Path, *, health: bool) -> list[str]:
    with gzip.open(data / "scale_legal" / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [one["text"] for one in found if (one["kind"] == "health") is health]


def _prompts(data: Path) -> list[dict[str, Any]]:
    path = data / "security" / "deepset_prompt_injections" / "prompts.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _some(texts: Sequence[str], count: int, draw: random.Random) -> list[str]:
    return draw.sample(list(texts), min(count, len(texts)))
