"""A process that checks one segment of the trail for `infra.postgres.verifying`.

A line of JSON comes in; on stdout, lines with how many more rows were read, and one of JSON with what was found.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import psycopg

from infra.postgres.chain import Head
from infra.postgres.pool import CONNECT
from infra.postgres.segment import Segment, Unusual, checked
from infra.postgres.sql import SQL


def main() -> int:
    """1 where something is unusual."""
    asked = json.loads(sys.stdin.readline())
    try:
        found = _read(asked)
    except (Unusual, psycopg.Error):
        return 1
    print(json.dumps({**asdict(found), "follows": found.follows.hex(), "hash": found.hash.hex()}))  # noqa: T201
    return 0


def _read(asked: dict[str, Any]) -> Segment:
    head = Head(asked["head"][0], bytes.fromhex(asked["head"][1]))
    with psycopg.connect(asked["database"], **CONNECT) as conn, conn.transaction():
        conn.execute(SQL["snapshot"])
        psycopg.ClientCursor(conn).execute(SQL["audit_share"], asked)
        with conn.cursor().copy(SQL["audit_segment"], asked) as blocks:
            return checked(blocks, bytes.fromhex(asked["key"]), asked["before"], head, _tell)


def _tell(rows: int) -> None:
    print(rows, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
