#!/usr/bin/env bash
# fastapi 0.136.3, fastapi.sse.format_sse_event: a U+2028, U+2029 or U+0085 inside `data_str` starts another "data:"
# line. In the stream format of the HTML standard only CR and LF end a line, so a client joins the pieces with "\n":
# JSON that holds one of these characters unescaped (json.dumps with ensure_ascii=False, as pydantic writes it too)
# arrives with a raw newline inside a string, and is no JSON any more.
#
# Seen: 'data: {"q":"a' / 'data: b"}', and json.loads of what a client reads: Invalid control character.
# Escape these three as \u2028, \u2029 and \u0085 before the call.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet fastapi==0.136.3
"$dir/venv/bin/python" - <<'PY'
import json
from fastapi.sse import format_sse_event

for mark in ("\u2028", "\u2029", "\x85"):
    text = json.dumps({"q": f"a{mark}b"}, ensure_ascii=False)
    sent = format_sse_event(data_str=text)
    sent = sent if isinstance(sent, str) else sent.decode()
    lines = [line for line in sent.split("\n") if line.startswith("data:")]
    read = "\n".join(line.removeprefix("data:").removeprefix(" ") for line in lines)
    assert len(lines) == 2, lines
    try:
        json.loads(read)
    except json.JSONDecodeError as error:
        assert "Invalid control character" in str(error), error
        print(f"U+{ord(mark):04X}: {lines} -> {error.msg}")
    else:
        raise SystemExit("changed: what a client reads is JSON again")
PY
