"""HTML, Markdown, CSV, e-mail and plain text; what holds for every parser."""

import random
import socket
from email.message import EmailMessage

import pytest

from ingest.errors import DamagedFile, EmptyFile, EncryptedFile, IngestError
from ingest.parsers import PARSERS, parse
from ingest.parsers.clean import clean, decode, rows_to_text, sensible_title, stem
from ingest.types import ElementKind, ParsedFile

PAGE = """<!DOCTYPE html><html><head><title>Refunds | ACME Help</title><style>p{color:red}</style></head><body>
<script>alert("SCRIPT")</script><h1>Refund policy</h1><p>We <b>always</b> refund&nbsp;you.</p>
<p style="display: none">GHOST one</p><div hidden>GHOST two</div><span aria-hidden="true">Seen</span> after it
<p style="font-size:0">GHOST</p><!-- GHOST --><noscript>GHOST</noscript>
<h2>How long</h2><h4>In detail</h4><ul><li>one<ul><li>nested</li></ul></li><li>two</li></ul>
<table><tr><th>Plan</th><th colspan="2">Days</th></tr><tr><td rowspan="2">Basic</td><td>5</td><td>a</td></tr>
<tr><td>6</td><td>b</td></tr></table>
<table><tr><td><table><tr><td>laid out</td></tr></table></td></tr></table>
<img src="http://127.0.0.1:9/x.png"><link rel="stylesheet" href="http://127.0.0.1:9/x.css"></body></html>"""


def outline(parsed: ParsedFile) -> list[tuple[str, int, str]]:
    return [(element.kind.value, element.level, element.text) for element in parsed.elements]


def test_html_structure_without_what_is_hidden() -> None:
    parsed = parse(PAGE.encode(), "a.html")
    assert outline(parsed) == [
        ("title", 0, "Refund policy"),
        ("paragraph", 0, "We always refund you."),
        ("paragraph", 0, "Seen after it"),
        ("heading", 2, "How long"),
        ("heading", 4, "In detail"),
        ("list_item", 0, "one"),
        ("list_item", 0, "nested"),
        ("list_item", 0, "two"),
        ("table", 0, "Plan | Days |\nBasic | 5 | a\nBasic | 6 | b"),
        ("paragraph", 0, "laid out"),
    ]
    assert parsed.title == "Refund policy"


def test_html_and_markdown_never_touch_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *call: calls.append(call))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *call, **_: calls.append(call))
    parse(PAGE.encode(), "a.html")
    parse(b"# T\n\nSome prose that is long enough to be looked at. And more.\n\n![x](http://127.0.0.1:9/x.png)", "a.md")
    assert calls == []


def test_html_declared_charset_and_title_fallbacks() -> None:
    page = '<html><head><meta charset="windows-1251"><title>Правила</title></head><body><p>Текст</p></body></html>'
    parsed = parse(page.encode("windows-1251"), "a.html")
    assert parsed.title == "Правила"
    assert parsed.elements[0].text == "Текст"
    assert parse(b"<html><body><p>Only words.</p></body></html>", "dir/only words.html").title == "only words"


def test_html_entity_expansion_and_deep_nesting_end_well() -> None:
    laughs = b"<!DOCTYPE html [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><html><body><p>x &b;</p></body></html>"
    assert len(parse(laughs, "a.html").elements[0].text) < 100
    deep = b"<html><body>" + b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000 + b"</body></html>"
    with pytest.raises((DamagedFile, EmptyFile), match=r"a\.html"):
        parse(deep, "a.html")


def test_html_with_control_characters() -> None:
    assert parse(b"<html><body><p>a\x00b\x0bc</p></body></html>", "a.html").elements[0].text == "abc"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("extension", ["pdf", "docx", "xlsx", "html", "md", "csv", "eml", "txt", ""])
