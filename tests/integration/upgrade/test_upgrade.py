"""An installation that an older program has made (make.py beside this) is brought to today's schema: nothing is lost, every
citation still stands at its bytes, and the trail verifies. There is no release before this; the commit stands for one."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from api.cli.local import opened
from api.wiring.backups import back_up, restore
from api.wiring.doctor.examining import examine
from api.wiring.stores import Stores
from infra.backup.programs import program, run
from infra.postgres.migrate import MIGRATIONS, pending
from infra.postgres.pool import open_pool, reading_as
from infra.postgres.quotes import check_quotes
from infra.postgres.sql import SQL
from infra.settings import Settings, load_settings
from ingest.types import OPERATOR
from retrieval.types import Principal

HERE = Path(__file__).parent
ANA = Principal("ana", frozenset({"legal"}))
OLD = 14  # migrations that the older program had
RATED = (
    "not-root",
    "witnesses",
    "trail-keys-copy",
    "trail-sealed",
)  # of this machine, and of what an upgrade leaves to do


@pytest.fixture
def old(database_url: str) -> Iterator[Settings]:
    """The installation as the older program left it."""
    name = f"old_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        conn.execute(SQL["backup_make_reader"])
        version = conn.info.server_version // 10000
    url = database_url.replace("/postgres?", f"/{name}?")
    psql, _ = program("psql", version)
    run([psql, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={HERE / 'database.sql'}"], url)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        for place, text in json.loads((HERE / "files.json").read_bytes())["files"].items():
            path = home / place
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(text))
            path.chmod(0o600)
        yield load_settings(home=home, DATABASE_URL=url, demo=False)


def test_what_an_older_program_stored_is_whole_after_the_upgrade(old: Settings) -> None:
    with open_pool(old.database_url) as pool:
        assert len(pending(pool)) == len(list(MIGRATIONS.glob("*.sql"))) - OLD
    with Stores(old) as parts:
        report, quotes = parts.audit.verify(), check_quotes(parts.pool, parts.vault)
        assert pending(parts.pool) == []
        assert (report.ok, report.open) == (True, ())
        assert report.rows >= 8
        assert quotes.looked >= 1
        assert (quotes.gone, quotes.wrong) == (0, ())
        with reading_as(parts.pool, ANA) as conn:
            texts = [text for (text,) in conn.execute("SELECT text FROM versions ORDER BY text")]
        assert [text.partition("\n")[0] for text in texts] == [
            "Notice", "The rent of Unit 7 is 400 euros per month.", "The rent of Unit 7 is 500 euros per month.",
        ]  # fmt: skip
        with reading_as(parts.pool, Principal("zoe", frozenset({"sales"}))) as conn:
            assert conn.execute("SELECT text FROM versions").fetchall() == []
        assert [(key.user, key.groups) for key in parts.api_keys.list()] == [("ana", {"legal"})]
        (deleted,) = parts.documents.deleted(OPERATOR)
        assert parts.documents.restore(deleted.document_id, OPERATOR)
        assert parts.audit.verify().ok
        for sha256 in parts.blobs.hashes():
            assert parts.blobs.get(sha256)
    states = {one.id: one for one in examine(old, only=("database", "quotes", "safety", "row-security"))}
    assert {name: one.said for name, one in states.items() if one.level != "ok" and name not in RATED} == {}
    assert "footnote audit reseal" in states["trail-sealed"].do


@pytest.mark.models
def test_it_is_searched_and_backed_up_as_any_other(old: Settings) -> None:
    with opened(home=old.home, DATABASE_URL=old.database_url, demo=False) as parts:
        hits = parts.search.search_now("rent of Unit 7", ANA, 3).hits
        assert "500 euros" in hits[0].chunk.text
        place, made = back_up(parts, old.home.with_name("backup"), None, None, lambda _: None)
    assert made.trail_whole
    home = Path(tempfile.mkdtemp()) / "home"
    try:
        done = restore(load_settings(home=home, DATABASE_URL="", demo=False), place, None, None, None, lambda _: None)
        assert done.trail.ok
    finally:
        shutil.rmtree(home.parent, ignore_errors=True)


def test_a_trail_that_was_changed_before_the_upgrade_is_still_noticed_after_it(old: Settings) -> None:
    with psycopg.connect(old.database_url, autocommit=True) as conn:
        conn.execute("UPDATE audit SET principal = 'user:eve' WHERE seq = 2")
    with Stores(old) as parts:
        assert parts.audit.verify().first_bad_seq == 2
