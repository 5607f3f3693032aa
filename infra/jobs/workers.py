"""Workers in a thread of their own: they take tasks from the queue as long as the process lives, whatever fails."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.app import WorkerOptions
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from infra.jobs.lanes import HEARTBEAT_S, STALLED_S, SWEEP_S, Again, Lane
from infra.jobs.tasks import TASK
from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.pool import CONNECT
from infra.priority import INGESTION, thread_gives_way

log = logging.getLogger("footnote")

_POLL_S = 2.0
_AGAIN_S = 1.0
_STOP_S = 10.0


_CONNECT = {name: value for name, value in CONNECT.items() if name != "autocommit"}  # which the library sets itself


class Workers:
    """Runs `work` for each task. What that raises ends the task, but for `Again`.

    Args:
        url: where PostgreSQL is; asked before each connection.
        work: the id of a job and the number of its file; number 0: the job as a whole.
        begin: done before the first task, and again after every failure.
        sweep: done every few seconds, by every process that has workers.
    """

    def __init__(
        self,
        url: str | Callable[[], str],
        lanes: Sequence[Lane],
        work: Callable[[str, int], None],
        begin: Callable[[], object],
        sweep: Callable[[], object],
    ) -> None:
        self._url, self._lanes, self._work, self._begin, self._sweep = url, lanes, work, begin, sweep
        slots = sum(lane.slots for lane in lanes)
        self._threads = ThreadPoolExecutor(
            slots, thread_name_prefix="job", initializer=thread_gives_way, initargs=(INGESTION,)
        )
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Returns at once; started already, it does nothing."""
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="footnote-workers", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """From any thread: takes no more tasks. Returns at once."""
        with self._lock:
            begun = self._stopped.is_set()  # a second time would cut off what the first waits for
            self._stopped.set()
            if not begun and self._loop is not None and self._main is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._main.cancel)

    def stop(self) -> None:
        """Takes no more tasks, and waits for those under way, but not for long."""
        self.end()
        if self._thread is not None:
            self._thread.join(_STOP_S + 2)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what matters is told below
        told = ""
        while not self._stopped.is_set():
            problem = self._attempt()
            if problem and str(problem) != told:
                log.warning("Jobs wait, and will go on: %s", problem)
            told = str(problem)
            self._stopped.wait(_AGAIN_S)

    def _attempt(self) -> str | BaseException:
        """Works until it is stopped or something fails; what that was, "" if nothing."""
        try:
            asyncio.run(self._work_on())
        except asyncio.CancelledError:
            return ""
        except (ProcrastinateException, psycopg.Error, DatabaseUnavailable, OSError) as error:
            return error.__cause__ or error
        except Exception as error:
            log.exception("The workers failed.")  # nobody else would hear of it in this thread
            return error
        return "" if self._stopped.is_set() else "a worker ended; PostgreSQL may have gone away"

    async def _work_on(self) -> None:
        app = App(
            connector=PsycopgConnector(conninfo=self._url, kwargs=_CONNECT, min_size=1, max_size=self._connections)
        )
        app.task(name=TASK, retry=_Retrying())(self._task)
        with self._lock:
            self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopped.is_set():
            return
        await asyncio.to_thread(self._begin)
        async with app.open_async():
            running = [asyncio.ensure_future(self._sweeping())]
            running += [asyncio.ensure_future(app.run_worker_async(**_options(lane))) for lane in self._lanes]
            try:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in running:
                    one.cancel()
                results = await asyncio.gather(*running, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result

    @property
    def _connections(self) -> int:
        return 2 + 2 * len(self._lanes)

    async def _task(self, job: str, number: int) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._work, job, number)

    async def _sweeping(self) -> None:
        while True:
            with suppress(DatabaseUnavailable):  # the workers hear of it themselves
                await asyncio.to_thread(self._sweep)
            await asyncio.sleep(SWEEP_S)


def _options(lane: Lane) -> WorkerOptions:
    return {
        "queues": list(lane.queues),
        "concurrency": lane.slots,
        "fetch_job_polling_interval": _POLL_S,
        "update_heartbeat_interval": HEARTBEAT_S,
        "stalled_worker_timeout": STALLED_S,
        "shutdown_graceful_timeout": _STOP_S,
        "delete_jobs": "always",
        "install_signal_handlers": False,
    }


class _Retrying(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):  # still under way when its worker had to end
            return RetryDecision()
        if isinstance(exception, Again):
            return RetryDecision(retry_in={"milliseconds": int(exception.seconds * 1000)})
        return None
