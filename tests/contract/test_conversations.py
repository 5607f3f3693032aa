"""Questions that go on from each other: asked, kept, listed, renamed, shared, deleted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generation.people import TrailFilter
from infra.postgres.pool import transaction
from ingest.types import OPERATOR
from retrieval.types import Principal

ROOT = Path(__file__).parents[2]
RENT = "What is the rent of Unit 7?"
ENDS = "And who may end it?"
SAID = "The rent of Unit 7 is 500 euros per month [1]."
BY_RULE = "About the rent of Unit 7: who may end it?"
BY_MODEL = "Who may end the rent of Unit 7?"
PLACE = "/v1/conversations"


@pytest.fixture(autouse=True)
def _nothing_left(service: Any) -> Iterator[None]:
    service.parts.script.text = SAID
    yield
    with transaction(service.parts.pool) as conn:
        conn.execute("DELETE FROM conversations")


class Person:
    """Somebody at the API."""

    def __init__(self, service: Any, user: str, *groups: str) -> None:
        self.service, self.headers = service, service.key(user, *groups)

    def ask(self, question: str, conversation: str = "new", **more: Any) -> dict[str, Any]:
        asked = {"question": question, "conversation": conversation, **more}
        reply = self.service.client.post("/v1/query", json=asked, headers=self.headers)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def call(self, method: str, path: str = "", code: int = 200, **body: Any) -> Any:
        sent = {"json": body} if body or method == "POST" else {}
        reply = self.service.client.request(method, PLACE + path, headers=self.headers, **sent)
        assert reply.status_code == code, reply.text
        return reply.json() if reply.content else None

    def listed(self, query: str = "") -> list[dict[str, Any]]:
        return list(self.call("GET", query)["conversations"])


@pytest.fixture
def lena(service: Any) -> Person:
    return Person(service, "lena", "legal")


@pytest.fixture
def otto(service: Any) -> Person:
    return Person(service, "otto", "legal")


@pytest.fixture
def hanna(service: Any) -> Person:
    return Person(service, "hanna", "hr")


def changes(service: Any, action: str) -> list[dict[str, Any]]:
    records = [json.loads(row.record) for row in service.rows(50)]
    return [record for record in records if record.get("action") == action]


def test_a_turn_says_what_has_changed_since(service: Any, lena: Person, otto: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"])
    (turn,) = lena.call("GET", f"/{place}")["history"]
    assert turn["changed"] == []
    service.parts.recall.find_wrong(service.lease, 1, "The scan lacks page 3")
    try:
        service.parts.recall.refresh()
        for reader in (lena, otto):
            (turn,) = reader.call("GET", f"/{place}")["history"]
            (changed,) = turn["changed"]
            assert (changed["change"], changed["version"], changed["reason"]) == ("wrong", 1, "The scan lacks page 3")
    finally:
        service.parts.recall.not_wrong(service.lease, 1)


def test_a_question_begins_a_conversation_and_the_next_goes_on(service: Any, lena: Person) -> None:
    first = lena.ask(RENT)
    place = first["conversation"]
    assert (place["number"], first["follow_up"]) == (1, None)
    second = lena.ask(ENDS, place["id"])
    assert second["conversation"] == {"id": place["id"], "number": 2}
    assert second["follow_up"] == {"words": ENDS, "earlier": [RENT], "asked": BY_RULE, "by": "rule"}
    told = lena.call("GET", f"/{place['id']}")
    assert (told["title"], told["owner"], told["matter"], told["turns"]) == (RENT, "user:lena", "", 2)
    one, two = told["history"]
    assert (one["question"], one["asked"], one["follow_up"]) == (RENT, RENT, None)
    assert (two["question"], two["asked"], two["follow_up"]) == (ENDS, BY_RULE, second["follow_up"])
    kept = {"answer", "status", "sentences", "citations", "audit_id", "parts", "abstention", "withheld"}
    assert {name: one["answer"][name] for name in kept} == {name: first[name] for name in kept}
    assert {name: two["answer"][name] for name in kept} == {name: second[name] for name in kept}


def test_what_the_model_makes_of_a_follow_up_is_asked_told_and_recorded(service: Any, lena: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    service.parts.script.text = BY_MODEL
    second = lena.ask(ENDS, place)
    assert second["follow_up"] == {"words": ENDS, "earlier": [RENT], "asked": BY_MODEL, "by": "model"}
    record = json.loads(service.parts.audit.show(second["audit_id"])[0].record)
    assert (record["question"], record["follow_up"]) == (BY_MODEL, second["follow_up"])
    assert "follow_up" in record["recipe"]["prompts"]
    seen = "\n".join(message.content for asked in service.parts.script.asked for message in asked)
    rewriting = next(asked for asked in service.parts.script.asked if "Last: " + ENDS in asked[-1].content)
    assert rewriting[-1].content == f"Earlier: {RENT}\nLast: {ENDS}"
    assert BY_MODEL in seen


def test_words_that_the_asker_did_not_write_are_not_asked(service: Any, lena: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    service.parts.script.text = "Who may end the Kestrel lease of Unit 7?"
    assert lena.ask(ENDS, place)["follow_up"]["asked"] == BY_RULE


def test_what_was_asked_instead_is_told_first_in_a_stream(service: Any, lena: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    asked = {"question": ENDS, "conversation": place, "stream": True}
    with service.client.stream("POST", "/v1/query", json=asked, headers=lena.headers) as reply:
        told = [json.loads(line.removeprefix("data: ")) for line in reply.iter_lines() if line.startswith("data: ")]
    assert (told[0]["stage"], told[0]["question"]) == ("searching", BY_RULE)
    final = next(one["answer"] for one in told if "answer" in one)
    assert (final["conversation"], final["follow_up"]["asked"]) == ({"id": place, "number": 2}, BY_RULE)


def test_only_own_conversations_are_gone_on_from(service: Any, lena: Person, otto: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"])
    for asked in ({}, {"stream": True}):
        body = {"question": ENDS, "conversation": place, **asked}
        assert service.client.post("/v1/query", json=body, headers=otto.headers).status_code == 404
    body = {"question": ENDS, "conversation": "it"}
    assert service.client.post("/v1/query", json=body, headers=otto.headers).status_code == 422


def test_a_conversation_can_be_renamed_and_filed(service: Any, lena: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    told = lena.call("PATCH", f"/{place}", title="Kestrel, rents", matter="Kestrel")
    assert (told["title"], told["matter"]) == ("Kestrel, rents", "Kestrel")
    other = lena.call("POST", code=201, matter="Harbor")["id"]
    assert [one["id"] for one in lena.listed("?matter=kestrel")] == [place]
    assert [one["id"] for one in lena.listed()] == [other, place]
    assert lena.call("PATCH", f"/{place}", title="")["title"] == RENT
    assert changes(service, "change_conversation")[0]["conversation"] == place
    lena.call("PATCH", f"/{place}", 422, title="x" * 201)
    lena.call("PATCH", f"/{place}", 422, title="a\0b")
    half = b'{"title": "\\ud800"}'  # a lone surrogate
    headers = lena.headers | {"Content-Type": "application/json"}
    assert service.client.post(PLACE, content=half, headers=headers).status_code == 422


def test_lists_come_page_by_page(lena: Person, otto: Person) -> None:
    made = [lena.call("POST", code=201, title=f"No. {number}")["id"] for number in range(5)]
    otto.call("POST", code=201, title="another's")
    seen, after = [], ""
    while True:
        page = lena.call("GET", f"?limit=2&after={after}")
        assert page["total"] == 5
        seen += [one["id"] for one in page["conversations"]]
        if not (after := page["next"] or ""):
            break
    assert seen == made[::-1]
    lena.call("GET", "?after=nowhere", 422)


def test_a_deleted_conversation_is_gone_for_all_and_the_record_stays(service: Any, lena: Person, otto: Person) -> None:
    first = lena.ask(RENT)
    place = first["conversation"]["id"]
    lena.call("PUT", f"/{place}/shares", principals=["group:legal"])
    otto.call("GET", f"/{place}")
    lena.call("DELETE", f"/{place}", 204)
    for person in (lena, otto):
        person.call("GET", f"/{place}", 404)
    assert changes(service, "delete_conversation")[0]["conversation"] == place
    assert service.parts.kept.find(first["audit_id"]) is not None
    assert service.parts.audit.verify().ok


def test_others_can_neither_see_nor_change_it(lena: Person, otto: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}), ("PATCH", "", {"title": "mine"}), ("DELETE", "", {}), ("DELETE", "/shares", {}),
        ("PUT", "/shares", {"principals": ["user:otto"]}),
    ]  # fmt: skip
    for method, path, body in calls:
        otto.call(method, f"/{place}{path}", 404, **body)
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"])
    for method, path, body in calls[1:]:
        otto.call(method, f"/{place}{path}", 404, **body)
    assert lena.call("GET", f"/{place}")["title"] == RENT


def test_it_is_shared_with_who_may_read_what_it_rests_on(
    service: Any, lena: Person, otto: Person, hanna: Person
) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    lena.ask(ENDS, place)
    lena.call("PATCH", f"/{place}", title="Secret plan", matter="Kestrel")
    assert otto.listed("?shared=true") == []
    told = lena.call("PUT", f"/{place}/shares", principals=["user:otto", "user:hanna", "group:legal"])
    assert told["shares"] == [{"turn": None, "principals": ["group:legal", "user:hanna", "user:otto"]}]
    (listed,) = otto.listed("?shared=true")
    assert (listed["id"], listed["title"], listed["matter"], listed["turns"]) == (place, RENT, "", 2)
    seen = otto.call("GET", f"/{place}")
    assert (seen["title"], seen["shares"], seen["owner"]) == (RENT, [], "user:lena")
    assert [turn["question"] for turn in seen["history"]] == [RENT, ENDS]
    assert seen["history"][0]["answer"]["citations"][0]["document_id"] == service.lease
    assert "Secret" not in json.dumps(seen)
    assert hanna.listed("?shared=true") == []  # who is told of it, but may not read the lease
    hanna.call("GET", f"/{place}", 404)
    assert changes(service, "share_conversation")[0]["shared_with"] == ["group:legal", "user:hanna", "user:otto"]
    lena.call("DELETE", f"/{place}/shares", 204)
    otto.call("GET", f"/{place}", 404)


def test_what_a_question_was_narrowed_to_is_told_to_who_asked_alone(service: Any, lena: Person, otto: Person) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    asked = {
        "documents": [service.lease, unknown],
        "kinds": ["text"],
        "groups": ["legal"],
        "dates": {"to": "2099-01-01"},
    }
    place = lena.ask(RENT, documents=asked["documents"])["conversation"]["id"]
    lena.ask(RENT, place, **asked)
    lena.ask(RENT, place)
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"])
    nothing: dict[str, Any] = {"documents": [], "kinds": [], "groups": [], "since": None, "until": None}
    documents = sorted(asked["documents"])
    assert [turn["narrowed"] for turn in lena.call("GET", f"/{place}")["history"]] == [
        nothing | {"documents": documents},
        nothing | {"documents": documents, "kinds": ["text"], "groups": ["legal"], "until": "2099-01-01"},
        None,
    ]
    seen = otto.call("GET", f"/{place}")
    assert [turn["narrowed"] for turn in seen["history"]] == [None] * len(seen["history"])
    assert unknown not in json.dumps(seen)


def test_nothing_of_what_the_asker_could_read_besides_is_told_to_others(
    service: Any, lena: Person, otto: Person
) -> None:
    service.parts.script.text = "I do not know."
    place = lena.ask(RENT)["conversation"]["id"]
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"])
    own = lena.call("GET", f"/{place}")["history"][0]["answer"]
    told = otto.call("GET", f"/{place}")["history"][0]["answer"]
    assert own["model"]["snapshot"]
    assert own["timings_ms"]
    assert (told["model"]["snapshot"], told["timings_ms"], told["withheld"]) == ("", {}, 0)
    nearest = told["abstention"]["nearest"]
    assert told["abstention"]["searched"]["passages"] == len(nearest) == 1
    assert told["abstention"]["searched"]["documents"] == 1
    read = service.client.get(f"/v1/answers/{own['audit_id']}", headers=otto.headers).json()["answer"]
    assert read == told


def test_a_turn_that_goes_on_is_shared_after_what_it_goes_on_from(lena: Person, otto: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    lena.ask(ENDS, place)
    lena.call("PUT", f"/{place}/shares", 422, principals=["user:otto"], turn=2)
    lena.call("PUT", f"/{place}/shares", 404, principals=["user:otto"], turn=9)
    lena.call("PUT", f"/{place}/shares", 422, principals=["otto"])
    lena.call("PUT", f"/{place}/shares", principals=["group:legal", "user:otto"], turn=1)
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"], turn=2)
    assert [turn["question"] for turn in otto.call("GET", f"/{place}")["history"]] == [RENT, ENDS]
    lena.call("DELETE", f"/{place}/shares?turn=1", 204)
    otto.call("GET", f"/{place}", 404)  # its words are those of a turn that is not shared any more


def test_a_turn_that_cannot_be_opened_shows_nothing_of_itself_and_nothing_goes_on_from_it(
    service: Any, lena: Person
) -> None:
    parts = service.parts
    pay = b"PAYROLL\n\nThe bonus of the night shift is 90 euros per month.\n"
    added = parts.pipeline.ingest(pay, "bonus.txt", "bonus/bonus.txt", frozenset({"group:legal"}))
    parts.script.text = "The bonus of the night shift is 90 euros per month [1]."
    place = lena.ask("What is the bonus of the night shift?")["conversation"]["id"]
    lena.ask("And when is it paid?", place)
    parts.script.text = SAID
    lena.ask(RENT, place)
    parts.documents.delete(added.document_id, OPERATOR, now=True)
    told = lena.call("GET", f"/{place}")
    assert [turn["answer"] is None for turn in told["history"]] == [True, True, False]
    assert (told["title"], told["turns"], told["history"][0]["question"]) == ("", 3, None)
    assert not {"bonus", "paid", "night"} & set(json.dumps(told).replace('"', " ").split())
    assert lena.listed()[0]["title"] == ""
    fourth = lena.ask(ENDS, place)
    assert fourth["follow_up"]["earlier"] == [RENT]
    other = lena.ask("And of the day shift?", lena.call("POST", code=201)["id"])
    assert other["follow_up"] is None


def test_reading_is_an_access(service: Any, lena: Person, otto: Person) -> None:
    place = lena.ask(RENT)["conversation"]["id"]
    lena.call("PUT", f"/{place}/shares", principals=["user:otto"])
    otto.call("GET", f"/{place}")
    otto.call("GET", "?shared=true")
    service.parts.accesses.flush()
    for action, shown in (
        ("read_conversation", [{"document_id": service.lease, "version": 1}]),
        ("list_conversations", []),
    ):
        entry = service.parts.trail.page(TrailFilter(action=action, user="user:otto"), None, 9).entries[0]
        assert entry.record["shown"] == shown
        assert entry.record.get("conversation_id", place) == place


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from api.http.conversations import answered_within
from api.wiring.conversations import Conversations
from retrieval.types import Principal
from tests.contract.conftest import ScriptedContainer, Script
from infra.settings import load_settings
home, place, when = sys.argv[1:]
real = Conversations.add
def killed(*given):
    if when == "after":
        real(*given)
    os.kill(os.getpid(), signal.SIGKILL)
if when != "not":
    Conversations.add = killed
parts = ScriptedContainer(load_settings(home=Path(home), shown_chars=0))
parts.script = Script("The rent of Unit 7 is 500 euros per month [1].")
asker = Principal("lena", frozenset({"legal"}))
print(asyncio.run(answered_within(parts.answers, parts.conversations, place, "What is the rent of Unit 7?", asker)).status)
parts.close()
"""


