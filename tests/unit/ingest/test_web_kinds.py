"""Kinds of fault in pages, Markdown, plain text, mail and Rich Text, each in the forms that programs write it in."""

from __future__ import annotations

import base64
import time

import pytest

from ingest.parsers import parse
from ingest.types import ElementKind, ParsedFile, WarningKind

MAIL = "From: a@example.org\nTo: b@example.org\nSubject: S\nMIME-Version: 1.0\n"
RTF = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset2 Symbol;}}"


def page(body: str, head: str = "") -> ParsedFile:
    return parse(f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode(), "a.html")


def texts(parsed: ParsedFile) -> list[str]:
    return [element.text for element in parsed.elements]


def markdown(source: str) -> ParsedFile:
    return parse(source.encode(), "a.md")


def mailed(body: str | bytes, content_type: str = "text/plain; charset=utf-8", *fields: str) -> ParsedFile:
    head = "".join(f"{field}\n" for field in (*fields, f"Content-Type: {content_type}"))
    data = body if isinstance(body, bytes) else body.encode()
    return parse((MAIL + head + "\n").encode() + data, "a.eml")


@pytest.mark.parametrize(
    ("body", "style", "expected"),
    [
        ("<ol class=c><li>a<ol class=c><li>b<li>c</ol><li>d</ol>",
         ".c{counter-reset:i;list-style:none} .c li:before{counter-increment:i;content:counters(i,'.') ' '}",
         ["1 a", "1.1 b", "1.2 c", "2 d"]),
        ("<ol class=c><li>a<li>b</ol>",
         ".c{list-style:none;counter-reset:i} .c>li{counter-increment:i} .c>li::before{content:'(' counter(i,lower-alpha) ') '}",
         ["(a) a", "(b) b"]),
        ("<h2>Fees</h2><h3>Late</h3><h2>Law</h2><h3>Place</h3>",
         "body{counter-reset:h} h2{counter-reset:s} h2:before{counter-increment:h;content:'Part ' counter(h) '. '}"
         " h3:before{counter-increment:s;content:counter(h) '.' counter(s)}",
         ["Part 1. Fees", "1.1 Late", "Part 2. Law", "2.1 Place"]),
        ("<ol><li>a<ol><li>b</ol></ol>", "li::marker{content:counters(list-item,'.') ' '}", ["1 a", "1.1 b"]),
        ("<ol style=\"list-style-type:'§ '\"><li>a</ol>", "", ["§ a"]),
        ("<p class=i>plain</p>", ".i:before{content:'x'}", ["plain"]),
    ],
)  # fmt: skip
def test_numbers_that_a_style_sheet_prints(body: str, style: str, expected: list[str]) -> None:
    assert texts(page(body, f"<style>{style}</style>")) == expected


@pytest.mark.parametrize(
    ("struck", "style"),
    [
        ("<span data-state=old>30</span>", "[data-state=old]{text-decoration:line-through}"),
        ("<span class='a b'>30</span>", "span[class~=b]{text-decoration-line:line-through}"),
        ("<span class=old>30</span>", "@media screen and (min-width:20em){.old{text-decoration:line-through}}"),
        ("<span class=text-decoration-line-through>30</span>", ""),
        ("<S>30</S>", ""),
    ],
)
def test_struck_out_by_other_means(struck: str, style: str) -> None:
    parsed = page(f"<p>Pay in {struck} 60 days.</p>", f"<style>{style}</style>")
    assert texts(parsed) == ["Pay in 60 days.", "[struck out: 30]"]
    narrow = page("<p class=x>Pay.</p>", "<style>@media (max-width:20em){.x{text-decoration:line-through}}</style>")
    assert texts(narrow) == ["Pay."]


def test_paragraphs_in_a_struck_out_run() -> None:
    assert texts(page("<strike><p>Old.</p><p>Older.</p></strike><p>New.</p>")) == ["[struck out: Old. Older.]", "New."]


def test_the_author_of_a_change_is_spelled_out() -> None:
    parsed = page("<p>In <del cite='mailto:Anna%20Meyer'>30</del> days.</p>")
    assert parsed.elements[1].author == "Anna Meyer"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("at 3<sup>1</sup>/<sub>2</sub> percent", "at 3 1/2 percent"),
        ("<sup>3</sup>&frasl;<sub>4</sub> of it", "3⁄4 of it"),
        ("below 8 <sup>o</sup>C", "below 8 °C"),
        ("EUR 5<sup>2</sup>/day", "EUR 5 (note 2)/day"),
        ("40 m<sup>2</sup> a day", "40 m^2 a day"),
        ("<label>Limit</label><span>EUR 5</span>", "Limit EUR 5"),
        ("<label>Limit</label>, or", "Limit, or"),
    ],
)
def test_raised_numbers_and_labels(body: str, expected: str) -> None:
    assert texts(page(f"<p>{body}</p>")) == [expected]


