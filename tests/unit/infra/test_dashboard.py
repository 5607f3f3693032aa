"""The dashboard in infra/grafana: what Grafana's import needs, and only metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families as families

from api.wiring.observing import telemetry
from infra.postgres.errors import DatabaseUnavailable
from infra.settings import load_settings

BOARD: dict[str, Any] = json.loads((Path(__file__).parents[3] / "infra/grafana/footnote.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
SERIES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
SELECTED = re.compile(r'\b([a-z_]+)\{job=~"\$job"[^}]*\}')


def queries() -> list[str]:
    return [target["expr"] for panel in PANELS for target in panel["targets"]]


def there() -> Iterator[str]:
    """The names of what `/metrics` has, from the first scrape on."""

    def away() -> Any:
        raise DatabaseUnavailable("not needed to tell what there is")

    for family in families(telemetry(load_settings(), away).scrape().decode()):
        yield from (family.name + ending for ending in SERIES.get(family.type, ("",)))


def test_every_query_selects_metrics_that_there_are() -> None:
    known, used = set(there()), set()
    for query in queries():
        selected = SELECTED.findall(query)
        assert selected, query
        assert query.count("{") == len(selected), f"a selector without the job: {query}"
        used |= set(selected)
    assert used <= known
    assert {name for name in known if name.startswith("footnote_") and not name.endswith(("_sum", "_count"))} <= used
    asked = BOARD["templating"]["list"][1]["query"]["query"]
    assert re.fullmatch(r"label_values\((\w+), job\)", asked)[1] in known  # type: ignore[index]


def test_it_has_what_an_import_needs() -> None:
    assert (BOARD["id"], BOARD["uid"], BOARD["title"]) == (None, "footnote", "Footnote")
    assert BOARD["schemaVersion"] >= 36
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(set(ids)) == len(ids)
    names = {variable["name"] for variable in BOARD["templating"]["list"]}
    assert names == {"datasource", "job"}
    for panel in PANELS:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert [target["refId"] for target in panel["targets"]] == [*"ABCD"][: len(panel["targets"])]


def test_panels_lie_side_by_side_and_on_no_other() -> None:
    taken = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
