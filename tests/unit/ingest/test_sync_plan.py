"""The plan of a sync, without a source or a store."""

from __future__ import annotations

from ingest.syncing.mapping import parse_mapping
from ingest.syncing.planning import hidden, narrowed, plan
from ingest.syncing.types import Item, KnownItem, Listing, Step

ANA, LEGAL, BOTH = frozenset({"user:ana"}), frozenset({"group:legal"}), frozenset({"user:ana", "group:legal"})
OPEN = parse_mapping('[[rule]]\npath = "**"\nallow = ["user:ana", "group:legal"]', "rules.toml")
NONE = parse_mapping("rule = []", "rules.toml")


def known(key: str, label: frozenset[str] = BOTH, fingerprint: str = "1", **more: object) -> KnownItem:
    return KnownItem(key, fingerprint, Item(key, "").facts, label, **more)  # type: ignore[arg-type]


def steps(listing: Listing, *before: KnownItem, rules: object = OPEN, **how: bool) -> list[tuple[str, str]]:
    found = plan(listing, {one.key: one for one in before}, rules, **how)  # type: ignore[arg-type]
    return [(change.key, str(change.step)) for change in (*found.rights, *found.contents)]


def listed(*keys: str, fingerprint: str = "1") -> tuple[Item, ...]:
    return tuple(Item(key, fingerprint) for key in keys)


def test_rights_that_are_taken_away_come_before_those_that_are_given() -> None:
    rules = parse_mapping(
        '[[rule]]\npath = "a"\nallow = ["user:ana", "group:legal"]\n[[rule]]\npath = "b"\nallow = ["user:ana"]', "r"
    )
    before = (known("a", ANA), known("b", LEGAL), known("c"), known("d"))
    found = plan(Listing(listed("a", "b", "c")), {one.key: one for one in before}, rules)
    assert [str(change.step) for change in found.rights] == ["hidden", "deleted", "relabelled", "relabelled"]
    assert [change.key for change in found.rights] == ["c", "d", "b", "a"]


def test_the_guard_counts_shares_and_items() -> None:
    few = [known(str(number)) for number in range(11)]
    assert len(steps(Listing(listed("10")), *few)) == 10
    many = [known(str(number)) for number in range(22)]
    assert steps(Listing(listed(*map(str, range(12, 22)))), *many) == []
    assert len(steps(Listing(listed(*map(str, range(11, 22)))), *many)) == 11
    assert len(steps(Listing(()), *many, confirm=True)) == 22
    assert steps(Listing(()), known("only")) == []


def test_what_could_not_be_seen_is_not_deleted_and_never_opened() -> None:
    before = (known("in/a", ANA), known("in/b"), known("inside", ANA), known("x"))
    assert steps(Listing(listed("x"), unseen=("in/",)), *before) == [("inside", "deleted")]
    assert steps(Listing(listed("x"), denied=("in/",)), *before) == [
        ("in/a", "hidden"),
        ("in/b", "hidden"),
        ("inside", "deleted"),
    ]
    assert steps(Listing((), unseen=("",)), *before, rules=NONE) == [(one.key, "hidden") for one in before]


def test_an_unlisted_source_narrows_alone() -> None:
    rules = parse_mapping('[[rule]]\npath = "**"\nallow = ["user:ana", "group:everyone"]', "r")
    changes = narrowed({"a": known("a"), "b": known("b", ANA), "c": known("c", LEGAL)}, rules, "away").rights
    assert {change.key: change.label for change in changes} == {"a": ANA, "c": frozenset()}
    assert [change.step for change in hidden({"a": known("a"), "b": known("b", frozenset())}).rights] == [Step.HIDE]


def test_what_was_being_changed_is_changed_again() -> None:
    assert steps(Listing(listed("a")), known("a", settled=False)) == [("a", "relabelled"), ("a", "changed")]


def test_what_failed_waits_for_other_bytes_and_what_was_refused_stays_hidden() -> None:
    failed = known("a", code="damaged_file")
    assert steps(Listing(listed("a")), failed) == []
    assert steps(Listing(listed("a")), failed, retry=True) == [("a", "changed")]
    assert steps(Listing(listed("a", fingerprint="2")), failed) == [("a", "changed")]
    refused = known("a", frozenset(), "", code="source_denied")
    assert steps(Listing(listed("a")), refused) == [("a", "changed")]


def test_two_items_that_spell_alike_are_told() -> None:
    found = plan(Listing(listed("a", "a")), {}, OPEN)
    assert len(found.contents) == 1
    assert "spell alike" in found.problems[0]
