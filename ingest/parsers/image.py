"""Pictures of pages: PNG, JPEG, and TIFF with one page or many, read as the pages of a scan are."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

from ingest.errors import DamagedFile, FileTooLarge
from ingest.parsers.clean import stem
from ingest.parsers.ocr.page import Scan, recogniser
from ingest.parsers.ocr.warned import nothing_read, placed
from ingest.parsers.pdf.assembly import elements_of
from ingest.parsers.pdf.furniture import without_furniture
from ingest.parsers.pdf.lines import lines_of
from ingest.parsers.pdf.notes import with_notes
from ingest.reading.detect import JPEG, PNG, TIFF, media_type
from ingest.types import ParsedFile

_LARGEST = 80_000_000  # pixels of a picture
_READ = 16_000_000  # pixels at which a picture is read at most
_SMALL = 1000  # pixels of the longer side below which a picture is drawn twice as large
_LONGEST = 1200.0  # points of a page's longer side: a picture that says it is larger does not know its size
_USUAL = 792.0  # points, of US Letter


class ImageParser:
    """`max_pages` bounds the work that one file can ask for."""

    media_types = frozenset({PNG, JPEG, TIFF})

    def __init__(self, max_pages: int = 5000) -> None:
        self._max_pages = max_pages

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, `FileTooLarge`, or `EmptyFile` where no word was recognised."""
        scans = [self._scan(picture, number, name) for number, picture in enumerate(frames(data, name), start=1)]
        found = tuple(scan.warning for scan in scans if scan.warning)
        if not any(scan.words for scan in scans):
            raise nothing_read(name, found)
        pages = [lines_of(scan.words, scan.info.number, scan.frame.height) for scan in scans]
        elements, printed = elements_of(with_notes(without_furniture(pages)), [[] for _ in pages], {})
        return ParsedFile(
            printed or stem(name),
            media_type(data, name),
            placed(elements, {scan.info.number: scan.frame for scan in scans if scan.words}),
            page_count=len(scans),
            warnings=found,
            pages=tuple(scan.info for scan in scans),
        )

    def _scan(self, picture: Any, number: int, name: str) -> Scan:
        if number > self._max_pages:
            raise FileTooLarge(f"{name}: more than {self._max_pages} pages. Split it.")
        width, height = points(picture)
        return recogniser().read(_grey(picture), width, height, number)


def frames(data: bytes, name: str) -> Iterator[Any]:
    """Each picture of the file, the right way up by what the camera noted."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF")) as file:
                for number in range(getattr(file, "n_frames", 1) if file.format == "TIFF" else 1):
                    file.seek(number)
                    if file.width * file.height > _LARGEST:
                        raise FileTooLarge(
                            f"{name}: a picture of {file.width} x {file.height} dots is too large. "
                            "Save it with 300 dots an inch."
                        )
                    dots = file.info.get("dpi")
                    picture = ImageOps.exif_transpose(file)
                    picture.info["dpi"] = dots
                    yield picture
        except Image.DecompressionBombError as error:
            raise FileTooLarge(f"{name}: the picture is too large. Save it with 300 dots an inch.") from error
        except (UnidentifiedImageError, EOFError, OSError, SyntaxError, ValueError, KeyError, TypeError) as error:
            raise DamagedFile(f"{name}: damaged or cut off; the picture cannot be read. Send it again.") from error


def points(picture: Any) -> tuple[float, float]:
    """The size of the page in points, by the resolution that the file states if that can be true."""
    dots = picture.info.get("dpi") or (0, 0)
    longer = max(picture.size)
    across, down = (float(dot) if dot else 0.0 for dot in dots[:2])
    if min(across, down) > 1 and max(72 * picture.width / across, 72 * picture.height / down) <= _LONGEST:
        return 72 * picture.width / across, 72 * picture.height / down
    return _USUAL * picture.width / longer, _USUAL * picture.height / longer


def _grey(picture: Any) -> Any:
    """(height, width) uint8, on white where the picture is transparent, in a size that can be read."""
    import numpy as np
    from PIL import Image

    if picture.mode.startswith("I"):
        deep = np.asarray(picture).astype(np.float64)
        picture = Image.fromarray((deep / max(1.0, float(deep.max())) * 255).astype(np.uint8))
    elif picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        picture = Image.new("RGBA", clear.size, "white")
        picture.alpha_composite(clear)
    picture = picture.convert("L")
    scale = (_READ / (picture.width * picture.height)) ** 0.5
    if scale < 1:
        picture = picture.resize(tuple(max(1, int(scale * side)) for side in picture.size), Image.Resampling.BOX)
    elif max(picture.size) < _SMALL:
        picture = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.BICUBIC)
    return np.array(picture)
