"""Memos in Markdown (CommonMark, with footnotes as Pandoc and GitHub have them)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from api.exports.archives import xml_text
from api.exports.numbering import numbered_memo
from api.exports.types import Memo, Passage, SignOff, Source, Statement
from api.exports.wording import CHECKED, after, appendix, place, reading, records, signed, struck

# What would mean something; GitHub makes links of what begins with www.
_SIGNS = re.compile(r"[\\`*_{}\[\]<>()#+!|~&$^@]|:(?=//)|^[=-]|(?<=\d)[.]|(?<=www)[.]", re.MULTILINE | re.IGNORECASE)


def markdown(memo: Memo) -> bytes:
    """UTF-8."""
    memo = numbered_memo(memo)
    blocks = [f"# {_line(memo.title)}", _line(reading(memo)), f"*{_line(CHECKED)}*"]
    several = len(memo.passages) > 1
    for number, passage in enumerate(memo.passages, 1):
        blocks += _passage(passage, f"{number}\\. " if several else "")
    blocks += _appendix(memo)
    blocks += [_note(source) for source in memo.sources]
    return ("\n\n".join(blocks) + "\n").encode()


def _passage(passage: Passage, number: str) -> Iterator[str]:
    yield f"## {number}{_line(passage.question)}"
    if passage.statements:
        yield " ".join(map(_statement, passage.statements))
    if passage.note or not passage.statements:
        yield f"*{_line(passage.note or 'There is no answer.')}*"
    if passage.signed:
        yield "The answer as a whole:" + _signatures(passage.signed)


def _statement(one: Statement) -> str:
    said = f"~~{_line(one.text)}~~" if struck(one.signed) else _line(one.text)
    return said + "".join(f"[^{number}]" for number in one.sources) + _signatures(one.signed)


def _signatures(signs: Sequence[SignOff]) -> str:
    return "".join(f" *{_line(f'[{signed(one)}]')}*" for one in signs)


def _appendix(memo: Memo) -> Iterator[str]:
    if memo.sources:
        yield "## Sources"
        rows = (
            (
                ", ".join(map(str, entry.numbers)),
                _document(entry.source),
                str(entry.source.version),
                f"`{entry.source.content_sha256}`",
            )
            for entry in appendix(memo.sources)
        )
        yield _table(("Notes", "Document", "Version", "SHA-256 of the file"), rows)
    yield "## Records of the audit trail"
    yield _table(("Question", "Asked", "Record"), ((_line(asked), at, f"`{id_}`") for asked, at, id_ in records(memo)))


def _document(source: Source) -> str:
    named = (_line(source.title or "Untitled"), _line(source.source), f"`{source.document_id}`")
    return "<br>".join(filter(None, named))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _note(source: Source) -> str:
    """The quote keeps its lines, in a block of its own, and all that stands in them."""
    title = _line(source.title or "Untitled")
    called = f"[{title}](<{_address(source.url)}>)" if source.url else f"*{title}*"
    quoted = (_read(line.strip(" \t")) for line in source.quote.splitlines())
    lines = "\n".join(f"    > {line}".rstrip(" ") for line in quoted)
    beside = f"\n\n    {_line(after(source))}" if after(source) else ""
    return f"[^{source.number}]: {called}, {_line(place(source))}:\n\n{lines}{beside}"


def _line(words: str) -> str:
    """On one line."""
    return _read(" ".join(words.split()))


def _read(words: str) -> str:
    """With every sign as it is read."""
    return _SIGNS.sub(r"\\\g<0>", xml_text(words))


def _address(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E").replace("\n", "%0A")
