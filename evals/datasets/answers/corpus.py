"""The documents that the questions are asked over: contracts by file name, reports without a telling name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.terminal import UsageError
from evals.datasets.cuad import SOURCE_PREFIX
from retrieval.types import EVERYONE, Principal

ASKER = Principal("bench")
LABEL = frozenset({EVERYONE})
REPORTS = "reports/"
CONTRACT_FOLDER, REPORT_FOLDER = "cuad/pdf", "filings/pdf"
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Document:
    """A file below the data folder, by its path from there, and the source under which it is stored."""

    file: Path
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """A question that names an issuer and a period, and the files (below the data folder) of the right reports."""

    id: str
    question: str
    names: frozenset[str]


def documents(data: Path) -> tuple[Document, ...]:
    """All documents. A report is stored as `reports/<first 8 hex digits of its sha256>.pdf`: a name such as
    ACME_2018_10K.pdf would say which report it is. Raises `UsageError` if `data` does not hold them."""
    found = []
    for folder in (CONTRACT_FOLDER, REPORT_FOLDER):
        files = sorted(path for path in (data / folder).glob("*") if path.suffix.lower() == ".pdf")
        if not files:
            raise UsageError(
                f"{data} must hold PDF files in {CONTRACT_FOLDER} and {REPORT_FOLDER} (docs/benchmarks.md)."
            )
        found += [Document(path, f"{folder}/{path.name}", _source(folder, path)) for path in files]
    return tuple(found)


def sources(found: Iterable[Document]) -> Mapping[str, str]:
    """By path below the data folder, the source in the store."""
    return {document.name: document.source for document in found}


def report_questions(data: Path) -> tuple[ReportQuestion, ...]:
    """Those of `filings/qa.jsonl`, which names the file of each."""
    path = data / "filings" / "qa.jsonl"
    if not path.is_file():
        raise UsageError(f"{data} must hold filings/qa.jsonl (docs/benchmarks.md).")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return tuple(
        ReportQuestion(row["id"], row["question"], frozenset({f"{REPORT_FOLDER}/{row['doc']}"})) for row in rows
    )


def _source(folder: str, path: Path) -> str:
    if folder == CONTRACT_FOLDER:
        return SOURCE_PREFIX + path.name
    return f"{REPORTS}{hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]}.pdf"
