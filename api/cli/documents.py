"""`footnote documents`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.comparing import compare
from api.cli.facts import fact_lines, facts
from api.cli.local import opened, principal, recorded
from api.cli.options import As, DocumentId, Groups, Json, chosen_chunking
from api.cli.output import told_apart
from api.cli.registry import Registry
from api.terminal import UsageError, counted, say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("documents", "List, show, delete and restore documents.")
    group.add(list_all, "list")
    group.add(show, "show")
    group.add(facts, "facts")
    group.add(reread, "reread")
    group.add(language, "language")
    group.add(delete, "delete")
    group.add(restore, "restore")
    group.add(sweep, "sweep")
    group.add(compare, "compare")


def list_all(
    as_user: As = "",
    groups: Groups = "",
    deleted: Annotated[bool, typer.Option("--deleted", help="What can be restored.")] = False,
    as_json: Json = False,
) -> int:
    """What the asker may read; all documents without --as."""
    from api.wiring.telling import coverage_words
    from ingest.types import OPERATOR, Author

    asker = principal(as_user, groups) if as_user or groups else None
    with opened() as parts:
        if deleted:
            author = OPERATOR if asker is None else Author(asker.user, asker.tokens)
            infos = parts.documents.deleted(author)
        else:
            infos = parts.documents.everything() if asker is None else parts.documents.list(asker)
        recorded(parts, "list_documents", asker, ((i.document_id, i.version) for i in infos), hits=len(infos))
        infos = parts.numbers.named(infos) if asker is None else parts.numbers.counted(infos)
    if as_json:
        shown = [{**asdict(info), "may_change": True} for info in infos]  # by this command line
        say_json({"documents": shown})
        return 0
    named = told_apart((info.title, info.source) for info in infos)
    rows = [
        (
            i.document_id,
            i.version,
            coverage_words(i.coverage, i.pages) or "-",
            len(i.warnings) or "-",
            i.chunking,
            i.language,
            ",".join(sorted(i.allow)),
            named(i.title, i.source),
        )
        for i in infos
    ]
    if deleted:
        until = [f"{info.restorable_until:%Y-%m-%d %H:%M}" for info in infos]
        say_table(
            ("id", "version", "pages", "warnings", "chunking", "language", "readable by", "until", "title"),
            [(*row[:7], day, row[7]) for row, day in zip(rows, until, strict=True)],
        )
    else:
        say_table(("id", "version", "pages", "warnings", "chunking", "language", "readable by", "title"), rows)
    if behind := sum(info.behind for info in infos):
        say(f"\n{counted(behind, 'document')} read by older rules; `footnote documents reread --all` reads again.")
    return 0


def show(document_id: DocumentId, as_user: As = "", groups: Groups = "", as_json: Json = False) -> int:
    """One document: how its pages were read, and everything that could not be read, or not surely."""
    from api.http.numbers import numbered_facts
    from api.wiring.telling import coverage_words, names_page
    from ingest.languages import measured, named_language
    from ingest.types import OPERATOR

    asker = principal(as_user, groups)
    with opened() as parts:
        info = next((one for one in parts.documents.list(asker) if one.document_id == document_id), None)
        known = parts.facts.of(document_id, None, asker, OPERATOR)
        shown, hidden = ([(document_id, info.version)], {}) if info else ([], {"refused": "not_found"})
        recorded(parts, "read_document", asker, shown, document_id=document_id.lower(), **hidden)
        if info is None or known is None:
            raise UsageError(f"There is no document {document_id} that user:{asker.user} may read.")
        (info,) = parts.numbers.counted([info])
        known = numbered_facts(known, parts.numbers.of(asker, [known.document_id]))
    if as_json:
        say_json({**asdict(info), "facts": known.facts})
        return 0
    say(f"{info.title}\n{info.source}, version {info.version} of {len(info.versions)}")
    say(coverage_words(info.coverage, info.pages) or "No pages.")
    say(f"Chunked by {info.chunking}.")
    if not measured(info.language):
        say(f"In {named_language(info.language)}: found by search, and no answer is given from it (docs/languages.md).")
    for version in info.versions:
        if version.corrects is not None:
            say(f"Version {version.version} corrects the words read in version {version.corrects}.")
    for line in fact_lines(known.facts):
        say(line)
    for one in info.warnings:
        place = f"page {one.page}: " if one.page and not names_page(one.words, one.page) else ""
        say(f"! {place}{one.words}")
    if not info.warnings:
        say("No warnings.")
    if info.behind:
        say(f"It was read by older rules: `footnote documents reread {document_id}` reads it again.")
    return 0


def reread(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="As `footnote documents list` shows them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All documents.")] = False,
    chunking: Annotated[
        str, typer.Option(metavar="KIND", help="Cut them for search in this way from now on, as `ingest --chunking`.")
    ] = "",
    as_json: Json = False,
) -> int:
    """Read originals again that an older version of Footnote has read; stop at any moment and run it again.

    Where other words come out, a new version corrects the old one from the same day on, and past answers are named
    that cite words which do not occur any more. Exit code 1 if a file could not be read.
    """
    from api.wiring.rereading import reread_all

    if ids and everything:
        raise UsageError("Either the documents or --all, not both.")
    if not ids and not everything:
        raise UsageError("Name the documents (`footnote documents list`), or say --all.")
    kind = chosen_chunking(chunking) if chunking else None
    with opened() as parts:
        done, past = reread_all(
            parts.pipeline, parts.rereading, parts.past_citations, ids or None, chunking=kind, as_json=as_json
        )
    failed = [report for report in done if report.code]
    if as_json:
        say_json({"documents": done, "answers": past})
        return 1 if failed else 0
    corrected = [report for report in done if report.corrected]
    say(
        f"Read again: {counted(len(done), 'document')}. Other words in {len(corrected)}, the same in "
        f"{len(done) - len(corrected) - len(failed)}, not read {len(failed)}."
        + (f" Cut anew: {sum(report.rechunked > 0 for report in done)}." if kind else "")
    )
    if past:
        answers = len({one.audit_id for one in past})
        cite = "past answer cites" if answers == 1 else "past answers cite"
        say(f"\n{answers} {cite} words that are read otherwise now:")
    for one in past:
        say(f"{one.asked_at:%Y-%m-%d %H:%M}  {one.asked_by}  audit {one.audit_id}")
        say(f"    {one.source}, version {one.version} (corrected by version {one.corrected_by})")
        say(f'    "{" ".join(one.quote.split())}"')
    return 1 if failed else 0


def language(
    document_id: DocumentId, code: Annotated[str, typer.Argument(help="Of the language, as de or fr.")]
) -> int:
    """Say in which language a document is (de, fr, pt-BR), where it is not as it looks."""
    from ingest.languages import language_code, named_language

    said = language_code(code)
    with opened() as parts:
        parts.documents.set_language(document_id, said)
    say(f"{document_id} is in {named_language(said)}.")
    return 0


def delete(
    document_id: DocumentId,
    as_user: As = "",
    groups: Groups = "",
    now: Annotated[bool, typer.Option("--now", help="Purge it at once: it cannot be restored.")] = False,
) -> int:
    """Delete a document with all its versions. With --as, only one that this person may read."""
    from ingest.types import OPERATOR

    asker = principal(as_user, groups) if as_user or groups else None
    with opened() as parts:
        if asker is not None and all(i.document_id != document_id for i in parts.documents.list(asker)):
            raise UsageError(f"There is no document {document_id} that user:{asker.user} may read.")
        if not parts.documents.delete(document_id, OPERATOR, now=now):
            raise UsageError(f"There is no document {document_id}.")
        days = 0 if now else parts.documents.recycle_days
    way = f"For {days} days `footnote documents restore {document_id}` brings it back." if days else "It is purged."
    say(f"Deleted {document_id} with all its versions. {way}")
    return 0


def restore(document_id: DocumentId) -> int:
    """Bring a deleted document back, with all its versions and its label."""
    from ingest.types import OPERATOR

    with opened() as parts:
        if not parts.documents.restore(document_id, OPERATOR):
            raise UsageError(
                f"There is no deleted document {document_id} that can be restored: `footnote documents list --deleted`."
            )
    say(f"Restored {document_id} with all its versions.")
    return 0


def sweep() -> int:
    """Purge deleted documents whose recycle period is over, and originals that no version uses (after a crash)."""
    with opened() as parts:
        purged = parts.documents.purge()
        count = parts.documents.sweep_blobs()
    say(f"Purged {counted(purged, 'deleted document')}. Removed {counted(count, 'original')} that no version uses.")
    return 0
