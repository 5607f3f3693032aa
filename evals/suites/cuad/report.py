"""What the contracts benchmark found: tables for people, then one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from api.terminal import say, say_json, say_table
from evals.measuring.machine import circumstances
from evals.measuring.statistics import Seconds, seconds
from evals.measuring.tables import say_times
from evals.metrics.quote_overlap import SAME_WORDS
from evals.systems.asking import Setup

Row = Mapping[str, Any]


def say_report(
    files: Sequence[Row], searched: Sequence[Row], answered: Sequence[Row], setup: Setup, same_by_command: bool
) -> int:
    """Prints everything; 1 if a citation does not resolve or the command line answered otherwise."""
    ingestion, search = ingest_numbers(files), search_numbers(searched)
    held = answer_numbers([row for row in answered if row["kind"] == "answerable"])
    absent = answer_numbers([row for row in answered if row["kind"] == "unanswerable"])
    times: dict[str, Seconds] = {
        "search result": seconds(row["seconds"] for row in searched),
        "first sentence": seconds(row["first_seconds"] for row in answered),
        "end of answer": seconds(row["seconds"] for row in answered),
    }
    say_table(("ingested", ""), list(ingestion.items()))
    say()
    say_table(("search", ""), list(search.items()))
    say()
    say_table(("answers", "clause in contract", "no such clause"), [(name, held[name], absent[name]) for name in held])
    say()
    say_times(times)
    say(f"`footnote ask --json` gives the same answers: {'yes' if same_by_command else 'NO'}\n")
    summary = {"ingest": ingestion, "search": search, "clause": held, "no_clause": absent, "seconds": times}
    say_json({**summary, "same_by_command": same_by_command, **asdict(setup), **circumstances()})
    resolve = all(numbers["unresolved_citations"] == 0 for numbers in (held, absent))
    return 0 if resolve and same_by_command else 1


def ingest_numbers(files: Sequence[Row]) -> dict[str, Any]:
    """Pages and chunks of what was read, and how fast."""
    read = [row for row in files if row["outcome"] != "failed"]
    pages, spent = sum(row["pages"] for row in read), sum(row["seconds"] for row in files)
    return {
        "files": len(read),
        "failed": len(files) - len(read),
        "pages": pages,
        "chunks": sum(row["chunks"] for row in read),
        "seconds": round(spent, 1),
        "pages_per_second": round(pages / spent, 2) if spent else None,
    }


def search_numbers(searched: Sequence[Row]) -> dict[str, Any]:
    paged = [row["gold_page"] for row in searched if row["gold_page"] is not None]
    return {
        "questions": len(searched),
        "right_contract_first": sum(row["contract_first"] for row in searched),
        "questions_with_clause": len(paged),
        "gold_page_in_first_5": sum(paged),
    }


def answer_numbers(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts: questions, but for `..citations`. A page may be right by luck; `cited_gold_clause` is the strict one."""
    status = Counter(row["status"] for row in rows)
    cited = [row for row in rows if row["citations"]]
    return {
        "questions": len(rows),
        "answered": status["answered"],
        "partial": status["partial"],
        "abstained": status["abstained"],
        "cited_right_contract": sum(any(c["source"] == row["contract"] for c in row["citations"]) for row in cited),
        "cited_gold_page": sum(row["scores"]["citation_page"] == 1.0 for row in cited),
        "cited_within_1_page": sum(row["scores"]["citation_page_1"] == 1.0 for row in cited),
        "cited_gold_clause": sum((row["scores"]["quote_overlap"] or 0.0) >= SAME_WORDS for row in cited),
        "citations": sum(len(row["citations"]) for row in cited),
        "unresolved_citations": sum(_unresolved(row) for row in cited),
    }


def _unresolved(row: Row) -> int:
    resolving: float = row["scores"]["citation_resolves"]
    return round((1.0 - resolving) * len(row["citations"]))
