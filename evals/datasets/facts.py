"""What experts say of contracts as a whole: CUAD v1 (Hendrycks et al. 2021, arXiv 2103.06268) and Kleister-NDA
(Stanislawek et al. 2021, arXiv 2105.05796)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from api.terminal import UsageError
from ingest.types import FactKind

_CUAD = {
    "Parties": FactKind.PARTY,
    "Agreement Date": FactKind.AGREEMENT_DATE,
    "Effective Date": FactKind.EFFECTIVE_DATE,
    "Expiration Date": FactKind.EXPIRY_DATE,
    "Governing Law": FactKind.GOVERNING_LAW,
    "Document Name": FactKind.DOCUMENT_KIND,
}
_KLEISTER = {
    "party": FactKind.PARTY,
    "jurisdiction": FactKind.GOVERNING_LAW,
    "effective_date": FactKind.EFFECTIVE_DATE,
}
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)")
_JOINT = re.compile(r"collectively|individually|together|as the parties|each of|^and\b", re.I)
_ALIAS = re.compile(r"\b(?:d/b/a|f/k/a|on behalf of)\b")


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """`gold`: what experts say of each kind that they looked at, empty for nothing; dates as YYYY-MM-DD. `spelled`:
    other spellings that are right too, such as the words that they marked. `file` or `text`, whichever there is."""

    name: str
    gold: Mapping[FactKind, tuple[str, ...]]
    spelled: Mapping[FactKind, tuple[str, ...]]
    file: Path | None = None
    text: str = ""


def cuad(data: Path, half: Literal["dev", "test"]) -> Iterator[LabelledDocument]:
    """Every second contract by file name: rules were made on the first, third ... ("dev") alone."""
    folder = data / "cuad"
    if not (folder / "qa.jsonl").is_file():
        raise UsageError(f"{data} must hold cuad/pdf and cuad/qa.jsonl (see docs/benchmarks.md).")
    by_file: defaultdict[str, dict[FactKind, dict[str, Any]]] = defaultdict(dict)
    for row in _rows(folder / "qa.jsonl"):
        if row["category"] in _CUAD:
            by_file[row["pdf"]][_CUAD[row["category"]]] = row
    for name in sorted(by_file)[half == "test" :: 2]:
        rows = by_file[name]
        gold = {kind: tuple(_values(kind, row["answers"][0] if row["answers"] else "")) for kind, row in rows.items()}
        marked = {kind: tuple(one["text"] for one in row["evidence"]) for kind, row in rows.items()}
        yield LabelledDocument(name, gold, marked, file=folder / "pdf" / name)


def kleister(data: Path) -> Iterator[LabelledDocument]:
    """All of them, never looked at while rules were made; nothing if they are not there."""
    folder = data / "kleister_nda"
    if not (folder / "qa.jsonl").is_file():
        return
    gold: defaultdict[str, dict[FactKind, tuple[str, ...]]] = defaultdict(dict)
    for row in _rows(folder / "qa.jsonl"):
        if row["field"] in _KLEISTER:
            gold[row["doc"]][_KLEISTER[row["field"]]] = tuple(row["values"])
    for row in _rows(folder / "texts.jsonl"):
        yield LabelledDocument(row["doc"], gold[row["doc"]], {}, text=row["text"])


def _values(kind: FactKind, answer: str) -> Iterator[str]:
    """A label in normal form: `Acme Inc. ("Acme"); Beta ("B")`, `7/26/13`; a day that is left open is none."""
    if kind is FactKind.PARTY:
        for part in answer.split(";"):
            name = _ALIAS.split(re.sub(r"\(.*?\)+|\(.*|\[.*?\]", "", part, flags=re.DOTALL))[0].strip(" ,.")
            several = re.search(r"\band\b", name) and _JOINT.search(part)
            if name and not several and not _JOINT.search(name):
                yield name
    elif kind in {FactKind.DOCUMENT_KIND, FactKind.GOVERNING_LAW}:
        yield from filter(None, [answer.strip()])
    elif match := _DAY.fullmatch(answer.strip()):
        month, day, year = map(int, match.groups())
        yield date(year if year > 99 else year + (2000 if year < 70 else 1900), month, day).isoformat()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)
