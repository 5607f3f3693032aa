"""Word documents, read from their XML: python-docx passes over text boxes, controls, numbers, notes and changes."""

from ingest.parsers.docx.parser import DocxParser

__all__ = ["DocxParser"]
