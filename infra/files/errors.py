"""Errors of files on this machine, whatever they hold.

FootnoteError
├── BlobMissing    a stored original is gone from the blob folder
└── BlobDamaged    a stored original is no longer what was stored
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class BlobMissing(FootnoteError):
    code = "blob_missing"


class BlobDamaged(FootnoteError):
    code = "blob_damaged"
