"""An invitation in a mail (RFC 5545) in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.parsers.clean import clean
from ingest.types import Element, ElementKind

_NAMES = {
    "METHOD": "Method", "SUMMARY": "Summary", "DTSTART": "Start", "DTEND": "End", "DUE": "Due", "DURATION": "Duration",
    "RRULE": "Repeats", "LOCATION": "Place", "ORGANIZER": "Organizer", "ATTENDEE": "Attendees", "STATUS": "Status",
    "DESCRIPTION": "Description",
}  # fmt: skip
_PROPERTY = re.compile(r'([A-Za-z-]+)((?:;[^:;"]+=(?:"[^"]*"|[^:;"]*))*):(.*)', re.DOTALL)
_CN = re.compile(r';CN=("[^"]*"|[^:;"]*)', re.IGNORECASE)
_ZONE = re.compile(r';TZID=("[^"]*"|[^:;"]*)', re.IGNORECASE)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")


def elements_of(text: str) -> Iterator[Element]:
    """One paragraph for each event or task."""
    lines = re.sub(r"\r\n?", "\n", text).replace("\n ", "").replace("\n\t", "").split("\n")
    method, inside = "", ""
    values: dict[str, list[str]] = {}
    for line in lines:
        found = _PROPERTY.fullmatch(line)
        if found is None:
            continue
        name, parameters, value = found[1].upper(), found[2], found[3]
        if name == "BEGIN" and value.upper() in ("VEVENT", "VTODO", "VJOURNAL"):
            inside, values = value.upper(), {"METHOD": [method]} if method else {}
        elif name == "END" and value.upper() == inside and inside:
            yield Element(ElementKind.PARAGRAPH, _told(values))
            inside = ""
        elif name == "METHOD":
            method = clean(value)
        elif inside and name in _NAMES:
            values.setdefault(name, []).append(_value(name, parameters, value))


def _value(name: str, parameters: str, value: str) -> str:
    if name.startswith("DT") or name == "DUE":
        return _time(parameters, value)
    value = clean(re.sub(r"\\([nN,;\\])", lambda found: " " if found[1] in "nN" else found[1], value))
    if name in ("ORGANIZER", "ATTENDEE"):
        address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
        known = _CN.search(parameters)
        return f"{known[1].strip(chr(34))} <{address}>" if known else address
    return value


def _time(parameters: str, value: str) -> str:
    found = _TIME.fullmatch(value.strip())
    if found is None:
        return clean(value)
    day = f"{found[1]}-{found[2]}-{found[3]}"
    zone = "UTC" if found[6] else (_ZONE.search(parameters) or ("", ""))[1].strip('"')
    return f"{day} {found[4]}:{found[5]} {zone}".strip() if found[4] else day


def _told(values: dict[str, list[str]]) -> str:
    rows = ((name, "; ".join(filter(None, values.get(key, [])))) for key, name in _NAMES.items())
    return "Calendar invitation. " + ". ".join(f"{name}: {words.rstrip('.')}" for name, words in rows if words) + "."
