"""`footnote budgets`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.local import opened
from api.cli.options import Json
from api.cli.registry import Registry
from api.terminal import UsageError, say, say_json, say_table

EVERYONE = "everyone"
Most = Annotated[int | None, typer.Option(min=0, help="At most so many in a day (UTC).")]


def register(commands: Registry) -> None:
    group = commands.add_group("budgets", "Questions and tokens that persons and groups may use in a day.")
    group.add(assign, "set")
    group.add(list_all, "list")
    group.add(remove, "remove")


def assign(
    subject: Annotated[str, typer.Argument(metavar="user:NAME|group:NAME|everyone", help="Whose budget.")],
    questions: Most = None,
    tokens: Most = None,
) -> int:
    """Set a budget, in place of the one before. A group's is shared by its members; `everyone` is each person who has
    none of their own."""
    if questions is None and tokens is None:
        raise UsageError("Say how much: --questions N, --tokens N, or both.")
    with opened() as parts:
        parts.budgets.set(_subject(subject), questions, tokens)
    told = [f"{most:,} {what}" for most, what in ((questions, "questions"), (tokens, "tokens")) if most is not None]
    say(f"{subject}: {' and '.join(told)} a day.")
    return 0


def list_all(as_json: Json = False) -> int:
    """All budgets with what is used of them today."""
    with opened() as parts:
        found = parts.budgets.list()
    if as_json:
        say_json({"budgets": found})
        return 0
    rows = [
        (
            one.subject,
            *(
                told
                for most, used in ((one.questions, one.questions_used), (one.tokens, one.tokens_used))
                for told in ("-" if most is None else f"{most:,}", "each" if one.subject == EVERYONE else f"{used:,}")
            ),
        )
        for one in found
    ]
    say_table(("who", "questions", "used", "tokens", "used"), rows)
    return 0


def remove(
    subject: Annotated[str, typer.Argument(metavar="user:NAME|group:NAME|everyone", help="Whose budget.")],
) -> int:
    """Remove a budget."""
    with opened() as parts:
        parts.budgets.set(_subject(subject), None, None)
    say(f"{subject} has no budget.")
    return 0


def _subject(text: str) -> str:
    """Raises `InvalidPrincipal`."""
    from retrieval.types import principal_token

    return text if text == EVERYONE else principal_token(text)
