"""OpenDocument text (LibreOffice), read from its XML: paragraphs, lists with their numbers, tables, notes, changes."""

from ingest.parsers.odt.parser import OdtParser

__all__ = ["OdtParser"]
