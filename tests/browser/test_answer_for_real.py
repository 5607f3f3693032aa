"""What can be done with an answer, and who gets to see what of it, over the real service: nothing of `/v1` is made up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from infra.files.signing import public_pem, signing_key
from tests.browser.serving import CORPUS, Person, Service, served, signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(300)]
VERIFIER = Path(__file__).parents[2] / "infra" / "audit_verifier" / "verify_bundle.py"
QUESTION = "What credit falls due if a delivery is late?"
FREE = "No credit falls due for the first three Working Days."
CREDIT = "The credit is 1 per cent of the price of the late Barrels for each complete week of delay, up to 10 per cent."
FALSE = "The credit is 3 per cent of the price."
LEASE = "LEASE OF UNIT 7 \U0001f600\n\nThe rent of Unit 7 is 500 euros per month.\n\nThe deposit of Unit 7 is 900 euros.\n".encode()
SAID = f"{FREE} [1] |{CREDIT} [1] |{FALSE} [1]"
TITLE = "Supply Agreement - Brightwater Polymers (Amended and Restated 2025)"
STAGES = ["documents", "setup", "search", "context", "guard", "draft", "gate"]
DEPOSIT = "The deposit of Unit 7 is 900 euros."
RENT_ASKED, RENT = "What is the rent of Unit 7?", "The rent of Unit 7 is 500 euros per month."


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    people = {
        "ana": Person(("legal", "leases")),
        "ben": Person(("legal",)),
        "otto": Person(("legal", "leases"), ("read", "audit")),
        "root": Person(("legal", "leases"), ("read", "write", "admin", "audit")),
    }
    with served(people) as running:
        running.add((CORPUS / "legal" / "supply_agreement.pdf").read_bytes(), "supply_agreement.pdf")
        running.add(LEASE, "lease.txt", "leases")
        yield running


def ask(service: Service, question: str = QUESTION, said: str = SAID, **more: Any) -> Any:
    """Ana's answer, in a conversation of hers."""
    service.parts.script.text = said
    reply = service.call("ana", "POST", "/v1/query", json={"question": question, "conversation": "new"} | more)
    assert reply.status_code == 200, reply.text
    return reply.json()


def shared(service: Service, answer: Any, *people: str) -> None:
    path = f"/v1/conversations/{answer['conversation']['id']}/shares"
    told = {"turn": None, "principals": [f"user:{user}" for user in people]}
    assert service.call("ana", "PUT", path, json=told).status_code == 200


def at(page: Page, service: Service, user: str, answer: Any, stored: bool = False) -> Locator:
    """The answer before this person: in its conversation, or by its own address."""
    path = f"#/answers/{answer['audit_id']}" if stored else f"#/c/{answer['conversation']['id']}"
    signed_in(page, service, user, path)
    turn = page.get_by_role("article").first
    turn.get_by_role("button", name="Why this answer?").wait_for()
    return turn


def another(page: Page) -> Page:
    """A page of the same browser that nobody is signed in in, whose console may tell of what is refused."""
    assert page.context.browser is not None
    return page.context.browser.new_page()


def test_withheld_wording_is_sent_to_auditors_alone(blank_page: Page, service: Service) -> None:
    service.parts.script.text = SAID
    service.sent.clear()
    page = signed_in(blank_page, service, "ana")
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.get_by_role("textbox", name="Your question").press("Enter")
    page.get_by_text("1 sentence was withheld").wait_for()
    page.get_by_role("button", name="Why this answer?").click()
    page.get_by_role("dialog").get_by_text("Its words are withheld").wait_for()
    assert FALSE not in page.content()
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_text("1 sentence was withheld").wait_for()
    audit_id = page.locator(".printed-only").first.evaluate("line => line.textContent").removeprefix("Audit id: ")
    answer = service.call("ana", "GET", f"/v1/answers/{audit_id}").json()["answer"]
    shared(service, {"conversation": {"id": page.url.rsplit("/", 1)[1]}}, "ben")
    ben = at(another(page), service, "ben", {"conversation": {"id": page.url.rsplit("/", 1)[1]}})
    ben.page.wait_for_load_state("networkidle")
    assert len(service.sent) > 20
    assert [path for path, body in service.sent if b"3 per cent of the price" in body] == []
    auditor = another(page)
    at(auditor, service, "otto", answer, stored=True).get_by_role("button", name="Why this answer?").click()
    auditor.get_by_role("dialog").get_by_text(FALSE).wait_for()
    told = {path for path, body in service.sent if b"3 per cent of the price" in body}
    assert told == {f"/v1/answers/{audit_id}/why"}


