"""EPUB books: the pages of the spine in their order, joined to one page so that notes in other files are found."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any
from urllib.parse import unquote, urldefrag

from ingest.errors import DamagedFile, EncryptedFile
from ingest.parsers import html
from ingest.parsers.clean import clean, decode, sensible_title, stem
from ingest.parsers.ocr.look import unread
from ingest.reading.detect import check_zip
from ingest.types import ElementKind, FileWarning, ParsedFile, WarningKind

_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")  # only scrambled against copying
_PAGES = frozenset(("application/xhtml+xml", "text/html", "application/x-dtbook+xml"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class EpubParser:
    media_types = frozenset({"application/epub+zip"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `EncryptedFile` for a book with copy protection and `DamagedFile` without a list of its pages."""
        from ingest.parsers.html.walk import walked

        check_zip(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = _Book(archive, name)
            tree = book.page()
            elements, warnings = walked(tree)
            elements, heading = html.promote_title(elements)
            first = next((one.text for one in elements if one.kind is ElementKind.HEADING), "")
            title = book.title or heading or first or stem(name)
        return ParsedFile(title, "application/epub+zip", elements, warnings=(*warnings, *book.warnings))


class _Book:
    """One open book. `warnings` is complete after `page`."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._name = name
        self._refuse_protected()
        container = self._xml("META-INF/container.xml")
        path = next((node.get("full-path") or "" for node in _all(container, "rootfile")), "")
        self._package = self._xml(unquote(path))
        self._base = posixpath.dirname(unquote(path))
        self.title = sensible_title(next((node.text for node in _all(self._package, "title")), ""))
        self.warnings: tuple[FileWarning, ...] = ()
        self._pictures: dict[str, None] = {}

    def page(self) -> Any:
        """The book as one tree: each file's ids begin with its number, and links lead there."""
        import lxml.html

        manifest = {node.get("id"): node for node in _all(self._package, "item")}
        spine = [manifest[ref] for node in _all(self._package, "itemref") if (ref := node.get("idref")) in manifest]
        paths = [self._path(self._base, item.get("href") or "") for item in spine]
        numbers = {path: at for at, path in reversed(list(enumerate(paths)))}
        titles = self._titles(manifest)
        whole = lxml.html.document_fromstring("<html><head></head><body></body></html>")
        missing = 0
        for at, (item, path) in enumerate(zip(spine, paths, strict=True)):
            if path not in self._names or (item.get("media-type") or "") not in _PAGES:
                missing += path not in self._names
                continue
            tree = html.tree_of(decode(self._archive.read(path)))
            self._style(whole.find("head"), tree, path)
            self._number(tree, at, path, numbers)
            self._see(tree, path)
            body = tree.find("body")
            if body is None:
                continue
            body.tag = "section"
            self._head(body, titles.get(path, ""))
            whole.find("body").append(body)
        if missing:
            words = f"{missing} part{'s' if missing > 1 else ''} of the book named in its contents are not in the file."
            self.warnings = (FileWarning(WarningKind.UNREAD_PART, words),)
        self.warnings += unread(self._archive.read(path) for path in self._pictures)
        return whole

    def _see(self, tree: Any, path: str) -> None:
        """Notes down a page's pictures, but for the cover."""
        for node in tree.iter("img", "image"):
            link = node.get("src") or next((value for key, value in node.attrib.items() if key.endswith("href")), "")
            picture = self._path(posixpath.dirname(path), link)
            if picture in self._names and "cover" not in f"{path} {picture}".lower():
                self._pictures.setdefault(picture)

    def _refuse_protected(self) -> None:
        protected = "META-INF/rights.xml" in self._names or "META-INF/sinf.xml" in self._names
        if "META-INF/encryption.xml" in self._names:
            methods = [node.get("Algorithm") for node in _all(self._xml("META-INF/encryption.xml"), "EncryptionMethod")]
            protected = any(method not in _FONTS for method in methods)
        if protected:
            raise EncryptedFile(f"{self._name}: a book with copy protection. Send a copy without it.")

    def _xml(self, path: str) -> Any:
        import lxml.etree

        if path not in self._names:
            raise DamagedFile(f"{self._name}: the book has no list of its pages. Save or download it again.")
        parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        tree = lxml.etree.fromstring(self._archive.read(path), parser)
        if tree is None:
            raise DamagedFile(f"{self._name}: the list of the book's pages cannot be read. Download it again.")
        return tree

    def _path(self, base: str, href: str) -> str:
        return posixpath.normpath(posixpath.join(base, unquote(urldefrag(href)[0])))

    def _titles(self, manifest: dict[str, Any]) -> dict[str, str]:
        """Path of a page -> what the book's contents call it (NCX)."""
        titles: dict[str, str] = {}
        for item in manifest.values():
            path = self._path(self._base, item.get("href") or "")
            if item.get("media-type") != "application/x-dtbncx+xml" or path not in self._names:
                continue
            for point in _all(self._xml(path), "navPoint"):
                source = next((node.get("src") or "" for node in _all(point, "content")), "")
                words = clean(" ".join(next((node.itertext() for node in _all(point, "text")), ())))
                titles.setdefault(self._path(posixpath.dirname(path), source), words)
        return titles

    def _style(self, head: Any, tree: Any, path: str) -> None:
        """Takes over a page's own and linked style sheets: they may hide words."""
        for node in tree.iter("style", "link"):
            source = node.text or ""
            linked = self._path(posixpath.dirname(path), node.get("href") or "")
            if node.tag == "link" and "stylesheet" in (node.get("rel") or "") and linked in self._names:
                source = decode(self._archive.read(linked))
                self._names.discard(linked)  # once is enough
            if source.strip():
                style = head.makeelement("style")
                style.text = source.replace("\0", "")
                head.append(style)

    def _number(self, tree: Any, at: int, path: str, numbers: dict[str, int]) -> None:
        for node in tree.iter("*"):
            for attribute in ("id", "name"):
                if node.get(attribute):
                    node.set(attribute, f"f{at}-{node.get(attribute)}")
            href = node.get("href") or ""
            if node.tag == "a" and "#" in href:
                target, fragment = urldefrag(href)
                to = numbers.get(self._path(posixpath.dirname(path), target)) if target else at
                if to is not None:
                    node.set("href", f"#f{to}-{fragment}")

    def _head(self, body: Any, title: str) -> None:
        """A page without headings gets its name in the contents as one, unless it is printed there."""
        if not title or next(body.iter(*_HEADINGS), None) is not None:
            return
        opening = clean("".join(body.itertext())[:2_000]).casefold()
        if opening and title.casefold() not in opening[: 2 * len(title) + 80]:
            heading = body.makeelement("h2")
            heading.text, heading.tail, body.text = title, body.text, None
            body.insert(0, heading)


def _all(tree: Any, tag: str) -> list[Any]:
    """Every element of that name in whatever namespace."""
    return list(tree.iter(f"{{*}}{tag}"))
