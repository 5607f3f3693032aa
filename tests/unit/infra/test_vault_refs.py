"""Pseudonyms and refs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from infra.vault import refs
from infra.vault.keys import Keys


def test_a_pseudonym_is_the_same_in_every_case_and_another_for_everybody_else(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert refs.handle(keys, "Ana") == refs.handle(keys, "ana")
    assert refs.handle(keys, "bo") != refs.handle(keys, "ana")
    assert len(refs.handle(keys, "ana")) == 32
    assert "ana" not in refs.person(keys, "ana")
    assert refs.handle(Keys(tmp_path / "elsewhere"), "ana") != refs.handle(keys, "ana")


def test_somebody_erased_gets_a_new_pseudonym_and_the_old_one_follows_from_nothing(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    before = refs.person(keys, "ana")
    keys.destroy(refs.of_person(keys, "ana"))
    assert not keys.alive(before)
    assert refs.person(keys, "ana") != before
    assert keys.alive(refs.person(keys, "ana"))


def test_a_document_that_comes_back_has_a_new_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    assert refs.of_document(keys, "AB-1") == ("document:ab-1#0",)
    keys.destroy(refs.of_document(keys, "ab-1"))
    assert refs.document(keys, "ab-1") == "document:ab-1#1"


def test_months_are_those_of_utc() -> None:
    late = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert refs.month(late) == refs.month(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == "month:2026-11"
