"""Words that should be gone are found in every way in which they can be written, and receipts hold what was signed."""

from __future__ import annotations

import gzip
import io
import json
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.erasure import files
from infra.erasure.files import files_with
from infra.erasure.receipts import Receipt, ReceiptInvalid, read
from infra.erasure.words import TooShort, Words
from infra.files.signing import key_id, public_pem

NAME = "Zoë Quillfeather"
WAYS = {
    "plain": NAME.encode(),
    "lower case": NAME.lower().encode(),
    "upper case": NAME.upper().encode(),
    "decomposed": unicodedata.normalize("NFD", NAME).encode(),
    "over a line break": NAME.replace(" ", "\n").encode(),
    "UTF-16": NAME.encode("utf-16-le"),
    "escaped in JSON": json.dumps({"name": NAME}).encode(),
    "escaped in JSON over a line break": json.dumps({"name": NAME.replace(" ", "\n")}).encode(),
}


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("way", WAYS)
def test_words_are_found_however_they_are_written(way: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"\0before" + WAYS[way] + b"after\0")
    (tmp_path / "other").write_bytes(b"Zoe Quillfeathers")
    assert [one.place for one in files_with(tmp_path, Words.of([NAME]).patterns())] == ["deep/file"]


def test_words_over_the_border_of_two_blocks_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_BLOCK", 64)
    for at in range(40, 70):
        (tmp_path / "file").write_bytes(b"x" * at + NAME.encode() + b"y" * 90)
        assert [one.at for one in files_with(tmp_path, Words.of([NAME]).patterns())] == [at]


PACKED = {
    "a ZIP file": (zipped("word/document.xml", WAYS["plain"]), "a ZIP file!word/document.xml"),
    "its name in a ZIP file": (zipped(f"{NAME}.txt", b"x"), "its name in a ZIP file"),
    "a ZIP file in one": (
        zipped("inner.docx", zipped("a.xml", WAYS["plain"])),
        "a ZIP file in one!inner.docx!a.xml",
    ),
    "gzip": (gzip.compress(WAYS["plain"]), "gzip!gzip"),
    "a PDF": (b"%PDF-1.7\nstream\r\n" + zlib.compress(WAYS["plain"]) + b"\nendstream", "a PDF!stream 0"),
}


@pytest.mark.parametrize("kind", PACKED)
def test_words_are_found_in_what_originals_hold_compressed(kind: str, tmp_path: Path) -> None:
    data, place = PACKED[kind]
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / kind).write_bytes(data)
    (tmp_path / "blobs" / "damaged").write_bytes(data[: len(data) // 2])
    found = [one.place for one in files_with(tmp_path, Words.of([NAME]).patterns(), unpack=frozenset({"blobs"}))]
    assert f"blobs/{place}" in found


def test_words_count_as_a_whole_in_what_is_said() -> None:
    words = Words.of(["Ana Roe"])
    assert words.stand_in("Is ANA\n roe in?")
    assert not words.stand_in("Juliana Roes")


def test_a_word_that_is_everywhere_is_refused() -> None:
    with pytest.raises(TooShort, match="at least 3"):
        Words.of(["ab"])


def test_a_receipt_is_read_by_its_key_alone_and_as_it_was_signed() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    receipt = Receipt(
        "1",
        "document",
        ("d",),
        "operator",
        "2026",
        "2026",
        ("00",),
        {"keys": 1},
        None,
        3,
        "ff",
        (),
        "2027",
        key_id(key),
    )
    data = receipt.signed(key)
    assert read(data, public_pem(key).encode()) == receipt
    for changed, public, said in [
        (data.replace(b'"keys": 1', b'"keys": 2'), key, "was changed"),
        (data, other, "was changed"),
        (b"[]", key, "no receipt"),
        (data.replace(b'"receipt"', b'"something"'), key, "no receipt"),
    ]:
        with pytest.raises(ReceiptInvalid, match=said):
            read(changed, public_pem(public).encode())
    with pytest.raises(ReceiptInvalid, match="no PEM"):
        read(data, b"nothing")
