"""What scanned copies lose against the contracts' text: answers, hits, and words of the stored text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.terminal import note, say, say_json
from evals.datasets.answers.questions import Question
from evals.measuring.machine import circumstances
from evals.measuring.statistics import matched_interval
from evals.measuring.tables import table
from evals.metrics.matching import folded
from evals.metrics.quoted import stands_in
from evals.suites.answers.asked import Row
from evals.suites.answers.scans_sheet import Verdicts, verdict
from evals.suites.answers.scores import STAGES, Scores, scores

TEXT, SCANNED = "text", "scanned"
GOOD, CAUTIONED = "good", "cautioned"
_PUNCTUATION = ".,;:()[]\"'\u201c\u201d\u2018-\u2013\u2014"
ROWS = {
    **{stage: STAGES[stage] for stage in ("document", "page", "found", "shown", "drafted", "right", "wrong", "silent")},
    **{stage: STAGES[stage] for stage in ("cited_page", "refused", "made_up")},
    GOOD: "answered right or refused right",
    CAUTIONED: "answered with a caution",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that people labelled in a document."""

    source: str
    words: str


@dataclass(frozen=True, slots=True)
class Side:
    """Answers by question, and stored texts by source."""

    rows: Mapping[str, Row]
    texts: Mapping[str, str]
    setup: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Of `n` questions that a stage says something about on both sides: how many on each, and on one side alone."""

    n: int
    text: int
    scanned: int
    only_text: int
    only_scanned: int

    @property
    def shown(self) -> str:
        """Points of the scans minus those of the text, with the 95 % interval."""
        low, high = matched_interval(self.only_scanned, self.only_text, self.n)
        mean = (self.scanned - self.text) / self.n
        return f"{100 * mean:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"


def say_scans(
    questions: Sequence[Question],
    sides: Mapping[str, Side],
    stored: Mapping[str, str],
    passages: Sequence[Passage],
    read: Verdicts | None,
) -> None:
    """`read`: a reader's verdicts, which go before the program's."""
    found = {side: {q.id: _scores(q, one.rows[q.id], stored, read) for q in questions} for side, one in sides.items()}
    pairs = {row: _pairs(questions, found, row) for row in ROWS}
    lines = [
        (name, f"{p.text} of {p.n}", f"{p.scanned} of {p.n}", p.only_text, p.only_scanned, p.shown)
        for row, name in ROWS.items()
        if (p := pairs[row]).n
    ]
    header = ("", TEXT, SCANNED, "text alone", "scan alone", "points [95 % interval]")
    table(f"{len(questions)} questions about {len(sides[TEXT].texts)} contracts", header, lines)
    gold = [Passage(stored[place.source], place.quote) for question in questions for place in question.gold]
    words = {
        "gold": _standing(gold, sides),
        "labelled": _standing(passages, sides),
        "words": _kept(sides, lambda word: any(map(str.isalnum, word))),
        "numbers": _kept(sides, lambda word: any(map(str.isdigit, word))),
    }
    table("Words of the stored text", ("", TEXT, SCANNED), [
        ("gold passages", *words["gold"]), ("labelled passages", *words["labelled"]),
        ("words of the text", *words["words"]), ("numbers of the text", *words["numbers"]),
    ])  # fmt: skip
    for passage in (*gold, *passages):
        if _there(passage, sides[TEXT]) and not _there(passage, sides[SCANNED]):
            note(f"lost: {passage.source}: {passage.words[:300]}")
    say()
    say_json({"pairs": pairs, "words": words, "read": read is not None, "setup": sides[SCANNED].setup,
              **circumstances()})  # fmt: skip


def _scores(question: Question, row: Row, stored: Mapping[str, str], read: Verdicts | None) -> Scores:
    found = dict(scores(question, row, stored))
    if question.answerable and row["sentences"] and read is not None:
        found["right"] = verdict(read, question, row)
        found["wrong"] = not found["right"]
    cautioned = bool(row["cautions"]) if row["sentences"] else None
    return found | {GOOD: bool(found["right"] or found["refused"]), CAUTIONED: cautioned}


def _pairs(questions: Sequence[Question], found: Mapping[str, Mapping[str, Scores]], row: str) -> Pairs:
    both = [
        (bool(text), bool(scanned))
        for q in questions
        if (text := found[TEXT][q.id][row]) is not None and (scanned := found[SCANNED][q.id][row]) is not None
    ]
    counted = Counter(both)
    only_text, only_scanned, together = counted[True, False], counted[False, True], counted[True, True]
    return Pairs(len(both), together + only_text, together + only_scanned, only_text, only_scanned)


def _standing(passages: Sequence[Passage], sides: Mapping[str, Side]) -> tuple[str, ...]:
    return tuple(f"{sum(_there(p, sides[side]) for p in passages)} of {len(passages)}" for side in (TEXT, SCANNED))


def _there(passage: Passage, side: Side) -> bool:
    return stands_in(passage.words, side.texts[passage.source])


def _kept(sides: Mapping[str, Side], wanted: Callable[[str], bool]) -> tuple[str, str]:
    """Of all words of the text between blanks, each as often as it stands there, those that the scan has too."""
    kept = total = 0
    for source, text in sides[TEXT].texts.items():
        ours = Counter(filter(wanted, _words(text)))
        theirs = Counter(filter(wanted, _words(sides[SCANNED].texts[source])))
        kept, total = kept + (ours & theirs).total(), total + ours.total()
    return f"{total}", f"{kept} ({kept / total:.2%})" if total else "0"


def _words(text: str) -> list[str]:
    return [word.strip(_PUNCTUATION) for word in folded(text).split()]
