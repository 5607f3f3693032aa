"""Words as they may be written: in other case, composed otherwise, over a line break, escaped."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.errors import FootnoteError

SHORTEST = 3  # characters


class TooShort(FootnoteError):
    """A word that stands in half of all files by chance."""

    code = "too_short"


@dataclass(frozen=True, slots=True)
class Words:
    """`forms`: every word in each case and composition, white space as one blank."""

    forms: tuple[str, ...]

    @classmethod
    def of(cls, said: Iterable[str]) -> Words:
        """Raises `TooShort`."""
        forms: dict[str, None] = {}
        for word in said:
            even = " ".join(word.split())
            if len(even) < SHORTEST:
                raise TooShort(f"{word!r} is too short to be looked for. Give at least {SHORTEST} characters.")
            for way in ("NFC", "NFD"):
                one = unicodedata.normalize(way, even)
                forms |= dict.fromkeys((one, one.lower(), one.upper(), one.title()))
        return cls(tuple(forms))

    def stand_in(self, text: str) -> bool:
        """As whole words: not inside of longer ones."""
        even = " ".join(text.split()).lower()
        return any(_whole(form.lower()).search(even) for form in dict.fromkeys(map(str.lower, self.forms)))

    def patterns(self) -> tuple[bytes, ...]:
        """As bytes of files, to be looked for in bytes whose ASCII letters are lower case."""
        found: dict[bytes, None] = {}
        for form in self.forms:
            for spaced in dict.fromkeys((form, form.replace(" ", "\n"), form.replace(" ", "\\n"))):
                escaped = json.dumps(spaced.replace("\\n", "\n"))[1:-1]
                for data in (spaced.encode(), spaced.encode("utf-16-le"), escaped.encode()):
                    found[data.lower()] = None
        return tuple(found)


def _whole(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(form)}(?!\w)")


def first_of(patterns: Sequence[bytes], data: bytes) -> int:
    """Where the first one stands, -1 where none does; `data` in lower case."""
    places = [at for pattern in patterns if (at := data.find(pattern)) >= 0]
    return min(places, default=-1)
