#!/usr/bin/env bash
# starlette 1.10.0 with python-multipart 0.0.34: a multipart form that ends in the middle of a part, without its closing
# boundary, is parsed without an error, and the part that was cut is left out, whether it is a field or a file. The parts
# before it are there, so a handler that takes what it finds takes a form that its sender did not send. The parser below
# does know: its callback on_end is called only at the closing boundary, and starlette does not look.
#
# Seen: fields and files of the whole form: note, a.txt, b.txt; cut in b.txt: note, a.txt; no error in either case.
#
# It matters for uploads of many files: a connection that is cut where the length was not told, or a client that
# miscounts, loses the last file in silence. Ask the parser, or refuse bodies whose last bytes are no closing boundary.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "starlette==1.10.0" "python-multipart==0.0.34"
"$dir/venv/bin/python" - <<'PY'
import asyncio
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

PARTS = (('name="note"', "hello"), ('name="files"; filename="a.txt"', "first"), ('name="files"; filename="b.txt"', "second"))
WHOLE = "".join(f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n" for head, body in PARTS) + "--x--\r\n"


async def parsed(body: str) -> list[str]:
    async def stream() -> AsyncIterator[bytes]:
        yield body.encode()

    form = await MultiPartParser(Headers({"content-type": "multipart/form-data; boundary=x"}), stream()).parse()
    return [name if isinstance(value, str) else str(value.filename) for name, value in form.multi_items()]


whole, cut = asyncio.run(parsed(WHOLE)), asyncio.run(parsed(WHOLE[: WHOLE.index("second") + 3]))
print(f"whole: {whole}; cut in b.txt: {cut}")
assert whole == ["note", "a.txt", "b.txt"]
assert cut == ["note", "a.txt"], "changed: a form that is cut is refused, or its last part is kept"
PY
