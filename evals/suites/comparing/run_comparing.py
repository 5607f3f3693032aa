"""`footnote bench compare`: versions with known changes are made, written, read again and compared."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.terminal import note, say
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.comparing.blocks import Block, Original, clauses, originals
from evals.suites.comparing.edits import KINDS, Version
from evals.suites.comparing.scoring import Pair, Scored
from evals.suites.comparing.written import FORMATS
from generation.gate.claims import sentence_spans
from ingest.chunking import assemble
from ingest.parsers import parse
from ingest.types import Document, FactKind
from retrieval.comparing.comparing import compare
from retrieval.comparing.types import Difference, Text

_NO_TABLES = {"txt"}


@dataclass(frozen=True, slots=True)
class _Element:
    kind: Any
    level: int
    start: int
    end: int
    page: int | None


def run(data: Path, changes: int, documents: int, seed: int, out: Path | None) -> int:
    """1 if a quote does not stand at its bytes."""
    results = ResultFile(out)
    note(f"Reading {documents} documents ...")
    versions = _planted(list(originals(data, documents, seed)), changes, seed)
    rows: list[dict[str, Any]] = []
    exact, seconds, characters = True, 0.0, 0
    for format_, version in versions:
        for edited in (True, False):
            pair, took = _pair(version, format_, edited)
            scored, false = pair.scored(version.edits if edited else ())
            exact &= pair.exact()
            seconds, characters = seconds + took, characters + len(pair.old.text) + len(pair.new.text)
            rows.append(_row(version, format_, edited, pair, scored, false, took))
            results.add({"row": "pair", **rows[-1]})
            for one in scored:
                results.add({"row": "change", "document": version.original.name, "format": format_, **_change(one)})
    told = {"exact": exact, "cpu_s": round(seconds, 2), "characters": characters}
    results.add({"row": "summary", "command": command_line(), **setting(), "code": code("retrieval.comparing"), **told})
    _say(rows, told)
    return 0 if exact else 1


def _planted(found: Sequence[Original], changes: int, seed: int) -> list[tuple[str, Version]]:
    """Documents in formats by turns, with the changes spread over them; of each kind as many as of another, as far as
    there is room."""
    chance = random.Random(seed)
    banks = [[one.blocks[first:last] for first, last in clauses(one.blocks)] for one in found]
    versions = [
        (list(FORMATS)[at % len(FORMATS)], Version(_kept(one, at), _others(banks, at), random.Random(f"{seed} {at}")))
        for at, one in enumerate(found)
    ]
    wanted = Counter({kind: changes // len(KINDS) for kind in KINDS})
    wanted.update(list(KINDS)[: changes % len(KINDS)])
    for kind in KINDS:
        left = wanted[kind]
        turns = [version for _, version in versions]
        chance.shuffle(turns)
        while left and turns:
            turns = [version for version in turns if left and version.plant(kind) and (left := left - 1) >= 0]
    short = changes - sum(len(version.edits) for _, version in versions)
    for _, version in versions * short:
        if short and version.plant("modal"):
            short -= 1
    return versions


def _kept(original: Original, at: int) -> Original:
    if list(FORMATS)[at % len(FORMATS)] not in _NO_TABLES:
        return original
    return Original(original.name, tuple(b for b in original.blocks if b.level >= 0), original.parties)


def _others(banks: Sequence[Sequence[tuple[Block, ...]]], at: int) -> list[tuple[Block, ...]]:
    """Clauses of the other documents."""
    return [clause for number, bank in enumerate(banks) if number != at for clause in bank]


def _pair(version: Version, format_: str, edited: bool) -> tuple[Pair, float]:
    """Both versions written and read again, and the seconds of CPU time that the comparison took."""
    write = FORMATS[format_]
    old = _read(write(version.original.blocks, later=False), format_)
    new = _read(write(version.result() if edited else version.original.blocks, later=True), format_)
    started = time.process_time()
    comparison = compare(_text(old), _text(new), sentence_spans)
    return Pair(old, new, comparison), time.process_time() - started


def _read(data: bytes, format_: str) -> Document:
    name = f"version.{format_}"
    return assemble(parse(data, name), source=name, content_sha256="")


def _text(document: Document) -> Text:
    elements = [
        _Element(one.element.kind, one.element.level, one.start, one.end, one.element.page) for one in document.elements
    ]
    parties = [fact for fact in document.facts if fact.kind is FactKind.PARTY]
    return Text(document.text, elements, [name for fact in parties for name in (fact.value, fact.term) if name])


def _row(
    version: Version, format_: str, edited: bool, pair: Pair, scored: Sequence[Scored], false: Sequence[Difference],
    took: float,
) -> dict[str, Any]:  # fmt: skip
    return {
        "document": version.original.name,
        "format": format_,
        "edited": edited,
        "planted": len(scored),
        "found": sum(one.found for one in scored),
        "differences": len(pair.comparison.differences),
        "false": len(false),
        "false_ones": [_quoted(pair, one) for one in false],
        "alike": round(pair.comparison.alike, 4),
        "characters": len(pair.old.text) + len(pair.new.text),
        "cpu_s": round(took, 3),
        "kinds": dict(_by_kind(scored)),
    }


def _by_kind(scored: Sequence[Scored]) -> Iterator[tuple[str, list[int]]]:
    """Planted, found, of the right kind, with just the right words; differences of other kinds in them."""
    for kind in KINDS:
        own = [one for one in scored if one.edit.kind == kind]
        if own:
            yield (
                kind,
                [len(own), *(sum(getattr(one, name) for one in own) for name in ("found", "kind", "words", "odd"))],
            )


def _change(one: Scored) -> dict[str, Any]:
    return {"kind": one.edit.kind, "found": one.found, "right_kind": one.kind, "right_words": one.words, "odd": one.odd,
            "old": one.edit.old[:400], "new": one.edit.new[:400], "words": one.edit.words}  # fmt: skip


def _quoted(pair: Pair, one: Difference) -> dict[str, Any]:
    old = [pair.old.text[span.start : span.end][:200] for span in one.old]
    new = [pair.new.text[span.start : span.end][:200] for span in one.new]
    words = [(pair.old.text[w.old.start : w.old.end], pair.new.text[w.new.start : w.new.end]) for w in one.words]
    return {"kind": one.kind, "changes": one.changes, "old": old, "new": new, "words": words}


def _say(rows: Sequence[dict[str, Any]], told: dict[str, Any]) -> None:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for row in rows:
        for kind, numbers in row["kinds"].items():
            counts[kind] = [one + more for one, more in zip(counts[kind], numbers, strict=True)]
    lines = [(kind, *counts[kind]) for kind in KINDS if kind in counts]
    lines.append(("all", *(sum(column) for column in zip(*counts.values(), strict=True))))
    table("Changes", ("kind", "planted", "found", "right kind", "right words", "odd"), lines)
    parts = []
    for format_ in FORMATS:
        for edited in (True, False):
            own = [row for row in rows if row["format"] == format_ and row["edited"] is edited]
            if own:
                sums = [sum(row[name] for row in own) for name in ("planted", "found", "differences", "false")]
                parts.append((format_, "changed" if edited else "only set otherwise", len(own), *sums))
    table("Files", ("format", "new version", "pairs", "planted", "found", "differences", "false"), parts)
    say(f"\nEvery quote at its bytes: {'yes' if told['exact'] else 'NO'}. Compared {told['characters']:,} characters "
        f"in {told['cpu_s']} s of CPU time.")  # fmt: skip
