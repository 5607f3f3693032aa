"""An index beside, as other parts of an installation come near it: sweeps, models, the environment, drops."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import retrieval.index.access
from api.wiring import indexes
from api.wiring.deployment import Chosen
from api.wiring.searching import every_index
from evals.systems.nights import sample_settings
from infra.models.errors import ModelError
from infra.postgres.pool import reading_as, transaction
from infra.postgres.releases import Release
from infra.settings import INDEXED, RELEASABLE, SettingsError, overlaid
from ingest.errors import DamagedFile, ParseTimeout
from ingest.types import ParsedFile
from retrieval.errors import IndexUnavailable
from tests.integration import test_indexes_beside as beside
from tests.integration.test_indexes_beside import ASKED, LEASE, OTHER, RULES, House, InProcess, Parts

houses = beside.houses
CUT = {"chunking": "recursive", "chunk_chars": "300"}


@pytest.fixture
def house(houses: Callable[..., House]) -> House:
    """With a lease, and an index beside that is complete."""
    house = houses("usual")
    house.put(LEASE)
    house.parts.beside.build(overlaid(house.settings, OTHER))
    return house


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The embedders that are loaded."""
    found: list[str] = []
    load = Parts.embedder_named

    def counted(parts: Parts, name: str) -> Any:
        found.append(name)
        return load(parts, name)

    monkeypatch.setattr(Parts, "embedder_named", counted)
    return found


def test_what_sweeps_the_usual_index_leaves_others_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval.index.access, "_ORPHAN_S", -1.0)
    house.parts.publish()
    assert [bool(index.status().segments) for _, index in every_index(house.parts)] == [True, True]
    assert not any(index.verify() for _, index in every_index(house.parts))


def test_no_embedder_is_loaded_where_nothing_is_missing(loads: list[str], house: House) -> None:
    assert OTHER["embedder"] in loads
    loads.clear()
    house.parts.beside.look()
    house.put(LEASE)  # unchanged
    house.parts.documents.relabel(beside.document_id("lease.md"), beside.HR)
    house.parts.beside.look()
    assert OTHER["embedder"] not in loads


def test_the_embedder_is_kept_for_the_next_upload_and_not_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = vars(house.parts.beside)
    house.put(RULES, "rules.md")
    house.parts.beside.look()
    assert list(kept["_embedders"]) == [OTHER["embedder"]]
    monkeypatch.setattr(indexes, "_KEPT_S", -1.0)
    house.parts.beside.look()
    assert not kept["_embedders"]


def test_it_answers_also_where_the_environment_has_come_to_say_the_same(houses: Callable[..., House]) -> None:
    before = houses("usual")
    before.put(LEASE)
    before.parts.beside.build(overlaid(before.settings, CUT))
    found = House(before.parts, overlaid(before.settings, CUT)).found()
    parts = houses("usual", **CUT).parts
    assert parts.search.search_now(ASKED[0], beside.ANA, 20).hits  # made for the usual one before
    by = parts.by(Chosen("other", parts.settings, beside=True))
    hits = [hit.chunk.chunk_id for hit in by.search.search_now(ASKED[0], beside.ANA, 20).hits]
    assert hits == [told[1].chunk_id for told in found["ana", ASKED[0]]]


def test_a_dropped_index_is_not_gone_on_with(house: House) -> None:
    (recipe, _), *_ = house.parts.beside.counted()
    follower = house.parts.beside._follower(recipe)
    house.parts.embedder_named(OTHER["embedder"]).count = 0
    house.parts.indexes.drop(recipe.name)
    assert follower.follow() == 0
    assert house.parts.embedder_named(OTHER["embedder"]).count == 0


def test_what_another_has_stored_meanwhile_is_not_stored_again(house: House) -> None:
    (recipe, _), *_ = house.parts.beside.counted()
    store = house.parts.beside._follower(recipe).store
    followed = vars(house.parts.pipeline)
    followed["_followed"] = lambda ids: None
    house.put(RULES, "rules.md")
    (one,) = store.behind(None, None, 16)
    house.parts.beside.look()
    when = house.rows(b"SELECT array_agg(xmin::text ORDER BY id) FROM index_chunks")
    chunks = store.chunks(one)
    vectors = house.parts.embedder_named(OTHER["embedder"]).embed_documents([chunk.text for chunk in chunks])
    assert not store.put(one, chunks, vectors, one.chunking)
    assert house.rows(b"SELECT array_agg(xmin::text ORDER BY id) FROM index_chunks") == when


def test_files_of_an_index_that_was_dropped_elsewhere_or_half_are_removed(house: House) -> None:
    (recipe, _), *_ = house.parts.beside.counted()
    folder = house.settings.home / "segments" / recipe.name
    kept = shutil.copytree(folder, folder.with_name("beside-000000000000"))
    house.parts.beside.look()
    assert folder.exists()
    assert not kept.exists()
    house.parts.indexes.drop(recipe.name)  # killed after that
    assert folder.exists()
    house.parts.beside.look()
    assert not folder.exists()