@pytest.mark.parametrize(("when", "turns"), [("before", 0), ("after", 1)])
def test_a_kill_beside_the_turn_loses_no_record(start: Callable[..., Any], when: str, turns: int) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        parts = start(home=Path(folder) / "home")
        parts.pipeline.ingest(
            b"The rent of Unit 7 is 500 euros per month.", "lease.txt", "files/lease.txt", frozenset({"group:legal"})
        )
        lena = Principal("lena", frozenset({"legal"}))
        place = parts.conversations.create(lena)
        parts.close()
        command = [sys.executable, "-c", KILLED, str(Path(folder) / "home"), place]
        told = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run([*command, when], cwd=ROOT, env=told, check=False, timeout=300)
        assert ended.returncode == -signal.SIGKILL
        parts = start(home=Path(folder) / "home")
        (closed,) = (row for row in parts.audit.show(limit=9) if '"kind":"closed"' in row.record)
        assert json.loads(closed.record)["answer"]["status"] == "answered"
        assert parts.audit.verify().ok
        found = parts.conversations.open(place, lena)
        assert found is not None
        assert len(found.turns) == turns
        parts.close()


def exported(person: Person, place: str, code: int = 200) -> str:
    url = f"{PLACE}/{place}/export?format=md"
    reply = person.service.client.get(url, headers=person.headers)
    assert reply.status_code == code, reply.text
    return str(reply.text)


