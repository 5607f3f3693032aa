"""Files to elements: one parser for each format behind `parse`."""

from __future__ import annotations

from ingest.errors import DamagedFile, EmptyFile, IngestError
from ingest.parsers.archive import ZipParser
from ingest.parsers.docx import DocxParser
from ingest.parsers.elements_json import ElementsParser
from ingest.parsers.eml import EmlParser
from ingest.parsers.epub import EpubParser
from ingest.parsers.html import HtmlParser
from ingest.parsers.image import ImageParser
from ingest.parsers.markdown import MarkdownParser
from ingest.parsers.mbox import MboxParser
from ingest.parsers.msg import MsgParser
from ingest.parsers.ods import OdsParser
from ingest.parsers.odt import OdtParser
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pptx import PptxParser
from ingest.parsers.rtf import RtfParser
from ingest.parsers.source import SourceParser
from ingest.parsers.table_csv import CsvParser
from ingest.parsers.text import TextParser
from ingest.parsers.xlsx import XlsxParser
from ingest.protocols import Parser
from ingest.reading.detect import media_type
from ingest.types import ParsedFile

PARSERS: tuple[Parser, ...] = (
    PdfParser(),
    DocxParser(),
    OdtParser(),
    XlsxParser(),
    OdsParser(),
    PptxParser(),
    HtmlParser(),
    EpubParser(),
    MarkdownParser(),
    CsvParser(),
    EmlParser(),
    ImageParser(),
    MsgParser(),
    MboxParser(),
    RtfParser(),
    ZipParser(),
    ElementsParser(),
    SourceParser(),
    TextParser(),
)
_BY_TYPE = {kind: parser for parser in PARSERS for kind in parser.media_types}


def parse(data: bytes, name: str) -> ParsedFile:
    """The elements of one file. Whatever goes wrong is an `IngestError` that says what to do about it."""
    parser = _BY_TYPE[media_type(data, name)]
    try:
        parsed = parser.parse(data, name)
    except IngestError:
        raise
    except Exception as error:
        raise DamagedFile(f"{name}: damaged or unusual ({type(error).__name__}). Save it again and retry.") from error
    if not parsed.parts and not any(element.text for element in parsed.elements):
        raise EmptyFile(f"{name}: no text in this file. Check that it is the right one.")
    return parsed
