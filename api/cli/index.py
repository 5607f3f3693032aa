"""`footnote index`: the state of the search index on disk."""

from __future__ import annotations

from dataclasses import asdict

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import counted, note, say, say_json, say_table


def register(commands: Registry) -> None:
    group = commands.add_group("index", "Look after the search index.")
    group.add(status, "status")
    group.add(verify, "verify")
    group.add(compact, "compact")


def status(as_json: Json = False) -> int:
    """Segments of the usual index on disk and what waits in memory; of others: `footnote release indexes`."""
    with opened() as parts:
        found = parts.index.status()
    if as_json:
        say_json(found)
        return 0
    say_table(
        ("segment", "rows", "in use", "state"),
        [(s.name, s.rows, s.living, "damaged" if s.damaged else "ok") for s in found.segments],
    )
    say(
        f"{counted(found.documents, 'document')} in {counted(found.versions, 'version')}; "
        f"{found.memory_rows} rows wait for being published; generation {found.generation}."
    )
    if any(s.damaged for s in found.segments):
        note("Damaged segments are made anew from the database: run `footnote index compact`.")
    return 0


def verify(as_json: Json = False) -> int:
    """Hash every segment again, of every index; exit code 1 if one is damaged."""
    from api.wiring.searching import every_index

    with opened() as parts:
        problems = {name: said for _, index in every_index(parts) for name, said in index.verify().items()}
    if as_json:
        say_json({"ok": not problems, "problems": problems})
        return 1 if problems else 0
    for problem in problems.values():
        say(problem)
    if problems:
        note("Run `footnote index compact`: it makes damaged segments anew from the database.")
    else:
        say("Every segment is as it was written.")
    return 1 if problems else 0


def compact(as_json: Json = False) -> int:
    """Write every index anew: nothing of deleted documents stays on the disk, and damaged segments are mended."""
    from api.wiring.searching import every_index

    with opened() as parts:
        done = all(index.compact() for _, index in every_index(parts))
        found = parts.index.status()
    if as_json:
        say_json({"ok": done, "index": asdict(found)})
    elif done:
        rows = sum(segment.rows for segment in found.segments)
        say(f"The index is written anew: {rows} rows in {len(found.segments)} segments.")
    else:
        note("Another process is publishing the index just now. Try again when it has finished.")
    return 0 if done else 1