def test_a_conversation_is_exported_as_far_as_it_may_be_opened(service: Any, lena: Person, otto: Person, hanna: Person) -> None:  # fmt: skip
    place = lena.ask(RENT)["conversation"]["id"]
    lena.ask(ENDS, place)
    text = exported(lena, place)
    assert text.index(RENT) < text.index(BY_RULE)
    assert "500 euros per month" in text
    for other in (otto, hanna):
        exported(other, place, 404)
    lena.call("PUT", f"/{place}/shares", principals=["group:legal", "group:hr"])
    assert "500 euros per month" in exported(otto, place)
    exported(hanna, place, 404)


def test_whom_an_answer_is_shared_with_may_sign_and_export_it_and_say_what_is_wrong(service: Any, lena: Person, otto: Person, hanna: Person) -> None:  # fmt: skip
    answer = lena.ask(RENT)
    id_, place = answer["audit_id"], answer["conversation"]["id"]

    def codes(person: Person) -> list[int]:
        ask = service.client.request
        signed = ask("PUT", f"/v1/answers/{id_}/sign-off", json={"verdict": "approved"}, headers=person.headers)
        export = ask("GET", f"/v1/answers/{id_}/export", headers=person.headers)
        said = ask("POST", "/v1/feedback", json={"audit_id": id_, "kind": "right"}, headers=person.headers)
        return [signed.status_code, export.status_code, said.status_code]

    assert codes(otto) == codes(hanna) == [404, 404, 404]
    lena.call("PUT", f"/{place}/shares", principals=["group:legal", "group:hr"])
    assert (codes(otto), codes(hanna)) == ([200, 200, 201], [404, 404, 404])
    lena.call("DELETE", f"/{place}/shares", 204)
    assert codes(otto) == [404, 404, 404]


def test_a_strict_answer_says_so_and_is_replayed_as_one(service: Any, lena: Person) -> None:
    assert service.client.get("/v1/session").json()["strictness"] == {
        "offered": ["usual", "strict"],
        "default": "usual",
    }
    answer = lena.ask(RENT, strictness="strict")
    record = json.loads(service.parts.audit.show(answer["audit_id"])[0].record)
    assert answer["strictness"] == record["answer"]["strictness"] == "strict"
    assert record["recipe"]["strictness"] == {"name": "strict", "support": 0.9}
    stages = service.client.portal.call(service.parts.replaying.replay, answer["audit_id"])
    assert {stage.stage: str(stage.outcome) for stage in stages}.keys() >= {"setup", "gate", "draft"}
    assert {str(stage.outcome) for stage in stages} == {"same"}
    assert lena.ask(RENT)["strictness"] == "usual"
