"""What the page shows of the gate: abstentions, withheld sentences, conflicts. The page is real, the service scripted:
its events go through the same encoder as the service's own."""

from __future__ import annotations

import asyncio
import mimetypes
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from api.http.streaming import server_sent
from generation.types import (
    Abstention,
    Answer,
    Assumed,
    Caution,
    Citation,
    CitationEvent,
    CitedFrame,
    FinalEvent,
    Frame,
    ModelCard,
    Note,
    PartAnswer,
    RetrievalEvent,
    Searched,
    Sentence,
    SentenceEvent,
    Status,
    Verdict,
    Why,
)
from ingest.types import FileWarning, WarningKind
from retrieval.types import Clue

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from playwright.sync_api import Page, Route

    from generation.types import Event

pytestmark = pytest.mark.browser
ORIGIN = "http://footnote.test"
TEXT = "Notice is 60 days 😀. Dogs are banned."
PERSON = {"user": "ana", "name": "Ana", "groups": ["legal"]}
CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot")


DOCUMENTS = {number: f"{number:08d}-0000-4000-8000-000000000000" for number in (1, 2)}
VERSIONS = {number: f"v_{number:016d}" for number in (1, 2)}


def cited(number: int, quote: str, title: str) -> Citation:
    start = TEXT.index(quote)
    place = (start, start + len(quote))
    return Citation(
        number,
        DOCUMENTS[number],
        1,
        "ab" * 32,
        title,
        "notice.txt",
        ("Term",),
        None,
        *place,
        quote,
        version_id=VERSIONS[1],
    )


ONE, TWO = cited(1, "Dogs are banned.", "House rules"), cited(2, "Notice is 60 days 😀.", "Notice letter")
FAILED = "Passages were found, but what was drafted from them did not pass the check against them."
ABSTAINED = Answer(
    FAILED, Status.ABSTAINED, (), (), CARD,
    audit_id="a-1", withheld=1, abstention=Abstention(
        Searched("who pays for heating?", 2, 8, (Clue("clause", "clause 4", "4", "prefers clause 4"),)), (ONE, TWO)
    ), why=Why.NOT_SUPPORTED, explanation=FAILED,
)  # fmt: skip
DIFFERS = "The sources differ: one says “Dogs are banned.”, another says “Notice is 60 days 😀.”"
PARTIAL = Answer(
    f"Dogs are banned. {DIFFERS}", Status.PARTIAL,
    (
        Sentence("Dogs are banned.", 0, 16, Verdict.ENTAILED, 0.97, (1,), Note.QUOTED),
        Sentence(DIFFERS, 17, 17 + len(DIFFERS), Verdict.ENTAILED, 1.0, (1, 2), Note.CONFLICT),
    ),
    (ONE, TWO), CARD, audit_id="a-2", withheld=2, why=Why.NOT_SUPPORTED, explanation="Something may be missing.",
)  # fmt: skip
SURPLUS = Answer(
    "Dogs are banned.", Status.ANSWERED, (Sentence("Dogs are banned.", 0, 16, Verdict.ENTAILED, 0.97, (1,)),), (ONE,),
    CARD, audit_id="a-3", withheld=1, assumed=(Assumed("the rules", DOCUMENTS[1], 1, "House rules", 2),),
)  # fmt: skip
SCAN = FileWarning(WarningKind.LOW_CONFIDENCE, "Page 6 was recognised from a faint scan. Compare it.", 6, 21, 37)
TORN = FileWarning(WarningKind.UNREAD_PAGE, "Page 7 could not be read. Open the original.", 7)
UNSURE = replace(ONE, page=6, page_label="iv", bates="ABC000123", confidence=0.81, warnings=(SCAN,))
WARNED = Answer(
    "Dogs are banned.", Status.ANSWERED,
    (Sentence("Dogs are banned.", 0, 16, Verdict.ENTAILED, 0.97, (1,), cautions=(SCAN.kind,)),), (UNSURE,), CARD,
    audit_id="a-5",
    cautions=(Caution(SCAN.kind, f"This passage was recognised from a scan (81 % sure). {SCAN.words}", (1,)),),
)  # fmt: skip
COMPARED = Answer(
    "Dogs are banned.\n\nNotice is 60 days 😀.", Status.PARTIAL,
    (
        Sentence("Dogs are banned.", 0, 16, Verdict.ENTAILED, 0.97, (1,), part=1),
        Sentence("Notice is 60 days 😀.", 18, 38, Verdict.ENTAILED, 0.97, (2,), part=2),
    ),
    (ONE, TWO), CARD, audit_id="a-4", why=Why.ASKED_FOR_MORE,
    explanation="Not answered, or not in full: “And in the annex?”: the passages nearest to it do not seem to answer it.",
    parts=(
        PartAnswer("In the house rules?", Status.ANSWERED, Why.NONE, "House rules"),
        PartAnswer("In the notice letter?", Status.ANSWERED, Why.NONE, "Notice letter"),
        PartAnswer("And in the annex?", Status.ABSTAINED, Why.NOTHING_DRAFTED, "Annex"),
    ),
)  # fmt: skip


