"""A release is proposed, weighed by two nights and promoted: what is refused, what is pinned, what is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import evals.suites.nightly.run_promoting as command
from api.bootstrap import Container
from api.cli import releases as commands
from api.gating.gates import Outcome
from api.terminal import UsageError
from api.wiring import pins
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.language import own_engine, prompt_of
from api.wiring.pins import drift, setup_sha256
from evals.systems.asking import Setup
from evals.systems.nights import CaseResult, Dataset, MetricValue, NewRun, PostgresEvaluations
from evals.systems.promoting import grounds, promote
from infra.postgres.errors import AdapterRefused, ReleaseRefused
from infra.postgres.pool import Pool
from infra.settings import RELEASABLE, SettingsError, load_settings
from ingest.errors import FootnoteError

DATA = Dataset("d" * 64, "golden.jsonl", 100)
CASE = CaseResult("golden", "", DATA.sha256, "own", "right", "answered", "", 0.5, 2.0, None, "s", {})


class Language:
    """In the place of `api.wiring.language.Language`: nothing is started."""

    def __init__(self, settings: Any, adapter: AdapterInUse | None) -> None:
        self.adapter, self.prompt, self.engine = adapter, prompt_of(adapter), own_engine(settings, adapter)
        self._model = SimpleNamespace(name=settings.generator, adapter=adapter.pinned if adapter else "")

    def start(self) -> None:
        pass

    close = retire = start

    def in_use(self) -> Any:
        return nullcontext()

    def generator(self) -> Any:
        return self._model


class Parts(Container):
    def _language(self, adapter: AdapterInUse | None) -> Any:
        return Language(self.settings, adapter)

    def _gate(self, language: Any) -> Any:
        return SimpleNamespace(name=f"the gate at {self.settings.judge_threshold}")

    def _service(self, language: Any, gate: Any) -> Any:
        return SimpleNamespace()


@pytest.fixture
def parts(fresh_database: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in RELEASABLE:
        monkeypatch.delenv(f"FOOTNOTE_{name.upper()}", raising=False)
    with Parts(load_settings(home=tmp_path / "home")) as made:
        vars(made).update(pool=fresh_database, embedder=None, index=None, names=None, audit=None)
        vars(made)["telemetry"] = None
        yield made


def propose(parts: Any, name: str, **changes: Any) -> Any:
    return parts.proposing.propose(name, changes, by="operator")


def night(parts: Any, name: str | None, *, wrong: int = 0, count: int = 120) -> str:
    """A night of 120 cases by this release, `wrong` of them wrong."""
    with parts.answering_by(name) as by:
        model = by.language.generator()
        told = pins.setup(
            pins.pins(model.name, model.adapter, by.language.prompt.pinned, by.recipe) | {"judge": by.gate.name}
        )
    store = PostgresEvaluations(parts.pool)
    run_id, _ = store.begin(NewRun("nightly", "abc", setup_sha256(told), "p", told, {"suites": {}}), [DATA], anew=True)
    for at in range(count):
        suite = "golden" if at % 3 else "adversarial"
        outcome = "wrong" if at % 3 and at < 3 * wrong else "right"
        case = replace(CASE, suite=suite, case_id=f"c-{at}", outcome=outcome)
        scores = {"leak": 0.0, "citation_resolves": 1.0} if at % 3 else {"leak": 0.0, "refusal": 1.0}
        store.add(run_id, case, [MetricValue(suite, case.case_id, metric, value) for metric, value in scores.items()])
    store.end(run_id, "done", [])
    return run_id


def test_a_proposal_says_all_that_decides_and_is_pinned_as_an_evaluation_of_it(parts: Any) -> None:
    proposal = propose(parts, "r1", passages="3", judge_threshold=0.7)
    release = proposal.release
    assert release.settings.keys() == set(RELEASABLE)
    assert (release.settings["passages"], release.settings["adapter"]) == (3, "none")
    assert proposal.changes["passages"] == (parts.settings.passages, 3)
    assert (release.pins["judge"], release.pins["recipe"]["context"]["passages"]) == ("the gate at 0.7", 3)
    parts.releases.promote("r1", "operator", {})
    assert setup_sha256(asdict(Setup.of(parts))) == release.pins_sha256  # computed from what answers, not from settings
    assert parts.proposing.drifted(release) == []


def test_the_next_one_goes_on_from_what_is_current(parts: Any) -> None:
    propose(parts, "r1", passages=3)
    parts.releases.promote("r1", "operator", {})
    following = propose(parts, "r2", hyde="unsure")
    assert (following.release.settings["passages"], following.changes) == (3, {"hyde": ("off", "unsure")})
    apart = parts.proposing.propose("r3", {}, by="operator", base="none")
    assert apart.release.settings["passages"] == parts.settings.passages
    assert propose(parts, "r4").same_as == "r1"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ocr": "off"}, "ocr cannot be changed by a release: it decides what words are stored of a file"),
        ({"chunking": "pages"}, "FOOTNOTE_CHUNKING: Input should be 'structure', 'recursive'"),
        ({"embedder": "footnote-judge-small"}, "is of the kind 'judge', not 'embedder'"),
        ({"port": "1"}, "port is not of a release but of the machine: set FOOTNOTE_PORT"),
        ({"fish": "1"}, "fish is no setting. A release has: generator, adapter"),
        ({"passages": "0"}, "FOOTNOTE_PASSAGES: Input should be greater than or equal to 1"),
        ({"hyde": "maybe"}, "FOOTNOTE_HYDE: Input should be 'off', 'unsure' or 'always'"),
        ({"judge": "foo"}, "There is no model 'foo'"),
        ({"reranker": "footnote-judge-small"}, "is of the kind 'judge', not 'reranker'"),
        ({"adapter": "foo"}, "There is no adapter 'foo'"),
    ],
)
def test_what_cannot_be_a_release_is_refused_by_name(parts: Any, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(FootnoteError) as refused:
        propose(parts, "r1", **changes)
    assert says in str(refused.value)
    assert parts.releases.all() == []


def test_a_release_ships_by_two_nights_and_keeps_what_they_said(parts: Any) -> None:
    propose(parts, "r1", passages=3)
    old, new = night(parts, None), night(parts, "r1")
    ground = grounds(parts, "r1", new[:8], old[:8], None)
    assert (ground.weighed.outcome, ground.over) == (Outcome.SHIP, "")
    assert promote(parts, "r1", ground, "") is None
    event = parts.releases.events("r1")[-1]
    assert (event.action, event.evidence["outcome"], event.evidence["runs"]) == (
        "promote",
        "ship",
        {"new": new, "old": old},
    )
    assert {gate["metric"] for gate in event.evidence["results"]["gates"]} >= {"right"}
    assert event.evidence["decision"] == ground.decision.id


def test_nights_of_something_else_are_no_evidence(parts: Any) -> None:
    propose(parts, "r1", passages=3)
    propose(parts, "r2", passages=4)
    plain, one = night(parts, None), night(parts, "r1")
    with pytest.raises(UsageError, match="was not asked by release r2: context differ"):
        grounds(parts, "r2", one, plain, None)
    with pytest.raises(
        UsageError, match=r"was not asked by what answers without a release, by .* this shell: context differ"
    ):
        grounds(parts, "r1", one, one, None)
    ground = grounds(parts, "r1", one, plain, None)
    parts.releases.promote("r2", "operator", {})  # meanwhile
    with pytest.raises(ReleaseRefused, match="r2 is current by now, not none"):
        promote(parts, "r1", ground, "")


def test_a_worse_release_needs_a_reason_which_is_kept(parts: Any) -> None:
    propose(parts, "r1", passages=3)
    ground = grounds(parts, "r1", night(parts, "r1", wrong=25), night(parts, None), None)
    assert ground.weighed.outcome is Outcome.BLOCK
    with pytest.raises(UsageError, match="not shown to be good enough"):
        promote(parts, "r1", ground, "")
    promote(parts, "r1", ground, "the owner wants it")
    evidence = parts.releases.events("r1")[-1].evidence
    assert (evidence["outcome"], evidence["forced"]) == ("block", "the owner wants it")


def test_what_was_rolled_back_is_not_promoted_again_without_a_reason(parts: Any) -> None:
    propose(parts, "r1", passages=3)
    parts.releases.promote("r1", "operator", {})
    parts.releases.rollback("operator", {"reason": "worse"})
    ground = grounds(parts, "r1", night(parts, "r1"), night(parts, None), None)
    with pytest.raises(ReleaseRefused, match="r1 was rolled back: propose it again by another name"):
        promote(parts, "r1", ground, "")
    promote(parts, "r1", ground, "it was the network")


def test_nights_from_before_an_upgrade_are_no_evidence(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were asked by the pins of both releases, but what would answer now is something else."""
    propose(parts, "r1", passages=3)
    parts.releases.promote("r1", "operator", {})
    propose(parts, "r2", passages=4)
    old, new = night(parts, "r1"), night(parts, "r2")
    assert grounds(parts, "r2", new, old, None).weighed.outcome is Outcome.SHIP
    monkeypatch.setattr(pins, "code", lambda *_: "another code")
    with pytest.raises(UsageError, match="was not asked by release r2: code differ"):
        grounds(parts, "r2", new, old, None)
    fresh = grounds(parts, "r2", night(parts, "r2"), night(parts, "r1"), None)  # drifted, but asked as it comes out
    assert fresh.weighed.outcome is Outcome.SHIP


