"""A file with one JSON object a line that an interrupted run goes on from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from api.terminal import UsageError


def made(path: Path) -> Path:
    """The file, there by now: one that is new is open to its owner only, for what is measured may hold words of
    documents; of another stays who may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    return path


class ResultFile:
    """What was measured so far, in memory and, with a path, on disk as soon as it is known. Raises `UsageError` for a
    file that holds something else, and leaves that as it is."""

    def __init__(self, path: Path | None) -> None:
        self.rows: list[dict[str, Any]] = []
        self._path = path
        if path is None:
            return
        try:
            whole, _, cut_off = made(path).read_text(encoding="utf-8").rpartition("\n")
            self.rows = [json.loads(line) for line in whole.split("\n") if line.strip()]
        except ValueError as error:
            raise UsageError(f"{path} holds no results ({error}): name another file with --out.") from error
        if not all(isinstance(row, dict) for row in self.rows) or (cut_off and not cut_off.startswith("{")):
            raise UsageError(f"{path} holds something else than results: name another file with --out.")
        if cut_off:  # the last run was killed while it wrote this line
            path.write_text(whole + "\n" if whole else "", encoding="utf-8")

    def add(self, row: object) -> dict[str, Any]:
        """Keeps a dataclass or dictionary and returns it as it is read back."""
        plain: dict[str, Any] = json.loads(json.dumps(to_jsonable_python(row), ensure_ascii=False))
        self.rows.append(plain)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(plain, ensure_ascii=False) + "\n")
        return plain
