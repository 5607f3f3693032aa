"""Exercises are made from public data alone, and what was written for them comes back as pairs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generation.training.data import written
from generation.training.data.exercises import Exercise, Piece, Shelf
from generation.training.data.pairs import read_jsonl, split_of
from generation.training.data.written import FILE, LABELS, DataChanged, Reply, Written, replies, written_pairs

TRAIN = next(f"d{n}" for n in range(99) if split_of(f"d{n}") == "train")
CALIBRATE = next(f"d{n}" for n in range(99) if split_of(f"d{n}") == "calibrate")
GOLD = Piece(TRAIN, "Lease > Rent", "The rent is due on the first day of the month.")
OTHER = Piece(CALIBRATE, "", "The lift costs 20 euros a month.")
EXERCISE = Exercise("cuad", TRAIN, "", (OTHER, GOLD))


def test_a_shelf_gives_the_nearest_pieces_and_never_the_same_twice() -> None:
    shelf = Shelf.of([GOLD, OTHER, OTHER])
    assert shelf.near("what does the lift cost", 3) == [OTHER, GOLD]
    assert shelf.near("what does the lift cost", 2, without=[OTHER]) == [GOLD]


def test_the_id_depends_on_all_that_the_writer_saw() -> None:
    others = (
        Exercise("cuad", TRAIN, "When?", (OTHER, GOLD)),
        Exercise("cuad", TRAIN, "", (GOLD, OTHER)),
        Exercise("cuad", TRAIN, "", (OTHER, Piece(TRAIN, "Lease", GOLD.text))),
    )
    assert len({EXERCISE.id, *(other.id for other in others)}) == 4
    assert Exercise("qed", "elsewhere", "", (OTHER, GOLD)).id == EXERCISE.id


def test_sentences_become_pairs_with_the_passages_they_cite() -> None:
    reply = Reply(
        EXERCISE,
        answer=(Written("One pays at the start of each month.", (2,)),),
        also=(Written("The lift is 20 euros.", (1,)),),
        wrong=(
            Written("One pays at the end of the month.", (2,), "number"),
            Written("A lift is free.", (2,), "negation"),
        ),
    )
    pairs = written_pairs([reply])
    assert pairs["calibrate"] == []
    assert [(pair.evidence, pair.label, pair.document) for pair in pairs["train"]] == [
        (GOLD.shown, "entailed", TRAIN),
        (GOLD.shown, "not_entailed", TRAIN),
        (GOLD.shown, "contradicted", TRAIN),
    ]  # the lift's passage belongs to a document of the other split


def _file(tmp_path: Path, **row: object) -> Path:
    file = tmp_path / "written.jsonl"
    file.write_text(json.dumps({"id": EXERCISE.id, "answer": [], "also": [], "wrong": [], **row}) + "\n")
    return file


def test_replies_are_put_back_to_their_passages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "exercises", lambda data: [EXERCISE])
    file = _file(tmp_path, question="When is it due?", answer=[{"text": " Early. ", "cites": [2]}])
    (reply,) = replies(tmp_path, file)
    assert (reply.exercise.question, reply.exercise.passages) == ("When is it due?", (OTHER, GOLD))
    assert reply.answer == (Written("Early.", (2,)),)
    with pytest.raises(DataChanged, match="was a file changed"):
        list(replies(tmp_path, _file(tmp_path, id="0" * 16)))


def test_the_file_holds_sentences_and_no_passages() -> None:
    rows = list(read_jsonl(FILE))
    assert len({row["id"] for row in rows}) == len(rows) > 600
    for row in rows:
        assert set(row) <= {"id", "question", "answer", "also", "wrong"}
        assert all(
            sentence["cites"] and sentence["text"] for name in ("answer", "also", "wrong") for sentence in row[name]
        )
        assert all(
            sentence["why"] in {*LABELS, "number", "date", "name", "role", "scope", "inference", "mixed"}
            for sentence in row["wrong"]
        )
