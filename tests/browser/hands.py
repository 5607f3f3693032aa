"""A person at a keyboard alone: what they press, and what has the focus afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError as TooLate

if TYPE_CHECKING:
    from playwright.sync_api import Page

# What has the focus: its name as it is spoken, its tag, and how the focus is seen.
FOCUS = """() => {
  const one = document.activeElement;
  const labels = [...(one.labels ?? [])].map(label => label.innerText).join(" ");
  const named = (one.getAttribute("aria-labelledby") ?? "").split(" ").map(id => document.getElementById(id)?.innerText ?? "");
  const name = one.getAttribute("aria-label") || named.join(" ").trim() || labels || one.innerText || one.textContent;
  const ringed = (node) => { const { outlineStyle, outlineWidth } = getComputedStyle(node); return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2; };
  const box = one.getBoundingClientRect();
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return {
    kept: one !== document.body, tag: one.tagName, name: name.replace(/\\s+/g, " ").trim().slice(0, 200),
    ring: [one, one.parentElement].some(ringed), seen: inside && box.width > 0 && box.height > 0,
  };
}"""
KEPT_MS = 5_000  # of this machine under load; what is lost stays lost
KEPT = f"() => {{ const found = ({FOCUS})(); return found.kept && found.seen && found.ring ? found : null; }}"


@dataclass
class Hands:
    """`page`: of which the mouse is never touched. `pressed`: how often a key was pressed."""

    page: Page
    pressed: int = 0

    def press(self, key: str, times: int = 1) -> None:
        """Fails where the focus is lost afterwards."""
        for _ in range(times):
            self.page.keyboard.press(key)
            self.pressed += 1
        self.kept()

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.kept()

    def kept(self) -> None:
        """Something has the focus, and it is seen: soon, as what closes gives it back."""
        try:  # of one moment: in the next one it may be on its way from a view that goes to the one that comes
            found = self.page.wait_for_function(KEPT, timeout=KEPT_MS).json_value()
        except TooLate:
            found = self.page.evaluate(FOCUS)
        assert found["kept"], "nothing has the focus"
        assert found["seen"], f"what has the focus is not in view: {found}"
        assert found["ring"], f"nobody sees that it has the focus: {found}"

    @property
    def at(self) -> str:
        """The name of what has the focus."""
        return str(self.page.evaluate(FOCUS)["name"])

    def reach(self, name: str, most: int, key: str = "Tab") -> int:
        """Presses a key until what has the focus is called so (a pattern); returns how often."""
        met = []
        for presses in range(most + 1):
            met.append(self.at)
            if re.search(name, met[-1]):
                return presses
            if presses < most:
                self.press(key)
        raise AssertionError(f"{name!r} was not reached by {most} times {key}: {met}")

    def use(self, name: str, most: int, key: str = "Tab") -> None:
        """Goes there and presses Enter."""
        self.reach(name, most, key)
        self.press("Enter")
