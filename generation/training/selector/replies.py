"""Questions over passages that somebody wrote replies to (written.py and cited.py of generation/training/data).

The sentence that holds most words of a reply's first sentence answers the question; so does that reply. Sentences that
share little with the reply do not, nor does any where the writer found no answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from generation.training.data.exercises import Piece
from generation.training.data.pairs import split_of
from generation.training.data.words import overlap
from generation.training.data.written import Reply
from generation.training.selector.asked import Asked, Line, lines_of

_SAYS, _SAYS_TOO, _SILENT, _OTHERWISE = 0.5, 0.75, 0.3, 0.4  # shares of a sentence's words


def once(replied: Iterable[Reply]) -> list[Reply]:
    """The first reply to each question over the same passages."""
    found: dict[tuple[str, Sequence[Piece]], Reply] = {}
    for reply in replied:
        found.setdefault((reply.exercise.question, reply.exercise.passages), reply)
    return list(found.values())


def replied_questions(replied: Sequence[Reply], random: Random) -> Iterator[Asked]:
    """Documents of the split "cases" are left out, but for passages that stand beside another's."""
    usable = [reply for reply in once(replied) if split_of(reply.exercise.document) != "cases"]
    said = defaultdict[str, list[tuple[str, str]]](list)
    for reply in usable:
        if reply.answer:
            said[reply.exercise.document].append((reply.exercise.question, reply.answer[0].text))
    for reply in usable:
        exercise = reply.exercise
        lines = [(n, line) for n, piece in enumerate(exercise.passages, 1) for line in lines_of(piece)]
        about = exercise.source, exercise.document, exercise.question
        if not reply.answer:
            yield Asked("unanswerable", *about, beside=[line for _, line in lines])
            continue
        first = reply.answer[0]
        answers = _answers(first.text, [line for n, line in lines if n in first.cites])
        told = [sentence.text for sentence in (*reply.answer, *reply.also)]
        beside = [line for _, line in lines if max(overlap(text, line.text) for text in told) < _SILENT]
        yield Asked("passage", *about, answers, [line for line in beside if line not in answers])
        heading = random.choice(("", exercise.passages[first.cites[0] - 1].heading))
        others = [
            text
            for question, text in said[exercise.document]
            if question != exercise.question and overlap(text, first.text) < _OTHERWISE
        ]
        other = [Line(heading, text) for text in random.sample(others, min(1, len(others)))]
        yield Asked("reply", *about, [Line(heading, first.text)], other)


def _answers(told: str, lines: Sequence[Line]) -> list[Line]:
    """The sentence that says most of it, if it says enough; the second only if it says nearly all."""
    ranked = sorted(lines, key=lambda line: -overlap(told, line.text))
    wanted = zip(ranked, (_SAYS, _SAYS_TOO), strict=False)
    return [line for line, least in wanted if overlap(told, line.text) >= least]
