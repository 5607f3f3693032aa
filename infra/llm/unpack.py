"""A generator's GGUF file as a folder that vLLM loads: safetensors in bfloat16, and the tokenizer with its template.

    python -m infra.llm.unpack MODEL.gguf FOLDER

Run in vLLM's environment, which has torch and transformers; from Footnote's folder. Done once: FOLDER/unpacked.json
holds the sha256 of the file, and is written last.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

from generation.lora.base import load_base
from generation.lora.errors import LoraError

MARKER = "unpacked.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    try:
        unpack(chosen.gguf, chosen.folder)
    except (LoraError, OSError) as error:
        sys.exit(f"footnote: {error}")


def unpack(gguf: Path, folder: Path) -> None:
    """All of the folder or nothing; a folder of this file is left as it is. Raises `LoraError` or `OSError`."""
    with gguf.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if is_unpacked(folder, digest):
        _say(f"{folder} is there already.")
        return
    _say(f"Reading {gguf} ({gguf.stat().st_size / 1e6:,.0f} MB)...")
    model, tokenizer = load_base(gguf)
    staged = folder.with_name(f".unfinished-{folder.name}")
    shutil.rmtree(staged, ignore_errors=True)
    _say(f"Writing {folder}...")
    model.save_pretrained(staged)
    tokenizer.save_pretrained(staged)
    (staged / MARKER).write_text(json.dumps({"sha256": digest, "dtype": "bfloat16"}) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    staged.rename(folder)
    _say(f"{folder} is ready.")


def is_unpacked(folder: Path, sha256: str) -> bool:
    """Whether the folder was made, as a whole, of the file with this digest (hex)."""
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found.get("sha256") == sha256)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
