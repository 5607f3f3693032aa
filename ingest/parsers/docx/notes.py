"""Foot- and endnotes with the numbers that Word prints, which are not the ids in the file; and comments."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ingest.parsers.docx.numerals import write
from ingest.parsers.docx.package import Package
from ingest.parsers.docx.xml import W14, W15, W, value, whole

_KINDS = {"footnote": "decimal", "endnote": "lowerRoman"}


class Notes:
    """Counts the references to notes in the order in which they are met."""

    def __init__(self, package: Package) -> None:
        self._notes: dict[tuple[str, str], Any] = {}
        self._settings = package.part("settings")
        for kind in _KINDS:
            root = package.part(f"{kind}s")
            for note in () if root is None else root.iterchildren(f"{W}{kind}"):
                if note.get(f"{W}type", "normal") == "normal":
                    self._notes[kind, note.get(f"{W}id", "")] = note
        self._sections = [s for s in package.body.iter(f"{W}sectPr") if s.getparent().tag != f"{W}sectPrChange"]
        self._section = 0
        self._counts: dict[str, int] = defaultdict(int)
        self._met: set[tuple[str, str]] = set()
        self.by_page = False  # notes are numbered anew on each page, which only Word knows

    def end_section(self) -> None:
        self._section += 1
        for kind in _KINDS:
            if self._setting(kind, "numRestart") in ("eachSect", "eachPage"):
                self._counts[kind] = 0

    def end_page(self) -> None:
        for kind in _KINDS:
            if self._setting(kind, "numRestart") == "eachPage":
                self._counts[kind] = 0

    def has(self, kind: str, note: str) -> bool:
        return (kind, note) in self._notes

    def number(self, kind: str) -> tuple[str, bool]:
        """The printed number of the next note, and whether its format is known."""
        self._counts[kind] += 1
        self.by_page = self.by_page or self._setting(kind, "numRestart") == "eachPage"
        start = whole(self._setting(kind, "numStart"), 1)
        label, known = write(start + self._counts[kind] - 1, self._setting(kind, "numFmt") or _KINDS[kind])
        return label.strip(), known

    def take(self, kind: str, note: str) -> Any | None:
        """The note's element the first time that it is asked for, then None."""
        if (kind, note) in self._met:
            return None
        self._met.add((kind, note))
        return self._notes.get((kind, note))

    def _setting(self, kind: str, name: str) -> str | None:
        section = self._sections[self._section] if self._section < len(self._sections) else None
        for root in (section, self._settings):
            own = None if root is None else value(root.find(f"{W}{kind}Pr"), name)
            if own is not None:
                return own
        return None


@dataclass(frozen=True, slots=True)
class Comment:
    author: str
    date: str
    node: Any
    reply: bool


class Comments:
    def __init__(self, package: Package) -> None:
        root, more = package.part("comments"), package.part("commentsExtended")
        threads = {} if more is None else {
            line.get(f"{W15}paraId"): line.get(f"{W15}paraIdParent") for line in more.iter(f"{W15}commentEx")
        }  # fmt: skip
        self._found: dict[str, Comment] = {}
        self._replies: dict[str, list[str]] = defaultdict(list)
        owners: dict[str, str] = {}
        above: dict[str, str] = {}
        for node in () if root is None else root.iterchildren(f"{W}comment"):
            ids = [paragraph.get(f"{W14}paraId") for paragraph in node.iter(f"{W}p")]
            parent = next((threads[one] for one in reversed(ids) if threads.get(one)), None)
            name = node.get(f"{W}id", "")
            owners |= dict.fromkeys((one for one in ids if one), name)
            if parent:
                above[name] = parent
            self._found[name] = Comment(node.get(f"{W}author", ""), node.get(f"{W}date", ""), node, bool(parent))
        for name, parent in above.items():
            self._replies[owners.get(parent, "")].append(name)

    def take(self, name: str) -> list[Comment]:
        """The comment and its replies, each only once."""
        found = [self._found.pop(name)] if name in self._found else []
        return found + [self._found.pop(reply) for reply in self._replies.get(name, ()) if reply in self._found]
