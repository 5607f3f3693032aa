"""A whole visit by keyboard alone, over the real service: from signing in to signing out."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from lxml import etree

from tests.browser.hands import Hands
from tests.browser.serving import CORPUS, Person, Service, served, signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
SUPPLY = (CORPUS / "legal" / "supply_agreement.pdf").read_bytes()
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
QUESTION = "What credit falls due if a delivery is late?"
FREE = "No credit falls due for the first three Working Days."
CREDIT = "The credit is 1 per cent of the price of the late Barrels for each complete week of delay, up to 10 per cent."
FALSE = "The credit is 3 per cent of the price."


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served({"ana": Person(), "root": Person(scopes=("read", "write", "admin"))}) as running:
        running.add(SUPPLY, "supply_agreement.pdf")
        running.parts.script.text = f"{FREE} [1] |{CREDIT} [1] |{FALSE} [1]"
        yield running


IN_VIEW = """() => {
  const [mark, pane] = ["mark.quote", ".canonical"].map((one) => document.querySelector(`.source ${one}`)?.getBoundingClientRect());
  return mark !== undefined && mark.top >= pane.top && mark.bottom <= pane.bottom;
}"""


def test_a_whole_visit_by_keyboard_alone(blank_page: Page, service: Service, tmp_path: Path) -> None:
    page, hands = blank_page, Hands(blank_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.address)
    signs_in_and_asks(hands, service)
    opens_the_source_and_comes_back(hands)
    copies(hands)
    exports(hands, tmp_path)
    asks_why(hands)
    says_what_should_have_been_cited(hands)
    signs_off_a_sentence(hands)
    hands.press("F6")
    assert hands.at == "Questions"
    hands.use("^Sign out$", 5)
    page.get_by_label("API key").wait_for()
    hands.kept()
    hands.press("Tab")
    assert hands.at == "API key"


def signs_in_and_asks(hands: Hands, service: Service) -> None:
    hands.page.goto(service.address)
    hands.page.get_by_label("API key").wait_for()
    hands.press("Tab")
    assert hands.at == "API key"
    hands.type(service.keys["ana"])
    hands.press("Enter")
    hands.page.get_by_role("textbox", name="Your question").wait_for()
    hands.type(QUESTION)
    hands.press("Enter")
    hands.page.locator("article:is([data-status=answered], [data-status=partial])").wait_for()
    assert hands.at == "Your question"


def opens_the_source_and_comes_back(hands: Hands) -> None:
    pane = hands.page.get_by_role("dialog")
    hands.press("Escape")
    assert hands.at == "Question 1"
    hands.reach("^Citation 1:", 1)
    hands.page.get_by_role("tooltip").get_by_text("Fully supported by this quote").wait_for()
    hands.press("Enter")
    pane.locator(".sheet[data-state='shown'] rect.box-quote").first.wait_for()
    pane.get_by_role("button", name=f"1 {FREE}").wait_for()
    hands.press("]")
    pane.get_by_role("button", name=f"2 {CREDIT}").wait_for()
    assert pane.locator(".stepper-place").inner_text().endswith("2 of 2")
    hands.press("[")
    pane.get_by_role("button", name=f"1 {FREE}").wait_for()
    hands.press("Escape")
    pane.wait_for(state="detached")
    hands.kept()
    assert hands.at.startswith("Citation 1:")


def copies(hands: Hands) -> None:
    hands.use("^Copy$", 8)
    assert hands.at == "Copy with references"
    hands.press("Enter")
    hands.page.get_by_text("Copied with 2 references").wait_for()
    hands.kept()
    copied = hands.page.evaluate("navigator.clipboard.readText()")
    assert f"{FREE} [1] {CREDIT} [2]" in copied
    assert "[2] Supply Agreement" in copied
    assert FALSE not in copied


def exports(hands: Hands, folder: Path) -> None:
    for first, name, read in (("m", "answer.md", of_text), ("w", "answer.docx", of_word), ("p", "answer.pdf", of_pdf)):
        hands.use("^Export$", 2)
        hands.reach(f"^{first.upper()}", 6, first)
        with hands.page.expect_download() as download:
            hands.press("Enter")
        assert download.value.suggested_filename == name
        download.value.save_as(folder / name)
        hands.kept()
        assert hands.at == "Export"
        text = solid(read((folder / name).read_bytes()))
        for words in (QUESTION, FREE, CREDIT, audit_id(hands.page), hashlib.sha256(SUPPLY).hexdigest()):
            assert solid(words) in text, (name, words)
        assert solid(FALSE) not in text, name


def solid(text: str) -> str:
    """Without white space, of which each format has its own."""
    return "".join(text.split())


def audit_id(page: Page) -> str:
    line = page.locator(".printed-only").first.evaluate("line => line.textContent")
    return str(line).removeprefix("Audit id: ")


def of_text(data: bytes) -> str:
    text = data.decode()
    assert f"{FREE}[^1]" in text
    assert len(re.findall(r"^\[\^\d+\]:", text, re.MULTILINE)) == 2
    return text


def of_word(data: bytes) -> str:
    """With its footnotes, which are as many as there are sentences that were checked."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        body, notes = (etree.fromstring(file.read(f"word/{name}.xml")) for name in ("document", "footnotes"))
    quoted = [one for one in notes.iter(f"{W}footnote") if one.get(f"{W}type") is None]
    assert len(quoted) == len(list(body.iter(f"{W}footnoteReference"))) == 2
    return " ".join(
        "".join(one.text or "" for one in line.iter(f"{W}t")) for root in (body, notes) for line in root.iter(f"{W}p")
    )


