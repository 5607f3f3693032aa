"""The bench of small files: what counts as right, as warned and as wrong in silence."""

from __future__ import annotations

from evals.suites.ingestion.cases import Expected, Verdict, expected, judged
from ingest.chunkers.structure import StructureChunker

PAGE = b"<h1>Fees</h1><p>The fee is EUR 12.</p><p>It is due in May.</p>"


def test_words_are_wanted_in_order() -> None:
    right = judged("a.html", PAGE, Expected(holds=("EUR 12", "in May"), lacks=("EUR 13",)), StructureChunker())
    assert (right.verdict, right.faults) == (Verdict.RIGHT, ())
    turned = judged("a.html", PAGE, Expected(holds=("in May", "EUR 12")), StructureChunker())
    assert (turned.verdict, turned.faults) == (Verdict.WRONG, ("lacks 'EUR 12' in this order",))


def test_words_that_must_not_be_there_are_wrong_whatever_is_said() -> None:
    wanted = Expected(lacks=("EUR 12",), warned=frozenset({"hidden_text"}))
    assert judged("a.html", PAGE, wanted, StructureChunker()).verdict is Verdict.WRONG


def test_a_refusal_counts_as_warned_only_where_the_words_may_be_lacking() -> None:
    assert judged("a.html", b"", Expected(), StructureChunker()).verdict is Verdict.WRONG
    assert judged("a.html", b"", Expected(warned=frozenset({"unread_page"})), StructureChunker()).verdict is Verdict.WARNED


def test_the_table_can_be_read() -> None:
    assert len(expected()) > 80
    assert all(case.holds or case.lacks or case.counts or case.labels or case.uncut for case in expected().values())
