"""Office files with the same bytes for the same content, and the characters that XML has no place for."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

_EPOCH = (1980, 1, 1, 0, 0, 0)  # where the clock of a ZIP begins
_FIRST = "[Content_Types].xml"  # by which some readers tell what kind of file it is
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


def xml_text(text: str) -> str:
    """With U+FFFD for each character that XML 1.0 does not allow (section 2.2): controls and halves of pairs."""
    return _NOT_XML.sub(REPLACEMENT, text)


def settled(data: bytes, change: Callable[[str, bytes], bytes] = lambda name, content: content) -> bytes:
    """The ZIP with its entries sorted and without their times; `change` may replace the content of one by its name."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in sorted(old.namelist(), key=lambda name: (name != _FIRST, name)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, change(name, old.read(name)))
    return made.getvalue()
