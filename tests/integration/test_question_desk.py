"""Documents and passages that questions are made of, on a real PostgreSQL: what the person may read, and no more."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.terminal import UsageError
from api.wiring.people_stores import PeopleStores
from evals.systems.question_desk import QuestionDesk
from infra.postgres.segments import PostgresSegments
from infra.settings import load_settings
from ingest.types import document_id
from retrieval.index.access import AccessIndex
from retrieval.types import Principal
from tests.integration.erasing import add

RENT = "The rent of Unit 7 is 500 euros per month, payable in advance."
MORE = "The rent of Unit 7 is 600 euros per month, payable in advance."
SECRET = "The settlement of Bismuth amounts to 417,300 euros."


@pytest.fixture(scope="module")
def desks() -> Iterator[dict[str, QuestionDesk]]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made,
        PeopleStores(load_settings(home=Path(made) / "home", DATABASE_URL="", demo=False)) as stores,
        asyncio.Runner() as loop,
    ):
        add(stores, "matters/lease.txt", RENT, ["group:legal"])
        add(stores, "matters/lease.txt", MORE, ["group:legal"])
        add(stores, "board/secret.txt", SECRET, ["group:board"])
        index = AccessIndex(stores.catalog, PostgresSegments(stores.pool), Path(made) / "segments", dimension=32)
        parts = SimpleNamespace(
            index=index, listing=stores.listing, catalog=stores.catalog, chunks=stores.chunks,
            documents=stores.documents, selector=None,
        )  # fmt: skip
        yield {
            group: QuestionDesk(parts, Principal("ana", frozenset({group})), loop)  # type: ignore[arg-type]
            for group in ("legal", "board", "nobody")
        }


def test_what_a_person_may_read_is_there_and_nothing_else(desks: dict[str, QuestionDesk]) -> None:
    found = {group: [one.source for one in desk.documents()] for group, desk in desks.items()}
    assert found == {"legal": ["matters/lease.txt"], "board": ["board/secret.txt"], "nobody": []}


def test_a_document_as_it_is_now(desks: dict[str, QuestionDesk]) -> None:
    desk = desks["legal"]
    (one,) = desk.documents()
    assert (one.id, one.version, one.media_type, one.only_title) == (
        document_id("matters/lease.txt"),
        2,
        "text/plain",
        True,
    )
    (chunk,) = desk.read(desk.chunk_ids(one.id))
    assert chunk.text == MORE
    assert desk.page(chunk, 5) is None


def test_a_hidden_document_has_no_passages(desks: dict[str, QuestionDesk]) -> None:
    hidden = document_id("board/secret.txt")
    ids = desks["board"].chunk_ids(hidden)
    assert len(ids) == 1
    assert desks["legal"].chunk_ids(hidden) == []
    assert desks["legal"].read(ids) == []


def test_a_profile_without_a_selector_says_so(desks: dict[str, QuestionDesk]) -> None:
    with pytest.raises(UsageError, match="FOOTNOTE_SELECTOR"):
        desks["legal"].answers("What is the rent?", RENT, "")
