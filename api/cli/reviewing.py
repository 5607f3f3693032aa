"""`footnote review`: the same questions over many documents."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened, principal, recorded
from api.cli.options import As, AsOf, Groups, Json, Strictness
from api.cli.registry import Registry
from api.terminal import UsageError, check_place, counted, counting, note, say, say_json, say_table

if TYPE_CHECKING:
    from api.bootstrap import Container
    from api.wiring.review_seeing import ShownReview
    from api.wiring.reviews import ShownRow
    from retrieval.types import Principal

_COLUMN = "question"
_WIDTH = 60


def register(commands: Registry) -> None:
    commands.add(review, "review")


def review(
    questions: Annotated[
        Path | None,
        typer.Option(help="One question a line, or CSV with a column 'question'.", exists=True, dir_okay=False),
    ] = None,
    documents: Annotated[
        list[str] | None, typer.Option("--documents", metavar="ID", help="By id; repeatable, or with commas.")
    ] = None,
    source_prefix: Annotated[str, typer.Option(help="Documents whose source begins so.")] = "",
    collection: Annotated[str, typer.Option(help="The documents of a collection.")] = "",
    title: Annotated[str, typer.Option(help="What it is called; else the name of the questions' file.")] = "",
    as_user: As = "",
    groups: Groups = "",
    as_of: AsOf = None,
    live: Annotated[bool, typer.Option("--live", help="A service asks again when a document changes.")] = False,
    strictness: Strictness = None,
    resume: Annotated[str, typer.Option(metavar="ID", help="Go on with a review; what failed is asked again.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write it as .xlsx or .docx.")] = None,
    as_json: Json = False,
) -> int:
    """Ask questions of many documents; exit code 1 if a cell failed. Stopped in the middle, --resume goes on."""
    kind = kind_of(out)
    if out is not None:
        check_place(out)
    if bool(resume) == (questions is not None):
        raise UsageError("Say what is asked with --questions FILE, or go on with --resume ID.")
    asked = _questions(questions) if questions else []
    asker = principal(as_user, groups)
    with opened() as parts:
        if resume:
            parts.review_desk.resume(resume, asker, None)
            review_id = resume
        else:
            ids = _documents(parts, asker, documents or (), source_prefix, collection)
            name = title or (questions.stem if questions else "")
            review_id = _start(parts, asker, name, asked, ids, as_of, live=live, strictness=strictness)
        _finish(parts, asker, review_id)
        every = parts.review_desk.every_row(review_id, asker)
        shown, rows = every.shown, [row for page in every.pages for row in page]
        told = [place for row in rows for cell in row.cells if cell.kept for place in sorted(cell.kept.rests_on)]
        recorded(parts, "read_review", asker, told, review_id=review_id)
        if out is not None and kind:
            exported = parts.review_exports[kind](review_id, asker)
            recorded(parts, "export_review", asker, exported.shown, review_id=review_id, format=kind)
            out.write_bytes(exported.data)
        _say(parts, asker, shown, rows, as_json=as_json)
    if out is not None:
        note(f"Written to {out}.")
    return 1 if shown.counts.get("failed") else 0


def _start(
    parts: Container,
    asker: Principal,
    title: str,
    questions: Sequence[str],
    documents: Sequence[str],
    as_of: datetime | None,
    *,
    live: bool,
    strictness: str | None,
) -> str:
    """Its id; raises `UsageError` for what the HTTP API would not take either."""
    from pydantic import ValidationError

    from api.http.schemas.reviews import NewReview

    day = as_of.date().isoformat() if as_of else None
    fields = {"title": title, "questions": questions, "documents": documents, "as_of": day, "live": live}
    fields |= {"strictness": strictness}
    try:
        body = NewReview.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    strict = parts.strictness.of_all(body.strictness) == "strict"
    of = (body.title, body.questions, body.only, body.as_of)
    return parts.review_desk.start(asker, None, *of, live=body.live, strict=strict)


def _finish(parts: Container, asker: Principal, review_id: str) -> None:
    import asyncio

    total = sum(parts.review_desk.find(review_id, asker).counts.values())
    groups = f" --groups {','.join(sorted(asker.groups))}" if asker.groups else ""
    again = f"footnote review --resume {review_id} --as user:{asker.user}{groups}"
    note(f"Review {review_id}, {counted(total, 'cell')}. Interrupted, go on with: {again}")
    with counting("Cells") as tell:
        asyncio.run(parts.review_work.finish(review_id, lambda left: tell(max(total - left, 0), total)))


def _say(parts: Container, asker: Principal, shown: ShownReview, rows: Sequence[ShownRow], *, as_json: bool) -> None:
    if as_json:
        from api.http.schemas.reviews import ReviewDetail, ReviewOut, ReviewRow

        ids = {id_ for row in rows for cell in row.cells if cell.kept for id_, _ in cell.kept.rests_on}
        seen = parts.numbers.of(asker, ids | {row.document_id for row in rows})
        out = [ReviewRow.of(row, seen) for row in rows]
        say_json(ReviewDetail(**dict(ReviewOut.of(shown)), rows=out, next=None))
        return
    for number, question in enumerate(shown.review.questions, 1):
        say(f"{number}. {question}")
    say()
    header = ("document", *map(str, range(1, len(shown.review.questions) + 1)))
    say_table(header, [(_short(row.title), *(cell.status for cell in row.cells)) for row in rows])
    say()
    say(", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(shown.counts.items())))


def _short(title: str) -> str:
    return title if len(title) <= _WIDTH else f"{title[: _WIDTH - 3]}..."


def kind_of(out: Path | None) -> str:
    """The format of the file; raises `UsageError` for others."""
    kind = out.suffix.removeprefix(".").lower() if out else ""
    if out is not None and kind not in {"xlsx", "docx"}:
        raise UsageError(f"--out {out}: name a file that ends in .xlsx or .docx.")
    return kind


def _questions(path: Path) -> list[str]:
    """Raises `UsageError` for a file without any."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8. Save it as UTF-8.") from error
    lines = text.splitlines()
    if path.suffix.lower() == ".csv":
        try:
            rows = [row for row in csv.reader(text.splitlines(keepends=True)) if row]
        except csv.Error as error:
            raise UsageError(f"{path} is no table: {error}. Save it as CSV.") from error
        header = [name.strip().lower() for name in rows[0]] if rows else []
        at = header.index(_COLUMN) if _COLUMN in header else 0
        lines = [row[at] for row in rows[_COLUMN in header :] if len(row) > at]
    found = [" ".join(line.split()) for line in lines if line.strip()]
    if not found:
        raise UsageError(f"There are no questions in {path}. Write one a line.")
    return found


def _documents(
    parts: Container, asker: Principal, named: Sequence[str], source_prefix: str, collection: str
) -> list[str]:
    """Ids; raises `UsageError` unless they are named in one way, and there are any."""
    if sum(map(bool, (named, source_prefix, collection))) != 1:
        raise UsageError("Name the documents with one of --documents, --source-prefix and --collection.")
    if named:
        return [id_.strip() for one in named for id_ in one.split(",") if id_.strip()]
    if collection:
        found = list(parts.collections.documents(collection))
    else:
        found = [one.document_id for one in parts.documents.list(asker) if one.source.startswith(source_prefix)]
    if not found:
        raise UsageError("There are no such documents that this person may read.")
    return found
