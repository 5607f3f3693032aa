"""`footnote documents facts`: what is known of a document as a whole, and what people set instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened, principal, recorded
from api.cli.options import As, DocumentId, Groups, Json
from api.terminal import UsageError, say, say_json

if TYPE_CHECKING:
    from ingest.types import FactKind, KnownFact

_SHOWN = 90  # characters of a quote


def facts(
    document_id: DocumentId,
    as_user: As = "",
    groups: Groups = "",
    set_: Annotated[str, typer.Option("--set", metavar="KIND=VALUE", help="Set a fact, as the operator.")] = "",
    quote: Annotated[str, typer.Option(help="--set: words of the document that say so.")] = "",
    role: Annotated[str, typer.Option(help="--set party=...: what it is, as Supplier.")] = "",
    term: Annotated[str, typer.Option(help="--set party=...: what the document calls it.")] = "",
    instead_of: Annotated[str, typer.Option(help="--set party=...: the party that is wrong.")] = "",
    remove: Annotated[str, typer.Option(metavar="KIND[=VALUE]", help="Say that this is no fact of it.")] = "",
    as_json: Json = False,
) -> int:
    """Parties, dates, kind, governing law and language of a document, each with its words.

    What is set or removed holds for later versions too, and search finds the document by it. Kinds: party,
    agreement_date, effective_date, expiry_date, document_kind, governing_law, governing_language.
    """
    from api.http.numbers import numbered_facts
    from ingest.types import OPERATOR, NewFact

    asker = principal(as_user, groups)
    _refuse_senseless(set_, remove, {"--quote": quote, "--role": role, "--term": term, "--instead-of": instead_of})
    with opened() as parts:
        known = parts.facts.of(document_id, None, asker, OPERATOR)
        if known is not None and set_:
            kind, value = _split(set_)
            parts.facts.set(document_id, NewFact(kind, value, role, term, quote, instead_of), OPERATOR)
        if known is not None and remove:
            parts.facts.remove(document_id, *_split(remove), OPERATOR)
        if known is not None and (set_ or remove):
            known = parts.facts.of(document_id, None, asker, OPERATOR)
        shown, hidden = ([(document_id, known.version)], {}) if known else ([], {"refused": "not_found"})
        recorded(parts, "read_facts", asker, shown, document_id=document_id.lower(), **hidden)
        if known is None:
            raise UsageError(f"There is no document {document_id} that user:{asker.user} may read.")
        known = numbered_facts(known, parts.numbers.of(asker, [known.document_id]))
    if as_json:
        say_json(known)
        return 0
    for line in fact_lines(known.facts):
        say(line)
    if not known.facts:
        say("No facts were found, and nobody has set any.")
    return 0


def _refuse_senseless(set_: str, remove: str, given: Mapping[str, str]) -> None:
    if set_ and remove:
        raise UsageError("Either --set or --remove, not both.")
    told = [option for option, value in given.items() if value]
    if told and not set_:
        raise UsageError(f"{', '.join(told)}: only with --set.")
    if set_ and "=" not in set_:
        raise UsageError(f"--set: write KIND=VALUE, as {set_}=...")
    if given["--instead-of"] and set_.split("=")[0].strip() != "party":
        raise UsageError("--instead-of: only with --set party=NAME; of each other kind a document has one fact.")
    if remove.strip() in ("party", "party="):
        raise UsageError("Say which party: --remove party=NAME.")


def fact_lines(known: Sequence[KnownFact]) -> list[str]:
    """A line a fact: `party: Kestrel, Inc. (Supplier, "Kestrel") - "words" (version 2)`."""
    return [_line(one) for one in known]


def _line(one: KnownFact) -> str:
    called = ", ".join(filter(None, (one.role, f'"{one.term}"' if one.term else "")))
    words = " ".join(one.quote.split())
    shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
    said = f' - "{shown}" (version {one.version})' if one.quote else ""
    by = f" - set by {one.set_by}" if one.set_by else ""
    return f"{one.kind.value.replace('_', ' ')}: {one.value}{f' ({called})' if called else ''}{said}{by}"


def _split(text: str) -> tuple[FactKind, str]:
    from ingest.types import FactKind

    kind, _, value = text.partition("=")
    try:
        return FactKind(kind.strip().replace("-", "_")), value.strip()
    except ValueError:
        raise UsageError(f"{kind!r} is no kind of fact: {', '.join(FactKind)}.") from None
