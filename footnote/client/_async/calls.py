# Written by `python -m api.client_writer`: change the API, or the writer.
"""Every call that the service describes, by its tag."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Literal
from uuid import uuid4

from footnote.client import models
from footnote.client._async.transport import Transport
from footnote.client.events import ANSWER_EVENTS, AnswerEvent
from footnote.client.files import File, Upload
from footnote.client.wire import Call, given, many, parsed, step


class AskCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def ask(
        self,
        question: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
    ) -> models.Answer:
        """Answers a question: every sentence of it is cited and has passed the gate. `why` in the answer tells what it
        lacks; where nothing passes, `abstention` tells what was searched and which passages came nearest.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest.
        """
        call = Call(
            "POST",
            "/v1/query",
            json=given(
                {"question": question},
                {
                    "documents": (many(documents), None),
                    "kinds": (many(kinds), None),
                    "groups": (many(groups), None),
                    "dates": (dates, None),
                    "as_of": (as_of, None),
                },
            ),
        )
        return await self._transport.answer(call, (200, models.Answer))

    async def stream(
        self,
        question: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
    ) -> AsyncIterator[AnswerEvent]:
        """The same as it comes, sentence by sentence.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest.
        """
        call = Call(
            "POST",
            "/v1/query",
            json=given(
                {"question": question, "stream": True},
                {
                    "documents": (many(documents), None),
                    "kinds": (many(kinds), None),
                    "groups": (many(groups), None),
                    "dates": (dates, None),
                    "as_of": (as_of, None),
                },
            ),
        )
        async for event in self._transport.events(call):
            if event.kind in ANSWER_EVENTS:
                yield parsed(ANSWER_EVENTS[event.kind], event.data)

    async def search(
        self,
        query: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        top_k: int = 10,
        as_of: dt.date | None = None,
        fusion: Literal["min_max", "rrf", "dense", "sparse"] | None = None,
        rerank: bool | None = None,
        hyde: Literal["off", "unsure", "always"] | None = None,
        understand: bool | None = None,
        collapse: bool | None = None,
    ) -> models.SearchResponse:
        """The best chunks for a query among those that the caller may read.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest. `fusion`: How both legs are fused, or
        one alone. `rerank`: Let the cross-encoder reorder the head. `hyde`: Search again with an imagined passage.
        `understand`: Use dates, clauses, phrases and document names in the query; split it. `collapse`: Show
        near-duplicates once.
        """
        call = Call(
            "POST",
            "/v1/search",
            json=given(
                {"query": query},
                {
                    "documents": (many(documents), None),
                    "kinds": (many(kinds), None),
                    "groups": (many(groups), None),
                    "dates": (dates, None),
                    "top_k": (top_k, 10),
                    "as_of": (as_of, None),
                    "fusion": (fusion, None),
                    "rerank": (rerank, None),
                    "hyde": (hyde, None),
                    "understand": (understand, None),
                    "collapse": (collapse, None),
                },
            ),
        )
        return await self._transport.answer(call, (200, models.SearchResponse))


class AnswersCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def bundle(self, audit_id: str) -> File:
        """The answer with this `audit_id` as one signed file: its quotes, the texts and pages that they stand in, and
        the proof that the audit trail holds it. docs/audit-proofs.md tells how it is checked offline.

        For who asked, and for a credential with the scope `audit`; each only while they may read every version that
        the answer quotes or names.
        """
        call = Call("GET", f"/v1/answers/{step(audit_id)}/bundle")
        return await self._transport.file(call)


class AuditCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self,
        *,
        limit: int = 50,
        after: str = "",
        action: str = "",
        user: str = "",
        document: str | None = None,
        refused: str = "",
        from_: dt.datetime | None = None,
        to: dt.datetime | None = None,
        text: str = "",
    ) -> models.EntryList:
        """What was done, newest first: answers, changes, searches, reads, sign-ins and refusals.

        `limit`: How many at most. `after`: The `next` of the page before. `action`: As in an entry. `user`: A
        user's name, as user:NAME or NAME; or operator. `document`: Entries that name this document. `refused`:
        Refusals with this code alone: not_authenticated, not_allowed, not_found, sign_in_failed . `from_`: At this
        instant or later. `to`: Before this instant. `text`: Occurs in what the trail says of it.
        """
        call = Call(
            "GET",
            "/v1/audit",
            query=given(
                {},
                {
                    "limit": (limit, 50),
                    "after": (after, ""),
                    "action": (action, ""),
                    "user": (user, ""),
                    "document": (document, None),
                    "refused": (refused, ""),
                    "from": (from_, None),
                    "to": (to, None),
                    "text": (text, ""),
                },
            ),
        )
        return await self._transport.answer(call, (200, models.EntryList))

    async def all(
        self,
        *,
        limit: int = 50,
        action: str = "",
        user: str = "",
        document: str | None = None,
        refused: str = "",
        from_: dt.datetime | None = None,
        to: dt.datetime | None = None,
        text: str = "",
    ) -> AsyncIterator[models.EntryOut]:
        """Each of the entries, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = await self.list(
                limit=limit,
                action=action,
                user=user,
                document=document,
                refused=refused,
                from_=from_,
                to=to,
                text=text,
                after=after,
            )
            for one in page.entries:
                yield one
            if page.next is None:
                return
            after = page.next

    async def export(
        self,
        *,
        action: str = "",
        user: str = "",
        document: str | None = None,
        refused: str = "",
        from_: dt.datetime | None = None,
        to: dt.datetime | None = None,
        text: str = "",
    ) -> File:
        """The records that hold what is wanted, with what proves their place in the chain, signed (docs/audit.md). A
        record is exported whole. Ready once all of it was checked.

        `action`: As in an entry. `user`: A user's name, as user:NAME or NAME; or operator. `document`: Entries that
        name this document. `refused`: Refusals with this code alone: not_authenticated, not_allowed, not_found,
        sign_in_failed . `from_`: At this instant or later. `to`: Before this instant. `text`: Occurs in what the
        trail says of it.
        """
        call = Call(
            "GET",
            "/v1/audit/export",
            query=given(
                {},
                {
                    "action": (action, ""),
                    "user": (user, ""),
                    "document": (document, None),
                    "refused": (refused, ""),
                    "from": (from_, None),
                    "to": (to, None),
                    "text": (text, ""),
                },
            ),
        )
        return await self._transport.file(call)

    async def get(self, entry_id: str) -> models.EntryFound:
        """All that the trail says of an entry."""
        call = Call("GET", f"/v1/audit/{step(entry_id)}")
        return await self._transport.answer(call, (200, models.EntryFound))


class DocumentsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self,
        *,
        limit: int = 1000,
        after: str = "",
        sort: Literal["source", "title", "added_at", "updated_at", "date", "bytes"] = "source",
        order: Literal["asc", "desc"] = "asc",
        q: str = "",
        kind: str | Sequence[str] = (),
        group: str | Sequence[str] = (),
        deleted: bool = False,
    ) -> models.DocumentList:
        """The documents that the caller may read, page by page; `total` counts all pages.

        `limit`: How many at most. `after`: The `next` of the page before. `sort`: By what they are in order. `q`:
        Words that each stand in title, source or a name. `kind`: Only of one of these kinds, as in a search.
        `group`: Only what one of these own groups may read. `deleted`: Instead, all deleted ones that the caller
        may restore.
        """
        call = Call(
            "GET",
            "/v1/documents",
            query=given(
                {},
                {
                    "limit": (limit, 1000),
                    "after": (after, ""),
                    "sort": (sort, "source"),
                    "order": (order, "asc"),
                    "q": (q, ""),
                    "kind": (many(kind), []),
                    "group": (many(group), []),
                    "deleted": (deleted, False),
                },
            ),
        )
        return await self._transport.answer(call, (200, models.DocumentList))

    async def all(
        self,
        *,
        limit: int = 1000,
        sort: Literal["source", "title", "added_at", "updated_at", "date", "bytes"] = "source",
        order: Literal["asc", "desc"] = "asc",
        q: str = "",
        kind: str | Sequence[str] = (),
        group: str | Sequence[str] = (),
        deleted: bool = False,
    ) -> AsyncIterator[models.DocumentOut]:
        """Each of the documents, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = await self.list(
                limit=limit, sort=sort, order=order, q=q, kind=kind, group=group, deleted=deleted, after=after
            )
            for one in page.documents:
                yield one
            if page.next is None:
                return
            after = page.next

    async def upload(
        self,
        file: Upload,
        allow: str | Sequence[str],
        *,
        date: dt.date | None = None,
        manage: str | Sequence[str] = (),
        chunking: Literal[
            "structure",
            "recursive",
            "semantic",
            "small-to-big",
            "code",
            "structure+summary",
            "recursive+summary",
            "semantic+summary",
            "small-to-big+summary",
            "code+summary",
        ]
        | None = None,
        language: str = "",
    ) -> models.UploadOut | models.JobAccepted:
        """Adds a file, or a new version of the file that the caller uploaded under this name before.

        `allow` names who may read it, as `group:NAME` or `user:NAME`; only groups of the caller's own, or the
        caller. `date` is the day from which it holds; without one it holds from today, a first version since ever.
        `manage` names who, besides the caller, may delete and restore it, in the same way; without it that stays as
        it is. `chunking` says how the text is cut for search (docs/chunking.md); without it that stays as it is,
        or, for a new document, is what is usual here. `language` is that of the words (BCP 47: de, fr, pt-BR),
        where it is not as it looks. The file is a job of its own, which is waited for; after a minute the answer is
        202 with the job, which goes on.
        """
        call = Call(
            "POST",
            "/v1/documents",
            form=given(
                {"allow": many(allow)},
                {
                    "date": (date, None),
                    "manage": (many(manage), []),
                    "chunking": (chunking, None),
                    "language": (language, ""),
                },
            ),
            files={"file": file},
        )
        return await self._transport.either(call, (201, models.UploadOut), (202, models.JobAccepted))

    async def delete(self, document_id: str) -> None:
        """Removes the document with all its versions; it is gone from the next query on, and can be restored for a
        while.

        Its owner may, who was named to manage it, and a credential with the scope `admin`.
        """
        call = Call("DELETE", f"/v1/documents/{step(document_id)}")
        await self._transport.done(call, (204,))

    async def document(self, document_id: str) -> models.DocumentOut:
        """One document, as it stands in the list."""
        call = Call("GET", f"/v1/documents/{step(document_id)}")
        return await self._transport.answer(call, (200, models.DocumentOut))

    async def remove_fact(self, document_id: str, kind: models.FactKind | str, *, value: str = "") -> models.FactsOut:
        """Says that this is no fact of the document. What is found in later versions does not bring it back.

        `value`: which party; else not needed.
        """
        call = Call(
            "DELETE", f"/v1/documents/{step(document_id)}/facts", query=given({"kind": kind}, {"value": (value, "")})
        )
        return await self._transport.answer(call, (200, models.FactsOut))

    async def facts(self, document_id: str, *, version: int | None = None) -> models.FactsOut:
        """Parties, dates, kind, governing law and language: what was found, with the words that say so, and what
        people set instead.

        `version`: a version number; the current one if absent.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/facts", query=given({}, {"version": (version, None)}))
        return await self._transport.answer(call, (200, models.FactsOut))

    async def set_fact(
        self,
        document_id: str,
        kind: models.FactKind | str,
        value: str,
        *,
        role: str = "",
        term: str = "",
        quote: str = "",
        replaces: str = "",
    ) -> models.FactsOut:
        """Sets a fact. It holds for all versions, also those to come, and search finds the document by it from now on.

        The document's owner may, who was named to manage it, and a credential with the scope `admin`.
        """
        call = Call(
            "PUT",
            f"/v1/documents/{step(document_id)}/facts",
            json=given(
                {"kind": kind, "value": value},
                {"role": (role, ""), "term": (term, ""), "quote": (quote, ""), "replaces": (replaces, "")},
            ),
        )
        return await self._transport.answer(call, (200, models.FactsOut))

    async def link(
        self,
        document_id: str,
        page: int,
        *,
        version: int | None = None,
        quote: str = "",
        start: int | None = None,
        end: int | None = None,
        width: int = 1000,
    ) -> models.LinkOut:
        """A short-lived address of a page image, for an `<img>`, which sends no credential."""
        call = Call(
            "POST",
            f"/v1/documents/{step(document_id)}/links",
            json=given(
                {"page": page},
                {
                    "version": (version, None),
                    "quote": (quote, ""),
                    "start": (start, None),
                    "end": (end, None),
                    "width": (width, 1000),
                },
            ),
        )
        return await self._transport.answer(call, (200, models.LinkOut))

    async def original(self, document_id: str, *, version: int | None = None) -> File:
        """The file as it was ingested. Nothing but PDF is shown by the browser itself.

        `version`: a version number; the current one if absent.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/original", query=given({}, {"version": (version, None)}))
        return await self._transport.file(call)

    async def page_image(
        self,
        document_id: str,
        page: int,
        *,
        version: int | None = None,
        quote: str = "",
        start: int | None = None,
        end: int | None = None,
        width: int = 1000,
    ) -> File:
        """A page of a PDF or a scanned picture, with the lines of a quote marked.

        `version`: the current one if absent. `quote`: Words of the page to mark. `start`: Or from which character
        of the text. `end`: up to which. `width`: In pixels.
        """
        call = Call(
            "GET",
            f"/v1/documents/{step(document_id)}/pages/{step(page)}.png",
            query=given(
                {},
                {
                    "version": (version, None),
                    "quote": (quote, ""),
                    "start": (start, None),
                    "end": (end, None),
                    "width": (width, 1000),
                },
            ),
        )
        return await self._transport.file(call)

    async def restore(self, document_id: str) -> None:
        """Brings a deleted document back as it was, within the recycle period."""
        call = Call("POST", f"/v1/documents/{step(document_id)}/restore")
        await self._transport.done(call, (204,))

    async def text(self, document_id: str, *, version: int | None = None) -> models.TextOut:
        """The canonical text into which citations point.

        `version`: a version number; the current one if absent.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/text", query=given({}, {"version": (version, None)}))
        return await self._transport.answer(call, (200, models.TextOut))

    async def versions(self, document_id: str) -> models.VersionList:
        """All versions of a document that the caller may read, newest first."""
        call = Call("GET", f"/v1/documents/{step(document_id)}/versions")
        return await self._transport.answer(call, (200, models.VersionList))

    async def signed_image(self, token: str) -> File:
        """The page of a signed address, if who signed it may still read the document."""
        call = Call("GET", f"/v1/pages/{step(token)}.png")
        return await self._transport.file(call)


class HealthCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def live(self) -> models.Health:
        """Healthz"""
        call = Call("GET", "/healthz")
        return await self._transport.answer(call, (200, models.Health))

    async def metrics(self) -> File:
        """Counters and histograms of this process, for a scraper whose key carries the scope `admin`. Labels hold no
        names of people, paths or documents.
        """
        call = Call("GET", "/metrics")
        return await self._transport.file(call)

    async def ready(self) -> models.Health:
        """200 if the database and the generator answer, else 503 and which of them does not."""
        call = Call("GET", "/readyz")
        return await self._transport.answer(call, (200, models.Health))


class JobsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self, *, before: int | None = None, limit: int = 50) -> models.JobList:
        """The caller's jobs, newest first.

        `before`: `next` of the page before.
        """
        call = Call("GET", "/v1/jobs", query=given({}, {"before": (before, None), "limit": (limit, 50)}))
        return await self._transport.answer(call, (200, models.JobList))

    async def all(self, *, limit: int = 50) -> AsyncIterator[models.JobOut]:
        """Each of the jobs, page after page; `limit`: of a page."""
        before: int | None = None
        while True:
            page = await self.list(limit=limit, before=before)
            for one in page.jobs:
                yield one
            if page.next is None:
                return
            before = page.next

    async def submit(
        self,
        files: Upload | Iterable[Upload],
        allow: str | Sequence[str],
        *,
        manage: str | Sequence[str] = (),
        date: dt.date | None = None,
        chunking: Literal[
            "structure",
            "recursive",
            "semantic",
            "small-to-big",
            "code",
            "structure+summary",
            "recursive+summary",
            "semantic+summary",
            "small-to-big+summary",
            "code+summary",
        ]
        | None = None,
        language: str = "",
        urgency: Literal["high", "normal", "low"] = "normal",
        idempotency_key: str | None = None,
    ) -> models.JobAccepted:
        """Hands in files and folders; they are done later, whatever is restarted meanwhile. A file that the caller
        handed in under this name before gets a new version, and a name may have folders in it.

        `files`: paths, or names with their bytes. `allow`: who may read them, as `group:NAME` or `user:NAME`.
        `idempotency_key`: handed in twice under one key it is one job; without one each call has its own, and is
        sent again safely.
        """
        call = Call(
            "POST",
            "/v1/jobs",
            form=given(
                {"allow": many(allow)},
                {
                    "manage": (many(manage), []),
                    "date": (date, None),
                    "chunking": (chunking, None),
                    "language": (language, ""),
                    "urgency": (urgency, "normal"),
                },
            ),
            files={"files": files},
            key=idempotency_key or uuid4().hex,
        )
        return await self._transport.answer(call, (202, models.JobAccepted))

    async def submit_folder(
        self,
        folder: str,
        allow: str | Sequence[str],
        *,
        manage: str | Sequence[str] = (),
        date: dt.date | None = None,
        chunking: Literal[
            "structure",
            "recursive",
            "semantic",
            "small-to-big",
            "code",
            "structure+summary",
            "recursive+summary",
            "semantic+summary",
            "small-to-big+summary",
            "code+summary",
        ]
        | None = None,
        language: str = "",
        urgency: Literal["high", "normal", "low"] = "normal",
    ) -> models.JobAccepted:
        """Names a folder of the service's machine that may be ingested; takes the scope `admin`."""
        call = Call(
            "POST",
            "/v1/jobs",
            json=given(
                {"folder": folder, "allow": many(allow)},
                {
                    "manage": (many(manage), []),
                    "date": (date, None),
                    "chunking": (chunking, None),
                    "language": (language, ""),
                    "urgency": (urgency, "normal"),
                },
            ),
        )
        return await self._transport.answer(call, (202, models.JobAccepted))

    async def submit_connector(
        self, connector: str, *, urgency: Literal["high", "normal", "low"] = "normal"
    ) -> models.JobAccepted:
        """Names a connector that is brought in step now; takes the scope `admin`."""
        call = Call("POST", "/v1/jobs", json=given({"connector": connector}, {"urgency": (urgency, "normal")}))
        return await self._transport.answer(call, (202, models.JobAccepted))

    async def get(
        self, job_id: str, *, after: int = 0, limit: int = 1000, status: models.FileState | str | None = None
    ) -> models.JobDetail:
        """How a job stands, and what became of each of its files.

        `after`: `next` of the page before. `status`: Only files of this status.
        """
        call = Call(
            "GET",
            f"/v1/jobs/{step(job_id)}",
            query=given({}, {"after": (after, 0), "limit": (limit, 1000), "status": (status, None)}),
        )
        return await self._transport.answer(call, (200, models.JobDetail))

    async def files(
        self, job_id: str, *, limit: int = 1000, status: models.FileState | str | None = None
    ) -> AsyncIterator[models.JobFileOut]:
        """Each of the files, page after page; `limit`: of a page."""
        after: int = 0
        while True:
            page = await self.get(job_id, limit=limit, status=status, after=after)
            for one in page.files:
                yield one
            if page.next is None:
                return
            after = page.next

    async def cancel(self, job_id: str) -> models.JobAccepted:
        """Files that wait are not done any more; those under way are finished. What is stored stays."""
        call = Call("POST", f"/v1/jobs/{step(job_id)}/cancel")
        return await self._transport.answer(call, (202, models.JobAccepted))

    async def retry(self, job_id: str) -> models.RetryOut:
        """Files that failed or were cancelled are done again."""
        call = Call("POST", f"/v1/jobs/{step(job_id)}/retry")
        return await self._transport.answer(call, (202, models.RetryOut))


class KeysCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self) -> models.KeyList:
        """Every key, revoked and expired ones too, oldest first."""
        call = Call("GET", "/v1/keys")
        return await self._transport.answer(call, (200, models.KeyList))

    async def make(
        self,
        *,
        user: str | None = None,
        groups: str | Sequence[str] | None = (),
        scopes: str | Sequence[Literal["read", "write", "admin", "audit", "scim"]] = ("read",),
        label: str = "",
        expires_at: dt.datetime | None = None,
    ) -> models.KeyMade:
        """A key for oneself, with groups and scopes of one's own; it ends with the key that it is made with, and after
        a year or what is set in its place. A scope that one has by a group is the key's as long as one is synced in
        the group. Keys for others are made on the command line.

        `user`: oneself, whom alone a key over HTTP speaks for. `expires_at`: null: as late as it may be.
        """
        call = Call(
            "POST",
            "/v1/keys",
            json=given(
                {},
                {
                    "user": (user, None),
                    "groups": (many(groups), []),
                    "scopes": (many(scopes), ["read"]),
                    "label": (label, ""),
                    "expires_at": (expires_at, None),
                },
            ),
        )
        return await self._transport.answer(call, (201, models.KeyMade))

    async def revoke(self, key_id: str) -> None:
        """From the next request on the key opens nothing, nor does who is signed in with it."""
        call = Call("DELETE", f"/v1/keys/{step(key_id)}")
        await self._transport.done(call, (204,))


class SessionCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def sign_out(self) -> None:
        """Ends the session of the browser, here and in the database."""
        call = Call("DELETE", "/v1/session")
        await self._transport.done(call, (204,))

    async def get(self) -> models.SessionInfo:
        """How one may sign in here, and who the caller is."""
        call = Call("GET", "/v1/session")
        return await self._transport.answer(call, (200, models.SessionInfo))

    async def sign_in(self, *, user: str | None = None, key: str | None = None) -> models.Me:
        """Signs the browser in with an API key or, in demo mode only, as a sample person: a cookie that no script
        reads.
        """
        call = Call("POST", "/v1/session", json=given({}, {"user": (user, None), "key": (key, None)}))
        return await self._transport.answer(call, (200, models.Me))


class Calls(AskCalls):
    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.answers = AnswersCalls(transport)
        self.audit = AuditCalls(transport)
        self.documents = DocumentsCalls(transport)
        self.health = HealthCalls(transport)
        self.jobs = JobsCalls(transport)
        self.keys = KeysCalls(transport)
        self.session = SessionCalls(transport)
