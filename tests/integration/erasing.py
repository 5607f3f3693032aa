"""An installation with a document, a person and all that is known of them, for the tests of erasure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import numpy as np
from psycopg.types.json import Jsonb

from api.wiring.people_stores import PeopleStores
from generation.people import SignVerdict
from infra.postgres.pool import transaction
from infra.postgres.review_rows import NewReview
from ingest.syncing.types import Connector, Facts, KnownItem
from ingest.types import OPERATOR, Author, Chunk, Document, Fact, FactKind, chunk_id, document_id
from retrieval.types import Principal

NAME = "jane.roe-4711"
ADDRESS = "jane.roe@example.org"
DISPLAY = "Jane Quillfeather"
WORDS = "The settlement of Wolverhampton Bismuth amounts to 417,300 euros."
OTHER = "The rent of Unit 7 is 500 euros per month, payable in advance."
SECRET = "Wolverhampton Bismuth"
SOURCE = "matters/bismuth-settlement.txt"


@dataclass
class Planted:
    """Ids of what was planted: the document to erase, one that stays, one that the person has uploaded."""

    secret: str
    other: str
    upload: str
    secret_hash: str


def add(parts: PeopleStores, source: str, text: str, allow: Sequence[str], *, author: Author = OPERATOR) -> str:
    original = text.encode()
    sha256 = hashlib.sha256(original).hexdigest()
    facts = (Fact(FactKind.PARTY, text[:12], 0, 12),)
    document = Document(source, f"About {len(text)}", "text/plain", sha256, text, (), facts=facts)
    chunk = Chunk(chunk_id(document.id, sha256, 0, len(text)), document.id, 0, 0, len(text), text, document.title)
    vector = np.frombuffer(hashlib.sha256(original).digest(), np.uint8).astype(np.float32).reshape(1, 32)
    parts.documents.add_version(document, [chunk], vector, frozenset(allow), original, author=author)
    return document.id


def plant(parts: PeopleStores) -> Planted:
    """Words of the document and of the person in every store that there is."""
    secret = add(parts, SOURCE, WORDS, ["group:legal", f"user:{NAME}"])
    add(parts, SOURCE, WORDS + " It is confidential.", ["group:legal", f"user:{NAME}"])
    other = add(parts, "matters/lease.txt", OTHER, ["group:legal", f"!user:{NAME}"])
    jane = Author(NAME, frozenset({f"user:{NAME}"}))
    upload = add(parts, f"upload/{NAME}/notes.txt", "Notes on nothing in particular.", [f"user:{NAME}"], author=jane)
    _person(parts, secret)
    _conversations(parts)
    _jobs(parts)
    _reviews(parts, secret)
    _connector(parts)
    with transaction(parts.pool) as conn:
        conn.execute("ANALYZE")  # which takes samples of all of it
    return Planted(secret, other, upload, hashlib.sha256(WORDS.encode()).hexdigest())


def _person(parts: PeopleStores, secret: str) -> None:
    shown = {"displayName": DISPLAY, "emails": [{"value": ADDRESS}]}
    new = SimpleNamespace(user_name=NAME, external_id="ext-88-jane", active=True, attributes=shown)
    parts.people.add_person(new, "user:scim")
    parts.api_keys.create(NAME, ["legal"], ["read"], f"laptop of {DISPLAY}")
    parts.sessions.begin("demo", NAME, None, frozenset({"read"}))
    parts.sign_offs.put(str(uuid4()), 1, f"user:{NAME}", SignVerdict.APPROVED, f"Seen by {DISPLAY}.", lambda: True)
    parts.budgets.set(f"user:{NAME}", 10, None)
    parts.collections.add("matter", frozenset({"group:legal", f"user:{NAME}"}), frozenset({f"user:{NAME}"}))
    parts.collections.put("matter", [secret])
    with transaction(parts.pool) as conn:
        conn.execute(
            "INSERT INTO facts (document_id, kind, value, set_by, set_at) VALUES (%s, 'party', 'Somebody', %s, now())",
            (document_id("matters/lease.txt"), f"user:{NAME}"),
        )
        conn.execute("INSERT INTO budget_use VALUES (%s, current_date, 3, 4)", (f"user:{NAME}",))
        conn.execute("UPDATE documents SET managers = ARRAY[%s] WHERE source = 'matters/lease.txt'", (f"user:{NAME}",))


def _conversations(parts: PeopleStores) -> None:
    own = parts.conversations.create(Principal(NAME), f"What {DISPLAY} asked", f"Matter of {DISPLAY}")
    parts.conversations.share(own, Principal(NAME), 0, ["user:ana"])
    other = parts.conversations.create(Principal("ana"), "Rents", "Kestrel")
    parts.conversations.share(other, Principal("ana"), 0, [f"user:{NAME}", "user:otto"])


def _jobs(parts: PeopleStores) -> None:
    rows = [
        ("00000000-0000-4000-8000-000000000001", None, "bismuth-settlement.txt", SOURCE, [], ["group:legal"]),
        ("00000000-0000-4000-8000-000000000002", NAME, "notes.txt", f"upload/{NAME}/notes.txt", [f"user:{NAME}"], []),
    ]
    with transaction(parts.pool) as conn:
        for id_, owner, title, source, tokens, allow in rows:
            conn.execute(
                "INSERT INTO jobs (id, kind, title, owner, tokens, admin, queue, priority, request_sha256, request, "
                "finished_at) VALUES (%s, 'ingest', %s, %s, %s, false, 'bulk', 0, '', %s, now())",
                (id_, title, owner, tokens, Jsonb({"allow": allow})),
            )
            report = {"outcome": "added", "source": source, "children": [], "reason": f"of {title}"}
            conn.execute(
                "INSERT INTO job_files (job_id, number, name, source, content_sha256, bytes, state, report) "
                "VALUES (%s, 1, %s, %s, %s, 1, 'done', %s)",
                (id_, source, source, hashlib.sha256(source.encode()).hexdigest(), Jsonb(report)),
            )


def _reviews(parts: PeopleStores, secret: str) -> None:
    for who, title in ((NAME, f"Questions of {DISPLAY}"), ("ana", "Rents")):
        new = NewReview(
            title, (f"{title}?",), (secret, document_id("matters/lease.txt")), None, live=False, key_id=None
        )
        parts.reviews.create(Principal(who, frozenset({"legal"})), new)


def _connector(parts: PeopleStores) -> None:
    parts.connectors.add(Connector("share", "folder", {"path": "/nowhere"}, "/nowhere/map.toml"))
    item = KnownItem("bismuth.txt", "f1", Facts(recipients=("a@b.example",)), frozenset({f"user:{NAME}"}))
    parts.connectors.put("share", [item])


def answer(parts: PeopleStores, question: str, quote: str, cited: str, *, user: str = "ana") -> str:
    """An answer in the trail that quotes words of a document; its id."""
    opening = parts.audit.append_now({"kind": "opened", "principal": f"user:{user}", "question": question})
    citation = {"document_id": cited, "version": 1, "start": 0, "end": len(quote), "quote": quote}
    said = {"sentences": [{"text": quote, "citations": [1]}], "citations": [citation]}
    whose = {"principal": f"user:{user}", "answer_id": opening}
    parts.audit.append_now({"kind": "sentence", **whose, **said})
    parts.audit.append_now(
        {"kind": "closed", **whose, "question": question, "answer": {"answer": quote, "status": "answered", **said}}
    )
    return opening


def search(parts: PeopleStores, query: str, shown: str, *, user: str = "ana") -> None:
    at = datetime.now(UTC).isoformat()
    access = {"action": "search", "at": at, "principal": f"user:{user}", "query": query}
    access["shown"] = [{"document_id": shown, "version": 1}]  # type: ignore[assignment]
    parts.audit.append_now({"kind": "accesses", "accesses": [access]})


def dump(value: object) -> str:
    return json.dumps(value, default=str)
