"""Starts `footnote` in a container: `start.py ARGUMENT...`. Needs nothing but Python itself.

Where NAME_FILE names a file, NAME gets its first line: secrets come as files, never in the image or the compose file.
NAME is PGPASSWORD, DATABASE_URL, or a setting of Footnote.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_ALSO = {"PGPASSWORD", "DATABASE_URL"}


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The variables with those of files in their place. Raises `OSError`, and `ValueError` where both are given."""
    found = {}
    for name, value in given.items():
        plain = name.removesuffix("_FILE")
        if plain == name or not (plain in _ALSO or plain.startswith("FOOTNOTE_")):
            found[name] = value
        elif plain in given:
            raise ValueError(f"Set either {plain} or {name}.")
        elif value:
            found[plain] = Path(value).read_text(encoding="utf-8").split("\n", 1)[0].strip()
    return found


if __name__ == "__main__":
    try:
        variables = environment(os.environ)
    except (OSError, ValueError) as error:
        sys.exit(f"footnote: {error}")
    os.execvpe("footnote", ["footnote", *sys.argv[1:]], variables)  # noqa: S606
