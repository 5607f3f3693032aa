"""Errors of backups.

FootnoteError
├── BackupRefused   it cannot be taken or put back here, or not so
└── BackupDamaged   it is not whole, or what was put back is not what was taken
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class BackupRefused(FootnoteError):
    code = "backup_refused"


class BackupDamaged(FootnoteError):
    code = "backup_damaged"
