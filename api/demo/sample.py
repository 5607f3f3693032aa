"""The sample documents, ingested, and the question that the demo asks about them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Protocol

from api.demo.people import PEOPLE, SamplePerson
from ingest.local_files import SourceFile, source_files
from ingest.pipeline import IngestPipeline
from ingest.protocols import Outcome
from ingest.storing import FileReport
from retrieval.types import Principal

SAMPLE = "sample/"  # how the sources of the sample documents begin
QUESTION = "May Ostara's developers use an outside AI code generator on our firmware?"
ASKER: SamplePerson = next(person for person in PEOPLE if person.user == "ana")


class Info(Protocol):
    @property
    def source(self) -> str: ...


class Documents(Protocol):
    def list(self, principal: Principal, /) -> Iterable[Info]: ...


class Installation(Protocol):
    """What is ingested into."""

    @property
    def documents(self) -> Documents: ...

    @property
    def pipeline(self) -> IngestPipeline: ...


Watch = Callable[[Iterable[FileReport], int], Iterable[FileReport]]
"""Passes reports on, of so many files in all, and may show them on the way."""


def ingest_sample(
    parts: Installation,
    watch: Watch = lambda reports, total: reports,
    note: Callable[[str], None] = lambda text: None,
) -> Counter[Outcome]:
    """Ingests the bundled documents, older versions first, each folder readable by the group of its name; counts what
    became of them and sums it up to `note`."""
    counts: Counter[Outcome] = Counter()
    with _corpus() as waves:
        groups = frozenset(group for folders in waves.values() for group in folders)
        older, current = ({file.source for files in waves[wave].values() for file in files} for wave in waves)
        known = {info.source for info in parts.documents.list(Principal("footnote", groups))}
        for wave, folders in waves.items():
            for group, sources in folders.items():
                if wave == "previous":
                    sources = [file for file in sources if file.source not in known]
                reports = parts.pipeline.run(sources, frozenset({f"group:{group}"}))
                counts.update(report.outcome for report in watch(reports, len(sources)))
    changed = sum(count for outcome, count in counts.items() if outcome is not Outcome.UNCHANGED)
    note(
        f"Sample documents: {changed} files ingested, {counts[Outcome.UNCHANGED]} already there: "
        f"{len(current)} documents, {len(current & older)} of them in two versions."
    )
    return counts


def principal() -> Principal:
    """Who asks the demo's question."""
    return Principal(ASKER.user, frozenset(ASKER.groups))


def contents() -> frozenset[tuple[str, str]]:
    """Source and content's sha256 of every bundled document, older versions too."""
    with _corpus() as waves:
        found = [file for folders in waves.values() for group in folders.values() for file in group]
        return frozenset((file.source, hashlib.sha256(file.path.read_bytes()).hexdigest()) for file in found)


@contextmanager
def _corpus() -> Iterator[dict[str, dict[str, list[SourceFile]]]]:
    """The bundled files by wave, older versions first, and group."""
    with as_file(files("api.demo").joinpath("corpus")) as corpus:
        yield {
            wave: {
                group.name: source_files([group], prefix=f"{SAMPLE}{group.name}/")
                for group in sorted(path for path in (corpus / wave).iterdir() if path.is_dir())
            }
            for wave in ("previous", "current")
        }
