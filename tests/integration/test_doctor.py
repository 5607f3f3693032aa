"""The readiness list: each row is fine in an installation that is, and tells of the harm that is done to it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.wiring.doctor import safety
from api.wiring.doctor.examining import ROWS, examine
from api.wiring.stores import Stores
from infra.postgres.chain import GENESIS, Head, seal
from infra.postgres.pool import transaction
from infra.settings import load_settings
from tests.identity_provider import IdentityProvider
from tests.replica_servers import Scripted, running

DOCS = Path(__file__).parents[2] / "docs" / "operations.md"
UNUSED_PORT = 8409


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """An installation with a few records and a key that ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "home"
        with Stores(load_settings(home=place, DATABASE_URL="", demo=False)) as parts:
            for n in range(3):
                parts.audit.append_now({"kind": "opened", "principal": "user:ana", "n": n})
            ends = datetime.now(UTC) + timedelta(days=90)
            parts.api_keys.create("ana", ["legal"], ["read"], "laptop", expires_at=ends)
        yield place


# A night that ended so long ago.
NIGHT = (
    "INSERT INTO eval_runs (id, what, started_at, ended_at, status, code_commit, config_sha256, data_sha256, setup, plan)"
    " VALUES (gen_random_uuid(), 'nightly', now() - interval '{0}', now() - interval '{0}', 'done', '', '', '', '{{}}', '{{}}')"
)

STALE = (
    "INSERT INTO eval_metrics (run_id, suite, case_id, name, value, n, nans)"
    " SELECT id, 'regression', 'a', 'stale', 1, 1, 0 FROM eval_runs"
)
OLD_SET = (
    "INSERT INTO eval_datasets VALUES (repeat('a', 64), 'old.jsonl', 1, now() - interval '999 days');"
    " INSERT INTO eval_cases (run_id, suite, case_id, dataset, store, outcome, status, code, seconds, snapshot, slices)"
    " SELECT id, 'regression', 'a', repeat('a', 64), 'own', 'right', '', '', 1, '', '{}' FROM eval_runs"
)


def looked(home: Path, row: str, *, thorough: bool = False, **settings: object) -> tuple[str, str]:
    """Level and words of one row."""
    given = {"DATABASE_URL": "", "demo": False, "port": UNUSED_PORT, **settings}
    (found,) = examine(load_settings(home=home, **given), thorough=thorough, only=(row,))
    return str(found.level), f"{found.said} {found.do}"


def run(home: Path, statement: str) -> None:
    with Stores(load_settings(home=home, DATABASE_URL="", demo=False)) as parts, transaction(parts.pool) as conn:
        conn.execute(statement.encode())


@pytest.mark.parametrize(
    "row",
    [
        row.id
        for row in ROWS
        if row.id not in {"not-root", "service", "workers", "backups", "trail-keys-copy", "witnesses"}
    ],
)
def test_every_row_is_fine_where_all_is_well(home: Path, row: str) -> None:
    if row in {"models", "disk"}:
        pytest.skip("depends on the machine")
    level, said = looked(home, row)
    assert level == "ok", said


def test_what_is_not_there_yet_is_failing_and_is_not_made(tmp_path: Path) -> None:
    level, said = looked(tmp_path / "new", "row-security")
    assert (level, "footnote migrate" in said) == ("failing", True)
    assert looked(tmp_path / "new", "trail-head")[0] == "failing"
    assert not (tmp_path / "new").exists()


def test_a_database_that_is_away_fails_every_row_that_needs_it(tmp_path: Path) -> None:
    url = f"postgresql://ana:hunter2@127.0.0.1:{UNUSED_PORT}/x"
    found = list(examine(load_settings(home=tmp_path, DATABASE_URL=url), only=("privacy", "operations")))
    told = {one.id: one for one in found}
    assert told["database"].level == told["row-security"].level == told["index"].level == "failing"
    assert not any("hunter2" in one.said + one.do for one in found)


