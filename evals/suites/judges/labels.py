"""Part "labels": of the same answers, who tells those in which people found a hallucination?"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from api.terminal import say
from evals.datasets.judged import Labelled
from evals.measuring.agreement import agreement
from evals.measuring.detection import auc, interval
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds
from evals.measuring.tables import number, percent, ranged, table
from evals.systems.ragas_scores import FAITHFULNESS, Ragas, Sample
from generation.answering.abstaining import refuses
from generation.errors import GenerationError
from generation.gate.checking import Checker
from generation.gate.claims import claim_text, sentence_spans
from generation.gate.sources import Source, shown
from generation.protocols import Gate
from generation.types import Stage, Verdict

Row = dict[str, Any]
RAGAS, GATE, ALONE = SYSTEMS = ("RAGAS faithfulness", "whole gate", "trained judge alone")
# How RAGTruth's prompt has the models reply where the passages hold no answer; our service ships no such replies.
_NO_ANSWER = re.compile(r"\W*unable to answer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """Where rows are kept and gone on from: those of the same system under the same setup."""

    results: ResultFile
    setups: Mapping[str, Row]

    async def of(
        self, system: str, items: Sequence[Labelled], judge: Callable[[Labelled], Awaitable[Row]]
    ) -> list[Row]:
        """A row for every item that got one. Where the language model is gone the rest is left to the next run."""
        head = {"row": "judged", "system": system, "setup": self.setups[system]}
        known = {row["key"]: row for row in self.results.rows if head.items() <= row.items()}
        with progress(system, sum(item.id not in known for item in items)) as step:
            for item in items:
                if item.id in known:
                    continue
                started = time.perf_counter()
                try:
                    found = await judge(item)
                except GenerationError as error:
                    step(f"{item.id}  not judged: {error}")
                    continue
                told = {"seconds": round(time.perf_counter() - started, 2)}
                row = known[item.id] = self.results.add(head | {"key": item.id} | found | told)
                step(f"{item.id}  {_shown(row['score'])} {row.get('why', '')}  {row['seconds']} s")
        return [known[item.id] for item in items if item.id in known]


def by_ragas(ragas: Ragas) -> Callable[[Labelled], Awaitable[Row]]:
    """Faithful: every statement is. No score where it gave no number."""

    async def judge(item: Labelled) -> Row:
        sample = Sample(item.question, item.text, (item.evidence,))
        score = (await ragas.scores(sample, (FAITHFULNESS,)))[0]
        told = asdict(score)
        return {"score": told["value"], "faithful": score.value == 1.0 if score.value is not None else None} | {
            name: told[name] for name in ("why", "statements", "verdicts", "read", "written")
        }

    return judge


def by_gate(gate: Gate) -> Callable[[Labelled], Awaitable[Row]]:
    """Faithful: every sentence passes; as well supported as its weakest one. Nothing has to answer the question."""

    async def judge(item: Labelled) -> Row:
        context, documents = shown([Source(item.evidence)])
        lowest, passed = 1.0, True
        for sentence, before in _sentences(item.text):
            found = await gate.check(sentence, context, documents, item.question, opening=False, before=before)
            if found.judgement.stage is Stage.MARKER:
                continue
            denied = found.judgement.verdict is Verdict.CONTRADICTED
            lowest = min(lowest, 0.0 if denied else found.judgement.support)
            passed = passed and found.judgement.passed
        return {"score": lowest, "faithful": passed}

    return judge


def by_judge(checker: Checker, ship: float) -> Callable[[Labelled], Awaitable[Row]]:
    """The trained judge and the figures' stage, without a language model."""

    async def judge(item: Labelled) -> Row:
        lowest = 1.0
        for sentence, before in _sentences(item.text):
            found = checker.check(claim_text(sentence), item.evidence, before=before)
            if found.stage is not Stage.MARKER:
                lowest = min(lowest, found.support)
        return {"score": lowest, "faithful": lowest >= ship}

    return judge


