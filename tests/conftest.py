"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

import itertools
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from api.bootstrap import Container
    from infra.postgres.pool import Pool
    from tests.identity_provider import IdentityProvider

_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Under nohup, or behind a shell's &, hang-up and interrupt are ignored, and children would inherit that:
    those that tests start and stop get the usual signals, while this run stays as deaf to hang-up as it was."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests import scheduling

    return scheduling.make(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from tests import scheduling

    scheduling.longest_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Between processes goes UTF-8 alone, and some tests are about text that is none."""
    return _encodable((yield))


def _encodable(told: Any) -> Any:
    if isinstance(told, str):
        return told.encode("utf-8", "backslashreplace").decode()
    if isinstance(told, dict):
        return {_encodable(name): _encodable(one) for name, one in told.items()}
    return type(told)(map(_encodable, told)) if isinstance(told, list | tuple) else told


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for an embedded server. Not `tmp_path`: for root the server runs as another user, and every
    other run of pytest on the machine shuts that user out of pytest's folders."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The URL of an embedded PostgreSQL server, one for the whole run."""
    import psycopg

    from infra.postgres.server import embedded_server

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded_server(Path(folder)) as server:
        with psycopg.connect(server.url, autocommit=True) as conn:  # nothing here has to survive a power cut
            conn.execute("ALTER SYSTEM SET fsync = off")
            conn.execute("SELECT pg_reload_conf()")
        yield server.url


@pytest.fixture(scope="session")
def _template(database_url: str) -> str:
    """A migrated database to copy."""
    import psycopg

    from infra.postgres.migrate import migrate
    from infra.postgres.pool import open_pool

    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE footnote_template")
    with open_pool(_of(database_url, "footnote_template")) as pool:
        migrate(pool)
    return "footnote_template"


@pytest.fixture
def fresh_database(database_url: str, _template: str) -> Iterator[Pool]:
    """A pool on a new, migrated, empty database."""
    import psycopg
    from psycopg import sql

    from infra.postgres.pool import open_pool

    name = f"test_{next(_numbers)}"
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_template)))
    with open_pool(_of(database_url, name)) as pool:
        yield pool


@pytest.fixture(scope="session")
def sample() -> Iterator[Container]:
    """The sample documents in a real installation with real models; ingested once for the whole run."""
    from api.cli.local import opened
    from api.demo.sample import ingest_sample
    from ingest.protocols import Outcome

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        opened(home=Path(home), DATABASE_URL="", llm_url="", demo=True) as parts,
    ):
        counts = ingest_sample(parts)
        assert counts == {Outcome.ADDED: 28, Outcome.REPLACED: 4}
        yield parts


@pytest.fixture(scope="module")
def identity_provider() -> Iterator[IdentityProvider]:
    from tests.identity_provider import IdentityProvider

    provider = IdentityProvider()
    yield provider
    provider.close()


def _of(url: str, database: str) -> str:
    """The same server's URL with another database."""
    return url.replace("/postgres?", f"/{database}?")
