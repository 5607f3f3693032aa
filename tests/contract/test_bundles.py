"""An answer as one signed file: for whom, what is in it, and that a program without our code rejects every change."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from infra.files.signing import public_pem, signing_key
from infra.postgres.numbers import version_id
from infra.witness.bundles import archive
from ingest.types import OPERATOR

VERIFIER = Path(__file__).parents[2] / "infra/audit_verifier/verify_bundle.py"
QUESTION = "What is the rent of Unit 7?"
MUTATIONS = int(os.environ.get("BUNDLE_MUTATIONS", "600"))  # 10,000 were run: docs/audit-proofs.md

_spec = importlib.util.spec_from_file_location("verify_bundle", VERIFIER)
assert _spec is not None
assert _spec.loader is not None
verifier = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verifier)


@pytest.fixture
def answered(service: Any) -> dict[str, Any]:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month [1]."
    headers = service.key("lena", "legal")
    reply = service.client.post("/v1/query", json={"question": QUESTION}, headers=headers)
    assert reply.json()["status"] == "answered", reply.text
    return dict(reply.json())


def fetched(service: Any, audit_id: str, headers: dict[str, str]) -> Any:
    return service.client.get(f"/v1/answers/{audit_id}/bundle", headers=headers)


def auditor(service: Any, user: str, *groups: str) -> dict[str, str]:
    secret = service.parts.api_keys.create(user, groups, {"read", "audit"}, "test")
    return {"Authorization": f"Bearer {secret}"}


def entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def text_of(service: Any) -> str:
    return f"texts/{service.lease}-{version_id(service.parts.version_key, service.lease, 1)}.txt"


def fault(data: bytes, trusted: bytes = b"") -> str:
    """What the verifier finds; "" where the bundle holds."""
    try:
        list(verifier.verify(data, trusted))
    except verifier.Fault as found:
        return str(found)
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        verifier.struct.error,
        RecursionError,
    ) as found:
        return repr(found)  # as the program does
    return ""


def test_a_bundle_holds_the_answer_its_texts_and_its_proof(service: Any, answered: dict[str, Any]) -> None:
    reply = fetched(service, answered["audit_id"], service.key("lena", "legal"))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/zip")
    assert reply.headers["cache-control"] == "private, no-store"
    found = entries(reply.content)
    told = json.loads(found["answer.json"])
    assert (told["question"], told["answer"]["answer"]) == (QUESTION, answered["answer"])
    text = found[text_of(service)].decode()
    (quote,) = told["answer"]["citations"]
    assert text[quote["start"] : quote["end"]] == quote["quote"]
    assert found["public.pem"].decode() == public_pem(signing_key(service.parts.settings.home))
    assert fault(reply.content) == ""
    assert fetched(service, answered["audit_id"], service.key("lena", "legal")).content == reply.content


def test_where_there_is_no_file_the_verifier_says_so(tmp_path: Path) -> None:
    command = [sys.executable, str(VERIFIER), str(tmp_path / "answer.zip")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("Nothing was checked: ")


def test_what_was_withheld_and_searched_is_not_in_it(service: Any) -> None:
    service.parts.script.text = (
        "The rent of Unit 7 is 500 euros per month [1]. The rent of Unit 7 is 900 euros per month [1]."
    )
    headers = service.key("lena", "legal")
    answer = service.client.post("/v1/query", json={"question": QUESTION}, headers=headers).json()
    assert answer["withheld"] == 1
    data = fetched(service, answer["audit_id"], headers).content
    assert fault(data) == ""
    assert b"900 euros" not in data
    closed = json.loads(entries(data)["proof.json"])["rows"][-1]
    assert {"withheld", "hits", "context", "recipe"} <= closed["row"]["fields"].keys() - closed["shown"].keys()


def test_who_may_have_it(service: Any, answered: dict[str, Any]) -> None:
    id_ = answered["audit_id"]
    assert fetched(service, id_, auditor(service, "otto", "legal")).status_code == 200
    missing = fetched(service, "00000000-0000-4000-8000-000000000000", service.key("lena", "legal"))
    for headers in (
        service.key("otto", "legal"),  # another's answer
        auditor(service, "otto", "hr"),  # a version that it quotes is closed to them
        service.key("lena", "hr"),  # and to who asked, by now
    ):
        reply = fetched(service, id_, headers)
        assert (reply.status_code, reply.content) == (
            404,
            missing.content.replace(missing.url.path.encode(), reply.url.path.encode()),
        )
    assert fetched(service, id_, {}).status_code == 401
    assert fetched(service, "no id", service.key("lena", "legal")).status_code == 404


def test_an_abstention_has_a_bundle_with_what_came_closest(service: Any) -> None:
    service.parts.script.text = "I do not know."
    headers = service.key("lena", "legal")
    answer = service.client.post("/v1/query", json={"question": QUESTION}, headers=headers).json()
    assert answer["status"] == "abstained"
    assert answer["abstention"]["nearest"]
    data = fetched(service, answer["audit_id"], headers).content
    assert fault(data) == ""
    assert text_of(service) in entries(data)
    assert fetched(service, answer["audit_id"], auditor(service, "otto", "hr")).status_code == 404


@pytest.fixture
def with_pages(service: Any) -> Iterator[str]:
    headers = service.key("paul", "paper", write=True)
    nda = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf").read_bytes()
    reply = service.client.post("/v1/documents", files={"file": ("nda.pdf", nda)}, data={"allow": "group:paper"}, headers=headers)  # fmt: skip
    yield reply.json()["document_id"]
    service.parts.documents.delete(reply.json()["document_id"], OPERATOR, now=True)


def test_the_pages_that_quotes_stand_on_are_in_it_as_pictures(service: Any, with_pages: str) -> None:
    headers = service.key("paul", "paper")
    service.parts.script.text = "No party is bound to go on to a trial, a purchase or a tender [1]."
    asked = {"question": "Is a party bound to go on to a trial?"}
    answer = service.client.post("/v1/query", json=asked, headers=headers).json()
    assert answer["citations"], answer
    data = fetched(service, answer["audit_id"], headers).content
    assert fault(data) == ""
    pictures = {name: data for name, data in entries(data).items() if name.startswith("pages/")}
    assert pictures
    assert all(picture.startswith(b"\x89PNG") for picture in pictures.values())


def mutated(data: bytes, found: dict[str, bytes], chance: random.Random) -> bytes:
    """The bundle changed at random: a byte of the file, a byte of an entry, its fields, its entries."""
    kind = chance.randrange(7)
    if kind == 0:
        at = chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1 :]
    if kind == 1:
        at = chance.randrange(len(data))
        return chance.choice([data[:at], data[:at] + data[at + 1 :], data[:at] + chance.randbytes(3) + data[at:]])
    files = dict(found)
    name = chance.choice(sorted(files))
    if kind == 2:
        at = chance.randrange(len(files[name]))
        files[name] = files[name][:at] + bytes([files[name][at] ^ chance.randrange(1, 256)]) + files[name][at + 1 :]
    elif kind == 3:
        del files[name]
    elif kind == 4:
        files[f"texts/{chance.randbytes(4).hex()}.txt"] = b"added"
    elif kind == 5:
        other = chance.choice(sorted(files.keys() - {name}))
        files[name], files[other] = files[other], files[name]
    else:
        name = chance.choice(["manifest.json", "proof.json", "answer.json"])
        value = json.loads(files[name])
        _change_field(value, chance)
        files[name] = verifier.canonical(value)
        if name != "manifest.json" and chance.random() < 0.5:  # and the manifest made to fit, without the key
            manifest = json.loads(files["manifest.json"])
            manifest["files"][name] = verifier.sha256(files[name])
            files["manifest.json"] = verifier.canonical(manifest)
    return archive(files)


def _change_field(value: Any, chance: random.Random) -> None:
    """One leaf of a JSON value, at random."""
    places = []

    def walk(node: Any) -> None:
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(child, dict | list) and child:
                walk(child)
            else:
                places.append((node, key))

    walk(value)
    node, key = chance.choice(places)
    old = node[key]
    node[key] = old + "x" if isinstance(old, str) else old + 1 if type(old) in (int, float) else "x"


def test_every_mutation_of_a_bundle_is_rejected(service: Any, answered: dict[str, Any]) -> None:
    data = fetched(service, answered["audit_id"], service.key("lena", "legal")).content
    found, chance = entries(data), random.Random(24)
    assert fault(data) == ""
    passed, tried = [], 0
    while tried < MUTATIONS:
        other = mutated(data, found, chance)
        if other == data:
            continue
        tried += 1
        if not fault(other):
            passed.append(tried)
    assert not passed


def test_a_bundle_that_is_signed_anew_after_a_change_is_rejected_too(service: Any, answered: dict[str, Any]) -> None:
    """By who holds the signing key, but not the trail: what is proved is held by the checkpoint, and that by witnesses."""
    key = signing_key(service.parts.settings.home)
    data = fetched(service, answered["audit_id"], service.key("lena", "legal")).content
    found = entries(data)

    def signed_anew(changed: dict[str, bytes]) -> bytes:
        files = {**found, **changed}
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {name: verifier.sha256(files[name]) for name in manifest["files"]}
        files["manifest.json"] = verifier.canonical(manifest)
        files["manifest.sig"] = key.sign(b"footnote bundle 1\n" + files["manifest.json"])
        return archive(files)

    assert fault(signed_anew({})) == ""
    text = text_of(service)
    proof, answer = json.loads(found["proof.json"]), json.loads(found["answer.json"])

    def with_answer(change: Any) -> bytes:
        told = json.loads(found["answer.json"])
        change(told["answer"])
        return signed_anew({"answer.json": verifier.canonical(told)})

    def with_proof(change: Any) -> bytes:
        told = json.loads(found["proof.json"])
        change(told)
        return signed_anew({"proof.json": verifier.canonical(told)})

    assert "not the one that was quoted" in fault(signed_anew({text: found[text].replace(b"500", b"600")}))
    assert "not what was recorded" in fault(with_answer(lambda told: told.update(answer="The rent is 600 euros.")))
    assert "not what was recorded" in fault(with_answer(lambda told: told["sentences"][0].update(verdict="neutral")))
    assert "not what was recorded" in fault(with_answer(lambda told: told["citations"][0].update(start=0)))
    assert "is not what was recorded" in fault(
        with_proof(lambda told: told["rows"][-1]["shown"]["question"].__setitem__(1, "?"))
    )
    assert "not in checkpoint" in fault(with_proof(lambda told: told["rows"][0]["row"].update(principal="user:eve")))
    assert "from its beginning to its end" in fault(with_proof(lambda told: told["rows"].pop()))
    assert "recorded one by one" in fault(with_proof(lambda told: told["rows"].pop(1)))
    assert "out of order" in fault(with_proof(lambda told: told["rows"].reverse()))
    assert "signature of checkpoint" in fault(
        with_proof(lambda told: told["checkpoints"][0]["checkpoint"].update(root="0" * 64))
    )
    assert len(proof["rows"]) >= 3
    assert answer["answer_id"] == answered["audit_id"]


def run(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", VERIFIER, *map(str, arguments)], capture_output=True, text=True, check=False, **more)  # fmt: skip


def test_the_program_says_what_holds_or_what_is_wrong_in_one_line(
    service: Any, answered: dict[str, Any], tmp_path: Path
) -> None:
    data = fetched(service, answered["audit_id"], service.key("lena", "legal")).content
    (tmp_path / "answer.zip").write_bytes(data)
    (tmp_path / "changed.zip").write_bytes(data.replace(b"500 euros", b"600 euros"))
    (tmp_path / "ours.pem").write_text(public_pem(signing_key(service.parts.settings.home)))
    (tmp_path / "other.pem").write_text(public_pem(signing_key(tmp_path)))
    good = run(tmp_path / "answer.zip", "--public-key", tmp_path / "ours.pem")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith(f"Answer {answered['audit_id']} to user:lena")
    for said in (run(tmp_path / "changed.zip"), run(tmp_path / "answer.zip", "--public-key", tmp_path / "other.pem")):
        assert (said.returncode, said.stdout[:7], said.stdout.count("\n")) == (1, "FAULT: ", 1)


def test_openssl_checks_where_cryptography_is_not_installed(
    service: Any, answered: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = fetched(service, answered["audit_id"], service.key("lena", "legal")).content
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    assert fault(data) == ""
    found = entries(data)
    signature = found["manifest.sig"]
    assert "signature of the manifest" in fault(archive({**found, "manifest.sig": signature[:9] + bytes(55)}))


def test_the_program_is_short_and_stands_alone() -> None:
    source = VERIFIER.read_text()
    assert len(source.splitlines()) <= 200
    modules = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert modules <= sys.stdlib_module_names | {"__future__"}


def test_the_trail_tells_whose_texts_a_bundle_has_shown(service: Any, answered: dict[str, Any]) -> None:
    assert fetched(service, answered["audit_id"], auditor(service, "eve-9", "legal")).status_code == 200
    service.parts.accesses.flush()
    found = [one for row in service.parts.audit.show(limit=5) for one in json.loads(row.record).get("accesses", ())]
    (access,) = [one for one in found if one.get("principal") == "user:eve-9"]
    assert (access["action"], access["shown"]) == ("read_bundle", [{"document_id": service.lease, "version": 1}])
