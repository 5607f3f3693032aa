"""HTML, Markdown, EPUB and plain text: every word that a reader sees, in order, and none that they do not."""

import io
import time
import zipfile

import pytest

from ingest.errors import EncryptedFile
from ingest.parsers import parse
from ingest.parsers.clean import decoded
from ingest.types import ParsedFile, WarningKind


def page(body: str, head: str = "") -> ParsedFile:
    return parse(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), "a.html")


def texts(parsed: ParsedFile) -> list[str]:
    return [element.text for element in parsed.elements]


def kinds(parsed: ParsedFile) -> list[tuple[str, str]]:
    return [(element.kind.value, element.text) for element in parsed.elements]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<figure><table><tr><th>A<th>B<tr><td>1<td>2</table><figcaption>Cap</figcaption></figure>", ["A | B\n1 | 2", "Cap"]),
        ("<table><caption>Rates</caption><tr><th>A<th>B<tr><td>1<td>2</table>", ["Rates", "A | B\n1 | 2"]),
        ("<details><summary>Why?</summary>Because.</details>", ["Why?", "Because."]),
        ("<form><fieldset><legend>Who</legend><label>Name:</label> Ann</fieldset></form>", ["Who", "Name: Ann"]),
        ("<main><p>In</p></main><aside>Out</aside><p>7</p>", ["In", "Out", "7"]),
        ("<p>Fee <input value='EUR 5'> <input type=hidden value=x><button>Send</button></p>", ["Fee EUR 5"]),
        ("<input type=checkbox checked> Yes <input type=checkbox> No", ["☒ Yes ☐ No"]),
        ("<p>Term: <select><option>one<option selected>two</select></p>", ["Term: two"]),
        ("<button aria-expanded=false>When is it due?</button><div>Now.</div>", ["When is it due?", "Now."]),
        ("<p>one<br>two<br><br>three</p>", ["one two", "three"]),
        ("<p>He said <q>no</q>.</p>", ["He said “no”."]),
        ("<svg><text>Fee: 7</text></svg>", ["Fee: 7"]),
        ("<math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>2</mn></mrow></mfrac></math>", ["a/(b + 2)"]),
        ("<iframe srcdoc='<p>Inner</p>'></iframe>", ["Inner"]),
        ("<p>x<span aria-hidden=true>y</span></p>", ["xy"]),
        ("<noscript><p>Only this.</p></noscript>", ["Only this."]),
        ("<template>t</template><dialog>d</dialog><p>p</p>", ["p"]),
        ("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", ["a", "b", "c", "d"]),
        ("<table><tr><td>Supplier:<td>Kestrel</table>", ["Supplier: Kestrel"]),
        ("<table><tfoot><tr><td>Sum<td>3</tfoot><tr><th>A<th>B<tr><td>x<td>3</table>", ["A | B\nx | 3\nSum | 3"]),
        ("<table><tr><td><h2>T</h2><p>words</p></td><td>side</td></tr><tr><td>x<td>y</table>", ["T", "words", "side", "x", "y"]),
        ("<pre>Fee: 1\nFine: 2</pre>", ["Fee: 1", "Fine: 2"]),
    ],
)  # fmt: skip
def test_nothing_that_is_seen_is_lost(body: str, expected: list[str]) -> None:
    assert texts(page(body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<ol start=4><li>a<li>b<ol type=a><li>c<li>d</ol><li>e</ol>", ["4. a", "5. b", "5.a. c", "5.b. d", "6. e"]),
        ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
        ("<ol type=I><li value=4>a<li>b</ol>", ["IV. a", "V. b"]),
        ("<ol style='list-style-type:upper-alpha'><li>a</ol>", ["A. a"]),
        ("<ol style='list-style:none'><li>1) a</ol>", ["1) a"]),
        ("<ol class=n><li>a</ol>", ["i. a"]),
        ("<ol><li><p>a</p><p>more</p><li>b</ol>", ["1. a", "more", "2. b"]),
        ("<ul><li>a<ol><li>b</ol></ul>", ["a", "1. b"]),
        ("<ol start=27 type=a><li>x</ol>", ["aa. x"]),
        ("<p style='mso-list:l0 level1'><span style='mso-list:Ignore'>3.<span>&nbsp; </span></span>Word</p>", ["3. Word"]),
    ],
)  # fmt: skip
def test_printed_numbers(body: str, expected: list[str]) -> None:
    assert texts(page(body, "<style>ol.n { list-style-type: lower-roman }</style>")) == expected


@pytest.mark.parametrize("tag", ["<s>EUR 4</s>", "<strike>EUR 4</strike>", "<del>EUR 4</del>", "<i class=x>EUR 4</i>",
                                 "<i id=y>EUR 4</i>", "<u style='text-decoration: line-through'>EUR 4</u>"])  # fmt: skip
