"""The list of documents in Chromium: how soon it is there with very many, and how many rows the page holds.

    python -m evals.page.listing --documents 100000

It fills an installation of its own in a new folder, serves it with the page as it was built, and signs in as the sample
person Ana. Times are of the browser's own clock.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

HIDDEN = 5000  # documents that Ana may not read
LABELS = (frozenset({"group:legal"}), frozenset({"group:finance", "group:legal"}), frozenset({"user:ana"}))
ROWS = "[role=row][data-index]"
# How long from the click on the link to the frame after the first rows with words in them.
OPENED = """() => new Promise((done) => {
    const since = performance.now();
    const look = () => document.querySelector('main.documents button.row-title') === null
        ? requestAnimationFrame(look)
        : requestAnimationFrame(() => done(performance.now() - since));
    document.querySelector('nav a[href$="/documents"]').click();
    look();
})"""
# Scrolls in steps, a frame each, and tells the frames' times and the most rows that were there at once.
SCROLLED = """([from, to, steps]) => new Promise((done) => {
    const grid = document.querySelector('[role=grid]');
    const most = grid.scrollHeight - grid.clientHeight;
    const frames = [];
    let rows = 0, blank = 0, step = 0, last = performance.now();
    const go = () => {
        const now = performance.now();
        frames.push(now - last);
        last = now;
        rows = Math.max(rows, document.querySelectorAll('[role=row][data-index]').length);
        blank += document.querySelector('.unread') === null ? 0 : 1;
        if (step > steps) return done({frames, rows, blank});
        grid.scrollTop = most * (from + (to - from) * step / steps);
        step += 1;
        requestAnimationFrame(go);
    };
    go();
})"""
# How long from a drag of the scrollbar to this share of the list until the rows that are there have their words.
JUMPED = """(share) => new Promise((done) => {
    const grid = document.querySelector('[role=grid]');
    const since = performance.now();
    const row = document.querySelector('[role=row][data-index]').offsetHeight;
    const at = Math.floor((grid.scrollHeight - grid.clientHeight) * share / row);
    grid.scrollTop = at * row;
    const look = () => {
        const there = document.querySelector(`[role=row][data-index="${at + 3}"]`);
        return there === null || document.querySelector('.unread') !== null
            ? requestAnimationFrame(look)
            : requestAnimationFrame(() => done(performance.now() - since));
    };
    requestAnimationFrame(look);
})"""


@contextmanager
def served(home: Path, documents: int) -> Iterator[str]:
    """The address of a service with so many documents that Ana may read."""
    import uvicorn

    from api.cli.local import opened
    from api.http.app import create_app
    from evals.systems.many_documents import fill

    with opened(home=home, DATABASE_URL="", llm_url="", demo=True) as parts, socket.socket() as listener:
        fill(parts, documents, lambda done, _: None, labels=LABELS, hidden=HIDDEN, owner="ana")
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(parts.http), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.1)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


def measured(page: Page, address: str, tries: int) -> dict[str, Any]:
    """Times in milliseconds; `cold`: with nothing of the page's code or of the list in the browser's memory."""
    cold, warm = [], []
    page.goto(address)
    page.get_by_role("button", name="Sign in as Ana").click()
    page.get_by_role("link", name="Documents").wait_for()
    for _ in range(tries):
        page.goto(f"{address}/#/")
        page.reload()
        page.get_by_role("link", name="Documents").wait_for()
        page.wait_for_load_state("networkidle")
        cold.append(page.evaluate(OPENED))
        page.get_by_role("link", name="Questions").click()
        warm.append(page.evaluate(OPENED))
    page.locator(ROWS).first.wait_for()
    page.wait_for_timeout(1000)
    smooth = page.evaluate(SCROLLED, [0, 0.0005, 200])
    away = page.evaluate(SCROLLED, [0, 1, 120])
    since = time.perf_counter()
    page.locator(f"{ROWS}:not(.unread)[aria-rowindex]").last.wait_for()
    page.wait_for_function("() => document.querySelector('.unread') === null", timeout=60_000)
    end_s = time.perf_counter() - since
    back = page.evaluate(SCROLLED, [1, 0, 120])
    drawn = random.Random(1)
    jumps = [page.evaluate(JUMPED, share) for share in (0.5, *(drawn.random() for _ in range(2 * tries)))]
    return {
        "open_ms": _spread(cold),
        "open_again_ms": _spread(warm),
        "frame_ms_scrolling_near": _spread(smooth["frames"][1:]),
        "frames_with_rows_not_there_near": smooth["blank"],
        "frame_ms_scrolling_far": _spread(away["frames"][1:] + back["frames"][1:]),
        "rows_in_page_at_most": max(run["rows"] for run in (smooth, away, back)),
        "rows_in_page_afterwards": page.locator(ROWS).count(),
        "end_of_list_s": round(end_s, 2),
        "middle_of_list_ms": round(jumps[0]),
        "jump_ms": _spread(jumps[1:]),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": round(median(ordered), 1), "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1)}


def main(arguments: list[str]) -> None:
    """Prints what was measured, as JSON."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--address", default="", help="of a service that is filled already, instead of a new one")
    asked = parser.parse_args(arguments)

    def look(address: str) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            print(json.dumps(measured(page, address, asked.tries), indent=2))
            browser.close()

    if asked.address:
        look(asked.address)
        return
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        served(Path(home), asked.documents) as address,
    ):
        look(address)


if __name__ == "__main__":
    main(sys.argv[1:])
