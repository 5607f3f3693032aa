"""The product itself, opened in process: a data folder of its own for each set of documents, ingested once."""

from __future__ import annotations

import html
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from api.bootstrap import Container
from api.demo import sample
from api.demo.home import settled
from api.terminal import UsageError, note
from api.wiring.ingesting import shown
from api.wiring.recall.again import asker_now
from api.wiring.recorded import recorded
from evals.datasets.asked import Source
from evals.datasets.beir import json_lines
from evals.datasets.cuad import LABEL, SOURCE_PREFIX
from evals.datasets.question_sets import CUAD, GOLDEN, PARAGRAPHS, paragraphs_file
from evals.measuring.progress import progress
from generation.protocols import VersionText
from generation.types import EVALUATION
from infra.llm.server import free_port
from infra.postgres.chunks import PostgresVersionText
from infra.postgres.layout import PageSpan
from infra.settings import load_settings
from infra.witness.bundles import answer_of
from ingest.local_files import SourceFile, source_files
from ingest.protocols import Outcome
from ingest.storing import FileReport
from retrieval.types import Principal

Installation: TypeAlias = Container

__all__ = [
    "Installation", "PageSpan", "asked_of", "documents", "free_port", "homes", "ingest_apart", "ingest_contracts",
    "ingest_paragraphs", "ingest_sample", "ingested", "opened", "page", "recorded",
    "version_texts",
]  # fmt: skip


@contextmanager
def opened(**overrides: object) -> Iterator[Installation]:
    """The installation of FOOTNOTE_HOME, or of what `overrides` of the settings say, until the end of the block."""
    with Container(settled(load_settings(**overrides)), note) as parts:
        parts.purpose = EVALUATION
        yield parts


def asked_of(parts: Installation, audit_id: str) -> Principal:
    """Who was given an answer, in the groups that they are in now. Raises `UsageError`."""
    closed = answer_of(tuple(reversed(parts.audit.show(audit_id))))
    if closed is None:
        raise UsageError(f"There is no answer {audit_id} that was given to its end.")
    return asker_now(closed, parts.people.standing)


@contextmanager
def homes(data: Path, home: Path) -> Iterator[Mapping[Source, Installation]]:
    """Both stores with their documents: the contracts in `home`, the sample documents in `<home>.sample`."""
    beside = home.with_name(home.name + ".sample")
    with opened(home=home, DATABASE_URL="") as contracts, opened(home=beside, DATABASE_URL="") as samples:
        ingest_contracts(contracts, data)
        ingest_sample(samples)
        yield {"cuad": contracts, "sample": samples}


@contextmanager
def documents(data: Path, home: Path, name: str) -> Iterator[Installation]:
    """The store that a set is asked over. The contracts lie in `home` and the sample documents in `<home>.sample`, as
    `footnote bench gate` has them too; the paragraphs in `<home>.squad2`."""
    beside = {CUAD: "", GOLDEN: ".sample"}.get(name, f".{name}")
    with opened(home=home.with_name(home.name + beside), DATABASE_URL="") as parts:
        if name == CUAD:
            ingest_contracts(parts, data)
        elif name == GOLDEN:
            ingest_sample(parts)
        else:
            ingest_paragraphs(parts, paragraphs_file(data))
        yield parts


def ingest_sample(parts: Installation) -> Counter[Outcome]:
    """The sample documents, with progress; counts what became of them. Idempotent."""
    return sample.ingest_sample(parts, shown, note)


def ingested(parts: Installation, files: Sequence[SourceFile], label: frozenset[str] = LABEL) -> Iterator[FileReport]:
    """The reports of files, as they come, with progress; `datasets.cuad.ASKER` may read them, or whom `label` lets."""
    return shown(parts.pipeline.run(files, label), len(files))


def version_texts(parts: Installation) -> VersionText:
    """The texts that citations point into, read under row-level security."""
    return PostgresVersionText(parts.pool)


def ingest_contracts(parts: Installation, data: Path) -> None:
    """Idempotent; a second run costs a look-up a file."""
    files = source_files([data / "cuad" / "pdf"], prefix=SOURCE_PREFIX)
    failed = [report for report in ingested(parts, files) if report.outcome is Outcome.FAILED]
    if failed:
        note(f"{len(failed)} of {len(files)} contracts could not be read: questions about them count as missed.")


def ingest_paragraphs(parts: Installation, corpus: Path) -> None:
    """Each paragraph as a page of its own, named by its article. Idempotent."""
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        for row in json_lines(corpus):
            Path(folder, f"{row['_id']}.html").write_text(page(row["title"], row["text"]), encoding="utf-8")
        files = source_files([Path(folder)], prefix=PARAGRAPHS)
        failed = [report for report in ingested(parts, files) if report.outcome is Outcome.FAILED]
    note(f"{len(files)} paragraphs, {len(failed)} of them could not be read.")


def ingest_apart(parts: Installation, texts: Mapping[str, Sequence[str]]) -> None:
    """By group the texts that it alone may read, each a page called by its number. Idempotent."""
    with progress("ingested", len(texts)) as step, tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        for group, of_group in texts.items():
            place = Path(folder, group)
            place.mkdir()
            for at, text in enumerate(of_group, 1):
                (place / f"{at:02}.html").write_text(page(f"Document {at}", text), encoding="utf-8")
            files = source_files([place], prefix=f"{group}/")
            reports = list(parts.pipeline.run(files, frozenset({f"group:{group}"})))
            failed = sum(report.outcome is Outcome.FAILED for report in reports)
            step(f"{group}  {len(files)} documents" + (f", {failed} of them could not be read" if failed else ""))


def page(title: str, text: str) -> str:
    title, text = html.escape(title), html.escape(text)
    head = f"<!doctype html>\n<html><head><title>{title}</title></head>"
    return f"{head}\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
