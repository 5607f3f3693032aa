"""The pictures of a slide that hold words, recognised as scans are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.errors import IngestError
from ingest.parsers.image import ImageParser
from ingest.parsers.ocr.look import seems_written
from ingest.parsers.pptx import drawn
from ingest.parsers.pptx.package import Package
from ingest.types import Element, ElementKind, FileWarning, PageSource, WarningKind

_LITTLE = 40  # characters beside a picture that says the rest
_LARGE = 0.1  # of the slide that a picture takes up which may hold words
_MOST = 8  # pictures of a slide that are read
Warned = tuple[WarningKind, str]  # what follows "Slide 3" in a warning


@dataclass(frozen=True, slots=True)
class PicturesRead:
    """`source`: where the slide's words come from if it has none of its own."""

    elements: tuple[Element, ...] = ()
    warnings: tuple[Warned, ...] = ()
    source: PageSource = PageSource.BLANK
    confidence: float | None = None


def recognised(
    package: Package, slide: str, number: int, found: Sequence[Element], pictures: Sequence[tuple[Any, float]]
) -> PicturesRead:
    """`found`: the slide's own words; `pictures`: what holds an a:blip, and how much of the slide it takes up."""
    large = [one for one, share in pictures if share >= _LARGE][:_MOST]
    said = sum(len(one.text) for one in found if one.kind != ElementKind.HEADING)
    if said >= _LITTLE and large:
        return _beside(package, slide, number, large)
    if not large or sum(share for _, share in pictures) < 2 * _LARGE:
        return PicturesRead(source=PageSource.UNREAD if large else PageSource.BLANK)
    read = [_read(package, slide, number, one) for one in large]
    words = tuple(element for inner, _ in read for element in inner)
    sure = [confidence for _, confidence in read if confidence is not None]
    mean = sum(sure) / len(sure) if sure else None
    if all(inner for inner, _ in read):
        return PicturesRead(words, (), PageSource.OCR, mean)
    if words or found:
        told = "shows a large picture, in which no words could be read; look at it if it matters."
        return PicturesRead(words, ((WarningKind.UNREAD_PART, told),), PageSource.OCR, mean)
    told = "is a picture, of which no word could be read; look at it yourself."
    return PicturesRead((), ((WarningKind.UNREAD_PAGE, told),), PageSource.UNREAD)


def _beside(package: Package, slide: str, number: int, large: Sequence[Any]) -> PicturesRead:
    """Of a slide that has words of its own: those of its pictures that seem to hold more of them."""
    written = [one for one in large if seems_written(_data(package, slide, one))]
    read = [_read(package, slide, number, one) for one in written]
    sure = [confidence for _, confidence in read if confidence is not None]
    told = "shows a large picture that seems to hold words, which were not read; look at it if it matters."
    return PicturesRead(
        tuple(element for inner, _ in read for element in inner),
        () if all(inner for inner, _ in read) else ((WarningKind.UNREAD_PART, told),),
        PageSource.TEXT,
        sum(sure) / len(sure) if sure else None,
    )


def _data(package: Package, slide: str, holder: Any) -> bytes:
    blip = holder.find("{*}blip")
    return b"" if blip is None else package.data(drawn.related(package, slide, blip, "embed"))


def _read(package: Package, slide: str, number: int, holder: Any) -> tuple[tuple[Element, ...], float | None]:
    """Words of a picture and how sure they are; none of one that is cropped, as what is cut off would be read."""
    cut = holder.find("{*}srcRect")
    blip = holder.find("{*}blip")
    if blip is None or (cut is not None and any(value not in ("0", "0%") for value in cut.attrib.values())):
        return (), None
    data = _data(package, slide, holder)
    try:
        parsed = ImageParser(max_pages=1).parse(data, "picture")
    except IngestError:
        return (), None
    return tuple(_on(one, number) for one in parsed.elements), parsed.pages[0].confidence


def _on(element: Element, number: int) -> Element:
    """Without its lines, whose places are those in the picture; with warnings that speak of the slide."""
    return replace(element, lines=(), warnings=tuple(_told(one, number) for one in element.warnings))


def _told(warning: FileWarning, number: int) -> FileWarning:
    words = warning.words.replace("On page 1", f"On slide {number}", 1).replace("the page", "it", 1)
    return replace(warning, words=words, page=number)
