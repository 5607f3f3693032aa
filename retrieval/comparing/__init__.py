"""What differs between two texts: sentence by sentence within clauses, row by row within tables. Pure functions."""

from retrieval.comparing.comparing import compare
from retrieval.comparing.types import Change, Comparison, Difference, Kind, Placed, Span, Text, Words

__all__ = ["Change", "Comparison", "Difference", "Kind", "Placed", "Span", "Text", "Words", "compare"]
