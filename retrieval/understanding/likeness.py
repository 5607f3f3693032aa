"""How much a document is like the name that a question gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.types import ChunkText
from retrieval.understanding.kinds import KIND_OF, KINDS
from retrieval.understanding.words import COMPANY_FORMS, FUNCTION_WORDS, stem_match, words

_ROLES = frozenset("parent target buyer seller supplier customer licensor licensee landlord tenant".split())
_IN_MANY_NAMES = frozenset(
    """bank capital communications development energy enterprises entertainment financial global group health holding
    holdings industries international investments management media medical national network networks operating
    operations partners pharma pharmaceuticals products resources service services software solutions systems
    technologies technology trust university ventures""".split()
)
_FILE_SUFFIX = re.compile(r"\.\w{2,5}$")


def support(value: str, chunk: ChunkText) -> float:
    """How much of the name's words the chunk's title and file name hold.

    A distinctive word weighs 1, the word for the kind 0.5, one that many companies have in their names 0.3, company
    forms and small words nothing. A word that only the text or its headings hold counts 0.3. Of a name with parties
    these weigh two thirds: the best one 0.7 and the mean of all 0.3, since file names seldom hold every party. 1: a
    file of that very name.
    """
    names = f"{chunk.title} {chunk.source}".casefold()
    if _FILE_SUFFIX.search(chunk.source) and words(chunk.source.rsplit("/", 1)[-1]) == value.split(" "):
        return 1.0
    known = _Known(names.replace("_", " "), f"{' '.join(chunk.section_path)} {chunk.text}")
    name, _, rest = f" {value}".partition(" between ")
    share, weight = known.share(name.split())
    parties = [score for party in rest.split(" and ") for score, weighs in [known.share(party.split())] if weighs]
    if not parties:
        return share
    party = 0.7 * max(parties) + 0.3 * sum(parties) / len(parties)
    return (share + 2 * party) / 3 if weight else party


class _Known:
    """The words of a document's names and, read when needed, of the chunk."""

    def __init__(self, names: str, text: str) -> None:
        self._names = set(words(names))
        self._squashed = re.sub(r"[\W_]", "", names)
        self._text = text
        self._body: set[str] | None = None

    def share(self, wanted: Sequence[str]) -> tuple[float, float]:
        """Weight of the words found over the weight of all, and that of all; (0, 0) if none has any."""
        weights = {word: _weight(word) for word in wanted if _distinctive(word)}
        total = sum(weights.values())
        found = sum(weight * self._holds(word) for word, weight in weights.items())
        return (found / total, total) if total else (0.0, 0.0)

    def _holds(self, word: str) -> float:
        if word in self._names or (len(word) > 4 and word in self._squashed):
            return 1.0
        if word in KIND_OF and not self._names.isdisjoint(KINDS[KIND_OF[word]].asked | KINDS[KIND_OF[word]].shown):
            return 1.0
        if any(stem_match(word, other) for other in self._names):
            return 0.8
        if self._body is None:
            self._body = set(words(self._text))
        return 0.3 if word in self._body else 0.0


def _distinctive(word: str) -> bool:
    return word not in FUNCTION_WORDS and word not in COMPANY_FORMS and word not in _ROLES and len(word) > 1


def _weight(word: str) -> float:
    return 0.5 if word in KIND_OF else 0.3 if word in _IN_MANY_NAMES else 1.0
