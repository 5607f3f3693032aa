"""PDF."""

from api.exports.pdf.writing import pdf

__all__ = ["pdf"]
