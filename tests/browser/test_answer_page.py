"""What can be done with one answer on the page: copying, cards over chips, printing, feedback, sign-off. The page is real,
the service scripted."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser
ORIGIN = "http://footnote.test"
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = "{rules: {'label-content-name-mismatch': {enabled: true}}}"
TEXT = "4.3 Notice is 60 days 😀.\nRent | 95000"
NOTICE, ROW = "4.3 Notice is 60 days 😀.", "Rent | 95000"
STRICTNESS = {"offered": ["usual"], "default": "usual"}
AUDIT = "c0ad0000-0000-4000-8000-000000000001"


def _citation(number: int, quote: str) -> dict[str, Any]:
    start = TEXT.index(quote)
    place = {"start": start, "end": start + len(quote), "quote": quote, "page": 2, "page_label": "2", "bates": ""}
    names = {"title": "Supply Agreement - Brightwater (2025)", "source": "supply.pdf", "section_path": ["4. Orders"]}
    version = {"document_id": "0b0e7e6a-1f7b-4a52-9a39-0d1f3a0c1234", "version": 2, "version_id": "v_AbCd-EfGh_IjKl12"}
    return {"id": number, "cell": "", "boxes": [], "confidence": None, "warnings": [], **place, **names, **version}


def _sentence(text: str, start: int, number: int, note: str) -> dict[str, Any]:
    told = {"text": text, "start": start, "end": start + len(text), "verdict": "entailed", "support": 0.99}
    return told | {"citations": [number], "note": note, "part": 0, "cautions": []}


SENTENCES = [_sentence("Notice is 60 days 😀.", 0, 1, ""), _sentence("Rent = 95000", 21, 2, "quoted")]
ANSWER = {
    "answer": "Notice is 60 days 😀. Rent = 95000", "status": "answered", "sentences": SENTENCES,
    "citations": [_citation(1, NOTICE), _citation(2, ROW)], "audit_id": AUDIT, "withheld": 0, "abstention": None,
    "why": "", "explanation": "", "strictness": "usual", "parts": [], "assumed": [], "cautions": [], "left_aside": [],
    "follow_up": None, "conversation": {"id": "c1", "number": 1}, "usage": {"prompt_tokens": 9, "completion_tokens": 3},
    "timings_ms": {"search": 20.0, "total": 90.0, "search.read": 4.0},
    "model": dict.fromkeys(("generator", "embedder", "reranker", "judge", "prompt", "snapshot"), "m") | {"adapter": ""},
}  # fmt: skip
VERSIONS = [
    {"version": 2, "version_id": "v_AbCd-EfGh_IjKl12", "current": True, "date": "2024-05-31", "effective": None,
     "added_at": "2025-01-01T00:00:00Z"},
]  # fmt: skip
FOUND = {
    "quote": _citation(1, NOTICE), "rank": 1, "ranks": {"sparse": 3, "dense": 1, "rerank": 1}, "copies": [],
    "shown": True, "cited": [1], "nearest": [],
}  # fmt: skip
WHY = {
    "asked": {"words": "q", "question": "q", "query": "notice", "parts": [], "hypothesis": ""}, "passages": [FOUND],
    "counts": {"wrote": 2, "passed": 1, "withheld": 1, "left_out": 0, "quoted": 1, "differ": 0}, "in_order": True,
    "sentences": [
        {"origin": "wrote", "fate": "withheld", "why": "The passages do not say this.", "passages": [], "sentence": None,
         "text": None, "reason": None},
    ],
}  # fmt: skip
SELECT = """([from, to]) => {
  const texts = document.querySelectorAll('.sentence-text');
  const range = document.createRange();
  range.setStart(texts[from].firstChild, 0);
  range.setEnd(texts[to].firstChild, texts[to].textContent.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""
COPIED = """() => {
  let text = null;
  addEventListener('copy', event => { text = event.clipboardData.getData('text/plain'); }, {once: true});
  document.execCommand('copy');
  return text;
}"""


@pytest.fixture
def sent() -> list[tuple[str, str, Any]]:
    """Method, path and body of what the page sent about answers."""
    return []


@pytest.fixture
def turn(blank_page: Page, sent: list[tuple[str, str, Any]]) -> Any:
    from api.http.app import static_folder

    folder = static_folder()
    assert folder is not None, "build the page first: make frontend"
    events = [("citation", {"citation": one}) for one in ANSWER["citations"]]  # type: ignore[attr-defined]
    events += [("sentence", {"sentence": one}) for one in SENTENCES] + [("final", {"answer": ANSWER}), ("done", {})]
    body = "".join(
        f"event: {name}\ndata: {json.dumps({'seq': seq, **data})}\n\n" for seq, (name, data) in enumerate(events, 1)
    )
    signed = {"audit_id": AUDIT, "sentence": 1, "by": "user:ana", "at": "2026-11-30T00:00:00Z", "verdict": "approved"}

    def reply(route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(ORIGIN).split("?")[0]
        if path.startswith(("/v1/answers", "/v1/feedback")):
            sent.append((request.method, path, request.post_data_json if request.post_data else None))
        put = any(method == "PUT" for method, _, _ in sent)
        replies: dict[str, Any] = {
            "/sign-offs": {"sign_offs": [signed | {"words": "Checked."}] if put else []},
            "/sign-off": signed | {"words": "Checked."},
            "/feedback": {"feedback": []},
            "/why": WHY,
            "/notices": {"notices": []},
            "/conversations": {"conversations": [], "next": None},
            "/running": {"running": []},
            "/versions": {"document_id": "d", "versions": VERSIONS},
        }
        end = next((name for name in replies if path.endswith(name)), None)
        if path == "/v1/query":
            route.fulfill(body=body, content_type="text/event-stream")
        elif path == "/v1/session":
            me = {"user": "ana", "groups": ["legal"], "scopes": ["read", "audit"]}
            person = {"user": "ana", "name": "Ana", "groups": ["legal"]}
            told = {"demo": True, "people": [person], "organisation": False, "me": None, "strictness": STRICTNESS}
            route.fulfill(json=me if request.method == "POST" else told)
        elif path.endswith("/export"):
            route.fulfill(body=b"docx", content_type="application/octet-stream")
        elif end:
            route.fulfill(json=replies[end])
        elif path.startswith("/v1/"):
            route.fulfill(json={})
        else:
            file = folder / (path.lstrip("/") or "index.html")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0])

    blank_page.route(f"{ORIGIN}/**", reply)
    blank_page.goto(ORIGIN)
    blank_page.get_by_role("button", name="Sign in as Ana").click()
    blank_page.get_by_role("textbox", name="Your question").fill("notice?")
    blank_page.get_by_role("button", name="Ask", exact=True).click()
    found = blank_page.get_by_role("article", name="Question 1")
    found.get_by_role("button", name="Why this answer?").wait_for()
    return found


def test_chips_are_no_part_of_what_is_copied(blank_page: Page, turn: Any) -> None:
    assert turn.get_by_text("From a table", exact=True).count() == 1
    assert turn.get_by_text("From the source", exact=True).count() == 0
    blank_page.evaluate(SELECT, [1, 1])
    assert blank_page.evaluate(COPIED) == "Rent = 95000 [2]"
    blank_page.evaluate(SELECT, [0, 1])
    text = blank_page.evaluate(COPIED)
    assert text.startswith("Notice is 60 days 😀. [1] Rent = 95000 [2]\n\nSources:\n[1] Supply Agreement")
    assert blank_page.evaluate("getComputedStyle(document.querySelector('.citation')).userSelect") == "none"


def test_a_chip_says_what_it_cites_and_its_card_closes_on_escape(blank_page: Page, turn: Any) -> None:
    chip = turn.get_by_role("button", name="Citation 1: Supply Agreement 4.3, p. 2")
    blank_page.keyboard.press("Tab")
    chip.focus()
    card = blank_page.get_by_role("tooltip")
    card.get_by_text("Version 2 of 31 May 2024, the newest").wait_for()
    assert "Fully supported by this quote" in card.inner_text()
    assert NOTICE in card.inner_text()
    blank_page.keyboard.press("Escape")
    card.wait_for(state="detached")
    blank_page.mouse.move(5, 300)  # a hand moves over the page before it reaches the chip
    blank_page.mouse.move(9, 320)
    turn.get_by_role("button", name="Citation 2:").hover()
    card.get_by_text("A row of a table").wait_for()


def test_printing_shows_the_answer_with_its_quotes_and_its_id(blank_page: Page, turn: Any) -> None:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(blank_page.pdf())
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    plain = "".join(text.split())
    for words in ("Notice is 60 days", "Rent = 95000", "[1]", "4.3 Notice is 60 days", "Rent | 95000", AUDIT):
        assert words.replace(" ", "") in plain, words
    assert "Sign out" not in text


def test_feedback_sign_off_and_export_reach_the_server(blank_page: Page, turn: Any, sent: list[Any]) -> None:
    turn.get_by_role("button", name="Feedback").click()
    turn.get_by_label("Wrong source").check()
    turn.get_by_label("Why (may be empty)").fill("Clause 9.")
    turn.get_by_role("button", name="Send").click()
    turn.get_by_text("Thank you.").wait_for()
    told = next(body for method, path, body in sent if (method, path) == ("POST", "/v1/feedback"))
    assert told == {"audit_id": AUDIT, "kind": "wrong_source", "sentence": 0, "words": "Clause 9."}
    turn.get_by_role("button", name="Sign off").click()
    turn.get_by_label("What you have looked at").select_option("1")
    turn.get_by_role("button", name="Approve", exact=True).click()
    turn.get_by_text("Approved by ana", exact=True).wait_for()
    assert ("PUT", f"/v1/answers/{AUDIT}/sentences/1/sign-off") in [(method, path) for method, path, _ in sent]
    turn.get_by_role("button", name="Export").click()
    with blank_page.expect_download() as download:
        blank_page.get_by_role("menuitem", name="Word (.docx)").click()
    assert download.value.suggested_filename == "answer.docx"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(blank_page: Page, turn: Any, width: int, scheme: str) -> None:
    blank_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    blank_page.set_viewport_size({"width": width, "height": 900})
    turn.get_by_role("button", name="Feedback").click()
    turn.get_by_label("Wrong source").wait_for()
    blank_page.evaluate(AXE.read_text(encoding="utf-8"))

    def violations(scope: str) -> list[str]:
        found = blank_page.evaluate(f"async () => (await axe.run('{scope}', {RULES})).violations")
        return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]

    assert violations(".turn") == []
    turn.get_by_role("button", name="Why this answer?").click()
    blank_page.get_by_role("dialog").get_by_text("The passages do not say this.").wait_for()
    assert violations("[role=dialog]") == []
