"""LoRA training without torch: settings, rows as tokens, batches, the log, the learning rate."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from generation.llm import unpacking
from generation.training.lora import rows
from generation.training.lora.commands import ended
from generation.training.lora.errors import LoraError
from generation.training.lora.forward import shared_tokens
from generation.training.lora.record import Log, carried_prompts
from generation.training.lora.rows import Pair, Renderer, Row
from generation.training.lora.settings import Preference, Tuning
from generation.training.lora.steps import learning_rate

RUN = Tuning(model="o/m", learning_rate=1e-3, epochs=2, rank=4, alpha=8, targets=("q_proj",), batch_tokens=256)
RUNS = Path(rows.__file__).parent / "runs"


class Letters:
    """A tokenizer with ChatML as its template: a token for each character, and one for the end of a turn."""

    eos_token_id = 1

    def apply_chat_template(
        self, messages: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool = False
    ) -> str:
        text = "".join(f"<{m['role']}>{m['content']}$\n" for m in messages)
        return text + "<assistant>" if add_generation_prompt else text

    def __call__(self, text: str, *, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": [1 if letter == "$" else ord(letter) for letter in text]}


def row(tokens: int, name: str = "r") -> Row:
    return Row(name, "", tuple(range(tokens - 1)), (1,))


def stated(**values: Any) -> dict[str, Any]:
    return {"id": "a", "kind": "answer", "messages": [{"role": "user", "content": "why"}], "completion": "so"} | values


@pytest.mark.parametrize("name", ["small.toml", "large.toml"])
def test_the_runs_that_ship_can_be_read(name: str) -> None:
    run = Tuning.read(RUNS / name)
    assert run.batch_rows * run.accumulate == 16
    assert len(run.targets) == 7


def test_the_preference_run_that_ships_can_be_read() -> None:
    assert {Preference.read(RUNS / name).beta for name in ("small-dpo.toml", "large-dpo.toml")} == {0.1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("rnak = 4", r"rnak is no setting\. Known are .*rank"),
        ("epochs = 0", "epochs: Input should be greater than or equal to 1"),
        ("epochs = 1.5", "epochs: Input should be a valid integer"),
        ("epochs = true", "epochs: Input should be a valid integer"),
        ("alpha = true", "alpha: Input should be a valid number"),
        ("targets = 'q_proj'", "targets: Input should be a valid tuple"),
        ("targets = []", "targets: Tuple should have at least 1 item"),
        ("targets = [1]", "targets.0: Input should be a valid string"),
        ("warmup = 1", "warmup: Input should be less than 1"),
        ("rank = 0", "rank: Input should be greater than or equal to 1"),
        ("alpha = -1", "alpha: Input should be greater than 0"),
        ("dropout = 1.0", "dropout: Input should be less than 1"),
        ("dropout = -0.1", "dropout: Input should be greater than or equal to 0"),
        ("skip_layers = -1", "skip_layers: Input should be greater than or equal to 0"),
        ("shares = 0.5", "shares: Input should be a valid dictionary"),
        ("shares = {answer = 'x'}", "shares.answer: Input should be a valid number"),
        ("shares = {answer = 1.5}", "shares.answer: Input should be less than or equal to 1"),
        ("learning_rate = nan", "learning_rate: Input should be greater than 0"),
        ("epochs = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, change: str, said: str) -> None:
    settings = {"model": '"o/m"', "learning_rate": "1e-3", "epochs": "1", "rank": "4", "alpha": "8"}
    settings |= {"targets": '["q_proj"]'} | dict([change.split(" = ", 1)])
    path = tmp_path / "run.toml"
    path.write_text("\n".join(f"{name} = {value}" for name, value in settings.items()))
    with pytest.raises(LoraError, match=said):
        Tuning.read(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [("beta = 0", "beta: Input should be"), ("chosen_weight = -1", "chosen_weight: Input should be")],
)
def test_a_wrong_setting_of_the_second_stage_is_named(tmp_path: Path, change: str, said: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(f'model = "o/m"\nlearning_rate = 1e-3\nepochs = 1\n{change}\n')
    with pytest.raises(LoraError, match=said):
        Preference.read(path)


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('model = "o/m"\nlearning_rate = 1e-3\nepochs = 1\nrank = 4\nalpha = 8\n')
    with pytest.raises(LoraError, match="targets is not set"):
        Tuning.read(tmp_path / "run.toml")


def test_a_row_is_the_rendered_prompt_then_the_completion_and_the_end_of_turn() -> None:
    made = Renderer(Letters()).row(stated())
    assert "".join(map(chr, made.prompt)).replace("\x01", "$") == "<user>why$\n<assistant>"
    assert made.completion == (ord("s"), ord("o"), 1)


def test_a_template_that_does_not_end_a_turn_is_refused() -> None:
    class Endless(Letters):
        eos_token_id = 2

    with pytest.raises(LoraError, match="would not learn to stop"):
        Renderer(Endless())


@pytest.mark.parametrize(("line", "said"), [('{"id": "a"}', "line 2: the key 'messages'"), ("{", "line 2 is no row")])
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(stated(completion="one\u2028line"), ensure_ascii=False) + "\n" + line)
    with pytest.raises(LoraError, match=said):
        rows.read(path, Renderer(Letters()).row)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("\n")
    with pytest.raises(LoraError, match="holds no rows"):
        rows.read(tmp_path / "train.jsonl", Renderer(Letters()).row)


def test_a_pair_is_as_long_as_its_longer_completion() -> None:
    pair = Renderer(Letters()).pair(stated(chosen="yes", rejected="perhaps"))
    assert pair.tokens == pair.rejected.tokens == pair.chosen.tokens + 4
    assert pair.chosen.prompt == pair.rejected.prompt


def test_of_a_kind_its_share_is_drawn_by_the_rows_names_alone() -> None:
    made = [Row(str(n), kind, (1,), (2,)) for n in range(400) for kind in ("answer", "unanswerable")]
    kept = rows.drawn(made, {"unanswerable": 0.25}, "train.jsonl")
    assert [row for row in kept if row.kind == "answer"] == [row for row in made if row.kind == "answer"]
    assert 70 < sum(row.kind == "unanswerable" for row in kept) < 130
    assert rows.drawn(made[:100], {"unanswerable": 0.25}, "train.jsonl") == [row for row in made[:100] if row in kept]
    with pytest.raises(LoraError, match=r"leaves no row of train\.jsonl"):
        rows.drawn(made, {"unanswerable": 0, "answer": 0}, "train.jsonl")


def test_only_rows_that_are_too_long_are_left_out() -> None:
    assert [found.tokens for found in rows.fitting([row(5), row(6), row(7)], 6, "train.jsonl")] == [5, 6]
    with pytest.raises(LoraError, match=r"All rows of held\.jsonl have more than 4 tokens"):
        rows.fitting([row(5), row(6)], 4, "held.jsonl")


def test_batches_keep_their_limits_and_lose_no_row() -> None:
    chosen = random.Random(3)
    items = [row(chosen.randint(2, 200), str(number)) for number in range(100)]
    made = rows.in_order(items, RUN)
    for batch in made:
        assert len(batch) <= RUN.batch_rows
        assert len(batch) == 1 or len(batch) * rows.padded(max(item.tokens for item in batch)) <= RUN.batch_tokens
    assert Counter(item.id for batch in made for item in batch) == Counter(item.id for item in items)


def test_a_pair_takes_two_rows_of_a_batch() -> None:
    pairs = [Pair(row(9, str(number)), row(9, str(number))) for number in range(5)]
    assert [len(batch) for batch in rows.in_order(pairs, RUN, sequences=2)] == [2, 2, 1]


def test_steps_go_over_all_rows_in_each_epoch_and_are_the_same_for_the_same_seed() -> None:
    items = [row(10 + number, str(number)) for number in range(37)]
    plan = list(rows.steps(items, RUN))
    assert Counter(item.id for step in plan for batch in step for item in batch) == {str(n): 2 for n in range(37)}
    assert all(len(step) <= RUN.accumulate for step in plan)
    assert plan == list(rows.steps(items, RUN))
    half = len(plan) // 2
    assert plan[:half] != plan[half:]


def test_what_rows_share_ends_before_what_predicts_the_completion() -> None:
    same = Row("a", "", tuple(range(65)), (1,))
    assert shared_tokens([same, Row("b", "", tuple(range(65)), (2,))]) == 64
    assert shared_tokens([same, Row("b", "", tuple(range(64)), (2,))]) == 32
    assert shared_tokens([same, Row("b", "", (9, *range(64)), (2,))]) == 0
    assert shared_tokens([same]) == 0


def test_the_learning_rate_rises_then_falls_and_is_never_zero() -> None:
    rates = [learning_rate(number, 100, RUN) for number in range(1, 101)]
    top = rates.index(max(rates))
    assert 0 < rates[0] < rates[1]
    assert rates[-1] > 0
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert 4 <= top <= 5
    assert max(rates) == pytest.approx(RUN.learning_rate, rel=0.1)
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_the_log_forgets_steps_that_will_be_done_again(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    for number in (1, 2, 3):
        log.write(number, {"loss": 1.0})
    log.write(2, {"held_loss": 2.0})
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    again = Log(tmp_path, 2)
    steps = [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 2]
    assert again.held_at(2)
    assert not again.held_at(3)


def test_pairs_teach_no_prompt_and_unteach_what_they_have_in_another_wording() -> None:
    start = {"cited": "a", "judge": "b"}
    assert carried_prompts(start, {"cited": "a", "judge": "c", "relevance": "d"}) == {"cited": "a"}
    assert carried_prompts(start, {}) == start
    assert carried_prompts({}, {"cited": "a"}) == {}


SIGNALLED = """
import signal
from generation.training.lora.steps import Signals, Stopped

signals = Signals()
signals.listen()
signals.check()
signal.raise_signal(signal.{number})
try:
    signals.check()
except Stopped as stopped:
    print(stopped.number, flush=True)
signal.raise_signal(signal.{number})
print("goes on")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_first_signal_is_remembered_and_a_second_one_ends(number: signal.Signals) -> None:
    """In a process of its own, for it ends."""
    command = [sys.executable, "-c", SIGNALLED.format(number=number.name)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == (f"{number:d}\n", -number), ended.stderr


def test_a_wrong_run_ends_with_one_line_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: print(Tuning.read(RUNS / "small-dpo.toml"))) == 2
    said = capsys.readouterr().err
    assert "small-dpo.toml: rank is not set; " in said
    assert said.count("\n") == 1


def test_a_base_that_cannot_be_read_ends_with_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "find_spec", lambda name: None)
    assert ended(lambda: print(unpacking.load_base(tmp_path / "model.gguf"))) == 2
    assert "model.gguf needs torch transformers gguf" in capsys.readouterr().err
