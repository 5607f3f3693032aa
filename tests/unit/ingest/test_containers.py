"""Archives, mailboxes and Outlook messages: what is in them, and what of it could not be read."""

from __future__ import annotations

import io
import zipfile
from contextlib import nullcontext
from typing import Any

import pytest

from ingest.errors import EmptyFile, EncryptedFile, FileTooLarge, IngestError
from ingest.parsers import parse
from ingest.types import WarningKind


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def test_members_of_an_archive() -> None:
    members = [
        ("deal/lease.txt", b"The rent is 5."), ("__MACOSX/deal/._lease.txt", b"x"), ("deal/.DS_Store", b"x"),
        ("deal/photo.gz", b"\x1f\x8b\x08"), ("in.zip", packed(("a.txt", b"x"))),
    ]  # fmt: skip
    parsed = parse(packed(*members), "deal.zip")
    assert [part.name for part in parsed.parts] == ["deal/lease.txt", "in.zip"]
    assert [element.text for element in parsed.elements] == [
        "deal", "Files in this archive:", "deal/lease.txt", "in.zip"
    ]  # fmt: skip
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.UNREAD_PART]
    assert "deal/photo.gz" in parsed.warnings[0].words


def test_names_of_members_in_code_pages() -> None:
    data = packed(("aaaa.txt", b"x"), ("bbbbb.txt", b"y"))
    data = data.replace(b"aaaa.txt", "Gebü.txt".encode("cp850").ljust(8)).replace(b"bbbbb.txt", "Gebü.txt".encode())
    assert [part.name for part in parse(data, "a.zip").parts] == ["Gebü.txt", "Gebü.txt"]


def test_archives_that_are_refused() -> None:
    with pytest.raises(EmptyFile):
        parse(packed(("__MACOSX/x", b"x")), "a.zip")
    with pytest.raises(FileTooLarge):
        parse(packed(("bomb.txt", bytes(64 << 20))), "a.zip")
    secret = bytearray(packed(("a.txt", b"x")))
    secret[secret.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(EncryptedFile):
        parse(bytes(secret), "a.zip")
    with pytest.raises(IngestError):
        parse(packed(("a.txt", b"x" * 99))[:60], "a.zip")


POST = b"From a@example.org Mon Mar  2 10:00:00 2026\n"


def mail(subject: str, body: str) -> bytes:
    return f"From: a@example.org\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: {subject}\n\n{body}\n\n".encode()


def test_messages_of_a_mailbox() -> None:
    box = POST + mail("Fee", "The fee is 5.\n>From here on it is 6.\nFrom now 2026 on.") + POST
    box += mail(
        "Re: Fee", "Agreed.\n\n> The fee\n> is 9.\n\nOn 2 March 2026 A wrote:\n> The fee is 5.\n> From now 2026 on."
    )
    parsed = parse(box, "box.mbox")
    assert [part.name for part in parsed.parts] == ["0001 2026-03-02 Fee.eml", "0002 2026-03-02 Re Fee.eml"]
    assert [element.text for element in parsed.elements][2:] == [
        "1. From: a@example.org; Date: 2026-03-02 10:00 +01:00; Subject: Fee",
        "2. From: a@example.org; Date: 2026-03-02 10:00 +01:00; Subject: Re: Fee",
    ]
    first, second = (parse(part.data, part.name) for part in parsed.parts)
    assert [one.text for one in first.elements[-3:]] == ["The fee is 5.", "From here on it is 6.", "From now 2026 on."]
    texts = [element.text for element in second.elements]
    assert "[quoted] The fee is 9." in texts
    assert not any("fee is 5" in text for text in texts)
    assert "were left out" in texts[-1]


class Stored:
    """Properties of an Outlook message as its storage has them."""

    def __init__(self, header: int) -> None:
        self.table, self.streams = bytes(header), {}  # type: dict[str, bytes]

    def text(self, pid: int, value: str) -> Stored:
        return self.put(pid, 0x001F, value.encode("utf-16-le"))

    def data(self, pid: int, value: bytes) -> Stored:
        return self.put(pid, 0x0102, value)

    def number(self, pid: int, value: int) -> Stored:
        self.table += (pid << 16 | 3).to_bytes(4, "little") + bytes(4) + value.to_bytes(8, "little")
        return self

    def put(self, pid: int, kind: int, value: bytes) -> Stored:
        self.table += (pid << 16 | kind).to_bytes(4, "little") + bytes(4) + len(value).to_bytes(8, "little")
        self.streams[f"__substg1.0_{pid:04X}{kind:04X}"] = value
        return self

    def storage(self, name: str, *inner: Any) -> Any:
        from oxmsg.storage import Storage, Stream

        streams = {"__properties_version1.0": self.table} | self.streams
        return Storage(name, tuple(Stream(f"{name}/{one}", data) for one, data in streams.items()), inner)


def outlook(monkeypatch: pytest.MonkeyPatch, storage: Any) -> Any:
    import olefile
    from oxmsg.storage import Storage

    monkeypatch.setattr(olefile, "OleFileIO", nullcontext)
    monkeypatch.setattr(Storage, "from_ole", lambda *_: storage)
    return parse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le"), "a.msg")


def test_outlook_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    to = (
        Stored(8).number(0x0C15, 1).text(0x3001, "Ben").text(0x39FE, "ben@example.org").storage("__recip_version1.0_#0")
    )
    cc = Stored(8).number(0x0C15, 2).text(0x3001, "Cleo").storage("__recip_version1.0_#1")
    file = Stored(8).number(0x3705, 1).text(0x3707, "a.txt").data(0x3701, b"The rent is 5.")
    inner = Stored(24).text(0x0037, "Recall").text(0x1000, "Lot 7 is recalled.").storage("x/__substg1.0_3701000D")
    held = Stored(8).number(0x3705, 5).storage("__attach_version1.0_#1", inner)
    linked = Stored(8).number(0x3705, 2).text(0x3707, "b.txt").storage("__attach_version1.0_#2")
    top = Stored(32).text(0x0037, "Offer").text(0x0C1A, "Ann").text(0x5D01, "ann@example.org")
    top.text(0x1000, "Plain words.").data(0x1013, "<p>The fee is € 5.</p><p>Plain words.</p>".encode("cp1252"))
    top.number(0x3FDE, 1252)
    parts = (to, cc, file.storage("__attach_version1.0_#0"), held, linked)
    parsed = outlook(monkeypatch, top.storage("", *parts))
    assert [element.text for element in parsed.elements] == [
        "Offer",
        "From: Ann <ann@example.org>; To: Ben <ben@example.org>; Cc: Cleo; Subject: Offer",
        "The fee is € 5.",
        "Plain words.",
        "Attachments: a.txt",
        "Forwarded message: Recall",
        "Subject: Recall",
        "Lot 7 is recalled.",
    ]
    assert [(part.name, part.data) for part in parsed.parts] == [("a.txt", b"The rent is 5.")]
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.UNREAD_PART]
    assert "b.txt" in parsed.warnings[0].words


def test_outlook_messages_in_rich_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from compressed_rtf import compress

    page = rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}The fee is \'80 5.{\*\htmltag72 </p>}}"
    for source in (page, rb"{\rtf1\ansi The fee is \'80 5.\par}"):
        top = Stored(32).text(0x0037, "Offer").data(0x1009, compress(source)).storage("")
        assert outlook(monkeypatch, top).elements[-1].text == "The fee is € 5."


def test_damaged_outlook_message() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le")
    with pytest.raises(IngestError, match="damaged"):
        parse(data, "a.msg")