@pytest.mark.parametrize(
    ("row", "harm", "mend"),
    [
        ("row-security", "ALTER TABLE versions NO FORCE ROW LEVEL SECURITY", "ALTER TABLE versions FORCE ROW LEVEL SECURITY"),
        ("row-security", "GRANT SELECT ON audit TO PUBLIC", "REVOKE SELECT ON audit FROM PUBLIC"),
        ("row-security", "GRANT UPDATE ON facts TO footnote_reader", "REVOKE UPDATE ON facts FROM footnote_reader"),
        ("row-security", "ALTER ROLE footnote_reader BYPASSRLS", "ALTER ROLE footnote_reader NOBYPASSRLS"),
        (
            "row-security",
            "INSERT INTO access_labels VALUES ('x', '{user:zoe}', 1);"
            " CREATE POLICY wide ON access_labels TO footnote_reader USING (true)",
            "DROP POLICY wide ON access_labels; DELETE FROM access_labels",
        ),
        ("database", "CREATE TABLE kept AS SELECT * FROM schema_migrations WHERE name LIKE '0021%'; DELETE FROM schema_migrations WHERE name LIKE '0021%'", "INSERT INTO schema_migrations SELECT * FROM kept; DROP TABLE kept"),
        ("trail-head", "CREATE TABLE kept AS SELECT * FROM audit WHERE seq = 4; DELETE FROM audit WHERE seq = 4", "INSERT INTO audit SELECT * FROM kept; DROP TABLE kept"),
        ("trail-writable", "ALTER TABLE audit RENAME TO away", "ALTER TABLE away RENAME TO audit"),
        ("trail-whole", "UPDATE audit SET principal = principal || 'x' WHERE seq = 2", "UPDATE audit SET principal = left(principal, -1) WHERE seq = 2"),
        ("keys-end", "UPDATE api_keys SET expires_at = NULL", "UPDATE api_keys SET expires_at = now() + interval '9 days'"),
        ("keys-soon", "UPDATE api_keys SET expires_at = now() + interval '9 days', created_at = now() - interval '81 days'",
         "UPDATE api_keys SET expires_at = now() + interval '90 days', created_at = now()"),
        ("keys-used", "UPDATE api_keys SET created_at = now() - interval '91 days'", "UPDATE api_keys SET created_at = now()"),
        ("embedder", "UPDATE catalog_generation SET embedder = 'other'", "UPDATE catalog_generation SET embedder = NULL"),
        ("demo-off", "UPDATE installation SET demo = true", "UPDATE installation SET demo = false"),
        ("jobs", "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 't', 'doing')", "DELETE FROM procrastinate_jobs"),
        ("clock", "UPDATE audit SET recorded_at = recorded_at + interval '1 day' WHERE seq = 4", "UPDATE audit SET recorded_at = recorded_at - interval '1 day' WHERE seq = 4"),
        ("evaluation", NIGHT.format("9 days"), "DELETE FROM eval_runs"),
        ("evaluated-cases", f"{NIGHT.format('1 hour')}; {STALE}", "DELETE FROM eval_runs"),
        ("evaluated-cases", f"{NIGHT.format('1 hour')}; {OLD_SET}", "DELETE FROM eval_runs; DELETE FROM eval_datasets"),
        ("release", "INSERT INTO releases VALUES ('r1', now(), 'operator', '{}', '{\"code\": \"0\"}', repeat('0', 64), '');"
         " INSERT INTO release_events (action, name, by, evidence) VALUES ('promote', 'r1', 'operator', '{}')",
         "DELETE FROM release_events; DELETE FROM releases"),
        ("candidate", "INSERT INTO releases VALUES ('r1', now(), 'operator', '{}', '{}', repeat('0', 64), '');"
         " INSERT INTO release_events (action, name, by, evidence) VALUES ('shadow', 'r1', 'operator', '{}');"
         " INSERT INTO release_processes (trial, process, host, state, code)"
         " SELECT number, gen_random_uuid(), 'h', 'out', 'model' FROM release_events",
         "DELETE FROM release_processes; DELETE FROM release_events; DELETE FROM releases"),
        ("connectors", "INSERT INTO connectors (name, kind, options, mapping, every_s, problem) VALUES ('nda', 'folder', '{}', '', 60, 'gone')", "DELETE FROM connectors"),
    ],
)  # fmt: skip
def test_harm_in_the_database_is_told(home: Path, row: str, harm: str, mend: str) -> None:
    run(home, harm)
    try:
        level, said = looked(home, row)
        assert level in {"failing", "warning"}, said
        assert said
    finally:
        _as_it_was(home, mend)
    assert looked(home, row)[0] == "ok"


