"""What is stored beside the index: PostgreSQL and originals."""

from __future__ import annotations

from api.capacity.demand import Demand
from api.capacity.figures import Figures, Machine
from api.capacity.plan import Disk, Group, Number, Part, Weight, known
from api.capacity.words import GB, GIB, rounded

_TRAIL = ("hours_per_day", "days_per_year", "records_per_question", "audit_bytes_per_record")
_ROOM = "half as much again for dead rows, logs and growth"


def postgres(demand: Demand, figures: Figures, weight: Weight) -> Part:
    """One machine. What the trail takes is that of a year."""
    content, documents = _documents(demand, figures)
    trail, year = _trail(demand, figures)
    share = figures.of("postgres_memory_share")
    wanted = (content + trail) * share / GIB
    machine = _with_memory(figures, wanted, weight)
    missed = () if wanted <= machine.memory_gib * figures.of("used") else (
        f"PostgreSQL would like {wanted:,.0f} GiB of memory, more than any kind of machine here has.",
    )  # fmt: skip
    group = Group(
        "PostgreSQL",
        machine,
        1,
        wanted,
        f"{share:.0%} of what it stores in memory (assumed)",
        ("postgres_memory_share", "used"),
    )
    disk = Disk("PostgreSQL", (content + trail) * figures.of("disk_room") / GB, _ROOM, ("disk_room",))
    return Part((documents, year), (group,), (disk,), missed)


def _documents(demand: Demand, figures: Figures) -> tuple[float, Number]:
    """Bytes, and how they come about."""
    rows = {
        "postgres_bytes_per_document": demand.documents * demand.versions,
        "postgres_bytes_per_page": demand.all_pages,
        "postgres_bytes_per_chunk": demand.rows,
    }
    held = sum(figures.of(name) * count for name, count in rows.items())
    terms = (f"{rounded(count)} {name.rpartition('_')[2]}s x {figures.of(name):,.0f}" for name, count in rows.items())
    how, names = f"{' + '.join(terms)} bytes", tuple(rows)
    return held, Number("PostgreSQL", "PostgreSQL", held / GB, "GB", how, names, known(figures, names, 1, "mean"))


def _trail(demand: Demand, figures: Figures) -> tuple[float, Number]:
    asked = demand.questions_per_hour * figures.of("hours_per_day") * figures.of("days_per_year")
    each, size = figures.of("records_per_question"), figures.of("audit_bytes_per_record")
    held = asked * each * size
    how = f"{rounded(asked)} questions x {each:g} records x {size:,.0f} bytes, without the indexes of its search"
    return held, Number("PostgreSQL", "trail of a year", held / GB, "GB", how, _TRAIL, known(figures, _TRAIL))


def originals(demand: Demand, figures: Figures) -> Part:
    scanned = demand.all_pages * demand.scanned
    sizes = {"original_bytes_per_page": demand.all_pages - scanned, "scan_bytes_per_page": scanned}
    names = tuple(name for name, pages in sizes.items() if pages)
    held = sum(figures.of(name) * sizes[name] for name in names)
    how = " + ".join(f"{rounded(sizes[name])} pages x {figures.of(name):,.0f} bytes" for name in names)
    disk = Disk("originals", held * figures.of("disk_room") / GB, _ROOM, ("disk_room",))
    number = Number("originals", "originals", held / GB, "GB", how, names, known(figures, names, 1, "mean"))
    return Part((number,), (), (disk,))


def _with_memory(figures: Figures, gib: float, weight: Weight) -> Machine:
    """The cheapest that has it, else the largest."""
    fitting = [one for one in figures.machines if gib <= one.memory_gib * figures.of("used")]
    return min(fitting, key=weight) if fitting else max(figures.machines, key=lambda one: one.memory_gib)