# What a row says is put together from the row, the header of its column, and the unit in the caption.
ROW = "Rent of Unit 7 (thousand EUR) = 95000"
FRAMES = (
    CitedFrame(Frame.HEADER, 0, 6, TEXT[0:6]),
    CitedFrame(Frame.UNIT, 7, 9, TEXT[7:9]),
)
TABLE = Answer(
    f"{ROW} Dogs are banned.", Status.ANSWERED,
    (
        Sentence(ROW, 0, len(ROW), Verdict.ENTAILED, 1.0, (1,), Note.QUOTED),
        Sentence("Dogs are banned.", len(ROW) + 1, len(ROW) + 17, Verdict.ENTAILED, 0.7, (1, 2)),
    ),
    (replace(ONE, context=FRAMES), replace(TWO, section_path=("4.3 Term",), page=2)), CARD, audit_id="a-9",
)  # fmt: skip


async def _stream(answer: Answer) -> AsyncGenerator[Event, None]:
    yield RetrievalEvent(2, (), tuple(part.title for part in answer.parts))
    for citation in answer.citations:
        yield CitationEvent(citation)
    for sentence in answer.sentences:
        yield SentenceEvent(sentence)
    yield FinalEvent(answer)


@pytest.fixture(scope="module")
def sent() -> dict[str, bytes]:
    """The answers as server-sent events, by question."""

    async def lines(answer: Answer) -> bytes:
        return b"".join([line async for line in server_sent(_stream(answer))])

    searched = Abstention(Searched("who pays for heating?", 0, 0))
    nothing = replace(ABSTAINED, why=Why.NOTHING_FOUND, withheld=0, abstention=searched)
    answers = {
        "abstain": ABSTAINED, "partial": PARTIAL, "none": nothing, "surplus": SURPLUS, "compare": COMPARED,
        "warned": WARNED, "table": TABLE, "passages": replace(ABSTAINED, why=Why.NOTHING_DRAFTED, withheld=0),
    }  # fmt: skip
    return {question: asyncio.run(lines(answer)) for question, answer in answers.items()}


def _versions() -> list[dict[str, Any]]:
    """As details, newest first, from how they stand in the list."""
    listed = _listed()
    kept = {name: listed[name] for name in ("title", "media_type", "bytes", "pages", "warnings", "coverage", "behind")}
    more = {"date": None, "effective": None, "chunking": "structure", "language": "en", **kept}
    return [{**more, **one, "current": one["version"] == listed["version"]} for one in reversed(listed["versions"])]


@pytest.fixture
def ask(sent: dict[str, bytes], blank_page: Page) -> Callable[[str], Any]:
    """Signs in, asks a question of `sent`, and returns its turn on the page."""
    from api.http.app import static_folder

    folder = static_folder()
    assert folder is not None, "build the page first: make frontend"

    def reply(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        post = route.request.post_data_json if path == "/v1/query" else None
        if post:
            route.fulfill(body=sent[post["question"]], content_type="text/event-stream")
        elif path.startswith("/v1/"):
            route.fulfill(json=_told(route.request.method, path))
        else:
            file = folder / (path.lstrip("/") or "index.html")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0])

    def asked(question: str) -> Any:
        blank_page.route(f"{ORIGIN}/**", reply)
        blank_page.goto(ORIGIN)
        blank_page.get_by_role("button", name="Sign in as Ana").click()
        blank_page.get_by_role("textbox", name="Your question").fill(question)
        blank_page.get_by_role("button", name="Ask", exact=True).click()
        turn = blank_page.get_by_role("article", name="Question 1")
        turn.get_by_role("button", name="Why this answer?").wait_for()
        return turn

    return asked


