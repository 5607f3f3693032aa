"""A bucket of S3, or of a server that speaks its protocol. Needs the extra `s3`."""

from __future__ import annotations

from collections.abc import Mapping
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


class S3Source:
    """Implements `ingest.syncing.protocols.Source`. A key is what follows the prefix; a fingerprint is ETag, size and
    time of modification. A listing is whole or fails."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        from botocore.exceptions import BotoCoreError, ClientError

        items: list[Item] = []
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                items.extend(self._item(told) for told in page.get("Contents", ()) if not told["Key"].endswith("/"))
        except (BotoCoreError, ClientError) as error:
            raise self._unavailable(error) from error
        items = [item for item in items if item.key]
        return self._tagged(items) if "tags" in wanted else Listing(tuple(items))

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        if "tags" not in wanted:
            return item
        tagged = self._with_tags(item)
        if isinstance(tagged, str):
            raise SourceDenied(tagged)
        return tagged

    def fetch(self, item: Item) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            etag = item.fingerprint.split(" ", 1)[0]
            answer = self._client.get_object(Bucket=self._bucket, Key=item.at, IfMatch=etag)
            return bytes(answer["Body"].read())
        except ClientError as error:
            code = _code(error)
            if code in _GONE | _CHANGED:
                raise NotListed(f"{item.key} changed while it was fetched. The next sync takes it.") from error
            if code in _DENIED:
                raise SourceDenied(f"{item.key} may not be read with this service's credentials.") from error
            raise UnreadableFile(f"{item.key} cannot be fetched: {code}.") from error
        except (BotoCoreError, OSError) as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        self._client.close()

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
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            told = self._client.get_object_tagging(Bucket=self._bucket, Key=item.at)["TagSet"]
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            if _code(error) in _DENIED:
                return f"The tags of {item.key} may not be read: the credentials need s3:GetObjectTagging."
            raise self._unavailable(error) from error
        except BotoCoreError as error:
            raise self._unavailable(error) from error
        tags = tuple(sorted((str(tag["Key"]), str(tag["Value"])) for tag in told))
        return Item(item.key, item.fingerprint, item.size, Facts(tags=tags), item.at)

    def _unavailable(self, error: Exception) -> SourceUnavailable:
        return SourceUnavailable(f"The bucket {self._bucket} cannot be reached: {error}")


def client(*, endpoint: str, region: str, access_key: str, secret: str) -> Any:
    """Without an access key the credentials are found as usual with AWS: environment, files, role. Raises
    `SourceUnavailable` where boto3 is not installed."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise SourceUnavailable("S3 needs the extra s3: pip install 'footnote[s3]'.") from error
    config = Config(
        connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries={"max_attempts": 2}, max_pool_connections=_AT_ONCE
    )
    given = {"aws_access_key_id": access_key, "aws_secret_access_key": secret} if access_key else {}
    where = {"endpoint_url": endpoint or None, "region_name": region or None}
    return boto3.session.Session().client("s3", config=config, **where, **given)


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _spelled(key: str) -> str:
    """A key as a name: no control characters, no half characters."""
    clean = key.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in clean)
