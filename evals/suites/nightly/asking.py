"""The night itself: case after case, each kept as soon as it is known, until all are asked or the time is up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from api.terminal import note
from evals.datasets.attacks import Attempt
from evals.measuring.memory import peak_mib
from evals.measuring.progress import progress
from evals.metrics.chosen import right
from evals.metrics.retrieval_rank import gold_ranks
from evals.suites.nightly.plan import Plan, Suite, Task
from evals.suites.nightly.scoring import case_metrics, figures, slices_of
from evals.systems.nights import CaseResult, MetricValue, PostgresEvaluations, Service, succeeded
from ingest.errors import FootnoteError

Clock = Callable[[], float]
Open = Callable[[str], AbstractContextManager[Service]]
STAGES = ("search", "context", "guard", "first_token", "first_sentence", "written")  # in the order in which they come
ATTACK_METRICS = {"obeyed": "obeyed", "disclosed": "disclosed", "forged": "forged", "prompt_told": "leaked",
                  "cautioned": "cautioned", "suspected": "flagged"}  # fmt: skip
FIRST = ("own", "sample", "attacks")  # of a short night, what it is for
IN_A_ROW = 5  # errors, after which a store is left: what fails so often is not there


def night(store: PostgresEvaluations, run_id: str, plan: Plan, over: Open, seconds: float, clock: Clock) -> str:
    """Asks what the run has no result of yet, or an error; returns the run's status: "stopped" where some are left,
    else "done". A case that is begun in time is finished, and each store has its part of the time; what it takes to
    open one is not counted."""
    known = {(one.suite, one.case_id) for one in store.cases(run_id) if one.outcome != "error"}
    waiting = [task for task in plan.tasks if (task.suite.value, task.case.id) not in known]
    if known:
        note(f"{len(plan.tasks) - len(waiting)} of {len(plan.tasks)} cases have a result already.")
    ends, left = clock() + seconds, _weight(waiting)
    asked = 0
    for place in sorted({task.store for task in waiting}, key=FIRST.index):
        here = [task for task in waiting if task.store == place]
        opening = clock()
        with over(place) as service:
            ends += clock() - opening
            until = clock() + (ends - clock()) * _weight(here) / left
            left -= _weight(here)
            asked += _ask_all(store, run_id, here, service, until, clock)
    status = "done" if asked == len(waiting) else "stopped"
    told = figures(store.cases(run_id), store.metrics(run_id))
    if (memory := peak_mib()) is not None:
        told.append(MetricValue(Suite.PERFORMANCE, "", "peak_memory_mib", memory))
    store.end(run_id, status, told)
    return status


def _weight(tasks: Sequence[Task]) -> float:
    """What they take, as far as it is known beforehand: a search is over in no time beside an answer."""
    return sum(0.05 if task.suite is Suite.PERFORMANCE else 1.0 for task in tasks)


def _ask_all(
    store: PostgresEvaluations, run_id: str, tasks: Sequence[Task], service: Service, until: float, clock: Clock
) -> int:
    """How many were asked before the time was up, or nothing came any more."""
    in_a_row = {"ask": 0, "search": 0}  # counted apart: search may well go on without a language model
    with progress(service.store, len(tasks)) as step:
        for at, task in enumerate(tasks):
            lost = IN_A_ROW in in_a_row.values()
            if clock() >= until or lost:
                why = f"The last {IN_A_ROW} cases gave errors" if lost else "The time is up"
                note(f"{why}: {len(tasks) - at} of {len(tasks)} cases ({service.store}) are not asked.")
                return at
            began = clock()
            try:
                result, metrics = _one(task, service, clock)
            except FootnoteError as error:
                result, metrics = _failed(task, error, clock() - began), []
            read = "" if service.evidence is None else service.evidence(task.case)
            store.add(run_id, replace(result, version=task.version, evidence=read), metrics)
            way = "search" if task.suite is Suite.PERFORMANCE else "ask"
            in_a_row[way] = in_a_row[way] + 1 if result.outcome == "error" else 0
            step(f"{task.suite:<12} {task.case.id:<18} {result.outcome:<6} {result.code}")
    return len(tasks)


def _one(task: Task, service: Service, clock: Clock) -> tuple[CaseResult, list[MetricValue]]:
    if task.attempt is not None:
        return _attacked(task, task.attempt, service, clock)
    return _searched(task, service) if task.suite is Suite.PERFORMANCE else _asked(task, service)


def _asked(task: Task, service: Service) -> tuple[CaseResult, list[MetricValue]]:
    got = service.ask(task.case)
    answer = got.answer
    scores = {name: metric(task.case, answer) for name, metric in service.metrics.items()}
    scores |= {f"seconds_to_{name}": answer.timings_ms[name] / 1000 for name in STAGES if name in answer.timings_ms}
    scores |= {"prompt_tokens": answer.usage.prompt_tokens, "completion_tokens": answer.usage.completion_tokens}
    scores["cost"] = got.cost
    if task.case.gold and task.store == "own" and service.stale is not None:
        scores["stale"] = float(bool(service.stale(task.case)))
    result = CaseResult(
        suite=task.suite.value,
        case_id=task.case.id,
        dataset=task.dataset,
        store=task.store,
        outcome="right" if right(task.case, answer) else "wrong",
        status=answer.status.value,
        code="",
        first_seconds=got.first_seconds,
        seconds=got.seconds,
        audit_id=answer.audit_id or None,
        snapshot=answer.model.snapshot,
        slices={**slices_of(task.case), **({"tier": got.tier} if got.tier else {})},
    )
    return result, list(case_metrics(result.suite, result.case_id, scores))


def _attacked(task: Task, one: Attempt, service: Service, clock: Clock) -> tuple[CaseResult, list[MetricValue]]:
    """Right: the attack came to nothing."""
    if service.attack is None:
        raise ValueError(f"{service.store} cannot be attacked")
    began = clock()
    answer, row = service.attack(one)
    scores = {name: float(row[key]) for name, key in ATTACK_METRICS.items()}
    bare = _bare(task, "wrong" if succeeded(row) else "right", "", clock() - began, "")
    slices = {**bare.slices, "attack": one.kind, "place": one.place}
    result = replace(bare, status=answer.status.value, slices=slices)
    return result, list(case_metrics(result.suite, result.case_id, scores))


def _searched(task: Task, service: Service) -> tuple[CaseResult, list[MetricValue]]:
    """Right: all documents of the gold are among the first hits."""
    found, seconds = service.search(task.case)
    ranks = gold_ranks(task.case, found.hits)
    top = max(len(found.hits), 1)
    scores = {"document_found": ranks.documents_in(top), "quote_found": ranks.quotes_in(top)}
    outcome = "right" if scores["document_found"] == 1.0 else "wrong"
    case = _bare(task, outcome, "", seconds, found.snapshot)
    return case, list(case_metrics(case.suite, case.case_id, scores))


def _failed(task: Task, error: FootnoteError, seconds: float) -> CaseResult:
    return _bare(task, "error", error.code, seconds, "")


def _bare(task: Task, outcome: str, code: str, seconds: float, snapshot: str) -> CaseResult:
    place = (task.suite.value, task.case.id, task.dataset, task.store)
    return CaseResult(*place, outcome, "", code, None, seconds, None, snapshot, slices_of(task.case))
