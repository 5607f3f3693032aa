"""Checks an answer bundle of Footnote offline: one file, Python 3.9 or newer, nothing to install, none of our code.

    python3 verify_bundle.py answer.zip [--public-key footnote.pem]

One line that begins with FAULT and exit code 1, or what holds and 0; 2 where nothing was checked. Without the public
key that the installation hands out the bundle's own is used: compare its id. `cryptography` or `openssl` 3.0 is needed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BUNDLE, CHECKPOINT = b"footnote bundle 1\n", b"footnote checkpoint 1\n"
FORMATS, TEXT = {"footnote-bundle/1", "footnote-bundle/2"}, "texts/{document_id}-{version_id}.txt"
SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of an Ed25519 key


class Fault(Exception):
    """What is wrong, for a person."""


def need(holds: object, said: str) -> None:
    if not holds:
        raise Fault(said)


def canonical(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def archive(files: dict[str, bytes]) -> bytes:
    """The one ZIP of these files: stored, without times."""
    body, directory = bytearray(), bytearray()
    for name, data in files.items():
        flags = 0x800 if not name.isascii() else 0
        fields = (20, flags, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name.encode()), 0)
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, 0, 0, 0, 0, len(body)) + name.encode()
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name.encode() + data
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + end)


def opened(data: bytes) -> dict[str, bytes]:
    """Names to contents. What is read is written again, and must be the same bytes."""
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        size, length = struct.unpack_from("<L", data, at + 22)[0], struct.unpack_from("<H", data, at + 26)[0]
        name = data[at + 30 : at + 30 + length].decode()
        at += 30 + length + size
        files[name] = data[at - size : at]
    need(archive(files) == data, "the file is not the one ZIP of its contents: bytes were changed, added or cut off")
    return files


def key_of(pem: bytes) -> bytes:
    der = base64.b64decode(b"".join(pem.splitlines()[1:-1]))
    need(der[:12] == SPKI and len(der) == 44, "the public key is no Ed25519 key in PEM")
    return der[12:]


def signed(key: bytes, signature: bytes, message: bytes, said: str) -> None:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in (("key", SPKI + key), ("signature", signature), ("message", message)):
                Path(folder, name).write_bytes(data)
            command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
            done = subprocess.run(command.split(), cwd=folder, capture_output=True, check=False)
            need(done.returncode == 0, said)
            return
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise Fault(said) from None


def check_rows(proof: Any, key: bytes) -> list[Any]:
    """The records as far as they are shown, each proved to stand in a signed checkpoint."""
    for entry in proof["checkpoints"]:
        one = entry["checkpoint"]
        said = f"the signature of checkpoint {one['number']} does not hold"
        signed(key, base64.b64decode(entry["signature"]), CHECKPOINT + canonical(one), said)
    records: list[Any] = []
    for proved in proof["rows"]:
        row, one = proved["row"], proof["checkpoints"][proved["checkpoint"]]["checkpoint"]
        for name, (salt, value) in proved["shown"].items():
            digest = sha256(bytes.fromhex(salt) + canonical({name: value}))
            need(row["fields"].get(name) == digest, f"record {row['seq']}: {name} is not what was recorded")
        node = hashlib.sha256(b"\0" + canonical(row)).digest()
        for side, beside in proved["path"]:
            pair = bytes.fromhex(beside) + node if side == "left" else node + bytes.fromhex(beside)
            node = hashlib.sha256(b"\1" + pair).digest()
        need(node.hex() == one["root"], f"record {row['seq']} is not in checkpoint {one['number']}")
        need(one["start"] < row["seq"] <= one["position"], f"record {row['seq']} is out of place")
        need(row["seq"] != one["position"] or row["hash"] == one["hash"], f"record {row['seq']} has another hash")
        if records:
            before = records[-1][0]
            need(before["seq"] < row["seq"], "the records are out of order")
            linked = row["seq"] != before["seq"] + 1 or row["prev_hash"] == before["hash"]
            need(linked, f"record {row['seq']} does not follow record {before['seq']}")
        records.append((row, {name: value for name, (_, value) in proved["shown"].items()}))
    return records


def check_answer(records: list[Any], answer: Any, answer_id: str) -> Any:
    """That the answer is the recorded one, and each of its sentences was recorded before it was closed."""
    kinds = [shown.get("kind") for _, shown in records]
    ends = [kinds[0], kinds[-1], *set(kinds[1:-1]) - {"sentence"}]
    need(ends == ["opened", "closed"], "the records are not those of one answer from its beginning to its end")
    need(records[0][0]["id"] == answer_id == answer["answer_id"], "the records are those of another answer")
    need(all(shown.get("answer_id") == answer_id for _, shown in records[1:]), "a record is of another answer")
    closed = records[-1][1]
    told = {"answer_id": answer_id, **{name: closed[name] for name in ("principal", "question", "as_of", "answer")}}
    need(answer == told, "answer.json is not what was recorded")
    said = [one for _, shown in records[1:-1] for one in shown["sentences"]]
    need(said == answer["answer"]["sentences"], "the sentences are not those that were recorded one by one")
    return closed.get("cited", [])


def check_quotes(answer: Any, files: dict[str, bytes], cited: Any) -> int:
    """Every sentence and quote against the texts. How many quotes there are."""
    for one in cited:
        data = files.get(TEXT.format(**{"version_id": f"v{one.get('version')}", **one}), b"")
        need(sha256(data) == one["text_sha256"], f"the text of {one['document_id']} is not the one that was quoted")
    whole, quotes = answer["answer"], {one["id"]: one for one in answer["answer"]["citations"]}
    for one in whole["sentences"]:
        need(whole["answer"][one["start"] : one["end"]] == one["text"], f"the answer does not say: {one['text']!r}")
        need(one["citations"] and all(number in quotes for number in one["citations"]), f"uncited: {one['text']!r}")
    for one in (told := [*quotes.values(), *(whole["abstention"] or {}).get("nearest", [])]):
        name = TEXT.format(**{"version_id": f"v{one.get('version')}", **one})  # 1 has numbers, 2 ids
        need(name in files, f"{name} is missing")
        text = files[name].decode("utf-8", "surrogatepass")
        for said in (one, *one.get("context", ())):  # what a table's row is read under
            need(text[said["start"] : said["end"]] == said["quote"], f"the text does not say: {said['quote']!r}")
    return len(told)


def verify(data: bytes, trusted: bytes = b"") -> Iterator[str]:
    """What holds, line by line; raises `Fault`. `trusted`: a public key in PEM."""
    files = opened(data)
    manifest = json.loads(files["manifest.json"])
    need(manifest["format"] in FORMATS, "the bundle has another format than this program reads")
    key = key_of(files["public.pem"])
    name = sha256(key)[:16]
    need(not trusted or key_of(trusted) == key, f"the bundle is signed by another key ({name})")
    said = "the signature of the manifest does not hold"
    signed(key, files["manifest.sig"], BUNDLE + files["manifest.json"], said)
    order = ["manifest.json", "manifest.sig", *sorted(manifest["files"])]
    need(list(files) == order, "the contents are not those that the manifest names")
    for file, digest in manifest["files"].items():
        need(sha256(files[file]) == digest, f"{file} was changed")
    proof, answer = json.loads(files["proof.json"]), json.loads(files["answer.json"])
    records = check_rows(proof, key)
    quotes = check_quotes(answer, files, check_answer(records, answer, manifest["answer_id"]))
    newest = proof["checkpoints"][-1]["checkpoint"]
    yield f"Answer {manifest['answer_id']} to {answer['principal']}, recorded {records[-1][0]['recorded_at']}."
    yield f"{len(answer['answer']['sentences'])} sentences, {quotes} quotes: each stands in its text, word for word."
    yield f"{len(records)} records are in the trail up to record {newest['position']}, signed {newest['time']}."
    yield f"Key {name}" + ("." if trusted else ": compare it with the one that you were given.")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("bundle", type=Path)
    options.add_argument("--public-key", type=Path)
    given = options.parse_args()
    try:
        lines = list(verify(given.bundle.read_bytes(), given.public_key.read_bytes() if given.public_key else b""))
    except OSError as error:  # a file, or openssl
        print(f"Nothing was checked: {error}")
        return 2
    except Fault as fault:
        lines = [f"FAULT: {fault}."]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, struct.error, RecursionError) as error:
        lines = [f"FAULT: it is no bundle, or not as it was made ({type(error).__name__}: {error})."]
    print("\n".join(lines))
    return int(lines[0].startswith("FAULT"))


if __name__ == "__main__":
    sys.exit(main())
