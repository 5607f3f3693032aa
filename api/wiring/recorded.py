"""What is shown to who sits at the machine is in the trail, as what is shown over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from api.wiring.stores import Stores
from generation.errors import AuditUnsealed
from retrieval.types import Principal


def recorded(
    parts: Stores, action: str, asker: Principal | None, versions: Iterable[tuple[str, int]] = (), **told: object
) -> None:
    """Puts it into the audit trail, before it is shown, that somebody is shown this on the command line; `asker` None:
    the operator. Raises `AuditUnavailable`."""
    shown = [{"document_id": id_, "version": version} for id_, version in dict.fromkeys(versions)]
    access = {
        "action": action,
        "at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "principal": f"user:{asker.user}" if asker else "operator",
        "way": "command line",
        **told,
        "shown": shown,
    }
    with suppress(AuditUnsealed):  # it is there
        parts.audit.append_now({"kind": "accesses", "accesses": [access]})
