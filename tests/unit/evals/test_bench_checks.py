"""Suite "checks" of `footnote bench generation`: the curve of P(yes)."""

from pathlib import Path
from typing import Any

import pytest

from api.terminal import UsageError
from evals.suites.generation import checks
from evals.suites.generation.checks import THRESHOLDS, curve
from generation.training.data import written


def test_the_curve_tells_how_well_right_and_wrong_are_apart() -> None:
    assert curve([0.9, 0.8], [0.1, 0.2])["auc"] == 1.0
    assert curve([0.1, 0.2], [0.9, 0.8])["auc"] == 0.0
    assert curve([0.5], [0.5])["auc"] == 0.5
    assert curve([0.9, 0.4], [0.6])["auc"] == 0.5


@pytest.mark.parametrize(("limit", "passed"), [("0.05", [1.0, 1.0]), ("0.5", [1.0, 0.5]), ("0.95", [0.5, 0.0])])
def test_what_reaches_a_threshold_passes(limit: str, passed: list[float]) -> None:
    found = curve([0.95, 0.5], [0.5, 0.1])
    assert found["passes"][limit] == passed
    assert list(found["passes"]) == [str(known) for known in THRESHOLDS]
    assert (found["right"], found["wrong"]) == (2, 2)


def test_other_data_than_the_rows_were_written_for_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "exercises", lambda _data: [])
    nothing: Any = None
    with pytest.raises(UsageError, match="is not made from this data") as raised:
        checks.load(nothing, tmp_path, 0)
    assert str(tmp_path) in str(raised.value)
