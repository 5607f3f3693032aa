"""`footnote bench page`: citations of a long document opened in Chromium, over a service of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx2

from api.terminal import UsageError, note, say
from evals.measuring.machine import command_line, setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import library, seconds
from evals.measuring.tables import say_times
from evals.suites.page.long_file import sentence, write
from evals.systems.installations import ingested, opened
from evals.systems.quoting import served
from evals.systems.serving import keys, start, wait
from generation.types import Answer, Citation, ModelCard, Sentence, Status, Usage, Verdict
from ingest.local_files import SourceFile
from ingest.types import Box
from retrieval.types import Principal

READER = Principal("reader", frozenset({"bench"}))
_END_S = 30.0
_PAUSE_MS = 700  # between two clicks, as a reader pauses: what is loaded ahead is then there
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Two frames after the picture is decoded it has been painted.
_OPENED = """async ([chip, page]) => {
    const frame = () => new Promise(requestAnimationFrame)
    const started = performance.now()
    chip.click()
    let told = 0
    for (;;) {
        await frame()
        if (told === 0 && document.querySelector(".source h2") !== null) told = performance.now() - started
        const picture = document.querySelector(`.sheet[data-page="${page}"][data-state="shown"] img`)
        if (picture === null) continue
        await picture.decode()
        await frame()
        await frame()
        const painted = performance.now() - started
        const loaded = performance.getEntriesByName(picture.src).at(-1)
        const marks = picture.parentElement.querySelectorAll("rect").length
        return {told, painted, picture: loaded.responseEnd - loaded.requestStart, marks}
    }
}"""
# The words lie within the text's own window once it has scrolled to them.
_READ = """async ([chip]) => {
    const frame = () => new Promise(requestAnimationFrame)
    const started = performance.now()
    chip.click()
    for (;;) {
        await frame()
        const mark = document.querySelector(".source mark.quote")
        if (mark === null) continue
        const [at, within] = [mark, mark.closest(".canonical")].map(one => one.getBoundingClientRect())
        if (at.top < within.top || at.bottom > within.bottom) continue
        await frame()
        await frame()
        const painted = performance.now() - started
        const loaded = performance.getEntriesByType("resource").find(one => one.name.includes("/text?"))
        return {painted, text: loaded.responseEnd - loaded.requestStart, bytes: loaded.decodedBodySize, marks: 1}
    }
}"""
Row = dict[str, Any]


def run(home: Path, pages: int, citations: int, out: Path | None) -> int:
    """Raises `UsageError` where there is no Chromium, or the page lacks its parts."""
    results = ResultFile(out)
    circumstances = {"command": command_line(), "pages": pages, "citations": citations, **setting()}
    with _served(home, pages) as (url, key):
        cited = _cited(url, key, pages, citations)
        rows, read = list(_clicked(url, key, cited)), list(_clicked(url, key, cited, text=True))
    for name, found in (("page", rows), ("text", read)):
        for row in found:
            results.add({"row": name, **row})
    results.add({"suite": "summary", **circumstances})
    say_times({
        "the first word of the pane": seconds(row["told"] / 1000 for row in rows),
        "the picture, painted": seconds(row["painted"] / 1000 for row in rows),
        "the picture from the server": seconds(row["picture"] / 1000 for row in rows),
        "the words in the text, painted": seconds(row["painted"] / 1000 for row in read),
        "the text from the server": seconds(row["text"] / 1000 for row in read),
    })  # fmt: skip
    say("\ncommit {commit}, {cpu}, load {load_average} at the start: {command}".format_map(circumstances))
    return 0


@contextmanager
def _served(home: Path, pages: int) -> Iterator[tuple[str, str]]:
    """The address of a service that has the document, and a reader's key."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / f"framework-{pages}.pdf"
    write(file, pages)
    with opened(home=home, DATABASE_URL="") as parts, served() as stand_in:
        for report in ingested(parts, [SourceFile(file, f"bench/{file.name}")], frozenset({"group:bench"})):
            note(f"{file.name}: {report.outcome}")
        with keys(parts, [READER], "read") as made:
            process, url = start(home, stand_in)
            try:
                wait(process, url)
                yield url, made[READER]
            finally:
                process.terminate()
                try:
                    process.wait(_END_S)
                except subprocess.TimeoutExpired:
                    process.kill()


