"""What the trail and the store lack of what clients were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.suites.trail.heard import Heard

Row = Mapping[str, Any]  # a record of the trail with the `id` of its row


@dataclass(frozen=True, slots=True)
class Trail:
    """The trail after a kill: whether it verifies, the rows since the service was started, oldest first, and the ids of
    the answers that verifying names as open."""

    whole: bool
    rows: Sequence[Row]
    named_open: Collection[str]


SENTENCES = "sentences without a record"
UNOPENED = "answers without an opening row"
UNCLOSED = "answers that ended and are not closed"
UNNAMED = "open answers that verify does not name"
BROKEN = "trails that do not verify"
LOST = "uploads and deletions lost"
UNTOLD = "uploads and deletions without a record"
FAULTS = (SENTENCES, UNOPENED, UNCLOSED, UNNAMED, BROKEN, LOST, UNTOLD)


def faults(heard: Heard, trail: Trail) -> Counter[str]:
    """How many of each of `FAULTS` but `LOST`; what there is none of is missing."""
    opened = [row for row in trail.rows if row.get("kind") == "opened"]
    closed = {row["answer_id"] for row in trail.rows if row.get("kind") == "closed"}
    by_question = {(row["question"], row["as_of"]): row["id"] for row in opened}
    found: Counter[str] = Counter()
    for question in heard.questions:
        answer = by_question.get((question.text, question.as_of), "")
        recorded = Counter(
            sentence["text"]
            for row in trail.rows
            if row.get("kind") == "sentence" and row["answer_id"] == answer
            for sentence in row["sentences"]
        )
        found[SENTENCES] += (Counter(question.sentences) - recorded).total()
        found[UNOPENED] += question.answering and not answer
        ended = question.audit_id
        found[UNCLOSED] += bool(ended) and (ended != answer or ended not in closed or ended in trail.named_open)
    found[UNNAMED] = sum(row["id"] not in closed and row["id"] not in trail.named_open for row in opened)
    found[BROKEN] = int(not trail.whole)
    found[UNTOLD] = _untold(heard, trail.rows)
    return +found


def lost(held: Mapping[str, str], there: Mapping[str, str], deleted: Collection[str]) -> int:
    """How many documents that clients know to be there are not, or with other bytes, and how many that they know to be
    gone are still there. `held`, `there`: SHA-256 of the current version by document id, as it is and as known."""
    missing = sum(held.get(document) != sha256 for document, sha256 in there.items())
    return missing + sum(document in held for document in deleted)


def _untold(heard: Heard, rows: Sequence[Row]) -> int:
    changes = [row for row in rows if row.get("kind") == "change"]
    uploads = {(row["document_id"], row["content_sha256"]) for row in changes if row["action"] == "upload"}
    deletions = {row["document_id"] for row in changes if row["action"] == "delete"}
    return len(set(heard.uploaded.items()) - uploads) + len(heard.deleted - deletions)
