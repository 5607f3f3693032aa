"""Versions as their readers count them."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from infra.postgres.layout import DocumentInfo, VersionInfo
from infra.postgres.pool import Pool, reading_as
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from retrieval.types import Numbering, Principal

_ID_BYTES = 12


def version_id(key: bytes, document_id: str, version: int) -> str:
    """Names a version for everybody who may read it, as long as there is one, and tells nothing of the others."""
    told = uuid.UUID(document_id).bytes + version.to_bytes(4, "big")
    return "v_" + urlsafe_b64encode(hmac.new(key, told, hashlib.sha256).digest()[:_ID_BYTES]).decode()


class PostgresNumbers:
    """Reads under row-level security. `key`: of this installation, for the ids of versions."""

    def __init__(self, pool: Pool, key: bytes) -> None:
        self._pool = pool
        self._key = key

    def of(self, principal: Principal, document_ids: Collection[str]) -> Numbering:
        """How the principal counts the versions of these documents, under each id as it is given."""
        wanted = {id_: found for id_ in document_ids if (found := as_uuid(id_)) is not None}
        if not wanted:
            return Numbering({})
        with reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["readable_versions"], {"ids": list({*wanted.values()})}).fetchall()
        read = self.among(rows).versions
        return Numbering({id_: read.get(str(found), {}) for id_, found in wanted.items()})

    def among(self, versions: Iterable[tuple[str, int]]) -> Numbering:
        """How somebody counts who may read just these, by document ascending."""
        found: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for document_id, version in versions:
            found[document_id][version] = version_id(self._key, document_id, version)
        return Numbering(dict(found))

    def counted(self, infos: Sequence[DocumentInfo]) -> tuple[DocumentInfo, ...]:
        """The same as somebody counts who may read just the versions that are told of."""
        seen = self._told(infos)
        return tuple(_counted(info, seen) for info in self.named(infos))

    def named(self, infos: Sequence[DocumentInfo]) -> tuple[DocumentInfo, ...]:
        """The same with the ids of the versions, whose numbers stay as they are stored."""
        seen = self._told(infos)
        return tuple(_named(info, seen) for info in infos)

    def _told(self, infos: Sequence[DocumentInfo]) -> Numbering:
        return self.among((info.document_id, one.version) for info in infos for one in info.versions)


def _named(info: DocumentInfo, seen: Numbering) -> DocumentInfo:
    own = info.document_id
    versions = tuple(replace(one, version_id=seen.id(own, one.version)) for one in info.versions)
    return replace(info, version_id=seen.id(own, info.version), versions=versions)


def _counted(info: DocumentInfo, seen: Numbering) -> DocumentInfo:
    versions = tuple(_counted_version(info.document_id, one, seen) for one in info.versions)
    return replace(info, version=seen.number(info.document_id, info.version), versions=versions)


def _counted_version(document_id: str, one: VersionInfo, seen: Numbering) -> VersionInfo:
    corrected = one.corrects if seen.knows(document_id, one.corrects) else None
    number = seen.number(document_id, one.version)
    return replace(one, version=number, corrects=None if corrected is None else seen.number(document_id, corrected))
