"""`footnote bench gate`: the suites one after the other, then tables and one summary."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from api.terminal import note
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.statistics import library
from evals.suites.gate import answers, cases, checking_speed, faithfulness, ragtruth, second
from evals.suites.gate.bench import Bench, GateRun, Row
from evals.suites.gate.ragtruth_report import say_ragtruth
from evals.systems.installations import Installation, opened

SUITES = (ragtruth.SUITE, cases.SUITE, checking_speed.SUITE, second.SUITE, answers.SUITE)


def run(wanted: GateRun) -> int:
    """Measures what the result file does not hold yet; every finished row is kept at once."""
    if {ragtruth.SUITE, second.SUITE} & {*wanted.suites}:
        library("sklearn.metrics")  # a missing extra shows now, not after an hour
    results = ResultFile(wanted.out)
    found: Row = {}
    with opened() as parts:
        bench = Bench(parts.judge, parts.limits, wanted.threads or parts.settings.threads, results)
        circumstances = {
            "command": command_line(),
            "limits": asdict(bench.limits),
            "threads": bench.threads,
            **bench.setup,
            **setting(),
        }
        results.add({"suite": "setting", **circumstances})
        for suite in wanted.suites:
            note(f"suite {suite}")
            found[suite] = _measured(suite, wanted, bench, parts)
    results.add({"suite": "summary", **circumstances, "found": found})
    return 0


def _measured(suite: str, wanted: GateRun, bench: Bench, parts: Installation) -> Row:
    ship = bench.limits.ship
    match suite:
        case ragtruth.SUITE:
            responses = ragtruth.load(wanted.data)
            rows = ragtruth.measure(bench, responses)
            found = say_ragtruth(responses, rows, ship)
            if wanted.llm_sample:
                asked = faithfulness.sampled(responses, wanted.llm_sample)
                judged = asyncio.run(faithfulness.measure(parts.generator_model, asked, bench.results))
                found["llm"] = faithfulness.say_faithfulness(responses, rows, judged, ship)
            return found
        case cases.SUITE:
            return cases.say_cases(cases.measure(bench, cases.load(wanted.cases)), ship)
        case checking_speed.SUITE:
            return checking_speed.say_speed(checking_speed.measure(bench, checking_speed.load(wanted.data)))
        case second.SUITE:
            sources = {response.id: response.source for response in ragtruth.load(wanted.data)}
            rows_of = asyncio.run(second.measure(parts.gate, bench, wanted.data, wanted.sample))
            return second.say_second(rows_of, sources, ship)
        case _:
            labels = answers.read_labels(wanted.labels)
            replayed = answers.measure(wanted, bench.results)
            return answers.say_answers(replayed, labels) if replayed else {}
