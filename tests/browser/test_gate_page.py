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
    FinalEvent,
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


def cited(number: int, quote: str, title: str) -> Citation:
    start = TEXT.index(quote)
    place = (start, start + len(quote))
    return Citation(
        number, f"d{number}", 1, "ab" * 32, title, "notice.txt", ("Term",), None, *place, quote, version_id="v_1"
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
    CARD, audit_id="a-3", withheld=1, assumed=(Assumed("the rules", "d1", 1, "House rules", 2),),
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
        "warned": WARNED,
    }  # fmt: skip
    return {question: asyncio.run(lines(answer)) for question, answer in answers.items()}


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
        elif path == "/v1/session" and route.request.method == "POST":
            route.fulfill(json={"user": "ana", "groups": ["legal"], "scopes": ["read"]})
        elif path == "/v1/session":
            route.fulfill(json={"demo": True, "people": [PERSON], "organisation": False, "me": None})
        elif path == "/v1/documents":
            route.fulfill(json={"documents": [_listed()], "recycle_days": 30, "total": 1, "next": None})
        elif path.endswith("/text"):
            route.fulfill(json=_document(path.split("/")[3]))
        elif path.startswith("/v1/answers/") or path.endswith("/versions"):
            route.fulfill(status=404, json={"title": "There is no such answer", "detail": "", "code": "not_found"})
        elif path.endswith("/facts"):
            none = {
                "document_id": path.split("/")[3],
                "version": 1,
                "version_id": "v_1",
                "may_change": False,
                "facts": [],
            }
            route.fulfill(json=none)
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


def _document(name: str) -> dict[str, Any]:
    title = next(citation.title for citation in (ONE, TWO) if citation.document_id == name)
    return {
        "document_id": name, "version": 1, "version_id": "v_1", "title": title,
        "media_type": "text/plain", "text": TEXT, "pages": [],
        "sections": [], "warnings": [asdict(SCAN), asdict(TORN)] if name == "d1" else [],
        "coverage": {"text": 5, "ocr": 1, "unread": 1, "blank": 0}, "language": "en",
    }  # fmt: skip


def _listed() -> dict[str, Any]:
    version = {"version": 2, "version_id": "v_2", "added_at": "2026-01-01T00:00:00Z", "content_sha256": "ab" * 32}
    version |= {"corrects": 1}
    return {
        "document_id": "d1", "title": ONE.title, "source": ONE.source, "version": 2, "version_id": "v_2",
        "media_type": "text/plain",
        "pages": 7, "bytes": 10, "date": None, "added_at": version["added_at"], "allow": ["group:legal"],
        "versions": [version | {"version": 1, "version_id": "v_1", "corrects": None}, version], "may_change": False,
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
    panel.get_by_text("1 more warning on this document").click()
    assert panel.get_by_text(TORN.words).is_visible()


def test_the_list_says_which_documents_need_a_look(blank_page: Page, ask: Any) -> None:
    ask("warned")
    blank_page.get_by_role("link", name="Documents").click()
    row = blank_page.get_by_role("row").nth(1)
    row.get_by_text("2 warnings").wait_for()
    assert "6 of 7 pages: 5 text, 1 recognised, 1 unread" in row.inner_text()
    row.get_by_text("2 of 2").click()
    assert row.get_by_text("corrects what was read in version 1").is_visible()
    row.get_by_role("button", name="2 warnings on House rules").click()
    blank_page.get_by_role("dialog").get_by_text("2 warnings on this document").click()
    assert blank_page.get_by_role("dialog").get_by_text(TORN.words).is_visible()


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