ASKED = {"words": "", "question": "", "by": "", "query": "", "searched": "", "parts": [], "hypothesis": "", "clues": []}
COUNTS = dict.fromkeys(("wrote", "passed", "withheld", "left_out", "quoted", "differ"), 0)


def _told(method: str, path: str) -> dict[str, Any]:
    """What the service says at any other address."""
    document = path.split("/")[3] if path.startswith("/v1/documents/") else ""
    none = {"document_id": document, "version": 1, "version_id": VERSIONS[1]}
    signed_in = {"user": "ana", "groups": ["legal"], "scopes": ["read"]}
    strictness = {"offered": ["usual"], "default": "usual"}
    out = {"demo": True, "people": [PERSON], "organisation": False, "me": None, "strictness": strictness}
    told: dict[str, dict[str, Any]] = {
        "/v1/session": signed_in if method == "POST" else out,
        "/v1/documents": {"documents": [_listed()], "recycle_days": 30, "total": 1, "next": None},
        "/v1/conversations": {"conversations": [], "next": None},
        "/v1/running": {"running": []},
        "/v1/answers/notices": {"notices": [], "unseen": 0},
        "versions": {"document_id": document, "versions": _versions()},
        "facts": {**none, "may_change": False, "facts": []},
        "pages": {**none, "title": "", "media_type": "text/plain", "drawn": False, "pages": []},
        "boxes": {**none, "boxes": []},
        "sign-offs": {"sign_offs": []},
        "why": {"asked": ASKED, "passages": [], "counts": COUNTS, "sentences": [], "in_order": True},
    }
    if path.endswith("/text"):
        return _document(document)
    return told.get(path) or told.get(path.split("/")[-1]) or _listed()


def _document(name: str) -> dict[str, Any]:
    title = next(citation.title for citation in (ONE, TWO) if citation.document_id == name)
    return {
        "document_id": name, "version": 1, "version_id": VERSIONS[1], "title": title,
        "media_type": "text/plain", "text": TEXT, "start": 0, "chars": len(TEXT), "pages": [],
        "sections": [], "warnings": [asdict(SCAN), asdict(TORN)] if name == DOCUMENTS[1] else [],
        "coverage": {"text": 5, "ocr": 1, "unread": 1, "blank": 0}, "language": "en",
    }  # fmt: skip


def _listed() -> dict[str, Any]:
    version = {"version": 2, "version_id": VERSIONS[2], "added_at": "2026-01-01T00:00:00Z", "content_sha256": "ab" * 32}
    version |= {"corrects": 1}
    return {
        "document_id": DOCUMENTS[1], "title": ONE.title, "source": ONE.source, "version": 2, "version_id": VERSIONS[2],
        "media_type": "text/plain",
        "pages": 7, "bytes": 10, "date": None, "added_at": version["added_at"], "allow": ["group:legal"],
        "versions": [version | {"version": 1, "version_id": VERSIONS[1], "corrects": None}, version], "may_change": False,
        "warnings": [asdict(SCAN), asdict(TORN)], "coverage": {"text": 5, "ocr": 1, "unread": 1, "blank": 0},
        "behind": False, "chunking": "structure", "language": "en", "deleted_at": None, "restorable_until": None,
    }  # fmt: skip


def test_an_abstention_shows_what_was_searched_and_opens_what_came_nearest(blank_page: Page, ask: Any) -> None:
    turn = ask("abstain")
    assert turn.get_attribute("data-status") == "abstained"
    note = turn.get_by_role("note", name="No answer")
    text = note.inner_text()
    assert text.startswith("An answer was drafted, but it did not pass the check. These passages may hold one")
    assert ABSTAINED.answer in text
    assert "Searched for “who pays for heating?” and looked at 8 passages of 2 documents." in text
    assert "“clause 4”: prefers clause 4" in text
    assert note.get_by_role("heading", name="Nearest passages").is_visible()
    assert "Dogs are banned." in note.get_by_role("listitem").nth(1).inner_text()
    note.get_by_role("button", name="Passage 2: Notice letter").click()
    marked = blank_page.get_by_role("dialog").locator("mark")
    marked.first.wait_for()
    assert "".join(marked.all_inner_texts()) == TWO.quote
    assert blank_page.get_by_text("differ from the quote").count() == 0


