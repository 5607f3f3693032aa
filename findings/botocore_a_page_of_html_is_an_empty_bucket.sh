#!/usr/bin/env bash
# botocore 1.44.8: whatever well-formed XML a server answers to ListObjectsV2 with status 200 is a listing. One that is
# none, such as the page of a proxy or a captive portal, is a bucket without objects and without an error: neither the
# root element nor Name, KeyCount or IsTruncated, which S3 always sends, are asked for. In the same way the paginator takes
# a page that says IsTruncated and gives no token as the last one and ends without a word.
#
# Seen: <html/> gives no Contents, no IsTruncated and no error; of a listing whose second page is <html/> the paginator
# gives the first page's object alone.
#
# It matters to whoever keeps something in step with a bucket and deletes what is not listed: look for Name and
# IsTruncated in every page yourself, and for IsTruncated false in the last.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "botocore==1.44.8"
"$dir/venv/bin/python" - <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.session
from botocore.config import Config

FIRST = (
    "<ListBucketResult><Name>b</Name><KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>{token}<Contents><Key>a</Key>"
    "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>x</ETag><Size>1</Size></Contents></ListBucketResult>"
)
answers: list[str] = []


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = answers.pop(0).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = botocore.session.Session().create_client(
    "s3",
    region_name="us-east-1",
    endpoint_url=f"http://127.0.0.1:{server.server_port}",
    aws_access_key_id="x",
    aws_secret_access_key="x",
    config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
)
answers[:] = ["<html/>"]
page = client.list_objects_v2(Bucket="b")
told = {name: page.get(name) for name in ("Name", "IsTruncated", "KeyCount", "Contents")}
print(f"<html/> as a listing: {told}")
assert set(told.values()) == {None}, "changed: what is no listing is refused or filled in"


def keys(*pages: str) -> list[str]:
    answers[:] = pages
    found = client.get_paginator("list_objects_v2").paginate(Bucket="b")
    return [one["Key"] for page in found for one in page.get("Contents", ())]


second = keys(FIRST.format(token="<NextContinuationToken>t</NextContinuationToken>"), "<html/>")
alone = keys(FIRST.format(token=""))
print(f"a second page that is <html/>: {second}; truncated without a token: {alone}")
assert second == alone == ["a"], "changed: an incomplete listing is an error"
PY
