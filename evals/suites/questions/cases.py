"""The lines of a file of questions, as `evals.datasets.golden` and `footnote eval nightly --questions` read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from api.terminal import UsageError
from evals.datasets.golden import load_cases
from evals.suites.questions.facts import spellings
from evals.suites.questions.making import Made, digest
from evals.suites.questions.unanswerable import Refused
from evals.types import Kind
from ingest.languages import language_of
from retrieval.types import Principal

BY = "footnote eval questions"
Row = dict[str, Any]


def answered(one: Made, page: int | None, asker: Principal, recipe: Mapping[str, Any]) -> Row:
    return _row(one.question, one.kind, one, page, asker, recipe, "drafted") | {
        "answer": one.answer,
        "must_contain": [list(spellings(one.answer))],
    }


def refused(one: Refused, page: int | None, asker: Principal, recipe: Mapping[str, Any], *, forbidden: bool) -> Row:
    """A forbidden one holds what stays hidden, and as `must_contain` what would be a leak; the other has no gold."""
    how = "hidden" if forbidden else "swapped"
    row = _row(one.question, Kind.FORBIDDEN if forbidden else Kind.UNANSWERABLE, one.of, page, asker, recipe, how)
    if forbidden:
        return row | {"answer": one.of.answer, "must_contain": [list(one.secret)] if one.secret else []}
    return row | {"evidence": [], "answer": "", "must_contain": [], "asked_of": one.document.source}


def load(out: Path) -> list[Row]:
    """The lines of the file; none where there is none. Raises `UsageError` for what is no file of questions."""
    if not out.exists():
        return []
    load_cases(out)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line.strip()]


def save(out: Path, rows: Sequence[Row]) -> None:
    """In one step, once it is known that it can be loaded. Raises `UsageError`."""
    beside = out.with_name(f"{out.name}.new")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.touch(0o600)
        if out.exists():  # who may read it stays as it was
            beside.chmod(out.stat().st_mode & 0o777)
        beside.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        ids = [case.id for case in load_cases(beside)]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise UsageError(f"{out} would hold {', '.join(twice[:5])} twice.")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def _row(
    question: str, kind: Kind, one: Made, page: int | None, asker: Principal, recipe: Mapping[str, Any], how: str
) -> Row:
    chunk = one.chunk
    start, end = chunk.start + one.fact.gold[0], chunk.start + one.fact.gold[1]
    evidence = {
        "source": chunk.source, "page": page, "quote": one.gold, "document_id": chunk.document_id,
        "version": chunk.version, "start": start, "end": end, "section": list(chunk.section_path),
    }  # fmt: skip
    return {
        "id": f"made-{digest(chunk.chunk_id + question)[:10]}",
        "kind": kind.value,
        "question": question,
        "asker": {"user": asker.user, "groups": sorted(asker.groups)},
        "evidence": [evidence],
        "language": language_of(chunk.text),
        "type": PurePosixPath(chunk.source).suffix.lstrip(".").lower() or "none",
        "fact": one.fact.kind.value,
        "generated": {"by": BY, "how": how, "rank": one.rank, "reviewed": False, "recipe": dict(recipe)},
    }
