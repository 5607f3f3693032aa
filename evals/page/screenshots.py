"""Pictures of every view of the page at three widths, for docs/ui.md.

    python -m evals.page.screenshots --address http://127.0.0.1:8000 --out docs/images/ui
    python -m evals.page.screenshots --address http://127.0.0.1:8001 --key KEY --out docs/images/ui --only admin

Over `footnote demo`, signed in as the sample person Ana, or with an API key. It asks one question, looks at its source,
and makes nothing else; views that need something that is not there are left out and named.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = ((1280, 860), (768, 1024), (320, 640))
QUESTION = "May Ostara's developers use an outside AI code generator on our firmware?"
ANSWER_MS = 180_000
COLOURS = 96
SETTLED_MS = 1500


def asked(page: Page) -> None:
    """Asks, unless a conversation is open; the address is that of the conversation then."""
    if page.locator("article.turn").count() == 0:
        page.get_by_role("textbox", name="Your question").fill(QUESTION)
        page.keyboard.press("Enter")
    page.locator("article.turn:is([data-status=answered], [data-status=partial])").first.wait_for(timeout=ANSWER_MS)


def source(page: Page) -> None:
    page.locator("article.turn .citation").first.click()
    page.locator(".source img, .source mark").first.wait_for()


def why(page: Page) -> None:
    page.get_by_role("button", name="Why this answer?").first.click()
    page.get_by_role("dialog").get_by_role("table").first.wait_for()


def cell(page: Page) -> None:
    page.get_by_role("link", name="Agreements").first.click()
    page.locator("[data-state]").first.wait_for()


def headed(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("heading", name=name, level=1).wait_for()


# By name: the address, "" for that of the conversation, and what is done there.
VIEWS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "answer": ("", asked),
    "source": ("", source),
    "why": ("", why),
    "documents": ("#/documents", headed("Documents")),
    "reviews": ("#/reviews", headed("Reviews")),
    "matrix": ("#/reviews", cell),
    "admin-health": ("#/admin", headed("Health")),
    "admin-usage": ("#/admin/usage", headed("Usage and cost")),
    "admin-evaluation": ("#/admin/evaluation", headed("Evaluation")),
    "admin-audit": ("#/admin/audit", headed("Audit trail")),
}


def signed_in(page: Page, address: str, key: str) -> None:
    page.goto(address)
    if key == "":
        page.get_by_role("button", name="Sign in as Ana").click()
    else:
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Documents").wait_for()


def taken(page: Page, out: Path) -> None:
    """As a PNG of few colours, which a page of text does not need more of."""
    from PIL import Image

    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, optimize=True)


def main() -> int:
    from playwright.sync_api import Error, sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--key", default="", help="an API key; without one the sample person Ana signs in")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="views whose name begins so")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        page = browser.new_page()
        signed_in(page, given.address, given.key)
        asked(page)
        conversation = page.url
        for name, (path, shown) in VIEWS.items():
            if not name.startswith(given.only):
                continue
            for width, height in WIDTHS:
                page.set_viewport_size({"width": width, "height": height})
                page.goto(given.address if path else "about:blank")  # so that the view begins anew
                page.goto(f"{given.address}/{path}" if path else conversation)
                try:
                    page.locator("#main").wait_for()
                    page.wait_for_timeout(SETTLED_MS)
                    shown(page)
                except Error as error:
                    print(f"{name} at {width}: left out ({str(error).splitlines()[0]})", file=sys.stderr)
                    continue
                page.wait_for_timeout(SETTLED_MS)
                taken(page, given.out / f"{name}-{width}.png")
                print(f"{name} at {width}")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
