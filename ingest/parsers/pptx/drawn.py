"""Charts and diagrams of a slide: their words, and the values that a chart was drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.parsers.clean import cells_to_text, clean
from ingest.parsers.packages.container import local
from ingest.parsers.packages.ooxml import is_on, relation
from ingest.parsers.pptx.package import Package, whole
from ingest.parsers.sheets.formats import shown
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_UNSURE = "Values of this chart have a number format that was not understood; compare them with the chart."
_FIELD = ("[CELLRANGE]", "[SERIES NAME]", "[CATEGORY NAME]", "[VALUE]", "[X VALUE]", "[Y VALUE]", "[PERCENTAGE]")


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    keys: tuple[tuple[int, str], ...]
    values: Mapping[int, str]


def chart(package: Package, part: str) -> tuple[list[Element], bool]:
    """Its words, then a table of its values for all series with the same categories; whether it has its values."""
    root = package.xml(part)
    if root is None:
        return [], False
    doubts: list[bool] = []
    since_1904 = any(is_on(mark.get("val", "1")) for mark in root.iterfind("{*}date1904"))
    found = [
        one for series in root.iterfind("{*}chart/{*}plotArea/*/{*}ser") for one in _series(series, since_1904, doubts)
    ]
    words = list(dict.fromkeys(word for word in _words(package, part, root) if word))
    elements = [Element(ElementKind.PARAGRAPH, f"[chart: {'; '.join(words)}]")] if words else []
    warnings = (FileWarning(WarningKind.NUMBER_FORMAT, _UNSURE),) if any(doubts) else ()
    tables: dict[tuple[tuple[int, str], ...], list[_Series]] = {}
    for one in found:
        tables.setdefault(one.keys, []).append(one)
    for keys, held in tables.items():
        rows = [["", *(one.name or f"Series {at}" for at, one in enumerate(held, start=1))]]
        rows += [[key, *(one.values.get(at, "") for one in held)] for at, key in keys]
        elements.append(Element(ElementKind.TABLE, cells_to_text(rows), warnings=warnings))
    return [one for one in elements if one.text], bool(found) and any(one.values for one in found)


def _words(package: Package, part: str, root: Any) -> Iterator[str]:
    """Titles, labels that were typed in, and text boxes on the chart."""
    drawing = root.find("{*}chart")
    title = None if drawing is None else drawing.find("{*}title")
    for found in ([] if title is None else [title]) + list(root.iterfind("{*}chart/{*}plotArea/*/{*}title")):
        cached = found.find("{*}tx/{*}strRef/{*}strCache")
        yield _rich(found) or " ".join(_points(cached)[at] for at in sorted(_points(cached)))
    for label in root.iterfind("{*}chart/{*}plotArea/*/{*}ser/{*}dLbls/{*}dLbl"):
        words = _rich(label)
        yield "" if any(name in words for name in _FIELD) else words
    for path in package.parts(part, "chartUserShapes"):
        shapes = package.xml(path)
        for line in () if shapes is None else shapes.iter("{*}p"):
            yield _line(line)


def _rich(node: Any) -> str:
    return clean(" ".join(_line(line) for line in node.iterfind("{*}tx/{*}rich/{*}p")))


def _line(paragraph: Any) -> str:
    return clean("".join(" " if local(part) == "br" else part.text or "" for part in paragraph.iter("{*}t", "{*}br")))


def _series(node: Any, since_1904: bool, doubts: list[bool]) -> Iterator[_Series]:
    """One series, or two where it has sizes as well."""
    name = " ".join(_values(node.find("{*}tx"), "", since_1904, doubts).values()) or clean(
        node.findtext("{*}tx/{*}v") or ""
    )
    across = _values(_either(node, "cat", "xVal"), "", since_1904, doubts)
    printed = node.find("{*}dLbls/{*}numFmt")
    own = printed is not None and not is_on(printed.get("sourceLinked")) and printed.get("formatCode")
    values = _values(_either(node, "val", "yVal"), own or "", since_1904, doubts)
    keys = tuple((at, across.get(at, str(at + 1))) for at in sorted({*across, *values}))
    yield _Series(name, keys, values)
    if sizes := _values(node.find("{*}bubbleSize"), "", since_1904, doubts):
        yield _Series(f"{name} (size)".strip(), keys, sizes)


def _either(node: Any, *names: str) -> Any | None:
    return next((found for name in names if (found := node.find(f"{{*}}{name}")) is not None), None)


def _values(holder: Any | None, code: str, since_1904: bool, doubts: list[bool]) -> dict[int, str]:
    """What is cached, by its place. `code`: the number format of the printed labels, "" for each value's own."""
    source = None if holder is None or not len(holder) else holder[0]
    if source is None:
        return {}
    many = source.find("{*}multiLvlStrCache")
    if many is not None:
        return _levels([_points(level) for level in many.iterfind("{*}lvl")])
    cache = _either(source, "numCache", "strCache")
    cache = source if cache is None else cache
    if not local(cache).startswith("num"):
        return _points(cache)
    general = cache.findtext("{*}formatCode") or "General"
    found: dict[int, str] = {}
    for point in cache.iterfind("{*}pt"):
        text, sure = _number(point.findtext("{*}v") or "", code or point.get("formatCode") or general, since_1904)
        doubts.append(not sure)
        found[whole(point.get("idx"))] = text
    return found


