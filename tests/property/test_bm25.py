"""Our BM25 over a view is rank_bm25's BM25Plus fitted on the rows of that view."""

from __future__ import annotations

from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Plus

from retrieval.index.merge import merge
from retrieval.index.segment import Segment, build
from retrieval.index.sparse import bm25, coverage
from retrieval.index.view import make_view
from retrieval.text.terms import terms
from retrieval.types import IndexRow

WORDS = ("rent", "notice", "kestrel", "fee", "1,250.5", "zebra", "the", "parties", "Ströme", "法律")
Corpus = list[list[str]]  # versions, each a list of chunk texts

chunks = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(lambda words: " ".join(["clause", *words]))
versions = st.lists(st.lists(chunks, min_size=1, max_size=4), min_size=1, max_size=5)


def segment(name: str, corpus: Corpus) -> Segment:
    rows = [
        IndexRow(f"{name}{number:04d}{at:04d}".rjust(32, "0"), f"{name}:{number}".encode().ljust(48, b"-"), text)
        for number, texts in enumerate(corpus)
        for at, text in enumerate(texts)
    ]
    vector = np.zeros(2, np.float32)
    return build(name, ((row, vector) for row in rows), 2)


@settings(max_examples=200, deadline=None)
@given(
    corpora=st.lists(versions, min_size=1, max_size=3),
    hidden=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=6),
    query=st.lists(st.sampled_from((*WORDS, "absent")), min_size=1, max_size=5).map(" ".join),
    merged=st.booleans(),
    seek=st.sampled_from((0, 150, 10**9)),
    mostly=st.sampled_from((0.0, 1.0)),
)
def test_equals_bm25plus_fitted_on_the_view(
    corpora: list[Corpus], hidden: set[tuple[int, int]], query: str, merged: bool, seek: int, mostly: float
) -> None:
    segments = [segment(f"s{at}", corpus) for at, corpus in enumerate(corpora)]
    places = [(at, number) for at, corpus in enumerate(corpora) for number in range(len(corpus))]
    shown = np.array([place not in hidden for place in places])
    visible = [text for at, number in places if (at, number) not in hidden for text in corpora[at][number]]
    if merged:
        view = make_view([merge("m", [(segments[at], number) for at, number in places])], [shown], "d")
    else:
        view = make_view(segments, np.split(shown, np.cumsum([len(corpus) for corpus in corpora])[:-1]), "d")
    everything = [np.flatnonzero(part.mask) for part in view.segments]

    with mock.patch.multiple("retrieval.index.sparse", _SEEK=seek, _MOSTLY=mostly):
        ranking = bm25(view, terms(query), 3, everything)
    found, floor = ranking.matches, ranking.floor

    ours = [float(score) for matches in found for score in matches.wanted]
    assert view.row_count == len(visible) == len(ours)
    if not visible:
        assert floor == 0.0
        return
    expected = BM25Plus([terms(text) for text in visible]).get_scores(terms(query))
    np.testing.assert_allclose(ours, expected, rtol=1e-9)
    matched = [bool(set(terms(text)) & set(terms(query))) for text in visible]
    assert [score > floor for score in ours] == matched
    words = list(zip(terms(query), ranking.idf, strict=True))
    covered = [
        float(value)
        for part, rows, spans in zip(view.segments, everything, ranking.spans, strict=True)
        for value in coverage(part.segment, rows, spans, ranking.idf)
    ]
    held = [sum(idf for term, idf in words if term in terms(text)) for text in visible]
    np.testing.assert_allclose(covered, held, rtol=1e-9)
    best = sorted((score for score in ours if score > floor), reverse=True)[:3]
    assert sorted((float(s) for matches in found for s in matches.scores), reverse=True)[:3] == best


def test_terms_fold_case_stems_and_thousands_separators() -> None:
    assert terms("The PARTIES pay 1,250.5 and 3,000 fees.") == ["parti", "pay", "1250.5", "3000", "fee"]
    assert terms("Strasse STRASSE Straße") == ["strass"] * 3
    assert terms("x" * 65) == []