def test_noise_ends_in_elements_or_a_clear_error(extension: str, seed: int) -> None:
    starts = (b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b"From: a@b\nTo: c\n\n", b"\xff\xfe", b"")
    data = starts[seed % 6] + random.Random(seed).randbytes(200 + 300 * (seed % 3))
    try:
        assert parse(data, f"noise.{extension}").title
    except IngestError as error:
        message = str(error)
    else:
        return
    assert len(message) > 20
    assert "Traceback" not in message


def test_markdown() -> None:
    source = (
        b"---\ntitle: My handbook\n---\n# Handbook\n\npara one\nwrapped **bold** `code`\n\n## Leave\n\n- a\n  - b\n\n"
        b"| k | v |\n|---|---|\n| x | 1 |\n\n<!-- GHOST --><script>GHOST</script>\n\n# Pay\n\n> quoted\n"
    )
    parsed = parse(source, "a.md")
    assert outline(parsed) == [
        ("heading", 1, "Handbook"),
        ("paragraph", 0, "para one wrapped bold code"),
        ("heading", 2, "Leave"),
        ("list_item", 0, "a"),
        ("list_item", 0, "b"),
        ("table", 0, "k | v\nx | 1"),
        ("heading", 1, "Pay"),
        ("paragraph", 0, "quoted"),
    ]
    assert parsed.title == "My handbook"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'a,b\n1,"x, y"\n\n2,"line\nbreak"\n', "a | b\n1 | x, y\n2 | line break"),
        (b"a;b;c\n1,5;2;3\n2,5;4;5\n", "a | b | c\n1,5 | 2 | 3\n2,5 | 4 | 5"),
        ("\ufeffname\tvalue\nñ\t0012\n".encode(), "name | value\nñ | 0012"),
        (b"just one column\nvalue\n", "just one column\nvalue"),
        ("é,b\n1,2".encode("utf-16"), "é | b\n1 | 2"),
    ],
)
def test_csv_is_one_table_with_cells_as_written(data: bytes, expected: str) -> None:
    parsed = parse(data, "dir/numbers.csv")
    (table,) = parsed.elements
    assert (table.kind, table.text, parsed.title) == (ElementKind.TABLE, expected, "numbers")


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Rénewal of contract", "Ann <ann@example.org>", "bob@example.org"
    mail["Date"] = "Mon, 01 Jan 2024 10:00:00 +0000"
    return mail


def test_email_with_attachment() -> None:
    mail = message()
    mail.set_content("Dear Bob,\n\nplease see the\nattached contract.\n")
    mail.add_alternative("<p>GHOST</p>", subtype="html")
    mail.add_attachment(b"GHOST", maintype="application", subtype="pdf", filename="contract.pdf")
    parsed = parse(mail.as_bytes(), "a.eml")
    assert outline(parsed) == [
        ("title", 0, "Rénewal of contract"),
        (
            "paragraph",
            0,
            "From: Ann <ann@example.org>; To: bob@example.org; Date: 2024-01-01 10:00 +00:00; "
            "Subject: Rénewal of contract",
        ),
        ("paragraph", 0, "Dear Bob,"),
        ("paragraph", 0, "please see the attached contract."),
        ("paragraph", 0, "Attachments: contract.pdf"),
    ]
    assert parsed.title == "Rénewal of contract"


def test_email_with_html_only_and_an_unknown_charset() -> None:
    mail = message()
    mail.set_content("<h2>Offer</h2><p>Ten euros.</p><p hidden>GHOST</p>", subtype="html")
    assert outline(parse(mail.as_bytes(), "a.eml"))[2:] == [("heading", 2, "Offer"), ("paragraph", 0, "Ten euros.")]
    odd = b"From: a@b\nTo: c@d\nSubject: x\nContent-Type: text/plain; charset=klingon\n\nBody \xe9\n"
    assert parse(odd, "a.eml").elements[-1].text == "Body é"


def test_encrypted_email() -> None:
    mail = message()
    mail.set_content(b"MIIB", maintype="application", subtype="pkcs7-mime", params={"smime-type": "enveloped-data"})
    with pytest.raises(EncryptedFile):
        parse(mail.as_bytes(), "a.eml")


