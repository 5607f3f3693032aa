"""The local data folder as the commands see it: settings, container, who is meant by --as, and what they are shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.terminal import UsageError, note

if TYPE_CHECKING:
    from api.bootstrap import Container
    from retrieval.types import Principal


@contextmanager
def opened(*, service: bool = False, **overrides: object) -> Iterator[Container]:
    """The container of FOOTNOTE_HOME, in demo mode of a home of its own; what it started is stopped at the end. Logging
    is set up for it, for a `service` as one that runs on its own, which raises `BackupRefused` in a home that is half
    restored."""
    from api.bootstrap import Container
    from api.demo.home import settled
    from api.wiring.backups import refuse_half_restored
    from api.wiring.observing import set_up_logging
    from infra.settings import load_settings

    settings = settled(load_settings(**overrides))
    if service:
        refuse_half_restored(settings)
    if os.environ.get("FOOTNOTE_URL", ""):
        note(f"This looks at the data folder {settings.home}, not at FOOTNOTE_URL.")
    with Container(settings, set_up_logging(settings, service=service)) as parts:
        yield parts


def principal(as_user: str, groups: str) -> Principal:
    """`--as user:NAME --groups a,b` as a principal; raises `InvalidPrincipal` or `UsageError`."""
    from retrieval.types import Principal

    if not as_user:
        raise UsageError("Say who asks: --as user:NAME, and --groups a,b for the groups that they are in.")
    kind, _, name = as_user.rpartition(":")
    if kind not in {"", "user"}:
        raise UsageError("--as names a person, as user:NAME; groups go into --groups.")
    names = (group.strip().removeprefix("group:") for group in groups.split(","))
    return Principal(name, frozenset(group for group in names if group))


def recorded(
    parts: Container, action: str, asker: Principal | None, versions: Iterable[tuple[str, int]] = (), **told: object
) -> None:
    """Puts it into the audit trail, before it is shown, that somebody is shown this on the command line; `asker` None:
    the operator. Raises `AuditUnavailable`."""
    from api.wiring.recorded import recorded as put

    put(parts, action, asker, versions, **told)
