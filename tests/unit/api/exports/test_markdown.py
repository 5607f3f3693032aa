"""Markdown, as a reader of Markdown has it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from api.exports.markdown import markdown
from api.exports.types import Memo, Passage, Statement
from tests.unit.api.exports.making import AT, CITED, MEMO, SOURCES, source

READER = MarkdownIt("gfm-like", {"linkify": False}).use(footnote_plugin)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)) | st.sampled_from("\n*_`[]#|~=-.1 &<>:/@$^!"))


def shown(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_each_sentence_has_its_footnotes_and_each_footnote_its_quote() -> None:
    text = markdown(MEMO).decode()
    assert "The rent of Unit 7 is 500 euros.[^1][^2] *\\[Checked by user:ana on 2026-11-30: Agrees" in text
    assert "~~Another source says 900 euros.~~[^4] *\\[Rejected by user:ben" in text
    html = READER.render(text)
    notes = re.findall(r'<li id="fn(\d+)"[^>]*>(.*?)</li>', html, re.DOTALL)
    assert [int(number) for number, _ in notes] == list(range(1, len(CITED) + 1))
    for (_, note), number in zip(notes, CITED, strict=True):
        one = SOURCES[{one.number: at for at, one in enumerate(SOURCES)}[number]]
        assert " ".join(one.quote.split()) in shown(note)
        assert (f'<a href="{one.url}">' in note) == bool(one.url)
    assert "Lease 8 , version 2: No address, no page. (Read from a picture.)" in shown(notes[-1][1])


def test_the_appendix_is_tables() -> None:
    html = READER.render(markdown(MEMO).decode())
    assert html.count("<table>") == 2
    assert f"<code>{'2' * 64}</code>" in html
    assert f"Lease 2<br>leases/2024/unit 2 &lt;a&gt;.pdf<br><code>{SOURCES[1].document_id}</code>" in html
    assert all(f"<code>{one.audit_id}</code>" in html for one in MEMO.passages)
    assert "<em>Nothing was found.</em>" in html


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS)
def test_no_words_become_markup(words: str, quote: str) -> None:
    passage = Passage(words, (Statement(f"a {words} b", (1,)),), "answered", "", "id", AT)
    html = READER.render(
        markdown(Memo("T", "user:ana", AT, (passage,), (replace(source(1, quote), title="T"),))).decode()
    )
    assert " ".join(f"a {words} b".split()) in shown(html)
    (note,) = re.findall(r'<li id="fn1".*?</li>', html, re.DOTALL)
    assert " ".join(quote.split()) in shown(note)
    assert html.count("<h2>") == 3
    assert set(re.findall(r"<(\w+)", note)) <= {"li", "p", "a", "blockquote"}


def test_the_same_value_gives_the_same_bytes() -> None:
    assert markdown(MEMO) == markdown(MEMO)
    half = replace(MEMO, title="\ud800")
    assert markdown(half).decode().startswith("# \ufffd\n")


def test_no_address_is_made_a_link_and_no_control_is_written() -> None:
    """GitHub links what begins with www without being asked."""
    memo = Memo("Www.evil.example", "user:ana", AT, (Passage("www.evil.example\x1b\x07", (), "abstained", "", "i", AT),), ())  # fmt: skip
    text = markdown(memo).decode()
    assert "# Www\\.evil.example" in text
    assert "## www\\.evil.example��" in text


def test_a_quote_keeps_its_blanks() -> None:
    """One who compares it with the source by program finds it: a blank that does not break is none that does."""
    quote = "  500\u00a0euros,  a\tmonth\u00a0\n\u3000rent"
    memo = replace(MEMO, sources=(source(1, quote), *SOURCES[1:]))
    assert "    > 500\u00a0euros,  a\tmonth\u00a0\n    > \u3000rent\n" in markdown(memo).decode()
