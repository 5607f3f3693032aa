"""The command line as a script sees it: exit codes, one line for an error, JSON like the HTTP API's."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli.erasing import _say_found
from api.http.schemas.asking import HitOut, SearchResponse
from api.http.schemas.documents import DocumentOut
from api.terminal import note, say
from api.wiring.erasing.verifying import Found
from infra.postgres.installation import PostgresInstallation
from infra.postgres.pool import Pool, connection
from infra.postgres.server import embedded_server
from tests import commands

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder whose database runs already: commands join it, and none has to start and stop it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, embedded_server(Path(home)):
        yield Path(home)


def footnote(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "FOOTNOTE_CACHE" or not name.startswith(("FOOTNOTE_", "DATABASE_URL"))
    }
    return commands.footnote(kept | {"FOOTNOTE_HOME": str(home)} | variables, *arguments)


def check_one_line(result: subprocess.CompletedProcess[str], *words: str, code: int = 1) -> None:
    assert result.returncode == code, result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.startswith("footnote: ")
    for word in words:
        assert word in result.stderr


IMPORTS = """
import sys
started = set(sys.modules)
from api.cli.main import main
sys.argv = ["footnote", "--help"]
try:
    main()
finally:
    print(*sorted(set(sys.modules) - started), file=sys.stderr)
