"""The whole build of the adapter's rows, on a small made-up folder in the shape of the public sets."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from api.cli import adapters as training
from api.cli.output import explained
from api.terminal import UsageError
from api.wiring.shortening import TrimmerShortening
from generation.gate.checking import Checker
from generation.prompts import load_prompt
from generation.training.data.exercises import Exercise, exercises
from generation.training.data.pairs import split_of
from generation.training.data.text import UNASKED_CONTRACTS
from generation.training.lora.data import Inputs, build
from generation.types import Entailment, Limits

FILES = ("train", "held", "pairs", "held_pairs")
TOWNS = range(45)
FILLER = "The council publishes the rule every spring, and the office at the market square keeps a printed copy of it."


class Overlap:
    """Entails by the share of the claim's words that the evidence has."""

    name = "overlap"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        words, shown = re.findall(r"\w+", claim.lower()), set(re.findall(r"\w+", evidence.lower()))
        share = sum(word in shown for word in words) / len(words)
        return Entailment(share, 1.0 - share, 0.0)


class Words:
    """Scores by the words that question and text share."""

    name = "words"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        wanted = set(query.lower().split())
        return np.array([len(wanted & set(text.lower().split())) for text in texts], dtype=np.float32)


CHECKER = Checker(Overlap(), Limits(ship=0.95, grey=0.7, conflict=0.99))


def fact(town: int) -> str:
    return f"A permit in Town{town} is valid for {town + 3} days after the fee is paid."


def question(town: int) -> str:
    return f"how long is a permit valid in Town{town}"


def trained(source: str) -> str:
    """A document's name that lies in the split to train on."""
    return next(name for n in range(99) if split_of(f"{source}/{(name := f'n{n}')}") == "train")


def lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    towns = [
        {"title_text": f"Town{n}", "question_text": question(n), "paragraph_text": f"{fact(n)} {FILLER}"} for n in TOWNS
    ]
    lines(folder / "qed_dev/qed_dev.jsonl", towns)
    lines(
        folder / "policyqa/corpus.jsonl",
        [{"title": trained("policyqa"), "text": f"We keep data for 30 days. {FILLER}"}],
    )
    lines(folder / "policyqa/qa.jsonl", [])
    lines(folder / "tatqa/corpus.jsonl", [{"_id": trained("tatqa"), "text": f"Revenue rose by 3 % in 2019. {FILLER}"}])
    lines(folder / "tatqa/qa.jsonl", [])
    lines(
        folder / "pubmedqa/corpus.jsonl",
        [{"_id": trained("pubmedqa"), "text": f"Of 40 patients, 7 fell ill. {FILLER}"}],
    )
    lines(folder / "pubmedqa/queries.jsonl", [])
    kinds = {"dc_law": "code-section", "canada_en": "act", "medquad": "health"}
    passages = [
        {
            "source": source,
            "kind": kind,
            "doc": trained(source),
            "title": "Act - s. 1",
            "text": f"It is so. {FILLER} {FILLER}",
        }
        for source, kind in kinds.items()
    ]
    (folder / "scale_legal").mkdir()
    with gzip.open(folder / "scale_legal/passages.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("".join(json.dumps(row) + "\n" for row in passages))
    (folder / "cuad/pdf").mkdir(parents=True)
    for name in UNASKED_CONTRACTS:
        canvas = Canvas(str(folder / "cuad/pdf" / name))
        canvas.drawString(10, 500, f"The Agreement holds for one year. {FILLER}")
        canvas.save()
    for name in (
        "cuad/qa.jsonl",
        "squad2_dev_half/corpus.jsonl",
        "squad2_dev_half/qa.jsonl",
        "ragtruth_qa_test/pairs.jsonl",
    ):
        lines(folder / name, [])
    return folder


@pytest.fixture(scope="module")
def inputs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Replies to every question about a town: the fact if its passage is shown, else none."""
    folder = tmp_path_factory.mktemp("written")
    asked = [exercise for exercise in exercises(data) if exercise.source == "qed"]
    lines(folder / "cited.jsonl", [_reply(exercise) for exercise in asked])
    lines(folder / "written.jsonl", [_reply(exercise) | _judged(exercise) for exercise in asked])
    return Inputs(data, cited=folder / "cited.jsonl", judged=folder / "written.jsonl")


def _shown(exercise: Exercise) -> list[tuple[int, int]]:
    """(number of the passage, its town) of the passage that answers, if it is there."""
    town = int(exercise.document.removeprefix("qed/Town"))
    return [(n, town) for n, piece in enumerate(exercise.passages, 1) if piece.document == exercise.document]


def _reply(exercise: Exercise) -> dict[str, Any]:
    answer = [{"text": fact(town), "cites": [n]} for n, town in _shown(exercise)]
    return {"id": exercise.id, "question": exercise.question, "answer": answer}


def _judged(exercise: Exercise) -> dict[str, Any]:
    true = [
        {"text": f"A permit in Town{town} is valid long after the fee is paid.", "cites": [n]}
        for n, town in _shown(exercise)
    ]
    false = [{**said, "text": said["text"].replace("paid", "waived"), "why": "inference"} for said in true]
    return {"also": true, "wrong": false}


def made(inputs: Inputs, out: Path) -> dict[str, bytes]:
    build(inputs, out, CHECKER, TrimmerShortening(Words()), 0, lambda _: None)
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def built(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return made(inputs, tmp_path_factory.mktemp("rows"))


def rows(files: Mapping[str, bytes], *stems: str) -> list[dict[str, Any]]:
    return [json.loads(line) for stem in stems for line in files[f"{stem}.jsonl"].decode().splitlines()]


def test_the_same_inputs_and_seed_give_the_same_bytes(inputs: Inputs, built: dict[str, bytes], tmp_path: Path) -> None:
    assert set(built) == {"meta.json", *(f"{stem}.jsonl" for stem in FILES)}
    assert made(inputs, tmp_path) == built


def test_it_makes_rows_of_every_kind_and_says_how_many(built: dict[str, bytes]) -> None:
    kinds = {"answer", "unanswerable", "without_gold", "planted", "versions"}
    meta = json.loads(built["meta.json"])
    assert set(meta["kinds"]) == kinds == {row["kind"] for row in rows(built, "train")}
    assert sum(meta["kinds"].values()) >= len(rows(built, "train", "held")) > len(TOWNS)
    assert meta["prompts"] == {"cited": load_prompt("cited").digest}
    assert meta["passes"] == "support of at least 0.7"


def test_a_held_document_has_no_row_to_train_on(built: dict[str, bytes]) -> None:
    held = {row["document"] for row in rows(built, "held")}
    held_pairs = {row["document"] for row in rows(built, "held_pairs")}
    assert held_pairs
    assert held >= held_pairs
    assert not held & {row["document"] for row in rows(built, "train", "pairs")}


def test_what_a_benchmark_asks_is_left_out(inputs: Inputs, built: dict[str, bytes], data: Path, tmp_path: Path) -> None:
    def asked(files: Mapping[str, bytes], town: int) -> bool:
        return any(f"{question(town)}?" in row["messages"][-1]["content"] for row in rows(files, *FILES))

    one, other, free = [town for town in TOWNS if asked(built, town)][:3]
    squad = data / "squad2_dev_half/qa.jsonl"
    lines(squad, [{"question": f"{question(one).capitalize()}?", "answers": []}])
    found = made(replace(inputs, measured={"mine": [question(other).upper()]}), tmp_path)
    lines(squad, [])
    assert [asked(found, town) for town in (one, other, free)] == [False, False, True]
    meta = json.loads(found["meta.json"])
    assert sum(meta["left out for 13 words shared with a benchmark"].values()) >= 2
    assert {"mine", "squad2_dev_half/qa.jsonl"} <= set(meta["benchmarks"])


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command around a judge and a reranker that count words."""

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(checker=CHECKER, reranker=Words())

    monkeypatch.setattr(training, "opened", opened)


def test_other_data_than_the_replies_were_written_for_is_told_in_one_line(
    command: None, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="is not made from this data") as raised:
        training.data(data, tmp_path, 0)
    assert explained(raised.value) == str(raised.value)
    assert str(data) in str(raised.value)


def test_the_command_hands_in_the_golden_questions(
    command: None, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Inputs] = []
    monkeypatch.setattr("generation.training.lora.data.build", lambda inputs, *_: seen.append(inputs))
    assert training.data(data, tmp_path, 0) == 0
    (texts,) = (inputs.measured["sample/golden.jsonl"] for inputs in seen)
    assert "How long may we take to pay Brightwater's invoices?" in texts
    assert any("two hours, day or night, through the telephone list" in text for text in texts)
