"""A whole plan, from top to bottom: search, answers, storage, ingestion, cost."""

from __future__ import annotations

from dataclasses import replace

from api.capacity import gpu, ingesting, local, searching, storage
from api.capacity.demand import Demand, checked
from api.capacity.figures import Figures
from api.capacity.plan import Disk, Group, Number, Plan, Weight
from api.capacity.prices import Prices
from api.capacity.waiting import rate
from api.terminal import UsageError

NOT_COUNTED = (
    "spares of what there is one of, backups, the TLS proxy, traffic",
    "the network between machines (a search over a spread index takes two rounds)",
    "the catalog in each service's memory, not measured past 140,000 documents",
    "searches by programs, reviews, nights, what the gate asks a language model on a GPU",
    "documents that come after the first ingestion",
)


def plan(demand: Demand, figures: Figures, prices: Prices | None = None) -> Plan:
    """Raises `UsageError` where nothing can be planned for such a demand."""
    checked(demand, figures)
    if demand.profile == "gpu" and not gpu.requests(figures, demand.gpu):
        raise UsageError(
            f"A {demand.gpu} has no memory for the model of the gpu profile: name a larger one with --gpu."
        )
    weight: Weight = prices.month if prices else lambda machine: machine.cores
    searches = rate(demand, figures) * figures.of("searches_per_question")
    index = searching.index(demand, figures, searches, weight)
    if demand.profile == "gpu":
        answering = gpu.answers(demand, figures, index, searches, weight)
    else:
        answering = local.answers(demand, figures, index, weight)
    kept = storage.postgres(demand, figures, weight), storage.originals(demand, figures)
    parts = (answering, index.part, *kept, ingesting.first(demand, figures, weight))
    rests: list[Number | Group | Disk] = []
    for part in parts:
        rests += [*part.numbers, *part.groups, *part.disks]
    names = dict.fromkeys(name for one in rests for name in one.figures)
    found = Plan(demand, parts, tuple(figures[name] for name in names), NOT_COUNTED)
    if prices is None:
        return found
    month, once = prices.of(found.groups, found.disks)
    return replace(found, currency=prices.currency, month=month, once=once)