def test_a_scheduled_night_that_did_not_begin_is_told(home: Path) -> None:
    at = f"{datetime.now().astimezone() - timedelta(hours=2):%H:%M}"
    run(home, NIGHT.format("9 hours"))
    try:
        level, said = looked(home, "evaluation", nightly=at)
        assert (level, "has not begun" in said) == ("warning", True)
        run(home, "UPDATE eval_runs SET ended_at = now()")
        assert looked(home, "evaluation", nightly=at)[0] == "ok"
    finally:
        run(home, "DELETE FROM eval_runs")


def _as_it_was(home: Path, statement: str) -> None:
    """Without this program's migrations, which would trip over what is half there."""
    import psycopg

    from infra.postgres.server import embedded_server

    with embedded_server(home) as server, psycopg.connect(server.url, autocommit=True) as conn:
        conn.execute(statement.encode())


def test_harm_to_files_is_told(home: Path) -> None:
    key, head = home / "secrets" / "audit.key", home / "audit" / "head.json"
    key.chmod(0o644)
    assert looked(home, "secret-files")[0] == "failing"
    key.chmod(0o600)
    kept = head.read_bytes()
    head.unlink()
    assert "head file" in looked(home, "trail-head")[1]
    head.write_bytes(kept.replace(b'"seq": ', b'"seq": 1'))
    assert looked(home, "trail-head")[0] == looked(home, "trail-writable")[0] == "failing"
    head.write_bytes(kept)
    assert looked(home, "trail-head")[0] == "ok"
    (home / "audit").chmod(0o722)
    assert looked(home, "data-files")[0] == "failing"
    (home / "audit").chmod(0o700)


@pytest.mark.parametrize(
    ("row", "settings", "level"),
    [
        ("demo-off", {"demo": True}, "failing"),
        ("addresses", {"host": "0.0.0.0"}, "warning"),
        ("addresses", {"host": "0.0.0.0", "public_url": "http://localhost:1"}, "failing"),
        ("addresses", {"public_url": "https://a.example.com"}, "warning"),
        ("addresses", {"public_url": "https://a.example.com", "allowed_hosts": "a.example.com"}, "ok"),
        ("tokens", {"jwt_public_key": "x"}, "failing"),
        ("tokens", {"jwt_public_key": "x", "jwt_issuer": "acme", "jwt_audience": "us"}, "failing"),
        ("tokens", {"jwt_issuer": "http://127.0.0.1:9", "jwt_audience": "us"}, "failing"),
        ("folders", {"folders": "/"}, "failing"),
        ("folders", {"folders": "/nowhere/there"}, "warning"),
        ("generator-address", {"llm_url": "http://10.0.0.9/v1"}, "warning"),
        ("generator-address", {"llm_url": "https://llm.example.com/v1"}, "ok"),
        ("generator-address", {"llm_url": "https://a.example/v1,http://b.example/v1"}, "warning"),
        ("generators", {"llm_url": "https://llm.example.com/v1"}, "ok"),
        ("generators", {"engine": "vllm", "vllm_replicas": 2}, "ok"),
        ("generators", {"engine": "vllm", "vllm_replicas": 3, "vllm_gpus": "0;1"}, "failing"),
        ("thresholds", {"judge_threshold": 0.1}, "warning"),
        ("ocr", {"ocr": "off"}, "warning"),
        ("service", {}, "warning"),
        ("workers", {}, "warning"),
        ("witnesses", {}, "warning"),
        ("backups", {}, "warning"),
    ],
)
def test_settings_that_weaken_it_are_told(home: Path, row: str, settings: dict[str, object], level: str) -> None:
    assert looked(home, row, **settings)[0] == level


