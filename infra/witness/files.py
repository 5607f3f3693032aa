"""A file elsewhere as a witness: JSON lines, written at the end only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from infra.files.durable import sync_folder
from infra.witness.checkpoints import Entry, parse
from infra.witness.errors import WitnessUnreachable

_TAIL_BYTES = 1 << 18
NAME = "checkpoints.jsonl"


class FileWitness:
    """A file (`path` has a suffix), or a folder that gets one; the folder has to be there already, so that what is not
    mounted is noticed.

    Works on a file that can only be appended to (chattr +a). A line that a kill has cut off is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)

    def entries(self) -> Sequence[Entry]:
        """All of them, as they lie. Raises `WitnessUnreachable`."""
        return _parsed(self._read(0))

    def newest(self) -> Entry | None:
        """The last one, if there is any."""
        found = _parsed(self._read(_TAIL_BYTES)) or self.entries()
        return found[-1] if found else None

    def keep(self, entries: Sequence[Entry]) -> None:
        """Durable, in this order, behind what is there. Raises `WitnessUnreachable`."""
        if not entries:
            return
        torn = not self._read(1).endswith(b"\n") and self._file.exists() and self._file.stat().st_size > 0
        data = (b"\n" if torn else b"") + b"".join(entry.line() for entry in entries)
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                left = memoryview(data)
                while left:
                    left = left[os.write(descriptor, left) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            sync_folder(self._file.parent)
        except OSError as error:
            raise WitnessUnreachable(f"The witness {self.name} cannot be written: {error}") from error

    @property
    def _file(self) -> Path:
        return self._path if self._path.suffix else self._path / NAME

    def _read(self, last: int) -> bytes:
        """The last bytes of the file; 0: all of it."""
        file = self._file
        try:
            if not file.parent.is_dir():
                raise WitnessUnreachable(f"The witness {self.name} is not there: is it mounted?")
            with file.open("rb") as stream:
                if last:
                    stream.seek(max(0, os.fstat(stream.fileno()).st_size - last))
                return stream.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise WitnessUnreachable(f"The witness {self.name} cannot be read: {error}") from error


def _parsed(data: bytes) -> list[Entry]:
    return [entry for line in data.split(b"\n") if line and (entry := parse(line))]