def test_struck_out(tag: str) -> None:
    parsed = page(f"<p>The fee is {tag} EUR 6.</p>", "<style>.x, #y {text-decoration:line-through}</style>")
    assert kinds(parsed) == [("paragraph", "The fee is EUR 6."), ("revision", "[struck out: EUR 4]")]
    assert [warning.kind for warning in parsed.elements[0].warnings] == [WarningKind.REDLINE]


def test_a_change_with_its_author() -> None:
    parsed = page("<p>In <del cite='mailto:A. Meyer' datetime='2024-03-01T10:00'>30</del><ins>60</ins> days.</p>")
    assert texts(parsed) == ["In 60 days.", "[deleted by A. Meyer on 2024-03-01: 30]"]
    assert parsed.elements[1].author == "A. Meyer"


@pytest.mark.parametrize("attributes", ["class=old", "id=sr", "style='display:none'", "hidden", "class=sr-only",
                                        "style='visibility: hidden'", "style='font-size:0'"])  # fmt: skip
def test_hidden(attributes: str) -> None:
    style = "<style>.box .old{display:none} #sr{position:absolute;left:-9999px} @media print {p{display:none}}</style>"
    parsed = page(f"<div class=box><p {attributes}>The fee is EUR 9.</p><p>It is EUR 4.</p></div>", style)
    assert texts(parsed) == ["It is EUR 4."]
    assert not any("EUR 9" in warning.words for warning in parsed.warnings)


def test_a_class_shown_by_a_stronger_rule_is_seen() -> None:
    assert texts(page("<p class='a b'>x</p>", "<style>.a{display:none} .a.b{display:block}</style>")) == ["x"]


def test_notes_follow_the_sentence_that_refers_to_them() -> None:
    linked = page(
        "<h2>Fees</h2><p>The fee is EUR 1,500<sup><a href=#fn2 id=r2>2</a></sup> a day.</p><p>Next.</p><h2>Notes</h2>"
        "<p id=fn2><sup><a href=#r2>2</a></sup> Net of <b>tax</b>. <a href=#r2>↩</a></p>"
    )
    assert kinds(linked)[1:4] == [
        ("paragraph", "The fee is EUR 1,500 (note 2) a day."),
        ("note", "Note 2: Net of tax."),
        ("paragraph", "Next."),
    ]
    loose = page("<p>The fee is 100<sup>2</sup> euros, 10<sup>6</sup> units.</p><p>Next.</p><p><sup>2</sup> Net.</p>")
    assert texts(loose) == ["The fee is 100 (note 2) euros, 10^6 units.", "Note 2: Net.", "Next."]
    word = page(
        "<p>Due<a href=#_ftn1 name=_ftnref1><span class=MsoFootnoteReference>[1]</span></a> now.</p><div><div id=ftn1>"
        "<p><a href=#_ftnref1 name=_ftn1>[1]</a> Or later.</p></div></div>"
    )
    assert texts(word) == ["Due (note 1) now.", "Note 1: Or later."]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("<meta charset=iso-8859-1><p>€5 – x".encode("cp1252"), "€5 – x"),
        ("<meta charset=iso-8859-1><p>€5 – x".encode(), "€5 – x"),
        ("<meta charset=utf-16><p>€5".encode(), "€5"),
        ("\ufeff<p>€5".encode("utf-16"), "€5"),
    ],
)
def test_encodings_mean_what_browsers_take_them_for(data: bytes, expected: str) -> None:
    assert texts(parse(b"<html><body>" * (data[0] < 128) + data, "a.html")) == [expected]


def test_xhtml_with_empty_elements() -> None:
    source = "<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head>"
    assert texts(parse(f"{source}<body><p>a&nbsp;b<a id='x'/></p><p>c</p></body></html>".encode(), "a.xhtml")) == [
        "a b",
        "c",
    ]


def test_markdown_notes_tasks_definitions_and_front_matter() -> None:
    source = (
        "+++\ntitle = 'Rules of Kale'\n+++\n\n3. Burn.[^1]\n   1. Slowly.\n4. Shred ~~now~~ later.^[Inline.]\n\n"
        "Term\n: Meaning\n\n- [x] Done\n- [ ] Open\n\n| a | b |\n|---|---|\n| `x | y` | EUR 5 |\n\n[^1]: https://x.example\n"
    )
    parsed = parse(source.encode(), "a.md")
    assert texts(parsed) == [
        "3. Burn. (note 1)",
        "Note 1: https://x.example",
        "3.1. Slowly.",
        "4. Shred later. (note 2)",
        "[struck out: now]",
        "Note 2: Inline.",
        "Term",
        "Meaning",
        "☒ Done",
        "☐ Open",
        "a | b\nx ¦ y | EUR 5",
    ]
    assert parsed.title == "Rules of Kale"


