"""Past answers that cite words which today's parsers read otherwise, out of the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from infra.postgres.chain import NOT_READ, AuditRow, Vault
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid

_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class PastCitation:
    """A quote of a version, at characters [start, end), that does not occur in what corrects that version. `asked_by`:
    `user:NAME`. `question` is empty where the record of the answer was never closed."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    document_id: str
    source: str
    version: int
    corrected_by: int
    start: int
    end: int
    quote: str


def past_citations(pool: Pool, vault: Vault, ids: Sequence[str] | None = None) -> tuple[PastCitation, ...]:
    """Those of these documents (None: of all), oldest first; what was erased is left out. Reads the whole trail, for
    the operator alone."""
    with transaction(pool) as conn:
        conn.execute(SQL["snapshot"])
        chain = {(id_, old): new for id_, old, new in conn.execute(SQL["correcting_versions"])}
        if ids is not None:
            chain = {place: new for place, new in chain.items() if place[0] in ids}
        return tuple(_citing(conn, chain, vault).values()) if chain else ()


def version_text(pool: Pool, document_id: str, version: int) -> str | None:
    """The canonical text, whoever may read it, for the operator alone; None where there is no such version."""
    with transaction(pool) as conn:
        row = conn.execute(SQL["version_words"], {"id": as_uuid(document_id), "version": version}).fetchone()
    return None if row is None else str(row[1])


def _citing(
    conn: Connection, chain: Mapping[tuple[str, int], int], vault: Vault
) -> dict[tuple[object, ...], PastCitation]:
    @lru_cache(maxsize=32)
    def words(document_id: str, version: int) -> tuple[str, str]:
        row = conn.execute(SQL["version_words"], {"id": as_uuid(document_id), "version": version}).fetchone()
        return (row[0], row[1]) if row else ("", "")

    found: dict[tuple[object, ...], PastCitation] = {}
    with conn.cursor(name="audit_citing") as cursor:
        cursor.itersize = _BATCH_ROWS
        for columns in cursor.execute(SQL["audit_chain"]):
            row = AuditRow(*columns)
            for said, citation in citations_of(row, vault):
                cited = citation["document_id"], citation["version"]
                if cited not in chain:
                    continue
                newest = _newest(chain, *cited)
                source, text = words(cited[0], newest)
                if citation["quote"] in text:
                    continue
                answer = said.get("answer_id", row.id)
                key = (answer, *cited, citation["start"], citation["end"])
                one = found.get(key) or PastCitation(
                    answer,
                    str(said.get("principal", row.principal)),
                    row.recorded_at,
                    "",
                    cited[0],
                    source,
                    cited[1],
                    newest,
                    *key[3:],
                    citation["quote"],
                )
                found[key] = replace(one, question=one.question or str(said.get("question", "")))
    return found


def citations_of(row: AuditRow, vault: Vault) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The record of an answer, or of sentences of it, with each of its citations whose quote is not erased."""
    if '"citations"' not in row.record:
        return
    opened = vault.open(row)
    said = json.loads(opened.row.record)
    answer = said.get("answer")
    cited = answer.get("citations", ()) if isinstance(answer, dict) else said.get("citations", ())
    for citation in cited:
        if not (opened.erased and citation["quote"] in NOT_READ):
            yield said, citation


def _newest(chain: Mapping[tuple[str, int], int], document_id: str, version: int) -> int:
    while (document_id, version) in chain:
        version = chain[document_id, version]
    return version
