"""`footnote eval weigh`, `eval decisions`."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

from api.gating.gates import Aim, Kind, Outcome
from api.terminal import counted, say, say_json, say_table
from evals.measuring.tables import table
from evals.systems.gate_files import load_gates
from evals.systems.nights import nights
from evals.systems.weighing import Verdict, Weighed, kept, weighed

CODES = {Outcome.SHIP: 0, Outcome.BLOCK: 1, Outcome.UNDECIDED: 3}
_SHOWN = 8
_SAYS = {
    Outcome.SHIP: "shown to be good enough by every gate.",
    Outcome.BLOCK: "shown to be worse by a gate, or something was lost that must never be.",
    Outcome.UNDECIDED: "neither shown to be good enough nor to be worse; nothing ships by that.",
}


def run_weigh(new: str, old: str, gates: Path | None, as_json: bool) -> int:
    """The exit code: 0 ship, 1 block, 3 undecided."""
    rules = load_gates(gates)
    with nights() as opened:
        found = weighed(opened.results, new, old, rules)
        decision = kept(opened.decisions, found)
    if as_json:
        say_json(asdict(decision))
    else:
        say_weighed(found)
        say(f"Kept as decision {decision.id[:8]}.")
    return CODES[found.outcome]


def list_decisions(limit: int, as_json: bool) -> int:
    with nights() as opened:
        found = opened.decisions.listed(limit)
    if as_json:
        say_json({"decisions": found})
        return 0
    say_table(
        ("decision", "at (UTC)", "candidate", "against", "outcome", "gates that did not ship"),
        [
            (d.id[:8], f"{d.at:%Y-%m-%d %H:%M}", d.new_run[:8], d.old_run[:8], d.outcome,
             ", ".join(f"{g['metric']} ({g['outcome']})" for g in d.results["gates"] if g["outcome"] != "ship") or "-")
            for d in found
        ],
    )  # fmt: skip
    if not found:
        say("No decision yet: `footnote eval weigh NEW OLD`.")
    return 0


def say_weighed(found: Weighed) -> None:
    new, old, pairing = found.new, found.old, found.pairing
    say(f"Candidate: run {new.id[:8]} of {new.started_at:%Y-%m-%d %H:%M} UTC. Against: run {old.id[:8]} of "
        f"{old.started_at:%Y-%m-%d %H:%M} UTC.")  # fmt: skip
    say(f"{found.outcome.value.upper()}: {_SAYS[found.outcome]}")
    say(f"{counted(pairing.pairs, 'case')} that both were asked. Left out: {pairing.only_new} of the candidate alone, "
        f"{pairing.only_old} of the other alone, {pairing.other_version} of another version, "
        f"{len(found.left_out.moved)} over changed documents.")  # fmt: skip
    say(f"Errors: {pairing.errors_new} of the candidate (not right), {pairing.errors_old} of the other (left out).")
    for remark in found.remarks:
        say(f"Note: {remark}")
    table("Gates", ("gate", "asks", "cases", "change", "90 % interval", "sees", "lost", "gained", "says"),
          [_line(one) for one in found.verdicts])  # fmt: skip
    say("change: candidate less other, more is better; of durations and amounts the candidate's median by the other's, "
        "less is better. sees: the loss that so many cases exclude four times in five if there is none.")  # fmt: skip
    for one in found.verdicts:
        for line in _details(one):
            say(line)
    if found.not_measured:
        say(f"Not measured, or of too few cases: {', '.join(found.not_measured)}.")


def _line(one: Verdict) -> tuple[object, ...]:
    gate, result = one.rule.gate, one.result
    asks = {Aim.NOT_WORSE: f"no worse by {_amount(gate.kind, gate.margin)}", Aim.BETTER: "better",
            Aim.NEVER: "none lost"}[gate.aim]  # fmt: skip
    figures = _figures(gate.kind, result.change, result.low, result.high)
    sees = _amount(gate.kind, result.detects) if math.isfinite(result.detects) else "-"
    differ = (len(one.lost), len(one.gained)) if gate.kind is Kind.YES_NO else ("", "")
    return (gate.metric, asks, result.n, *figures, sees, *differ, result.outcome.value)


def _amount(kind: Kind, value: float) -> str:
    return f"{100 * value:.0f} %" if kind is Kind.DURATION else f"{100 * value:.1f} points"


def _figures(kind: Kind, change: float, low: float, high: float) -> tuple[str, str]:
    if math.isnan(change):
        return "-", "-"
    if kind is Kind.DURATION:
        return f"x {math.exp(-change):.2f}", f"x {math.exp(-high):.2f} to {math.exp(-low):.2f}"
    return f"{100 * change:+.1f}", f"{100 * low:+.1f} to {100 * high:+.1f}"


def _details(one: Verdict) -> list[str]:
    name, lines = one.rule.gate.metric, []
    if one.result.outcome is Outcome.UNDECIDED:
        more = "More cases would not help: what was seen is as bad as the margin, or worse."
        if one.more is not None:
            more = f"About {one.more} more cases would decide it, if there is nothing worse than what was seen."
        lines.append(f"{name}: undecided. {more}")
    if one.lost:
        rest = f", and {len(one.lost) - _SHOWN} more" if len(one.lost) > _SHOWN else ""
        lines.append(f"{name}: lost {', '.join(one.lost[:_SHOWN])}{rest}")
    if one.also:
        lines.append(f"{name}: as before, not in {', '.join(one.also[:_SHOWN])}")
    if one.left_out:
        lines.append(f"{name}: {counted(one.left_out, 'case')} left out, with a value on one side alone")
    return lines