def test_an_abstention_over_nothing_names_no_passages(ask: Any) -> None:
    note = ask("none").get_by_role("note", name="No answer")
    assert note.inner_text().startswith("Nothing found")
    assert "nothing came up in the documents that you may read" in note.inner_text()
    assert note.get_by_text("Nearest passages").count() == 0


def test_a_partial_answer_tells_what_is_missing_and_marks_where_sources_differ(ask: Any) -> None:
    turn = ask("partial")
    note = turn.get_by_role("note", name="Partial answer")
    assert note.inner_text() == PARTIAL.explanation
    assert turn.get_by_text("2 sentences were withheld: they did not pass the check").is_visible()
    badges = turn.get_by_text("Sources differ", exact=True)
    assert badges.count() == 1
    sentence = badges.locator("xpath=ancestor::*[@data-sentence]")
    assert DIFFERS in sentence.inner_text()
    assert [number.inner_text() for number in sentence.locator(".citation-number").all()] == ["1", "2"]
    assert turn.get_by_text("From the source", exact=True).count() == 1
    turn.get_by_role("button", name="Why this answer?").click()
    checks = turn.page.get_by_role("dialog").get_by_role("table", name="Checks")
    assert "quoted from its source" in checks.inner_text()


def test_a_whole_answer_tells_what_was_withheld_and_assumed_without_a_warning(ask: Any) -> None:
    turn = ask("surplus")
    assert turn.get_attribute("data-status") == "answered"
    assert turn.get_by_role("note").count() == 0
    asides = turn.locator(".aside").all_inner_texts()
    assert asides == [
        "“the rules” fits 2 documents that you may read. Taken to mean: House rules (version 1).",
        "1 sentence was withheld: it did not pass the check against the documents.",
    ]


def test_an_answer_from_a_faint_scan_says_so_where_it_stands_and_at_its_source(blank_page: Page, ask: Any) -> None:
    turn = ask("warned")
    note = turn.get_by_role("note", name="Look at the source before you rely on this")
    assert "[1] This passage was recognised from a scan (81 % sure)." in note.inner_text()
    assert turn.get_by_role("group", name="Answer").get_by_text("Unsure source").is_visible()
    source = turn.get_by_role("button", name="Source 1: House rules")
    assert "page iv (6 of the file), ABC000123" in source.inner_text()
    source.click()
    panel = blank_page.get_by_role("dialog")
    panel.locator("mark").first.wait_for()
    cited = panel.get_by_role("note", name="The cited words may not be all that the file says")
    assert SCAN.words in cited.inner_text()
    assert TORN.words not in cited.inner_text()
    panel.get_by_role("button", name="1 warning").click()
    assert panel.get_by_text(TORN.words).is_visible()


def test_the_list_says_which_documents_need_a_look(blank_page: Page, ask: Any) -> None:
    ask("warned")
    blank_page.get_by_role("link", name="Documents").click()
    row = blank_page.get_by_role("row").nth(1)
    row.get_by_role("button", name="2 warnings on House rules").wait_for()
    assert "6 of 7 pages: 5 text, 1 recognised, 1 unread" in row.inner_text()
    assert row.get_by_role("button", name="Version 2, history of House rules").is_visible()
    row.get_by_role("button", name="2 warnings on House rules").click()
    details = blank_page.get_by_role("dialog", name="House rules")
    details.get_by_text(TORN.words).wait_for()
    details.get_by_text("corrects what was read in version 1").wait_for()


def test_a_comparison_stands_under_the_titles_of_its_documents(ask: Any) -> None:
    turn = ask("compare")
    told = [text.strip() for text in turn.get_by_role("group", name="Answer").locator("p").all_inner_texts()]
    assert [text.partition(":")[0] for text in told] == ["House rules", "Notice letter"]
    assert turn.get_by_role("note", name="Partial answer").inner_text() == COMPARED.explanation


