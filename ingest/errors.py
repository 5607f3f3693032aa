"""Errors of ingestion.

IngestError
├── UnsupportedFormat    no parser reads this kind of file
├── WrongExtension       the bytes are not what the file name says
├── EncryptedFile        a password is needed
├── DamagedFile          truncated or malformed
├── EmptyFile            no bytes, or no text in it
├── FileTooLarge         over the limit in bytes, pages or unpacked size
├── ParseTimeout         parsing took longer than the limit
└── UnreadableFile       the operating system refuses it

Every message says what is wrong and what to do, for a person who sees nothing else.
"""


class IngestError(Exception):
    """A file that cannot be ingested. `code` is stable and goes into reports and problem+json."""

    code = "ingest_error"


class UnsupportedFormat(IngestError):
    code = "unsupported_format"


class WrongExtension(IngestError):
    code = "wrong_extension"


class EncryptedFile(IngestError):
    code = "encrypted_file"


class DamagedFile(IngestError):
    code = "damaged_file"


class EmptyFile(IngestError):
    code = "empty_file"


class FileTooLarge(IngestError):
    code = "file_too_large"


class ParseTimeout(IngestError):
    code = "parse_timeout"


class UnreadableFile(IngestError):
    code = "unreadable_file"
