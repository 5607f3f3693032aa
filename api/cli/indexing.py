"""`footnote index`: the state of the search index on disk."""

from __future__ import annotations

from dataclasses import asdict

from api.cli.local import opened
from api.cli.output import note, say, say_json, say_table


def status(as_json: bool) -> int:
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
        f"{found.documents} documents in {found.versions} versions; "
        f"{found.memory_rows} rows wait for being published; generation {found.generation}."
    )
    if any(s.damaged for s in found.segments):
        note("Damaged segments are made anew from the database: run `footnote index compact`.")
    return 0


def verify(as_json: bool) -> int:
    """1 if a segment is not as it was written."""
    with opened() as parts:
        problems = parts.index.verify()
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


def compact(as_json: bool) -> int:
    """1 if another process publishes just now."""
    with opened() as parts:
        done = parts.index.compact()
        found = parts.index.status()
    if as_json:
        say_json({"ok": done, "index": asdict(found)})
    elif done:
        rows = sum(segment.rows for segment in found.segments)
        say(f"The index is written anew: {rows} rows in {len(found.segments)} segments.")
    else:
        note("Another process is publishing the index just now. Try again when it has finished.")
    return 0 if done else 1