def test_why_it_is_behind_is_said_once(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(parts: Parts, name: str) -> Any:
        raise ModelError(f"{name} is not here.")

    monkeypatch.setattr(Parts, "embedder_named", gone)
    needed = vars(house.parts.beside)["_needed"]
    vars(house.parts.beside)["_needed"] = replace(needed, embedder=house.parts.embedder_named)
    house.put(RULES, "rules.md")
    for _ in range(3):
        house.parts.beside.look()
    assert [record.getMessage().count("is not here") for record in caplog.records] == [1]


def test_a_night_asks_the_sample_over_an_index_as_the_releases(house: House) -> None:
    usual, by = house.parts, house.parts.by(Chosen("fine", overlaid(house.settings, OTHER), beside=True))
    asked, before = sample_settings(by), sample_settings(usual)
    assert {name: str(asked[name]) for name in OTHER} == OTHER
    assert OTHER.keys().isdisjoint(before)
    assert asked["home"] != before["home"] == house.settings.home.with_name("usual.sample")


def test_what_one_process_makes_no_other_makes_at_the_same_time(houses: Callable[..., House]) -> None:
    house, service = houses("usual"), houses("usual")
    asked = overlaid(house.settings, OTHER)
    for number in range(20):
        house.put(f"{LEASE}\n\nHouse {number}.", f"lease-{number}.md")
    other = service.parts.embedder_named(OTHER["embedder"])
    house.parts.beside.build(asked, lambda done, of: service.parts.beside.look() if done == 1 else None)
    assert other.count == 0
    house.parts.indexes.drop(house.parts.indexes.all()[0].name)
    house.parts.indexes.add(house.parts.beside.recipe(asked))
    service.parts.beside.look()
    assert other.count > 20
    assert [count.behind for _, count in house.parts.beside.counted()] == [0]


def test_a_parser_that_was_killed_once_does_not_decide_how_a_document_is_cut(houses: Callable[..., House]) -> None:
    house = houses("usual")
    house.put(LEASE)
    house.put(RULES, "rules.md")
    killed: list[Exception] = [DamagedFile("It crashed.")]

    class Killed(InProcess):
        def parse(self, data: bytes, name: str) -> ParsedFile:
            if killed:
                raise killed.pop()
            return super().parse(data, name)

    vars(house.parts)["parser"] = Killed()
    asked = overlaid(house.settings, OTHER)
    made = house.parts.beside.build(asked)
    assert (killed, [count.otherwise for _, count in house.parts.beside.counted()]) == ([], [0])
    house.parts.beside.drop(made.name)
    killed += [DamagedFile("It crashed."), ParseTimeout("It took too long.")]
    house.parts.beside.build(asked)
    assert [count.otherwise for _, count in house.parts.beside.counted()] == [1]


def test_a_release_that_cannot_be_used_any_more_keeps_its_index_and_no_other_from_being_told(house: House) -> None:
    parts, (recipe, _) = house.parts, house.parts.beside.counted()[0]
    says = {name: getattr(overlaid(house.settings, OTHER), name) for name in (*RELEASABLE, *INDEXED)}
    parts.releases.add(Release("fine", says, {}, "0" * 64, "operator"), {})
    pins = {"recipe": {"index": recipe.name}}
    parts.releases.add(Release("odd", says | {"chunking": "forgotten"}, pins, "1" * 64, "operator"), {})
    with pytest.raises(SettingsError):
        parts.deploying.by("odd")
    assert indexes.needed_by(parts.releases, parts.deploying, parts.beside) == {recipe.name: ["fine", "odd"]}
    parts.releases.retire("fine", "operator", {})
    assert indexes.needed_by(parts.releases, parts.deploying, parts.beside) == {recipe.name: ["odd"]}


def test_a_replaced_document_is_found_all_the_time(house: House) -> None:
    by = house.parts.by(Chosen("other", overlaid(house.settings, OTHER), beside=True))
    vars(house.parts.pipeline)["_followed"] = lambda ids: None
    house.put(LEASE.replace("EUR 403", "EUR 999"))
    texts = [hit.chunk.text for hit in by.search.search_now(ASKED[0], beside.ANA, 20).hits]
    assert any("EUR 999" in text for text in texts)
    assert not any("EUR 403" in text for text in texts)
    assert house.parts.indexes.count(house.parts.indexes.all()[0].name).behind == 0


def test_what_was_made_ahead_of_a_version_that_never_came_is_seen_by_nobody_and_removed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(house.parts.documents), "add_version", killed)
        with pytest.raises(KeyboardInterrupt):
            house.put(LEASE.replace("EUR 403", "EUR 999"))
    planted = b"SELECT count(*) FROM index_chunks WHERE text LIKE '%EUR 999%'"
    assert house.rows(planted) == [(1,)]
    own = house.parts.pool_beside(house.parts.indexes.all()[0].name)
    with reading_as(own, beside.ANA) as conn:
        assert conn.execute(planted).fetchall() == [(0,)]
    house.parts.beside.look()
    assert house.rows(planted) == [(1,)]  # its version may be on its way
    with transaction(house.parts.pool) as conn:
        conn.execute(b"UPDATE index_keys SET made_at = now() - interval '2 hours'")
    house.put(RULES, "rules.md")
    house.parts.beside.look()
    assert house.rows(planted) == [(0,)]


def test_where_it_was_dropped_nothing_is_found_silently(house: House) -> None:
    settings = overlaid(house.settings, OTHER)
    by = house.parts.by(Chosen("other", settings, beside=True))
    assert by.search.search_now(ASKED[0], beside.ANA, 5).hits
    house.parts.beside.drop(house.parts.indexes.all()[0].name)
    with pytest.raises(IndexUnavailable, match="footnote release build"):
        by.search.search_now(ASKED[0], beside.ANA, 5)
    house.parts.beside.build(settings)
    assert by.search.search_now(ASKED[0], beside.ANA, 5).hits


def test_nothing_is_looked_for_while_no_document_changes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.parts.beside.look()
    looked: list[str] = []
    monkeypatch.setattr(type(house.parts.indexes), "is_behind", lambda self, name, ids=None: looked.append(name))
    house.parts.beside.look()
    assert looked == []
    house.parts.documents.relabel(beside.document_id("lease.md"), beside.HR)
    house.parts.beside.look()
    assert looked
