"""Errors of files on this machine, whatever they hold.

FootnoteError
├── DiskFull       no room left for the database, the originals, the index or models
├── BlobMissing    a stored original is gone from the blob folder
└── BlobDamaged    a stored original is no longer what was stored
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class DiskFull(FootnoteError):
    code = "disk_full"


class BlobMissing(FootnoteError):
    code = "blob_missing"


class BlobDamaged(FootnoteError):
    code = "blob_damaged"
