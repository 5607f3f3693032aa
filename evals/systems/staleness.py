"""Cases whose gold is none any more, or is another's: the documents have changed since somebody wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

from evals.metrics.citation_resolves import VersionText
from evals.types import Case, Kind
from ingest.types import document_id
from retrieval.types import Principal

GONE, CLOSED, SUPERSEDED = "gone", "closed", "superseded"


class Info(Protocol):
    @property
    def document_id(self) -> str: ...

    @property
    def source(self) -> str: ...


class Documents(Protocol):
    def everything(self) -> Iterable[Info]: ...

    def text(self, document_id: str, version: int | None, principal: Principal, /) -> VersionText | None: ...


class Version(Protocol):
    @property
    def content_sha256(self) -> str: ...


class Versions(Protocol):
    def text(self, document_id: str, version: int | None, principal: Principal, /) -> Version | None: ...


def evidence(documents: Versions, case: Case) -> str:
    """A digest of which versions of its gold's documents the asker reads by now: by their originals, so that reading
    them by other rules changes nothing. "" without gold."""
    sources = sorted(case.gold_sources)
    read = [documents.text(document_id(source), None, case.asker) for source in sources]
    told = [[source, one and one.content_sha256] for source, one in zip(sources, read, strict=True)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest() if told else ""


class Staleness:
    """Over the documents as they are when it is first asked."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._texts: dict[tuple[str, Principal], str | None] = {}

    def of(self, case: Case) -> str:
        """Of the first gold that it holds for: `GONE`: there is no such document; `CLOSED`: the asker may not read it
        (any more), though that is not what the case is about; `SUPERSEDED`: its words do not stand in the newest
        version. "" where all is well, or there is no gold."""
        for gold in case.gold:
            if gold.source not in self._ids:
                return GONE
            text = self._text(gold.source, case.asker)
            if text is None:
                if case.kind is not Kind.FORBIDDEN:
                    return CLOSED
            elif " ".join(gold.quote.split()) not in text:
                return SUPERSEDED
        return ""

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {info.source: info.document_id for info in self._documents.everything()}

    def _text(self, source: str, asker: Principal) -> str | None:
        if (source, asker) not in self._texts:
            found = self._documents.text(self._ids[source], None, asker)
            self._texts[source, asker] = " ".join(found.text.split()) if found else None
        return self._texts[source, asker]
