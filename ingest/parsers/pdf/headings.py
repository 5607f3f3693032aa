"""Which paragraphs of a PDF are headings, and how deep: by bookmarks, font size, weight and wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ingest.parsers import captions
from ingest.parsers.pdf.lines import Line

_LARGER = 1.12  # times the body size


class Headings:
    """Knows a document's body size and larger sizes; `bookmarks` maps folded titles to levels from 1."""

    def __init__(self, lines: Sequence[Line], bookmarks: Mapping[str, int]) -> None:
        weight: Counter[float] = Counter()
        for line in lines:
            weight[line.size] += len(line.text)
        body = weight.most_common(1)[0][0] if weight else 0.0
        self._large = sorted((size for size in weight if size > _LARGER * body), reverse=True)
        self._bold_body = sum(len(line.text) for line in lines if line.bold) > 0.5 * sum(weight.values())
        self._bookmarks = bookmarks
        self._articles = any(captions.ARTICLE.match(line.text) and captions.is_part(line.text) for line in lines)

    def level(self, text: str, lines: Sequence[Line]) -> int:
        """1 (outermost) to 6 for a heading, 0 for anything else."""
        if captions.LEADER.search(text):
            return 0
        if level := self._bookmarks.get(fold(text)):
            return level
        centred = all(line.centred for line in lines)
        generous = 2 if centred else 1
        if len(lines) > 3 * generous or not captions.could_be_heading(text, generous):
            return 0
        if lines[0].size in self._large:
            return min(6, 1 + self._large.index(lines[0].size))
        bold = not self._bold_body and all(line.bold for line in lines)
        return captions.level(text, self._articles, bold, centred)

    def run_in(self, text: str, lines: Sequence[Line]) -> tuple[int, int]:
        """(end, level) of a numbered caption that opens the paragraph, or (0, 0)."""
        return captions.run_in(text, self._articles, not self._bold_body and lines[0].words[0].bold)


def fold(text: str) -> str:
    """Letters and digits only, case folded: how bookmarks are compared with printed headings."""
    return re.sub(r"[\W_]+", "", text).casefold()


def bookmarks_of(entries: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Folded bookmark titles and their levels from 1; too short ones say nothing."""
    return {fold(title): min(6, level + 1) for title, level in entries if len(fold(title)) > 3}
