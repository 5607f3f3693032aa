"""The report that is mailed: figures that can be checked by hand, nothing that is fetched, no words unasked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.terminal import UsageError
from api.wiring.evaluations import Evaluations
from evals.suites.nightly import report_file
from evals.suites.nightly.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, chart, round_up, series
from evals.suites.nightly.markup import Markup, listed, tag
from evals.suites.nightly.report_file import document, gathered
from evals.suites.nightly.sections import NONE, amount, suites
from evals.suites.nightly.sections import decision as told
from evals.systems.looking import CaseResult, EvalDecision, Figured, Looking, MetricValue
from evals.systems.weighing import PostgresDecisions, kept, weighed
from infra.postgres.evaluations import EvalRun, PostgresEvaluations
from infra.postgres.pool import Pool
from infra.postgres.releases import PostgresReleases, Release
from tests.nights import FIRST_NIGHT, Night, seeded

QUESTION = "What does <Kestrel & Sons> pay?"


def looked_at(pool: Pool, question: str = "") -> Looking:
    def words(case: CaseResult) -> str:
        return question if case.suite == "regression" else ""

    return Looking(PostgresEvaluations(pool), Evaluations(pool), PostgresReleases(pool), words)


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.removeprefix("<!doctype html>\n"))  # noqa: S314  our own


def rows(page: ElementTree.Element, caption: str) -> list[list[str]]:
    found = [one for one in page.iter("table") if "".join(one.find("caption").itertext()) == caption]  # type: ignore[union-attr]
    assert len(found) == 1, caption
    return [["".join(cell.itertext()) for cell in row] for row in found[0].find("tbody")]  # type: ignore[union-attr]


@pytest.fixture
def runs(fresh_database: Pool) -> list[str]:
    """Four nights, the third worse and weighed against the second; a release."""
    nights = [Night(), Night(), Night(chance=0.6, setup="b", errors=2), Night(status="stopped")]
    found = seeded(fresh_database, nights)
    kept(PostgresDecisions(fresh_database), weighed(PostgresEvaluations(fresh_database), found[2], found[1]))
    releases = PostgresReleases(fresh_database)
    releases.add(Release("autumn", {}, {}, "0" * 64, "operator", ""), {})
    releases.promote("autumn", "operator", {})
    return found


def test_it_says_what_the_tables_say(fresh_database: Pool, runs: list[str]) -> None:
    store = looked_at(fresh_database)
    found = gathered(store, runs[2][:8], "")
    page = parsed(document(found))
    cases = {one.case_id: one for one in store.runs.cases(runs[2]) if one.suite == "golden"}
    right = sum(one.outcome == "right" for one in cases.values())
    (line,) = [row for row in rows(page, "Figures of golden") if row[0] == "right"]
    assert line[1] == f"{100 * right / 68:.1f} %"
    assert (line[3], line[4]) == ("68", "2")
    night = rows(page, "golden, night by night")
    assert [row[0] for row in night] == ["2026-10-30", "2026-10-29", "2026-10-28"]  # not the one after it
    assert night[0][1] == line[1]
    before = {one.case_id: one.outcome for one in store.runs.cases(runs[1]) if one.suite == "golden"}
    wrong = {f"golden/{id_}" for id_, one in cases.items() if (before[id_], one.outcome) == ("right", "wrong")}
    assert {row[0] for row in rows(page, "Newly wrong cases") if row[0].startswith("golden/")} == wrong != set()
    assert rows(page, "Errors") == [["golden/g-00", "generator_timeout"], ["golden/g-01", "generator_timeout"]]
    assert len(rows(page, "Worst slices")) == 5
    assert [row[2] for row in rows(page, "What was done to releases, newest first")] == ["promote", "propose"]
    ragas = {row[0]: row for row in rows(page, "RAGAS, of some answers, beside ours")}
    golden = {(one.suite, one.name): one for one in found.report.shown.figures}
    ours = golden["golden", "quote_overlap"].value
    assert ours is not None
    assert ragas["golden: faithfulness"][5] == f"citation_resolves 100.0 %, quote_overlap {100 * ours:.1f} %"
    assert int(ragas["golden: faithfulness"][4]) == golden["golden", "ragas_faithfulness"].nans


def test_a_night_that_was_cut_off_says_so_before_any_share(fresh_database: Pool, runs: list[str]) -> None:
    found = gathered(looked_at(fresh_database), runs[2], "")
    shown = found.report.shown
    few = replace(shown, planned=shown.run.cases + 30)
    text = document(replace(found, report=replace(found.report, shown=few)))
    said = f"30 of {few.planned} cases were not asked"
    assert said in text
    assert text.index(said) < text.index("Figures of ")
    assert "Nothing that fails a night was found in what was asked." in document(
        replace(found, failures=(), report=replace(found.report, shown=few))
    )
    searched = MetricValue("elsewhere", "", "peak_memory_mib", 3990.0)
    memory = replace(few, figures=[*few.figures, searched])
    text = document(replace(found, report=replace(found.report, shown=memory)))
    assert "elsewhere: no case of it was asked" in text
    whole = replace(shown, planned=shown.run.cases)
    assert "were not asked" not in document(replace(found, report=replace(found.report, shown=whole)))


def test_amounts_are_written_out() -> None:
    assert [amount(one) for one in (16.5, 1098.4, 4051.0, 0.01234, None)] == ["16.5", "1,100", "4,050", "0.0123", NONE]


def test_gates_are_told_with_the_decision(fresh_database: Pool, runs: list[str]) -> None:
    page = parsed(document(gathered(looked_at(fresh_database), runs[2], "")))
    gates = {row[0]: row for row in rows(page, "Gates")}
    assert gates["right"][1] == "block"
    assert gates["right"][4] == "5 points"
    assert gates["right"][7].count("golden/") > 5
    assert "Blocked: a loss is shown" in "".join(page.itertext())
    other = parsed(document(gathered(looked_at(fresh_database), runs[0], "")))
    assert f"footnote eval weigh {runs[0][:8]} OTHER" in "".join(other.itertext())
    assert "There is no finished night before it" in "".join(other.itertext())


def test_nothing_is_fetched_and_no_script_runs(fresh_database: Pool, runs: list[str]) -> None:
    text = document(gathered(looked_at(fresh_database), "", ""))
    page = parsed(text)
    assert {one.tag for one in page.iter()}.isdisjoint({"script", "link", "img", "iframe", "object", "a"})
    assert {name for one in page.iter() for name in one.attrib} & {"src", "href", "style", "onclick"} == set()
    assert re.search(r"https?:|url\(|@import", text) is None
    assert "default-src 'none'" in text
    assert len(text) < 200_000


def test_words_are_told_where_they_are_asked_for_and_as_words(fresh_database: Pool, runs: list[str]) -> None:
    silent = document(gathered(looked_at(fresh_database), runs[2], ""))
    assert "Kestrel" not in silent
    assert rows(parsed(silent), "Newly wrong cases")[0][4:] == []
    told_words = gathered(looked_at(fresh_database, QUESTION), runs[2], "")
    text = document(told_words)
    assert "<Kestrel" not in text
    found = {row[0]: row[4] for row in rows(parsed(text), "Newly wrong cases")}
    regression = {name: question for name, question in found.items() if name.startswith("regression/")}
    assert set(regression.values()) == {QUESTION}
    assert {question for name, question in found.items() if name not in regression} == {""}


def test_what_fails_a_night_stands_on_top(fresh_database: Pool, runs: list[str]) -> None:
    found = gathered(looked_at(fresh_database), runs[2], "")
    assert [one.split(":")[0] for one in found.failures] == ["wrong again"]
    assert "This night failed" in document(found)
    assert "Nothing that fails a night" in document(replace(found, failures=()))


def test_against_another_run(fresh_database: Pool, runs: list[str]) -> None:
    found = gathered(looked_at(fresh_database), runs[1], runs[2][:8])
    assert found.report.against is not None
    assert (found.report.against.id, len(found.report.turned.right) > 0) == (runs[2], True)


def test_the_file_is_the_owner_s_and_its_place_is_looked_at_first(
    fresh_database: Pool, runs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr(report_file, "looking", lambda words: nullcontext(looked_at(fresh_database)))
    out = tmp_path / "night.html"
    out.touch()
    out.chmod(0o644)  # by somebody before
    assert report_file.write_report(runs[0], "", out, words=False) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert parsed(out.read_text(encoding="utf-8")).tag == "html"
    with pytest.raises(UsageError, match="folder"):
        report_file.write_report(runs[0], "", tmp_path, words=False)


def night(setup: str, value: float | None, low: float = 0.5, high: float = 1.0) -> Figured:
    run = EvalRun("id", "nightly", FIRST_NIGHT, None, "done", "", setup, "", {}, {}, 4, 3, 0)
    return Figured(run, 4, [MetricValue("golden", "", "right", value, None if value is None else low, high, n=4)])


def test_a_chart_is_drawn_where_the_figures_are() -> None:
    """Newest first: .5, none, 1 and 1 again by another setup."""
    nights = [night("b", 0.5), night("b", None), night("b", 1.0), night("a", 1.0)]
    picture = parsed(chart("said", [series(nights, "golden", "right")], 1.0, lambda value: f"{value}"))
    step = (WIDTH - LEFT - RIGHT) / 4
    low, high = HEIGHT - BOTTOM, TOP
    places = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in picture.iter("circle")]
    assert places == [(LEFT + step / 2, high), (LEFT + 1.5 * step, high), (LEFT + 3.5 * step, (low + high) / 2)]
    assert [one.get("points") for one in picture.iter("polyline")] == [
        f"{LEFT + step / 2},{float(high)} {LEFT + 1.5 * step},{float(high)}",
        f"{LEFT + 3.5 * step},{(low + high) / 2}",  # the night without a number is no part of a line
    ]
    (band,) = picture.iter("polygon")
    assert band.get("points", "").split()[0] == f"{LEFT + step / 2},{float(high)}"
    assert band.get("points", "").split()[-1] == f"{LEFT + step / 2},{(low + high) / 2}"
    assert len([one for one in picture.iter("path") if one.get("class") == "changed"]) == 1
    assert picture.get("aria-label") == "said"


def test_peak_memory_alone_is_no_suite_without_numbers() -> None:
    """It is told with `performance`, also by a night that has asked no search."""
    one, other = night("a", 1.0), night("a", 0.5)
    memory = MetricValue("performance", "", "peak_memory_mib", 2048.0)
    shown = replace(one, figures=[*one.figures, memory])
    page = parsed(tag("div", suites(shown, [shown, other])))
    assert "no number right" not in "".join(page.itertext())
    assert "performance: no case of it was asked" in "".join(page.itertext())
    assert rows(page, "Figures of performance") == [["peak_memory_mib", "2,050"]]
    assert series([shown, other], "performance", "right") == []


@pytest.mark.parametrize(("highest", "end"), [(0, 1), (0.041, 0.05), (0.06, 0.1), (1, 1), (2.4, 5), (51, 100)])
def test_an_axis_ends_at_a_round_number(highest: float, end: float) -> None:
    assert round_up(highest) == pytest.approx(end)


def test_durations_of_a_decision_are_told_as_how_much_longer_they_take() -> None:
    """log(old / new) of -log(1.5): half as long again."""
    gate = {"metric": "seconds", "kind": "duration", "aim": "not_worse", "margin": 0.2, "guard": True,
            "outcome": "undecided", "n": 30, "change": -0.405465, "low": -0.693147, "high": 0.0, "detects": 0.3,
            "more": 12, "left_out": 1, "lost": [], "gained": [], "also": []}  # fmt: skip
    pairing = {"pairs": 30, "errors_new": 0, "errors_old": 1}
    results = {"gates": [gate, gate | {"metric": "none", "change": None}], "pairing": pairing, "remarks": ["<r>"]}
    found = EvalDecision("d", "n" * 36, "o" * 36, FIRST_NIGHT, "undecided", results, [])
    page = parsed(tag("div", told(found, night("a", 1.0))))
    one, other = rows(page, "Gates")
    assert one == ["seconds (guard)", "undecided, 12 more cases would do", "+50.0 %", "+0.0 to +100.0", "20 % longer", "30",
                   "1", "none"]  # fmt: skip
    assert other[2] == "no number"
    assert "<r>" in "".join(page.itertext())


def test_what_is_no_markup_is_escaped() -> None:
    assert tag("p", "<b>", tag("i", "&"), class_='"x') == '<p class="&quot;x">&lt;b&gt;<i>&amp;</i></p>'
    assert listed(["a\x00\x1b", Markup("<b/>")]) == "<ul><li>a\ufffd\ufffd</li><li><b/></li></ul>"
