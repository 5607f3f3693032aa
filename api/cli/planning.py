"""`footnote plan`."""

from __future__ import annotations

import textwrap
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from api.capacity.plan import Plan

MISSED = 3
_WIDTH = 120
_KNOWN = (
    "mean: of a sample, times what there is. x 4.3: so many times beyond what was measured. --json has each figure,\n"
    "when and where it was measured, and which are assumed."
)


class Profile(StrEnum):
    LOCAL = "local"
    GPU = "gpu"


def register(commands: Registry) -> None:
    commands.add(plan, "plan")


def plan(
    documents: Annotated[int, typer.Option(help="Documents.")],
    users: Annotated[int, typer.Option(help="People who ask.")],
    questions_per_hour: Annotated[float, typer.Option(help="Of all together, in the mean of a day of eight hours.")],
    pages_per_document: Annotated[float | None, typer.Option(help="Default: as contracts have, 16.4.")] = None,
    chunks_per_document: Annotated[float | None, typer.Option(help="Default: 5.22 a page.")] = None,
    versions: Annotated[float, typer.Option(help="Versions of a document that are kept.")] = 1,
    scanned_share: Annotated[float, typer.Option(help="Share of the pages that have to be recognised, 0 to 1.")] = 0,
    peak: Annotated[
        float | None, typer.Option(help="Share of a day's questions in its busiest hour. Default: 0.2")
    ] = None,
    answer_seconds: Annotated[
        float | None, typer.Option(help="95 of 100 answers within so many seconds, the wait for their turn in it.")
    ] = None,
    profile: Annotated[
        Profile, typer.Option(help="The language model on processors, or vLLM on GPUs.")
    ] = Profile.LOCAL,
    gpu: Annotated[str, typer.Option(help="With --profile gpu: L4, L40S, A100 or H100.")] = "L40S",
    copies: Annotated[int, typer.Option(help="Machines that hold each part of the index.")] = 2,
    workers: Annotated[int, typer.Option(help="Workers of the first ingestion, a core each.")] = 16,
    prices: Annotated[
        Path | None, typer.Option(help="A file with what machines cost you, as docs/capacity-prices.toml is one.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated questions.")] = 0,
    as_json: Json = False,
) -> int:
    """Machines, memory, disk and cost for so many documents and questions, each number with what it comes from
    (docs/capacity.md). Opens and changes nothing. Exit code 3: what is asked for cannot be met."""
    from api.capacity import figures as known
    from api.capacity.demand import Demand
    from api.capacity.planning import plan as planned
    from api.capacity.prices import read

    figures = known.load()
    pages = figures.of("pages_per_document") if pages_per_document is None else pages_per_document
    demand = Demand(
        documents, users, questions_per_hour, pages,
        pages * figures.of("chunks_per_page") if chunks_per_document is None else chunks_per_document,
        versions, scanned_share, figures.of("peak") if peak is None else peak,
        answer_seconds, profile.value, gpu, copies, workers, seed,
    )  # fmt: skip
    costs = read(prices, figures, gpu if profile is Profile.GPU else "") if prices else None
    found = planned(demand, figures, costs)
    if as_json:
        say_json(told(found))
    else:
        _say(found)
    return MISSED if found.missed else 0


def told(plan: Plan) -> dict[str, Any]:
    """All of it for a script, with the figures that it rests on."""
    return {
        "demand": plan.demand,
        "machines": plan.groups,
        "disks": plan.disks,
        "numbers": plan.numbers,
        "cost": None if plan.currency is None else {"currency": plan.currency, "month": plan.month, "once": plan.once},
        "missed": plan.missed,
        "not_counted": plan.not_counted,
        "figures": plan.used,
    }


def _say(plan: Plan) -> None:
    say_table(("what for", "machines", "kind", "each has", "uses", "why"), [*_machines(plan), *_disks(plan)])
    say()
    numbers = [
        (number.what, f"{_value(number.value)} {number.unit}", number.known, number.how) for number in plan.numbers
    ]
    say_table(("number", "value", "known", "by"), numbers)
    say()
    say(_KNOWN)
    if plan.month is not None and plan.once is not None:
        costs = f"{plan.month:,.0f} {plan.currency} a month, and {plan.once:,.0f} once, to ingest"
        say(f"Cost by your prices: {costs}.")
    say(textwrap.fill(f"Not counted: {'; '.join(plan.not_counted)}.", _WIDTH))
    for line in plan.missed:
        say(textwrap.fill(f"Missed: {line}", _WIDTH))


def _machines(plan: Plan) -> list[tuple[object, ...]]:
    return [
        (
            group.role,
            group.count,
            group.machine.gpu or group.machine.kind,
            f"{group.machine.cores} cores, {group.machine.memory_gib:g} GiB",
            f"{group.needs_gib:,.1f} GiB",
            group.why + ("" if group.days is None else f", for {_days(group.days)}"),
        )
        for group in plan.groups
    ]


def _disks(plan: Plan) -> list[tuple[object, ...]]:
    return [(f"disk: {disk.role}", "", "", f"{disk.gb:,.0f} GB", "", disk.why) for disk in plan.disks]


def _days(days: float) -> str:
    return f"{days:,.1f} days" if days >= 1 else f"{days * 24:,.1f} hours"


def _value(value: float | tuple[float, ...]) -> str:
    return ", ".join(map(_value, value)) if isinstance(value, tuple) else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
