"""Suite "answers": what the gate keeps from readers, unsupported sentences and right answers alike."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from api.terminal import UsageError, note, say
from evals.datasets.asked import Asked, Source, questions
from evals.datasets.beir import json_lines
from evals.datasets.cuad import qa_file
from evals.measuring.results import ResultFile
from evals.measuring.statistics import wilson
from evals.measuring.tables import percent, table
from evals.suites.gate.bench import GateRun, Row
from evals.systems import recording as record
from evals.systems.installations import Installation, homes
from evals.systems.replay import OFF, ON, replay
from evals.types import Kind
from generation.types import Note

SUITE = "answers"
SEED = 20261122
_ABSTAINS = {Kind.UNANSWERABLE.value, Kind.FORBIDDEN.value}


def measure(wanted: GateRun, results: ResultFile) -> list[Row]:
    """The replayed rows; none after the step "record" alone. Writes the reader's sheet if one is named."""
    if wanted.home is None:
        raise UsageError("Suite answers: name a data folder for the contracts with --home; they are ingested into it.")
    asked = questions(qa_file(wanted.data, "docs/gate.md"), wanted.questions)
    with homes(wanted.data, wanted.home) as parts:
        rows = asyncio.run(_rows(parts, asked, wanted.step, results))
    if rows and wanted.sheet is not None:
        count = write_sheet(wanted.sheet, rows)
        note(f"{count} sentences to label: {wanted.sheet} (a line each; write {{key, supported}} lines for --labels)")
    return rows


async def _rows(
    parts: Mapping[Source, Installation], asked: Sequence[Asked], step: str, results: ResultFile
) -> list[Row]:
    if step == "replay":
        held = [row for row in results.rows if row.get("row") == record.ROW]
        recorded = [row for row in held if row["setup"] == held[-1]["setup"]]  # as it was recorded last
    else:
        recorded = await record.record(parts, parts["cuad"].generator_model, asked, results)
    if step == "record":
        return []
    if not recorded:
        raise UsageError("Nothing is recorded in the results file. Run with --step record first.")
    return await replay(parts, parts["cuad"].gate, asked, recorded, results)


def write_sheet(path: Path, rows: Sequence[Row]) -> int:
    """Every shipped sentence once, in random order, without a word on whether the gate was on."""
    sheet = {
        sentence["key"]: {
            "key": sentence["key"],
            "question": row["question"],
            "sentence": sentence["text"],
            "evidence": sentence["quotes"],
            "passages": sentence["passages"],
        }
        for row in rows
        for sentence in row["sentences"]
    }
    lines = [json.dumps(sheet[key], ensure_ascii=False) for key in sorted(sheet)]
    random.Random(SEED).shuffle(lines)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def read_labels(path: Path | None) -> dict[str, bool]:
    """A reader's word on each sentence of the sheet; raises `UsageError` for anything else."""
    if path is None:
        return {}
    try:
        labels = {row["key"]: row["supported"] for row in json_lines(path)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f'{path}: write one {{"key": "...", "supported": true}} a line.') from error
    if not all(isinstance(supported, bool) for supported in labels.values()):
        raise UsageError(f'{path}: "supported" must be true or false.')
    return labels


def say_answers(rows: Sequence[Row], labels: Mapping[str, bool]) -> Row:
    """Both modes side by side, over the questions that both were replayed for."""
    by_mode = {mode: {row["key"]: row for row in rows if row["mode"] == mode} for mode in (OFF, ON)}
    keys = [key for key in by_mode[OFF] if key in by_mode[ON]]
    found = {mode: numbers([by_mode[mode][key] for key in keys], labels) for mode in (OFF, ON)}
    names = list(found[ON])
    lines = [(name, _shown(found[OFF].get(name)), _shown(found[ON].get(name))) for name in names]
    table(f"answers to {len(keys)} questions", ("", "gate off", "gate on"), lines)
    lost = lost_answers([by_mode[OFF][key] for key in keys], [by_mode[ON][key] for key in keys])
    table("right answers", ("told by", "right, gate off", "right, gate on", "lost", "won", "lost, %"), [
        (name, *part.values(), percent(part["lost"] / part["off"] if part["off"] else None))
        for name, part in lost.items()
    ])  # fmt: skip
    other = sum(not row["same_prompt"] for row in rows)
    if other:
        say(f"\n{other} replayed rows: the service now writes another prompt than the one that was recorded.")
    return {"questions": len(keys), "numbers": found, "right": lost, "other_prompt": other}


def numbers(rows: Sequence[Row], labels: Mapping[str, bool]) -> Row:
    """Counts and shares of one mode. Abstaining is right for questions without an answer that the asker may read."""
    abstained = [row for row in rows if row["status"] == "abstained"]
    should = [row for row in rows if row["kind"] in _ABSTAINS]
    both = sum(row["kind"] in _ABSTAINS for row in abstained)
    sentences = [sentence for row in rows for sentence in row["sentences"]]
    labelled = [labels[sentence["key"]] for sentence in sentences if sentence["key"] in labels]
    caught = Counter(item["judgement"]["stage"] for row in rows for item in row["withheld"])
    found: Row = {
        "abstained": len(abstained),
        "should abstain": len(should),
        "abstention precision": share(both, len(abstained)),
        "abstention recall": share(both, len(should)),
        "sentences shipped": len(sentences),
        "labelled": len(labelled),
        "unsupported": share(labelled.count(False), len(labelled)),
        "sentences withheld": sum(caught.values()),
        "opened by a quotation": sum(s["note"] == Note.QUOTED for row in rows for s in row["sentences"]),
    }
    return found | {f"withheld by {stage}": count for stage, count in caught.most_common()}


def lost_answers(off: Sequence[Row], on: Sequence[Row]) -> dict[str, Row]:
    """By each way to tell right from wrong: right without the gate, with it, lost by it, won by it."""
    found: dict[str, Row] = {}
    for before, after in zip(off, on, strict=True):
        for name, was in before["right"].items():
            now = after["right"][name]
            part = found.setdefault(f"{before['source']}: {name}", {"off": 0, "on": 0, "lost": 0, "won": 0})
            for column, holds in (("off", was), ("on", now), ("lost", was and not now), ("won", now and not was)):
                part[column] += holds
    return found


def share(hits: int, count: int) -> Row:
    """With its Wilson interval; the share is None of nothing."""
    low, high = wilson(hits, count)
    return {"share": hits / count if count else None, "hits": hits, "of": count, "low": low, "high": high}


def _shown(value: object) -> object:
    if not isinstance(value, dict):
        return 0 if value is None else value
    interval = f"[{percent(value['low'])}, {percent(value['high'])}]"
    return f"{percent(value['share'])} % {interval} ({value['hits']}/{value['of']})" if value["of"] else "-"
