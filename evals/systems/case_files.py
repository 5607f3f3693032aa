"""Files of golden questions: what a line's evidence is, and how one is added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api.terminal import UsageError
from evals.datasets.golden import SOURCE_PREFIX, load_cases
from evals.systems.installations import Installation
from generation.people import Expected
from retrieval.types import Principal


def facts_of(stated: Sequence[str]) -> list[list[str]]:
    """Each with its alternatives, which stand between bars."""
    return [[one.strip() for one in fact.split("|") if one.strip()] for fact in stated]


def add(out: Path, row: dict[str, Any]) -> None:
    """Appends the line, once it is known that the file can be loaded with it. Raises `UsageError`."""
    out = out.resolve()  # a link stays one
    try:
        before = out.read_text(encoding="utf-8") if out.exists() else ""
    except (OSError, ValueError) as error:
        raise UsageError(f"{out} cannot be read: {error}") from error
    line = json.dumps(row, ensure_ascii=False)
    text = before + ("" if before.endswith("\n") or not before else "\n") + line + "\n"
    beside = out.with_name(f"{out.name}.new")
    try:
        if out.exists():  # it holds questions in clear: who may read it stays as it was
            beside.touch()
            beside.chmod(out.stat().st_mode & 0o777)
        beside.write_text(text, encoding="utf-8")
        cases = load_cases(beside)
        if [case.id for case in cases].count(row["id"]) > 1:
            raise UsageError(f"{out} has the case {row['id']} already.")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def evidence_of(parts: Installation, place: Expected, asker: Principal) -> dict[str, Any]:
    """The passage as the file has it. Raises `UsageError` where the asker cannot read it, or it stands no more."""
    view = parts.documents.text(place.document_id, place.version, asker)
    now = parts.documents.text(place.document_id, None, asker)
    quote = view.text[place.start : place.end] if view else ""
    if view is None or now is None or not quote.strip():
        raise UsageError(f"{asker.user} cannot read the passage (any more) that is expected.")
    if " ".join(quote.split()) not in " ".join(now.text.split()):
        raise UsageError(
            f"{now.title} has a newer version, in which the expected words do not stand any more: ask again "
            "(`footnote answers ask-again`), and give feedback on the new answer."
        )
    page = next((one.page for one in view.pages if one.start <= place.start < one.end), None)
    named = {"document": view.source.removeprefix(SOURCE_PREFIX)} if view.source.startswith(SOURCE_PREFIX) else {}
    return {**(named or {"source": view.source}), "page": page, "quote": quote}
