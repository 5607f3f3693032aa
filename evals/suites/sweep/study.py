"""Which configuration is tried next: Optuna over two objectives, kept in a file that a killed run goes on from."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from api.terminal import UsageError
from evals.measuring.results import made
from evals.suites.sweep.plan import Plan, Values

_TWICE = 30  # proposals in a row that were tried before: there is nothing new to try


@dataclass(frozen=True, slots=True)
class Proposal:
    """`number`: from 0, by which it is told what came of it."""

    number: int
    settings: Mapping[str, Any]


class Study:
    """Proposes settings by those that were tried (TPE of several objectives: Ozaki et al. 2022). The same file and
    seed propose the same. Raises `UsageError` without Optuna."""

    def __init__(self, plan: Plan, keys: Sequence[str], path: Path) -> None:
        try:
            import optuna
        except ModuleNotFoundError as error:
            raise UsageError(
                "A sweep needs Optuna: pip install -c constraints.txt -e '.[sweep]' in Footnote's folder."
            ) from error
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna, self._plan = optuna, plan
        try:
            storage = optuna.storages.RDBStorage(f"sqlite:///{made(path).resolve()}")
        except Exception as error:  # of SQLAlchemy or of Optuna: which one is their affair
            why = str(error).partition("\n")[0]
            raise UsageError(f"{path} is no study that goes on ({why}): remove it, or name another --out.") from error
        name = _name(plan, keys)
        directions: Sequence[Literal["maximize", "minimize"]] = ("maximize", "minimize")
        self._study = optuna.create_study(
            directions=directions, storage=storage, study_name=name, load_if_exists=True, sampler=self._sampler(0)
        )
        self._study.sampler = self._sampler(len(self._study.trials))
        for trial in self._study.trials:  # of a run that was killed
            if trial.state is optuna.trial.TrialState.RUNNING:
                self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
                self._study.enqueue_trial(trial.params)

    @property
    def ended(self) -> list[Proposal]:
        """Those that something came of, pruned ones among them, each once."""
        states = self._optuna.trial.TrialState
        ended = [trial for trial in self._study.trials if trial.state in {states.COMPLETE, states.PRUNED}]
        by_settings = {_told(trial.params): Proposal(trial.number, trial.params) for trial in reversed(ended)}
        return sorted(by_settings.values(), key=lambda one: one.number)

    def proposals(self) -> Iterator[Proposal]:
        """None twice; ends where nothing new comes."""
        states = self._optuna.trial.TrialState
        twice = 0
        while twice < _TWICE:
            trial = self._study.ask(self._distributions())
            same = [
                one for one in self._study.trials
                if one.params == trial.params and one.state in {states.COMPLETE, states.PRUNED}
            ]  # fmt: skip
            if not same:
                twice = 0
                yield Proposal(trial.number, dict(trial.params))
                continue
            twice += 1
            values = same[0].values if same[0].state is states.COMPLETE else None
            self._study.tell(trial, values, None if values else states.PRUNED)

    def tell(self, one: Proposal, quality: float, seconds: float) -> None:
        self._study.tell(one.number, [quality, seconds])

    def pruned(self, one: Proposal) -> None:
        self._study.tell(one.number, state=self._optuna.trial.TrialState.PRUNED)

    def left(self, one: Proposal) -> None:
        """Not all was asked in time: it comes first when the sweep goes on."""
        self._study.tell(one.number, state=self._optuna.trial.TrialState.FAIL)
        self._study.enqueue_trial(dict(one.settings))

    @property
    def importance(self) -> Mapping[str, tuple[float, float]]:
        """Of each parameter the share of what varies in quality and in seconds (fANOVA: Hutter et al. 2014); empty
        where too few were tried to say, or nothing varies."""
        evaluator = self._optuna.importance.FanovaImportanceEvaluator(seed=self._plan.seed)
        complete = [one for one in self._study.trials if one.values is not None]
        found = [self._share(complete, evaluator, at) for at in (0, 1)]
        return {
            name: (float(found[0].get(name, 0.0)), float(found[1].get(name, 0.0)))
            for name in self._plan.parameters
            if any(found)
        }

    def _share(self, complete: Sequence[Any], evaluator: Any, at: int) -> Mapping[str, float]:
        if len(complete) < 4 or len({one.values[at] for one in complete}) < 2:
            return {}

        def objective(trial: Any) -> float:
            return float(trial.values[at])

        found: dict[str, float] = self._optuna.importance.get_param_importances(
            self._study, evaluator=evaluator, target=objective
        )
        return found

    def _sampler(self, tried: int) -> Any:
        """Another seed after a start anew, or the same would be drawn again."""
        first = min(10, max(4, self._plan.configurations // 3))
        return self._optuna.samplers.TPESampler(seed=self._plan.seed + 1000 * tried, n_startup_trials=first)

    def _distributions(self) -> dict[str, Any]:
        kinds = self._optuna.distributions
        found: dict[str, Any] = {}
        for name, told in self._plan.parameters.items():
            if isinstance(told, Values):
                found[name] = kinds.CategoricalDistribution(told.of)
            elif told.whole:
                found[name] = kinds.IntDistribution(int(told.low), int(told.high), step=int(told.step))
            else:
                found[name] = kinds.FloatDistribution(float(told.low), float(told.high), step=told.step)
        return found


def _name(plan: Plan, keys: Sequence[str]) -> str:
    """Of a study: with other parameters, cases or objectives what was found before would mislead."""
    told = [dict(plan.base), {name: repr(one) for name, one in plan.parameters.items()}]
    told += [list(keys), plan.hold_out, plan.wrong, plan.seconds, plan.seed]  # type: ignore[list-item]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _told(settings: Mapping[str, Any]) -> str:
    return json.dumps(dict(settings), sort_keys=True, default=str)
