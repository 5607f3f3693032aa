"""Words of a page that are no part of its text: line numbers in the margin, and watermarks across the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from ingest.parsers.pdf.words import Word

_SLANT = 8.0  # degrees from the level or the upright from which words run across the page
_LARGE = 1.6  # times the size of the page's text, for a watermark
_TILES = 4  # times that one slanted word stands on a page to be a watermark
_WATERMARKS = 20  # large level words of a page that are looked at
_STACKED = 4  # letters that make a word from top to bottom
_MOST_LETTERS = 200
_COUNT = 8  # numbers in a row that count the lines of a page
_FIFTHS = 3  # numbers in a row that count every fifth line


def without_watermarks(words: Sequence[Word]) -> list[Word]:
    """The words without large ones that run diagonally over the page, or that others are printed over."""
    level = [word for word in words if not slanted(word)]
    if not level:
        return list(words)
    usual = median(word.size for word in level)
    tiles = Counter(word.text for word in words if slanted(word))
    rest = [
        word for word in words if not (slanted(word) and (word.size >= _LARGE * usual or tiles[word.text] >= _TILES))
    ]
    large = [word for word in rest if word.size >= 2.5 * usual and len(word.text) > 2][:_WATERMARKS]
    small = [word for word in rest if word.size < 1.5 * usual]
    over = {id(word) for word in large if _printed_over(word, small)}
    return [word for word in rest if id(word) not in over]


def slanted(word: Word) -> bool:
    """Neither level nor at a right angle."""
    return _SLANT < word.angle % 90 < 90 - _SLANT


def _printed_over(word: Word, others: Sequence[Word]) -> bool:
    """Whether words of several lines lie in the middle of a much larger word."""
    height = word.y1 - word.y0
    top, bottom = word.y0 + 0.25 * height, word.y1 - 0.25 * height
    inside = [
        other
        for other in others
        if top < (other.y0 + other.y1) / 2 < bottom and word.x0 < (other.x0 + other.x1) / 2 < word.x1
    ]
    return len(inside) > 2


def stacked(words: Sequence[Word]) -> list[list[Word]]:
    """Runs of single letters under each other outside all other words, as a stamp in the margin may be written."""
    letters = sorted((word for word in words if len(word.text) == 1 and word.text.isalpha()), key=lambda word: word.y0)
    if not _STACKED <= len(letters) <= _MOST_LETTERS:
        return []
    runs: list[list[Word]] = []
    for word in letters:
        for run in runs:
            pitch = word.y0 - run[-1].y0
            first = run[1].y0 - run[0].y0 if len(run) > 1 else pitch
            below = abs(_centre(word) - _centre(run[0])) < 0.5 * word.size and 0 < pitch < 3 * word.size
            if below and abs(pitch - first) < 0.2 * word.size:
                run.append(word)
                break
        else:
            runs.append([word])
    return [run for run in runs if len(run) >= _STACKED and _outside(run, words)]


def _centre(word: Word) -> float:
    return (word.x0 + word.x1) / 2


def _outside(run: Sequence[Word], words: Sequence[Word]) -> bool:
    """Whether the run stands left or right of all words beside it, set apart from them."""
    ids = {id(word) for word in run}
    left, right = min(word.x0 for word in run), max(word.x1 for word in run)
    beside = [w for w in words if id(w) not in ids and w.y1 > run[0].y0 and w.y0 < run[-1].y1]
    gap = 1.5 * run[0].size
    return len(beside) > 2 * len(run) and (
        all(word.x0 > right + gap for word in beside) or all(word.x1 < left - gap for word in beside)
    )


def line_numbers(words: Sequence[Word]) -> set[int]:
    """Ids of the numbers in either margin that count the lines of a page, each or each fifth one."""
    numbers = [word for word in words if word.text.isdecimal() and len(word.text) < 4]
    if len(numbers) < _FIFTHS:
        return set()
    return _counting(numbers, words, True) | _counting(numbers, words, False)


def _counting(numbers: Sequence[Word], words: Sequence[Word], left: bool) -> set[int]:
    """Ids of the numbers under each other, outside all other words, that count up at an even pitch."""
    edge = min(word.x0 for word in numbers) if left else max(word.x1 for word in numbers)
    reach = 2.2 * numbers[0].size
    column = [word for word in numbers if (word.x1 < edge + reach if left else word.x0 > edge - reach)]
    column.sort(key=lambda word: word.y0)
    ids = {id(word) for word in column}
    rest = [word for word in words if id(word) not in ids]
    run = _longest(column)
    if not run:
        return set()
    step = int(run[1].text) - int(run[0].text)
    beside = [word for word in rest if run[0].y0 - 2 < (word.y0 + word.y1) / 2 < run[-1].y1 + 2]
    if any((word.x0 < run[0].x1 - 0.5) if left else (word.x1 > run[0].x0 + 0.5) for word in beside):
        return set()
    if (step == 1 and len(run) < _COUNT) or not (_is_text(beside, run) or (not beside and len(run) > 14)):
        return set()
    return {id(word) for word in run}


def _longest(column: Sequence[Word]) -> list[Word]:
    """The longest run that counts up by one, or in fives, at one pitch."""
    best: list[Word] = []
    run: list[Word] = []
    for word in column:
        if run and not _follows(run, word):
            run = [run[-1]] if _step(run[-1], word) in (1, 5) else []
        run.append(word)
        if len(run) > len(best):
            best = list(run)
    return best if len(best) >= _FIFTHS and _step(best[0], best[1]) in (1, 5) else []


def _step(one: Word, other: Word) -> int:
    return int(other.text) - int(one.text)


def _follows(run: Sequence[Word], word: Word) -> bool:
    step = _step(run[-1], word)
    if step not in (1, 5) or (step == 5 and int(word.text) % 5):
        return False
    if len(run) < 2:
        return True
    pitch = run[1].y0 - run[0].y0
    return step == _step(run[0], run[1]) and abs(word.y0 - run[-1].y0 - pitch) < 0.5 * pitch


def _is_text(beside: Sequence[Word], run: Sequence[Word]) -> bool:
    """Whether lines of running text stand beside the numbers: not cells, and not what the numbers are names of."""
    lines: list[list[Word]] = []
    for word in sorted(beside, key=lambda word: (word.y0 + word.y1) / 2):
        if lines and lines[-1][0].y0 < (word.y0 + word.y1) / 2 < lines[-1][0].y1:
            lines[-1].append(word)
        else:
            lines.append([word])
    firsts = [min(line, key=lambda word: word.x0) for line in lines]
    if len(firsts) < 2 or any(line.text[0] in ".)" for line in firsts):
        return False
    lower = sum(word.text[0].islower() for word in firsts[1:])
    blank = sum(not any(line[0].y0 < (number.y0 + number.y1) / 2 < line[0].y1 for line in lines) for number in run)
    return lower >= 0.25 * len(firsts[1:]) or blank > 0.3 * len(run)
