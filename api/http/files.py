"""Files that come in a form: their names made plain, and read when it is their turn."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.http.auth import Identity
from api.http.job_desk import Jobs
from api.http.stopping import Stopping
from ingest.errors import FootnoteError, ServiceStopping
from ingest.jobs import JobRequest
from ingest.languages import language_code
from ingest.protocols import Outcome
from retrieval.errors import InvalidPrincipal
from retrieval.types import principal_token

_LONGEST = 180  # of a name's steps
_MOST_BYTES = 1000  # of all of them; what is inside the file has names below it
_LOOK_S = 0.05


class FileCancelled(FootnoteError):
    """The job was cancelled before its file was done."""

    code = "file_cancelled"


class InvalidName(FootnoteError):
    """No file can be known by it."""

    code = "invalid_name"


@dataclass(frozen=True, slots=True)
class SentFile:
    """Read from where the form keeps it, as often as needed."""

    name: str
    source: str
    sent: UploadFile

    def read(self) -> bytes:
        self.sent.file.seek(0)
        return self.sent.file.read()


def sent_file(sent: UploadFile, user: str, name: str = "") -> SentFile:
    """As a document of this user's own, under this name, else the file's; each with its folders, so that files of one
    name in two of them are two documents. Raises `InvalidName`."""
    known = plain_path(name or sent.filename or "upload")
    last = known.rsplit("/", 1)[-1]
    if len(known.encode()) > _MOST_BYTES:
        raise InvalidName(f"The path of {last} is over {_MOST_BYTES:,} bytes. Shorten the names of its folders.")
    return SentFile(last, f"upload/{user}/{known}", sent)


def request_of(
    caller: Identity,
    *,
    allow: list[str],
    manage: list[str],
    date: str | None,
    chunking: str | None,
    language: str,
) -> JobRequest:
    """Raises `InvalidPrincipal` unless the caller is among those who may read, or in their groups, and
    `UnknownLanguage`."""
    spoken = language_code(language) if language else ""
    label = frozenset(principal_token(token) for token in allow)
    managers = frozenset(principal_token(token) for token in manage) or None
    foreign = sorted((label | (managers or frozenset())) - caller.principal.tokens)
    if foreign:
        raise InvalidPrincipal(f"You are not in {', '.join(foreign)}: choose among your own groups.")
    if not label:
        raise InvalidPrincipal("Say who may read the document: allow=group:NAME.")
    return JobRequest(label, managers, date, chunking or "", spoken)


async def outcome_of(
    jobs: Jobs, job_id: str, user: str, stopping: Stopping, *, within_s: float
) -> Mapping[str, Any] | None:
    """What became of the only file of a job; None if that is not known in time. Raises what it failed of, and
    `ServiceStopping`."""
    over = asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < over:
        if (await run_in_threadpool(jobs.find, job_id, user)).finished_at is not None:
            (file,) = await run_in_threadpool(jobs.files, job_id)
            if file.report is None:
                raise FileCancelled("The upload was cancelled.")
            if file.report["outcome"] == Outcome.FAILED:
                raise failure(file.report["code"], file.report["reason"])
            return file.report
        if stopping.begun:
            raise ServiceStopping(
                f"The service is stopping. The upload is kept and goes on when it is back, as /v1/jobs/{job_id}."
            )
        await asyncio.sleep(_LOOK_S)
    return None


def failure(code: str, reason: str) -> Exception:
    """The error of which a file failed in another process."""
    kinds = {kind.code: kind for kind in _below(FootnoteError)}
    return kinds[code](reason) if code in kinds else RuntimeError(reason)


def _below(kind: type[FootnoteError]) -> Iterator[type[FootnoteError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)


def plain_path(name: str) -> str:
    """A file name without anything that a terminal or a path could take for more, however its letters were put together
    (NFC); its folders stay."""
    spelled = unicodedata.normalize("NFC", name).replace("\\", "/")
    steps = (re.sub(r"[^\w.()&,+ -]", "_", step)[-_LONGEST:] for step in spelled.split("/"))
    return "/".join(step for step in steps if step.strip(". ")) or "upload"
