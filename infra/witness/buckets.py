"""A bucket with object lock as a witness: one object for each checkpoint, which nobody can delete for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.witness.checkpoints import Entry, parse
from infra.witness.errors import WitnessUnreachable

MODE = "COMPLIANCE"  # not even the account's owner shortens it


class BucketWitness:
    """`client`: of boto3. The bucket must have been made with object lock. Needs s3:PutObject, PutObjectRetention,
    GetObjectVersion and ListBucketVersions. `days`: for how long an object is held.

    An object is read as it was first written, whatever was written or marked as deleted over it.
    """

    def __init__(self, client: Any, bucket: str, prefix: str, days: int) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._days = days
        self.name = f"s3://{bucket}/{self._prefix}"
        self._seen = ""  # a key before which nothing has to be listed to find the newest

    def entries(self) -> Sequence[Entry]:
        """All of them, in order. Raises `WitnessUnreachable`."""
        return [entry for key, version in self._objects("").items() if (entry := self._get(key, version))]

    def newest(self) -> Entry | None:
        found = self._objects(self._seen)
        for key in reversed(found):
            if entry := self._get(key, found[key]):
                self._seen = f"{self._prefix}{entry.checkpoint.number - 1:012d}.json"
                return entry
        return None

    def keep(self, entries: Sequence[Entry]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        for entry in entries:
            key = f"{self._prefix}{entry.checkpoint.number:012d}.json"
            until = datetime.now(UTC) + timedelta(days=self._days)
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=entry.line(),
                    ContentType="application/json",
                    ChecksumAlgorithm="SHA256",
                    ObjectLockMode=MODE,
                    ObjectLockRetainUntilDate=until,
                )
            except (BotoCoreError, ClientError) as error:
                raise self._unreachable(error) from error

    def _objects(self, after: str) -> dict[str, str]:
        """Keys in their order, each with its first version."""
        from botocore.exceptions import BotoCoreError, ClientError

        wanted = {"Bucket": self._bucket, "Prefix": self._prefix} | ({"KeyMarker": after} if after else {})
        try:
            pages = self._client.get_paginator("list_object_versions").paginate(**wanted)
            # the versions of a key come newest first
            return {str(told["Key"]): str(told["VersionId"]) for page in pages for told in page.get("Versions", ())}
        except (BotoCoreError, ClientError) as error:
            raise self._unreachable(error) from error

    def _get(self, key: str, version: str) -> Entry | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, VersionId=version)
            return parse(bytes(answer["Body"].read()))
        except (BotoCoreError, ClientError, OSError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> WitnessUnreachable:
        return WitnessUnreachable(f"The witness {self.name} cannot be reached: {error}")
