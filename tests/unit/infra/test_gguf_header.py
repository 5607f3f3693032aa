"""What a GGUF file says of itself, and files that are none."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from infra.llm.gguf_header import texts
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


KEYS = (
    text("general.name") + struct.pack("<I", 8) + text("äpfel"),
    text("a.flag") + struct.pack("<I?", 7, True),
    text("a.number") + struct.pack("<Id", 12, 0.5),
    text("a.numbers") + struct.pack("<IIQ3h", 9, 3, 3, 1, 2, 3),
    text("a.words") + struct.pack("<IIQ", 9, 8, 2) + text("one") + text("two"),
    text("a.last") + struct.pack("<I", 8) + text("read"),
)


def header(*keys: bytes, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(keys)) + b"".join(keys)


def test_texts_are_found_among_values_of_all_kinds(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(header(*KEYS) + b"tensors")
    assert texts(path) == {"general.name": "äpfel", "a.last": "read"}


def test_a_real_models_name_is_read() -> None:
    path = ModelStore(default_cache_dir(), Manifest.load()).file("SmolLM2-135M-Instruct", "model.gguf")
    assert texts(path)["general.architecture"] == "llama"


@pytest.mark.parametrize("cut", range(0, len(header(*KEYS)), 3))
def test_a_torn_file_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(header(*KEYS)[:cut])
    with pytest.raises(ValueError, match=r"GGUF|ends in the middle"):
        texts(path)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(100),
        header(*KEYS, version=9),
        header(struct.pack("<Q", 1 << 62) + b"a"),
        header(text("a") + struct.pack("<I", 99)),
        header(text("a") + struct.pack("<IIQ", 9, 9, 1 << 60)),
        header(text("a") + struct.pack("<IIQ", 9, 5, 1 << 61)),
        header(struct.pack("<Q", 2) + b"\xff\xfe" + struct.pack("<I", 8) + text("b")),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(data)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        texts(path)
