"""Files in, documents out: outcomes, failures, and what is durable when the run stops in the middle."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.chunkers import Chunkers
from ingest.errors import DamagedFile, IngestError, ServiceStopping
from ingest.local_files import SourceFile, source_files
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.protocols import Outcome, Stored
from ingest.types import Chunk, Document, ParsedFile, WarningKind, document_id

LEGAL, HR = frozenset({"group:legal"}), frozenset({"group:hr"})


class Parsing:
    """The real parsers, in this process, counting how often they are used."""

    calls = 0

    def parse(self, data: bytes, name: str) -> ParsedFile:
        self.calls += 1
        return parse(data, name)


class Embedding:
    name, dimension = "count", 2

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts.extend(texts)
        return np.ones((len(texts), 2), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        raise NotImplementedError


class Store:
    """A document store in memory."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[Stored, Document, Sequence[Chunk], bytes]] = {}

    def find(self, source: str) -> Stored | None:
        return self.held[source][0] if source in self.held else None

    def words(self, document_id: str) -> str:
        return next(held[1].text for held in self.held.values() if held[0].document_id == document_id)

    def add_version(
        self, document: Document, chunks: Sequence[Chunk], embeddings: NDArray[np.float32], allow: frozenset[str],
        original: bytes, date: str | None = None, **who: object,
    ) -> int:  # fmt: skip
        assert len(embeddings) == len(chunks)
        known = self.find(document.source)
        version = known.version + 1 if known else 1
        self.held[document.source] = (
            Stored(document.id, version, document.content_sha256, allow),
            document,
            chunks,
            original,
        )
        return version

    def settle(self, document_id: str, kept: frozenset[str], untouched: frozenset[str], **who: object) -> None:
        raise AssertionError("no file here has parts")

    def relabel(self, document_id: str, allow: frozenset[str], **who: object) -> None:
        for source, (stored, *rest) in self.held.items():
            if stored.document_id == document_id:
                self.held[source] = (Stored(document_id, stored.version, stored.content_sha256, allow), *rest)


class Line:
    """A pipeline with its parts at hand."""

    def __init__(self, max_file_bytes: int = 1 << 20) -> None:
        self.parsing, self.embedding, self.store, self.published = Parsing(), Embedding(), Store(), 0
        self.pipeline = IngestPipeline(
            parser=self.parsing, chunkers=Chunkers(), embedder=self.embedding, store=self.store, publish=self._publish,
            max_file_bytes=max_file_bytes,
        )  # fmt: skip

    def _publish(self) -> None:
        self.published += 1

    def outcomes(self, files: list[SourceFile], allow: frozenset[str] = LEGAL) -> list[str]:
        return [report.outcome for report in self.pipeline.run(files, allow)]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., SourceFile]:
    def written(name: str, data: bytes | str) -> SourceFile:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return SourceFile(path, f"s/{name}")

    return written


LEASE = "The rent of Unit 7 is 500 euros per month. The tenant Kestrel may end the lease with thirty days of notice."


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (
            LEASE,
            "Minutes of the board. All members were there but one. The chair opened at noon and closed at three.",
            1,
        ),
        (LEASE, LEASE.replace("500", "600"), 0),
        (LEASE, "Notice: " + LEASE.upper() * 3, 0),
        ("The rent is 500.", "Nothing alike.", 0),  # of few words it is not told
        ("租金为每月五百欧元。租户可提前三十天通知终止租约。", "董事会会议记录。除一人外所有成员均出席了会议。", 1),
        ("租金为每月五百欧元。租户可提前三十天通知终止租约。", "租金为每月六百欧元。租户可提前三十天通知终止租约。", 0),
    ],
)
def test_a_version_that_is_another_document_by_its_words_is_told_of(
    write: Callable[..., SourceFile], before: str, now: str, told: int
) -> None:
    line = Line()
    assert [report.warnings for report in line.pipeline.run([write("a.txt", before)], LEGAL)] == [()]
    (report,) = line.pipeline.run([write("a.txt", now)], LEGAL)
    assert report.outcome == "replaced"
    assert [one.kind for one in report.warnings] == [WarningKind.OTHER_WORDS] * told
    assert line.store.held["s/a.txt"][1].warnings == ()  # of the upload, not of the version