def _number(text: str, code: str, since_1904: bool) -> tuple[str, bool]:
    try:
        value = float(text)
    except ValueError:
        return clean(text), True
    look = shown(value, code, epoch_1904=since_1904)
    return (clean(text), True) if look.hidden or not look.text.strip() else (clean(look.text), look.sure)


def _points(cache: Any | None) -> dict[int, str]:
    found = () if cache is None else cache.iterfind("{*}pt")
    return {whole(point.get("idx")): clean(point.findtext("{*}v") or "") for point in found}


def _levels(levels: Sequence[Mapping[int, str]]) -> dict[int, str]:
    """Categories in several levels, the innermost first; an outer one goes on until the next of its level."""
    found: dict[int, str] = {}
    last = [""] * len(levels)
    for at in sorted({at for level in levels for at in level}):
        last = [
            level.get(at, before if depth else "")
            for depth, (level, before) in enumerate(zip(levels, last, strict=True))
        ]
        found[at] = clean(" ".join(reversed(last)))
    return found


def new_chart(package: Package, part: str) -> list[Element]:
    """The title of a kind of chart that came after 2013 (waterfall, treemap), whose values are not read."""
    root = package.xml(part)
    words = [] if root is None else [_line(line) for line in root.iterfind("{*}chart/{*}title//{*}p")]
    return [Element(ElementKind.PARAGRAPH, f"[chart: {'; '.join(words)}]")] if any(words) else []


def diagram(package: Package, part: str) -> Iterator[Any]:
    """The text bodies of a diagram's points, each before those under it."""
    root = package.xml(part)
    if root is None:
        return
    points = {one.get("modelId", ""): one for one in root.iterfind("{*}ptLst/{*}pt")}
    under: dict[str, list[tuple[int, str]]] = {}
    for link in root.iterfind("{*}cxnLst/{*}cxn"):
        if link.get("type", "parOf") == "parOf":
            under.setdefault(link.get("srcId", ""), []).append((whole(link.get("srcOrd")), link.get("destId", "")))
    first = [key for key, one in points.items() if one.get("type") == "doc"]
    waiting, seen = [*reversed(points), *reversed(first)], set()
    while waiting:
        key = waiting.pop()
        if key in seen or key not in points:
            continue
        seen.add(key)
        body = points[key].find("{*}t")
        if body is not None and points[key].get("type", "node") in ("node", "asst"):
            yield body
        waiting += [below for _, below in sorted(under.get(key, []), reverse=True)]


def related(package: Package, slide: str, node: Any, name: str) -> str:
    """The part that an attribute of relations names, or ""."""
    return package.relations(slide).get(relation(node, name), ("", ""))[1]
