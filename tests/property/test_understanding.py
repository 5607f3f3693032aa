"""Whatever is typed: understanding never fails, never takes long and gives what it promises."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.text.dates import mentions
from retrieval.types import ChunkText
from retrieval.understanding import MOST_CLUES, support, understand

MOST_CHARS = 4000
MOST_SECONDS = 5  # measured: at most 0.03; what this is to catch takes minutes
ATOMS = (
    '"', "'", "“", "’", "«", "(", ")", "[", "1", "9.", "1.1.1.1", "12(a)", "§", "§ 12 ", "section ", "Article I", "1/", "2024-",
    "March ", "in 2024 ", "FY ", "Q1 ", "as of ", " and ", "and who ", "what ", "? ", "between ", "the ", "policy ", "Kestrel ",
    ", Inc", ".pdf", "_", "-", ".", " ", "\n", "\t", "\0", "\ud800", "٣", "²", "😀", "İ", "ß", "a", "A", "x" * 50,
)  # fmt: skip
hostile = st.lists(st.sampled_from(ATOMS), max_size=60).map("".join)
repeated = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=4).map(
    lambda atoms: ("".join(atoms) * MOST_CHARS)[:MOST_CHARS]
)
anything = st.text(max_size=300) | hostile


def chunk(text: str) -> ChunkText:
    return ChunkText("c", "d", 1, "s", text[:80], text[:80], 0, 0, len(text), text, (text[:80],), None)


@given(anything)
@example("WHO:0 AND WHO ")
@settings(max_examples=400, deadline=None)
def test_every_text_is_understood(text: str) -> None:
    found = understand(text)
    assert found == understand(text)
    assert len(found.clues) <= MOST_CLUES
    assert len({(clue.kind, clue.value) for clue in found.clues}) == len(found.clues)
    assert all(clue.value and clue.effect.endswith(".") and clue.text in text for clue in found.clues)
    assert len(found.parts) in {0, 2, 3, 4, 5}
    assert all(part.endswith("?") for part in found.parts)


@given(anything, anything)
@settings(max_examples=300, deadline=None)
def test_support_is_between_nothing_and_certainty(question: str, text: str) -> None:
    for clue in understand(question).clues:
        assert all(0.0 <= support(clue, chunk(of)) <= 1.0 for of in (text, question))


@given(repeated)
@settings(max_examples=150, deadline=None)
def test_long_hostile_texts_take_no_time(text: str) -> None:
    began = time.thread_time()
    found = understand(text)
    assert time.thread_time() - began < MOST_SECONDS
    began = time.thread_time()
    for clue in found.clues:
        support(clue, chunk(text))
    assert time.thread_time() - began < MOST_SECONDS * max(1, len(found.clues))


@given(anything)
@settings(max_examples=200, deadline=None)
def test_mentions_of_dates_never_overlap(text: str) -> None:
    found = mentions(text)
    assert all(0 <= mention.start < mention.end <= len(text) and mention.values for mention in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%d-%b-%Y", "%d. %m. %Y"]),
)
def test_a_day_is_known_in_every_format(day: date, style: str) -> None:
    written = f"{day:{style}}".replace(". ", ".")
    assert [clue.value.split("|")[0] for clue in understand(f"What fell due on {written}?").clues] == [str(day)]
