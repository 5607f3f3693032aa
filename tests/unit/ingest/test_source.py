"""Source files: text as it stands, functions and classes whole under their path."""

from __future__ import annotations

import pytest

from ingest.chunkers import Chunkers
from ingest.chunkers.code import CodeChunker
from ingest.chunking import assemble
from ingest.parsers import parse
from ingest.reading.isolation import pack, unpack
from ingest.types import Chunk, Chunking, ChunkingKind, ElementKind, WarningKind

BODY = "        total = total + 1_000  # é\n"
PYTHON = (
    "import os\n\n\n# Keeps the books.\n@final\nclass Ledger:\n    rate = 1_000\n\n"
    "    def post(self, entry):\n" + BODY * 15 + "\n    @property\n    def total(self):\n" + BODY * 15 + "\n\n"
    "def main():\n    pass\n"
)


def chunks(text: str, name: str, **limits: int) -> tuple[Chunk, ...]:
    document = assemble(parse(text.encode(), name), source=name, content_sha256="0" * 64)
    return CodeChunker(**limits).chunks(document)


def defined(text: str, name: str) -> list[tuple[str, str]]:
    (element,) = parse(text.encode(), name).elements
    return [(one.name, element.text[one.start : one.end]) for one in element.definitions]


def test_the_text_of_a_source_file_stays_as_it_is() -> None:
    text = "def f(x):\r\n\tif x:\r\n\t\treturn  '<b>'\r\n\r\n\r\n# From: a\n"
    (element,) = parse(text.encode(), "a.py").elements
    assert element.text == text.replace("\r\n", "\n").rstrip()
    assert element.kind is ElementKind.CODE
    assert parse(text.encode(), "a.py").title == "a.py"
    assert parse(b"<html><body>?></body>", "a.php").media_type == "text/x-php"


def test_a_definition_that_fits_is_one_chunk_under_its_path() -> None:
    found = chunks(PYTHON, "ledger.py", target_chars=300, max_chars=900)
    assert [one.section_path for one in found] == [
        (),
        ("Ledger",),
        ("Ledger", "post"),
        ("Ledger", "total"),
        ("main",),
    ]
    assert found[1].text == "# Keeps the books.\n@final\nclass Ledger:\n    rate = 1_000"
    assert found[2].text.startswith("def post(self")
    assert found[3].text.startswith("@property\n    def total")
    assert found[2].heading == "ledger.py > Ledger > post"
    assert "# é" in found[3].text


def test_a_definition_that_is_too_long_is_cut_at_lines() -> None:
    found = chunks("def f():\n" + "    x = 'some words of it'\n" * 100, "f.py", target_chars=200, max_chars=300)
    assert {one.section_path for one in found} == {("f",)}
    assert all(one.text.endswith("'") or one.text.endswith(":") for one in found)


def test_small_neighbours_go_together() -> None:
    (one,) = chunks("A = 1\n\ndef f(): pass\n\ndef g(): pass\n", "a.py")
    assert one.section_path == ()


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("a.ts", "export class Store<T> {\n  // adds\n  add(x: T) { }\n  go = () => 1;\n}\nexport const n = () => 1;", "Store add go n"),
        ("a.js", "function* f() {}\nexport default class A { m() {} }\nconst x = 1;", "f A m"),
        ("a.tsx", "export function View() { return <b>x</b>; }", "View"),
        ("A.java", "/** Doc. */\n@Entity\npublic class A {\n  A() {}\n  int add() { return 1; }\n}", "A A add"),
        ("a.c", "struct p { int x; };\nstatic int *find(struct p *q)\n{\n}\n", "p find"),
        ("a.cpp", "namespace n {\ntemplate <class T> class V { int f() { } };\n}\nint n::V::g(int a) { }", "n V f n::V::g"),
        ("a.go", "// T is.\ntype T struct { x int }\nfunc (t *T) Do() {}\nfunc main() {}", "T Do main"),
        ("a.rs", "/// Doc\n#[derive(Debug)]\npub struct P { x: i32 }\nimpl P { fn new() {} }", "P P new"),
        ("a.sql", "CREATE TABLE customer (id int);\nCREATE VIEW v AS SELECT 1;", "customer v"),
        ("a.rb", "def x\nend\n", ""),
    ],
)  # fmt: skip
def test_definitions_of_each_language(name: str, text: str, names: str) -> None:
    assert [one for one, _ in defined(text, name)] == names.split()


def test_what_is_said_right_above_belongs_to_a_definition() -> None:
    assert defined("x = 1  # of x\n# of f\n@once\ndef f(): pass\n", "a.py")[0][1].startswith("# of f\n@once")
    assert defined("x = 1  # of x\ndef f(): pass\n", "a.py")[0][1] == "def f(): pass"
    assert defined("/// Doc\n#[derive(Debug)]\npub struct P {}\n", "a.rs")[0][1].startswith("/// Doc")


def test_broken_and_deep_code_is_read() -> None:
    assert parse(b"def f(:\n  )))\nclass", "a.py").elements
    deep = "".join(" " * at + f"def f{at}():\n" for at in range(300)) + " " * 300 + "pass"
    (element,) = parse(deep.encode(), "a.py").elements
    assert 0 < len(element.definitions) < 20
    assert parse(b"(" * 100_000, "a.js").elements


def test_signs_that_turn_letters_around_are_left_out_with_a_warning() -> None:
    parsed = parse("x = 1 # \u202e } \u2066 if\n".encode(), "a.py")
    assert parsed.elements[0].text == "x = 1 #  }  if"
    assert [one.kind for one in parsed.warnings] == [WarningKind.READING_ORDER]
    assert not parse(b"x = 1", "a.py").warnings


def test_definitions_come_through_the_child_process() -> None:
    parsed = parse(PYTHON.encode(), "ledger.py")
    assert parsed.elements[0].definitions
    assert unpack(pack(parsed)) == parsed


def test_code_is_usual_for_source_files_alone() -> None:
    default = Chunking(ChunkingKind.SEMANTIC, summary=True)
    source = assemble(parse(PYTHON.encode(), "a.py"), source="a.py", content_sha256="0" * 64)
    prose = assemble(parse(b"Some words.", "a.txt"), source="a.txt", content_sha256="0" * 64)
    assert Chunkers(default).chosen(source) == Chunking(ChunkingKind.CODE, summary=True)
    assert Chunkers(default).chosen(prose) == default