def test_a_wrong_byte_in_utf8() -> None:
    text, warnings = decoded("Zürich € 9 – x".encode() + b" \xff.")
    assert text == "Zürich € 9 – x ÿ."
    assert [warning.kind for warning in warnings] == [WarningKind.ENCODING]
    assert decoded("caf\xe9 na\xefve".encode("latin-1")) == ("café naïve", ())
    assert decoded("Ab cd ef".encode("utf-16-le")) == ("Ab cd ef", ())
    russian = "Договор вступает в силу с момента подписания сторонами. Арендатор платит ежемесячно. " * 5
    assert decoded(russian.encode("cp1251"))[0] == russian


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Name       Fee\nAnn        30\nBob Ray    45\n", ["Name | Fee\nAnn | 30\nBob Ray | 45"]),
        ("Name\tFee\nAnn\t30\n", ["Name | Fee\nAnn | 30"]),
        ("| A | B |\n|---|---|\n| 1 | 2 |\n", ["A | B\n1 | 2"]),
        ("Audit: Ann, 3\nTax: Bob, 4\n", ["Audit: Ann, 3", "Tax: Bob, 4"]),
        ("The rate must be\n> 5 percent of it.\n", ["The rate must be > 5 percent of it."]),
        ("Done.\n\n> The rate must be\n> 5 percent.\n>> Older\n>> words.\nMine again.\n",
         ["Done.", "The rate must be 5 percent.", "Older words.", "Mine again."]),
        ("We give no-\ntice to a third-\nparty.\n", ["We give notice to a third-party."]),
        ("(a)  first thing to do;\n(b)  second thing.\n", ["(a) first thing to do;", "(b) second thing."]),
        ("We pay.  He  pays\nthem  all  soon  and\nwell  again  here.\n", ["We pay. He pays them all soon and well again here."]),
    ],
)  # fmt: skip
def test_plain_text(source: str, expected: list[str]) -> None:
    assert texts(parse(source.encode(), "a.txt")) == expected


def book(files: dict[str, str], extra: dict[str, str] | None = None) -> bytes:
    items = "".join(
        f"<item id='i{at}' href='{name}' media-type='application/xhtml+xml'/>" for at, name in enumerate(files)
    )
    spine = "".join(f"<itemref idref='i{at}'/>" for at in range(len(files)))
    package = (
        "<package xmlns='http://www.idpf.org/2007/opf'><metadata xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        f"<dc:title>The Book</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = "<container><rootfiles><rootfile full-path='O/p.opf'/></rootfiles></container>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("O/p.opf", package)
        for name, body in files.items():
            if body:
                archive.writestr(
                    f"O/{name}",
                    f"<html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body>{body}</body></html>",
                )
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_book() -> None:
    files = {
        "b.xhtml": "<h1>One</h1><p>Fee<sup><a href='n.xhtml#x'>1</a></sup> due.</p>",
        "a.xhtml": "<h1>Two</h1><p>Last.</p>",
        "n.xhtml": "<p id='x'>1. Net.</p>",
        "gone.xhtml": "",
    }
    parsed = parse(book(files), "a.epub")
    assert texts(parsed) == ["One", "Fee (note 1) due.", "Note 1: Net.", "Two", "Last."]
    assert parsed.title == "The Book"
    assert [warning.kind for warning in parsed.warnings] == [WarningKind.UNREAD_PART]
    locked = "<encryption><EncryptedData><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/></EncryptedData></encryption>"
    with pytest.raises(EncryptedFile, match="copy protection"):
        parse(book(files, {"META-INF/encryption.xml": locked}), "a.epub")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.html", "<html><body>" + "<table><tr><td>" * 500 + "x"),
        ("a.html", "<html><body>" + "<ol><li>" * 900 + "x"),
        ("a.html", "<html><body>" + "<p>a<sup><a href=#a>1</a></sup>" * 20_000 + "<p id=a>1. x"),
        ("a.html", "<html><body><table><tr>" + "<td colspan=100 rowspan=9999>x" * 2_000 + "<tr><td>y" * 200 + "</table>"),
        ("a.txt", "a- " * 200_000 + "\n" + "x-\ny " * 50_000),
        ("a.txt", "> a\n" * 100_000),
        ("a.txt", ("a   " * 50 + "\n") * 5_000),
    ],
)  # fmt: skip
def test_hostile_input_is_read_in_linear_time(name: str, source: str) -> None:
    start = time.process_time()
    assert parse(source.encode(), name).elements
    assert time.process_time() - start < 8
