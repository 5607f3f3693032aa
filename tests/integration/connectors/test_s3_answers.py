"""Answers that are 200 and no listing, from a server of the two calls that are used, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("boto3")

from infra.connectors.s3 import S3Source, client
from ingest.syncing.protocols import SourceUnavailable

KEYS = ["legal/a.txt", "legal/b.txt", "legal/c.txt"]


class Server(ThreadingHTTPServer):
    """Lists two keys a page. `spoil`: what it makes of a page by its number."""

    daemon_threads = True
    spoil: Any = None

    def page(self, number: int) -> str:
        keys = KEYS[:2] if number == 1 else KEYS[2:]
        told = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{key}1&quot;</ETag><Size>9</Size></Contents>"
            for key in keys
        )
        more = "true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
        return (
            f"<?xml version='1.0'?><ListBucketResult><Name>papers</Name><KeyCount>{len(keys)}</KeyCount><IsTruncated>"
            f"{more if number == 1 else 'false</IsTruncated>'}{told}</ListBucketResult>"
        )


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        query = parse_qs(asked.query)
        key = asked.path.removeprefix("/papers/")
        if "list-type" in query:
            number = 2 if "continuation-token" in query else 1
            text = self.server.page(number)
            self.say((self.server.spoil(number, text) if self.server.spoil else text).encode(), "application/xml")
        else:
            self.say(f"In {key[-5:]}".encode(), "text/plain", ETag=f'"{key}1"')

    def say(self, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def bucket(office: Any) -> Iterator[Any]:
    with Server(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        made = client(endpoint=endpoint, region="us-east-1", access_key="key", secret="secret")
        office.server, office.source = server, S3Source(made, "papers")
        office.added(kind="s3")
        assert [step for _, step in office.steps()] == ["added"] * 3
        yield office
        office.source.close()
        server.shutdown()


def _second(made: str) -> Any:
    return lambda number, text: made if number == 2 else text


@pytest.mark.parametrize(
    "spoil",
    [
        _second("<html/>"),
        _second("<?xml version='1.0'?><ListBucketResult/>"),
        _second("<?xml version='1.0'?><ListBucketResult><Contents>"),
        _second("<html><body>Down for maintenance<br></body></html>"),
        _second(""),
        lambda number, text: text.replace("<NextContinuationToken>t</NextContinuationToken>", ""),
        lambda number, text: text.replace("<IsTruncated>false</IsTruncated>", ""),
        lambda number, text: text.replace("<IsTruncated>false", "<IsTruncated>true"),
        lambda number, text: text.replace("<KeyCount>1", "<KeyCount>2"),
        lambda number, text: text.replace("<LastModified>2026-01-01T00:00:00.000Z</LastModified>", ""),
        lambda number, text: text.replace("2026-01-01T00:00:00.000Z", "yesterday"),
        lambda number, text: text.replace("<Size>9</Size>", "<Size>nine</Size>"),
        lambda number, text: text.replace("<Key>legal/c.txt</Key>", ""),
        lambda number, text: text.replace("<ETag>", "<Tag>").replace("</ETag>", "</Tag>"),
    ],
)
def test_what_is_no_whole_listing_deletes_nothing_and_is_told(bucket: Any, spoil: Any) -> None:
    bucket.server.spoil = spoil
    with pytest.raises(SourceUnavailable):
        bucket.source.listing({}, frozenset())
    assert bucket.sync() == []
    assert "papers" in bucket.state.get("share").problem
    assert bucket.seen("ana", "legal") == KEYS
    bucket.server.spoil = None
    assert bucket.sync() == []
    assert bucket.state.get("share").problem == ""


def test_what_lies_elsewhere_is_no_listing_of_the_prefix(bucket: Any) -> None:
    with pytest.raises(SourceUnavailable, match="not asked for"):
        S3Source(bucket.source._client, "papers", "hr/").listing({}, frozenset())


def test_tags_that_are_not_told_are_no_tags(bucket: Any) -> None:
    bucket.rules('[[rule]]\ntags = { team = "legal" }\nallow = ["group:legal"]')
    with pytest.raises(SourceUnavailable):
        bucket.source.listing({}, frozenset({"tags"}))
