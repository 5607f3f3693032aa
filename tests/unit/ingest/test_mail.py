"""E-mail: the words that its reader sees, and whose they are."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from ingest.errors import EncryptedFile
from ingest.parsers import parse
from ingest.reading.detect import EML, TEXT, media_type
from ingest.types import ElementKind, ParsedFile, WarningKind

HEAD = "From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n"


def read(body: str | bytes, *fields: str) -> ParsedFile:
    data = body if isinstance(body, bytes) else body.encode()
    fields = fields or ("Content-Type: text/plain; charset=utf-8",)
    return parse((HEAD + "".join(f"{field}\r\n" for field in fields) + "\r\n").encode() + data, "a.eml")


def words(parsed: ParsedFile) -> list[str]:
    """What follows the subject and the header line."""
    return [element.text for element in parsed.elements[2:]]


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Offer", "a@example.org", "b@example.org"
    return mail


def test_the_form_that_a_reader_is_shown_is_read() -> None:
    mail = message()
    mail.set_content("Your program cannot show this mail. Open it in a browser.")
    mail.add_alternative("<p>We offer EUR 640,000 by June.</p>", subtype="html")
    assert words(parse(mail.as_bytes(), "a.eml")) == ["We offer EUR 640,000 by June."]
    mail = message()
    mail.set_content("We offer EUR 640,000, payable by the end of June, to settle the claim.")
    mail.add_alternative("<p>View</p>", subtype="html")
    assert words(parse(mail.as_bytes(), "a.eml"))[0].startswith("We offer")
    mail = message()
    mail.set_content("Within thirty sixty days.\nFee 5 Tax 6")
    mail.add_alternative(
        "<p>The fee is 5.</p><table><tr><td>Fee</td><td>Tax</td></tr><tr><td>5</td><td>6</td></tr></table>",
        subtype="html",
    )
    assert "Fee | Tax\n5 | 6" in words(parse(mail.as_bytes(), "a.eml"))


def test_all_text_parts_of_a_mixed_mail_are_read_and_attachments_are_parts() -> None:
    mail = message()
    mail.set_content("First.")
    mail.add_attachment("Second.", disposition="inline")
    mail.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="x.csv")
    mail.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", disposition="inline", cid="<1>")
    mail.add_attachment(b"\x1f\x8b\x08", maintype="application", subtype="gzip", filename="x.gz")
    parsed = parse(mail.as_bytes(), "a.eml")
    assert words(parsed) == ["First.", "Second.", "Attachments: x.csv, x.gz"]
    assert [(part.name, part.data) for part in parsed.parts] == [("x.csv", b"a,b\n1,2\n")]
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.UNREAD_PART]
    assert "x.gz" in parsed.warnings[0].words


def test_forwarded_messages_stand_under_their_own_heading() -> None:
    inner, mail = message(), message()
    inner.replace_header("Subject", "Recall")
    inner.set_content("Lot 7 must be recalled.")
    inner.add_attachment(b"The seal failed.", maintype="text", subtype="plain", filename="lab.txt")
    mail.set_content("See below.")
    mail.add_attachment(inner)
    parsed = parse(mail.as_bytes(), "a.eml")
    assert words(parsed) == [
        "See below.",
        "Attachments: lab.txt",
        "Forwarded message: Recall",
        "From: a@example.org; To: b@example.org; Subject: Recall",
        "Lot 7 must be recalled.",
    ]
    assert parsed.elements[4].kind is ElementKind.HEADING
    assert [part.name for part in parsed.parts] == ["lab.txt"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Yes.\n\n> Is it\n> 5 percent?\n>> Or 9?\n\nBye.", ["Yes.", "[quoted] Is it 5 percent?", "[quoted, level 2] Or 9?", "Bye."]),
        ("Yes.\n\nOn 2 March 2026 at 10:00 T. <t@example.org>\nwrote:\n> Is it 5?", ["Yes.", "On 2 March 2026 at 10:00 T. <t@example.org> wrote:", "[quoted] Is it 5?"]),
        ("Yes.\n\nAm 2. März 2026 schrieb T. Reyk:\n>Ist es 5?", ["Yes.", "Am 2. März 2026 schrieb T. Reyk:", "[quoted] Ist es 5?"]),
        ("Yes.\n\n-----Original Message-----\nFrom: T\nSent: Monday\nTo: A\nSubject: Re\n\nThe fee is 5.", None),
        ("Yes.\n\n________________________________\nVon: T\nGesendet: Montag\nAn: A\nBetreff: Re\n\nThe fee is 5.", None),
        ("Yes.\n\nOn 2 Mar 2026, at 10:00, T <t@example.org> wrote:\n\nThe fee is 5.", None),
        ("The rate must be\n> 5 percent\nin any year.", ["The rate must be > 5 percent in any year."]),
        ("From: the start we said so.\n\nIt was fine.", ["From: the start we said so.", "It was fine."]),
        ("On Monday Tom wrote: fine.\n\nI agree.", ["On Monday Tom wrote: fine.", "I agree."]),
    ],
)  # fmt: skip
def test_quoted_words_are_never_the_writers(body: str, found: list[str] | None) -> None:
    texts = words(read(body))
    if found is not None:
        assert texts == found
    else:
        assert texts[0] == "Yes."
        assert texts[-1] == "[quoted] The fee is 5."


def test_a_long_quotation_carries_its_mark_into_every_piece() -> None:
    quoted = "\n".join(f"> The fee for the year number {n} is {n} euros." for n in range(100))
    texts = words(read(f"Yes.\n\n{quoted}"))
    assert len(texts) > 3
    assert all(text.startswith("[quoted] ") and len(text) < 800 for text in texts[1:])


def test_quotations_in_html() -> None:
    html = "Content-Type: text/html; charset=utf-8"
    cited = "<div>Yes.</div><blockquote type='cite'><p>The fee is 5.</p><p>Or 6.</p></blockquote><div>Bye.</div>"
    assert words(read(cited, html)) == ["Yes.", "[quoted] The fee is 5.", "[quoted] Or 6.", "Bye."]
    outlook = (
        "<p>Yes, we agree to it.</p><div><p><b>From:</b> T<br><b>Sent:</b> Monday<br><b>To:</b> A<br><b>Subject:</b> R</p>"
        "</div><p>The fee is 5.</p>"
    )
    texts = words(read(outlook, html))
    assert texts[0] == "Yes, we agree to it."
    assert all(text.startswith("[quoted]") for text in texts[1:])
    plain = "<p>Yes.</p><blockquote><p>The clause says 5.</p></blockquote>"
    assert words(read(plain, html)) == ["Yes.", "The clause says 5."]


def test_flowed_text() -> None:
    flowed = "Content-Type: text/plain; charset=utf-8; format=flowed"
    body = "The goods come \nin ten days.\n> He asked \n> for twelve.\n>> Or \n>> nine?\n From here.\n-- \nJane"
    assert words(read(body, flowed)) == [
        "The goods come in ten days.", "[quoted] He asked for twelve.", "[quoted, level 2] Or nine?", "From here.", "Jane",
    ]  # fmt: skip
    assert words(read("Donau \ndampf", f"{flowed}; delsp=yes")) == ["Donaudampf"]


@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii", "latin1", "windows-1252", "nonsense"])
def test_labels_of_encodings_mean_what_the_web_says(label: str) -> None:
    body = "The buyer\x92s price is \x80 77 \x96 not less.".encode("latin-1")
    fields = (f"Content-Type: text/plain; charset={label}", "Content-Transfer-Encoding: 8bit")
    assert words(read(body, *fields)) == ["The buyer’s price is € 77 – not less."]


def test_headers() -> None:
    raw = b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: b@example.org\r\nDate: Tue, 3 Mar 2026 09:14:00 +0100\r\n"
    parsed = parse(raw + "Subject: Gebühr\r\n\r\nBody.".encode("latin-1"), "a.eml")
    assert parsed.title == "Gebühr"
    assert parsed.elements[1].text.startswith(
        "From: Jürgen <j@example.org>; To: b@example.org; Date: 2026-03-03 09:14 +01:00"
    )
    many = ", ".join(f"P{n} <p{n}@example.org>" for n in range(3000))
    assert "p2999@example.org" in parse(f"From: a@b.org\r\nTo: {many}\r\n\r\nBody.".encode(), "a.eml").elements[1].text


def test_long_header_blocks_are_mail() -> None:
    seals = "".join(f"ARC-Seal: i={n};\r\n b={'A' * 900}\r\n" for n in range(9))
    assert media_type((seals + HEAD + "\r\nBody.").encode(), "a.eml") == EML
    assert media_type((seals + HEAD + "\r\nBody.").encode(), "mail") == EML
    assert media_type(b"Note: this\nis text.\n\nFrom: a\nSubject: b\n", "a.txt") == TEXT


def test_invitations_reports_and_signatures() -> None:
    event = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Closing\\, part 1\r\nDTSTART;TZID=Europe/Paris:"
        '20260303T091400\r\nLOCATION:Room\r\n  5\r\nATTENDEE;CN="Una: S":mailto:u@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR'
    )
    (told,) = words(read(event, "Content-Type: text/calendar; charset=utf-8"))
    assert "Summary: Closing, part 1" in told
    assert "2026-03-03 09:14 Europe/Paris" in told
    assert "Room 5" in told
    assert "Una: S <u@example.org>" in told
    report = "--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: x\r\n\r\nAction: failed\r\n\r\n--b--"
    texts = words(read(report, "Content-Type: multipart/report; boundary=b"))
    assert texts == ["Not delivered.", "Reporting-MTA: x", "Action: failed"]
    tnef = "--b\r\n\r\nHi.\r\n--b\r\nContent-Type: application/ms-tnef\r\nContent-Disposition: attachment; filename=winmail.dat\r\n\r\nx\r\n--b--"
    parsed = read(tnef, "Content-Type: multipart/mixed; boundary=b")
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.UNREAD_PART]


def test_sealed_mail() -> None:
    from asn1crypto import cms

    inner = b"Content-Type: text/plain\r\n\r\nThe fee is 5.\r\n"
    held = {"content_type": "data", "content": inner}
    content = {"version": "v1", "digest_algorithms": [], "encap_content_info": held, "signer_infos": []}
    data = cms.ContentInfo({"content_type": "signed_data", "content": content}).dump()
    mail = message()
    mail.set_content(data, maintype="application", subtype="pkcs7-mime", params={"smime-type": "signed-data"})
    assert words(parse(mail.as_bytes(), "a.eml")) == ["The fee is 5."]
    mail.set_content(b"nonsense", maintype="application", subtype="pkcs7-mime")
    with pytest.raises(EncryptedFile):
        parse(mail.as_bytes(), "a.eml")


def test_hostile_mail_ends() -> None:
    deep = (
        HEAD
        + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(60))
        + "\r\nEnd."
    )
    parse(deep.encode(), "a.eml")
    read("> " * 50_000 + "x\n" + "On " * 50_000 + "\nFrom: x\n" * 5000)
