"""The report that is mailed, as it is printed: nothing of it stays folded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def report() -> str:
    from api.gating.turned import Turned
    from evals.suites.nightly.report_file import Gathered, document
    from evals.systems.looking import EvalRun, Figured, MetricValue, Report

    setup = {"generator": "g", "adapter": ""}
    run = EvalRun("id", "nightly", datetime(2026, 12, 1, tzinfo=UTC), None, "done", "", "", "", setup, {}, 4, 3, 0)
    shown = Figured(run, 4, [MetricValue("golden", "", "right", 0.75, 0.3, 1.0, n=4)])
    return document(Gathered(Report(shown, None, Turned((), (), 0, 0), (), ()), [shown], (), (), None, (), {}))


def test_what_is_folded_is_printed(blank_page: Page) -> None:
    blank_page.set_content(report())
    folded = blank_page.get_by_role("table", name="golden, night by night")
    assert not folded.is_visible()
    blank_page.emulate_media(media="print")
    assert folded.is_visible()
    assert not blank_page.locator("summary").first.is_visible()
    blank_page.emulate_media(media="screen")
    blank_page.locator("summary").first.click()
    assert folded.is_visible()
    blank_page.emulate_media(media="print")
    assert folded.is_visible()
