"""What the trail says is sealed: the table tells nothing that somebody wrote, and a destroyed key erases its part."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from api.wiring.comparing import Outcome
from generation.people import TrailFilter
from infra.postgres.pool import transaction
from infra.vault import refs
from infra.witness.errors import AnswerErased
from ingest.types import OPERATOR, FactKind, NewFact

# Words of which each occurs in one thing alone that somebody wrote.
WORDS = [
    "Quittenbaum", "Zwetschge", "Mispel", "Hagebutte", "Holunder", "quendel", "rosmarin", "lavendel", "estragon",
    "kerbelkraut", "liebstoeckel", "bohnenkraut", "majoran", "sauerampfer", "pimpinelle", "dostkraut", "ysopkraut",
]  # fmt: skip


def table(service: Any) -> str:
    with transaction(service.parts.pool) as conn:
        rows = conn.execute("SELECT principal, record FROM audit").fetchall()
    return "\n".join(text for row in rows for text in row)


def told(service: Any) -> str:
    """All that auditors read."""
    service.parts.accesses.flush()
    page = service.parts.trail.page(TrailFilter(), None, 10_000)
    return json.dumps([[entry.principal, entry.record] for entry in page.entries], ensure_ascii=False)


def ingested(service: Any, name: str, text: str, group: str) -> Any:
    body = f"NOTES\n\n{text}\n".encode()
    return service.parts.pipeline.ingest(body, name, f"more/{name}", frozenset({f"group:{group}"}))


def asked(service: Any, user: str, group: str, question: str, said: str) -> str:
    service.parts.script.text = said
    reply = service.client.post("/v1/query", json={"question": question}, headers=service.key(user, group))
    assert reply.json()["status"] == "answered", reply.text
    return str(reply.json()["audit_id"])


def test_no_word_that_anybody_wrote_stands_in_the_table(service: Any) -> None:
    parts, client = service.parts, service.client
    form = {"allow": "group:quendel"}
    admin = service.key("lavendel", "quendel", admin=True)
    text = b"MISPEL\n\nThe fee of the Quittenbaum garden is 80 euros per month.\n"
    upload = client.post("/v1/documents", files={"file": ("Zwetschge.txt", text)}, data=form, headers=admin)
    assert upload.status_code in (200, 201), upload.text
    document = upload.json()["document_id"]
    audit_id = asked(
        service, "rosmarin", "quendel", "What is the fee of the Quittenbaum garden?",
        "The fee of the Quittenbaum garden is 80 euros per month [1]. Hagebutte fees are 900 euros per month [1].",
    )  # fmt: skip
    client.post("/v1/search", json={"query": "Holunder fees"}, headers=service.key("estragon", "quendel"))
    client.get("/v1/documents/kerbelkraut", headers=admin)
    client.get(f"/v1/documents/{service.lease}?note=kerbelkraut", headers=admin)
    client.post("/v1/keys", json={"groups": ["quendel"], "scopes": ["read"], "label": "liebstoeckel"}, headers=admin)
    parts.facts.set(document, NewFact(FactKind.PARTY, "Bohnenkraut bohnenkraut"), OPERATOR)
    parts.budgets.set("user:majoran", 5, None)
    person = SimpleNamespace(user_name="sauerampfer", external_id=None, active=True, attributes={})
    known = parts.people.add_person(person, "user:lavendel")
    group = SimpleNamespace(display_name="pimpinelle", external_id=None, members=frozenset({known.id}))
    parts.people.add_group(group, "user:lavendel")
    parts.collections.add("dostkraut", None, frozenset({"user:ysopkraut"}))
    parts.accesses.flush()

    stored, opened = table(service).lower(), told(service).lower()
    assert [word for word in WORDS if word.lower() not in opened] == []
    assert [word for word in WORDS if word.lower() in stored] == []
    assert document in stored
    assert audit_id in stored
    assert parts.audit.verify().ok
    assert not re.search(r'"user:', stored)


def test_an_erased_document_takes_its_answers_along_and_nothing_else(service: Any) -> None:
    parts = service.parts
    wharf = ingested(service, "wharf.txt", "The toll of the wharf is 70 euros per day.", "harbour")
    audit_id = asked(service, "otto", "harbour", "What is the toll of the wharf?", "The toll is 70 euros per day [1].")
    other = asked(
        service, "otto", "legal", "What is the rent of Unit 7?", "The rent of Unit 7 is 500 euros per month [1]."
    )
    bundle = parts.bundles.own(audit_id)
    assert bundle
    before = {row.id: row for row in parts.audit.stored(limit=100)}
    parts.keys.destroy(refs.of_document(parts.keys, wharf.document_id))

    said = "\n".join(row.record for row in parts.audit.show(audit_id))
    assert "70 euros" not in said
    assert "[erased]" in said
    assert "What is the toll of the wharf?" in said  # the question is who asked's
    assert {row.id: row for row in parts.audit.stored(limit=100)} == before
    assert parts.audit.verify().ok
    stages = {stage.stage: stage.outcome for stage in asyncio.run(parts.replaying.replay(audit_id)) or ()}
    assert stages.pop("setup") is Outcome.SAME
    assert set(stages.values()) == {Outcome.ERASED}
    with pytest.raises(AnswerErased):
        parts.bundles.own(audit_id)
    headers = service.key("otto", "harbour")
    assert service.client.get(f"/v1/answers/{audit_id}/bundle", headers=headers).status_code == 404
    assert {stage.outcome for stage in asyncio.run(parts.replaying.replay(other)) or ()} == {Outcome.SAME}
    assert parts.bundles.own(other)


def test_an_erased_person_is_a_pseudonym_that_nobody_links(service: Any) -> None:
    parts = service.parts
    audit_id = asked(
        service, "Wanda", "legal", "What is the rent of Unit 7?", "The rent of Unit 7 is 500 euros per month [1]."
    )
    entries = parts.trail.page(TrailFilter(user="user:Wanda"), None, 50).entries
    assert {entry.action for entry in entries} == {"opened", "sentence", "closed"}
    handle = refs.person(parts.keys, "wanda")
    parts.keys.destroy(refs.of_person(parts.keys, "wanda"))

    assert parts.trail.page(TrailFilter(user="user:Wanda"), None, 50).entries == ()
    left = parts.trail.page(TrailFilter(user=handle), None, 50).entries
    assert {entry.action for entry in left} == {"opened", "sentence", "closed"}
    assert {entry.principal for entry in left} == {handle}
    said = json.dumps([entry.record for entry in parts.trail.find(audit_id)])
    assert "rent" not in said
    assert "wanda" not in told(service).lower()  # her key was made for her: a change of the operator's
    assert parts.audit.verify().ok
    # who comes back under the name is somebody new
    asked(service, "Wanda", "legal", "What is the rent of Unit 7?", "The rent of Unit 7 is 500 euros per month [1].")
    now = parts.trail.page(TrailFilter(user="user:Wanda"), None, 50).entries
    assert len(now) == 3
    assert not {entry.id for entry in now} & {entry.id for entry in left}


def test_one_entry_is_erased_of_a_batch(service: Any) -> None:
    parts = service.parts
    headers = service.key("ida", "legal")
    for query in ("first words", "second words"):
        service.client.post("/v1/search", json={"query": query}, headers=headers)
    parts.accesses.flush()
    found = parts.trail.page(TrailFilter(action="search", user="user:ida"), None, 2).entries
    second, first = (entry.id for entry in found)
    parts.keys.destroy([refs.entry(first)])
    queries = {
        entry.id: entry.record["query"] for entry in parts.trail.page(TrailFilter(action="search"), None, 2).entries
    }
    assert queries == {first: "[erased]", second: "second words"}


def test_words_are_found_in_what_is_sealed(service: Any) -> None:
    service.client.post("/v1/search", json={"query": "Sanddorn 100%"}, headers=service.key("ida", "legal"))
    service.parts.accesses.flush()
    for text in ("sanddorn", "100%"):
        (entry,) = service.parts.trail.page(TrailFilter(text=text, action="search"), None, 5).entries
        assert entry.record["query"] == "Sanddorn 100%"


def test_an_export_holds_the_record_as_it_is_stored_and_what_it_says(service: Any) -> None:
    service.client.post("/v1/search", json={"query": "Berberitze"}, headers=service.key("ida", "legal"))
    service.parts.accesses.flush()
    lines = [json.loads(line) for line in service.parts.trail.export(TrailFilter(text="Berberitze"), "operator")]
    (line,) = [line for line in lines if "record" in line]
    assert "Berberitze" not in line["record"]
    assert "Berberitze" in line["opened"]
    assert json.loads(line["record"])["sealing"] == 1


def test_where_the_keys_are_gone_nothing_is_answered_and_none_are_made_in_silence(
    start: Callable[..., Any], clean_environment: pytest.MonkeyPatch
) -> None:
    parts = start()
    parts.audit.append_now({"kind": "change", "action": "delete", "principal": "user:ana", "source": "a.txt"})
    data = parts.keys.copy()
    parts.keys.path.unlink()
    with pytest.raises(Exception, match="vault restore"):
        parts.audit.append_now({"kind": "change", "action": "delete", "principal": "user:ana"})
    with pytest.raises(Exception, match="vault restore"):
        parts.audit.show()
    assert parts.audit.verify().ok  # the chain needs no keys
    assert not parts.keys.path.exists()
    parts.keys.restore(data)
    assert parts.audit.show()[0].principal == "user:ana"


def test_the_current_month_is_in_what_seals_each_record(service: Any) -> None:
    service.parts.audit.append_now({"kind": "change", "action": "delete", "principal": "user:ana", "source": "a.txt"})
    (row,) = service.parts.audit.stored(limit=1)
    month = refs.month(datetime.now(UTC))
    assert all(month in box["for"] for box in json.loads(row.record)["sealed"])
