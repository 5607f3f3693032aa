"""Chunks in another language than the question: ranked by the dense leg, and never read by an English cross-encoder."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.search.hybrid import _across, _Candidate, _foreign, _nearest
from retrieval.types import ChunkText, Hit

ASKED, GEFRAGT = "When is the rent due?", "Wann ist die Miete fällig?"


def hit(name: str, language: str, score: float, question: str = ASKED) -> Hit:
    return Hit(ChunkText(name, name, 1, "", "T", name, 0, 0, 1, "x", (), None, language=language), score, {}, question)


def candidate(name: str, score: float, near: float) -> _Candidate:
    return _Candidate(name, score, ASKED, 0.0, 0.0, near)


def test_another_language_is_ranked_by_the_dense_leg_where_that_is_better() -> None:
    found = [
        candidate("en", 0.9, 1.0),
        candidate("de", 0.6, 0.95),
        candidate("fr", 0.8, 0.1),
        candidate("und", 0.5, 1.0),
    ]
    hits = [hit("en", "en", 0.9), hit("de", "de", 0.6), hit("fr", "fr", 0.8), hit("und", "und", 0.5)]
    assert [one.score for one in _across(hits, found)] == [0.9, 0.95, 0.8, 0.5]
    german = [replace(one, question=GEFRAGT) for one in hits]
    assert [one.score for one in _across(german, found)] == [1.0, 0.6, 0.8, 0.5]
    assert [one.chunk_id for one in _nearest(found, 2)] == ["en", "und"]


@pytest.mark.parametrize(
    ("hits", "skipped"),
    [
        ([hit("a", "en", 1.0), hit("b", "und", 0.5), hit("c", "en-GB", 0.4)], False),
        ([hit("a", "en", 1.0), hit("b", "de", 0.5)], True),
        ([hit("a", "en", 1.0, GEFRAGT)], True),
        ([], False),
    ],
)
def test_the_cross_encoder_reads_english_alone(hits: list[Hit], skipped: bool) -> None:
    assert _foreign(hits) is skipped
