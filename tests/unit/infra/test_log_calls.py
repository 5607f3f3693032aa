"""What our own code hands to its log: constant words, and of values only those that were looked at for content."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from infra.telemetry.logs import FIELDS

ROOT = Path(__file__).parents[3]
ROOMS = ("api", "generation", "infra", "ingest", "retrieval")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# Errors are told as `telling.told` has it. The rest are words of ours, counts, names of connectors, and in `noted` what a
# service tells of its start. An index is named by a digest of its recipe.
LOOKED_AT = {
    *("error", "problem", "title", "self._failed", "text"),
    *("connector.name", "recipe.name", "name", "held", "problems", "*(name, held, name)", "len(self._waiting)", "left"),
}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            function = node.func if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and isinstance(function, ast.Attribute) and function.attr in LEVELS:
                of = ast.unparse(function.value)
                if of == "log" or of.startswith(("logging.getLogger", "logger")):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_there_are_log_calls_to_look_at() -> None:
    assert len(list(calls())) > 15


def test_words_are_constant_and_values_were_looked_at() -> None:
    for place, call in calls():
        assert isinstance(call.func, ast.Attribute)
        words, *values = call.args[1:] if call.func.attr == "log" else call.args
        assert isinstance(words, ast.Constant), f"{place}: words that are put together may hold anything"
        assert {ast.unparse(value) for value in values} <= LOOKED_AT, f"{place}: may this hold content? See {__file__}"


def test_fields_are_known() -> None:
    for place, call in calls():
        for extra in (one.value for one in call.keywords if one.arg == "extra"):
            for given in (node for node in ast.walk(extra) if isinstance(node, ast.Dict)):
                named = {key.value for key in given.keys if isinstance(key, ast.Constant)}
                assert named <= set(FIELDS), f"{place}: a field that is dropped"
