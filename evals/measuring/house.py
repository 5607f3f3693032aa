"""The shape of the code, counted: `python -m evals.measuring.house [FOLDER]` (docs/adr/0005).

A folder is a Python package or a module at a package's top; an edge is a pair of folders of which one imports the
other, however often. `sample` and other data folders without Python do not count.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

PACKAGES = ("ingest", "retrieval", "generation", "infra", "api", "evals")


@dataclass(frozen=True, slots=True)
class Shape:
    """Of one package, or of all: lines of each file and of each function (comments and blank ones counted), folders by
    dotted name, and edges as (importing folder, imported folder)."""

    files: Sequence[int]
    functions: Sequence[int]
    folders: frozenset[str]
    edges: frozenset[tuple[str, str]]

    @property
    def both_ways(self) -> int:
        """How many pairs of folders import each other."""
        return sum((to, of) in self.edges for of, to in self.edges) // 2


def shapes(root: Path) -> Mapping[str, Shape]:
    """The shape of each package under `root`, with what it imports of the others. Raises `SyntaxError`."""
    trees = {_module(path, root): _parsed(path) for package in PACKAGES for path in _sources(root / package)}
    found = {}
    for package in PACKAGES:
        own = {module: tree for module, (tree, _) in trees.items() if module.split(".")[0] == package}
        edges = {
            (_folder(module, trees), _folder(imported, trees))
            for module, tree in own.items()
            for imported in _imported(tree, trees.keys())
        }
        found[package] = Shape(
            files=[trees[module][1] for module in own],
            functions=[lines for tree in own.values() for lines in _function_lines(tree)],
            folders=frozenset(_folder(module, trees) for module in own),
            edges=frozenset((of, to) for of, to in edges if of != to),
        )
    return found


def together(parts: Iterable[Shape]) -> Shape:
    parts = list(parts)
    return Shape(
        files=[lines for part in parts for lines in part.files],
        functions=[lines for part in parts for lines in part.functions],
        folders=frozenset().union(*(part.folders for part in parts)),
        edges=frozenset().union(*(part.edges for part in parts)),
    )


def _sources(folder: Path) -> Iterator[Path]:
    """Not those of the sample documents' builder, which are scripts and no package."""
    return (path for path in sorted(folder.rglob("*.py")) if (path.parent / "__init__.py").exists())


def _module(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _parsed(path: Path) -> tuple[ast.Module, int]:
    text = path.read_text(encoding="utf-8")
    return ast.parse(text, str(path)), len(text.splitlines())


def _folder(module: str, trees: Mapping[str, object]) -> str:
    """The package that holds a module; the module itself where it lies at the top."""
    if any(other.startswith(f"{module}.") for other in trees):
        return module
    above = module.rpartition(".")[0]
    return module if "." not in above else above


def _imported(tree: ast.Module, known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                if inner in known or node.module in known:
                    yield inner if inner in known else node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known)


def _function_lines(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _p90(numbers: Sequence[int]) -> float:
    return quantiles(numbers, n=10)[-1]


def main() -> None:
    found = dict(shapes(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    found["all"] = together(found.values())
    print(
        "| package | folders | edges | both ways | files | file lines: median, p90, max | function lines: median, p90 |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, shape in found.items():
        files, functions = shape.files, shape.functions
        print(
            f"| {name} | {len(shape.folders)} | {len(shape.edges)} | {shape.both_ways} | {len(files)} "
            f"| {median(files):g}, {_p90(files):g}, {max(files)} | {median(functions):g}, {_p90(functions):g} |"
        )


if __name__ == "__main__":
    main()
