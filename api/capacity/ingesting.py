"""How long the first ingestion takes, of all documents."""

from __future__ import annotations

from api.capacity.demand import Demand
from api.capacity.figures import Figures, Machine
from api.capacity.plan import Group, Number, Part, Weight, cheapest, known
from api.capacity.words import rounded, up

_MEASURED_WORKERS = 2


def first(demand: Demand, figures: Figures, weight: Weight) -> Part:
    """A worker is one core, and so many take so much less time: two were measured."""
    each, embedding = figures.of("ingest_core_s_per_chunk"), figures.of("embed_core_s_per_chunk")
    scanned, recognition = demand.all_pages * demand.scanned, figures.of("ocr_core_s_per_page")
    text, scans = demand.rows * each, scanned * recognition
    days = (text + scans) / demand.workers / 86400
    read, seen = ("ingest_core_s_per_chunk", "embed_core_s_per_chunk"), ("ocr_core_s_per_page",)
    how = f"{rounded(demand.rows)} chunks x {each} s of a core, of which embedding {embedding}"
    numbers = [
        Number("ingestion", "read and embed all", text / 3600, "core hours", how, read, known(figures, read, 1, "mean"))
    ]
    if scans:
        how = f"{rounded(scanned)} pages x {recognition} s of a core"
        numbers.append(
            Number(
                "ingestion", "recognise scans", scans / 3600, "core hours", how, seen, known(figures, seen, 1, "mean")
            )
        )
    beyond = known(figures, read, demand.workers / _MEASURED_WORKERS)
    how = f"by {demand.workers} workers of a core each"
    numbers.append(Number("ingestion", "first ingestion", days * 24, "hours", how, (*read, *seen), beyond))
    return Part(tuple(numbers), (_workers(demand, figures, days, weight),))


def _workers(demand: Demand, figures: Figures, days: float, weight: Weight) -> Group:
    each = figures.of("ingest_gib_per_worker")

    def group(machine: Machine) -> Group:
        here = min(machine.cores, demand.workers, int(machine.memory_gib * figures.of("used") / each))
        count = up(demand.workers / here)
        return Group(
            "first ingestion",
            machine,
            count,
            here * each,
            f"{demand.workers} workers, a core each",
            ("ingest_gib_per_worker", "used"),
            days,
        )

    return cheapest(map(group, figures.machines), weight)