def of_pdf(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def asks_why(hands: Hands) -> None:
    dialog = hands.page.get_by_role("dialog")
    hands.use("^Why this answer", 2)
    dialog.get_by_text("Its words are withheld").wait_for()
    hands.kept()
    assert FALSE not in dialog.inner_text()
    hands.press("Escape")
    dialog.wait_for(state="detached")
    hands.kept()
    assert hands.at == "Why this answer?"


def says_what_should_have_been_cited(hands: Hands) -> None:
    page, pane = hands.page, hands.page.get_by_role("dialog")
    hands.use("^Feedback$", 1)
    page.get_by_label("Wrong source").wait_for()
    hands.reach("^Right$", 2)
    hands.reach("^Wrong source$", 3, "ArrowDown")
    assert page.get_by_label("Wrong source").is_checked()
    hands.use("^Source 1:", 15, "Shift+Tab")
    pane.locator(".sheet[data-state='shown']").first.wait_for()
    hands.use("^Text$", 6)
    page.wait_for_load_state("networkidle")  # the text around the quote comes first, then all of it
    page.wait_for_function(IN_VIEW)
    hands.reach("^Document text$", 8)
    hands.press("Shift+Control+ArrowRight", 3)
    hands.press("Enter")  # now the beginning is moved
    hands.press("Shift+ArrowRight", 3)
    page.wait_for_function("() => document.getSelection().toString().trim() === 'credit falls'")
    page.wait_for_timeout(100)  # the page is told of a selection a moment later
    hands.press("Escape")
    pane.wait_for(state="detached")
    hands.use("^Take what is selected", 15)
    page.get_by_text("Taken from Supply").wait_for()
    assert page.locator(".expected blockquote").inner_text() == "credit falls"
    hands.use("^Send$", 3)
    page.get_by_text("Thank you").wait_for()
    hands.kept()
    assert hands.at == "Is this answer right?"  # the form begins anew
    assert hands.page.locator(".signed-list blockquote").inner_text() == "credit falls"


def signs_off_a_sentence(hands: Hands) -> None:
    hands.use("^Sign off$", 12, "Shift+Tab")
    hands.page.get_by_label("What you have looked at").wait_for()
    hands.reach("^What you have", 1)
    hands.press("ArrowDown")
    hands.use("^Approve$", 3)
    hands.page.get_by_text("Approved by ana", exact=True).wait_for()
    hands.kept()
    assert hands.at == "Approve"


def test_every_part_is_a_few_keys_away(blank_page: Page, service: Service) -> None:
    page, hands = blank_page, Hands(blank_page)
    signs_in_and_asks(hands, service)
    box, pane = page.get_by_role("textbox", name="Your question"), page.get_by_role("dialog")
    hands.press("ArrowUp")
    assert box.input_value() == QUESTION
    hands.press("Shift+Enter")
    hands.type("And then?")
    assert box.input_value() == f"{QUESTION}\nAnd then?"
    hands.press("Control+a")
    hands.press("Delete")

    page.reload()
    box.wait_for()
    page.locator("article").wait_for()
    hands.press("F6")  # from the view past its end: the header is the first part
    assert hands.at == "Questions"
    hands.reach("^Skip to content$", 2, "Shift+Tab")
    hands.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    hands.use("^Citation 1:", 4)
    pane.locator(".sheet[data-state='shown']").first.wait_for()
    hands.press("Alt+ArrowDown")
    pane.get_by_role("button", name=f"2 {CREDIT}").wait_for()
    hands.press("Alt+ArrowUp")
    pane.get_by_role("button", name=f"1 {FREE}").wait_for()
    hands.press("Shift+F6")
    assert hands.at.startswith("Citation 1:")
    hands.press("/")
    assert hands.at == "Your question"
    hands.press("F6")
    assert page.evaluate("document.activeElement.closest('.source') !== null")
    hands.press("Shift+F6", 2)
    assert page.evaluate("document.activeElement.closest('nav.conversations') !== null")
    hands.press("Control+k")
    assert hands.at == "Your question"


def test_words_of_a_source_are_selected_and_copied(blank_page: Page, service: Service) -> None:
    page, hands = blank_page, Hands(blank_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=service.address)
    signs_in_and_asks(hands, service)
    hands.press("Escape")
    hands.use("^Citation 1:", 1)
    page.get_by_role("dialog").locator(".sheet[data-state='shown']").first.wait_for()
    hands.use("^Text$", 6)
    hands.reach("^Document text$", 8)
    page.locator("mark.quote").first.wait_for()
    selected = "getSelection().toString()"
    for key, words in (
        ("Shift+ArrowRight", "N"),
        ("Shift+ArrowRight", "No"),
        ("Shift+ArrowLeft", "N"),
        ("Shift+Control+ArrowRight", "No "),
    ):
        hands.press(key)
        assert page.evaluate(selected).strip() == words.strip(), key
    hands.press("Shift+End")
    line = page.evaluate(selected)
    assert FREE.startswith(line.strip())
    assert len(line) > len("No ")
    hands.press("Shift+ArrowDown")
    assert len(page.evaluate(selected)) > len(line)
    hands.press("Shift+ArrowUp")
    hands.press("Shift+Home")
    assert not page.evaluate(selected).startswith("No")  # the line begins before the quote
    hands.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == page.evaluate(selected)


def test_documents_are_deleted_and_restored(blank_page: Page, service: Service) -> None:
    """The last test: it adds to what is searched."""
    for name in ("north", "south"):
        service.add(f"Parking on the {name} side is for visitors.".encode(), f"{name}.txt")
    page, hands = signed_in(blank_page, service, "root", "#/documents"), Hands(blank_page)
    chosen = page.locator("[role=row][aria-selected=true]")
    page.get_by_role("button", name="north", exact=True).wait_for()
    hands.press("F6")
    assert hands.at == "Documents"
    hands.press("F6")
    assert page.evaluate("document.activeElement.id") == "main"
    hands.reach("^(north|Supply) .* legal", 20)
    hands.reach("^north", 3, "ArrowDown")
    hands.press("Control+a")
    page.wait_for_function("() => document.querySelectorAll('[role=row][aria-selected=true]').length === 3")
    hands.press("Escape")
    assert chosen.count() == 0
    hands.press("Delete")
    page.get_by_role("dialog", name="Delete this document?").wait_for()
    hands.use("^Delete$", 2)
    page.get_by_role("button", name="north", exact=True).wait_for(state="detached")
    hands.kept()
    hands.use("^Recycle bin", 20, "Shift+Tab")
    page.get_by_role("heading", name="Recycle bin").wait_for()
    page.get_by_role(
        "row", name="north"
    ).wait_for()  # before it comes, Tab goes from the last link to the browser's bars
    hands.kept()
    hands.reach("^north", 20)
    hands.press("Space")
    assert chosen.count() == 1
    hands.press("Enter")
    page.get_by_text("The recycle bin is empty.").wait_for()
    hands.kept()
    assert service.call("root", "GET", "/v1/documents?q=north").json()["total"] == 1
