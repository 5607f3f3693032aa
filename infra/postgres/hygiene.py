"""Bytes of rows that are gone: tables are written anew, and PostgreSQL's statistics and logs hold nothing of them.

A server of our own is cleaned wholly. What may not be done to another's is told, not passed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.errors import InsufficientPrivilege, LockNotAvailable, UndefinedFunction

from infra.postgres.errors import StillRead
from infra.postgres.pool import Connection, Pool, connection
from infra.postgres.sql import SQL, about

WAIT_S = 30.0
_SEALED_LATER = "audit"  # samples of it may be from before its records were sealed
_LOG_FILES = 256  # 4 GiB at most are written to get rid of those that were kept for later
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`tables`: how many were written anew. Of the rest, whether it could be done: statistics of columns, the
    write-ahead log, the server's own log."""

    tables: int
    statistics: bool
    write_ahead_log: bool
    server_log: bool


def clean(
    pool: Pool, tables: Sequence[str], cluster: Path | None, note: Note = lambda text: None, *, wait_s: float = WAIT_S
) -> Cleaned:
    """Writes these tables anew without their dead rows. Each is locked for as long, whoever reads it waits.

    `cluster`: the folder of the embedded server; None: the server is another's. Can be done again at any time. Raises
    `StillRead` where somebody's transaction still sees the rows, `DiskFull` and `DatabaseUnavailable`.
    """
    with connection(pool) as conn:
        if cluster is not None:
            for setting in (SQL["keep_no_old_log"], SQL["log_no_details"], SQL["reload_settings"]):
                conn.execute(setting)
        _await_readers(conn, wait_s)
        conn.execute(SQL["wait_for_locks"], {"most": f"{wait_s:.3f}s"})
        try:
            for at, table in enumerate(tables, 1):
                note(f"Writing table {at} of {len(tables)} anew: {table}")
                conn.execute(about("rewrite_table", table=table))
        except LockNotAvailable as error:
            raise StillRead(f"Somebody reads the table {table} for long. Later run: footnote erase resume") from error
        finally:
            conn.execute(SQL["wait_for_locks"], {"most": "0"})
        statistics = _forget_samples(conn, [*dict.fromkeys((*tables, _SEALED_LATER))], wait_s)
        if cluster is None:
            _permitted(conn, SQL["checkpoint"])
            return Cleaned(len(tables), statistics, False, False)
        note("Clearing the logs of PostgreSQL...")
        _clear_write_ahead_log(conn)
        _empty(cluster / "log")
    return Cleaned(len(tables), statistics, True, True)


def _forget_samples(conn: Connection, tables: Sequence[str], wait_s: float) -> bool:
    """Samples of values in the statistics, of which new ones are taken; False where that is for a superuser."""
    permitted = _permitted(conn, SQL["drop_statistics"], tables=list(tables))
    if permitted:
        _await_readers(conn, wait_s)
        permitted = _permitted(conn, SQL["rewrite_statistics"])
    for table in tables:
        conn.execute(about("analyze_table", table=table))
    return permitted


def flush(pool: Pool) -> None:
    """What the server has in memory is in its files, if it is ours or lets us."""
    with connection(pool) as conn:
        _permitted(conn, SQL["checkpoint"])


def _await_readers(conn: Connection, wait_s: float) -> None:
    """VACUUM keeps the dead rows that a transaction still sees."""
    ((now,),) = conn.execute(SQL["new_xid"]).fetchall()
    deadline = time.monotonic() + wait_s
    while readers := conn.execute(SQL["older_readers"], {"xid": now}).fetchall():
        if time.monotonic() > deadline:
            pid, name = readers[0]
            raise StillRead(
                f"A transaction of {name or 'another program'} (process {pid} of PostgreSQL) still sees what is to be "
                "erased, as a backup that is being taken does. When it has ended run: footnote erase resume"
            )
        time.sleep(0.2)


def _clear_write_ahead_log(conn: Connection) -> None:
    """Until no file is older than the one that is written to, and none that was kept for later use is left: these
    still have what was in them."""
    conn.execute(SQL["checkpoint"])
    later = {name for name, _, after in _log_files(conn) if after}
    for _ in range(_LOG_FILES):
        conn.execute(SQL["say_in_log"])  # a file in which nothing stands is not left
        conn.execute(SQL["switch_log"])
        conn.execute(SQL["say_in_log"])
        conn.execute(SQL["checkpoint"])
        files = _log_files(conn)
        if not any(before or (after and name in later) for name, before, after in files):
            return
    raise StillRead("PostgreSQL keeps old files of its write-ahead log (wal_keep_size, a replication slot?).")


def _log_files(conn: Connection) -> list[tuple[str, bool, bool]]:
    """Name of each, and whether it comes before or after the one that is written to."""
    return [(name, before, after) for name, before, after in conn.execute(SQL["log_files"])]


def _permitted(conn: Connection, statement: bytes, **given: object) -> bool:
    try:
        conn.execute(statement, given or None)
    except (InsufficientPrivilege, UndefinedFunction):
        return False
    return True


def _empty(log: Path) -> None:
    """The server appends to it, and goes on at its new end."""
    if log.exists():
        with log.open("r+b") as file:
            file.truncate(0)
