"""Watching folders: what is new or changed is told once, when it has come to rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from api.wiring.folder_changes import changes, unbroken
from infra.postgres.errors import DatabaseUnavailable
from ingest.local_files import SourceFile, source_files


def test_new_and_changed_files_are_told_once_when_they_have_come_to_rest(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: (tmp_path / "new.txt").write_text("half"),
        lambda: (tmp_path / "new.txt").write_text("half and half"),  # still being written
        lambda: None,  # new.txt has come to rest
        lambda: (tmp_path / "old.txt").write_text("other"),
        lambda: None,
        lambda: (tmp_path / "new.txt").unlink(),
        lambda: (tmp_path / "new.txt").write_text("half and half"),  # as it was, and yet new
        lambda: None,
        lambda: None,
    ]
    turns = iter(steps)

    class Enough(Exception):
        pass

    def wait() -> None:
        step = next(turns, None)
        if step is None:
            raise Enough
        step()

    def look() -> list[SourceFile]:
        return source_files([tmp_path], prefix="x")

    told: list[list[str]] = []
    with suppress(Enough):
        told.extend([file.source for file in lot] for lot in changes(look, look(), tell=print, wait=wait))
    assert told == [["x/new.txt"], ["x/old.txt"], ["x/new.txt"]]


def test_a_folder_or_database_that_is_away_is_told_once_and_waited_for(tmp_path: Path) -> None:
    away = DatabaseUnavailable("PostgreSQL does not answer.")
    gone = FileNotFoundError(2, "No such file or directory")
    results: list[Exception | list[SourceFile]] = [gone, gone, away, away, [], gone, [SourceFile(tmp_path, "x")]]
    told: list[str] = []
    waited: list[int] = []

    def look() -> list[SourceFile]:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    assert unbroken(look, told.append, lambda: waited.append(1)) == []
    assert len(waited) == 4
    assert [text.partition(" Trying")[0] for text in told] == [str(gone), str(away)]
    found = changes(look, [], tell=told.append, wait=lambda: waited.append(1))
    results[2:] = [[SourceFile(tmp_path, "x")]]
    assert [file.source for file in next(found)] == ["x"]
    assert len(told) == 3
