"""Word documents."""

from api.exports.docx.writing import docx

__all__ = ["docx"]