def test_drift_names_what_is_not_as_it_was(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    release = propose(parts, "r1").release
    changed = {**release.pins, "code": "0" * 12, "recipe": {**release.pins["recipe"], "server": {"context_tokens": 1}}}
    assert parts.proposing.drifted(replace(release, pins=changed, settings={**release.settings, "gone": 1})) == [
        "gone is no setting of a release any more",
        f"code was '000000000000' and is '{release.pins['code']}'",
        f"recipe.server.context_tokens was 1 and is {parts.settings.context_tokens}",
    ]
    assert drift(release.pins, release.pins) == []


def test_commands(parts: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def opened(**_: object) -> Iterator[Any]:
        yield parts

    monkeypatch.setattr(commands, "opened", opened)
    monkeypatch.setattr(command, "opened", opened)
    assert commands.propose("r1", ["passages=3"], base="current", remark="fewer") == 0
    told = capsys.readouterr()
    assert "passages: 8 -> 3" in told.out
    assert "as profile and environment of this shell have it: is the service started so?" in told.err
    with pytest.raises(UsageError, match="write KEY=VALUE"):
        commands.propose("r2", ["passages"])
    with pytest.raises(
        UsageError, match=r"Give two nights: --new one by r1 .none yet: footnote eval nightly --release r1"
    ):
        command.run_promote("r1", "", "", " ", None, False)
    new, old = night(parts, "r1", count=6), night(parts, None, count=6)
    with pytest.raises(
        UsageError, match=f"the newest: {new[:8]} of .* UTC.*answers without a release .the newest: {old[:8]}"
    ):
        command.run_promote("r1", new, "", "", None, False)
    assert command.run_promote("r1", new, old, "", None, False) == 3
    assert "r1 is not promoted." in capsys.readouterr().out
    assert command.run_promote("r1", "", "", "a test", None, False) == 0
    assert "r1 is current." in capsys.readouterr().out
    monkeypatch.setenv("FOOTNOTE_PASSAGES", "5")
    assert commands.list_all() == 0
    told = capsys.readouterr()
    assert "Set and not used, for r1 is in use: FOOTNOTE_PASSAGES." in told.err
    assert "current" in told.out
    assert commands.show("r1") == 0
    assert "a test" in capsys.readouterr().out
    assert commands.propose("r2", ["passages=4"]) == 0
    assert "shell" not in capsys.readouterr().err  # what is current says the rest
    assert commands.rollback("", reason="again") == 0
    assert "No release is current." in capsys.readouterr().out
    with pytest.raises((ReleaseRefused, SettingsError)):
        commands.rollback("")


def test_show_says_first_what_differs_and_no_wall(
    parts: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "opened", lambda: nullcontext(parts))
    propose(parts, "r1", passages=3)
    propose(parts, "r2", max_tokens=300)
    assert commands.show("r1") == 0
    first, differs, passages, settings, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("r1: proposed; proposed ")
    assert differs == "Differs from profile and environment of this shell in:"
    assert passages.split() == ["passages", "3", "(there", f"{parts.settings.passages})"]
    assert settings == "Settings:"
    assert not any("{" in line or len(line) > 200 for line in rest)
    assert "judge                the gate at" in "\n".join(rest)

    ground = grounds(parts, "r1", night(parts, "r1"), night(parts, None), None)
    promote(parts, "r1", ground, "")
    monkeypatch.setattr(pins, "code", lambda *_: "another code")
    assert commands.show("r2") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[1] == "Differs from r1, which is current, in:"
    assert {line.split()[0] for line in told[2:4]} == {"max_tokens", "passages"}
    assert told[4].startswith("Does not come out here as it was pinned")
    assert "and is 'another code'" in told[5]
    assert commands.show("r1") == 0
    promoted = capsys.readouterr().out.splitlines()[-1]
    assert promoted.endswith(f"promote r1, by operator: decision {ground.decision.id[:8]}: ship; more with --json")
    parts.releases.begin("r2", "canary", "operator", {}, share=0.1)
    assert commands.show("r2") == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("canary r2 on 10% of the people beside r1, by operator")
    assert commands.show("r1", as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["pins"]["recipe"]["context"]["passages"] == 3


def test_what_cannot_be_promoted_is_told_before_runs_are_asked_for(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "opened", lambda: nullcontext(parts))
    with pytest.raises(ReleaseRefused, match="no release 'r0'"):
        command.run_promote("r0", "", "", "", None, False)
    for name in ("r1", "r2"):
        propose(parts, name, passages=3)
        parts.releases.promote(name, "operator", {})
    with pytest.raises(ReleaseRefused, match="r2 is current already"):
        command.run_promote("r2", "", "", "", None, False)
    with pytest.raises(ReleaseRefused, match="r1 was retired"):
        command.run_promote("r1", "", "", "", None, False)


def given(parts: Any, **changes: Any) -> None:
    """An answer without a release in the trail, as the settings have it with these changes."""
    with parts.answering_by(None) as by:
        model, recipe = by.language.generator(), json.loads(json.dumps(by.recipe))
    recipe["context"] |= changes
    card = {"adapter": model.adapter, "prompt": prompt_of(None).pinned}
    rows = [{"release": None, "recipe": recipe, "answer": {"model": card}}]
    rows.insert(0, {**rows[0], "recipe": {**recipe, "context": {}}, "purpose": "evaluation"})
    told = [
        SimpleNamespace(record=json.dumps(row), recorded_at=datetime(2026, 11, 30, 21, 0, tzinfo=UTC)) for row in rows
    ]
    vars(parts)["trail"] = SimpleNamespace(by_release=lambda name, since: iter(told if name is None else ()))


def test_without_a_release_it_is_said_with_what_it_is_compared(
    parts: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shell has not what the service has: its newest answer tells."""
    monkeypatch.setattr(command, "opened", lambda: nullcontext(parts))
    propose(parts, "r1", passages=3)
    new, old = night(parts, "r1"), night(parts, None)
    given(parts, passages=5)
    with pytest.raises(UsageError, match=r"2026-11-30 21:00 UTC. was given by something else: context differ"):
        command.run_promote("r1", new, old, "", None, False)
    assert parts.releases.current() is None
    given(parts)
    assert command.run_promote("r1", new, old, "", None, False) == 0
    assert (
        "is compared with profile and environment of this shell, by which the newest answer" in capsys.readouterr().err
    )
    parts.releases.rollback("operator", {})
    propose(parts, "r2", passages=3)
    vars(parts)["trail"] = SimpleNamespace(by_release=lambda name, since: iter(()))
    assert command.run_promote("r2", new, old, "", None, False) == 0
    assert "nothing tells whether the service has these" in capsys.readouterr().err


def test_a_rollback_to_what_is_not_here_any_more_says_that_nothing_changes(
    parts: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever rolls back a release that does harm has to know that the service still answers by it."""

    @contextmanager
    def opened(**_: object) -> Iterator[Any]:
        yield parts

    monkeypatch.setattr(commands, "opened", opened)
    for name in ("r1", "r2"):
        propose(parts, name, passages=3)
        parts.releases.promote(name, "operator", {})

    def gone(settings: Any) -> Any:
        raise AdapterRefused("Its files are damaged.")

    monkeypatch.setattr(parts.deploying, "_adapter", gone)
    assert commands.rollback("") == 1
    told = capsys.readouterr()
    assert "r2 is rolled back. r1 is current." in told.out
    assert "A RUNNING SERVICE GOES ON BY r2, for it cannot take over r1" in told.err
    assert "Its files are damaged." in told.err


def test_a_rollback_says_which_one_where_another_is_tried(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants to end a bad canary must not take back what answers everybody else."""

    @contextmanager
    def opened(**_: object) -> Iterator[Any]:
        yield parts

    monkeypatch.setattr(commands, "opened", opened)
    propose(parts, "r1", passages=3)
    propose(parts, "r2", passages=4)
    parts.releases.promote("r1", "operator", {})
    parts.releases.begin("r2", "canary", "operator", {}, share=0.5)
    with pytest.raises(UsageError, match="r2 is tried and r1 is current: say which"):
        commands.rollback("")
    assert commands.rollback("r2") == 0
    assert (parts.releases.standing().current, parts.releases.candidate()) == ("r1", None)
