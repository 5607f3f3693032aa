"""Are the facts that are found in contracts those that experts found?"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from api.terminal import say
from evals.datasets.facts import LabelledDocument, cuad, kleister
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, table
from ingest.chunking import assemble
from ingest.errors import IngestError
from ingest.facts import facts_of
from ingest.parsers import parse
from ingest.types import Fact, FactKind


@dataclass(slots=True)
class Count:
    """Facts that were found, those of them that are right, and of the labels how many were found."""

    right: int = 0
    found: int = 0
    labels: int = 0
    met: int = 0


def run_facts(data: Path, half: Literal["dev", "test"], out: Path | None) -> int:
    """A table a corpus, and a row a document."""
    results = ResultFile(out)
    for corpus, documents in ((f"CUAD, {half} half", cuad(data, half)), ("Kleister-NDA", kleister(data))):
        counts, seconds, read = _measured(list(documents), corpus, results)
        if read:
            _report(corpus, counts, seconds, read)
            found = {kind.value: _numbers(count) for kind, count in counts.items()}
            results.add({"row": "summary", "command": command_line(), **setting(), "code": code("ingest"),
                         "corpus": corpus, "documents": read, "seconds": seconds, "found": found})  # fmt: skip
    return 0


def _measured(
    documents: Sequence[LabelledDocument], corpus: str, results: ResultFile
) -> tuple[dict[FactKind, Count], float, int]:
    counts: defaultdict[FactKind, Count] = defaultdict(Count)
    seconds, read = 0.0, 0
    for document in documents:
        text = _text(document)
        started = time.process_time()
        found = facts_of(text)
        seconds += time.process_time() - started
        read += bool(text)
        for kind, gold in document.gold.items():
            of_kind = [fact for fact in found if fact.kind is kind]
            if document.file is None and kind is FactKind.EFFECTIVE_DATE:  # Kleister has one date for both
                of_kind = of_kind or [fact for fact in found if fact.kind is FactKind.AGREEMENT_DATE]
            _count(counts[kind], of_kind, gold, document.spelled.get(kind, ()))
        told = [[one.kind.value, one.value, text[one.start : one.end]] for one in found]
        results.add({"row": "document", "corpus": corpus, "name": document.name, "facts": told,
                     "gold": {kind.value: gold for kind, gold in document.gold.items()}})  # fmt: skip
    return dict(counts), seconds, read


def _text(document: LabelledDocument) -> str:
    if document.file is None:
        return document.text
    try:
        parsed = parse(document.file.read_bytes(), document.file.name)
    except IngestError:
        return ""
    return assemble(parsed, source=document.name, content_sha256="").text


def _count(count: Count, found: Iterable[Fact], gold: Sequence[str], spelled: Sequence[str]) -> None:
    values = [fact.value for fact in found]
    kind = next((fact.kind for fact in found), None)
    count.found += len(values)
    count.labels += len(gold)
    right = (*gold, *spelled) if kind in {FactKind.PARTY, FactKind.DOCUMENT_KIND} else gold
    count.right += sum(any(same(kind, value, label) for label in right) for value in values)
    count.met += sum(any(same(kind, value, label) for value in values) for label in gold)


def same(kind: FactKind | None, value: str, label: str) -> bool:
    """Days: equal. Places: one is named in the other. Names and kinds: the same words but for case, marks, a leading
    "the" or "form of", or one begins (a kind: or ends) with the other, as labels leave out "Inc." or an addition."""
    if kind is None or kind.value.endswith("_date"):
        return value == label
    one, other = _words(value), _words(label)
    if kind is FactKind.GOVERNING_LAW:
        return _within(one, other) or _within(other, one)
    least = min(len(one), len(other))
    if kind is FactKind.DOCUMENT_KIND and (least == 1 or one[-least:] == other[-least:]):
        return one[-least:] == other[-least:] and (least > 1 or one == other)
    return least > 0 and one[:least] == other[:least]


def _within(inner: Sequence[str], outer: Sequence[str]) -> bool:
    return bool(inner) and any(list(outer[at : at + len(inner)]) == list(inner) for at in range(len(outer)))


def _words(text: str) -> list[str]:
    plain = re.sub(r"[^\w\s]", "", text.casefold().replace("&", "and"))
    words = re.sub(r"^(?:the|form of)\s+", "", " ".join(plain.split())).split()
    return [word for word in words if word != "and"]


def _report(corpus: str, counts: dict[FactKind, Count], seconds: float, read: int) -> None:
    lines = [
        (kind.value, percent(_share(count.right, count.found)), percent(_share(count.met, count.labels)), count.labels)
        for kind, count in counts.items()
    ]
    table(f"{corpus}: {read} documents", ("kind", "precision %", "recall %", "n"), lines)
    say(f"{1000 * seconds / read:.0f} ms of processor time a document.")


def _numbers(count: Count) -> dict[str, int]:
    return {"right": count.right, "found": count.found, "labels": count.labels, "met": count.met}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