def test_plain_text() -> None:
    source = (
        "MASTER AGREEMENT\r\n\r\nThis is made\r\nby the parties.\r\n\r\nARTICLE 2\r\nFEES\r\n\r\n"
        "2.1 Due Date. Fees are due\r\nat once.\r\n(a) first;\r\n(b) second.\fThe end\x07 is\u200b near.\r\n"
    )
    parsed = parse(source.encode(), "a.txt")
    assert outline(parsed) == [
        ("title", 0, "MASTER AGREEMENT"),
        ("paragraph", 0, "This is made by the parties."),
        ("heading", 1, "ARTICLE 2 FEES"),
        ("heading", 2, "2.1 Due Date."),
        ("paragraph", 0, "Fees are due at once."),
        ("list_item", 0, "(a) first;"),
        ("list_item", 0, "(b) second."),
        ("paragraph", 0, "The end is near."),
    ]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><body><script>x</script></body></html>", "a.html"),
        (b"<!-- nothing -->", "a.md"),
        (b",,,\n,,\n", "a.csv"),
        ("\u200b\u200b \ufeff".encode(), "a.txt"),
    ],
)
def test_files_in_which_nothing_can_be_read(data: bytes, name: str) -> None:
    with pytest.raises(EmptyFile):
        parse(data, name)


def test_whatever_a_library_raises_is_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = next(parser for parser in PARSERS if "text/plain" in parser.media_types)

    def explode(data: bytes, name: str) -> ParsedFile:
        raise RecursionError("deep")

    monkeypatch.setattr(parser, "parse", explode)
    with pytest.raises(DamagedFile, match=r"a\.txt: .*RecursionError") as caught:
        parse(b"words", "a.txt")
    assert isinstance(caught.value.__cause__, RecursionError)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("e\u0301ffi\ufb03\ufb01", "éffiffifi"),
        ("x\u00b2 \u2460", "x\u00b2 \u2460"),
        ("so\u00adft ze\u200bro \u202ebidi\u202c", "soft zero bidi"),
        (" a\u00a0\u2003 b\r\n\tc\x0c", "a b c"),
        ("nul\x00 bell\x07 \ud800", "nul bell"),
        ("\uf0b7 point", "• point"),
    ],
)
def test_clean(raw: str, expected: str) -> None:
    assert clean(raw) == expected
    assert clean(expected) == expected


def test_small_helpers() -> None:
    assert decode("ü".encode("utf-16-le").join((b"\xff\xfe", b""))) == "ü"
    assert rows_to_text([["a", "", "b"], ["", "", ""], ["c"]]) == "a | b\nc |"
    assert sensible_title("  Annual\nReport ") == "Annual Report"
    assert sensible_title("Microsoft Word - x.doc") == sensible_title("final.docx") == sensible_title(None) == ""
    assert stem("C:\\dir\\My file.v2.pdf") == "My file.v2"
    assert stem("") == "Untitled"


def test_an_exhibit_label_is_no_title() -> None:
    text = b"\xef\xbb\xbfExhibit 2.1\n\n\nEXECUTION VERSION\n\n\nAGREEMENT AND PLAN OF MERGER\n\n\nby and among A, B and C, dated today.\n"
    parsed = parse(text, "merger.txt")
    assert parsed.title == "AGREEMENT AND PLAN OF MERGER"
    assert [element.kind for element in parsed.elements].count(ElementKind.TITLE) == 1
    assert parse(b"Exhibit 2.1\n\nWe agree on this.\n", "a merger.txt").title == "a merger"


def test_short_lines_that_a_sentence_runs_through_are_one_paragraph() -> None:
    wrapped = "The notice period that we accept is\n120 days, and the penalty must be\n5 percent or less."
    (one,) = parse(wrapped.encode(), "a.txt").elements
    assert one.text == "The notice period that we accept is 120 days, and the penalty must be 5 percent or less."
    listed = parse(
        b"Tax audit: Brandt, EUR 310\nMerger review: Reyk, EUR 455\nData protection: Sheil, EUR 290", "b.txt"
    )
    assert len(listed.elements) == 3
