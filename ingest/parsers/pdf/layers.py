"""Optional content of a PDF: which layers are switched off in the view that a reader gets.

pdfium's text functions ignore layers, and tell of a marked text no more than its properties' plain values. So the
properties of each switched-off layer get a value of our own, in an incremental update of the file.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

HIDDEN_KEY = b"FootnoteHidden"
_MOST = 100_000  # objects to look through
_HIDDEN_FLAG = 2


def without_layers(data: bytes) -> bytes | None:
    """The file with what is switched off in it marked, or None where nothing is."""
    if b"/OCProperties" not in data and b"/ObjStm" not in data:
        return None
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        root = reader.trailer["/Root"].get_object()
        properties = _get(root, "/OCProperties")
        if properties is None or reader.is_encrypted:
            return None
        off = _switched_off(properties)
        if not off and b"/OCMD" not in data:  # a membership can be off because a group is on
            return None
        return _marked(data, off)
    except (PyPdfError, DependencyError, LookupError, ValueError, TypeError, AttributeError, RecursionError, OSError):
        return None  # what pypdf stumbles over, pdfium may still read


def _get(holder: Any, key: str) -> Any:
    value = holder.get(key) if hasattr(holder, "get") else None
    return value.get_object() if value is not None else None


def _number(reference: Any) -> int:
    return getattr(reference, "idnum", 0)


def _switched_off(properties: Any) -> set[int]:
    """Object numbers of the groups that are off by default, or off when viewed."""
    groups = list(_get(properties, "/OCGs") or ())
    config = _get(properties, "/D") or {}
    base_off = str(_get(config, "/BaseState")) == "/OFF"
    off = {_number(group) for group in groups} if base_off else set()
    off -= {_number(group) for group in _get(config, "/ON") or ()}
    off |= {_number(group) for group in _get(config, "/OFF") or ()}
    for rule in _get(config, "/AS") or ():
        rule = rule.get_object()
        if str(_get(rule, "/Event")) != "/View":
            continue
        for group in _get(rule, "/OCGs") or ():
            state = str(_get(_get(_get(group.get_object(), "/Usage") or {}, "/View") or {}, "/ViewState"))
            if state == "/OFF":
                off.add(_number(group))
            elif state == "/ON":
                off.discard(_number(group))
    return off - {0}


def _marked(data: bytes, off: set[int]) -> bytes | None:
    import pypdf
    from pypdf.generic import NameObject, NumberObject

    writer = pypdf.PdfWriter(io.BytesIO(data), incremental=True)
    marked = False
    for item in _objects(writer):
        kind = str(item.get("/Type", ""))
        if kind in ("/OCG", "/OCMD"):
            if _off(item.indirect_reference, off):
                item[NameObject("/" + HIDDEN_KEY.decode())] = NumberObject(1)
                marked = True
        elif "/OC" in item and _off(item.raw_get("/OC"), off):
            if str(item.get("/Subtype")) == "/Form":
                item.set_data(b"")
            else:
                item[NameObject("/F")] = NumberObject(int(item.get("/F", 0)) | _HIDDEN_FLAG)
            marked = True
    if not marked:
        return None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _objects(writer: Any) -> Iterator[Any]:
    """Dictionaries that can carry a layer: properties, forms and annotations."""
    for index in range(min(len(writer._objects), _MOST)):
        item = writer._objects[index]
        item = item.get_object() if item is not None else None
        if hasattr(item, "raw_get"):
            yield item


def _off(reference: Any, off: set[int], depth: int = 0) -> bool:
    """Whether a group, or a membership of several, is invisible."""
    item = reference.get_object()
    if str(item.get("/Type", "")) != "/OCMD":
        return _number(reference) in off
    rule = _get(item, "/VE")
    if rule:
        return not _holds(rule, off, depth)
    groups = _get(item, "/OCGs")
    if groups is None:
        return False
    held = [item.raw_get("/OCGs")] if hasattr(groups, "get") else list(groups)
    states = [_number(group) not in off for group in held]
    policy = str(_get(item, "/P") or "/AnyOn")
    shown = {
        "/AllOn": all(states),
        "/AnyOff": not all(states),
        "/AllOff": not any(states),
    }.get(policy, any(states))
    return bool(states) and not shown


def _holds(rule: Any, off: set[int], depth: int) -> bool:
    """A visibility expression: [/And ...], [/Or ...], [/Not x] over groups."""
    if depth > 8:
        return True
    operator = str(rule[0])
    values = []
    for part in rule[1:]:
        whole = part.get_object()
        values.append(_holds(whole, off, depth + 1) if isinstance(whole, list) else _number(part) not in off)
    if operator == "/Not":
        return not any(values)
    return all(values) if operator == "/And" else any(values)
