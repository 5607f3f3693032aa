"""PowerPoint slides (.pptx and its kin)."""

from ingest.parsers.pptx.parser import PptxParser

__all__ = ["PptxParser"]