def test_notes_parted_by_line_breaks_and_notes_in_a_row() -> None:
    notes = "<sup>1</sup> cold<br><sup>2</sup> net"
    parsed = page(f"<p>Rent 8<sup>1</sup>, heat 9<sup>2</sup>.</p><p>{notes}</p>")
    assert texts(parsed) == ["Rent 8 (note 1), heat 9 (note 2).", "Note 1: cold", "Note 2: net"]
    rows = "<tr><th>A<th>B<tr><td>Rent<sup>1</sup><td>7<sup>2</sup>"
    parsed = page(f"<table>{rows}<tfoot><tr><td colspan=2>{notes}</table><p>End</p>")
    assert texts(parsed) == ["A | B\nRent (note 1) | 7 (note 2)", "Note 1: cold", "Note 2: net", "End"]


def test_the_notes_of_a_page_that_word_saved() -> None:
    mark = "<span class=MsoFootnoteReference><![if !supportFootnotes]>[1]<![endif]></span>"
    parsed = page(
        f"<p>The rate<a href='#_ftn1' name='_ftnref1'>{mark}</a> is 5%.</p><p>Next.</p><div id=ftn1>"
        f"<p><a href='#_ftnref1' name='_ftn1'>{mark}</a> Per year.</p></div>"
    )
    assert texts(parsed) == ["The rate (note 1) is 5%.", "Note 1: Per year.", "Next."]


@pytest.mark.parametrize(
    ("label", "encoding", "words"),
    [
        ("iso-8859-1", "cp1252", "€4,500 – “Lender’s”"),
        ("US-ASCII", "cp1252", "€4,500"),
        ("iso-8859-1", "utf-8", "€4,500 – Müller"),
        ("gb2312", "gb18030", "赔偿 € 4,500 镕"),
        ("Shift_JIS", "cp932", "費用①㈱ 4,500円"),
        ("euc-kr", "cp949", "비용 4,500원 똠"),
        ("iso-8859-9", "cp1254", "€4,500 ğ"),
        ("cp850", "cp850", "Gebühr 5"),
        ("koi8-r", "koi8_r", "Цена 5"),
    ],
)
def test_labels_of_encodings(label: str, encoding: str, words: str) -> None:
    data = words.encode(encoding)
    in_page = parse(b"<meta charset=" + label.encode() + b"><p>" + data + b"</p>", "a.html")
    in_head = parse(b"<!--" + b"x" * 6_000 + b"--><meta charset=" + label.encode() + b"><p>" + data + b"</p>", "a.html")
    assert texts(in_page) == texts(in_head) == [words]
    assert not in_page.warnings
    plain = mailed(base64.encodebytes(data), f'TEXT/PLAIN; CHARSET="{label}"', "Content-Transfer-Encoding: BASE64")
    assert plain.elements[-1].text == words
    assert mailed(f"<meta charset={label}><p>".encode() + data, "text/html").elements[-1].text == words


def test_labels_that_are_wrong_are_told() -> None:
    czech = parse("<meta charset=iso-8859-2><p>„Škoda“ 4 500 Kč</p>".encode("cp1250"), "a.html")
    assert texts(czech) == ["„Škoda“ 4 500 Kč"]
    assert [warning.kind for warning in czech.warnings] == [WarningKind.ENCODING]
    lost = mailed(b"EUR \xff\xff 5", "text/plain; charset=gb2312")
    assert [warning.kind for warning in lost.warnings] == [WarningKind.ENCODING]
    assert mailed(b"Fee +IKw 4", "text/plain; charset=utf-7").elements[-1].text == "Fee € 4"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("=?ISO-8859-1?Q?Fee_=804,500_=96_Lender=92s?=", "Fee €4,500 – Lender’s"),
        ("=?us-ascii?Q?=80_9?=", "€ 9"),
        ("=?gb2312?B?1q7pRg==?=", "之镕"),
        ("=?shift_jis?B?h0A=?=", "①"),
        ("=?x-unknown?Q?Geb=FChr?=", "Gebühr"),
        ("=?UTF-8?Q?M=C3?= =?UTF-8?Q?=BCller?=", "Müller"),
        ("=?utf-8*de?Q?Geb=C3=BChr?=", "Gebühr"),
    ],
)
def test_subjects(subject: str, expected: str) -> None:
    assert (
        parse(f"From: a@example.org\nSubject: {subject}\nTo: b@example.org\n\nx\n".encode(), "a.eml").title == expected
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Fee ü 9 ".encode() + b"\xe2\x82 9,800 x", "Fee ü 9 � 9,800 x"),
        ("Fee ü 9 ".encode() + b"\x82\xac 9,800 x", "Fee ü 9 � 9,800 x"),
        ("Fee é 9 €".encode()[:-1], "Fee é 9 �"),
        ("Fee é 9 €".encode()[:-2], "Fee é 9 �"),
        (b"The fee is five \xe2\x82", "The fee is five �"),
        ("€ 9 ü ö ä ".encode() + b"\x80 \x93q\x94 \xa3 5", "€ 9 ü ö ä € “q” £ 5"),
    ],
)
def test_several_bad_bytes(data: bytes, expected: str) -> None:
    parsed = parse(data, "a.txt")
    assert texts(parsed) == [expected]
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.ENCODING]


