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
_KEYED = re.compile(r"#.*|[\w\"'.$@/-][^:\n]*:(?:\s.*)?|-(?:\s.*)?|[\]}].*|\s.*|")  # a line of front matter in YAML
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title\s*[:=]\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_TASK = re.compile(r"^\[([ xX])\](?=\s)")
_SPLIT_CODE = re.compile(r"^[ ]{0,3}\|.*`[^`\n]*[^\\`\n]\|[^`\n]*`.*$", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")
_TILDES = re.compile(r"(?<![\w~])~(?=[^\s~])([^~\n]{0,200}[^\s~])~(?![\w~])")
_LABEL = re.compile(r"\d{1,3}|[a-zA-Z]")


class MarkdownParser:
    media_types = frozenset({"text/markdown"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        text, warnings = decoded(data)
        text = re.sub(r"\r\n?", "\n", text).removeprefix("\ufeff")
        title = ""
        if front := _front(text):
            named = _TITLE.search(front[1])
            title = sensible_title(named[1]) if named else ""
            text = text[front.end() :]
        page = _renderer().render(_SPLIT_CODE.sub(_held_together, text))
        return parse_page(f"<html><body>{page}</body></html>", name, "text/markdown", title, warnings)


def _front(text: str) -> re.Match[str] | None:
    """The front matter; what stands between two rules of a text is none."""
    found = _YAML.match(text)
    if found is None:
        return _TOML.match(text)
    lines = found[1].split("\n")
    keyed = bool(lines[0].strip()) and all(map(_KEYED.fullmatch, lines)) and any(":" in line for line in lines)
    return found if keyed else None


def _renderer() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    markdown: Any = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markdown.use(footnote_plugin).use(deflist_plugin)
    markdown.core.ruler.after("block", "wide_rows", _widened)
    markdown.core.ruler.after("inline", "task_boxes", _boxes)
    markdown.core.ruler.after("inline", "single_tildes", _struck)
    markdown.core.ruler.before("footnote_tail", "loose_notes", _loose)
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


def _widened(state: Any) -> None:
    """Rows with more cells than the header keep them: the bar in one may have parted an amount from its row."""
    from markdown_it.rules_block.table import escapedSplit

    lines = state.src.split("\n")
    done: list[Any] = []
    cells, row = 0, None
    for token in state.tokens:
        if token.type == "tr_open":
            cells, row = 0, token.map
        elif token.type == "td_close":
            cells += 1
        elif token.type == "tr_close" and cells and row:
            line = lines[row[0]].strip(" \t>")
            found = [cell.strip() for cell in escapedSplit(line.removeprefix("|"))]
            for words in (found[:-1] if not found[-1] else found)[cells:]:
                done += _cell(words, row)
        done.append(token)
    state.tokens = done


def _cell(words: str, row: list[int]) -> tuple[Any, ...]:
    from markdown_it.token import Token

    return (
        Token("td_open", "td", 1, block=True),
        Token("inline", "", 0, map=row, content=words, children=[], block=True),
        Token("td_close", "td", -1, block=True),
    )


def _struck(state: Any) -> None:
    """ "~30~" is struck out on GitHub as "~~30~~" is; inside of a word ("H~2~O") it is not."""
    from markdown_it.token import Token

    for block in state.tokens:
        if block.type != "inline" or "~" not in block.content:
            continue
        children: list[Any] = []
        for token in block.children or ():
            at = 0
            for found in _TILDES.finditer(token.content) if token.type == "text" else ():
                children.append(Token("text", "", 0, content=token.content[at : found.start()]))
                children.append(Token("s_open", "s", 1))
                children.append(Token("text", "", 0, content=found[1]))
                children.append(Token("s_close", "s", -1))
                at = found.end()
            token.content = token.content[at:]
            children.append(token)
        block.children = children


def _loose(state: Any) -> None:
    """Notes that nothing refers to stay where they stand, with their labels."""
    from markdown_it.token import Token

    refs = state.env.get("footnotes", {}).get("refs", {})
    done: list[Any] = []
    label, waiting = "", False
    for token in state.tokens:
        if token.type == "footnote_reference_open" and refs.get(f":{token.meta['label']}", -1) < 0:
            label, waiting = token.meta["label"], True
            continue
        if token.type == "footnote_reference_close" and label:
            label, waiting = "", False
            continue
        if waiting and token.type == "inline":
            token.children = [Token("text", "", 0, content=f"Note {label}: "), *(token.children or ())]
            waiting = False
        done.append(token)
    state.tokens = done


def _caption(renderer: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """The mark of a footnote: its label where that is a number or letter, else its number in the text, or the next one
    that no label has."""
    meta = tokens[at].meta
    label = str(meta.get("label") or "")
    if _LABEL.fullmatch(label):
        return f"[{label}]"
    listed = env["footnotes"]["list"]
    if "marks" not in env:
        taken = {str(one.get("label")) for one in listed.values()}
        env["marks"], number = {}, 0
        for key in sorted(listed):
            if _LABEL.fullmatch(str(listed[key].get("label") or "")):
                continue
            number = max(number, key) + 1
            while str(number) in taken:
                number += 1
            env["marks"][key] = number
    return f"[{env['marks'][meta['id']]}]"
