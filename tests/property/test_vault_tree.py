"""Taking keys away takes these and no other, in whatever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.vault.tree import DEPTH, Tree

SEED = b"s" * 32
WHOLE = Tree.whole(SEED)
# many that share long prefixes, beside any
indices = st.integers(0, 2**DEPTH - 1) | st.integers(0, 15) | st.integers(2**DEPTH - 16, 2**DEPTH - 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(indices, max_size=4), max_size=4), st.lists(indices, max_size=6))
def test_keys_that_were_taken_away_are_gone_and_all_others_are_the_same(
    gone: list[list[int]], asked: list[int]
) -> None:
    tree = WHOLE
    for some in gone:
        tree = tree.without(some)
    taken = {index for some in gone for index in some}
    for index in {*asked, *taken}:
        assert tree.has(index) == (index not in taken)
        assert tree.leaf(index) == (None if index in taken else WHOLE.leaf(index))
    beside = {index ^ 1 for index in taken} - taken
    assert all(tree.leaf(index) == WHOLE.leaf(index) for index in beside)


@settings(max_examples=30, deadline=None)
@given(st.lists(indices, min_size=1, max_size=6))
def test_no_node_that_is_kept_lies_above_a_key_that_was_taken_away(gone: list[int]) -> None:
    tree = WHOLE.without(gone)
    assert not any(node.holds(index) for node in tree.nodes for index in gone)
    covered = sum(2 ** (DEPTH - node.depth) for node in tree.nodes)
    assert covered == 2**DEPTH - len(set(gone))


@settings(max_examples=30, deadline=None)
@given(st.permutations([1, 2, 3, 2**127, 2**128 - 1]), st.lists(indices, max_size=3))
def test_the_order_does_not_matter_and_what_is_written_is_read_again(order: list[int], more: list[int]) -> None:
    one_by_one = WHOLE
    for index in order:
        one_by_one = one_by_one.without([index])
    at_once = WHOLE.without(sorted(order))
    assert one_by_one.nodes == at_once.nodes
    assert Tree.of(at_once.without(more).data()).nodes == at_once.without(more).nodes
