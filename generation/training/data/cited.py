"""Replies that were written for the adapter, close to the words of their sources.

cited.jsonl holds a line for each exercise (generation/training/data/exercises.py, SEEDS): its id, the question,
and the sentences of the `answer`, none if no passage holds one; `cites` number the passages. The passages are not in
it: they are found again in the public data by the id. A large language model (Claude) wrote the sentences as an
assistant of the authors; see docs/models/adapter.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from generation.training.data.exercises import exercises
from generation.training.data.pairs import read_jsonl
from generation.training.data.written import Reply, Written, found_again

FILE = Path(__file__).with_name("cited.jsonl")
SEEDS = range(7)


def replies(data: Path, judged: Iterable[Reply], file: Path = FILE) -> Iterator[Reply]:
    """Every exercise that a reply was written for, with the wrong sentences of those `judged`, where there are any, on
    the same passages. Raises `DataChanged` if one cannot be found again."""
    known = {exercise.id: exercise for exercise in exercises(data, SEEDS)}
    wrong = {reply.exercise.passages: reply.wrong for reply in judged}
    for row in read_jsonl(file):
        exercise = replace(found_again(row["id"], known, file), question=row["question"])
        answer = tuple(Written(said["text"], tuple(said["cites"])) for said in row["answer"])
        yield Reply(exercise, answer, (), wrong.get(exercise.passages, ()))
