"""What no description can say: readers have to be the caller's own groups, days in order, and questions of words."""

from __future__ import annotations

from typing import Any

import schemathesis

from ingest.types import is_principal

READERS = {"allow": ["group:legal"], "manage": ["user:ana"]}


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Of what is as described alone, for the rest is to be refused."""
    if not isinstance(body, dict):
        return body
    dates = body.get("dates")
    if isinstance(dates, dict) and all(isinstance(dates.get(end), str) for end in ("from", "to")):
        body = body | {
            "dates": dates | {"from": min(dates["from"], dates["to"]), "to": max(dates["from"], dates["to"])}
        }
    for name in ("question", "query"):
        asked = body.get(name)
        if isinstance(asked, str) and asked.strip() and not any(sign.isalnum() for sign in asked):
            body = body | {name: f"{asked} rent"[-4000:]}
    return body | {name: known for name, known in READERS.items() if _readers(body.get(name))}


def _readers(value: Any) -> bool:
    return (
        isinstance(value, list) and 0 < len(value) <= 200 and all(isinstance(v, str) and is_principal(v) for v in value)
    )
