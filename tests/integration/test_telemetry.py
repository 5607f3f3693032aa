"""Nothing calls home: a document's embedding leaves no identifier and no upload queue behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.models.store import default_cache_dir

EMBED = """
from infra.models.manifest import Manifest
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir
folder = ModelStore(default_cache_dir(), Manifest.load()).path("bge-small-en-v1.5")
print(OnnxEncoder(folder / "model.onnx", folder / "tokenizer.json").encode("A confidential sentence.").shape[1])
"""


def test_the_onnx_runtime_writes_no_device_id(tmp_path: Path) -> None:
    home = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    home |= {"FOOTNOTE_CACHE": str(default_cache_dir()), "CI": ""}
    home.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run([sys.executable, "-c", EMBED], env=home, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "384"
    assert list(tmp_path.rglob("*")) == []
