"""How commands come onto the command line, those of this package and those of packages above it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import typer

Command = Callable[..., int]
"""Its parameters are the options, as typer reads them, its docstring is the help, and it returns the exit code."""


class Registry:
    """Takes commands and groups of commands, shown in the order in which they were added.

    An extension is a function that takes the registry and adds to it; the entry point group `footnote.commands` names
    it. `group` is for adding to what another package has begun.
    """

    def __init__(self, app: typer.Typer) -> None:
        self._app = app
        self._groups: dict[str, Registry] = {}

    def add(self, command: Command, name: str) -> None:
        self._app.command(name)(_exiting(command))

    def add_group(self, name: str, about: str) -> Registry:
        """A new group, to which commands can be added; `about` is its help."""
        app = typer.Typer(help=about, no_args_is_help=True)
        self._app.add_typer(app, name=name)
        self._groups[name] = Registry(app)
        return self._groups[name]

    def add_group_command(self, command: Command, name: str) -> Registry:
        """A group that is a command itself where none of its commands is named; `command` takes typer's `context`."""
        app = typer.Typer()
        app.callback(invoke_without_command=True)(_unless_named(command))
        self._app.add_typer(app, name=name)
        self._groups[name] = Registry(app)
        return self._groups[name]

    def group(self, name: str) -> Registry:
        """A group that is there; raises `KeyError`."""
        return self._groups[name]


def _exiting(command: Command) -> Callable[..., None]:
    @functools.wraps(command)
    def run(*given: Any, **options: Any) -> None:
        raise typer.Exit(command(*given, **options))

    return run


def _unless_named(command: Command) -> Callable[..., None]:
    @functools.wraps(command)
    def run(context: typer.Context, **options: Any) -> None:
        if context.invoked_subcommand is None:
            raise typer.Exit(command(context, **options))

    return run
