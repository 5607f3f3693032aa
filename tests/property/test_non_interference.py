"""Invariant 1: the bytes of a search are those that an installation of only the readable documents would send.

`make test` runs 2,000 fixed histories of the state machine in conftest.py and checks that it finds planted leaks;
`make noninterference` runs FOOTNOTE_HISTORIES random ones, 1,000 a round.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

import retrieval.index.find as finding
import retrieval.index.snapshot as snapshots
from retrieval.index.access import AccessIndex
from retrieval.index.snapshot import Snapshot
from retrieval.index.versions import ChangingTable
from retrieval.index.view import SegmentView, View
from retrieval.types import Numbering

HISTORY = settings(
    max_examples=2000,
    stateful_step_count=7,
    derandomize=True,
    deadline=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
ROUND = 1000
ROUNDS = int(os.environ.get("FOOTNOTE_HISTORIES", "0")) // ROUND
FIRST = int(os.environ.get("FOOTNOTE_SEED") or random.SystemRandom().randrange(10**9))


@pytest.mark.timeout(900)
@pytest.mark.skipif(ROUNDS > 0, reason="random rounds instead")
def test_hidden_documents_change_nothing(machine: Any) -> None:
    run_state_machine_as_test(machine, settings=HISTORY)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("number", [FIRST + at for at in range(ROUNDS)])
def test_hidden_documents_change_nothing_at_random(machine: Any, number: int) -> None:
    """FOOTNOTE_SEED=number FOOTNOTE_HISTORIES=1000 runs this round again."""
    run_state_machine_as_test(seed(number)(machine), settings=settings(HISTORY, max_examples=ROUND, derandomize=False))


def counts_hidden_rows(patch: pytest.MonkeyPatch) -> None:
    """N and mean length of BM25 are those of whole segments."""
    patch.setattr(View, "row_count", property(lambda view: sum(len(part.segment) for part in view.segments)))


def weighs_hidden_lengths(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SegmentView, "term_count", property(lambda part: int(part.segment.slot_terms.sum())))


def ties_by_row(patch: pytest.MonkeyPatch) -> None:
    """Of rows that tie, those that lie first in the index win."""

    def top(view: View, found: Any, k: int) -> Any:
        each = [(-scores, np.full(len(rows), at), rows) for at, (rows, scores) in enumerate(found)]
        kept = {(at, row) for _, at, row in sorted(entry for part in each for entry in zip(*part, strict=True))[:k]}
        masks = [np.array([(at, row) in kept for row in rows], bool) for at, (rows, _) in enumerate(found)]
        return [(rows[mask], scores[mask]) for mask, (rows, scores) in zip(masks, found, strict=True)]

    patch.setattr(finding, "top", top)


def filters_after_the_search(patch: pytest.MonkeyPatch) -> None:
    """Everything is searched; the store leaves out what is hidden."""
    real: Any = Snapshot.view

    def view(snapshot: Snapshot, tokens: frozenset[str], as_of: Any, named: Any = None) -> View:
        everybody = tokens.union(*snapshot.labels.names.values())
        return replace(real(snapshot, everybody, as_of, named), digest=real(snapshot, tokens, as_of, named).digest)

    patch.setattr(Snapshot, "view", view)


def counts_hidden_postings(patch: pytest.MonkeyPatch) -> None:
    """Of a segment with scattered rows, hidden postings count as well."""
    patch.setattr(SegmentView, "mask", property(lambda part: np.ones(len(part.segment), bool)))


def remembers_the_view(patch: pytest.MonkeyPatch) -> None:
    """A view is made once, so that a revocation comes late."""
    real: Any = AccessIndex.view
    kept: dict[Any, View] = {}
    patch.setattr(AccessIndex, "view", lambda *who: kept[who] if who in kept else kept.setdefault(who, real(*who)))


def forgets_the_own_label(patch: pytest.MonkeyPatch) -> None:
    """An old version is as open as its document."""
    real: Any = Snapshot.visible

    def visible(snapshot: Snapshot, *who: Any) -> Any:
        table = snapshot.table.whole
        columns = replace(table.columns, own_labels=table.columns.labels)
        return real(replace(snapshot, table=ChangingTable.of(replace(table, columns=columns))), *who)

    patch.setattr(Snapshot, "visible", visible)


def looks_over_walls(patch: pytest.MonkeyPatch) -> None:
    """Whom a label names is let in, also where it walls them off."""
    patch.setattr(snapshots, "admits", lambda label, tokens: not label.isdisjoint(tokens))


def names_the_generation(patch: pytest.MonkeyPatch) -> None:
    """The digest of a view tells how often the catalog has changed."""
    real: Any = Snapshot.view

    def view(snapshot: Snapshot, *who: Any) -> View:
        return replace(real(snapshot, *who), digest=str(snapshot.generation))

    patch.setattr(Snapshot, "view", view)


def admits_whoever_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    """A filter by a group shows what that group may read, whoever asks."""
    real: Any = Snapshot.visible

    def visible(snapshot: Snapshot, tokens: frozenset[str], as_of: Any, named: Any = None) -> Any:
        return real(snapshot, tokens | (named or frozenset()), as_of, named)

    patch.setattr(Snapshot, "visible", visible)


def names_what_was_narrowed(patch: pytest.MonkeyPatch) -> None:
    """The digest of a filtered view tells of what it was made from."""
    real: Any = View.within
    patch.setattr(View, "within", lambda view, ids: replace(real(view, ids), digest=view.digest))


def counts_hidden_versions(patch: pytest.MonkeyPatch) -> None:
    """A version shows the number that it is stored under."""
    patch.setattr(Numbering, "number", lambda seen, document_id, version: version)


LEAKS = (
    counts_hidden_rows,
    weighs_hidden_lengths,
    counts_hidden_postings,
    ties_by_row,
    filters_after_the_search,
    remembers_the_view,
    forgets_the_own_label,
    looks_over_walls,
    names_the_generation,
    admits_whoever_is_asked_for,
    names_what_was_narrowed,
    counts_hidden_versions,
)


@pytest.mark.skipif(ROUNDS > 0, reason="random rounds instead")
@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(machine: Any, monkeypatch: pytest.MonkeyPatch, leak: Callable[..., None]) -> None:
    leak(monkeypatch)
    with pytest.raises(AssertionError, match=r"would get other bytes|lets something else show"):
        run_state_machine_as_test(machine, settings=settings(HISTORY, phases=[Phase.generate]))
    print(f"found after {machine.histories} histories")
