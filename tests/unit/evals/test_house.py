"""The counts of docs/adr/0005: folders, edges between them, lines."""

from __future__ import annotations

from pathlib import Path

from evals.measuring.house import shapes, together


def planted(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for folder in path.relative_to(root).parents[:-1]:
            (root / folder / "__init__.py").touch()
    return root


def test_edges_are_between_folders_and_counted_once(tmp_path: Path) -> None:
    root = planted(
        tmp_path,
        {
            "ingest/types.py": "A = 1\n",
            "ingest/parsers/text.py": "from ingest.types import A\nimport ingest.types\n",
            "ingest/parsers/html.py": "from ingest import types\nfrom ingest.parsers.text import A\n",
            "retrieval/search/hybrid.py": "def a():\n    import ingest.types\n    import numpy\n",
        },
    )
    found = shapes(root)
    assert found["ingest"].edges == {("ingest.parsers", "ingest.types")}
    assert found["retrieval"].edges == {("retrieval.search", "ingest.types")}
    assert together(found.values()).edges == found["ingest"].edges | found["retrieval"].edges
    assert found["ingest"].both_ways == 0


def test_folders_that_import_each_other_are_told(tmp_path: Path) -> None:
    root = planted(
        tmp_path,
        {"api/cli/a.py": "import api.http.b\n", "api/http/b.py": "import api.cli.a\n", "api/http/c.py": "x = 1\n"},
    )
    assert shapes(root)["api"].both_ways == 1


def test_lines_of_files_and_of_functions(tmp_path: Path) -> None:
    source = (
        "class A:\n    def one(self):\n        return 1\n\n    async def two(self):\n        x = 1\n        return x\n"
    )
    shape = shapes(planted(tmp_path, {"api/a.py": source}))["api"]
    assert sorted(shape.files) == [0, 7]
    assert sorted(shape.functions) == [2, 3]
