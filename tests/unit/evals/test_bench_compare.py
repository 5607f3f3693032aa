"""The bench of compared versions: changes are planted as they are told, and what was not found counts as that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.suites.comparing.blocks import Block, Original, originals
from evals.suites.comparing.edits import COMPANY, KINDS, Edit, Version
from evals.suites.comparing.run_comparing import _pair, _planted
from evals.suites.comparing.scoring import Pair
from evals.suites.comparing.written import FORMATS, otherwise
from retrieval.comparing.types import Comparison

BANK = (
    Block("Audit", 2),
    Block("Books kept about every shipment lie open to an accountant whom neither side employs, on any weekday."),
    Block("Whoever asked for it bears what such an inspection costs, unless a tenth and more was charged wrongly."),
)
TOPICS = "Delivery Price Warranty Insurance Secrecy Notices Assignment Disputes".split()


def contract(seed: int) -> Original:
    """Eight clauses with a figure of every kind."""
    chance = random.Random(seed)
    blocks = [Block("SUPPLY AGREEMENT", 1), Block("This agreement is made between Kestrel Pumps Ltd and Osprey GmbH.")]
    nouns = "pumps valves pipes gaskets motors filters seals gauges hoses meters".split()
    for number, topic in enumerate(TOPICS, 1):
        one, other = chance.sample(nouns, 2)
        blocks.append(Block(f"{number}. {topic}", 2))
        blocks += [
            Block(f"The Supplier shall hand over the {one} of lot {number}{seed} within thirty (30) days of the order by rail."),
            Block(f"Kestrel Pumps Ltd pays ${number},250 for the {other} of lot {seed}{number} no later than March {number}, 2024."),
            Block(f"For want of {topic.lower()} the {one} and the {other} stay where they are until both parties agree in writing."),
        ]  # fmt: skip
    rows = [f"{noun.capitalize()} of lot {seed} | {chance.randrange(200, 900)} | 180" for noun in nouns]
    blocks.append(Block("\n".join(["Part | Price | Weight", *rows]), -1))
    return Original(f"contract {seed}", tuple(blocks), ("Kestrel Pumps Ltd", "Osprey GmbH"))


@pytest.mark.parametrize("left_out", ["renumbered", "moved removed added"])  # there is no room for both
@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_planted_is_found_in_every_format(format_: str, left_out: str) -> None:
    original = contract(1)
    version = Version(original, [BANK], random.Random(3))
    wanted = [kind for kind in KINDS if kind not in left_out and (kind != "cell" or format_ != "txt")]
    assert [kind for kind in wanted if not version.plant(kind)] == []
    pair, _ = _pair(version, format_, True)
    scored, false = pair.scored(version.edits)
    assert [(one.edit.kind, one.found, one.kind) for one in scored] == [(kind, True, True) for kind in wanted]
    assert false == []
    assert pair.exact()
    same, _ = _pair(version, format_, False)
    assert same.scored(())[1] == []


def test_nothing_is_found_where_nothing_was_compared() -> None:
    version = Version(contract(1), [], random.Random(3))
    assert version.plant("amount")
    pair, _ = _pair(version, "md", True)
    (lost,), false = Pair(pair.old, pair.new, Comparison((), 1.0)).scored(version.edits)
    assert (lost.found, lost.kind, lost.words, false) == (False, False, False, [])


def test_a_difference_elsewhere_is_false_and_another_kind_is_not_right() -> None:
    version = Version(contract(1), [], random.Random(3))
    assert version.plant("date")
    pair, _ = _pair(version, "md", True)
    assert len(pair.scored(())[1]) == 1
    (edit,) = version.edits
    (wrong,), _ = pair.scored([Edit("party", edit.old, edit.new, edit.words)])
    assert (wrong.found, wrong.kind) == (True, False)
    (other,), _ = pair.scored([Edit("date", edit.old, edit.new, ("March 9, 1999", "March 9, 2000"))])
    assert (other.found, other.words) == (True, False)


def test_changes_are_spread_over_documents_and_come_in_the_number_asked_for() -> None:
    versions = _planted([contract(seed) for seed in range(1, 9)], 40, 1)
    assert sum(len(version.edits) for _, version in versions) == 40
    assert {edit.kind for _, version in versions for edit in version.edits} == set(KINDS)
    assert [format_ for format_, _ in versions] == list(FORMATS) * 2
    party = [edit for _, version in versions for edit in version.edits if edit.kind == "party"]
    assert party
    assert all(COMPANY in edit.new and COMPANY not in edit.old for edit in party)


def test_the_new_version_has_other_quotation_marks() -> None:
    assert otherwise('The "Goods" (the "Lot") of the Buyer\'s') == "The “Goods” (the “Lot”) of the Buyer’s"
    assert otherwise("The “Goods” of the Buyer’s") == 'The "Goods" of the Buyer\'s'


def test_a_folder_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cuad/pdf"):
        list(originals(tmp_path, 2, 1))
