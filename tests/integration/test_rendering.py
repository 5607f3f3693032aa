"""A hostile file can hang or crash the process that draws; the caller is told, and the next page is drawn."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.errors import NoPageImages, NoSuchPage, PageNotDrawn
from ingest.reading.rendering import PagedFile, PageRenderer

PDF = "application/pdf"
NDA_PATH = Path(__file__).parents[2].joinpath("api/demo/corpus/current/legal/havenbrook_nda.pdf")
NDA = NDA_PATH.read_bytes()
SIGNATURE = b"\x89PNG"
OTHER = NDA_PATH.with_name("firmware_agreement.pdf").read_bytes()
READ = list[bytes]()


def of(data: bytes, media_type: str = PDF) -> PagedFile:
    def read() -> bytes:
        READ.append(data)
        return data

    return PagedFile(hashlib.sha256(data).hexdigest(), media_type, read)


@pytest.fixture(scope="module")
def renderer() -> Iterator[PageRenderer]:
    made = PageRenderer(count=2, timeout_s=60.0)
    yield made
    made.close()


def test_a_page_comes_back_as_a_picture(renderer: PageRenderer) -> None:
    first, second = (renderer.render(of(NDA), page, [(72, 72, 200, 100)], 600) for page in (1, 2))
    assert first.startswith(SIGNATURE)
    assert first != second
    assert first == renderer.render(of(NDA), 1, [(72, 72, 200, 100)], 600)


def test_a_file_is_read_once_for_its_pages_and_again_after_another_one() -> None:
    renderer = PageRenderer(count=1)
    try:
        READ.clear()
        assert len(renderer.sizes(of(NDA))) == 3
        first = [renderer.render(of(NDA), page, [], 300) for page in (1, 2, 1)]
        assert (len(READ), first[0] == first[2] != first[1]) == (1, True)
        with pytest.raises(NoSuchPage):
            renderer.render(of(NDA), 9, [], 300)
        assert renderer.render(of(OTHER), 1, [], 300) != first[0]
        assert renderer.render(of(NDA), 1, [], 300) == first[0]
        assert READ == [NDA, OTHER, NDA]
    finally:
        renderer.close()


def test_what_the_process_foresees_keeps_its_kind_and_words(renderer: PageRenderer) -> None:
    with pytest.raises(NoSuchPage, match="3 pages"):
        renderer.render(of(NDA), 9, [], 600)
    with pytest.raises(NoPageImages):
        renderer.render(of(b"Hello", "text/plain"), 1, [], 600)


def test_a_file_that_breaks_the_renderer_is_told_and_hurts_nobody_else(renderer: PageRenderer) -> None:
    for broken in (b"%PDF-1.7 cut", b"", NDA[:700]):
        with pytest.raises(PageNotDrawn, match="breaks the renderer"):
            renderer.render(of(broken), 1, [], 600)
    assert renderer.render(of(NDA), 1, [], 600).startswith(SIGNATURE)


def test_a_process_that_is_killed_is_told_and_replaced(renderer: PageRenderer) -> None:
    renderer.render(of(NDA), 1, [], 600)
    for drawer in renderer._drawers:
        if drawer._child:
            os.kill(drawer._child.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(renderer.render, of(NDA), 1, [], 600) for _ in range(2)]
        while renderer._free.qsize():
            pass
        for drawer in renderer._drawers:
            while not drawer._child:
                pass
            os.kill(drawer._child.pid, signal.SIGKILL)
        assert {type(one.exception()) for one in asked} <= {PageNotDrawn, type(None)}
        assert any(one.exception() for one in asked)
    assert renderer.render(of(NDA), 1, [], 600).startswith(SIGNATURE)


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_drawn() -> None:
    renderer = PageRenderer(count=1, timeout_s=0.05)  # less than a process needs to start
    try:
        with pytest.raises(PageNotDrawn, match=r"longer than 0\.05 s"):
            renderer.render(of(NDA), 1, [], 600)
        renderer._drawers[0]._timeout_s = 60.0
        assert renderer.render(of(NDA), 1, [], 600).startswith(SIGNATURE)
    finally:
        renderer.close()


def test_a_process_that_lacks_memory_is_told() -> None:
    renderer = PageRenderer(count=1, timeout_s=60.0, memory_bytes=64 << 20)
    try:
        with pytest.raises(PageNotDrawn, match="breaks the renderer"):
            renderer.render(of(NDA), 1, [], 2400)
    finally:
        renderer.close()


def test_who_finds_no_process_free_is_told_so() -> None:
    renderer = PageRenderer(count=1, timeout_s=0.2)
    renderer._free.get()
    with pytest.raises(PageNotDrawn, match="Other pages"):
        renderer.render(of(NDA), 1, [], 600)


def test_nothing_is_drawn_after_the_end() -> None:
    renderer = PageRenderer(count=1)
    assert renderer.render(of(NDA), 1, [], 600).startswith(SIGNATURE)
    child = renderer._drawers[0]._child
    renderer.close()
    assert child is not None
    assert child.poll() is not None
    with pytest.raises(PageNotDrawn, match="stopping"):
        renderer.render(of(NDA), 1, [], 600)
