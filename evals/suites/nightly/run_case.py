"""`footnote eval case`: an answer that went wrong becomes a case that every night asks, also if nobody said a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from api.terminal import UsageError, say
from evals.systems.case_files import add, evidence_of, facts_of
from evals.systems.installations import Installation, asked_of, opened, recorded
from evals.types import Kind
from generation.people import Expected, KeptAnswer
from retrieval.types import Principal


def make_case(audit_id: str, expect: Sequence[str], quote: str, document: str, nothing: bool, out: Path) -> int:
    """Appends a line to `out`. Raises `UsageError` where no case can be made; then nothing is written."""
    with opened() as parts:
        kept = parts.kept.find(audit_id)
        if kept is None:
            raise UsageError(
                f"There is no answer {audit_id} that was given to its end, or what was asked was erased. "
                "Give the whole id: `footnote audit list --action opened` has it."
            )
        row = case_of(parts, kept, expect, quote, document, nothing)
        recorded(parts, "read_answer", None, sorted(kept.rests_on), audit_id=kept.audit_id)
    add(out, row)
    say(f"{row['id']} is the last line of {out}. To ask it every night: footnote eval nightly --questions {out}")
    return 0


def case_of(
    parts: Installation, kept: KeptAnswer, expect: Sequence[str], quote: str, document: str, nothing: bool
) -> dict[str, Any]:
    """The line of the file."""
    stated = facts_of(expect)
    if nothing == bool(stated) or (nothing and (quote or document)) or not all(stated):
        raise UsageError("Say what a right answer states (--expect '90 days|ninety days'), or --nothing, and no more.")
    asker = asked_of(parts, kept.audit_id)
    places = [] if nothing else list(_places(parts, kept, asker, stated, quote, document))
    return {
        "id": f"answer-{kept.audit_id[:8]}",
        "kind": (Kind.UNANSWERABLE if nothing else Kind.ANSWERABLE).value,
        "question": kept.question,
        "asker": {"user": asker.user, "groups": sorted(asker.groups)},
        "evidence": [evidence_of(parts, place, asker) for place in places],
        "answer": "",
        "must_contain": stated,
    }


def _places(
    parts: Installation, kept: KeptAnswer, asker: Principal, stated: Sequence[Sequence[str]], quote: str, document: str
) -> Iterator[Expected]:
    """Where the words that were named stand, or of what the answer cites that which states a fact."""
    if quote:
        yield _found(parts, kept, asker, quote, document)
        return
    cited = [one for one in kept.answer.citations if not document or one.source == document]
    holding = [
        one for one in cited if any(word.lower() in one.quote.lower() for facts in stated for word in facts)
    ]  # fmt: skip
    if not holding:
        raise UsageError(
            "The answer cites nothing that states it: say where it stands, with --document SOURCE and --quote WORDS."
        )
    for one in holding:
        yield Expected(one.document_id, one.version, one.start, one.end)


def _found(parts: Installation, kept: KeptAnswer, asker: Principal, quote: str, document: str) -> Expected:
    """The words, white space apart, in the newest version of the document, or of one that the answer cites."""
    words = re.compile(r"\s+".join(re.escape(word) for word in quote.split()))
    if document:
        ids = [info.document_id for info in parts.documents.list(asker) if info.source == document]
    else:
        ids = list(dict.fromkeys(one.document_id for one in kept.answer.citations))
    for document_id in ids:
        view = parts.documents.text(document_id, None, asker)
        if view is not None and (match := words.search(view.text)):
            return Expected(document_id, view.version, match.start(), match.end())
    where = document or "what the answer cites (name another document with --document SOURCE)"
    raise UsageError(f"{asker.user} reads no such words in {where}.")
