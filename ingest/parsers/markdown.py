"""Markdown: markdown-it (CommonMark, tables, footnotes, definitions, tasks) renders it, the HTML parser reads that.

unstructured's own Markdown reader loses list nesting by two spaces and shows HTML comments and front matter.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.parsers.clean import decoded, sensible_title
from ingest.parsers.html import parse_page
from ingest.types import ParsedFile

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_TASK = re.compile(r"^\[([ xX])\](?=\s)")
_SPLIT_CODE = re.compile(r"^[ ]{0,3}\|.*`[^`\n]*[^\\`\n]\|[^`\n]*`.*$", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")
_LABEL = re.compile(r"\d{1,3}|[a-zA-Z]")


class MarkdownParser:
    media_types = frozenset({"text/markdown"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        text, warnings = decoded(data)
        text = re.sub(r"\r\n?", "\n", text).removeprefix("\ufeff")
        title = ""
        if front := _YAML.match(text) or _TOML.match(text):
            named = _TITLE.search(front[1])
            title = sensible_title(named[1]) if named else ""
            text = text[front.end() :]
        page = _renderer().render(_SPLIT_CODE.sub(_held_together, text))
        return parse_page(f"<html><body>{page}</body></html>", name, "text/markdown", title, warnings)


def _renderer() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    markdown: Any = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markdown.use(footnote_plugin).use(deflist_plugin)
    markdown.core.ruler.after("inline", "task_boxes", _boxes)
    markdown.add_render_rule("footnote_caption", _caption)
    return markdown


def _held_together(row: re.Match[str]) -> str:
    """A table row whose code has bars in it: they divide no cells."""
    return _CODE.sub(lambda code: re.sub(r"(?<!\\)\|", r"\\|", code[0]), row[0])


def _boxes(state: Any) -> None:
    """ "[x]" and "[ ]" that open a list item are ticked and empty boxes."""
    before: tuple[str, ...] = ()
    for token in state.tokens:
        if token.type == "inline" and before[-2:] == ("list_item_open", "paragraph_open") and token.children:
            first = token.children[0]
            if first.type == "text":
                first.content = _TASK.sub(lambda found: "☐" if found[1] == " " else "☒", first.content)
        before = (*before[-1:], token.type)


def _caption(renderer: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """The mark of a footnote: its label where that is a number or letter, else its number in the text."""
    label = str(tokens[at].meta.get("label") or "")
    return f"[{label if _LABEL.fullmatch(label) else tokens[at].meta['id'] + 1}]"
