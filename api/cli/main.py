"""The command `footnote`. Its modules import when a command runs what that command needs, so that help is quick."""

from __future__ import annotations

import os
import signal
import sys
from importlib.metadata import entry_points

import typer

from api.cli import (
    absence,
    adapters,
    answers,
    asking,
    audit,
    backups,
    budgets,
    collections,
    connectors,
    conversations,
    doctor,
    documents,
    erasing,
    feedback,
    gate,
    holds,
    index,
    indexes,
    ingesting,
    jobs,
    keys,
    mcp,
    migrate,
    models,
    notices,
    people,
    planning,
    privacy,
    releases,
    retention,
    reviewing,
    reviews,
    serving,
    trials,
)
from api.cli.options import LogLevel
from api.cli.output import explained
from api.cli.registry import Registry

INTERRUPTED = 130
ROOMS = (
    asking,
    ingesting,
    jobs,
    serving,
    migrate,
    documents,
    models,
    index,
    audit,
    keys,
    people,
    gate,
    adapters,
    releases,
    trials,
    indexes,
    connectors,
    collections,
    privacy,
    backups,
    doctor,
    planning,
    budgets,
    erasing,
    holds,
    retention,
    feedback,
    answers,
    notices,
    absence,
    reviewing,
    reviews,
    conversations,
    mcp,
)


def command_line() -> typer.Typer:
    """All commands: ours, and those of packages above this one (evals), which the entry point group
    `footnote.commands` names."""
    app = typer.Typer(
        name="footnote",
        help="Answers over your own documents in which every sentence is cited, checked and allowed.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_before)
    registry = Registry(app)
    for room in ROOMS:
        room.register(registry)
    for extension in entry_points(group="footnote.commands"):
        extension.load()(registry)
    return app


def _before(log_level: LogLevel = None) -> None:
    if log_level is not None:
        os.environ["FOOTNOTE_LOG_LEVEL"] = log_level


def main() -> None:
    """Entry point: foreseen errors become one line on stderr and exit code 1; Ctrl-C is 130.

    A request to end (`kill`, systemd, a closed terminal) is taken like Ctrl-C, so that what was started is stopped.
    """
    for request in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(request) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(request, signal.default_int_handler)
    try:
        command_line()()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # which typer makes of Ctrl-C
            again = (
                "--resume goes on, as said above" if sys.argv[1:2] == ["review"] else "run the command again to go on"
            )
            sys.stderr.write(f"\nInterrupted. What was finished is kept; {again}.\n")
        raise
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        sys.stderr.write(f"footnote: {message}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