def test_servers_of_the_language_model_are_compared(home: Path) -> None:
    first, second, other = Scripted(), Scripted(), Scripted(fingerprint="vllm-0.31.0-abcdef12")
    with running(first, second, other) as servers:

        def seen(*of: Scripted) -> tuple[str, str]:
            address = ",".join(one.url for one in of)
            return looked(home, "generators", llm_url=address, llm_model="base", adapter="none")

        assert seen(first, second)[0] == "ok"
        level, said = seen(first, other)
        assert level == "failing"
        assert "vllm-0.31.0-abcdef12" in said
        servers.kill(second)
        assert seen(first, second)[0] == "warning"
        servers.kill(first)
        assert seen(first, second)[0] == "failing"


def test_tokens_that_count_are_told_with_how_many_keys_sign_them(
    home: Path, identity_provider: IdentityProvider
) -> None:
    identity_provider.right()
    given = {"jwt_issuer": identity_provider.issuer, "jwt_audience": "us"}
    level, said = looked(home, "tokens", **given)
    assert (level, "for us count, by 1 keys" in said) == ("ok", True)
    identity_provider.jwks = {"keys": []}
    assert looked(home, "tokens", **given)[0] == "failing"
    identity_provider.right()
    demo = {"demo": True, "jwt_jwks_url": f"{identity_provider.issuer}/jwks"}
    assert "other programs" in looked(home, "tokens", **demo)[1]


def test_the_folder_that_holds_the_installation_is_no_folder_to_ingest(home: Path) -> None:
    assert looked(home, "folders", folders=str(home.parent))[0] == "failing"


def test_a_witness_that_lacks_checkpoints_or_disagrees_is_told(home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    named = {"witnesses": (str(kept),)}
    assert looked(home, "witnesses", **named)[0] == "warning"
    with Stores(load_settings(home=home, DATABASE_URL="", demo=False, **named)) as parts:
        parts.witnesses.round()
    assert looked(home, "witnesses", **named)[0] == "ok"
    for path in kept.iterdir():
        path.write_text(path.read_text().replace('"position":', '"position":9'))
    assert looked(home, "witnesses", **named)[0] == "failing"


def test_old_and_missing_backups_are_told(home: Path, tmp_path: Path) -> None:
    from api.wiring.backups import back_up

    assert looked(home, "backups", backups=tmp_path)[0] == "failing"
    settings = load_settings(home=home, DATABASE_URL="", demo=False, backups=tmp_path)
    with Stores(settings) as parts:
        place, _ = back_up(parts, None, None, None, lambda _: None)
    assert looked(home, "backups", backups=tmp_path)[0] == "ok"
    manifest = json.loads((place / "backup.json").read_text())
    manifest["begun_at"] = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    (place / "backup.json").write_text(json.dumps(manifest))
    assert looked(home, "backups", backups=tmp_path)[0] == "failing"
    assert looked(home, "backups", backups=tmp_path, backup_hours=48)[0] == "ok"


def test_the_end_of_a_trail_is_held_against_seal_chain_and_head() -> None:
    key, rows, last = b"k" * 32, [], Head(0, GENESIS)
    for n in range(4):
        row = seal(key, last, f"0000000{n}", datetime.now(UTC), "user:ana", "{}")
        rows.append(row)
        last = Head(row.seq, row.hash)
    end: Callable[..., str] = safety._end_problem
    assert end(key, tuple(rows[1:]), last) == ""
    assert "changed" in end(b"x" * 32, tuple(rows[1:]), last)
    assert "does not follow" in end(key, (rows[1], rows[3]), last)
    assert "not the one that the head names" in end(key, tuple(rows), Head(4, bytes(32)))


def test_the_page_of_operations_has_each_row_of_the_list() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [row.id for row in ROWS]
