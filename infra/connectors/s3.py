"""A bucket of S3, or of a server that speaks its protocol. Needs the extra `s3`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ingest.errors import UnreadableFile
from ingest.syncing.protocols import NotListed, SourceDenied, SourceUnavailable
from ingest.syncing.types import Facts, Item, Listing

_AT_ONCE = 16  # requests for tags, which S3 gives object by object
_TIMEOUT_S = 10
_DENIED = {"AccessDenied", "403", "Forbidden"}
_GONE = {"NoSuchKey", "404", "NotFound"}
_CHANGED = {"PreconditionFailed", "412"}
_MALFORMED = (LookupError, TypeError, ValueError, AttributeError)  # an answer without what has to be in it
_SERVER = "See whether the endpoint is an S3 server, or a page that stands before it."


class S3Source:
    """Implements `ingest.syncing.protocols.Source`. A key is what follows the prefix; a fingerprint is ETag, size and
    time of modification. A listing is whole or fails."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        try:
            items = [item for item in self._items() if item.key]
        except SourceUnavailable:
            raise
        except _unanswered() as error:
            raise self._unavailable(error) from error
        return self._tagged(items) if "tags" in wanted else Listing(tuple(items))

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        if "tags" not in wanted:
            return item
        tagged = self._with_tags(item)
        if isinstance(tagged, str):
            raise SourceDenied(tagged)
        return tagged

    def fetch(self, item: Item) -> bytes:
        from botocore.exceptions import ClientError

        try:
            etag = item.fingerprint.split(" ", 1)[0]
            answer = self._client.get_object(Bucket=self._bucket, Key=item.at, IfMatch=etag)
            if answer["ETag"] != etag:
                raise NotListed(f"{item.key} changed while it was fetched. The next sync takes it.")
            return bytes(answer["Body"].read())
        except ClientError as error:
            code = _code(error)
            if code in _GONE | _CHANGED:
                raise NotListed(f"{item.key} changed while it was fetched. The next sync takes it.") from error
            if code in _DENIED:
                raise SourceDenied(f"{item.key} may not be read with this service's credentials.") from error
            raise UnreadableFile(f"{item.key} cannot be fetched: {code}.") from error
        except _unanswered() as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        self._client.close()

    def _items(self) -> Iterator[Item]:
        """Of all pages; raises `SourceUnavailable` for what is no page of a listing, or not its end."""
        last = True
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix):
            told, last = page.get("Contents", []), page.get("IsTruncated")
            count = len(told) + len(page.get("CommonPrefixes", []))
            if not page.get("Name") or not isinstance(last, bool) or page.get("KeyCount", count) != count:
                raise SourceUnavailable(f"The bucket {self._bucket} gives no listing, though it says so. {_SERVER}")
            for one in told:
                if not one["Key"].startswith(self._prefix):
                    raise SourceUnavailable(f"The bucket {self._bucket} lists what was not asked for. {_SERVER}")
                if not one["Key"].endswith("/"):
                    yield self._item(one)
        if last:
            raise SourceUnavailable(f"The bucket {self._bucket} gives a listing without its end. {_SERVER}")

    def _item(self, told: Mapping[str, Any]) -> Item:
        changed = told["LastModified"].timestamp()
        fingerprint = f"{told['ETag']} {told['Size']} {changed:.0f}"
        key = str(told["Key"])
        return Item(_spelled(key.removeprefix(self._prefix)), fingerprint, int(told["Size"]), at=key)

    def _tagged(self, items: list[Item]) -> Listing:
        """Items whose tags are not told have no label: they are denied."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tags") as pool:
            found = list(pool.map(self._with_tags, items))
        refused = [(item.key, why) for item, why in zip(items, found, strict=True) if isinstance(why, str)]
        return Listing(
            tuple(one for one in found if isinstance(one, Item)),
            denied=tuple(key for key, _ in refused),
            problems=tuple(why for _, why in refused),
        )

    def _with_tags(self, item: Item) -> Item | str | None:
        """Why its tags are not told; None if it is gone. Raises `SourceUnavailable`."""
        from botocore.exceptions import ClientError

        try:
            told = self._client.get_object_tagging(Bucket=self._bucket, Key=item.at)["TagSet"]
            tags = tuple(sorted((str(tag["Key"]), str(tag["Value"])) for tag in told))
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            if _code(error) in _DENIED:
                return f"The tags of {item.key} may not be read: the credentials need s3:GetObjectTagging."
            raise self._unavailable(error) from error
        except _unanswered() as error:
            raise self._unavailable(error) from error
        return Item(item.key, item.fingerprint, item.size, Facts(tags=tags), item.at)

    def _unavailable(self, error: Exception) -> SourceUnavailable:
        if isinstance(error, _MALFORMED):
            return SourceUnavailable(f"The bucket {self._bucket} does not answer as S3 does: {error!r}. {_SERVER}")
        return SourceUnavailable(f"The bucket {self._bucket} cannot be reached: {error}")


def client(*, endpoint: str, region: str, access_key: str, secret: str) -> Any:
    """Without an access key the credentials are found as usual with AWS: environment, files, role. Raises
    `SourceUnavailable` where boto3 is not installed."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise SourceUnavailable(
            "S3 needs the extra s3. Install it in Footnote's folder: pip install -c constraints.txt -e '.[s3]'"
        ) from error
    config = Config(
        connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries={"max_attempts": 2}, max_pool_connections=_AT_ONCE
    )
    given = {"aws_access_key_id": access_key, "aws_secret_access_key": secret} if access_key else {}
    where = {"endpoint_url": endpoint or None, "region_name": region or None}
    return boto3.session.Session().client("s3", config=config, **where, **given)


def _unanswered() -> tuple[type[Exception], ...]:
    """All that comes of a server which is away, refuses, or does not answer as S3 does."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    return BotoCoreError, ClientError, ResponseParserError, OSError, *_MALFORMED


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _spelled(key: str) -> str:
    """A key as a name: no control characters, no half characters."""
    clean = key.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in clean)