def test_an_expected_passage_comes_to_the_queue_with_the_same_characters(blank_page: Page, service: Service) -> None:
    answer = ask(service, RENT_ASKED, f"{RENT} [1]")
    turn = at(blank_page, service, "ana", answer)
    turn.get_by_role("button", name="Feedback").click()
    turn.get_by_label("Wrong source").check()
    turn.get_by_label("Why (may be empty)").fill("It is the deposit.")
    turn.get_by_role("button", name="Citation 1:").click()
    blank_page.get_by_role("region", name="Document text").get_by_text(DEPOSIT).click(click_count=3)
    turn.get_by_role("button", name="Take what is selected").click()
    turn.get_by_role("button", name="Send", exact=True).click()
    turn.get_by_text("Thank you").wait_for()
    page = signed_in(another(blank_page), service, "root", "#/admin/feedback")
    page.get_by_role("link", name=RENT_ASKED).or_(page.get_by_role("button", name=RENT_ASKED)).first.click()
    page.locator(".entry-expected").wait_for()
    assert page.locator(".entry-expected").inner_text() == DEPOSIT
    page.get_by_text("It is the deposit.").first.wait_for()
    (entry,) = service.call("root", "GET", "/v1/feedback?state=open").json()["feedback"]
    expected = entry["expected"]
    assert LEASE.decode()[expected["start"] : expected["end"]] == DEPOSIT
    page.get_by_role("button", name="Open the passage").click()
    page.get_by_role("dialog").locator("mark.quote").wait_for()
    assert page.get_by_role("dialog").locator("mark.quote").inner_text() == DEPOSIT


def test_a_sign_off_is_seen_by_who_may_read_until_it_is_withdrawn(blank_page: Page, service: Service) -> None:
    answer = ask(service)
    shared(service, answer, "ben")
    turn = at(blank_page, service, "ana", answer)
    turn.get_by_role("button", name="Sign off").click()
    turn.get_by_label("What you have looked at").select_option("2")
    turn.get_by_label("Your words").fill("Agrees with 5.3.")
    turn.get_by_role("button", name="Approve", exact=True).click()
    badge = turn.locator("[data-sentence='2'] .badge.signed")
    badge.get_by_text("Approved by ana").wait_for()
    other = another(blank_page)
    seen = at(other, service, "ben", answer)
    seen.locator("[data-sentence='2'] .badge.signed").get_by_text("Approved by ana").wait_for()
    assert seen.locator(".badge.signed").count() == 1
    turn.get_by_role("button", name="Withdraw yours of sentence 2").click()
    badge.wait_for(state="detached")
    turn.get_by_text("Nobody has signed this answer yet.").wait_for()
    other.reload()
    with other.expect_response(lambda reply: reply.url.endswith("/sign-offs")) as told:
        seen.get_by_role("button", name="Sign off").wait_for()
    assert told.value.json() == {"sign_offs": []}
    assert seen.locator(".badge.signed").count() == 0


def test_an_auditor_replays_it(blank_page: Page, service: Service) -> None:
    answer = ask(service)
    at(blank_page, service, "otto", answer, stored=True).get_by_role("button", name="Why this answer?").click()
    drawer = blank_page.get_by_role("dialog")
    drawer.get_by_role("button", name="Replay it").click()
    drawer.get_by_text("Replayed: every stage is the same.").wait_for()
    assert [line.split(":")[0] for line in drawer.locator(".replayed li").all_inner_texts()] == STAGES
    drawer.get_by_role("link", name="Show it in the audit trail").click()
    blank_page.get_by_role("dialog").get_by_text("Hash of the record").first.wait_for()


def test_the_signed_proof_holds_and_one_byte_breaks_it(blank_page: Page, service: Service, tmp_path: Path) -> None:
    turn = at(blank_page, service, "ana", ask(service))
    turn.get_by_role("button", name="Export").click()
    with blank_page.expect_download() as download:
        blank_page.get_by_role("menuitem", name="Signed proof (.zip)").click()
    proof, key = tmp_path / "answer.zip", tmp_path / "footnote.pem"
    download.value.save_as(proof)
    key.write_text(public_pem(signing_key(service.parts.settings.home)))

    def verified() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(VERIFIER), str(proof), "--public-key", str(key)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert (verified().returncode, verified().stdout[:7]) == (0, "Answer ")
    data = proof.read_bytes()
    at_ = data.index(b"three Working Days")
    proof.write_bytes(data[:at_] + b"T" + data[at_ + 1 :])
    assert (verified().returncode, verified().stdout[:7]) == (1, "FAULT: ")


