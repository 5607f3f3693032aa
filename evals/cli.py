"""`footnote eval` and `footnote bench`, added to the command through the entry point `footnote.commands`."""

from __future__ import annotations

from api.cli.registry import Registry
from evals.suites.absence.command import bench as absence
from evals.suites.answers.command import bench as answers
from evals.suites.chunking.command import bench as chunking
from evals.suites.comparing.command import bench as compare
from evals.suites.cuad.command import bench as cuad
from evals.suites.distinguisher.command import bench as distinguisher
from evals.suites.drift.command import drift
from evals.suites.follow_ups.command import bench as follow_ups
from evals.suites.gate.command import bench as gate
from evals.suites.gating.command import bench as gates
from evals.suites.generation.command import bench as generation
from evals.suites.ingestion.command import bench as ingestion
from evals.suites.jobs.command import bench as jobs
from evals.suites.judges.command import bench as judges
from evals.suites.kills.command import bench as kills
from evals.suites.lists.command import bench as lists
from evals.suites.load.command import bench as load
from evals.suites.models.command import compare as models
from evals.suites.nightly.command import (
    case,
    datasets,
    decisions,
    nightly,
    promote_release,
    report,
    runs,
    show,
    weigh,
)
from evals.suites.page.command import bench as page
from evals.suites.privacy.command import bench as privacy
from evals.suites.questions.command import questions
from evals.suites.redteam.command import guard, injection, redteam
from evals.suites.regressions.command import bench as regressions
from evals.suites.retrieval.command import bench as retrieval
from evals.suites.review.command import bench as review
from evals.suites.sample.command import evaluate, golden, promote
from evals.suites.service.command import bench as service
from evals.suites.sweep.command import sweep
from evals.suites.sync.command import bench as sync
from evals.suites.trail.command import bench as trail


def register(commands: Registry) -> None:
    """Adds the commands; the options of each stand beside its suite."""
    evaluation = commands.add_group_command(evaluate, "eval")
    evaluation.add(nightly, "nightly")
    evaluation.add(runs, "runs")
    evaluation.add(report, "report")
    evaluation.add(show, "show")
    evaluation.add(weigh, "weigh")
    evaluation.add(decisions, "decisions")
    evaluation.add(datasets, "datasets")
    evaluation.add(case, "case")
    evaluation.add(questions, "questions")
    evaluation.add(drift, "drift")
    commands.add(models, "compare")
    commands.add(sweep, "sweep")
    commands.group("adapters").add(promote, "promote")
    commands.group("release").add(promote_release, "promote")
    commands.group("feedback").add(golden, "golden")
    bench = commands.add_group("bench", "Measure on public data (see docs/benchmarks.md).")
    bench.add(answers, "answers")
    bench.add(chunking, "chunking")
    bench.add(cuad, "cuad")
    bench.add(distinguisher, "distinguisher")
    bench.add(gate, "gate")
    bench.add(gates, "gates")
    bench.add(generation, "generation")
    bench.add(judges, "judges")
    bench.add(service, "service")
    bench.add(kills, "kills")
    bench.add(trail, "trail")
    bench.add(regressions, "regressions")
    bench.add(retrieval, "retrieval")
    bench.add(ingestion, "ingestion")
    bench.add(jobs, "jobs")
    bench.add(lists, "lists")
    bench.add(load, "load")
    bench.add(sync, "sync")
    bench.add(injection, "injection")
    bench.add(guard, "guard")
    bench.add(redteam, "redteam")
    bench.add(privacy, "privacy")
    bench.add(absence, "absence")
    bench.add(compare, "compare")
    bench.add(review, "review")
    bench.add(follow_ups, "follow-ups")
    bench.add(page, "page")
