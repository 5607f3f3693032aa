"""Answers that were written for the exercises, true and wrong ones, as pairs: the way that answers reword passages.

written.jsonl holds a line for each exercise: its id, the question if the writer asked it, the sentences of a good
`answer` (none if the passages hold none), `also` true ones, and `wrong` ones with `why`; `cites` number the passages.
The passages themselves are not in it: they are found again in the public data by the id. A large language model
(Claude) wrote the sentences as an assistant of the authors; see docs/models/judge.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generation.training.data.exercises import Exercise, Piece, exercises
from generation.training.data.pairs import Label, Pair, read_jsonl, split_of
from ingest.errors import FootnoteError
from retrieval.text.tables import told

FILE = Path(__file__).with_name("written.jsonl")
KIND = "written"
MOST_CHARS = 800  # of evidence; with a claim it stays near 192 tokens
LABELS: dict[str, Label] = {"addition": "neutral", "wrong_cite": "neutral", "negation": "contradicted"}


class DataChanged(FootnoteError):
    """What was written was written for other data than lies here. Says which exercise is not made from it."""

    code = "data_changed"


@dataclass(frozen=True, slots=True)
class Written:
    """`cites` are numbers from 1 of the exercise's passages; `why` is "" for a true sentence."""

    text: str
    cites: tuple[int, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was written for one exercise; `exercise` has a question, given or asked by the writer."""

    exercise: Exercise
    answer: tuple[Written, ...]
    also: tuple[Written, ...]
    wrong: tuple[Written, ...]


def replies(data: Path, file: Path = FILE) -> Iterator[Reply]:
    """Every exercise that something was written for; raises `DataChanged` if one cannot be found again."""
    known = {exercise.id: exercise for exercise in exercises(data)}
    for row in read_jsonl(file):
        exercise = found_again(row["id"], known, file)
        question = exercise.question or row["question"]
        said = (_sentences(row[name]) for name in ("answer", "also", "wrong"))
        yield Reply(replace(exercise, question=question), *said)


def found_again(id_: str, known: Mapping[str, Exercise], file: Path) -> Exercise:
    """The exercise that a line of `file` was written for; raises `DataChanged` if it is not among those known."""
    if id_ not in known:
        raise DataChanged(
            f"{file.name}: exercise {id_} is not made from this data; was a file changed? Take the public sets as "
            "docs/models/adapter.md names them."
        )
    return known[id_]


def written_pairs(replied: Sequence[Reply]) -> dict[str, list[Pair]]:
    """The pairs of "train" and "calibrate", each with the whole passages that its sentence cites as evidence."""
    found: dict[str, list[Pair]] = {"train": [], "calibrate": []}
    for reply in replied:
        split = split_of(reply.exercise.document)
        for sentence in (*reply.answer, *reply.also, *reply.wrong):
            cited = [reply.exercise.passages[number - 1] for number in sentence.cites]
            evidence = "\n\n".join(_read(piece) for piece in cited)
            if len(evidence) <= MOST_CHARS and all(split_of(piece.document) == split for piece in cited):
                label = LABELS.get(sentence.why, "not_entailed") if sentence.why else "entailed"
                document = reply.exercise.document
                found[split].append(Pair(evidence, sentence.text, label, KIND, reply.exercise.source, document))
    return found


def _read(piece: Piece) -> str:
    """As the judge reads a passage: a table's rows told by the first one."""
    if not piece.text.startswith("|"):
        return piece.shown
    header, *rows = (line.removeprefix("|").removesuffix("|") for line in piece.text.split("\n"))
    return told(header, "\n".join(rows)) if rows else header


def _sentences(rows: Sequence[dict[str, Any]]) -> tuple[Written, ...]:
    return tuple(Written(row["text"].strip(), tuple(row["cites"]), row.get("why", "")) for row in rows)