def test_each_outcome(write: Callable[..., SourceFile]) -> None:
    line = Line()
    file = write("a.txt", "The rent is 5.")
    assert line.outcomes([file]) == ["added"]
    assert line.outcomes([file]) == ["unchanged"]
    assert line.outcomes([file], HR) == ["relabelled"]
    assert line.store.find("s/a.txt").allow == HR
    assert line.parsing.calls == 1  # neither of the last two cost more than a look-up
    write("a.txt", "The rent is 6.")
    (report,) = line.pipeline.run([file], HR)
    assert (report.outcome, report.version, report.chunks) == (Outcome.REPLACED, 2, 1)
    assert report.document_id == document_id("s/a.txt")
    assert line.store.held["s/a.txt"][3] == b"The rent is 6."
    assert line.published == 4


def test_what_is_embedded_is_the_text_under_its_title_and_headings(write: Callable[..., SourceFile]) -> None:
    line = Line()
    line.outcomes([write("a.md", "# Lease\n\n## Rent\n\nThe rent is 5.")])
    (_, document, chunks, _) = line.store.held["s/a.md"]
    assert line.embedding.texts == [chunk.indexed_text for chunk in chunks]
    assert all(text.startswith(document.title) for text in line.embedding.texts)


def test_one_bad_file_never_stops_the_rest(write: Callable[..., SourceFile], tmp_path: Path) -> None:
    line = Line(max_file_bytes=10_000)
    files = [
        write("empty.txt", ""), write("blank.txt", " \n "), write("big.txt", "x" * 10_001), write("cut.pdf", b"%PDF-1.7 cut"),
        write("image.pdf", b"\x89PNG\r\n\x1a\n123"), write("tool.exe", b"MZ" + bytes(40)),
        SourceFile(tmp_path / "gone.txt", "s/gone.txt"), SourceFile(tmp_path, "s/folder"), write("good.txt", "Fine."),
    ]  # fmt: skip
    reports = list(line.pipeline.run(files, LEGAL))
    assert [report.code for report in reports] == [
        "empty_file", "empty_file", "file_too_large", "damaged_file", "wrong_extension", "unsupported_format",
        "unreadable_file", "unreadable_file", "",
    ]  # fmt: skip
    assert [report.outcome for report in reports[:-1]] == ["failed"] * 8
    assert all(report.reason and "Traceback" not in report.reason for report in reports[:-1])
    assert reports[-1].outcome is Outcome.ADDED
    assert set(line.store.held) == {"s/good.txt"}


def test_a_failed_replacement_keeps_the_version_before(write: Callable[..., SourceFile]) -> None:
    line = Line()
    file = write("a.pdf.txt", "The rent is 5.")
    line.outcomes([file])
    write("a.pdf.txt", "")
    assert line.outcomes([file]) == ["failed"]
    assert line.store.find("s/a.pdf.txt").version == 1


def test_a_run_that_is_stopped_keeps_what_was_reported_and_publishes_it(write: Callable[..., SourceFile]) -> None:
    line = Line()
    files = [write(f"{number}.txt", f"Text {number}.") for number in range(3)]
    run = line.pipeline.run(files, LEGAL)
    next(run)
    run.close()
    assert list(line.store.held) == ["s/0.txt"]
    assert line.published == 1
    assert line.outcomes(files) == ["unchanged", "added", "added"]


def test_the_next_files_are_parsed_while_one_is_embedded(write: Callable[..., SourceFile]) -> None:
    begun = {name: threading.Event() for name in ("a.txt", "b.txt")}

    class Telling(Parsing):
        def parse(self, data: bytes, name: str) -> ParsedFile:
            begun[name].set()
            return super().parse(data, name)

    class Waiting(Embedding):
        def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
            assert begun["b.txt"].wait(10)
            return super().embed_documents(texts)

    line = Line()
    line.pipeline = IngestPipeline(
        parser=Telling(), chunkers=Chunkers(), embedder=Waiting(), store=line.store, publish=line._publish, parsers=2
    )
    assert line.outcomes([write("a.txt", "The rent is 5."), write("b.txt", "The rent is 6.")]) == ["added", "added"]
    assert list(line.store.held) == ["s/a.txt", "s/b.txt"]


