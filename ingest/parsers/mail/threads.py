"""Messages of one mailbox that quote each other: the quoted words are kept once, in the message that they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ENCODED = re.compile(rb"^Content-Transfer-Encoding:\s*base64", re.IGNORECASE | re.MULTILINE)
_NOTE = b"[quoted words of an earlier message in this mailbox were left out]"


def without_repeats(messages: Iterable[bytes]) -> Iterator[bytes]:
    """The messages; a block of ">" lines that all stand in earlier messages becomes a note that says so."""
    seen: set[bytes] = set()
    for raw in messages:
        yield raw if _ENCODED.search(raw) or not seen else _shortened(raw, seen)
        seen.update(line.strip() for line in raw.split(b"\n") if len(line) > 3 and not line.startswith(b">"))


def _shortened(raw: bytes, seen: set[bytes]) -> bytes:
    kept: list[bytes] = []
    block: list[bytes] = []
    for line in [*raw.split(b"\n"), None]:
        if line is not None and line.startswith(b">"):
            block.append(line)
            continue
        if block:
            words = [found for one in block if (found := one.lstrip(b"> ").strip())]
            known = words and all(found in seen or len(found) <= 3 for found in words)
            kept += [_NOTE] if known else block
            block = []
        if line is not None:
            kept.append(line)
    return b"\n".join(kept)
