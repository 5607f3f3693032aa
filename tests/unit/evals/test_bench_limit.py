"""Suite "limit" of the generation benchmark: the limit for quotations, from exercises that nobody trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.measuring.results import ResultFile
from evals.suites.generation import limit
from generation.training.data.exercises import Exercise, Piece
from generation.training.data.pairs import split_of
from generation.training.data.written import Reply, Written
from generation.training.selector.data import held

DOCUMENT = next(f"d{n}" for n in range(99) if split_of(f"d{n}") == "calibrate")
TRAINED = next(f"d{n}" for n in range(99) if not held(f"d{n}"))
RENT = "The rent is 500 euros a month."
PIECES = (
    Piece(DOCUMENT, "Lift", "Some lift it is."),
    Piece(DOCUMENT, "Rent", f"Dogs are welcome in all of the flats. {RENT}"),
)


class Liking:
    """As `Reranker` it likes best what shares most words with the question; as `Selector` it is sure of rents."""

    name = "liking@1"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        wanted = set(query.lower().strip("?").split())
        return np.array([len(wanted & set(text.lower().strip(".").split())) for text in texts], dtype=np.float32)

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        assert (sentence, heading) == (RENT, "Rent") or "Dogs" in sentence
        return 0.9 if "rent" in sentence else 0.3


def reply(question: str, *answer: Written, document: str = DOCUMENT) -> Reply:
    return Reply(Exercise("cuad", document, question, PIECES), answer, (), ())


REPLIES = (
    reply("What is the rent a month?", Written("The rent is 500 euros a month.", (2,))),
    reply("What is the rent a month, then?", Written("The rent is 500 euros a month.", (1,))),
    reply("Who pays the rent a month?"),
    reply("In what flats are dogs welcome?", Written("Dogs are welcome everywhere, in all flats.", (2,))),
    reply("What is the rent?", Written(RENT, (2,)), document=TRAINED),
)


def test_what_would_open_the_exercises_is_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limit, "replies", lambda _data: REPLIES[:1])
    monkeypatch.setattr(limit.cited, "replies", lambda _data, _judged: REPLIES)
    out = ResultFile(tmp_path / "r.jsonl")
    rows = limit.measure(Liking(), Liking(), tmp_path, out)
    assert [(row["answerable"], row["sure"], row["right"]) for row in rows] == [
        (True, 0.9, True), (True, 0.9, False), (False, 0.9, False), (True, 0.3, True),
    ]  # fmt: skip
    assert out.rows[0]["rows"] == rows
    limit.tell(rows)
    assert "3 questions with an answer and 1 without" in capsys.readouterr().out


def test_a_fifth_of_the_questions_without_an_answer_may_open() -> None:
    rows = [{"answerable": False, "sure": n / 100 if n else None} for n in range(100)]
    least = limit.least([*rows, {"answerable": True, "sure": 1.0}])
    assert sum((row["sure"] or 0.0) >= least for row in rows) == 19  # (19 + 1) / 101 is below a fifth
