"""Plans: what they rest on stands in the documentation, and what they say follows from it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.capacity import gpu, searching
from api.capacity.demand import Demand
from api.capacity.figures import Figures, load
from api.capacity.fits import fitted, spread
from api.capacity.plan import Plan
from api.capacity.planning import plan
from api.capacity.prices import read
from api.terminal import UsageError

ROOT = Path(__file__).parents[3]
FIGURES = load()
SMALL = Demand(
    documents=5_000, users=100, questions_per_hour=20, pages=10, chunks=50, versions=1, scanned=0, peak=0.2,
    answer_s=None, profile="local", gpu="L40S", copies=1, workers=4, seed=0,
)  # fmt: skip
LARGE = replace(SMALL, documents=10_000_000, chunks=10, copies=2)
KINDS = {"measured", "setting", "arithmetic", "data sheet", "assumed"}


@pytest.fixture(scope="module")
def small() -> Plan:
    return plan(SMALL, FIGURES)


def number(plan: Plan, what: str) -> Any:
    (found,) = (one for one in plan.numbers if one.what == what)
    return found


def section(source: str) -> str:
    page, _, heading = source.partition("#")
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert found, source
    return re.split(rf"^#{{1,{len(found[1])}}} ", text[found.end() :], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", FIGURES.by_name)
def test_a_figure_says_where_it_comes_from_and_stands_there(name: str) -> None:
    figure = FIGURES[name]
    assert figure.kind in KINDS
    assert figure.unit
    if figure.kind == "measured":
        assert figure.date
        assert figure.where
        assert figure.words
    assert bool(figure.words) <= bool(figure.source)
    if figure.source:
        assert figure.words in section(figure.source)


DERIVED = {  # from what stands there
    "audit_bytes_per_record": 4.1e9 / 1e6,
    "pages_per_document": 1967 / 120,
    "chunks_per_page": 1290 / 247,
    "ingest_core_s_per_chunk": 2 * 31.1 / 1290,
    "embed_core_s_per_chunk": 2 * 0.011,
    "ingest_gib_per_worker": 1257 / 1024 / 2,
    "service_gib_without_model": 754 / 1024,
    "answer_cores": 2,
    "gpu_parameters": 7.62e9,
    "gpu_beside_gib": 2 + 2 * 154 / 1024,
    "gpu_prompt_tokens": 4000,
    "index_room": 2,
}


@pytest.mark.parametrize("name", [name for name, figure in FIGURES.by_name.items() if figure.words])
def test_the_number_of_a_figure_is_the_one_that_stands_there(name: str) -> None:
    figure = FIGURES[name]
    if name in DERIVED:
        assert figure.number == pytest.approx(DERIVED[name], rel=0.03)
        return
    values = figure.value if isinstance(figure.value, tuple) else (figure.value,)
    flat = [value[-1] if isinstance(value, tuple) else value for value in values]
    told = section(figure.source) if isinstance(figure.value, tuple) else figure.words
    for value in flat:
        assert re.search(rf"(?<![\d.,]){re.escape(f'{value:,}')}0*(?![\d])", told), value


def test_every_figure_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "api" / "capacity").glob("*.py"))
    unused = {name for name in FIGURES.by_name if f'"{name}"' not in code and not name.startswith("gpu ")}
    assert unused <= {"pages_per_document", "chunks_per_page"}  # which the command reads


def test_the_line_of_search_is_as_far_off_as_the_page_says() -> None:
    points = FIGURES["search_ms"].points
    line, told = fitted(points), (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    assert line.at(1e6) / 15.05 == pytest.approx(1.27, abs=0.01)
    before = fitted([point for point in points if point[0] < 1e6])
    assert before.at(1e6) / 15.05 == pytest.approx(1.70, abs=0.01)
    assert (line.low, line.high) == (10, 1_000_000)
    for value in (line.at(1e5), line.at(1e6), before.at(1e6), line.at(1e8)):
        assert f"{value:,.1f}" in told
    memory = searching.memory_line(FIGURES)
    assert memory.at(1e5) == pytest.approx(0.8)
    assert memory.at(1e6) == pytest.approx(2.8)


def test_a_spread_has_the_quantiles_that_it_was_made_from() -> None:
    time = spread(8.9, 22.2)
    assert time.quantile(0.5) == pytest.approx(8.9)
    assert time.quantile(0.95) == pytest.approx(22.2)
    assert 8.9 < time.mean < 22.2


def test_a_small_index_lies_where_answers_are_written(small: Plan) -> None:
    assert {group.role for group in small.groups} == {"answers", "PostgreSQL", "first ingestion"}
    assert number(small, "index: rows").value == 250_000
    assert number(small, "index on disk").value == pytest.approx(250_000 * 2431 / 1e9)
    assert number(small, "a search, one core: p50").known == "measured"
    assert number(small, "PostgreSQL").value == pytest.approx((5_000 * 1_740 + 50_000 * 4_660 + 250_000 * 2_660) / 1e9)
    assert number(small, "first ingestion").value == pytest.approx(250_000 * 0.0482 / 4 / 3600)
    assert number(small, "questions, busiest hour").value == pytest.approx(32)
    assert small.month is None
    assert not small.missed


def test_copies_of_a_small_index_are_machines_that_answer(small: Plan) -> None:
    assert [group.count for group in small.groups if group.role == "answers"] == [1]
    twice = plan(replace(SMALL, copies=2), FIGURES)
    assert [group.count for group in twice.groups if group.role == "answers"] == [2]


def test_a_large_index_is_spread_so_that_memory_and_time_are_enough() -> None:
    found = plan(LARGE, FIGURES)
    (index,) = (group for group in found.groups if group.role == "index")
    assert index.needs_gib <= index.machine.memory_gib * FIGURES.of("used")
    assert number(found, "a search, one core: p50").value <= FIGURES.of("search_ms_at_most")
    assert number(found, "on one machine: p50").value == pytest.approx(searching.search_line(FIGURES).at(1e8))
    assert number(found, "on one machine: p50").known == "x 100"
    held = searching.memory_line(FIGURES).at(2 * 1e8 / index.count)
    assert index.needs_gib == pytest.approx(held)
    fewer = plan(replace(LARGE, copies=1), FIGURES)
    assert sum(group.count for group in fewer.groups if group.role == "index") < index.count


def test_more_searches_take_more_machines() -> None:
    busy = replace(LARGE, questions_per_hour=100_000, profile="gpu", users=100_000)
    (index,) = (group for group in plan(busy, FIGURES).groups if group.role == "index")
    searches = 100_000 * 8 * 0.2 / 3600 * FIGURES.of("searches_per_question")
    line = searching.search_line(FIGURES)
    cores = searches * (line.base * index.count + line.slope * 1e8) / 1000
    assert "all searches" in index.why
    assert cores <= index.count * index.machine.cores * FIGURES.of("busy") * 1.001


def test_old_versions_are_stored_and_not_searched(small: Plan) -> None:
    found = plan(replace(SMALL, versions=3), FIGURES)
    assert number(found, "index on disk").value == pytest.approx(3 * number(small, "index on disk").value)
    what = "a search, one core: p50"
    assert number(found, what).value == number(small, what).value


def test_scans_cost_processors_and_disk(small: Plan) -> None:
    found = plan(replace(SMALL, scanned=0.5), FIGURES)
    assert number(found, "recognise scans").value == pytest.approx(25_000 * 5.6 / 3600)
    assert number(found, "originals").known == "assumed"
    assert number(small, "originals").known == "mean"


def test_as_many_services_as_the_target_takes() -> None:
    asked = replace(SMALL, questions_per_hour=400)
    slots = {
        target: number(plan(replace(asked, answer_s=target), FIGURES), "answers at once").value for target in (23, 30)
    }
    assert slots[23] > slots[30]
    met = plan(replace(asked, answer_s=30), FIGURES)
    assert number(met, "to the end: p50, p95, p99").value[1] <= 30
    assert not met.missed


def test_what_no_number_of_machines_gives_is_said() -> None:
    missed = plan(replace(SMALL, answer_s=3), FIGURES)
    assert "within 3 s: without a wait it is 22.2 s" in missed.missed[0]
    assert number(missed, "waiting: p50, p95, p99").value[1] <= FIGURES.of("wait_s_at_most")
    assert "--gpu" in plan(replace(SMALL, answer_s=1, profile="gpu", gpu="L4"), FIGURES).missed[0]


def test_a_gpu_is_arithmetic_and_says_so() -> None:
    found = plan(replace(SMALL, profile="gpu", answer_s=20), FIGURES)
    for what in ("an answer: p50, p95", "answers at once", "waiting: p50, p95, p99", "requests a GPU holds"):
        assert "not run" in number(found, what).known
    assert not found.missed
    assert number(found, "to the end: p50, p95, p99").value[1] <= 20
    (vllm,) = (group for group in found.groups if group.machine.gpu)
    assert (vllm.role, vllm.machine.gpu) == ("language model", "L40S")


@pytest.mark.parametrize(("gib", "left"), [(24, 5.1), (48, 26.7), (80, 55.5)])
def test_a_gpu_has_the_room_of_the_table_in_the_manual(gib: int, left: float) -> None:
    """docs/vllm.md, "left for the cache"."""
    name = {24: "gpu L4", 48: "gpu L40S", 80: "gpu A100"}[gib]
    assert FIGURES[name].numbers[0] == gib
    tokens = gpu._tokens(FIGURES)
    fits = left * 2**30 / (tokens * 56 * 1024)
    assert gpu.requests(FIGURES, name.removeprefix("gpu ")) == min(64, int(fits))


def test_more_at_once_takes_each_answer_longer_and_all_less() -> None:
    one, eight = (gpu.answer_time(FIGURES, "H100", at_once) for at_once in (1, 8))
    assert one < eight < 8 * one
    assert gpu.answer_time(FIGURES, "L4", 1) > gpu.answer_time(FIGURES, "L40S", 1) > one


def test_the_same_demand_is_the_same_plan_and_another_seed_is_near(small: Plan) -> None:
    assert repr(plan(SMALL, FIGURES)) == repr(small)
    asked = replace(SMALL, questions_per_hour=2000)
    slots = {number(plan(replace(asked, seed=seed), FIGURES), "answers at once").value for seed in range(3)}
    assert max(slots) - min(slots) <= 1


def test_all_that_a_plan_says_names_figures_that_it_lists(small: Plan) -> None:
    listed = {figure.name for figure in small.used}
    assert {name for one in (*small.numbers, *small.groups, *small.disks) for name in one.figures} == listed
    assert all(one.figures for one in (*small.groups, *small.disks))
    assert {"used", "wait_s_at_most", "disk_room", "index_room"} <= listed
    assert all(one.how and one.known for one in small.numbers)


EXAMPLE = ROOT / "docs" / "capacity-prices.toml"


def test_cost_is_machines_and_disk_by_the_operators_prices(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('currency = "CHF"\ndisk_gb_month = 2\n[month]\nsmall = 10\nmedium = 1000\nlarge = 1000\n')
    found = plan(SMALL, FIGURES, read(file, FIGURES, ""))
    assert {group.machine.kind for group in found.groups} == {"small"}
    assert found.month == pytest.approx(20 + 2 * sum(disk.gb for disk in found.disks))
    (first,) = (group.days for group in found.groups if group.days is not None)
    assert found.once == pytest.approx(10 * first / (730 / 24))
    assert found.currency == "CHF"


def test_the_cheapest_kind_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('currency = "CHF"\ndisk_gb_month = 0\n[month]\nsmall = 100\nmedium = 9\nlarge = 99\n')
    found = plan(SMALL, FIGURES, read(file, FIGURES, ""))
    assert {group.machine.kind for group in found.groups} == {"medium"}


def test_the_example_has_a_price_of_everything_and_says_that_it_is_made_up() -> None:
    assert "made up" in EXAMPLE.read_text(encoding="utf-8")
    for card in FIGURES.gpus:
        prices = read(EXAMPLE, FIGURES, card)
        assert all(price > 0 for price in (*prices.machines.values(), *prices.gpus.values(), prices.disk_gb))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("currency = ", "is no TOML"),
        ("disk_gb_month = 1", "currency"),
        ('currency = "EUR"', "no price of month.small"),
        ('currency = "EUR"\nmonth = 3', "month is a table"),
        ('currency = "EUR"\ndisk_gb_month = 1\n[month]\nsmall = -1\nmedium = 1\nlarge = 1', "-1, which is no price"),
        (
            'currency = "EUR"\ndisk_gb_month = 1\n[month]\nsmall = true\nmedium = 1\nlarge = 1',
            "True, which is no price",
        ),
        ('currency = "EUR"\ndisk_gb_month = 1\n[month]\nsmall = inf\nmedium = 1\nlarge = 1', "inf, which is no price"),
        ('currency = "EUR"\nregion = "x"', "nothing is called region"),
    ],
)
def test_a_file_that_is_no_prices_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=re.escape(words)):
        read(file, FIGURES, "")


def test_a_gpu_without_a_price_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('currency = "EUR"\ndisk_gb_month = 1\n[month]\nsmall = 1\nmedium = 1\nlarge = 1')
    with pytest.raises(UsageError, match=re.escape("gpu_month.L4")):
        read(file, FIGURES, "L4")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"documents": 0}, "--documents is 0"),
        ({"users": -3}, "--users is -3"),
        ({"users": 10**30}, "more than"),
        ({"versions": 0.5}, "--versions"),
        ({"versions": float("inf")}, "--versions is inf"),
        ({"questions_per_hour": float("nan")}, "--questions-per-hour is nan"),
        ({"questions_per_hour": 1e6}, "at most 100,000"),
        ({"scanned": 1.5}, "--scanned-share"),
        ({"peak": 0.1}, "from 0.125 to 1"),
        ({"answer_s": 0}, "--answer-seconds"),
        ({"chunks": 0}, "--chunks-per-document"),
        ({"gpu": "T4"}, "known are L4"),
        ({"documents": 10**12, "chunks": 50}, "of which nothing measured"),
    ],
)
def test_a_demand_that_makes_no_sense_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        plan(replace(SMALL, **changed), FIGURES)


def test_a_gpu_without_room_for_the_model_is_refused() -> None:
    tight = Figures(
        {**FIGURES.by_name, "gpu tight": replace(FIGURES["gpu L4"], value=(16, 1, 1))},
        FIGURES.machines,
        FIGURES.with_gpu,
    )
    with pytest.raises(UsageError, match="no memory"):
        plan(replace(SMALL, profile="gpu", gpu="tight"), tight)
