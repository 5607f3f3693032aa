"""Jobs over HTTP: handed in, told of, cancelled and done again by their owner alone."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.http.following import followed
from ingest.jobs import JobRequest, Urgency
from ingest.syncing.types import Connector
from ingest.types import Author

PROBLEM = "application/problem+json"


@pytest.fixture
def ana(service: Any) -> dict[str, str]:
    return service.key("ana", "legal", write=True)


@pytest.fixture(autouse=True)
def tidied(service: Any, ana: dict[str, str]) -> Iterator[None]:
    yield
    for document in service.client.get("/v1/documents", headers=ana).json()["documents"]:
        if document["source"].startswith("upload/ana/"):
            service.client.delete(f"/v1/documents/{document['document_id']}", headers=ana)


def hand_in(service: Any, who: dict[str, str], *files: tuple[str, bytes], key: str = "", **fields: Any) -> Any:
    sent = [("files", (name, data)) for name, data in files]
    headers = who | ({"Idempotency-Key": key} if key else {})
    return service.client.post("/v1/jobs", headers=headers, files=sent, data={"allow": "group:legal"} | fields)


def ended(service: Any, who: dict[str, str], job_id: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while True:
        job = service.client.get(f"/v1/jobs/{job_id}", headers=who).json()
        if job["status"] not in {"queued", "running"}:
            return job
        assert time.monotonic() < until, job
        time.sleep(0.05)


def text(number: int) -> bytes:
    return f"LETTER {number}\n\nThe zeppelin of hangar {number} costs {number} euros.\n".encode()


def test_files_are_handed_in_together_and_told_of_one_by_one(service: Any, ana: dict[str, str]) -> None:
    sent = hand_in(service, ana, ("a.txt", text(1)), ("sub/b.txt", text(2)), ("c.docx", b"PK\x03\x04 cut"))
    assert sent.status_code == 202
    job_id = sent.json()["id"]
    assert sent.headers["location"] == f"/v1/jobs/{job_id}"
    job = ended(service, ana, job_id)
    assert (job["status"], job["total"], job["done"], job["failed"]) == ("partial", 3, 2, 1)
    assert job["outcomes"] == {"added": 2, "failed": 1}
    by_name = {file["source"]: file for file in job["files"]}
    assert by_name["upload/ana/a.txt"]["result"]["chunks"] == 1
    assert by_name["upload/ana/sub/b.txt"]["outcome"] == "added"
    bad = by_name["upload/ana/c.docx"]
    assert (bad["status"], bad["code"]) == ("failed", "damaged_file")
    assert "c.docx" in bad["reason"]
    found = service.client.post("/v1/search", headers=ana, json={"query": "zeppelin hangar"}).json()["hits"]
    assert {hit["source"] for hit in found} >= {"upload/ana/a.txt", "upload/ana/sub/b.txt"}
    listed = service.client.get("/v1/jobs", headers=ana, params={"limit": 1}).json()
    assert [(one["id"], one["outcomes"]) for one in listed["jobs"]] == [(job_id, job["outcomes"])]
    assert listed["limits"] == {"files": 1000, "bytes": 1 << 30, "file_bytes": 100_000}


def test_a_jobs_events_tell_each_file_and_end(service: Any, ana: dict[str, str]) -> None:
    job_id = hand_in(service, ana, *((f"{n}.txt", text(n)) for n in range(3))).json()["id"]
    with service.client.stream("GET", f"/v1/jobs/{job_id}/events", headers=ana) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = list(response.iter_lines())
    kinds = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    told = list(zip(kinds, data, strict=True))
    done = [body["name"] for kind, body in told if kind == "file" and body["status"] == "done"]
    assert sorted(done) == ["0.txt", "1.txt", "2.txt"]
    assert [body["status"] for kind, body in told if kind == "job"][-1] == "succeeded"
    assert kinds[-1] == "done"
    last = [line.removeprefix("id: ") for line in lines if line.startswith("id: ")][-1]
    again = service.client.get(f"/v1/jobs/{job_id}/events", headers=ana | {"Last-Event-ID": last}).text
    assert "event: file" not in again
    assert again.count("event: job") == 1


def test_a_job_is_its_owners_alone(service: Any, ana: dict[str, str]) -> None:
    job_id = hand_in(service, ana, ("a.txt", text(1))).json()["id"]
    others = [service.key("bob", "legal", write=True), service.key("root", "legal", admin=True)]
    for other in others:
        missing = service.client.get("/v1/jobs/00000000-0000-0000-0000-000000000000", headers=other)
        for method, place in (("get", ""), ("get", "/events"), ("post", "/cancel"), ("post", "/retry")):
            got = service.client.request(method, f"/v1/jobs/{job_id}{place}", headers=other)
            assert (got.status_code, got.content) == (404, missing.content), place
        assert service.client.get("/v1/jobs", headers=other).json()["jobs"] == []
    ended(service, ana, job_id)


def test_twice_under_one_key_is_one_job(service: Any, ana: dict[str, str]) -> None:
    first = hand_in(service, ana, ("a.txt", text(1)), key="once")
    again = hand_in(service, ana, ("a.txt", text(1)), key="once")
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    other = hand_in(service, ana, ("a.txt", text(2)), key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert other.headers["content-type"] == PROBLEM
    ended(service, ana, first.json()["id"])


def test_what_failed_is_done_again_and_what_ended_cannot_be_cancelled(service: Any, ana: dict[str, str]) -> None:
    job_id = hand_in(service, ana, ("a.txt", text(1)), ("b.pdf", b"%PDF-1.7 cut")).json()["id"]
    assert ended(service, ana, job_id)["failed"] == 1
    late = service.client.post(f"/v1/jobs/{job_id}/cancel", headers=ana)
    assert (late.status_code, late.json()["code"]) == (409, "job_finished")
    again = service.client.post(f"/v1/jobs/{job_id}/retry", headers=ana)
    assert (again.status_code, again.json()) == (202, {"files": 1})
    assert ended(service, ana, job_id)["outcomes"] == {"added": 1, "failed": 1}


def test_a_cancelled_job_keeps_what_is_stored_and_can_be_resumed(service: Any, ana: dict[str, str]) -> None:
    long = b"\n\n".join(b"The rent of unit %d is %d euros, paid monthly. " % (n, n) * 8 for n in range(60))
    sent = [(f"{n}.txt", b"PART %d\n\n" % n + long) for n in range(6)]
    job_id = hand_in(service, ana, *sent).json()["id"]
    assert service.client.post(f"/v1/jobs/{job_id}/cancel", headers=ana).status_code == 202
    job = ended(service, ana, job_id)
    assert job["status"] == "cancelled"
    assert job["done"] + job["cancelled"] == 6
    assert service.client.post(f"/v1/jobs/{job_id}/retry", headers=ana).json() == {"files": job["cancelled"]}
    assert ended(service, ana, job_id)["outcomes"] == {"added": 6}


@pytest.mark.parametrize(
    ("files", "fields", "status", "code"),
    [
        ([], {}, 422, "invalid_job"),
        ([("a.txt", b"x")], {"allow": ""}, 422, "invalid_principal"),
        ([("a.txt", b"x")], {"allow": "group:hr"}, 422, "invalid_principal"),
        ([("a.txt", b"x")], {"manage": "group:hr"}, 422, "invalid_principal"),
        ([("a.txt", b"x")], {"language": "klingonish"}, 422, "unknown_language"),
        ([("a.txt", b"x")], {"date": "yesterday"}, 422, "invalid_request"),
        ([("a.txt", b"x")], {"chunking": "words"}, 422, "invalid_request"),
        ([("a.txt", b"x")], {"colour": "red"}, 422, "invalid_request"),
        ([("a.txt", b"x")], {"urgency": "high"}, 403, "not_allowed"),
        ([("a.txt", b"x"), ("a.txt", b"y")], {}, 422, "invalid_job"),
    ],
)
def test_what_makes_no_job_is_a_problem_that_says_why(
    service: Any, ana: dict[str, str], files: list[tuple[str, bytes]], fields: dict[str, str], status: int, code: str
) -> None:
    before = service.client.get("/v1/jobs", headers=ana).json()
    if files:
        got = hand_in(service, ana, *files, **fields)
    else:
        got = service.client.post("/v1/jobs", headers=ana, files={"allow": (None, "group:legal")})
    assert (got.status_code, got.json()["code"]) == (status, code)
    assert got.headers["content-type"] == PROBLEM
    assert service.client.get("/v1/jobs", headers=ana).json() == before


def test_too_much_waiting_is_refused(service: Any, ana: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    desk = service.parts.desk
    monkeypatch.setattr(desk, "_quota", type(desk._quota)(files=1, bytes=10**9))
    got = hand_in(service, ana, ("a.txt", text(7771)), ("b.txt", text(7772)))
    assert (got.status_code, got.json()["code"]) == (429, "quota_exceeded")
    blobs = service.parts.blobs
    assert not any(blobs.path(hashlib.sha256(text(n)).hexdigest()).exists() for n in (7771, 7772))
    monkeypatch.setattr(desk, "max_files", 1)
    many = hand_in(service, ana, ("a.txt", text(1)), ("b.txt", text(2)))
    assert (many.status_code, many.json()["code"]) == (422, "invalid_form")
    assert "1" in many.json()["detail"]


def test_a_retry_asks_the_quota(service: Any, ana: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = hand_in(service, ana, ("a.pdf", b"%PDF-1.7 cut"), ("b.pdf", b"%PDF-1.7 cut too")).json()["id"]
    assert ended(service, ana, job_id)["status"] == "failed"
    desk = service.parts.desk
    monkeypatch.setattr(desk, "_quota", type(desk._quota)(files=1, bytes=10**9))
    got = service.client.post(f"/v1/jobs/{job_id}/retry", headers=ana)
    assert (got.status_code, got.json()["code"]) == (429, "quota_exceeded")
    assert ended(service, ana, job_id)["status"] == "failed"


def test_what_was_deleted_for_good_does_not_come_back_with_its_key(
    service: Any, ana: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"ERASED\n\nThe balloon of hangar 8881 leaks.\n"
    job_id = hand_in(service, ana, ("erased.txt", data), key="erased").json()["id"]
    document = ended(service, ana, job_id)["files"][0]["result"]["document_id"]
    place = service.parts.blobs.path(hashlib.sha256(data).hexdigest())
    assert place.exists()
    service.client.delete(f"/v1/documents/{document}", headers=ana)
    monkeypatch.setattr(service.parts.documents, "recycle_days", 0)
    service.parts.documents.purge()
    assert not place.exists()
    assert hand_in(service, ana, ("erased.txt", data), key="erased").json()["id"] == job_id
    assert not place.exists()


def test_of_what_was_not_done_so_much_is_kept_as_may_wait(
    service: Any, ana: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, kept = service.parts.desk, []
    monkeypatch.setattr(desk, "_quota", type(desk._quota)(files=9, bytes=100))
    for n in range(4):
        data = b"%%PDF-1.7 cut %d " % n + b"x" * 40
        ended(service, ana, hand_in(service, ana, (f"{n}.pdf", data)).json()["id"])
        kept.append(service.parts.blobs.path(hashlib.sha256(data).hexdigest()))
    assert [path.exists() for path in kept] == [False, False, True, True]  # the last was not there to be counted


def test_a_folder_is_ingested_where_the_operator_allows_it_and_by_an_admin(
    service: Any, ana: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    for folder in (allowed / "matter", other):
        folder.mkdir(parents=True)
        (folder / "letter.txt").write_bytes(text(9))
    (allowed / "matter" / "out").symlink_to(other)
    monkeypatch.setattr(service.parts.desk, "_folders", (allowed.resolve(),))
    root = service.key("root", "legal", admin=True)

    def named(who: dict[str, str], folder: object) -> Any:
        return service.client.post("/v1/jobs", headers=who, json={"folder": str(folder), "allow": ["group:legal"]})

    assert named(ana, allowed).status_code == 403
    for wrong in (other, allowed / "matter" / "out", allowed / ".." / "other", tmp_path, allowed / "missing"):
        got = named(root, wrong)
        assert (got.status_code, got.json()["code"]) == (403, "folder_refused"), wrong
    sent = named(root, allowed / "matter")
    assert sent.status_code == 202
    until = time.monotonic() + 60
    while (job := service.client.get(f"/v1/jobs/{sent.json()['id']}", headers=root).json())["finished_at"] is None:
        assert time.monotonic() < until, job
    assert (job["status"], [file["source"] for file in job["files"]]) == (
        "succeeded",
        ["folder/allowed/matter/letter.txt"],
    )
    document = job["files"][0]["result"]["document_id"]
    assert service.client.delete(f"/v1/documents/{document}", headers=root).status_code == 204


def test_a_connector_is_brought_in_step_for_an_admin_who_learns_nothing_of_what_is_in_it(
    service: Any, ana: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "secret.txt").write_bytes(text(3))
    (tmp_path / "share" / "bad.docx").write_bytes(b"PK\x03\x04 cut")
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\npath = "**"\nallow = ["group:hr"]\n')
    options = {"path": str((tmp_path / "share").resolve())}
    service.parts.connectors.add(Connector("papers", "folder", options, str(rules), every=3600.0))
    root = service.key("root", "legal", admin=True)

    def run(who: dict[str, str], name: str) -> Any:
        return service.client.post("/v1/jobs", headers=who, json={"connector": name})

    assert run(ana, "papers").status_code == 403
    assert (run(root, "other").status_code, run(root, "other").json()["code"]) == (404, "connector_refused")
    failed = ended(service, root, run(root, "papers").json()["id"])
    assert (failed["status"], [file["name"] for file in failed["files"]]) == ("failed", ["papers"])
    assert "secret" not in json.dumps(failed)
    (tmp_path / "share" / "bad.docx").unlink()  # which the watch of rights may see before the job
    (tmp_path / "share" / "more.txt").write_bytes(text(4))
    done = ended(service, root, run(root, "papers").json()["id"])
    assert (done["status"], done["outcomes"]) == ("succeeded", {"replaced": 1})
    again = ended(service, root, run(root, "papers").json()["id"])
    assert (again["status"], again["outcomes"]) == ("succeeded", {"unchanged": 1})
    staff = service.key("carla", "hr")
    hits = service.client.post("/v1/search", headers=staff, json={"query": "zeppelin hangar"}).json()["hits"]
    assert "papers:/secret.txt" in {hit["source"] for hit in hits}
    service.parts.connecting.remove("papers", keep=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        pytest.param(b"[" * 100_000, id="deep"),
        b'{"connector": "a\\u0000"}',
        b"[]",
        b'{"folder": 1, "allow": []}',
        b'{"folder": "x"}',
        b'{"connector": 1}',
    ],
)
def test_json_that_names_no_folder_is_a_problem(service: Any, body: bytes) -> None:
    root = service.key("root", "legal", admin=True)
    got = service.client.post("/v1/jobs", headers=root | {"Content-Type": "application/json"}, content=body)
    assert got.status_code == 422
    assert got.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("folder", ["/a\0b", pytest.param("/" + "a" * 4000, id="long"), "LOOP"])
def test_a_folder_that_cannot_be_is_refused_as_any_other(service: Any, tmp_path: Path, folder: str) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    named = {"folder": folder.replace("LOOP", str(tmp_path / "one")), "allow": ["group:legal"]}
    got = service.client.post("/v1/jobs", headers=service.key("root", "legal", admin=True), json=named)
    assert (got.status_code, got.json()["code"]) == (403, "folder_refused")


def test_a_form_in_another_charset_is_refused(service: Any, ana: dict[str, str]) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x; charset=undefined"}
    body = b'--x\r\nContent-Disposition: form-data; name="allow"\r\n\r\ngroup:legal\r\n--x--\r\n'
    got = service.client.post("/v1/jobs", headers=ana | kind, content=body)
    assert (got.status_code, got.json()["code"]) == (422, "invalid_form")


def test_a_path_that_no_index_holds_is_refused(service: Any, ana: dict[str, str]) -> None:
    got = hand_in(service, ana, ("合" * 150 + "/" + "同" * 150 + "/" + "书" * 150 + "/a.txt", text(1)))
    assert (got.status_code, got.json()["code"]) == (422, "invalid_name")
    assert "a.txt" in got.json()["detail"]


def test_who_is_refused_meanwhile_hears_no_more_of_a_job(
    service: Any, ana: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    author = Author("ana", frozenset({"user:ana", "group:legal"}))
    job_id = service.parts.jobs.open(author, JobRequest(frozenset({"group:legal"})), title="open")
    key = service.key("ana", "legal")

    async def revoked_soon(*args: Any, **more: Any) -> AsyncIterator[bytes]:
        more["over"] = partial(asyncio.sleep, 20)  # at the latest
        async for event in followed(*args, **more, look_s=0.01, ask_s=0.0):
            yield event
            await asyncio.to_thread(service.parts.api_keys.revoke, key["Authorization"].split("_")[1])

    monkeypatch.setattr("api.http.routes.jobs.followed", revoked_soon)
    told = service.client.get(f"/v1/jobs/{job_id}/events", headers=key).text
    kinds = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event: ")]
    assert kinds == ["job", "error", "done"]
    assert "not_authenticated" in told
    service.parts.jobs.seal(job_id)


def test_jobs_are_paged(service: Any, ana: dict[str, str]) -> None:
    made = [hand_in(service, ana, (f"{n}.txt", text(n))).json()["id"] for n in range(3)]
    for job_id in made:
        ended(service, ana, job_id)
    first = service.client.get("/v1/jobs", headers=ana, params={"limit": 2}).json()
    rest = service.client.get("/v1/jobs", headers=ana, params={"limit": 2, "before": first["next"]}).json()
    assert [job["id"] for job in (*first["jobs"], *rest["jobs"])][:3] == made[::-1]
    many = hand_in(service, ana, *((f"{n}.txt", text(n)) for n in range(3))).json()["id"]
    ended(service, ana, many)
    page = service.client.get(f"/v1/jobs/{many}", headers=ana, params={"limit": 2}).json()
    last = service.client.get(f"/v1/jobs/{many}", headers=ana, params={"after": page["next"]}).json()
    assert [file["number"] for file in (*page["files"], *last["files"])] == [1, 2, 3]
    assert last["next"] is None


def test_urgency_is_spelled_as_the_queue_knows_it(service: Any) -> None:
    root = service.key("root", "legal", admin=True)
    for urgency in Urgency:
        sent = hand_in(service, root, (f"{urgency}.txt", text(1)), urgency=urgency.value)
        assert sent.status_code == 202
        ended(service, root, sent.json()["id"])