def test_one_answer_is_printed_whole(blank_page: Page, service: Service) -> None:
    answer = ask(service)
    ask(service, RENT_ASKED, f"{RENT} [1]")  # in the list of conversations, and on no paper
    at(blank_page, service, "ana", answer)
    blank_page.emulate_media(media="print")
    with pypdfium2.PdfDocument(blank_page.pdf()) as document:
        text = "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    quotes = [one["quote"] for one in answer["citations"]]
    assert len(quotes) == 2
    for words in (QUESTION, f"{FREE}[1]", f"{CREDIT}[2]", "Sources", *quotes, TITLE, "page 3", answer["audit_id"]):
        assert "".join(words.split()) in text, words
    for words in (RENT_ASKED, "Sign out", "Why this answer?", "Ask on", FALSE):
        assert "".join(words.split()) not in text, words


def test_a_share_shows_what_its_reader_may_read_alone(blank_page: Page, service: Service) -> None:
    first = ask(service)
    both = ask(service, RENT_ASKED, f"{RENT} [1]", conversation=first["conversation"]["id"])
    assert (both["status"], both["conversation"]["number"]) == ("answered", 2)
    shared(service, first, "ben")
    service.sent.clear()
    page = blank_page
    at(page, service, "ben", first)
    assert page.locator("[data-sentence='1'] .sentence-text").all_inner_texts() == [FREE]
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("article").count() == 1
    for words in ("Unit 7", "LEASE", "500 euros"):
        assert words not in page.content()
        assert [path for path, body in service.sent if words.encode() in body] == [], words


def test_what_a_strict_answer_withholds_is_said_so(blank_page: Page, service: Service) -> None:
    service.parts.script.text = SAID
    page = signed_in(blank_page, service, "ana")
    page.get_by_role("button", name="Narrow the search").click()
    page.get_by_label("Strictness of the check").select_option("strict")
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.get_by_role("textbox", name="Your question").press("Enter")
    turn = page.get_by_role("article", name="Question 1")
    for again in (False, True):
        if again:
            page.wait_for_url("**/#/c/*")
            page.reload()
        turn.get_by_text("2 sentences were withheld: they did not pass the strict check.").wait_for()
        assert turn.locator(".sentence-text").all_inner_texts() == [FREE]
        turn.get_by_text("check: strict").wait_for()
    turn.get_by_role("button", name="Why this answer?").click()
    page.get_by_role("dialog").get_by_text("A strict answer asks for more").wait_for()
    page.keyboard.press("Escape")
    assert [one["text"] for one in ask(service)["sentences"]] == [FREE, CREDIT]  # as it is set up here


def test_a_document_that_was_deleted_leaves_no_quote(blank_page: Page, service: Service) -> None:
    document = service.add(b"LEASE OF UNIT 9\n\nThe rent of Unit 9 is 700 euros per month.\n", "nine.txt", "leases")
    said = "The rent of Unit 9 is 700 euros per month."
    answer = ask(service, "What is the rent of Unit 9?", f"{said} [1]")
    assert answer["citations"][0]["document_id"] == document
    asked, stored, live = (another(blank_page) for _ in range(3))
    at(asked, service, "ana", answer)
    at(stored, service, "ana", answer, stored=True)
    signed_in(live, service, "ana")
    live.get_by_role("textbox", name="Your question").fill("What is the rent of Unit 9?")
    live.get_by_role("textbox", name="Your question").press("Enter")
    live.get_by_role("article").get_by_role("button", name="Why this answer?").wait_for()
    assert service.call("root", "DELETE", f"/v1/documents/{document}").status_code in {200, 204}
    for page in (asked, stored, live):
        page.clock.install()
        page.clock.fast_forward(60_000)  # what the page was told is not fresh any more
        page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    asked.get_by_role("heading", name="You can no longer open this answer").wait_for()
    live.get_by_role("heading", name="You can no longer open this answer").wait_for()
    for page in (asked, stored, live):
        page.get_by_text("700 euros").first.wait_for(state="detached")
        assert "700 euros" not in page.content()
