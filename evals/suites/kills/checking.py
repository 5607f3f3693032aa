"""What the trail and the store lack of what clients were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.suites.kills.heard import Heard

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
UNTOLD = "uploads, deletions and restorations lost or without a record"
DOUBLED = "files that became a document twice"
ACCEPTED = "files of accepted jobs that became none"
STUCK = "files that nobody works on any more"
DOCUMENTS = "documents that are not as the trail tells"
SEARCHES = "searches that an undisturbed twin answers otherwise"
HALF = "things half there"
INDEX = "rows of the index that differ from one made anew"
DOWN = "services that did not come back"
FAULTS = (
    SENTENCES, UNOPENED, UNCLOSED, UNNAMED, BROKEN, UNTOLD, DOUBLED, ACCEPTED, STUCK, DOCUMENTS, SEARCHES, HALF, INDEX,
    DOWN,
)  # fmt: skip


def faults(heard: Heard, trail: Trail) -> Counter[str]:
    """How many of those of `FAULTS` that the trail tells; what there is none of is missing."""
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
    changes = [row for row in trail.rows if row.get("kind") == "change"]
    uploads = Counter((row["document_id"], row["content_sha256"]) for row in changes if row["action"] == "upload")
    found[UNTOLD] = len(set(heard.uploaded) - uploads.keys())
    for told, action in ((heard.deleted, "delete"), (heard.restored, "restore")):
        recorded = Counter(row["document_id"] for row in changes if row["action"] == action)
        found[UNTOLD] += (Counter(told) - recorded).total()
    found[DOUBLED] = uploads.total() - len({sha256 for _, sha256 in uploads})  # no two files are alike
    found[ACCEPTED] = len(set(heard.accepted) - {sha256 for _, sha256 in uploads})
    return +found
