"""The documents of each question set, ingested once into data folders of their own."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.bootstrap import Container
from api.cli.ingesting import reported, shown
from api.cli.local import opened
from api.cli.output import note
from api.demo.sample import ingest_sample
from evals.datasets.beir import json_lines
from evals.suites.cuad.suite import LABEL
from evals.suites.generation.questions import CUAD, GOLDEN, PARAGRAPHS, paragraphs_file
from evals.systems.recording import ingest_contracts
from ingest.pipeline import source_files
from ingest.protocols import Outcome


@contextmanager
def documents(data: Path, home: Path, name: str) -> Iterator[Container]:
    """The store that a set is asked over. The contracts lie in `home` and the sample documents in `<home>.sample`, as
    `footnote bench gate` has them too; the paragraphs in `<home>.squad2`."""
    beside = {CUAD: "", GOLDEN: ".sample"}.get(name, f".{name}")
    with opened(home=home.with_name(home.name + beside), DATABASE_URL="") as parts:
        if name == CUAD:
            ingest_contracts(parts, data)
        elif name == GOLDEN:
            ingest_sample(parts, shown, note)
        else:
            ingest_paragraphs(parts, paragraphs_file(data))
        yield parts


def ingest_paragraphs(parts: Container, corpus: Path) -> None:
    """Each paragraph as a page of its own, named by its article. Idempotent."""
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        for row in json_lines(corpus):
            Path(folder, f"{row['_id']}.html").write_text(page(row["title"], row["text"]), encoding="utf-8")
        files = source_files([Path(folder)], prefix=PARAGRAPHS)
        failed = [report for report in reported(parts, files, LABEL) if report.outcome is Outcome.FAILED]
    note(f"{len(files)} paragraphs, {len(failed)} of them could not be read.")


def page(title: str, text: str) -> str:
    title, text = html.escape(title), html.escape(text)
    head = f"<!doctype html>\n<html><head><title>{title}</title></head>"
    return f"{head}\n<body><h1>{title}</h1><p>{text}</p></body></html>\n"