@pytest.mark.parametrize(
    ("words", "encoding", "told"),
    [
        ("Gebühr für die Lieferung und die Prüfung, 5 Öl", "cp850", True),
        ("Müller’s café, naïve été, £5", "mac_roman", True),
        ("Cena je 5 Kč, splatná žalobci včas, šestého května, můžete", "cp1250", True),
        ("Цена составляет 4500 рублей", "cp1251", True),
        ("Gebühr € 5 – für", "cp1252", False),
        ("Il café «très élevé», où l’été coûte 5 € à Genève", "cp1252", False),
    ],
)
def test_code_pages_without_a_name(words: str, encoding: str, told: bool) -> None:
    parsed = parse(words.encode(encoding), "a.txt")
    assert texts(parsed) == [words]
    assert bool(parsed.warnings) == told


def test_windows_characters_that_were_saved_as_control_characters() -> None:
    assert texts(parse("Fee \x804,500 Lender\x92s".encode(), "a.txt")) == ["Fee €4,500 Lender’s"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("---\n\n# Doc\n\nOne.\n\n---\n\nTwo.\n", ["Doc", "One.", "Two."]),
        ("---\nfee: 5\ntags:\n- a\nnote: >\n  folded\n\n# c\n---\nBody.\n", ["Body."]),
        ("---\nThe fee: it is 5\nand goes on\n\n---\nBody.\n", ["The fee: it is 5 and goes on", "Body."]),
        ("A[^1] b^[inline] c[^x2].\n\n[^1]: One.\n[^x2]: Two.\n",
         ["A (note 1) b (note 2) c (note 3).", "Note 1: One.", "Note 2: inline", "Note 3: Two."]),
        ("A^[inline] b[^1].\n\n[^1]: One.\n", ["A (note 2) b (note 1).", "Note 2: inline", "Note 1: One."]),
        ("A[^1].\n\n[^1]: One.\n[^old]: Due in 30 days.\n", ["A (note 1).", "Note 1: One.", "Note old: Due in 30 days."]),
        ("|A|B|\n|-|-|\n|a|b|EUR 3|\n", ["A | B |\na | b | EUR 3"]),
        ("Pay ~30~ 60 days, H~2~O, ~5 to ~10.\n", ["Pay 60 days, H~2~O, ~5 to ~10.", "[struck out: 30]"]),
    ],
)  # fmt: skip
def test_markdown(source: str, expected: list[str]) -> None:
    assert texts(markdown(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("The Dru\u00ad\ncker prints.", ["The Drucker prints."]),
        ("See pages 10–\n12 of it.", ["See pages 10–12 of it."]),
        ("the ex-\nclusive right, the ex-\nemployee, the e-\nmail, a multi-\nple, re-\nelected and know-\nhow",
         ["the exclusive right, the ex-employee, the e-mail, a multiple, re-elected and know-how"]),
        ("see www.an-\nexample.org for it", ["see www.an-example.org for it"]),
        ("Bring the following\n- one key\n- two badges and\n  a card\n", None),
        ("- one key\n- two badges and\n  a card\n", ["- one key", "- two badges and a card"]),
        ("1. Deliver the goods\n2. Pay the price\nin full", ["1. Deliver the goods", "2. Pay the price in full"]),
        ("* The Software is provided as it is and without any\n* warranty of whatever kind, and the\n* seller owes nothing.",
         ["* The Software is provided as it is and without any * warranty of whatever kind, and the * seller owes nothing."]),
        ("Values of the day:\n> 5 mg\n>= 3 mg", None),
    ],
)  # fmt: skip
def test_text(source: str, expected: list[str] | None) -> None:
    found = texts(parse(source.encode(), "a.txt"))
    assert found == expected or (expected is None and " ".join(found).split() == source.split())


