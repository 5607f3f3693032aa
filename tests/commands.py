"""`footnote` in a process of its own, as a script starts it. To import what commands use takes two seconds of a
processor: one process does so, and each command is a fork of it."""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMPORTED = ("api.cli.main", "api.bootstrap", "api.cli.local", "infra.postgres.server")
_prepared: list[subprocess.Popen[str]] = []


def footnote(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in this environment, with nothing on stdin."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        asked = {"arguments": arguments, "environment": dict(environment), "out": str(out), "err": str(err)}
        code = _asked(json.dumps(asked))
        return subprocess.CompletedProcess(("footnote", *arguments), code, out.read_text(), err.read_text())


def _asked(line: str) -> int:
    """The exit code. A test that ends here by a time-out takes the process with it."""
    if not _prepared:
        pipe, command = subprocess.PIPE, [sys.executable, __file__]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_URL"))}
        path = os.pathsep.join((str(ROOT), *filter(None, [kept.get("PYTHONPATH")])))
        _prepared.append(
            subprocess.Popen(command, cwd=ROOT, env=kept | {"PYTHONPATH": path}, stdin=pipe, stdout=pipe, text=True)
        )
    process = _prepared[0]
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        return int(process.stdout.readline())
    except BaseException:
        _ended()
        raise


@atexit.register
def _ended() -> None:
    while _prepared:
        process = _prepared.pop()
        process.kill()
        process.communicate()


def _prepare() -> None:
    """Runs what stdin asks for, one after the other."""
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # what is shared stays so
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(**json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for number, path in enumerate((os.devnull, out, err)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    main = import_module("api.cli.main")
    sys.argv = [str(main.__file__), *arguments]
    main.main()
    sys.exit()


if __name__ == "__main__":
    _prepare()
