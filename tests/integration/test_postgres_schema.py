"""Migrations: they give the schema, once, whole, and by whoever owns the database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

import infra.postgres.migrate as module
from infra.postgres.errors import MigrationFailed
from infra.postgres.migrate import MIGRATIONS, migrate
from infra.postgres.pool import Pool, connection, open_pool
from infra.postgres.sql import SQL, named_blocks

CATALOGS = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "policies": """
        SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies
        WHERE schemaname = 'public'""",
    "tables": """
        SELECT relname, relkind::text, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace""",
    "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "triggers": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "extensions": "SELECT extname FROM pg_extension",
}


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Pool]:
    """A pool on a new database in which nothing has been done."""
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with open_pool(database_url.replace("/postgres?", f"/{name}?")) as pool:
        yield pool


def catalogs(pool: Pool) -> dict[str, list[tuple[object, ...]]]:
    with connection(pool) as conn:
        return {name: sorted(conn.execute(query.encode()).fetchall(), key=str) for name, query in CATALOGS.items()}


def test_migrations_give_exactly_the_schema(fresh_database: Pool, empty_database: Pool) -> None:
    with connection(empty_database) as conn:
        conn.execute((MIGRATIONS / "0015_procrastinate.sql").read_bytes())
        conn.execute(Path(module.__file__).with_name("schema.sql").read_bytes())
    migrated, written = catalogs(fresh_database), catalogs(empty_database)
    assert len(migrated["policies"]) == 14
    assert migrated == written
    assert written["extensions"] == [("plpgsql",)]


def test_migrating_twice_changes_nothing(empty_database: Pool) -> None:
    assert migrate(empty_database) == sorted(path.name for path in MIGRATIONS.glob("*.sql"))
    before = catalogs(empty_database)
    assert migrate(empty_database) == []
    assert catalogs(empty_database) == before


def test_two_starts_do_not_collide(empty_database: Pool) -> None:
    with ThreadPoolExecutor(4) as executor:
        applied = list(executor.map(migrate, [empty_database] * 4))
    assert sorted(applied) == [[], [], [], sorted(path.name for path in MIGRATIONS.glob("*.sql"))]


def test_changed_migration_is_refused(empty_database: Pool, tmp_path: Path) -> None:
    shutil.copytree(MIGRATIONS, tmp_path, dirs_exist_ok=True)
    migrate(empty_database, tmp_path)
    with (tmp_path / "0001_initial.sql").open("a") as file:
        file.write("\n-- changed\n")
    with pytest.raises(MigrationFailed, match=r"0001_initial\.sql is not the file that was applied"):
        migrate(empty_database, tmp_path)


def test_newer_database_is_refused(empty_database: Pool, tmp_path: Path) -> None:
    shutil.copytree(MIGRATIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "9999_future.sql").write_text("CREATE TABLE future (n integer)")
    assert migrate(empty_database, tmp_path)[-1] == "9999_future.sql"
    with pytest.raises(MigrationFailed, match="newer version"):
        migrate(empty_database)


def test_failing_migration_leaves_nothing(empty_database: Pool, tmp_path: Path) -> None:
    shutil.copytree(MIGRATIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (n integer); CREATE TABLE documents (n integer)")
    with pytest.raises(MigrationFailed, match=r"already exists.*Nothing was changed"):
        migrate(empty_database, tmp_path)
    assert catalogs(empty_database)["tables"] == []


def test_user_without_the_right_is_told_what_to_ask_for(database_url: str, empty_database: Pool) -> None:
    name = f"weak_{uuid4().hex}"
    with connection(empty_database) as conn:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        url = database_url.replace("postgres@/postgres?", f"{name}@/{conn.info.dbname}?")
    with open_pool(url) as pool, pytest.raises(MigrationFailed, match="GRANT footnote_reader TO"):
        migrate(pool)


def test_named_blocks() -> None:
    blocks = named_blocks("-- head\n\n-- name: one\nSELECT 1\n\n-- name: two\nSELECT 2\n")
    assert blocks == {"one": b"SELECT 1", "two": b"SELECT 2"}
    with pytest.raises(ValueError, match="twice"):
        named_blocks("-- name: one\nSELECT 1\n-- name: one\nSELECT 2\n")


def test_every_statement_is_used() -> None:
    folder = Path(module.__file__).parent
    sources = [path.read_text() for path in (*folder.glob("*.py"), *folder.with_name("backup").glob("*.py"))]
    used = [(f'SQL["{name}"]', f'about("{name}"') for name in SQL]
    assert [way for way, other in used if not any(way in source or other in source for source in sources)] == []
