"""OpenDocument packages (OASIS ODF 1.3 part 2): text and spreadsheets."""

from __future__ import annotations

from ingest.errors import EncryptedFile
from ingest.parsers.packages.container import Container


def opened(data: bytes, name: str, kind: str, *, huge: bool = False) -> Container:
    """`kind`: what the file is called where it is damaged.

    Raises `EncryptedFile`, which is protected by a password, and what `check_zip` raises.
    """
    damaged = f"{name}: damaged; not a readable {kind}. Save it again in LibreOffice."
    container = Container(data, damaged, huge=huge)
    if b"encryption-data" in container.data("META-INF/manifest.xml"):
        raise EncryptedFile(f"{name}: protected by a password. Remove the password and send it again.")
    return container


def title(container: Container) -> str:
    """The title in the file's properties, "" without."""
    meta = container.xml("meta.xml")
    return "" if meta is None else next((one.text or "" for one in meta.iter("{*}title")), "")
