"""What a person can get wrong when an adapter is trained or exported."""

from __future__ import annotations

from ingest.errors import FootnoteError


class LoraError(FootnoteError):
    """Says what is wrong and what to do. The commands print it and end with status 2."""

    code = "training_refused"
