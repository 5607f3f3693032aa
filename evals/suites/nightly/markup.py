"""HTML and SVG as text that is well formed: what is no `Markup` is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_HARMLESS = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}"
)


class Markup(str):
    """Text that is HTML already."""


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """`class_` is the attribute class, `stroke_width` stroke-width; one that is None is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = joined(children)
    return Markup(f"<{name}{told}>{inner}</{name}>")


def joined(children: Iterable[object]) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else _text(child) for child in children))


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """The first cell of each row heads it."""
    top = tag("tr", *(tag("th", name, scope="col") for name in head))
    body = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    return tag("table", tag("caption", caption), tag("thead", top), tag("tbody", *body))


def listed(items: Iterable[object]) -> Markup:
    return tag("ul", *(tag("li", item) for item in items))


def _text(value: object) -> str:
    return escape(str(value).translate(_HARMLESS))
