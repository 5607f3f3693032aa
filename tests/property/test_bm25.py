"""Our BM25 over a view is rank_bm25's BM25Plus fitted on the rows of that view."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Plus

from retrieval.index.merge import merge
from retrieval.index.segment import Segment, build
from retrieval.index.sparse import bm25, coverage
from retrieval.index.view import make_view
from retrieval.text.terms import query_terms, terms
from retrieval.types import IndexRow

WORDS = ("rent", "notice", "kestrel", "fee", "1,250.5", "zebra", "the", "parties", "Ströme", "法律", "Fristen", "Frist")
LANGUAGES = ("", "de", "zh", "en", "und")  # of versions, in turn
Corpus = list[list[str]]  # versions, each a list of chunk texts

chunks = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(lambda words: " ".join(["clause", *words]))
versions = st.lists(st.lists(chunks, min_size=1, max_size=4), min_size=1, max_size=5)


def segment(name: str, corpus: Corpus, languages: Sequence[str] = ("",)) -> Segment:
    rows = [
        IndexRow(
            f"{name}{number:04d}{at:04d}".rjust(32, "0"), f"{name}:{number}".encode().ljust(48, b"-"), text, language
        )
        for (number, texts), language in zip(enumerate(corpus), cycle(languages), strict=False)
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
    languages=st.sampled_from((("",), LANGUAGES)),
)
def test_equals_bm25plus_fitted_on_the_view(
    corpora: list[Corpus],
    hidden: set[tuple[int, int]],
    query: str,
    merged: bool,
    seek: int,
    mostly: float,
    languages: tuple[str, ...],
) -> None:
    segments = [segment(f"s{at}", corpus, languages) for at, corpus in enumerate(corpora)]
    places = [(at, number) for at, corpus in enumerate(corpora) for number in range(len(corpus))]
    shown = np.array([place not in hidden for place in places])
    visible = [
        terms(text, languages[number % len(languages)])
        for at, number in places
        if (at, number) not in hidden
        for text in corpora[at][number]
    ]
    if merged:
        view = make_view([merge("m", [(segments[at], number) for at, number in places])], [shown], "d")
    else:
        view = make_view(segments, np.split(shown, np.cumsum([len(corpus) for corpus in corpora])[:-1]), "d")
    everything = [np.flatnonzero(part.mask) for part in view.segments]

    with mock.patch.multiple("retrieval.index.sparse", _SEEK=seek, _MOSTLY=mostly):
        asked = query_terms(query, view.languages)
        ranking = bm25(view, asked, 3, everything)
    found, floor = ranking.matches, ranking.weights.floor

    ours = [float(score) for matches in found for score in matches.wanted]
    assert view.row_count == len(visible) == len(ours)
    if not visible:
        assert floor == 0.0
        return
    expected = BM25Plus(visible).get_scores(asked)
    np.testing.assert_allclose(ours, expected, rtol=1e-9)
    matched = [bool({*words} & {*asked}) for words in visible]
    assert [score > floor for score in ours] == matched
    rarity = list(zip(asked, ranking.weights.idf, strict=True))
    covered = [
        float(value)
        for part, rows, spans in zip(view.segments, everything, ranking.spans, strict=True)
        for value in coverage(part.segment, rows, spans, ranking.weights.idf)
    ]
    held = [sum(idf for term, idf in rarity if term in words) for words in visible]
    np.testing.assert_allclose(covered, held, rtol=1e-9)
    best = sorted((score for score in ours if score > floor), reverse=True)[:3]
    assert sorted((float(s) for matches in found for s in matches.scores), reverse=True)[:3] == best


def test_terms_fold_case_stems_and_thousands_separators() -> None:
    assert terms("The PARTIES pay 1,250.5 and 3,000 fees.") == ["parti", "pay", "1250.5", "3000", "fee"]
    assert terms("Strasse STRASSE Straße") == ["strass"] * 3
    assert terms("x" * 65) == []


def test_other_languages_have_stems_of_their_own() -> None:
    assert terms("Die Kündigungsfristen", "de") == terms("Kündigungsfrist", "de") == ["de~kundigungsfrist"]
    assert terms("zahlt 1.250,50 EUR, 3,5 % und 1.250.000 am 3.10.2024", "de")[1:] == [
        "1250.50", "de~eur", "3.5", "1250000", "3.10.2024",
    ]  # fmt: skip
    assert terms("umowy", "pl") == terms("umowa", "pl")
    assert terms("押金三万元 ABC 1,000", "zh") == ["han~押金", "han~金三", "han~三万", "han~万元", "abc", "1000"]
    assert terms("notices", "nb") == terms("notices", "no") != terms("notices")
    for as_english in ("", "und", "en", "en-GB", "xx"):
        assert terms("The PARTIES pay 1,250.5", as_english) == ["parti", "pay", "1250.5"]


def test_a_question_is_asked_in_the_languages_that_the_view_has() -> None:
    english = segment("e", [["the notice period is three months"]])
    both = segment("b", [["the notice period"], ["Die Kündigungsfristen betragen drei Monate"]], ("en", "de"))
    assert make_view([english], [np.array([True])], "d").languages == frozenset()
    assert query_terms("What is the Kündigungsfrist?", ()) == terms("What is the Kündigungsfrist?")
    mixed = make_view([both], [np.array([True, True])], "d")
    assert mixed.languages == {"de"}
    assert query_terms("What is the Kündigungsfrist in 1.250?", mixed.languages) == [
        "kündigungsfrist", "1.250", "de~kundigungsfrist", "1250",
    ]  # fmt: skip


def test_languages_of_hidden_rows_move_no_score() -> None:
    """The whole answer of the index is that of an installation without the hidden document."""
    corpus = [["the notice period is three months"], ["notice in die Frist 1.250"], ["die Fristen in notice 1250"]]
    alone = make_view([segment("s", corpus[:2], ("en", "en"))], [np.array([True, True])], "d")
    beside = make_view([segment("s", corpus, ("en", "en", "de"))], [np.array([True, True, False])], "d")
    assert beside.languages == frozenset()
    for question in ("the notice in 1.250", "die Frist", "1250"):
        found = []
        for view in (alone, beside):
            everything = [np.flatnonzero(part.mask) for part in view.segments]
            ranking = bm25(view, query_terms(question, view.languages), 3, everything)
            found.append([(m.rows.tolist(), m.scores.tolist(), m.wanted.tolist()) for m in ranking.matches])
        assert found[0] == found[1]


def test_a_number_is_not_asked_as_hidden_rows_write_it() -> None:
    """Asked in German "1.250,50" is 1250.50, which English rows hold too: whether it is must not tell that there are
    German ones."""
    english = segment("e", [["The rent is 1,250.50 EUR."]])
    both = segment("e", [["The rent is 1,250.50 EUR."], ["Die Miete beträgt 1.250,50 EUR."]], ("", "de"))
    alone = make_view([english], [np.array([True])], "")
    hidden = make_view([both], [np.array([True, False])], "")
    seen = make_view([both], [np.array([True, True])], "")
    assert [set(view.languages) for view in (alone, hidden, seen)] == [set(), set(), {"de"}]
    asked = [query_terms("1.250,50", view.languages) for view in (alone, hidden, seen)]
    assert asked[0] == asked[1]
    assert "1250.50" in asked[2]
