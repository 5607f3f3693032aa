"""A question or query as people type and paste it, made clean."""

from __future__ import annotations

import unicodedata

from retrieval.errors import InvalidQuery

MAX_QUERY_CHARS = 4000


def clean_query(query: str) -> str:
    """The query in NFC without control characters and outer blanks; raises `InvalidQuery`."""
    text = unicodedata.normalize("NFC", query)
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in text)
    text = " ".join(text.split())
    if not text:
        raise InvalidQuery("The question is empty: write what you want to know.")
    if len(text) > MAX_QUERY_CHARS:
        raise InvalidQuery(
            f"The question has {len(text):,} characters; the limit is {MAX_QUERY_CHARS:,}. Ask it in fewer words."
        )
    return text
