"""Pictures inside Office files: whether one of them seems to hold words."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable

from ingest.parsers.ocr.writing import lines_in
from ingest.types import FileWarning, WarningKind

LINES = 3  # of writing from which a picture is worth a warning
_LARGEST = 60_000_000  # dots
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
_LOOK = 1600  # dots of the longer side
_DOTS = (420, 140)  # of a picture of which nothing says how large it is shown
_MOST = 200  # pictures of a file that are looked at
_WIDE, _HIGH, _AREA = 110.0, 36.0, 19_000.0  # points: no logo, no signature


def large(width: float, height: float) -> bool:
    """Whether a picture that is shown so large, in points, can hold a table or a passage."""
    return width >= _WIDE and height >= _HIGH and width * height >= _AREA


def unread(pictures: Iterable[bytes]) -> tuple[FileWarning, ...]:
    """What is to be said of a page's pictures, which stand in it at a size that nobody knows."""
    count = sum(seems_written(data, _DOTS) for data, _ in zip(pictures, range(_MOST), strict=False))
    if not count:
        return ()
    what = "A picture in this file seems" if count == 1 else f"{count} pictures in this file seem"
    said = f"{what} to hold words, which were not read. Open the original to see them."
    return (FileWarning(WarningKind.UNREAD_PART, said),)


def seems_written(data: bytes, least: tuple[int, int] = (0, 0)) -> bool:
    """Whether lines of writing are in a picture; False for what is none, cannot be opened, or has fewer dots across or
    down than `least`."""
    import numpy as np
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                small = picture.width < least[0] or picture.height < least[1]
                if small or picture.width * picture.height > _LARGEST:
                    return False
                picture.draft("L", (_LOOK, _LOOK))
                clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
                if clear:
                    ground = Image.new("RGBA", picture.size, "white")
                    ground.alpha_composite(picture.convert("RGBA"))
                return lines_in(np.array((ground if clear else picture).convert("L"))) >= LINES
        except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, KeyError, TypeError):
            return False
