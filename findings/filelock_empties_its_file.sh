#!/usr/bin/env bash
# filelock 3.32.7: FileLock(path) empties the file that it locks, once it has the lock (a contender that does not get
# it leaves the file alone). flock and fcntl leave it as it is, so code that changes from them to filelock loses the
# file: lock path + ".lock" instead, or a descriptor of one's own with filelock.lock_descriptor.
#
# Seen: 9 bytes before; 9 after another's attempt that timed out; 0 after acquire.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet filelock==3.32.7
"$dir/venv/bin/python" - "$dir" <<'PY'
import fcntl
import sys
from pathlib import Path

from filelock import FileLock, Timeout

held = Path(sys.argv[1], "held.json")
held.write_text('{"a": 1}\n')
with held.open() as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        FileLock(held, timeout=0.2).acquire()
    except Timeout:
        print("after a timeout:", held.stat().st_size)
        assert held.stat().st_size == 9
with FileLock(held):
    pass
print("after acquire:", held.stat().st_size)
assert held.stat().st_size == 0, "changed: the file keeps what it held"
PY
