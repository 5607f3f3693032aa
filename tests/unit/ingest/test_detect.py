"""Detection by content, and every kind of bad file that never reaches a parser."""

import io
import time
import tracemalloc
import zipfile

import pytest

from ingest.errors import DamagedFile, EmptyFile, EncryptedFile, FileTooLarge, UnsupportedFormat, WrongExtension
from ingest.reading.detect import CSV, DOCX, EML, HTML, MARKDOWN, MBOX, PDF, RTF, TEXT, XLSX, ZIP, check_zip, media_type

GIF = b"GIF89a" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n\r\nHello\r\n"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


WORD = zipped(**{"word__document.xml": b"<w/>"})
EXCEL = zipped(**{"xl__workbook.xml": b"<w/>"})


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"%PDF-1.7\n...", "a.pdf", PDF),
        (b"\n%PDF-1.7\n...", "no extension", PDF),
        (WORD, "a.docx", DOCX),
        (EXCEL, "a.xlsx", XLSX),
        (b"<!DOCTYPE html><p>x", "a.html", HTML),
        (b"<?xml version='1.0'?>\n<!-- x --><HTML>", "unnamed", HTML),
        (b"# Head\n\ntext", "a.md", MARKDOWN),
        (b"<html> in markdown", "a.md", MARKDOWN),
        (b"a,b\n1,2\n", "a.csv", CSV),
        (MAIL, "a.eml", EML),
        (MAIL, "unnamed", EML),
        (b"From a@example.org Mon Jan  1 10:00:00 2024\n" + MAIL, "unnamed", MBOX),
        (b"From here on 2024\n" + MAIL, "a.txt", TEXT),
        (b"{\\rtf1 x}", "a.rtf", RTF),
        (zipped(a=b"x"), "a.zip", ZIP),
        (b"From: the desk of\nNothing else", "note.txt", TEXT),
        ("Grüße".encode(), "a.txt", TEXT),
        ("Grüße".encode("utf-16"), "a.txt", TEXT),
        ("Grüße".encode("cp1252"), "readme", TEXT),
    ],
)
def test_media_type(data: bytes, name: str, expected: str) -> None:
    assert media_type(data, name) == expected


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PNG, "scan.pdf"),
        (PNG, "page.html"),
        (b"%PDF-1.4 x", "letter.docx"),
        (b"%PDF-1.4 x", "letter.txt"),
        (b"just words", "report.pdf"),
        (EXCEL, "a.docx"),
        (WORD, "a.xlsx"),
        (zipped(a=b"x"), "a.docx"),
        (b"no headers here", "a.eml"),
        (bytes(range(256)) * 4, "noise.pdf"),
    ],
)
def test_wrong_extension_says_what_it_is(data: bytes, name: str) -> None:
    with pytest.raises(WrongExtension, match="the name says") as caught:
        media_type(data, name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [GIF, zipped(mimetype=b"x"), bytes(range(256)) * 4, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", b"MZ\x90\x00program"],
)
def test_unknown_formats_are_named_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        media_type(data, "thing.bin")


def test_encrypted_office_document() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedFile, match="password"):
        media_type(data, "secret.docx")


def test_truncated_zip_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        media_type(WORD[: len(WORD) // 2], "a.docx")


@pytest.mark.parametrize("data", [b"", b"\x00" * 10, b" \r\n\t\x00 ", b"\x00" * (3 << 20) + b"  "])
def test_nothing_in_it(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        media_type(data, "a.txt")


def test_500_mb_of_nothing_is_found_quickly_and_without_a_copy() -> None:
    data = bytes(500 << 20)
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(EmptyFile):
        media_type(data, "huge.pdf")
    elapsed = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert elapsed < 2
    assert peak < 8 << 20


def test_check_zip_accepts_an_ordinary_container() -> None:
    check_zip(zipped(**{"word__document.xml": b"<w>text</w>" * 100}))


def test_check_zip_refuses_a_bomb_by_declared_size() -> None:
    with pytest.raises(FileTooLarge, match="unpacks to more than"):
        check_zip(zipped(**{"word__document.xml": bytes(50 << 20)}))


def test_check_zip_counts_what_really_comes_out() -> None:
    honest = zipped(**{"word__document.xml": bytes(50 << 20)})
    size, lie = (50 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    with pytest.raises((FileTooLarge, DamagedFile)):
        check_zip(honest.replace(size, lie))


def test_check_zip_limits_members_nesting_and_total() -> None:
    with pytest.raises(FileTooLarge):
        check_zip(zipped(**{f"m{n}": b"" for n in range(30)}), max_members=20)
    with pytest.raises(FileTooLarge, match="archives inside"):
        check_zip(zipped(**{"word__inner.zip": zipped(a=b"x")}))
    with pytest.raises(FileTooLarge):
        check_zip(zipped(a=b"x" * 5000), max_unpacked=1000)


def test_check_zip_finds_damage_inside_a_member() -> None:
    data = bytearray(zipped(**{"word__document.xml": bytes(range(256)) * 200}))
    data[60:90] = bytes(30)
    with pytest.raises(DamagedFile):
        check_zip(bytes(data))
