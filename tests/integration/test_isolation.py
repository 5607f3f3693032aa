"""A hostile file can hang, crash or starve the parser's process; the caller gets an error that says what to do."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.errors import DamagedFile, EmptyFile, IngestError, ParseTimeout, WrongExtension
from ingest.parsers import parse
from ingest.reading.isolation import IsolatedParser, ParserPool

PAGE = b"<h1>Rent</h1><p>The rent is \xc2\xa35 for \xf0\x9d\x92\xb3.</p><table><tr><th>Item</th></tr><tr><td>Lift</td></tr></table>"


@pytest.fixture(scope="module")
def parser() -> Iterator[IsolatedParser]:
    made = IsolatedParser(timeout_s=60.0)
    yield made
    made.close()


def test_a_good_file_comes_back_as_it_was_parsed(parser: IsolatedParser) -> None:
    assert parser.parse(PAGE, "a.html") == parse(PAGE, "a.html")


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"", "a.txt", EmptyFile),
        (b"%PDF-1.7 cut", "a.pdf", DamagedFile),
        (b"\x89PNG\r\n\x1a\n", "a.pdf", WrongExtension),
    ],
)
def test_errors_keep_their_kind_and_words(
    parser: IsolatedParser, data: bytes, name: str, kind: type[IngestError]
) -> None:
    with pytest.raises(kind) as here:
        parse(data, name)
    with pytest.raises(kind) as there:
        parser.parse(data, name)
    assert str(there.value) == str(here.value)


def test_a_pool_parses_in_several_processes_and_ends_them_all() -> None:
    parsers = [IsolatedParser(timeout_s=60.0) for _ in range(2)]
    pool = ParserPool(parsers)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(pool.parse, [PAGE, PAGE, b"Fine."], ["a.html", "b.html", "c.txt"]))
    assert [parsed.title for parsed in found] == ["Rent", "Rent", "c"]
    children = [parser._child for parser in parsers if parser._child]
    assert len(children) == 2
    pool.close()
    assert all(child.poll() is not None for child in children)


def test_a_parser_that_takes_too_long_is_stopped_and_the_next_file_is_read() -> None:
    parser = IsolatedParser(timeout_s=0.05)  # less than a process needs to start
    try:
        with pytest.raises(ParseTimeout, match=r"longer than 0\.05 s"):
            parser.parse(PAGE, "a.html")
        parser._timeout_s = 60.0
        assert parser.parse(b"Fine.", "a.txt").elements
    finally:
        parser.close()


def test_a_crash_in_the_middle_is_an_error_and_the_next_file_is_read() -> None:
    parser = IsolatedParser()
    try:
        parser.parse(b"Fine.", "a.txt")
        os.kill(parser._child.pid, signal.SIGSTOP)  # however quick it is, it does not end
        killer = threading.Timer(0.3, os.kill, (parser._child.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(DamagedFile, match="crashed"):
            parser.parse(PAGE, "a.html")
        killer.join()
        assert parser.parse(b"Fine.", "a.txt").elements
    finally:
        parser.close()


def test_a_file_that_wants_too_much_memory_is_an_error() -> None:
    parser = IsolatedParser(memory_bytes=300 << 20)
    try:
        with pytest.raises(IngestError):
            parser.parse(b"a,b\n" * (90 << 18), "a.csv")
    finally:
        parser.close()


def test_close_ends_the_child() -> None:
    parser = IsolatedParser()
    parser.parse(b"Fine.", "a.txt")
    child = parser._child
    parser.close()
    assert child.poll() is not None
    parser.close()


def test_close_does_not_wait_for_a_file_that_is_being_parsed() -> None:
    parser = IsolatedParser()
    parser.parse(b"Fine.", "a.txt")
    closing = threading.Timer(0.05, parser.close)
    closing.start()
    with pytest.raises(DamagedFile, match="crashed"):  # what was waited for would be read
        parser.parse(b"<p>" + b"<div>x" * 3_000_000, "a.html")
    closing.join()
    with pytest.raises(DamagedFile):
        parser.parse(b"Fine.", "a.txt")
    assert parser._child is None


def test_nothing_is_imported_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('code beside the documents was run')")
    monkeypatch.chdir(tmp_path)
    parser = IsolatedParser(timeout_s=60.0)
    try:
        assert parser.parse(b"Fine.", "a.txt").elements
    finally:
        parser.close()


def test_a_small_text_that_takes_long_is_stopped_by_its_cpu_time() -> None:
    parser = IsolatedParser(timeout_s=280.0, text_s=1.0)
    try:
        with pytest.raises(ParseTimeout, match="longer than a text of its size may"):
            parser.parse(b"# Pictures\n\n" + b"![" * 200_000, "pictures.md")
        assert parser.parse(b"Fine.", "a.txt").elements
    finally:
        parser.close()