def say_labels(items: Sequence[Labelled], rows: Mapping[str, Sequence[Row]]) -> Row:
    """Each system on the answers that it gave a number of, and the others on those that RAGAS did."""
    by_id = {item.id: item for item in items}
    found: Row = {name: {"all": compared(by_id, rows[name], len(items))} for name in rows}
    scored = {row["key"] for row in rows[RAGAS] if row["score"] is not None}
    for name in rows:
        same = [row for row in rows[name] if row["key"] in scored]
        found[name]["same"] = compared(by_id, same, len(same))
    for which, title in (("all", "answers that each scored"), ("same", f"the {len(scored)} that RAGAS scored")):
        table(
            f"Against people's hallucinations: {title}, %",
            ("system", "n", "no number", "agrees", "kappa", "AUC", "s p50"),
            [_line(name, one[which]) for name, one in found.items()],
        )
    mixed = [row for row in rows[RAGAS] if row["statements"] != row["verdicts"] and row["score"] is not None]
    why = {name: sum(row["why"] == name for row in rows[RAGAS]) for name in {row["why"] for row in rows[RAGAS]} - {""}}
    table("RAGAS: no number, and numbers over other statements than it made", ("what", "answers"), [
        *sorted(why.items()), ("verdicts are not as many as statements", len(mixed)),
        ("of these 1.0", sum(row["score"] == 1.0 for row in mixed)),
    ])  # fmt: skip
    found["miscounted"], found["why"] = len(mixed), why
    whole = [row for row in rows[RAGAS] if row["written"] and row["why"] != "time"]
    found["tokens"] = {name: seconds(row[name] for row in whole).p50 for name in ("read", "written")}
    told = found["tokens"]
    say(f"\nTokens that the judge of RAGAS read and wrote for an answer: p50 {told['read']}, {told['written']}")
    found["between RAGAS and the gate"] = _between(rows[RAGAS], rows[GATE], by_id)
    return found


def compared(by_id: Mapping[str, Labelled], rows: Sequence[Row], asked: int) -> Row:
    """Kappa and share of its own yes or no, AUC of its score, over the answers that it gave a number."""
    known = [row for row in rows if row["score"] is not None]
    items = [by_id[row["key"]] for row in known]
    groups = [item.source for item in items]
    truth = np.array([item.hallucinated for item in items], bool)
    scores = np.array([1.0 - row["score"] for row in known])
    told = bool(truth.any() and not truth.all())
    low, high = interval(lambda at: auc(scores[at], truth[at]), groups) if told else (None, None)
    agreed = agreement([not row["faithful"] for row in known], list(truth), groups)
    times = seconds(row["seconds"] for row in rows)
    return {
        "asked": asked,
        "no number": asked - len(known),
        **agreed.told,
        "hallucinated": int(truth.sum()),
        "auc": {"value": auc(scores, truth) if told else None, "low": low, "high": high},
        "seconds": times.p50,
    }


def _between(ragas: Sequence[Row], gate: Sequence[Row], by_id: Mapping[str, Labelled]) -> Row:
    """How far both say the same, whatever people say."""
    theirs = {row["key"]: row["faithful"] for row in ragas if row["score"] is not None}
    both = [(theirs[row["key"]], row["faithful"], by_id[row["key"]].source) for row in gate if row["key"] in theirs]
    return agreement([one for one, *_ in both], [two for _, two, _ in both], [source for *_, source in both]).told


def _sentences(text: str) -> list[tuple[str, str]]:
    """Each with the one before it; without refusals, at which our service ends an answer."""
    found, before = [], ""
    for start, end in sentence_spans(text):
        sentence, earlier = text[start:end], before
        before = claim_text(sentence)
        if not refuses(before) and not _NO_ANSWER.match(before):
            found.append((sentence, earlier))
    return found


def _line(name: str, one: Row) -> tuple[object, ...]:
    kappas = ranged({"value": one["kappa"], "low": one["low"], "high": one["high"]})
    return name, one["n"], one["no number"], percent(one["agree"]), kappas, ranged(one["auc"]), number(one["seconds"])


def _shown(score: float | None) -> str:
    return "no number" if score is None else f"{score:.2f}"