def test_the_scripted_answers_are_whole() -> None:
    """Spans and quotes as the service would have them."""
    for answer in (PARTIAL, SURPLUS, COMPARED, WARNED):
        assert [answer.answer[s.start : s.end] for s in answer.sentences] == [s.text for s in answer.sentences]
    assert all(TEXT[c.start : c.end] == c.quote for c in (ONE, TWO))
    assert asdict(PARTIAL)["sentences"][1]["note"] == "conflict"


def test_what_may_answer_is_not_denied_above_it(ask: Any) -> None:
    note = ask("passages").get_by_role("note", name="No answer")
    assert note.inner_text().startswith("No answer was written, but these passages may hold one")
    assert FAILED not in note.inner_text()
    assert "nothing below was checked against your question" in note.inner_text()


def copied(page: Page, selected: str) -> str:
    """What the page puts on the clipboard of a selection that the script makes."""
    return str(
        page.evaluate(
            """(make) => new Promise((done) => {
                const range = document.createRange();
                new Function("range", make)(range);
                getSelection().removeAllRanges();
                getSelection().addRange(range);
                document.addEventListener("copy", (event) => done(event.clipboardData.getData("text/plain")), {once: true});
                document.execCommand("copy");
                setTimeout(() => done(""), 2000);
            })""",
            selected,
        )
    )


def test_a_copied_sentence_has_references_and_no_chips(blank_page: Page, ask: Any) -> None:
    ask("table")
    whole = copied(blank_page, 'range.selectNodeContents(document.querySelector("[data-answer] .answer"))')
    assert "= 95000 [1] Dogs are banned. [1] [2]" in " ".join(whole.split())
    assert "From a table" not in whole
    part = copied(
        blank_page,
        """const [first, second] = document.querySelectorAll(".sentence-text");
        range.setStart(first.firstChild, 0); range.setEnd(second.firstChild, 4);""",
    )
    assert part.startswith(f"{ROW} [1] Dogs")
    assert "950001" not in whole + part


def test_a_row_of_a_table_is_told_with_its_header_and_unit(ask: Any) -> None:
    turn = ask("table")
    assert turn.get_by_text("From a table", exact=True).count() == 1
    assert turn.get_by_text("From the source", exact=True).count() == 0
    source = turn.get_by_role("list", name="Source").get_by_role("listitem").first
    assert f"The table it stands in says “{TEXT[0:6]}”, “{TEXT[7:9]}”" in source.inner_text()
    assert "Rests on it:" in source.inner_text()
    assert [one.inner_text() for one in source.locator(".rests-on button").all()] == ["sentence 1", "sentence 2"]


def test_a_chip_says_what_it_cites_and_shows_a_card(blank_page: Page, ask: Any) -> None:
    turn = ask("table")
    chip = turn.get_by_role("button", name="Citation 2: Notice letter 4.3, p. 2")
    assert chip.inner_text().replace("\n", " ") == "2 Notice letter 4.3, p. 2"
    blank_page.keyboard.press("Tab")
    chip.focus()
    card = blank_page.get_by_role("tooltip")
    card.wait_for()
    told = card.inner_text()
    assert TWO.quote in told
    assert "4.3 Term" in told
    assert "the check was less sure" in told
    card.get_by_text("Version 1").wait_for()
    blank_page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert blank_page.get_by_role("dialog").count() == 0
    blank_page.keyboard.press("Enter")
    blank_page.get_by_role("dialog").wait_for()
    assert chip.get_attribute("aria-current") == "true"


def test_the_whole_answer_is_printed_with_its_footnotes(blank_page: Page, ask: Any) -> None:
    import pypdfium2

    ask("table")
    file = pypdfium2.PdfDocument(blank_page.pdf())
    text = " ".join("".join(page.get_textpage().get_text_range() for page in file).split())
    for words in ("Dogs are banned.", ROW, "Notice is 60 days", "Audit id: a-9", "House rules"):
        assert words in text, words
    assert "Sign out" not in text
    assert "Why this answer" not in text
