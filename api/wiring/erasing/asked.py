"""Documents as they are asked for, by id or source."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from infra.postgres.erasure_types import DocumentToErase
from infra.postgres.errors import DocumentMissing, ErasureRefused
from ingest.types import document_id


def as_id(asked: str) -> str:
    """Of a document, by its id or its source."""
    try:
        return str(UUID(asked))
    except ValueError:
        return document_id(asked)


def check_known(
    asked: Sequence[str], ids: Sequence[str], found: Sequence[DocumentToErase], items: Collection[str]
) -> None:
    """`items`: documents of which a connector knows."""
    known = {one.document_id: one for one in found}
    for said, id_ in zip(asked, ids, strict=False):  # behind them stand those that came out of purged ones
        if id_ not in known and id_ not in items:
            raise DocumentMissing(f"There is no document {said}, and there never was one by this id or source.")
        parent = known[id_].parent if id_ in known else None
        if parent is not None and parent not in ids:
            raise ErasureRefused(
                f"{said} came out of the document {parent}, whose original holds it: erase that one as a whole."
            )
