"""Commands and extensions are added through one registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from api.cli import main
from api.cli.registry import Registry


def count(number: int, twice: Annotated[bool, typer.Option("--twice", help="Double it.")] = False) -> int:
    """Ends with the number."""
    return number * 2 if twice else number


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    registry = Registry(app)
    registry.add(count, "count")
    registry.add_group("more", "More of it.")
    registry.group("more").add(count, "again")
    return app


def test_what_a_command_returns_is_the_exit_code(app: typer.Typer) -> None:
    run = CliRunner().invoke
    assert run(app, ["count", "0"]).exit_code == 0
    assert run(app, ["count", "3"]).exit_code == 3
    assert run(app, ["more", "again", "3", "--twice"]).exit_code == 6


def test_help_is_that_of_the_function(app: typer.Typer) -> None:
    told = CliRunner().invoke(app, ["more", "again", "--help"]).output
    assert "Ends with the number." in told
    assert "Double it." in told
    assert "More of it." in CliRunner().invoke(app, ["--help"]).output


def test_what_an_extension_adds_is_there_and_an_unknown_group_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Extension:
        @staticmethod
        def load() -> object:
            return lambda commands: commands.group("adapters").add(count, "count")

    monkeypatch.setattr(main, "entry_points", lambda group: [Extension] if group == "footnote.commands" else [])
    app = main.command_line()
    assert CliRunner().invoke(app, ["adapters", "count", "5"]).exit_code == 5
    with pytest.raises(KeyError):
        Registry(typer.Typer()).group("adapters")


def test_every_command_explains_what_it_takes() -> None:
    """An argument or an option without words tells nothing, and neither does a date as `%Y-%m-%d`."""
    unexplained = set()
    for path, command in _commands(get_command(main.command_line())):
        context = command.make_context(path, [], resilient_parsing=True)
        unexplained |= {f"{path} {one.name}" for one in command.params if not getattr(one, "help", "")}
        if "%Y" in command.get_help(context):
            unexplained.add(f"{path}, a date")
    assert not unexplained


def _commands(command: Any, path: str = "footnote") -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from _commands(below, f"{path} {name}")
