"""A digest of the code that decides a result: what other code measured is not gone on from, and what a release pins."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

_OURS = ("ingest", "retrieval", "generation", "infra", "api", "evals")
_DATA = {".toml", ".md", ".json", ".jsonl", ".sql"}  # limits, prompts, manifests, queries

# A part that is reached by a protocol alone is imported by nothing that it serves: it is named here.
_ENCODER = "infra.models.onnx"
CHECKING = (
    "generation.gate.checking", "generation.gate.claims", "generation.answering.abstaining",
    "generation.gate.nli", _ENCODER,
)  # fmt: skip
"""What decides the support of a sentence, and which sentences a reply has."""
JUDGING = (*CHECKING, "generation.gate.gate")
"""What decides the support that the gate sees for a sentence and what it cites."""
WRITING = ("generation.llm.client", "infra.llm")
"""What decides what a language model replies to given messages."""
ANSWERING = (
    *JUDGING, *WRITING,
    "generation.answering.service", "generation.gate.relevance", "generation.gate.selector", "retrieval.search.rerank",
    "api.wiring.answering", "api.wiring.weights",
)  # fmt: skip
"""What decides an answer to given passages."""
FINDING = ("ingest", "retrieval", "infra.postgres", _ENCODER)
"""What decides what is found, unless a passage is imagined for it."""
EMBEDDING = ("ingest.embedding", _ENCODER)
"""What decides the vectors that other libraries are given."""
IMAGINING = (*WRITING, "generation.llm.hypothesis", "api.wiring.language")
"""What decides a passage that search imagines."""
SHOWING = (*FINDING, *IMAGINING, "api.wiring.searching")
"""What decides which passages the service finds for a question and shows a model."""
SERVING = (*SHOWING, *ANSWERING)
"""What decides an answer of the whole service."""


@cache
def code(*roots: str) -> str:
    """12 hexadecimal digits over the modules `roots` (of a package: all that is in it), whatever of Footnote they
    import, directly or not, and the data files beside any of these. Raises `ValueError` if there is no such module, or
    for a relative import."""
    paths = closure(roots)
    digest = hashlib.sha256()
    for name in sorted(paths):
        digest.update(f"{name}\0".encode() + paths[name].read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def closure(roots: Sequence[str]) -> dict[str, Path]:
    """Modules by dotted name and data files by path, as far as `code` looks at them."""
    found: dict[str, Path] = {}
    waiting = [name for root in roots for name in _inside(root)]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0], *_imported(path)]
    data: dict[str, Path] = {}
    for name, path in found.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        data |= {f"{package.replace('.', '/')}/{file.relative_to(path.parent)}": file for file in _data(path.parent)}
    return found | data


def _inside(root: str) -> list[str]:
    path = _path(root)
    if path is None:
        raise ValueError(f"there is no module {root}")
    if path.name != "__init__.py":
        return [root]
    parts = (file.relative_to(path.parent).with_suffix("").parts for file in sorted(path.parent.rglob("*.py")))
    return [".".join((root, *inside)).removesuffix(".__init__") for inside in parts]


def _path(name: str) -> Path | None:
    """The file of a module of ours; None for anything else."""
    top, *rest = name.split(".")
    if top not in _OURS:
        return None
    place = Path(str(files(top))).joinpath(*rest)
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _imported(path: Path) -> Iterator[str]:
    """Imports, wherever they stand; `from package import name` may name a module. Raises `ValueError` for a relative
    one."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level or not node.module:
                raise ValueError(f"{path}, line {node.lineno}: write this relative import as an absolute one")
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _data(folder: Path) -> tuple[Path, ...]:
    """Data files in a folder of modules, and in folders in it that hold no modules."""
    plain = [inside for inside in folder.iterdir() if inside.is_dir() and not any(inside.rglob("*.py"))]
    return tuple(path for place in (folder, *plain) for path in place.iterdir() if path.suffix in _DATA)