def _cited(url: str, key: str, pages: int, count: int) -> list[Citation]:
    """One of each of `count` pages that lie far from each other, as the service would give them."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=url, headers=headers, timeout=120.0, trust_env=False) as client:
        source = f"bench/framework-{pages}.pdf"
        listed = client.get("/v1/documents").json()["documents"]
        document = next(one for one in listed if one["source"] == source)
        path, version = f"/v1/documents/{document['document_id']}", document["version_id"]
        text = client.get(f"{path}/text?version={version}").json()["text"]
        found = []
        for number in range(1, count + 1):
            # Each step is a fair part of the document, forwards and back.
            page = 1 + (number * 7919) % pages
            quote = sentence(page)
            start = text.index(quote)
            place = {"start": start, "end": start + len(quote)}
            boxes = client.get(f"{path}/boxes", params={"version": version, **place}).json()["boxes"]
            found.append(
                Citation(
                    number, document["document_id"], document["version"], "0" * 64, document["title"], source,
                    (f"{page}. Lot {page}",), boxes[0]["page"], **place, quote=quote,
                    boxes=tuple(Box(**box) for box in boxes), version_id=version,
                )
            )  # fmt: skip
    return found


def _answer(citations: Sequence[Citation]) -> str:
    """A sentence for each, as `POST /v1/query` streams them."""
    said = list[Sentence]()
    for one in citations:
        text = f"Sentence {one.id}."
        start = said[-1].end + 1 if said else 0
        said.append(Sentence(text, start, start + len(text), Verdict.ENTAILED, 0.9, (one.id,)))
    card = ModelCard("g", "", "e", "r", "j", "p", "s")
    whole = Answer(
        " ".join(one.text for one in said),
        Status.ANSWERED,
        tuple(said),
        tuple(citations),
        card,
        Usage(),
        {},
        audit_id="bench",
    )
    events = [
        *(("citation", {"citation": asdict(one)}) for one in citations),
        *(("sentence", {"sentence": asdict(one)}) for one in said),
        ("final", {"answer": asdict(whole)}),
        ("done", {}),
    ]
    return "".join(
        f"event: {name}\ndata: {json.dumps({'seq': at, **told})}\n\n" for at, (name, told) in enumerate(events, 1)
    )


def _clicked(url: str, key: str, citations: Sequence[Citation], *, text: bool = False) -> Iterator[Row]:
    """Milliseconds from each click until the pane says something and until the picture is painted, the pane closed
    before each. With `text` until the words are painted in the text, each in a page that was loaded anew: it remembers
    a text that it has."""
    with library("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.request.post(f"{url}/v1/session", data={"key": key})
        body = _answer(citations)
        page.route("**/v1/query", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
        if text:
            page.add_init_script("sessionStorage.setItem('footnote.source.mode', 'text')")
        _ask(page, url, len(citations))
        with progress("opened", len(citations)) as step:
            for citation in citations:
                page.wait_for_timeout(_PAUSE_MS)
                chip = page.get_by_role("button", name=f"Citation {citation.id}:").first.element_handle()
                row = page.evaluate(_READ if text else _OPENED, [chip, citation.page])
                if row["marks"] == 0:
                    raise UsageError(f"The page of citation {citation.id} opened without its marks.")
                step(f"page {citation.page}  {row['painted']:.0f} ms")
                yield {"page": citation.page, **row}
                page.keyboard.press("Escape")
                page.get_by_role("dialog").wait_for(state="detached")
                if text:
                    _ask(page, url, len(citations))
        browser.close()


def _ask(page: Any, url: str, last: int) -> None:
    page.goto("about:blank")
    page.goto(url)
    page.get_by_role("textbox", name="Your question").fill("What are the fees?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name=f"Citation {last}:").first.wait_for()


def _chromium() -> str:
    found = os.environ.get("FOOTNOTE_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        raise UsageError("There is no Chromium on this machine: install one, or set FOOTNOTE_CHROMIUM to its path.")
    return found
