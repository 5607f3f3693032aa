"""Comments on slides: those of old, and those in threads that came in 2021."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.parsers import asides
from ingest.parsers.clean import clean
from ingest.parsers.packages.container import local
from ingest.parsers.pptx.package import Package
from ingest.types import Element


class Comments:
    def __init__(self, package: Package) -> None:
        self._package = package
        self._names: dict[str, str] = {}
        for kind in ("commentAuthors", "authors"):
            for part in package.parts(package.main, kind):
                root = package.xml(part)
                for author in () if root is None else root:
                    self._names[author.get("id", "")] = clean(author.get("name") or "")

    def of(self, slide: str) -> Iterator[Element]:
        """Those of one slide in the order of the file, each with its replies."""
        for part in self._package.parts(slide, "comments"):
            root = self._package.xml(part)
            for comment in () if root is None else root:
                if local(comment) == "cm":
                    yield from self._comment(comment)

    def _comment(self, comment: Any) -> Iterator[Element]:
        old = comment.findtext("{*}text")
        text = clean(old) if old is not None else _words(comment)
        is_reply = local(comment) == "reply" or comment.find(".//{*}threadingInfo/{*}parentCm") is not None
        author = self._names.get(comment.get("authorId", ""), "")
        date = comment.get("dt") or comment.get("created") or ""
        if text:
            yield asides.comment(text, author, date, reply=is_reply)
        for reply in comment.iterfind("{*}replyLst/{*}reply"):
            yield from self._comment(reply)


def _words(comment: Any) -> str:
    lines = ("".join(part.text or "" for part in line.iter("{*}t")) for line in comment.iterfind("{*}txBody/{*}p"))
    return clean(" ".join(lines))
