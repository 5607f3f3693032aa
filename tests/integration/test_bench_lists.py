"""The documents that lists are measured over: as many as were asked for, once, and read by the right people."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.systems.installations import opened
from evals.systems.many_documents import EVERYTHING, ONE_IN_A_HUNDRED, fill, put_file
from retrieval.types import Principal

NDA = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf").read_bytes()


def test_documents_are_made_once_and_a_long_one_beside_them(tmp_path: Path) -> None:
    told: list[int] = []
    with opened(home=tmp_path, DATABASE_URL="") as parts:
        for _ in range(2):
            fill(parts, 400, lambda done, _: told.append(done))
            assert parts.listing.page(EVERYTHING, limit=1).total in {400, 401}
            id_ = put_file(parts, NDA, "nda.pdf")
        assert told == [0]
        assert 0 < parts.listing.page(ONE_IN_A_HUNDRED).total < 40
        assert parts.listing.page(Principal("nina")).total == 0
        assert parts.listing.page(EVERYTHING, words=["REF-77"], limit=1).total == 1
        assert len(parts.paged.spans(id_, 1, EVERYTHING)) == 3
        with pytest.raises(UsageError, match="400 documents"):
            fill(parts, 300, lambda done, _: None)