def test_quoted_lines_that_a_program_broke() -> None:
    broken = mailed("> The amount that is due is EUR\n500\n> in all, and no\nmore\n> than that.\n\nFine.\n")
    assert texts(broken)[2:] == ["[quoted] The amount that is due is EUR 500 in all, and no more than that.", "Fine."]
    answered = mailed("> Is it due?\nYes.\n> And how much?\n5 euros\n> Thanks in advance\n")
    assert [text for text in texts(answered)[2:] if not text.startswith("[quoted]")] == ["Yes.", "5 euros"]


def test_a_forwarded_message_in_base64() -> None:
    inner = base64.encodebytes(b"From: x@example.org\nSubject: Inner\n\nIt costs EUR 7.\n").decode()
    body = f"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n--b--\n"
    assert texts(mailed(body, "multipart/mixed; boundary=b"))[-1] == "It costs EUR 7."
    assert "Forwarded message: Inner" in texts(mailed(body, "multipart/mixed; boundary=b"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"count {\f1\'b3} 75 and {\f1\u-3913 ?} 5", ["count ≥ 75 and • 5"]),
        (r'at {\field{\*\fldinst {SYMBOL 163 \\f "Symbol" \\s 12}}{\fldrslt {\f1}}} 1.4', ["at ≤ 1.4"]),
        (r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres25\ffdefres1}}}{\fldrslt }} Yes"
         r"{\field{\*\fldinst  FORMCHECKBOX {\*\formfield{\fftype1\ffres0\ffdefres1}}}{\fldrslt }} No", ["☒ Yes☐ No"]),
        (r"\trowd\clvmgf\cellx1\cellx2\intbl South\cell Oak\cell\row\trowd\clvmrg\cellx1\cellx2\intbl\cell Elm\cell\row",
         ["South | Oak\nSouth | Elm"]),
        (r"{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}{\shptxt Box}}}", ["Box"]),
        (r"{\*\revtbl {Unknown;}{Anna Meyer;}}Pay {\deleted\revauthdel1 30} 60", ["Pay 60", "[deleted by Anna Meyer: 30]"]),
        (r"Due{\*\atnid T}{\*\atnauthor Tom}\chatn{\*\annotation Check}.", ["Due.", "[comment by Tom: Check]"]),
        (r"caf\'c3\'a9 \'e2\'82\'ac5", ["café €5"]),
    ],
)  # fmt: skip
def test_rich_text(body: str, expected: list[str]) -> None:
    assert texts(parse(f"{RTF}\\pard {body}\\par}}".encode(), "a.rtf")) == expected


@pytest.mark.parametrize(
    "source",
    [
        "<p>x" + "<!--" * 40_000,
        "<!-- a -->b" * 30_000,
        "<style>*{counter-reset:" + " ".join(f"n{at}" for at in range(3_000)) + "}</style>" + "<p>a</p>" * 5_000,
        "<table>" + "<tr><td colspan=2><sup>1</sup>a<br>" * 8_000,
    ],
)
def test_hostile_pages_end(source: str) -> None:
    began = time.process_time()
    parse(f"<p>start</p>{source}".encode(), "a.html")
    assert time.process_time() - began < 20


def test_quoting_in_a_preformatted_page() -> None:
    parsed = mailed("<pre>&gt; The rate must be<br>&gt; 5 percent\nNo.</pre>", "text/html; charset=utf-8")
    assert texts(parsed)[2:] == ["[quoted] The rate must be 5 percent", "No."]
    assert texts(mailed("<pre>a\nb &gt; c</pre>", "text/html; charset=utf-8"))[2:] == ["a b > c"]


def test_mail_after_a_byte_order_mark() -> None:
    assert parse(f"\ufeff{MAIL}\nHello there.\n".encode(), "a.eml").title == "S"


def test_the_name_of_an_attachment_in_windows_characters() -> None:
    disposition = "attachment; filename*=iso-8859-1''Geb%FChr%80.txt"
    body = f"--b\nContent-Type: text/plain\nContent-Disposition: {disposition}\n\nx\n--b--\n"
    assert [part.name for part in mailed(body, "multipart/mixed; boundary=b").parts] == ["Gebühr€.txt"]


def test_note_references_that_only_their_type_tells() -> None:
    xhtml = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>'
        '<p>It costs EUR 5<a epub:type="noteref" href="#n">1</a> now.</p>'
        '<aside id="n" epub:type="footnote"><p>Net of tax.</p></aside></body></html>'
    )
    assert texts(parse(xhtml.encode(), "a.html")) == ["It costs EUR 5 (note 1) now.", "Note 1: Net of tax."]


def test_notes_are_notes() -> None:
    kinds = [element.kind for element in markdown("A[^1].\n\n[^1]: One.\n").elements]
    assert kinds == [ElementKind.PARAGRAPH, ElementKind.NOTE]
