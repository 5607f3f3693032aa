"""Answers as signed files, for who may read every version that they quote or name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.wiring.kept import Place, rests_on
from infra.postgres.audit import PostgresAudit
from infra.postgres.chain import AuditRow, Opened, canonical, is_erased, is_unknown
from infra.postgres.citing import with_numbers
from infra.witness.bundles import SHOWN, answer_of, bundle, proof_of
from infra.witness.errors import AnswerErased, WitnessError
from infra.witness.witnesses import Witnesses
from ingest.errors import PageError
from ingest.types import PageAsked
from retrieval.types import Principal

_MOST_PAGES = 24
_TOLD = ("principal", "question", "as_of", "answer")


class _Text(Protocol):
    @property
    def text(self) -> str: ...


class Documents(Protocol):
    def text(self, document_id: str, version: int | None, principal: Principal) -> _Text | None: ...


class Pages(Protocol):
    def find(self, document_id: str, asked: PageAsked, principal: Principal) -> Any: ...

    def draw(self, place: Any, principal: Principal) -> bytes | None: ...


class Bundles:
    """Implements `api.http.parts.Bundles`."""

    def __init__(
        self,
        audit: PostgresAudit,
        witnesses: Witnesses,
        documents: Documents,
        pages: Pages,
        key: Ed25519PrivateKey,
    ) -> None:
        self._audit, self._witnesses = audit, witnesses
        self._documents, self._pages = documents, pages
        self._key = key

    def bundle(
        self, audit_id: str, principal: Principal, *, auditor: bool = False
    ) -> tuple[bytes, Sequence[Place]] | None:
        """The file, and the versions whose texts are in it; None where there is no such answer, it is not the
        principal's own (which an auditor need not care for), they may not read all of it, or parts of it were erased.
        Raises `AuditBroken` and `WitnessError`."""
        with suppress(AnswerErased):
            return self._bundle(audit_id, principal, auditor=auditor)
        return None

    def _bundle(self, audit_id: str, principal: Principal, *, auditor: bool) -> tuple[bytes, Sequence[Place]] | None:
        rows = tuple(reversed(self._audit.opened(audit_id)))
        closed = answer_of([opened.row for _, opened in rows])
        if closed is None or not (auditor or closed["principal"] == f"user:{principal.user}"):
            return None
        _whole(closed)
        texts = {}
        placed = with_numbers(closed)
        places = sorted(rests_on(placed).items())
        for (id_, version), name in places:
            view = self._documents.text(id_, version, principal)
            if view is None:
                return None
            texts[name] = view.text
        answer_id = rows[0][0].id
        told = {"answer_id": answer_id, **{name: closed[name] for name in _TOLD}}
        parts = {"answer.json": canonical(told).encode()}
        for name, text in texts.items():
            parts[f"texts/{name}.txt"] = text.encode(errors="surrogatepass")
        parts |= self._pictures(placed["answer"]["citations"], principal)
        return bundle(answer_id, self._proof(rows), parts, self._key), [place for place, _ in places]

    def own(self, audit_id: str) -> bytes | None:
        """As it was for who asked, with the groups that they had. Raises as `bundle`, and `AnswerErased`."""
        closed = answer_of(tuple(reversed(self._audit.show(audit_id))))
        if closed is None:
            return None
        _whole(closed)
        made = self._bundle(audit_id, asker(closed), auditor=False)
        return made[0] if made else None

    def _proof(self, rows: Sequence[tuple[AuditRow, Opened]]) -> Mapping[str, Any]:
        if self._witnesses.of(rows[-1][0].seq) is None:
            with suppress(WitnessError):  # the checkpoint is made, whoever gets it
                self._witnesses.round()
        return proof_of(rows, self._witnesses)

    def _pictures(self, citations: Sequence[Mapping[str, Any]], principal: Principal) -> dict[str, bytes]:
        """Of the pages on which a quote stands, its lines marked, where the file has pages that can be drawn."""
        found: dict[str, bytes] = {}
        for one in citations:
            for page in sorted({box["page"] for box in one["boxes"]}):
                if len(found) == _MOST_PAGES:
                    return found
                asked = PageAsked(page, one["version"], "", one["start"], one["end"])
                with suppress(PageError):
                    place = self._pages.find(one["document_id"], asked, principal)
                    picture = self._pages.draw(place, principal) if place else None
                    if picture:
                        found[f"pages/{one['id']}-p{page}.png"] = picture
        return found


def _whole(closed: Mapping[str, Any]) -> None:
    """Raises `AnswerErased`."""
    if is_unknown(closed["principal"]) or any(is_erased(closed.get(name)) for name in SHOWN):
        raise AnswerErased("Parts of this answer were erased, so that it cannot be proved any more.")


def asker(record: Mapping[str, Any]) -> Principal:
    """Who asked, as it was recorded."""
    user = str(record["principal"]).removeprefix("user:")
    return Principal(user, frozenset(record.get("groups", ())), frozenset(record.get("shut", ())))
