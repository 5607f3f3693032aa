"""`footnote bench privacy`: precision and recall of the finder of personal data, by kind."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.terminal import say
from evals.measuring.machine import setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, table
from evals.systems.guards import finder
from ingest.types import PersonalData

_SEED = 20261130
Span = Mapping[str, Any]


def run(data: Path, count: int, out: Path | None) -> int:
    """A kind is found where a span of that kind shares characters with a true one."""
    path = data / "security" / "presidio" / "generated_large.json"
    texts = json.loads(path.read_text(encoding="utf-8"))
    texts = random.Random(_SEED).sample(texts, min(count, len(texts)))
    results, finds = ResultFile(out), finder()
    true, found, right, missed = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    started = time.perf_counter()
    with progress("read", len(texts)) as step:
        for at, one in enumerate(texts):
            seen = finds.find(one["full_text"])
            row = counted(one["spans"], seen)
            for total, part in zip((true, found, right, missed), row, strict=True):
                total.update(part)
            results.add({"row": "text", "at": at, "true": row[0], "found": row[1], "right": row[2], "hit": row[3]})
            step("")
    spent = 1000 * (time.perf_counter() - started) / len(texts)
    results.add({"row": "summary", "ms_each": round(spent, 1), **setting()})
    kinds = sorted(found.keys() | (true.keys() & set(_KINDS)))
    lines = [
        (kind, true[kind], percent(missed[kind] / true[kind]) if true[kind] else "-",
         percent(right[kind] / found[kind]) if found[kind] else "-")
        for kind in kinds
    ]  # fmt: skip
    table(f"{len(texts)} sentences, {spent:.0f} ms each", ("kind", "n", "recall %", "precision %"), lines)
    say("Found: shares characters with a span of that kind. Kinds that the finder does not look for are left out.")
    return 0


_KINDS = ("PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "US_SSN", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS")


def counted(
    spans: Sequence[Span], seen: Sequence[PersonalData]
) -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
    """By kind: spans there are, spans that were found, those of them that are right, and spans there are that were
    found."""

    def overlaps(span: Span, one: PersonalData) -> bool:
        same = span["entity_type"] == one.kind
        return bool(same and span["start_position"] < one.end and one.start < span["end_position"])

    return (
        Counter(span["entity_type"] for span in spans),
        Counter(one.kind for one in seen),
        Counter(one.kind for one in seen if any(overlaps(span, one) for span in spans)),
        Counter(span["entity_type"] for span in spans if any(overlaps(span, one) for one in seen)),
    )
