"""What docs/ui.md says of keys: every row of its table is pressed in a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ALONE, REVIEWS, GRID = "test_keyboard_alone.py", "test_reviews_page.py", "test_documents_page.py"
# By where they hold: the browser tests that press them.
PRESSED = {
    "everywhere": (ALONE,),
    "a menu": (ALONE,),
    "questions": (ALONE,),
    "the question box": (ALONE,),
    "a citation": (ALONE,),
    "the source": (ALONE,),
    "the text of a source": (ALONE,),
    "a comparison": ("test_source_page.py",),
    "documents": (ALONE, GRID, "../../frontend/src/ui/VirtualGrid.test.tsx"),
    "the recycle bin": (ALONE,),
    "a review": (REVIEWS, "../../frontend/src/reviews/moving.test.ts"),
    "a cell of a review": (REVIEWS,),
}
NAMES = {"↓": "ArrowDown", "↑": "ArrowUp", "→": "ArrowRight", "←": "ArrowLeft", "Esc": "Escape", "Ctrl": "Control"}


def rows() -> list[tuple[str, list[str]]]:
    """Where, and the keys."""
    _, _, section = (ROOT / "docs/ui.md").read_text(encoding="utf-8").partition("## By keyboard alone\n")
    table = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", section.partition("\n## ")[0], re.MULTILINE)
    return [(where, re.findall(r"`([^`]+)`", keys)) for where, keys in table if "`" in keys]


def spoken(key: str) -> str:
    """As a test presses it, but for the order of the keys that are held."""
    return "+".join(sorted(NAMES.get(part, part).replace(" ", "").lower() for part in key.split("+")))


def test_every_place_of_the_table_is_known() -> None:
    assert {where for where, _ in rows()} == PRESSED.keys()


@pytest.mark.parametrize(("where", "keys"), rows())
def test_every_key_of_the_table_is_pressed_in_a_test(where: str, keys: list[str]) -> None:
    texts = [(ROOT / "tests/browser" / file).read_text(encoding="utf-8") for file in PRESSED[where]]
    pressed = {spoken(said) for text in texts for said in re.findall(r'"([^"\s]+)"', text)}
    assert [key for key in keys if spoken(key) not in pressed] == []
