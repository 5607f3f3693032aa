"""Generators' GGUF files as folders that vLLM loads: safetensors in bfloat16, and the tokenizer with its template.

    python -m infra.llm.unpack NAME...

Run from Footnote's folder with vLLM's Python, which has torch and transformers. The models must have been fetched
(`footnote models pull`). Each is done once: unpacked.json in its folder holds the file's sha256 and is written last.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from generation.errors import UnreadableModel
from generation.llm.unpacking import load_base
from infra.models.manifest import Manifest, Model
from infra.models.store import ModelStore, default_cache_dir
from ingest.errors import FootnoteError

MARKER = "unpacked.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="+", help="a generator of `footnote models list`")
    store = ModelStore(default_cache_dir(), Manifest.load())
    try:
        for name in parser.parse_args().name:
            unpack(store, store.manifest.model(name))
    except (FootnoteError, OSError) as error:
        sys.exit(f"footnote: {error}")


def unpack(store: ModelStore, model: Model) -> Path:
    """Makes the folder, all of it or nothing, and returns where it is; one of the same file is left as it is.

    Raises `UnreadableModel`, `ModelError` or `OSError`.
    """
    if done := unpacked(store, model):
        _say(f"{model.name} is unpacked already: {done}")
        return done
    folder, gguf = _folder(store, model), _gguf(store, model)
    _say(f"Unpacking {gguf} ({model.bytes / 1e6:,.0f} MB)...")
    weights, tokenizer = load_base(gguf)
    staged = folder.with_name(f".unfinished-{folder.name}")
    shutil.rmtree(staged, ignore_errors=True)
    weights.save_pretrained(staged)
    tokenizer.save_pretrained(staged)
    (staged / MARKER).write_text(json.dumps({"sha256": model.files[0].sha256}) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    staged.rename(folder)
    _say(f"{model.name} is unpacked: {folder}")
    return folder


def unpacked(store: ModelStore, model: Model) -> Path | None:
    """The model's folder if it is whole and of the file that the manifest pins, else None."""
    folder = _folder(store, model)
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return folder if found == {"sha256": model.files[0].sha256} else None


def _folder(store: ModelStore, model: Model) -> Path:
    return store.cache_dir / "unpacked" / model.name


def _gguf(store: ModelStore, model: Model) -> Path:
    """Raises `UnreadableModel` for a model that is not one GGUF file."""
    if len(model.files) != 1 or not model.files[0].path.endswith(".gguf"):
        raise UnreadableModel(f"{model.name} is no GGUF file: name a generator of `footnote models list`.")
    return store.file(model.name, model.files[0].path)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
