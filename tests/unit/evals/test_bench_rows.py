"""Suite "rows" of the generation benchmark: which row the reranker likes best, and how surely."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from api.terminal import UsageError
from evals.measuring.results import ResultFile
from evals.suites.generation.rows import Asked, load, measure, say

TABLE = "| Item | 2024 | 2023 |\n| Rent | 500 | 480 |\n| Lift | 20 | 30 |\n\nIt rains."
RENT, WHEN = ("What was the Rent in 2023?", "480"), ("In which year was the Lift dearer?", "2023")


class Words:
    """Scores by the words that query and text share."""

    name = "words"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        asked = set(query.rstrip("?").split())
        return np.array([len(asked & set(text.replace(":", "").split())) for text in texts], np.float32)


def question(number: int, text: str, *answers: str, kind: str = "span") -> str:
    row = {"id": str(number), "question": text, "answers": answers, "answer_type": kind, "doc": "d"}
    return json.dumps(row) + "\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "tatqa"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "d", "text": TABLE}) + "\n")
    (folder / "qa.jsonl").write_text(
        question(1, *RENT)
        + question(2, *WHEN)
        + question(3, "How much is both?", "520", kind="arithmetic")
        + question(4, "Which two?", "500", "20")
        + question(5, "Does it rain?", "It rains.")
        + question(6, "What is not there?", "999")
    )
    return tmp_path


def test_only_questions_that_a_cell_answers_are_asked(data: Path) -> None:
    assert {(one.question, one.answer) for one in load(data, 0)} == {RENT, WHEN}
    assert len(load(data, 1)) == 1
    with pytest.raises(UsageError, match="tatqa"):
        load(data / "tatqa", 0)


class Selecting:
    """A `Selector` that is sure of all but the shortest question, and reads rows as they are quoted."""

    name = "selecting"

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        assert sentence.startswith("Item ")
        return 0.4 if question == "Rent?" else 0.5


def test_a_row_told_under_its_header_is_found_and_its_lead_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    text = "Item | 2024 | 2023\nRent | 500 | 480\nLift | 20 | 30"
    asked = [Asked("Rent Item 2023?", text, "480"), Asked("Item 2024?", text, "999"), Asked("Rent?", text, "480")]
    found = measure(Words(), Selecting(), asked, 0.5, ResultFile(None))
    assert found["right"] == {"as they stand": 1, "under their header": 2}
    assert found["ahead"] == {"0.0": [0, 1], "0.25": [0, 0], "0.5": [0, 0], "1.0": [1, 1], "2.0": [0, 0], "4.0": [0, 0]}
    say(found)
    assert "66.7" in capsys.readouterr().out
