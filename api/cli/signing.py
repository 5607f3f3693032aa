"""`footnote answers export|sign|sign-offs`: answers as documents, and what people say of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened, principal, recorded
from api.cli.options import AnswerId, As, Groups, Json
from api.cli.registry import Registry
from api.terminal import UsageError, check_place, note, say, say_json

if TYPE_CHECKING:
    from api.bootstrap import Container
    from generation.people import KeptAnswer, SignOff
    from retrieval.types import Principal

Number = Annotated[int | None, typer.Option("--sentence", min=1, help="Its number, from 1; else the whole answer.")]


class Form(StrEnum):
    DOCX = "docx"
    MD = "md"
    PDF = "pdf"


class Said(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGED = "changed"


def register(answers: Registry) -> None:
    answers.add(export, "export")
    answers.add(sign, "sign")
    answers.add(sign_offs, "sign-offs")


def export(
    audit_ids: Annotated[list[str], typer.Argument(metavar="AUDIT_ID...", help="Of answers, in this order.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write it.")],
    form: Annotated[Form, typer.Option("--format", help="Word, Markdown or PDF.")] = Form.DOCX,
    title: Annotated[str, typer.Option(help="What stands above it.")] = "Memorandum",
    as_user: As = "",
    groups: Groups = "",
) -> int:
    """Write answers as a memo whose footnotes quote the sources: docs/exports.md.

    Those that --as has asked, or that are shared with them, and of which they may read all; quotes are linked where
    FOOTNOTE_PUBLIC_URL is set.
    """
    from api.wiring.exporting import written

    check_place(out)
    asker = principal(as_user, groups)
    with opened() as parts:
        for kept in [_opened(parts, one, asker, "export_answer") for one in audit_ids]:
            recorded(parts, "export_answer", asker, sorted(kept.rests_on), audit_id=kept.audit_id)
        url = parts.settings.public_url
        memo = parts.exporting.memo_of(audit_ids, asker, title, f"{url.rstrip('/')}/" if url else "").memo
        data = written(memo, form.value)
    out.write_bytes(data)
    note(f"{out}: {len(data):,} bytes, {len(memo.passages)} answers, {len(memo.sources)} sources.")
    return 0


def sign(
    audit_id: AnswerId,
    verdict: Annotated[Said | None, typer.Option(help="What you say of it.")] = None,
    sentence: Number = None,
    words: Annotated[str, typer.Option(help="Why, or with which other words it holds.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what you said of it.")] = False,
    as_user: As = "",
    groups: Groups = "",
    as_json: Json = False,
) -> int:
    """Say what you think of an answer, or of a sentence of it; exports show it, and the audit trail keeps all of it."""
    from generation.people import SignVerdict

    if withdraw == (verdict is not None):
        raise UsageError("Say either --verdict approved, rejected or changed, or --withdraw.")
    asker = principal(as_user, groups)
    with opened() as parts:
        if verdict is None:
            if not parts.signing.withdraw(audit_id, sentence, asker):
                raise UsageError(f"user:{asker.user} has said nothing of it that could be taken back.")
            note("Taken back. The audit trail keeps that it was said.")
            return 0
        found = parts.signing.put(audit_id, sentence, asker, SignVerdict(verdict.value), words)
    if found is None:
        raise UsageError(_missing(audit_id, asker) + (f" Or it has no sentence {sentence}." if sentence else ""))
    _say([found], as_json=as_json)
    return 0


def sign_offs(audit_id: AnswerId, as_user: As = "", groups: Groups = "", as_json: Json = False) -> int:
    """What was said of an answer, oldest first."""
    asker = principal(as_user, groups)
    with opened() as parts:
        kept = _opened(parts, audit_id, asker, "read_sign_offs")
        recorded(parts, "read_sign_offs", asker, sorted(kept.rests_on), audit_id=kept.audit_id)
        found = parts.signing.of(audit_id, asker)
    _say(found[0] if found else [], as_json=as_json)
    return 0


def _opened(parts: Container, audit_id: str, asker: Principal, action: str) -> KeptAnswer:
    """An answer of their own, or one that is shared with them; raises `UsageError`, which is recorded."""
    kept = parts.signing.open(audit_id, asker)
    if kept is None:
        recorded(parts, action, asker, audit_id=audit_id.lower(), refused="not_found")
        raise UsageError(_missing(audit_id, asker))
    return kept


def _missing(audit_id: str, asker: Principal) -> str:
    who = f"user:{asker.user}"
    return f"There is no answer {audit_id} that {who} has asked for, or that is shared with them, and may still read."


def _say(found: list[SignOff], *, as_json: bool) -> None:
    if as_json:
        say_json(found)
        return
    for one in found:
        what = "answer" if one.sentence is None else f"sentence {one.sentence}"
        say(f"{one.at:%Y-%m-%d %H:%M} {what}: {one.verdict} by {one.by}" + (f": {one.words}" if one.words else ""))
    if not found:
        say("Nobody has said anything of it.")