def test_one_upload_raises_what_a_run_reports(write: Callable[..., SourceFile]) -> None:
    line = Line()
    with pytest.raises(IngestError):
        line.pipeline.ingest(b"", "a.txt", "s", LEGAL)
    assert line.pipeline.ingest(b"Fine.", "a.txt", "s", LEGAL).outcome is Outcome.ADDED


def test_source_files_are_sorted_visible_and_inside(write: Callable[..., SourceFile], tmp_path: Path) -> None:
    for name in ("root/b.txt", "root/a/c.txt", "root/.hidden", "root/.git/x.txt", "outside.txt"):
        write(name, "x")
    (tmp_path / "root" / "link.txt").symlink_to(tmp_path / "outside.txt")
    root = tmp_path / "root"
    assert [file.source for file in source_files([root], prefix="legal/")] == ["legal/a/c.txt", "legal/b.txt"]
    assert [file.source for file in source_files([root])] == [
        str(root.resolve() / name) for name in ("a/c.txt", "b.txt")
    ]
    both = source_files([root, root / "b.txt"])
    assert len(both) == 2
    assert source_files([root / "b.txt"], prefix="x/")[0].source == "x/b.txt"
    assert source_files([root / "b.txt"], prefix="x")[0].source == "x/b.txt"  # the slash is not to be remembered


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    line = Line()
    (report,) = line.pipeline.run([SourceFile(tmp_path / "pipe.txt", "pipe.txt")], LEGAL)
    assert (report.outcome, report.code) == (Outcome.FAILED, "unreadable_file")
    assert "Save it as a file" in report.reason


def test_a_file_name_that_is_not_utf_8(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"m\xfcller.txt")).write_text("The rent is 500 euros.")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    line = Line()
    (report,) = line.pipeline.run(source_files([tmp_path], prefix="legal/"), LEGAL)
    assert (report.outcome, report.source) == (Outcome.ADDED, "legal/m\\xfcller.txt")


def many(paragraphs: int) -> bytes:
    return "\n\n".join(f"Unit {n}. " + "The rent is paid monthly. " * 40 for n in range(paragraphs)).encode()


def test_a_stop_ends_the_embedding_of_many_chunks_and_stores_nothing() -> None:
    line = Line()
    embed = line.embedding.embed_documents

    def stopping(texts: Sequence[str]) -> NDArray[np.float32]:
        line.pipeline.stop()
        return embed(texts)

    line.embedding.embed_documents = stopping  # type: ignore[method-assign]
    with pytest.raises(ServiceStopping, match="nothing was stored"):
        line.pipeline.ingest(many(200), "a.txt", "s", LEGAL)
    assert 0 < len(line.embedding.texts) < 100
    assert line.store.held == {}
    with pytest.raises(ServiceStopping):
        line.pipeline.ingest(b"Later.", "b.txt", "t", LEGAL)


def test_a_parser_that_is_stopped_does_not_call_the_file_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()

    def killed(data: bytes, name: str) -> ParsedFile:
        line.pipeline.stop()
        raise DamagedFile("The file broke the parser.")

    monkeypatch.setattr(line.parsing, "parse", killed)
    with pytest.raises(ServiceStopping):
        line.pipeline.ingest(b"Fine.", "a.txt", "s", LEGAL)


def test_rows_are_those_of_their_chunks_however_many_there_are() -> None:
    line = Line()
    report = line.pipeline.ingest(many(100), "a.txt", "s", LEGAL)
    assert report.chunks > 64
    assert line.embedding.texts == [chunk.indexed_text for chunk in line.store.held["s"][2]]
