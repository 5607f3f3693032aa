"""Which documents many may read although they hold personal data or words of privilege."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from infra.postgres.open_documents import open_documents
from infra.postgres.pool import Pool
from infra.privacy import PresidioFinder
from ingest.types import PersonalData

_PRIVILEGE = re.compile(
    r"attorney[- –]client (?:privilege\w*|communication)|attorney work product|solicitor[- –]client|"
    r"(?:legal(?:ly)? |legal professional )privilege\w*|privileged (?:and|&) confidential|"
    r"prepared (?:in contemplation|in anticipation) of litigation|without prejudice(?: save as to costs)?",
    re.I,
)
_NAMES = "PERSON"  # every contract names people: alone they are no reason to report one


class Finder(Protocol):
    """Finds personal data in a text."""

    def find(self, text: str) -> Sequence[PersonalData]: ...


@dataclass(frozen=True, slots=True)
class Exposed:
    """A document to look at: how many of each kind of personal data it holds, and which words of privilege; the data
    itself is not in here. `readers`: people who were synced and may read it."""

    document_id: str
    version: int
    source: str
    title: str
    principals: tuple[str, ...]
    readers: int
    personal: Mapping[str, int]
    privilege: tuple[str, ...]


def exposed(pool: Pool, open_to: Sequence[str], more_than: int, finder: Finder | None = None) -> Iterator[Exposed]:
    """Those that hold personal data other than names, or words of privilege, by source. Raises `PrivacyMissing`."""
    finder = finder or PresidioFinder()
    for document in open_documents(pool, open_to, more_than):
        counts = Counter(one.kind for one in finder.find(document.text))
        words = tuple(dict.fromkeys(" ".join(found.group().lower().split())
                                    for found in _PRIVILEGE.finditer(document.text)))  # fmt: skip
        if words or counts.keys() - {_NAMES}:
            yield Exposed(
                document.document_id, document.version, document.source, document.title, document.principals,
                document.readers,
                dict(sorted(counts.items())), words,
            )  # fmt: skip
