"""The index: how much memory and time a search over it takes, and which machines hold it."""

from __future__ import annotations

from dataclasses import dataclass

from api.capacity.demand import Demand
from api.capacity.figures import Figures, Machine
from api.capacity.fits import Line, fitted
from api.capacity.plan import Disk, Group, Number, Part, Weight, cheapest, known
from api.capacity.words import GB, rounded, up

_MILLION = 1e6
_RULES = ("search_ms", "search_memory_gib", "search_ms_at_most", "searches_per_question", "busy", "used")


@dataclass(frozen=True, slots=True)
class Index:
    """`spread`: over machines of its own; else each machine that answers has all of it, `memory_gib` of its memory."""

    part: Part
    spread: bool
    memory_gib: float


def search_line(figures: Figures) -> Line:
    """Milliseconds of one core against visible rows."""
    return fitted(figures["search_ms"].points)


def memory_line(figures: Figures) -> Line:
    """GiB of a process that searches against rows."""
    return fitted(figures["search_memory_gib"].points)


def index(demand: Demand, figures: Figures, searches: float, weight: Weight) -> Index:
    """`searches`: a second, in the busiest hour. The index lies whole on each machine that answers as long as a search
    and its memory allow it; else on machines of its own, each of which holds its share."""
    most = max(machine.memory_gib for machine in figures.machines) * figures.of("used") / 2
    whole = memory_line(figures).at(demand.rows)
    spread = search_line(figures).at(demand.visible) > figures.of("search_ms_at_most") or whole > most
    hosts = _hosts(demand, figures, searches, weight) if spread else None
    held = demand.rows * figures.of("index_bytes_per_row")
    disk = Disk(
        "index",
        held * figures.of("index_room") / GB,
        "twice, to write it anew; all that search see it",
        ("index_room",),
    )
    numbers = (*_stored(demand, figures, held), *_searched(demand, figures, hosts))
    return Index(Part(numbers, (hosts,) if hosts else (), (disk,)), spread, whole)


def _stored(demand: Demand, figures: Figures, held: float) -> tuple[Number, ...]:
    rows = f"{demand.documents:,} documents x {demand.chunks:.3g} chunks x {demand.versions:g} versions"
    disk = f"{rounded(demand.rows)} x {figures.of('index_bytes_per_row'):,.0f} bytes"
    size = "index_bytes_per_row"
    return (
        Number("index", "index: rows", demand.rows, "", rows, (), "given"),
        Number("index", "index on disk", held / GB, "GB", disk, (size,), known(figures, [size], otherwise="mean")),
    )


def _searched(demand: Demand, figures: Figures, hosts: Group | None) -> tuple[Number, ...]:
    """Memory and time on one machine, and what the time would be if it were not spread."""
    time, memory = search_line(figures), memory_line(figures)
    count = hosts.count if hosts else 1
    visible, rows = demand.visible / count, demand.rows * (demand.copies if hosts else 1) / count
    held = f"{memory.base:.2f} GiB + {rounded(rows)} rows held x {memory.slope * _MILLION:.2f} a million"
    each = f"{time.slope * _MILLION:.1f} a million"
    here = f"{time.base:.2f} ms + {rounded(visible)} rows looked through x {each}"
    found = (
        _number(
            figures, "memory to search, each", memory.at(rows), "GiB", held, "search_memory_gib", memory.beyond(rows)
        ),
        _number(figures, "a search, one core: p50", time.at(visible), "ms", here, "search_ms", time.beyond(visible)),
    )
    if hosts is None:
        return found
    why, beyond = f"if it were not spread: {rounded(demand.visible)} rows", time.beyond(demand.visible)
    return *found, _number(figures, "on one machine: p50", time.at(demand.visible), "ms", why, "search_ms", beyond)


def _number(figures: Figures, what: str, value: float, unit: str, how: str, name: str, beyond: float) -> Number:
    return Number("index", what, value, unit, how, (name,), known(figures, [name], beyond))


def _hosts(demand: Demand, figures: Figures, searches: float, weight: Weight) -> Group:
    def group(machine: Machine) -> Group:
        count, why = _count(demand, figures, searches, machine)
        needs = memory_line(figures).at(demand.rows * demand.copies / count)
        return Group("index", machine, count, needs, f"so many for {why}; {demand.copies} hold each row", _RULES)

    return cheapest(map(group, figures.machines), weight)


def _count(demand: Demand, figures: Figures, searches: float, machine: Machine) -> tuple[int, str]:
    """How many of them, and what decides it. Of a row's copies one is asked, so that a machine looks through its share
    of the rows and holds as many more as there are copies."""
    time, memory = search_line(figures), memory_line(figures)
    limit = figures.of("search_ms_at_most")
    cores = machine.cores * figures.of("busy") - searches * time.base / 1000
    wanted = {
        "the copies": demand.copies,
        f"a search within {limit:g} ms": up(demand.visible / time.reaches(limit)),
        "memory": up(demand.copies * demand.rows / memory.reaches(machine.memory_gib * figures.of("used"))),
        "all searches": up(searches * time.slope * demand.visible / 1000 / max(cores, 1e-6)),
    }
    why = max(wanted, key=lambda name: wanted[name])
    return wanted[why], why
