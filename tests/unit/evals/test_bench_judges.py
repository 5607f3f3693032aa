"""`footnote bench judges` and what it is made of: agreement by hand, draws that stay, rows that are gone on from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from api.terminal import UsageError
from evals.datasets.judged import Disputed, Labelled, Preference, disputed, drawn, labelled, plain, preferences
from evals.measuring.agreement import agreement, kappa
from evals.measuring.results import ResultFile
from evals.suites.judges import conflicts, intervals, labels, pairs, run_judges
from evals.suites.nightly.few import Few
from evals.suites.nightly.run_nightly import run_nightly
from generation.errors import GeneratorUnavailable
from generation.types import Answer, ModelCard, Note, Sentence, Status, Verdict

CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot")


def flags(text: str) -> Any:
    return np.array([letter == "y" for letter in text])


# Agreement


def test_kappa_by_hand() -> None:
    # Cohen's table: both yes 20, only one 5, only the other 10, both no 15 of 50: agree .7, chance .5, kappa .4.
    one, other = flags("y" * 25 + "n" * 25), flags("y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
    assert kappa(one, other) == pytest.approx(0.4)
    assert kappa(one, ~one) == pytest.approx(-1.0)
    assert kappa(one, one) == 1.0
    assert math.isnan(kappa(flags("yyy"), flags("yyy")))  # chance alone would agree
    assert kappa(flags("yyyy"), flags("yyny")) == 0.0


def test_agreement_draws_whole_groups() -> None:
    one, other = [True, True, False, False] * 10, [True, False, False, False] * 10
    alone = agreement(one, other, [str(at) for at in range(40)])
    grouped = agreement(one, other, ["a"] * 40)
    assert (alone.n, alone.agree, alone.kappa) == (40, 0.75, pytest.approx(0.5))
    assert alone.low is not None
    assert alone.high is not None
    assert alone.low < 0.5 < alone.high
    assert (grouped.low, grouped.high) == (pytest.approx(0.5), pytest.approx(0.5))  # one group is always that one
    assert agreement([], [], []).kappa is None
    always = agreement([True] * 3, [True] * 3, ["a", "b", "c"])
    assert (always.agree, always.kappa) == (1.0, None)
    with pytest.raises(ValueError, match="not of the same cases"):
        agreement([True], [True, False], ["a"])


# Data


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write(tmp_path / "ragtruth_outside_test" / "pairs.jsonl", [
        {"id": "qa_1_0", "source_id": "1", "question": "How long?", "premise": "passage 1:Keep it.\npassage 2: Long.",
         "hypothesis": "For long.", "hallucinated": False},
        {"id": "summary_2_0", "source_id": "2", "premise": "News.", "hypothesis": "Old.", "hallucinated": True},
    ])  # fmt: skip
    write(tmp_path / "ramdocs" / "qa.jsonl", [
        {"question": "Where?", "gold_answers": ["Rome"], "wrong_answers": ["Oslo"],
         "documents": [{"text": "In Rome.", "answer": "Rome"}, {"text": "In Oslo.", "answer": "Oslo"}]},
        {"question": "When?", "gold_answers": ["1900"], "wrong_answers": [],
         "documents": [{"text": "In 1900.", "answer": "1900"}, {"text": "Ads.", "answer": "unknown"}]},
    ])  # fmt: skip
    sides = {"dataset": "kiwi", "query": "Why?", "model1": {"response": "No."}, "model2": {"response": "So."}}
    rows = [sides | {"instance_id": 0, "overall_label": 1}, sides | {"instance_id": 0, "overall_label": 2}]
    (tmp_path / "ragchecker").mkdir()
    (tmp_path / "ragchecker" / "human_labeled_data.json").write_text(
        json.dumps([*rows, sides | {"instance_id": 1, "overall_label": 0}]), encoding="utf-8"
    )
    return tmp_path


def test_what_people_said_is_read(data: Path, tmp_path: Path) -> None:
    first, second = labelled(data)
    assert (first.evidence, first.question, first.hallucinated) == ("Keep it.\nLong.", "How long?", False)
    assert second.question  # a summary was asked for without a question
    assert preferences(data) == (Preference("kiwi:0", "Why?", "No.", "So.", (1, 2)),)  # of the other nobody else spoke
    differs, agrees = disputed(data)
    assert (differs.conflict, agrees.conflict) == (True, False)
    assert agrees.answers == ("1900", "")
    with pytest.raises(UsageError, match=r"ramdocs/qa\.jsonl"):
        disputed(tmp_path / "nowhere")
    assert plain("passage 3:a") == "a"


def test_a_draw_is_always_the_same_and_begins_a_larger_one() -> None:
    items = list(range(391))
    assert drawn(items, 100) == drawn(items, 100)
    assert drawn(items, 391)[:100] == drawn(items, 100)
    assert len({*drawn(items, 100)}) == 100
    assert drawn(items, 100) != tuple(items[:100])


# Labels


ITEMS = [Labelled(f"i{at}", f"s{at // 2}", "q", "e", "t", at % 2 == 0) for at in range(40)]


def judged(score: float | None, faithful: bool | None, item: Labelled, **more: Any) -> dict[str, Any]:
    return {"key": item.id, "score": score, "faithful": faithful, "seconds": 1.0, **more}


async def test_rows_are_gone_on_from_and_what_failed_is_asked_again(tmp_path: Path) -> None:
    setups = {labels.GATE: {"gate": "a"}}
    asked: list[str] = []

    async def judge(item: Labelled) -> dict[str, Any]:
        asked.append(item.id)
        if item.id == "i1" and asked.count("i1") == 1:
            raise GeneratorUnavailable("gone")
        return {"score": None if item.id == "i2" else 1.0, "faithful": True}

    for _ in range(2):
        rows = await labels.Asked(ResultFile(tmp_path / "rows.jsonl"), setups).of(labels.GATE, ITEMS[:4], judge)
    assert asked == ["i0", "i1", "i2", "i3", "i1"]  # no number is a result, a judge that is gone is none
    assert [row["key"] for row in rows] == ["i0", "i1", "i2", "i3"]
    other = labels.Asked(ResultFile(tmp_path / "rows.jsonl"), {labels.GATE: {"gate": "b"}})
    await other.of(labels.GATE, ITEMS[:1], judge)
    assert asked[-1] == "i0"


def test_no_number_is_counted_and_in_no_share(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.measuring.detection.SAMPLES", 50)
    monkeypatch.setattr("evals.measuring.agreement.SAMPLES", 50)
    ragas = [
        judged(None, None, item, why="time", statements=3, verdicts=0, read=0, written=0) if at < 10 else
        judged(0.5 if item.hallucinated else 1.0, not item.hallucinated, item, why="", statements=2,
               verdicts=1 if at == 11 else 2, read=2000, written=600)
        for at, item in enumerate(ITEMS)
    ]  # fmt: skip
    gate = [judged(0.5, True, item) for item in ITEMS]
    found = labels.say_labels(ITEMS, {labels.RAGAS: ragas, labels.GATE: gate, labels.ALONE: gate})
    told = found[labels.RAGAS]["all"]
    assert (told["asked"], told["no number"], told["n"]) == (40, 10, 30)
    assert (told["kappa"], told["agree"], told["auc"]["value"]) == (1.0, 1.0, 1.0)
    assert found["tokens"] == {"read": 2000, "written": 600}
    assert (found["miscounted"], found["why"]) == (1, {"time": 10})
    assert (found[labels.GATE]["same"]["n"], found[labels.GATE]["all"]["n"]) == (30, 40)
    assert found[labels.GATE]["all"]["auc"]["value"] == 0.5
    assert found[labels.GATE]["all"]["kappa"] == 0.0
    assert "time" in capsys.readouterr().out


# Powered


def test_intervals_of_few_labels_hold_the_truth_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "DRAWS", 400)
    rng = np.random.default_rng(0)
    truth = rng.random(400) < 0.7
    good, none = np.where(truth, 0.9, 0.1), rng.random(400)
    for scores in (good, none):
        found = intervals.simulated("judge", truth.tolist(), scores.tolist(), 40, 300)
        assert found.held >= 0.92
        assert found.held_alone >= 0.92
    assert intervals.simulated("good", truth.tolist(), good.tolist(), 40, 300).worth > 80
    assert found.width == pytest.approx(found.width_alone, rel=0.1)  # a judge that knows nothing costs nothing


def test_of_too_few_judged_answers_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "DRAWS", 20)
    rows = [judged(0.9 if at % 3 else 0.1, True, item) for at, item in enumerate(ITEMS * 2)]
    truth = {item.id: not item.hallucinated for item in ITEMS}
    found = intervals.say_powered(truth, {"few": rows[:40], "many": rows})
    assert {one["judge"] for one in found} == {"many"}
    assert len(found) == len(intervals.LABELS) * len(intervals.OTHERS)


# Pairs


class Preferring:
    """Says A so surely as it is told by the two answers of a prompt."""

    name, adapter = "preferring", ""

    def __init__(self, sure: Any) -> None:
        self.sure = sure
        self.asked = 0

    async def first_token(self, messages: Any, *, top: int = 20, cache_salt: str = "") -> dict[str, float]:
        self.asked += 1
        first, second = messages[-1].content.split("Answer A:\n")[1].split("Answer B:\n")
        p = self.sure(first.strip(), second.split("Which answer")[0].strip())
        return {} if p is None else {"A": 0.5 * p, " B": 0.5 * (1 - p), "The": 0.5}


def pair(at: int, people: tuple[int, int] = (1, 1)) -> Preference:
    return Preference(f"p{at}", "Why?", f"short {at}", f"a longer answer {at}", people)


async def test_what_always_says_a_is_biased_and_knows_nothing(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    model = Preferring(lambda first, second: 0.9)
    chosen = [pair(at, (1, 1) if at % 2 else (-1, -2)) for at in range(10)]
    rows = await pairs.measure(model, chosen, ResultFile(out))
    assert model.asked == 40
    await pairs.measure(model, chosen, ResultFile(out))
    assert model.asked == 40
    found = pairs.say_pairs(chosen, rows)
    assert found["first said"]["value"] == pytest.approx(0.9)
    assert found["turns"]["value"] == 1.0
    assert found["padded"]["value"] == pytest.approx(0.5)
    assert (found["padded wins"]["value"], found["padded loses"]["value"]) == (0.0, 0.0)
    assert found["people"]["auc"]["value"] == 0.5


async def test_what_likes_length_takes_the_padded_answer(tmp_path: Path) -> None:
    model = Preferring(lambda first, second: None if "9" in first else 0.8 if len(first) > len(second) else 0.2)
    chosen = [pair(at, (1, 2) if at < 6 else (-1, 1)) for at in range(10)]
    found = pairs.say_pairs(chosen, await pairs.measure(model, chosen, ResultFile(None)))
    assert (found["pairs"], found["no number"]) == (10, 1)
    assert found["first said"]["value"] == pytest.approx(0.5)
    assert found["turns"]["value"] == 0.0
    assert found["padded"]["value"] == pytest.approx(0.8)
    assert found["padded wins"]["value"] == 1.0
    judge, longer, both = (found["people"][k] for k in ("judge", "the longer one", "one person and the other"))
    assert (judge["n"], judge["agree"], longer["agree"]) == (6, 1.0, 1.0)
    assert (both["n"], both["agree"]) == (9, pytest.approx(6 / 9))


# Conflicts


def answer(text: str, note: Note = Note.NONE) -> Answer:
    said = Sentence(text, 0, len(text), Verdict.ENTAILED, 1.0, (), note)
    return Answer(text, Status.ANSWERED if text else Status.ABSTAINED, (said,) if text else (), (), CARD)


def test_a_conflict_is_told_or_not_and_answers_are_held_against_the_gold() -> None:
    one = Disputed("d", "Where?", ("a", "b"), ("Rome", "Oslo"), ("Rome",), ("Oslo",))
    said = conflicts.scored(one, answer("The sources differ: one says “Rome”.", Note.CONFLICT))
    assert (said["said"], said["complete"], said["wrong"], said["conflict"]) == (True, True, False, True)
    wrong = conflicts.scored(one, answer("Rome, or OSLO."))
    assert (wrong["said"], wrong["one right"], wrong["complete"], wrong["wrong"]) == (False, True, False, True)


def test_recall_and_precision_of_the_note(capsys: pytest.CaptureFixture[str]) -> None:
    def row(conflict: bool, said: bool, status: str = "answered") -> dict[str, Any]:
        right = {"one right": True, "complete": False, "wrong": False}
        return {"conflict": conflict, "said": said, "status": status, "seconds": 1.0, **right}

    rows = [row(True, True), row(True, False), row(True, False, "abstained"), row(False, True), row(False, False)]
    found = conflicts.say_conflicts(rows)
    shares = {name: (one["value"], one["of"]) for name, one in found.items()}
    assert shares["recall"] == (pytest.approx(1 / 3), 3)
    assert shares["recall of answered"] == (0.5, 2)
    assert shares["said where none is"] == (0.5, 2)
    assert shares["precision"] == (0.5, 2)
    assert shares["answered"] == (0.8, 5)


def test_half_of_the_questions_have_a_conflict() -> None:
    items = [
        Disputed(f"{at:03}", "q", (), ("a", "b") if at % 4 else ("a", "a"), (), ()) for at in range(100)
    ]  # fmt: skip
    chosen = conflicts.chosen(items, 21)
    assert sum(one.conflict for one in chosen) == 11
    assert chosen == conflicts.chosen(items, 21)
    assert [one.id for one in chosen] == sorted(one.id for one in chosen)


def test_the_documents_of_a_question_are_read_by_its_asker_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ingested: dict[str, Any] = {}
    asked: list[Any] = []

    async def timed(parts: Any, question: str, asker: Any) -> Any:
        asked.append(asker.groups)
        return SimpleNamespace(answer=answer("Rome."), seconds=2.0)

    monkeypatch.setattr(conflicts, "timed", timed)
    monkeypatch.setattr(conflicts, "ingest_apart", lambda parts, texts: ingested.update(texts))
    monkeypatch.setattr(conflicts.Setup, "of", lambda parts: conflicts.Setup("g", "", "p", "j", "e", {}))
    items = [Disputed(name, "Where?", (f"text {name}",), ("Rome",), ("Rome",), ()) for name in "ab"]
    results = ResultFile(None)
    rows = conflicts.measure(SimpleNamespace(), items, results)  # type: ignore[arg-type]
    assert ingested == {"ramdocs-a": ("text a",), "ramdocs-b": ("text b",)}
    assert asked == [frozenset({"ramdocs-a"}), frozenset({"ramdocs-b"})]
    assert conflicts.measure(SimpleNamespace(), items, results) == rows  # type: ignore[arg-type]
    assert len(asked) == 2


# The command


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (("", "gpt", ""), "name that, too"),
        (("http://127.0.0.1:9/v1", "", ""), "--judge-model"),
        (("http://127.0.0.1:9/v1", "gpt", "NO_SUCH_KEY"), "NO_SUCH_KEY"),
    ],
)
def test_a_judge_named_by_half_is_told_before_anything_is_asked(
    at: tuple[str, str, str], words: str, tmp_path: Path
) -> None:
    wanted = run_judges.JudgesRun(tmp_path, ("labels",), 1, 1, 2, None, 1.0, at, tmp_path / "rows.jsonl")
    with pytest.raises(UsageError, match=words):
        run_judges.run(wanted)
    with pytest.raises(UsageError, match=words):
        run_nightly(1.0, "all", (), 0, "", False, False, Few(40, 0.25, at))


def test_conflicts_need_a_folder_of_their_own(tmp_path: Path) -> None:
    wanted = run_judges.JudgesRun(tmp_path, ("conflicts",), 1, 1, 2, None, 1.0, ("", "", ""), None)
    with pytest.raises(UsageError, match="--home"):
        run_judges.run(wanted)
