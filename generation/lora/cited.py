"""Replies that were written for the adapter, close to the words of their sources.

cited.jsonl holds a line for each exercise (generation/judge/data/exercises.py, SEEDS): its id, the question,
and the sentences of the `answer`, none if no passage holds one; `cites` number the passages. The passages are not in
it: they are found again in the public data by the id. A large language model (Claude) wrote the sentences as an
assistant of the authors; see docs/models/adapter.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from generation.judge.data.exercises import exercises
from generation.judge.data.pairs import read_jsonl
from generation.judge.data.written import Reply, Written
from generation.judge.data.written import replies as judged_replies

FILE = Path(__file__).with_name("cited.jsonl")
SEEDS = range(7)


def replies(data: Path, file: Path = FILE) -> Iterator[Reply]:
    """Every exercise that a reply was written for, with the wrong sentences that the judge learned from where there
    are any. Raises `LookupError` if one cannot be found again."""
    known = {exercise.id: exercise for exercise in exercises(data, SEEDS)}
    wrong = {reply.exercise.passages: reply.wrong for reply in judged_replies(data)}
    for row in read_jsonl(file):
        if row["id"] not in known:
            raise LookupError(f"{file.name}: exercise {row['id']} is not made from this data; was a file changed?")
        exercise = replace(known[row["id"]], question=row["question"])
        answer = tuple(Written(said["text"], tuple(said["cites"])) for said in row["answer"])
        yield Reply(exercise, answer, (), wrong.get(exercise.passages, ()))
