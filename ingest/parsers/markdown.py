"""Markdown: markdown-it (CommonMark and tables) renders it, the HTML parser reads the result.

unstructured's own Markdown reader loses list nesting by two spaces and shows HTML comments and front matter.
"""

from __future__ import annotations

import re

from ingest.parsers.clean import decode, sensible_title
from ingest.parsers.html import parse_page
from ingest.types import ParsedFile

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


class MarkdownParser:
    media_types = frozenset({"text/markdown"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        from markdown_it import MarkdownIt

        text = decode(data).replace("\r\n", "\n")
        title = ""
        if front := _FRONT_MATTER.match(text):
            named = _TITLE.search(front[1])
            title = sensible_title(named[1]) if named else ""
            text = text[front.end() :]
        page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
        return parse_page(f"<html><body>{page}</body></html>", name, "text/markdown", title)