"""


def test_help_is_quick_and_names_every_command() -> None:
    """It imports the commands' own modules, typer, and nothing else that is not Python's."""
    result = subprocess.run([sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in (
        "serve",
        "demo",
        "ingest",
        "ask",
        "search",
        "documents",
        "models",
        "audit",
        "keys",
        "people",
        "eval",
        "compare",
        "sweep",
        "bench",
        "migrate",
        "backup",
        "restore",
        "doctor",
        "plan",
    ):
        assert f"  {command} " in result.stdout
    imported = {name for name in result.stderr.split() if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name.partition(".")[0] for name in imported} <= {
        *("annotated_doc", "api", "evals", "ingest", "shellingham", "typer")
    }
    ours = {".".join(name.split(".")[:2]) for name in imported if name.startswith(("api", "evals", "ingest"))}
    assert ours <= {"api", "api.cli", "api.terminal", "evals", "evals.cli", "evals.suites", "ingest", "ingest.errors"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("search", "rent"), ("--as user:NAME",)),
        (("search", "rent", "--as", "group:legal"), ("--as names a person",)),
        (("search", "rent", "--as", "user:"), ("user:",)),
        (("search", "rent", "--as", "user:a b"), ("not a principal",)),
        (("search", "rent", "--as", "user:ana", "--group", "le gal"), ("not a principal",)),
        (("ask", "rent?", "--as", "user:ana", "--from", "2024-02-01", "--to", "2024-01-01"), ("lies after",)),
        (("search", "rent", "--as", "user:ana", "--groups", "le gal"), ("not a principal",)),
        (("ingest", "/nowhere/a.txt", "--allow", "group:legal"), ("no file or folder /nowhere/a.txt",)),
        (("ingest", "", "--allow", "group:legal"), ("One of the paths is empty",)),
        (("ingest", ".", "--allow", "legal"), ("'legal' is not a principal",)),
        (("ingest", ".", "--allow", "group:legal", "--chunking", "pages"), ("--chunking", "small-to-big")),
        (("documents", "list", "--groups", "legal"), ("--as",)),
        (("keys", "create", "--user", "a b"), ("not a principal",)),
        (("keys", "create", "--user", "ana", "--scope", "root"), ("--scope", "admin")),
        (("keys", "create", "--user", "ana", "--expires", "2020-01-01"), ("--expires", "past")),
        (("keys", "create", "--user", "ana", "--expires", "soon"), ("--expires", "90d")),
        (("keys", "create", "--user", "ana", "--groups", "a", "--synced-groups"), ("either --groups or",)),
        (("people", "sign-out", "nobody"), ("nobody", "not signed in")),
        (("sweep", "/nowhere/sweep.toml", "--out", "/nowhere/out.jsonl"), ("/nowhere/sweep.toml cannot be read",)),
        (("compare", "--models", "one"), ("--models", "two or more")),
        (("compare", "--models", "a,http://x"), ("URL#MODEL",)),
        (("bench", "regressions", "--out", "x.jsonl", "--only", "x"), ("--only x", "wrong-prompt")),
    ],
)  # fmt: skip
def test_a_call_that_cannot_work_is_one_line(home: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    check_one_line(footnote(home, *arguments), *words)


def test_wrong_settings_are_one_line_that_names_them(home: Path) -> None:
    search = ("search", "rent", "--as", "user:ana")
    check_one_line(footnote(home, *search, FOOTNOTE_TYPO="1"), "FOOTNOTE_TYPO", "not a setting")
    check_one_line(footnote(home, *search, FOOTNOTE_PORT="http"), "FOOTNOTE_PORT")
    check_one_line(
        footnote(home, *search, FOOTNOTE_TRUSTED_PROXIES="0.0.0.0/0"), "FOOTNOTE_TRUSTED_PROXIES", "everybody"
    )
    check_one_line(
        footnote(home, "serve", FOOTNOTE_PORT="8467", FOOTNOTE_JWT_PUBLIC_KEY="x"), "FOOTNOTE_JWT_ISSUER is missing"
    )
    check_one_line(footnote(home, *search, DATABASE_URL="mysql://x"), "DATABASE_URL")
    check_one_line(footnote(home, *search, FOOTNOTE_URL="http://127.0.0.1:9"), "--as")
    check_one_line(footnote(home, "search", "rent", FOOTNOTE_URL="http://127.0.0.1:9"), "FOOTNOTE_API_KEY")
    url = {"FOOTNOTE_URL": "http://127.0.0.1:9", "FOOTNOTE_API_KEY": "key"}
    check_one_line(footnote(home, "search", "rent", **url), "FOOTNOTE_URL")


@pytest.mark.parametrize("role", ["EMBEDDER", "RERANKER"])
def test_a_model_of_another_kind_is_one_line(home: Path, ingested: object, role: str) -> None:
    search = ("search", "rent", "--as", "user:ana", "--groups", "legal")
    setting = f"FOOTNOTE_{role}"
    check_one_line(footnote(home, *search, **{setting: "SmolLM2-135M-Instruct"}), setting, "is of the kind 'generator'")


def test_unknown_commands_and_options_are_usage_errors(home: Path) -> None:
    for arguments in (
        ("serch",),
        ("search",),
        ("search", "x", "--bogus"),
        ("ingest", "."),
        ("search", "x", "--top-k", "0"),
    ):
        result = footnote(home, *arguments)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


@pytest.fixture(scope="module")
def ingested(home: Path, tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("files")
    (folder / "lease.txt").write_text("The rent of Unit 7 is 500 euros per month.")
    (folder / "cut.pdf").write_bytes(b"%PDF-1.7 cut")
    (folder / "empty.txt").write_bytes(b"")
    return footnote(home, "ingest", str(folder), "--allow", "group:legal", "--source-prefix", "files/", "--json")


def test_one_bad_file_fails_the_run_but_not_the_others(ingested: subprocess.CompletedProcess[str]) -> None:
    assert ingested.returncode == 1, ingested.stderr
    report = json.loads(ingested.stdout)
    assert (report["added"], report["failed"]) == (1, 2)
    outcomes = {file["source"]: (file["outcome"], file["code"]) for file in report["files"]}
    assert outcomes == {
        "files/cut.pdf": ("failed", "damaged_file"),
        "files/empty.txt": ("failed", "empty_file"),
        "files/lease.txt": ("added", ""),
    }
    assert "failed     files/cut.pdf: " in ingested.stderr
    assert "Traceback" not in ingested.stderr


@pytest.mark.parametrize(("arguments", "demo"), [(("demo", "--once"), ""), (("serve",), "true")])
def test_the_demo_does_not_open_real_documents(
    home: Path, ingested: object, arguments: tuple[str, ...], demo: str
) -> None:
    refused = footnote(home, *arguments, FOOTNOTE_DEMO=demo)
    check_one_line(refused, str(home), "not the demo's (1, such as files/lease.txt)", "footnote serve")


@pytest.mark.parametrize(
    ("arguments", "demo"), [(("demo",), ""), (("serve",), "true"), (("serve", "--host", "::"), "true")]
)
def test_the_demo_is_heard_on_this_machine_only(tmp_path: Path, arguments: tuple[str, ...], demo: str) -> None:
    refused = footnote(tmp_path / "home", *arguments, FOOTNOTE_DEMO=demo, FOOTNOTE_HOST="0.0.0.0")
    check_one_line(refused, "The demo does not listen on", "FOOTNOTE_HOST", "footnote serve")
    assert not (tmp_path / "home").exists()


def test_real_documents_do_not_come_into_the_demo(tmp_path: Path, fresh_database: Pool) -> None:
    """Whatever the home, and however the address of the database is written."""
    (tmp_path / "lease.txt").write_text("The rent of Unit 7 is 500 euros per month.")
    ingest = ("ingest", str(tmp_path / "lease.txt"), "--allow", "group:legal")
    data = {"FOOTNOTE_HOME": "", "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    check_one_line(footnote(tmp_path, *ingest, FOOTNOTE_DEMO="true", **data), "footnote-demo is the demo's home")
    PostgresInstallation(fresh_database).mark_demo()
    named, other = spelled(fresh_database)
    for home, url in (("a", named), ("b", named), ("b", other)):
        refused = footnote(tmp_path / home, *ingest, DATABASE_URL=url)
        check_one_line(refused, "DATABASE_URL names the demo's database", "Choose another database")
        assert not (tmp_path / home / "blobs").exists()


def test_a_name_does_not_make_a_document_the_demos(tmp_path: Path, fresh_database: Pool) -> None:
    folder, (url, _) = tmp_path / "private", spelled(fresh_database)
    (folder / "finance").mkdir(parents=True)
    for name in ("merger.txt", "finance/bank_covenant_letter.md"):  # the second one is a sample's
        (folder / name).write_text("The rent of Unit 7 is 500 euros per month.")
    ingest = ("ingest", str(folder), "--allow", "group:board", "--source-prefix", "sample/")
    assert footnote(tmp_path / "home", *ingest, DATABASE_URL=url).returncode == 0
    refused = footnote(tmp_path / "home", "serve", FOOTNOTE_DEMO="true", DATABASE_URL=url)
    check_one_line(refused, "not the demo's (2, such as sample/finance/bank_covenant_letter.md)")
    assert not PostgresInstallation(fresh_database).is_demo()


def spelled(pool: Pool) -> tuple[str, str]:
    """Two addresses of the database."""
    with connection(pool) as conn:
        name, host, user = conn.info.dbname, conn.info.host, conn.info.user
        port = conn.info.port
    return (
        f"postgresql://{user}@/{name}?host={host}&port={port}",
        f"postgresql:///{name}?user={user}&password=any&application_name=x&port={port}&host={host}",
    )


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_stops_what_was_started(
    server_folder: Path, tmp_path: Path, request_to_end: signal.Signals
) -> None:
    home, folder = server_folder / "home", tmp_path / "files"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number}.txt").write_text(f"The rent of Unit {number} is 500 euros per month.")
    command = [sys.executable, "-m", "api.cli.main", "ingest", str(folder), "--allow", "group:legal"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment["FOOTNOTE_HOME"] = str(home)
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as ingesting:
        assert ingesting.stderr is not None
        assert ingesting.stderr.readline().startswith("added")
        ingesting.send_signal(request_to_end)
        _, told = ingesting.communicate(timeout=150)  # the embedded database stops slowly on a busy machine
    assert ingesting.returncode == 130
    assert told.endswith("run the command again to go on.\n")
    assert "Traceback" not in told
    assert (home / "postgres" / "PG_VERSION").exists()
    assert not (home / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_stopped_leaves_nothing_running(server_folder: Path, request_to_end: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    elsewhere = {"FOOTNOTE_LLM_URL": "http://127.0.0.1:9/v1", "FOOTNOTE_LLM_MODEL": "none", "DATABASE_URL": ""}
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", port]
    environment = os.environ | elsewhere | {"FOOTNOTE_HOME": str(server_folder)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as service:
        assert service.stdout is not None
        while "Footnote is at" not in (line := service.stdout.readline()):
            assert line
        service.send_signal(request_to_end)
        _, told = service.communicate(timeout=60)
    assert service.returncode == 0, told
    assert "Interrupted" not in told
    assert "Traceback" not in told
    assert not (server_folder / "postgres" / "postmaster.pid").exists()


def test_nothing_that_a_terminal_obeys_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    note("added a\x1b[31m\nadded b\x9b.txt")
    say("one\x07\ntwo")
    printed = capsys.readouterr()
    assert printed.err == "added a\ufffd[31m\ufffdadded b\ufffd.txt\n"
    assert printed.out == "one\ufffd\ntwo\n"


def test_words_that_stand_in_many_rows_of_a_column_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    _say_found([*(Found("chunks.text", str(number)) for number in range(12)), Found("trail", "x")])
    lines = capsys.readouterr().out.splitlines()
    assert (len(lines), lines[-1]) == (13, "13 places found.")
    assert "and 2 more" in lines[10]


def test_search_prints_the_object_of_the_http_api(home: Path, ingested: object) -> None:
    result = footnote(home, "search", "rent of Unit 7", "--as", "user:ana", "--groups", "legal", "--json")
    assert result.returncode == 0, result.stderr
    body = json.loads(result.stdout)
    assert set(body) == set(SearchResponse.model_fields)
    assert set(body["hits"][0]) == set(HitOut.model_fields)
    assert body["hits"][0]["text"] == "The rent of Unit 7 is 500 euros per month."


def test_who_may_read_nothing_finds_nothing(home: Path, ingested: object) -> None:
    result = footnote(home, "search", "rent", "--as", "user:ben")
    assert result.returncode == 0
    assert result.stdout == "Nothing found in the documents that this person may read.\n"
    listed = footnote(home, "documents", "list", "--as", "user:ben", "--json")
    assert json.loads(listed.stdout) == {"documents": []}


def test_versions_are_counted_as_who_is_meant_by_as_may_read_them(home: Path, ingested: object, tmp_path: Path) -> None:
    for fee, group in ((410, "board"), (430, "hangar")):
        (tmp_path / "plan.txt").write_text(f"The fee of the hangar is {fee} euros per week.")
        options = ("--allow", f"group:{group}", "--source-prefix", "plans/")
        assert footnote(home, "ingest", str(tmp_path / "plan.txt"), *options).returncode == 0
    otto = ("--as", "user:otto", "--groups", "hangar")
    nora = ("--as", "user:nora", "--groups", "hangar,board")
    found = {who: json.loads(footnote(home, "search", "fee", *who, "--json").stdout)["hits"] for who in (otto, nora)}
    listed = {who: json.loads(footnote(home, "documents", "list", *who, "--json").stdout) for who in (otto, nora)}
    for who, number in ((otto, 1), (nora, 2)):
        (document,) = listed[who]["documents"]
        assert document["version"] == document["versions"][-1]["version"] == found[who][0]["version"] == number
        assert document["version_id"] == document["versions"][-1]["version_id"] == found[who][0]["version_id"]
        shown = footnote(home, "documents", "show", document["document_id"], *who).stdout
        assert f"plans/plan.txt, version {number} of {number}\n" in shown
    assert found[otto][0]["version_id"] == found[nora][0]["version_id"]
    (document,) = listed[otto]["documents"]
    footnote(home, "documents", "delete", document["document_id"], "--now")


def test_a_hold_on_nobody_is_told_and_one_on_no_document_is_refused_by_its_name(home: Path, ingested: object) -> None:
    result = footnote(home, "holds", "place", "person", "jnae.doe", "--reason", "Quill v. Bismuth")
    assert (result.returncode, "names jnae.doe" in result.stderr) == (0, True)
    hold = result.stdout.split()[-1]
    held = footnote(home, "holds", "place", "document", "files/lease.txt", "--reason", "Quill v. Bismuth").stdout
    listed = footnote(home, "holds", "list").stdout
    assert all(words in listed for words in ("jnae.doe", "files/lease.txt (", held.split()[2].rstrip(".")))
    for one in (hold, held.split()[-1]):
        assert footnote(home, "holds", "lift", one).returncode == 0
    missing = footnote(home, "holds", "place", "document", "matters/nowhere.pdf", "--reason", "Quill v. Bismuth")
    check_one_line(missing, "There is no document matters/nowhere.pdf")


def test_documents_are_listed_and_deleted_by_those_who_may_read_them(home: Path, ingested: object) -> None:
    ana = ("--as", "user:ana", "--groups", "legal")
    (document,) = json.loads(footnote(home, "documents", "list", *ana, "--json").stdout)["documents"]
    assert json.loads(footnote(home, "documents", "list", "--json").stdout)["documents"] == [document]  # the operator
    assert document["source"] == "files/lease.txt"
    check_one_line(footnote(home, "documents", "delete", document["document_id"], "--as", "user:ben"), "no document")
    assert footnote(home, "documents", "delete", document["document_id"], *ana).returncode == 0
    assert json.loads(footnote(home, "search", "rent", *ana, "--json").stdout)["hits"] == []
    (gone,) = json.loads(footnote(home, "documents", "list", "--deleted", "--json").stdout)["documents"]
    assert set(gone) == set(DocumentOut.model_fields)
    assert gone["document_id"] in footnote(home, "documents", "list", "--deleted").stdout
    assert footnote(home, "documents", "restore", gone["document_id"]).returncode == 0
    assert len(json.loads(footnote(home, "search", "rent", *ana, "--json").stdout)["hits"]) == 1
    check_one_line(footnote(home, "documents", "restore", gone["document_id"]), "no deleted document")
    assert "purged" in footnote(home, "documents", "delete", gone["document_id"], "--now").stdout
    check_one_line(footnote(home, "documents", "restore", gone["document_id"]), "no deleted document")
    shown = footnote(home, "audit", "list").stdout
    assert [word in shown for word in ("purge", "restore", "delete", "ingest", "files/lease.txt")] == [True] * 5
    assert "operator" in shown


def test_the_audit_trail_of_a_new_installation_is_whole(home: Path, ingested: object) -> None:
    result = footnote(home, "audit", "verify", "--json")
    assert (result.returncode, json.loads(result.stdout)["ok"]) == (0, True)
    check_one_line(footnote(home, "audit", "show", "nonsense"), "no audit record")


def test_an_empty_list_says_that_it_is_empty(home: Path, ingested: object) -> None:
    for arguments, words in (
        (("audit", "list", "--user", "nobody-here"), "Nothing in the trail fits."),
        (("erase", "list"), "Nothing was erased yet."),
    ):
        result = footnote(home, *arguments)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", f"{words}\n")


def test_a_list_of_the_trail_that_is_cut_says_so(home: Path, ingested: object) -> None:
    result = footnote(home, "audit", "list", "--limit", "1")
    assert (len(result.stdout.splitlines()), "--limit" in result.stderr) == (1, True)


def test_without_a_witness_the_trails_own_file_is_not_called_one(home: Path, ingested: object) -> None:
    result = footnote(home, "audit", "verify")
    assert "Its own file" in result.stdout
    assert "Witness" not in result.stdout
    assert "FOOTNOTE_WITNESSES" in result.stderr


def test_a_key_is_made_with_scopes_and_an_end_and_listed_with_them(home: Path, ingested: object) -> None:
    made = footnote(
        home, "keys", "create", "--user", "kim", "--groups", "legal", "--scope", "read,admin", "--expires", "90d"
    )
    assert made.returncode == 0, made.stderr
    other = footnote(home, "keys", "create", "--user", "kim", "--synced-groups", "--expires", "2099-03-31")
    ids = [one.stdout.split("_")[1] for one in (made, other)]
    keys = {key["id"]: key for key in json.loads(footnote(home, "keys", "list", "--json").stdout)["keys"]}
    first, second = (keys[id_] for id_ in ids)
    days = (datetime.fromisoformat(first["expires_at"]) - datetime.now(UTC)).total_seconds() / 86_400
    assert 89.9 < days < 90
    assert (sorted(first["scopes"]), first["groups"], first["last_used_at"]) == (["admin", "read"], ["legal"], None)
    assert (second["scopes"], second["groups"]) == (["read"], None)
    assert second["expires_at"].startswith("2099-03-31")
    listed = footnote(home, "keys", "list").stdout
    assert "2099-03-31" in listed
    assert "(synced)" in listed
    assert made.stdout.strip() not in listed


def test_a_key_ends_in_a_year_if_nothing_else_is_said_and_has_a_successor(home: Path, ingested: object) -> None:
    def days(*key_ids: str) -> list[float]:
        listed = json.loads(footnote(home, "keys", "list", "--json").stdout)["keys"]
        ends = {key["id"]: datetime.fromisoformat(key["expires_at"] or "9999-12-31T00:00Z") for key in listed}
        return [(ends[key_id] - datetime.now(UTC)).total_seconds() / 86_400 for key_id in key_ids]

    make = ("keys", "create", "--user", "kim", "--groups", "legal")
    ids = [
        footnote(home, *make, *options, **settings).stdout.split("_")[1]
        for options, settings in (((), {}), (("--expires", "never"), {}), ((), {"FOOTNOTE_KEY_DAYS": "30"}))
    ]
    usual, endless, short = days(*ids)
    assert (364.9 < usual < 365, endless > 1e6, 29.9 < short < 30) == (True, True, True)
    rotated = footnote(home, "keys", "rotate", ids[1], "--grace", "3d", "--expires", "10d")
    assert rotated.returncode == 0, rotated.stderr
    assert f"Key {ids[1]} goes on until" in rotated.stderr
    old, new = days(ids[1], rotated.stdout.split("_")[1])
    assert (2.9 < old < 3, 9.9 < new < 10) == (True, True)
    check_one_line(footnote(home, "keys", "rotate", "nonsense"), "no key nonsense")
    check_one_line(footnote(home, "keys", "rotate", ids[0], "--grace", "week"), "--grace takes days")


def test_a_key_that_opens_less_than_one_may_think_says_so(home: Path, ingested: object) -> None:
    for arguments, words in (
        (("--user", "lea"), "in no group"),
        (("--user", "lea", "--synced-groups"), "user:lea was never synced"),
        (("--user", "lea", "--groups", "legal", "--scope", "admin"), "--scope read,admin"),
        (("--user", "sync", "--scope", "scim"), ""),
        (("--user", "lea", "--groups", "legal"), ""),
    ):
        made = footnote(home, "keys", "create", *arguments)
        assert made.stdout.startswith("fn_")
        assert (made.stderr.startswith("! "), words in made.stderr) == (bool(words), True)


def test_jobs_are_found_by_how_their_ids_begin_and_told_by_what_came_of_them(home: Path, ingested: object) -> None:
    job = json.loads(footnote(home, "jobs", "list", "--json").stdout)["jobs"][-1]
    assert job["outcomes"] == {"added": 1, "failed": 2}
    shown = footnote(home, "jobs", "show", job["id"][:8])
    assert "partial, 3 files (1 added, 2 failed)" in shown.stdout
    check_one_line(footnote(home, "jobs", "show", "nonsense"), "There is no job nonsense: `footnote jobs list`")
    check_one_line(footnote(home, "jobs", "show", job["id"][:7]), "There is no job")
    told = footnote(home, "jobs", "list", FOOTNOTE_URL="http://127.0.0.1:9")
    assert told.stderr == f"This looks at the data folder {home}, not at FOOTNOTE_URL.\n"
    assert "1 added, 2 failed" in told.stdout


def test_a_folder_is_connected_planned_and_forgotten(home: Path, tmp_path: Path) -> None:
    (tmp_path / "share" / "legal").mkdir(parents=True)
    (tmp_path / "share" / "legal" / "a.txt").write_text("The rent is 500 euros.")
    (tmp_path / "share" / "loose.txt").write_text("nobody")
    (tmp_path / "share" / "draft.txt").write_text("not yet")
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\npath = "legal/**"\nallow = ["group:legal"]\n[[rule]]\npath = "draft*"\nignore = true\n')
    place = ("--folder", str(tmp_path / "share"), "--mapping", str(rules))
    check_one_line(footnote(home, "connectors", "add", "Bad Name", *place), "no name")
    check_one_line(footnote(home, "connectors", "add", "papers", "--mapping", str(rules)), "--folder")
    check_one_line(footnote(home, "connectors", "add", "papers", *place, "--collection", "none"), "no collection none")
    assert footnote(home, "collections", "add", "matter", "--allow", "group:legal").returncode == 0
    added = footnote(home, "connectors", "add", "papers", *place, "--collection", "matter")
    assert added.returncode == 0
    assert "only after its first sync" in added.stdout
    assert "waits for its first sync" in footnote(home, "connectors", "list").stdout
    check_one_line(footnote(home, "connectors", "add", "papers", *place), "There is a connector papers")
    planned = footnote(home, "connectors", "sync", "papers", "--dry-run", "--json")
    assert json.loads(planned.stdout) == {
        "plan": [{"step": "added", "key": "legal/a.txt", "label": ["group:legal"], "before": None}],
        "unchanged": 0, "failing": [], "unmapped": ["loose.txt"], "ignored": ["draft.txt"], "held": [], "problems": [],
    }  # fmt: skip
    planned = footnote(home, "connectors", "sync", "papers", "--dry-run")
    assert "no rule    loose.txt\nignored    draft.txt" in planned.stderr
    assert "1 to do, 1 without a rule, 1 ignored." in planned.stdout
    listed = json.loads(footnote(home, "connectors", "list", "--json").stdout)["connectors"]
    assert [(one["name"], one["kind"], one["collection"]) for one in listed] == [("papers", "folder", "matter")]
    assert footnote(home, "collections", "label", "matter", "--wall", "user:bob").returncode == 0
    shown = json.loads(footnote(home, "collections", "show", "matter", "--json").stdout)
    assert (shown["label"], shown["walls"], shown["connectors"]) == (["group:legal"], ["user:bob"], ["papers"])
    check_one_line(footnote(home, "collections", "remove", "matter"), "a connector fills it")
    rules.write_text("[[")
    check_one_line(footnote(home, "connectors", "sync", "papers"), "no TOML")
    secret = ("--imap", "ana@mail.example", "--mapping", str(rules))
    check_one_line(footnote(home, "connectors", "add", "mail", *secret, "--secret", "hunter2"), "env:NAME")
    assert footnote(home, "connectors", "remove", "papers").returncode == 0
    check_one_line(footnote(home, "connectors", "show", "papers"), "no connector papers")
