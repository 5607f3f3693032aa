"""Sign-offs of answers: by whom, in the trail, in exports; gone with the answer."""

from __future__ import annotations

import io
import json
from typing import Any

import docx
import pytest

from api.wiring.signing import SignOffs
from generation.people import KeptAnswer, SignVerdict
from retrieval.types import Principal

RENT = "The rent of Unit 7 is 500 euros per month."
END = "The tenant Kestrel may end the lease with thirty days of notice."


@pytest.fixture
def answered(service: Any) -> str:
    service.parts.script.text = f"{RENT[:-1]} [1]. {END[:-1]} [1]."
    asked = {"question": "What is the rent of Unit 7, and who may end the lease?"}
    reply = service.client.post("/v1/query", json=asked, headers=service.key("lena", "legal")).json()
    assert len(reply["sentences"]) == 2
    return str(reply["audit_id"])


def signed(service: Any, place: str, verdict: str = "approved", words: str = "", who: str = "lena", group: str = "legal") -> Any:  # fmt: skip
    body = {"verdict": verdict, "words": words}
    return service.client.put(f"/v1/answers/{place}/sign-off", json=body, headers=service.key(who, group))


def listed(service: Any, audit_id: str, headers: dict[str, str] | None = None) -> Any:
    return service.client.get(f"/v1/answers/{audit_id}/sign-offs", headers=headers or service.key("lena", "legal"))


def changes(service: Any) -> list[dict[str, Any]]:
    found = [json.loads(row.record) for row in service.parts.audit.show(limit=10)]
    return [one for one in found if one.get("kind") == "change" and "sign_off" in one["action"]]


def test_a_sentence_and_the_whole_are_signed_and_listed(service: Any, answered: str) -> None:
    first = signed(service, f"{answered}/sentences/2", "rejected", "Not so.")
    assert first.status_code == 200, first.text
    assert (first.json()["sentence"], first.json()["by"], first.json()["verdict"]) == (2, "user:lena", "rejected")
    assert signed(service, answered, "changed", "Tightened.").status_code == 200
    again = signed(service, f"{answered}/sentences/2", "approved", "So after all.")
    assert again.status_code == 200
    told = listed(service, answered).json()["sign_offs"]
    assert [(one["sentence"], one["verdict"], one["words"]) for one in told] == [
        (None, "changed", "Tightened."), (2, "approved", "So after all."),
    ]  # fmt: skip


def test_each_is_a_record_of_the_trail(service: Any, answered: str) -> None:
    signed(service, f"{answered}/sentences/1", "approved", "Fits the schedule.")
    gone = service.client.delete(f"/v1/answers/{answered}/sentences/1/sign-off", headers=service.key("lena", "legal"))
    assert gone.status_code == 204
    withdrawn, said = changes(service)[:2]
    place = {"principal": "user:lena", "audit_id": answered, "sentence": 1}
    assert said.items() >= {**place, "action": "sign_off", "verdict": "approved", "words": "Fits the schedule."}.items()
    assert withdrawn.items() >= {**place, "action": "withdraw_sign_off"}.items()
    assert listed(service, answered).json() == {"sign_offs": []}
    stored = service.parts.audit.stored(limit=2)
    assert not any("Fits the schedule" in row.record for row in stored), "sealed"


def test_nothing_is_stored_that_is_not_recorded(service: Any, answered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from generation.errors import AuditUnavailable

    def refuse(*_: object) -> None:
        raise AuditUnavailable("no")

    headers = service.key("lena", "legal")
    with monkeypatch.context() as patched:
        patched.setattr(service.parts.audit, "append_within", refuse)
        body = {"verdict": "approved"}
        reply = service.client.put(f"/v1/answers/{answered}/sentences/1/sign-off", json=body, headers=headers)
        assert reply.status_code == 503
    assert listed(service, answered).json() == {"sign_offs": []}


def test_who_may_not_open_the_answer_finds_nothing(service: Any, answered: str) -> None:
    signed(service, f"{answered}/sentences/1")
    missing = "00000000-0000-4000-8000-000000000000"
    for place, who, group in (
        (missing, "lena", "legal"), (answered, "otto", "legal"), (answered, "lena", "hr"), ("no id", "lena", "legal"),
        (f"{answered}/sentences/3", "lena", "legal"),
    ):  # fmt: skip
        reply = signed(service, place, who=who, group=group)
        assert (reply.status_code, reply.json()["detail"]) == (404, "There is nothing here that you may read.")
    other = service.key("otto", "legal")
    assert listed(service, answered, other).status_code == 404
    assert service.client.delete(f"/v1/answers/{answered}/sentences/1/sign-off", headers=other).status_code == 404
    secret = service.parts.api_keys.create("otto", ["legal"], {"read", "audit"}, "test")
    assert len(listed(service, answered, {"Authorization": f"Bearer {secret}"}).json()["sign_offs"]) == 1
    assert signed(service, f"{answered}/sentences/0").status_code == 422
    assert signed(service, answered, "maybe").status_code == 422
    assert signed(service, answered, words="x" * 2001).status_code == 422
    assert signed(service, answered, words="a\0b").json()["words"] == "ab"


def test_an_export_carries_them(service: Any, answered: str) -> None:
    signed(service, f"{answered}/sentences/1", "approved", "Agrees with the schedule.")
    signed(service, f"{answered}/sentences/2", "rejected", "Leave this out.")
    signed(service, answered, "changed", "Shortened in the letter.")
    reply = service.client.get(f"/v1/answers/{answered}/export", headers=service.key("lena", "legal"))
    document = docx.Document(io.BytesIO(reply.content))
    (day,) = {one["at"][:10] for one in listed(service, answered).json()["sign_offs"]}
    body = next(one for one in document.paragraphs if one.text.startswith(RENT))
    assert f"[Checked by user:lena on {day}: Agrees with the schedule.] {END}" in body.text
    assert f"[Rejected by user:lena on {day}: Leave this out.]" in body.text
    assert [run.text for run in body.runs if run.font.strike] == [END]
    assert any(f"[Changed by user:lena on {day}: Shortened" in one.text for one in document.paragraphs)


def test_nothing_is_said_of_an_answer_that_goes_meanwhile(service: Any, answered: str) -> None:
    class Going:
        """Opened once, and gone when it is looked at again."""

        def __init__(self) -> None:
            self.left = 1

        def open(self, audit_id: str, principal: Principal) -> KeptAnswer | None:
            self.left -= 1
            found: KeptAnswer | None = service.parts.kept.open(audit_id, principal)
            return found if self.left >= 0 else None

    lena = Principal("lena", frozenset({"legal"}))
    desk = SignOffs(Going(), service.parts.sign_offs)
    assert desk.put(answered, 1, lena, SignVerdict.APPROVED, "Seen.") is None
    assert service.parts.sign_offs.of([answered]) == []
    assert not any(one["audit_id"] == answered for one in changes(service))
    assert service.parts.signing.put(answered, 1, lena, SignVerdict.APPROVED, "Seen.") is not None
