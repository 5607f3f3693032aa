"""`footnote bench gate`: the suites one after the other, then tables and one summary."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from api.bootstrap import Container
from api.cli.local import opened
from api.cli.output import note
from evals.measuring.machine import setting
from evals.measuring.results import ResultFile
from evals.suites.gate import answers, cases, faithfulness, ragtruth, speed
from evals.suites.gate.ragtruth_report import say_ragtruth
from evals.suites.gate.setting import Bench, Row, Wanted, command_line

SUITES = (ragtruth.SUITE, cases.SUITE, speed.SUITE, answers.SUITE)


def run(wanted: Wanted) -> int:
    """Measures what the result file does not hold yet; every finished row is kept at once."""
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


def _measured(suite: str, wanted: Wanted, bench: Bench, parts: Container) -> Row:
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
        case speed.SUITE:
            return speed.say_speed(speed.measure(bench, speed.load(wanted.data)))
        case _:
            labels = answers.read_labels(wanted.labels)
            replayed = answers.measure(wanted, bench.results)
            return answers.say_answers(replayed, labels) if replayed else {}
