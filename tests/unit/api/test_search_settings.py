"""What decides search and answers is set, and each of it stands in the recipe of an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.wiring import searching
from infra.settings import Settings, SettingsError, load_settings
from ingest.types import CHUNK_CHARS, CHUNK_SIZES
from retrieval.search.hybrid import HybridSearch
from retrieval.types import SearchOptions


def options(**settings: Any) -> SearchOptions:
    loaded = load_settings(**settings)
    nothing: Any = None
    search = searching.search(loaded, nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    return searching.for_answers(loaded, search, nothing).options


def test_the_defaults_are_those_that_were_measured() -> None:
    assert options() == replace(SearchOptions(), rerank=10)
    size = Settings.model_fields["chunk_chars"]
    limits = [getattr(bound, name) for bound in size.metadata for name in ("ge", "le") if hasattr(bound, name)]
    assert (size.default, limits) == (CHUNK_CHARS, [CHUNK_SIZES[0], CHUNK_SIZES[-1]])


@pytest.mark.parametrize(
    ("setting", "option", "value"),
    [
        ("search_candidates", "candidates", 120),
        ("search_fusion", "fusion", "rrf"),
        ("dense_weight", "dense_weight", 0.5),
        ("answer_rerank", "rerank", 0),
        ("rerank_weight", "rerank_weight", 1.0),
        ("hyde", "hyde", "unsure"),
    ],
)
def test_what_is_set_is_what_answers_are_found_with(setting: str, option: str, value: Any) -> None:
    assert getattr(options(**{setting: value}), option) == value


def test_a_search_has_a_rerank_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_SEARCH_RERANK", "3")
    nothing: Any = None
    search = searching.search(load_settings(), nothing, nothing, nothing, nothing, nothing, nothing, nothing)
    assert isinstance(search, HybridSearch)
    assert search.options.rerank == 3
    assert options().rerank == 10


def test_what_is_no_fusion_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_SEARCH_FUSION", "best")
    with pytest.raises(SettingsError, match="FOOTNOTE_SEARCH_FUSION"):
        load_settings()
