"""What kind of file these bytes are. The content decides; the name only tells the kinds of text apart."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePath

from ingest.errors import DamagedFile, EmptyFile, EncryptedFile, FileTooLarge, UnsupportedFormat, WrongExtension

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
EPUB = "application/epub+zip"
HTML = "text/html"
MARKDOWN = "text/markdown"
CSV = "text/csv"
EML = "message/rfc822"
TEXT = "text/plain"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
MSG = "application/vnd.ms-outlook"
MBOX = "application/mbox"
RTF = "application/rtf"
ZIP = "application/zip"
ELEMENTS = "application/vnd.unstructured.elements+json"

_FORMATS = (  # media type, as it is spoken of, extensions
    (PDF, "a PDF", ".pdf"),
    (DOCX, "a Word document", ".docx .docm"),
    (ODT, "an OpenDocument text", ".odt"),
    (RTF, "a Rich Text document", ".rtf"),
    (XLSX, "an Excel workbook", ".xlsx .xlsm"),
    (ODS, "an OpenDocument spreadsheet", ".ods"),
    (PPTX, "a PowerPoint presentation", ".pptx .pptm .ppsx .ppsm .potx .potm"),
    (CSV, "a CSV table", ".csv .tsv"),
    (HTML, "an HTML page", ".html .htm .xhtml"),
    (EPUB, "an EPUB book", ".epub"),
    (MARKDOWN, "Markdown", ".md .markdown"),
    (EML, "an e-mail", ".eml"),
    (MSG, "an Outlook message", ".msg"),
    (MBOX, "a mailbox", ".mbox .mbx"),
    (ZIP, "a ZIP archive", ".zip"),
    (TEXT, "plain text", ".txt .text .log"),
    (ELEMENTS, "a list of unstructured's elements", ".json .ndjson .jsonl"),
    (PNG, "a PNG image", ".png"),
    (JPEG, "a JPEG image", ".jpg .jpeg"),
    (TIFF, "a TIFF image", ".tif .tiff"),
)
_BY_EXTENSION = {extension: kind for kind, _, extensions in _FORMATS for extension in extensions.split()}
_SPOKEN = {kind: spoken for kind, spoken, _ in _FORMATS}
SOURCES = {
    f".{extension}": kind
    for kind, extensions in (
        ("text/x-python", "py pyi"),
        ("text/javascript", "js jsx mjs cjs"),
        ("text/x-typescript", "ts mts cts"),
        ("text/x-tsx", "tsx"),
        ("text/x-java", "java"),
        ("text/x-c", "c"),
        ("text/x-c++", "cpp cc cxx h hpp hh hxx"),
        ("text/x-go", "go"),
        ("text/x-rust", "rs"),
        ("application/sql", "sql"),
        ("text/x-csharp", "cs"),
        ("text/x-kotlin", "kt kts"),
        ("text/x-scala", "scala"),
        ("text/x-swift", "swift"),
        ("text/x-ruby", "rb"),
        ("text/x-php", "php"),
        ("text/x-perl", "pl pm"),
        ("text/x-r", "r"),
        ("text/x-lua", "lua"),
        ("text/x-vb", "vb bas vbs"),
        ("text/x-shellscript", "sh bash ps1"),
    )
    for extension in extensions.split()
}  # source files by their names: nothing in the content tells them apart for certain
_SUPPORTED = (
    "What can be read: "
    + ", ".join(extensions.split()[0] for _, _, extensions in _FORMATS)
    + ", and source files such as .py, .java or .sql."
)
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
_OTHER_IMAGES = (
    (re.compile(rb"GIF8"), "a GIF image"),
    (re.compile(rb"BM.{4}\x00{4}", re.S), "a bitmap image (BMP)"),
    (re.compile(rb"RIFF.{4}WEBP", re.S), "a WebP image"),
    (re.compile(rb".{4}ftyp(hei[cfxms]|hev[cmsx]|mif1|msf1|avi[fs])", re.S), "a HEIC or AVIF image"),
    (re.compile(rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000 image"),
    (re.compile(rb"8BPS"), "a Photoshop image"),
    (re.compile(rb"(II\+|MM\x00\+)"), "a BigTIFF image"),
)
_FOREIGN = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database"),
)
_ALSO = {
    (ELEMENTS, TEXT),
    (TEXT, ELEMENTS),
    (TEXT, HTML),
    (TEXT, EML),
    (TEXT, MBOX),
    (EML, MBOX),
    (MBOX, EML),
}  # promised and found
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_START = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_JSON = re.compile(rb"\s*(\[\s*)?\{")
_ELEMENT = (
    re.compile(rb'"type": ?"[A-Z][A-Za-z-]+"'),
    re.compile(rb'"element_id": ?"\w[\w-]{7,}"'),
    re.compile(rb'"metadata": ?\{'),
)
_WORD_MAIN = re.compile(r"word/document\d{0,3}\.xml")  # Word in a browser numbers it
_HEADER = re.compile(
    rb"(From|To|Cc|Subject|Date|Received|Message-ID|MIME-Version|Return-Path|Delivered-To|Reply-To|Content-Type"
    rb"|DKIM-Signature|ARC-Seal|Authentication-Results|X-[\w-]+) ?:",
    re.I,
)
_ONLY_MAIL = {b"message-id", b"mime-version", b"received", b"return-path", b"delivered-to", b"dkim-signature"}
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")
_POSTMARK = re.compile(rb"From \S.* \d{1,2}:\d\d.* \d{4}(?: [-+\w: ]*)?\r?$", re.M)
_MOST_HEADERS = 1 << 20
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_BLANK = b"\x00 \t\r\n\f\v"
_BLOCK = 1 << 20


def is_text(kind: str) -> bool:
    """Whether files of this media type are words through and through."""
    return kind.startswith("text/") or kind in {RTF, EML, "application/sql"}


def media_type(data: bytes, name: str) -> str:
    """The media type of one file.

    Raises `EmptyFile`, `WrongExtension`, `UnsupportedFormat`, `EncryptedFile` (Office with a password) or
    `DamagedFile` (a ZIP container that cannot be read).
    """
    if _is_blank(data):
        raise EmptyFile(f"{name}: there is nothing in this file. Check that it was saved or sent completely.")
    found = _binary_type(data, name) or _text_type(data, name)
    expected = _BY_EXTENSION.get(PurePath(name).suffix.lower(), found)
    if expected != found and (expected, found) not in _ALSO:
        raise WrongExtension(
            f"{name}: the name says {_SPOKEN[expected]}, but the content is {_SPOKEN[found]}. "
            "Rename the file or send the right one."
        )
    return found


def check_zip(
    data: bytes,
    max_unpacked: int = 1 << 30,
    max_ratio: float = 200.0,
    max_members: int = 20_000,
    *,
    nested: bool = False,
) -> None:
    """Refuses zip bombs before anything is unpacked for use.

    Adds up declared sizes first, then really unpacks every member piece by piece, because declared sizes can
    lie. `max_unpacked` is in bytes, `max_ratio` is unpacked over packed size. `nested`: whether archives may be in it.
    Raises `FileTooLarge`,
    `EncryptedFile` or `DamagedFile`.
    """
    limit = min(max_unpacked, max(int(max_ratio * len(data)), 10 * _BLOCK))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > max_members or sum(member.file_size for member in members) > limit:
                raise _bomb(limit)
            if any(member.flag_bits & 1 for member in members):
                raise EncryptedFile("The file is protected by a password. Remove the password and send it again.")
            if not nested and any(
                member.filename.lower().endswith((".zip", ".gz", ".7z", ".rar")) for member in members
            ):
                raise FileTooLarge("The file holds archives inside an archive. Send it without them.")
            _unpack(archive, members, limit)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise _damaged_zip() from error


def _unpack(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], limit: int) -> None:

    unpacked = 0
    try:
        for member in members:
            with archive.open(member) as stream:
                while piece := stream.read(_BLOCK):
                    unpacked += len(piece)
                    if unpacked > limit:
                        raise _bomb(limit)
    except zlib.error as error:
        raise _damaged_zip() from error


def _bomb(limit: int) -> FileTooLarge:
    return FileTooLarge(f"The file unpacks to more than {limit >> 20} MiB. Split it, or take out embedded media.")


def _damaged_zip() -> DamagedFile:
    return DamagedFile("The file is cut off or damaged: its ZIP container cannot be read. Send it again.")


def _is_blank(data: bytes) -> bool:
    zeros = bytes(_BLOCK)
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        if block != zeros and block.strip(_BLANK):
            return False
    return True


def _binary_type(data: bytes, name: str) -> str | None:
    """The type of a binary file, or None for text."""
    if b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data, name)
    if data.startswith(_OLE):
        return _compound_type(data, name)
    if image := _image_type(data, name):
        return image
    if data.lstrip(_BLANK).startswith(b"{\\rt"):
        return RTF
    for signature, kind in _FOREIGN:
        if data.startswith(signature):
            raise _foreign(name, kind, _SUPPORTED)
    if not data.startswith(_UTF16_OR_32) and _looks_binary(data[: 1 << 16]):
        raise _foreign(name, "unknown binary data", _SUPPORTED)
    return None


def _compound_type(data: bytes, name: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise EncryptedFile(f"{name}: protected by a password. Remove the password and send it again.")
    if "__properties_version1.0".encode("utf-16-le") in data:
        return MSG
    raise _foreign(name, "an old Office document (.doc, .xls, .ppt)", "Save it as .docx, .xlsx or .pptx.")


def _image_type(data: bytes, name: str) -> str | None:
    for signature, kind in _IMAGES:
        if data.startswith(signature):
            return kind
    for pattern, spoken in _OTHER_IMAGES:
        if pattern.match(data):
            raise _foreign(name, spoken, "Save it as PNG, JPEG, TIFF or PDF and send that.")
    return None


def _zip_type(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            kind = _stated_type(archive) if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise DamagedFile(f"{name}: cut off or damaged; its ZIP container cannot be read. Send it again.") from error
    if kind.strip() == ODS.encode():
        return ODS
    if any(map(_WORD_MAIN.fullmatch, names)):
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    if "ppt/presentation.xml" in names:
        return PPTX
    if kind in (ODT.encode(), f"{ODT}-template".encode()):
        return ODT
    if "META-INF/container.xml" in names and any(one.endswith(".opf") for one in names):
        return EPUB
    if names & {"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"}:
        raise _foreign(name, "an Office file or a program of a kind", _SUPPORTED)
    if PurePath(name).suffix.lower() in (".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm"):
        raise _foreign(name, "a ZIP archive", "Send the document itself.")
    return ZIP


def _stated_type(archive: zipfile.ZipFile) -> bytes:
    """What an OpenDocument file says that it is, in its member "mimetype"."""
    if archive.getinfo("mimetype").flag_bits & 1:
        return b""
    try:
        with archive.open("mimetype") as stream:
            return stream.read(200).strip()
    except (zlib.error, EOFError):
        return b""


def _foreign(name: str, kind: str, advice: str) -> WrongExtension | UnsupportedFormat:
    promised = _BY_EXTENSION.get(PurePath(name).suffix.lower())
    if promised is not None:
        return WrongExtension(f"{name}: the name says {_SPOKEN[promised]}, but the content is {kind}. {advice}")
    return UnsupportedFormat(f"{name}: this is {kind}, which cannot be read. {advice}")


def _looks_binary(head: bytes) -> bool:
    """True where NUL or other control bytes, which text does not hold, make up more than a stray few."""
    controls = len(head) - len(head.translate(None, bytes([*range(7), *range(14, 27), *range(28, 32), 127])))
    return controls > max(2, len(head) // 100)


def _text_type(data: bytes, name: str) -> str:
    promised = _BY_EXTENSION.get(PurePath(name).suffix.lower())
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if promised in (MARKDOWN, CSV, HTML):
        return promised
    if source := SOURCES.get(PurePath(name).suffix.lower()):
        return source
    if _HTML_START.match(head):
        return HTML
    if _JSON.match(head) and all(pattern.search(data[:_BLOCK]) for pattern in _ELEMENT):
        return ELEMENTS
    if _POSTMARK.match(head) and _is_mail(data[data.index(b"\n") + 1 :] if b"\n" in data else b"", True):
        return MBOX
    return EML if _is_mail(data.removeprefix(b"\xef\xbb\xbf"), promised == EML) else TEXT


def _is_mail(data: bytes, promised: bool) -> bool:
    """Whether the lines before the first empty one are headers, and such as only a mail has unless one is promised."""
    headers = set()
    for line in io.BytesIO(data[:_MOST_HEADERS]):
        if not line.strip():
            break
        if not _FIELD.match(line):
            if not promised:
                return False
            break
        if found := _HEADER.match(line):
            headers.add(found[1].lower())
    return len(headers) >= 2 and (promised or bool(headers & _ONLY_MAIL))
