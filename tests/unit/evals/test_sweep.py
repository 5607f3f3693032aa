"""A sweep with scripted answers and the real Optuna: it finds, resumes, leaves what is hopeless, and reports honestly."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.suites.sweep.plan import Range, Values, planned
from evals.suites.sweep.report import Report, Row, pareto, proposal
from evals.suites.sweep.run_sweep import UNFINISHED, SweepRun, chosen, hopeless, run_sweep
from evals.suites.sweep.study import Study
from evals.systems.tries import sums
from evals.systems.trying import RIGHT, WRONG, Configuration, Places, Put, Tried

pytest.importorskip("optuna")
by_environment = partial(run_sweep, now=dict)

FILE = """
[parameters]
answer_rerank = [0, 5, 10]
judge_threshold = {{ from = 0.5, to = 0.9, step = 0.1 }}
[cases]
sample = true
limit = {limit}
[run]
configurations = {configurations}
minutes = {minutes}
seed = 3
"""


def plan_file(folder: Path, limit: int = 0, configurations: int = 6, minutes: float = 60) -> Path:
    file = folder / "sweep.toml"
    file.write_text(FILE.format(limit=limit, configurations=configurations, minutes=minutes))
    return file


class Scripted:
    """The deeper it reads the more it gets right, and the longer it takes; one case in `every` is wrong with 0."""

    def __init__(self) -> None:
        self.tried: list[dict[str, Any]] = []
        self.asked = 0

    def __call__(
        self,
        places: Places,
        configuration: Configuration,
        puts: Sequence[Put],
        results: object,
        *,
        go_on: Callable[[Sequence[Tried]], bool],
        step: object = None,
    ) -> list[Tried]:
        self.tried.append(dict(configuration.settings))
        depth = configuration.settings.get("answer_rerank", 10)
        found: list[Tried] = []
        for at, one in enumerate(puts):
            if not go_on(found):
                break
            self.asked += 1
            right = depth == 10 or at % (2 if depth else 1)
            found.append(Tried(one.key, RIGHT if right else WRONG, False, 1.0, 2.0 + depth / 10 + (not depth)))
        return found


def run(folder: Path, as_json: bool = True, **options: Any) -> tuple[int, Scripted]:
    scripted = Scripted()
    wanted = SweepRun(plan_file(folder, **options), folder / "out.jsonl", as_json=as_json)
    return by_environment(wanted, scripted), scripted


def test_it_tries_each_once_and_writes_table_plots_and_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    code, scripted = run(tmp_path)
    assert code == 0
    by_settings = [json.dumps(one, sort_keys=True) for one in scripted.tried]
    assert len(set(by_settings[:7])) == 7  # the base and six
    told = json.loads(capsys.readouterr().out)
    assert len(told["configurations"]) == 7
    assert sum(one["pareto"] for one in told["configurations"]) >= 1
    for ending in (".png", ".svg", ".html"):
        assert (tmp_path / f"out.jsonl{ending}").stat().st_size > 1000
    page = (tmp_path / "out.jsonl.html").read_text()
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons.org", ""
    )


def test_a_person_gets_words_and_no_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, as_json=False)
    told = capsys.readouterr().out
    assert "{" not in told
    assert "Quality: right less 1 times wrong, a case." in told
    assert "what varies between configurations" in told


def test_what_it_writes_is_its_owners_alone(tmp_path: Path) -> None:
    """Rows may hold words of documents, and nobody looks which file does."""
    run(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.name.startswith("out.")}
    assert {"out.jsonl.study", "out.jsonl.html"} <= modes.keys()
    assert set(modes.values()) == {0o600}, modes


def test_what_is_hopeless_is_left_and_what_is_worse_but_quicker_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, configurations=12)
    told = json.loads(capsys.readouterr().out)
    by_depth: dict[Any, set[bool]] = {}
    for one in told["configurations"]:
        by_depth.setdefault(one["settings"].get("answer_rerank"), set()).add(one["left"])
    assert by_depth[0] == {True}  # all wrong, and slower than the base
    assert by_depth[5] == {False}
    assert by_depth[10] == {False}


def test_a_sweep_goes_on_after_its_time_with_the_same_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, now = plan_file(tmp_path, minutes=0.5), [0.0]
    first, second = Scripted(), Scripted()

    def clock() -> float:
        now[0] += 0.2
        return now[0]

    wanted = SweepRun(file, tmp_path / "out.jsonl")
    assert by_environment(wanted, first, clock) == UNFINISHED
    assert "goes on" in capsys.readouterr().out
    assert by_environment(SweepRun(plan_file(tmp_path), wanted.out), second) == 0
    unfinished = first.tried[-1]
    assert unfinished in second.tried  # it comes again
    tries = [one for one in second.tried if one]
    assert len({json.dumps(one, sort_keys=True) for one in tries}) == 6


def test_what_was_under_way_when_it_was_killed_comes_first(tmp_path: Path) -> None:
    plan, file = planned(plan_file(tmp_path)), tmp_path / "study"
    killed = Study(plan, ["a"], file)
    proposals = killed.proposals()
    first, second = next(proposals), next(proposals)
    killed.tell(first, 0.5, 2.0)
    again = Study(plan, ["a"], file)
    assert [one.settings for one in again.ended] == [first.settings]
    assert next(again.proposals()).settings == second.settings
    assert Study(plan, ["a", "b"], file).ended == []  # other cases


def sides(new: Sequence[str], seconds: float) -> tuple[list[Tried], list[Tried]]:
    found = [Tried(f"s:{at}", told, False, 1.0, seconds) for at, told in enumerate(new)]
    return found, [Tried(f"s:{at}", RIGHT, False, 1.0, 2.0) for at in range(len(new))]


def test_hopeless_needs_evidence(tmp_path: Path) -> None:
    plan = planned(plan_file(tmp_path))
    assert not hopeless(*sides([WRONG] * 9, 3.0), plan)
    assert hopeless(*sides([WRONG] * 20, 3.0), plan)
    assert not hopeless(*sides([WRONG] * 20, 1.0), plan)  # quicker
    assert not hopeless(*sides([RIGHT] * 20 + [WRONG] * 2, 3.0), plan)


def row(name: str, right: int, seconds: float, left: bool = False, **settings: Any) -> Row:
    found = [Tried(f"s:{at}", RIGHT if at < right else WRONG, False, 1.0, seconds) for at in range(10)]
    counted = sums(found)
    return Row(name, settings, counted, counted.quality(1.0), seconds, left)


def test_pareto_and_the_best() -> None:
    base, quick, best = row("base", 6, 2.0), row("1", 5, 1.0, answer_rerank=0), row("2", 8, 3.0, answer_rerank=16)
    worse, left = row("3", 5, 2.5, answer_rerank=5), row("4", 10, 0.5, True, answer_rerank=1)
    twin = row("5", 8, 3.0, answer_rerank=17)
    rows = [base, quick, best, worse, left, twin]
    assert [one.name for one in pareto(rows)] == ["base", "1", "2"]
    assert chosen(rows) is best
    assert chosen([base, row("6", 6, 1.95, answer_rerank=9)]) is None  # noise of the clock
    assert chosen([base, row("7", 6, 1.0, answer_rerank=9)]) is not None
    together = "footnote release propose NAME --set passages=8 --set answer_rerank=16"
    assert proposal(best, {"passages": 8}) == together
    assert Report((base,), None, None, None, False, 1.0).best is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing is varied"),
        ("[parameters]\nport = [1, 2]", "port cannot be varied"),
        ("[parameters]\nanswer_rerank = [1, 1]", "answer_rerank is a list"),
        ("[parameters]\nanswer_rerank = { from = 9, to = 1 }", "answer_rerank is a list"),
        ("[parameters]\nanswer_rerank = [1, 2000]", "FOOTNOTE_ANSWER_RERANK"),
        ("[parameters]\nhyde = ['sometimes', 'off']", "FOOTNOTE_HYDE"),
        ("[parameters]\nhyde = ['always', 'off']\n[base]\nhyde = 'off'", "in [base] and in [parameters]"),
        ("[parameters]\nhyde = ['always', 'off']\n[run]\nhours = 3", "run.hours is not known"),
        ("[parameters]\nhyde = ['always', 'off']\n[run]\nconfigurations = 0", "a whole number from 1"),
        ("[parameters]\nhyde = ['always', 'off']\n[objective]\nseconds = 'p99'", "first"),
        ("[budget]\nx = 1", "budget is no section"),
        ("parameters = 3", "parameters is no section"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as told:
        planned(file)
    assert words in str(told.value)


def test_values_and_ranges(tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(
        "[parameters]\nchunking = ['structure', 'recursive']\nshown_chars = { from = 800, to = 1600, step = 400 }\n"
        "dense_weight = { from = 0.2, to = 0.8 }\n[cases]\nfiles = ['g.jsonl']"
    )
    (tmp_path / "g.jsonl").write_text(
        '{"id": "a", "kind": "unanswerable", "question": "?", "asker": {"user": "ana", "groups": []},'
        ' "evidence": [], "must_contain": []}'
    )
    with pytest.raises(UsageError, match="cannot be varied over this installation's documents"):
        by_environment(SweepRun(file, tmp_path / "out.jsonl"), Scripted())
    plan = planned(file)
    assert plan.parameters["chunking"] == Values(("structure", "recursive"))
    assert plan.parameters["shown_chars"] == Range(800, 1600, 400)
    assert plan.parameters["dense_weight"] == Range(0.2, 0.8, 0.03)
    assert (plan.sample, plan.files) == (False, (tmp_path / "g.jsonl",))
