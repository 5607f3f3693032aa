"""A bucket in step, against moto's server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infra.connectors.s3 import S3Source, client
from ingest.syncing.protocols import SourceUnavailable

moto = pytest.importorskip("moto.server")
pytest.importorskip("boto3")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(office: Any, endpoint: str) -> Any:
    """The office with a bucket that is filled as a folder is."""
    office.s3 = client(endpoint=endpoint, region="us-east-1", access_key="key", secret="secret")
    names = [one["Name"] for one in office.s3.list_buckets()["Buckets"]]
    office.bucket = f"papers-{len(names)}"
    office.s3.create_bucket(Bucket=office.bucket)
    office.source = S3Source(office.s3, office.bucket, "in/")
    return office.added(kind="s3")


def put(bucket: Any, key: str, text: str, **tags: str) -> None:
    tagging = "&".join(f"{name}={value}" for name, value in tags.items())
    bucket.s3.put_object(Bucket=bucket.bucket, Key=f"in/{key}", Body=text.encode(), Tagging=tagging)


def test_additions_changes_and_deletions(bucket: Any) -> None:
    bucket.s3.put_object(Bucket=bucket.bucket, Key="elsewhere/legal/x.txt", Body=b"not ours")
    bucket.s3.put_object(Bucket=bucket.bucket, Key="in/legal/", Body=b"")
    put(bucket, "legal/a.txt", "The rent is 500 euros.")
    put(bucket, "legal/b.txt", "The rent is 600 euros.")
    put(bucket, "loose.txt", "nobody")
    assert bucket.steps() == [("legal/a.txt", "added"), ("legal/b.txt", "added")]
    bucket.work.parsed = 0
    assert bucket.sync() == []
    assert bucket.work.parsed == 0
    put(bucket, "legal/a.txt", "The rent is 700 euros.")
    bucket.s3.delete_object(Bucket=bucket.bucket, Key="in/legal/b.txt")
    assert bucket.steps() == [("legal/a.txt", "changed"), ("legal/b.txt", "deleted")]
    assert bucket.version("legal/a.txt") == 2
    assert bucket.seen("ana", "legal") == ["legal/a.txt"]


def test_many_pages_are_one_listing_and_a_page_that_fails_is_none(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        put(bucket, f"legal/{number}.txt", f"number {number}")
    real, pages = bucket.s3.list_objects_v2, []

    def small(**asked: Any) -> Any:
        pages.append(asked.get("ContinuationToken"))
        return real(**{**asked, "MaxKeys": 2})

    made = type(bucket.s3.get_paginator("list_objects_v2"))
    paginator = bucket.s3.get_paginator("list_objects_v2")
    monkeypatch.setattr(
        bucket.s3, "get_paginator", lambda name: made(small, paginator._pagination_cfg, paginator._model)
    )
    assert len(bucket.sync()) == 5
    assert len(pages) == 3

    def failing(**asked: Any) -> Any:
        if asked.get("ContinuationToken"):
            bucket.s3.head_bucket(Bucket="not-there-at-all")
        return small(**asked)

    monkeypatch.setattr(
        bucket.s3, "get_paginator", lambda name: made(failing, paginator._pagination_cfg, paginator._model)
    )
    with pytest.raises(SourceUnavailable):
        bucket.source.listing({}, frozenset())
    assert bucket.sync() == []
    assert len(bucket.seen("ana", "legal")) == 5


def test_tags_say_who_may_read_and_are_looked_at_each_time(bucket: Any) -> None:
    bucket.rules('[[rule]]\ntags = { team = "legal" }\nallow = ["group:legal"]')
    put(bucket, "a.txt", "a", team="legal")
    put(bucket, "b.txt", "b", team="hr")
    assert bucket.steps() == [("a.txt", "added")]
    bucket.s3.put_object_tagging(
        Bucket=bucket.bucket, Key="in/a.txt", Tagging={"TagSet": [{"Key": "team", "Value": "hr"}]}
    )
    bucket.of().watch()
    assert bucket.seen("ana", "legal") == []


def test_tags_that_may_not_be_read_hide(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    bucket.rules('[[rule]]\ntags = { team = "legal" }\nallow = ["group:legal"]')
    put(bucket, "a.txt", "a", team="legal")
    bucket.sync()

    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObjectTagging")

    monkeypatch.setattr(bucket.s3, "get_object_tagging", refuse)
    assert bucket.steps() == [("a.txt", "hidden")]
    monkeypatch.undo()
    assert bucket.steps() == [("a.txt", "relabelled")]


def test_a_server_that_is_away_changes_nothing(bucket: Any) -> None:
    put(bucket, "legal/a.txt", "a")
    bucket.sync()
    away = client(endpoint="http://127.0.0.1:9", region="us-east-1", access_key="key", secret="secret")
    bucket.source = S3Source(away, bucket.bucket, "in/")
    assert bucket.sync() == []
    assert "cannot be reached" in bucket.state.get("share").problem
    assert bucket.seen("ana", "legal") == ["legal/a.txt"]


def test_an_object_that_changes_after_the_listing_waits_for_the_next_sync(bucket: Any) -> None:
    put(bucket, "legal/a.txt", "a")
    found = bucket.of().plan()
    put(bucket, "legal/a.txt", "another")
    with bucket.state.syncing("share"):
        assert [report.code for report in bucket.of().apply(found)] == ["changed_meanwhile"]
    assert bucket.seen("ana", "legal") == []
    assert bucket.steps() == [("legal/a.txt", "added")]


def test_odd_keys(bucket: Any) -> None:
    for key in ("legal/ä ö.txt", "legal/../up.txt", "legal//twice.txt", "legal/plus+&?.txt"):
        put(bucket, key, f"Odd {key!r}")
    assert {step for _, step in bucket.steps()} == {"added"}
    assert len(bucket.seen("ana", "legal")) == 4
    assert bucket.sync() == []
