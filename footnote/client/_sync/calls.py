# Written by `python -m api.client_writer`: change the API, or the writer.
"""Every call that the service describes, by its tag."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from uuid import uuid4

from footnote.client import models
from footnote.client._sync.transport import Transport
from footnote.client.events import ABSENCE_EVENTS, ANSWER_EVENTS, EVENTS_EVENTS, AbsenceTold, AnswerEvent, EventsTold
from footnote.client.files import File, Upload
from footnote.client.wire import Call, given, many, parsed, step


class AskCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def absence(
        self,
        question: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
    ) -> models.Absence:
        """Whether documents hold what is asked for, each looked through as a whole: `absent` of all of them only if
        nothing in any of them comes near, and every page of theirs was read. `documents`, `kinds`, `groups` and
        `dates` say which. With `stream`, server-sent events: status (its `place` in line), looked (how far it has
        come), absence, error, heartbeat, done.

        `as_of`: Use the versions in force on this day instead of the newest.
        """
        call = Call(
            "POST",
            "/v1/absence",
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
        return self._transport.answer(call, (200, models.Absence))

    def stream_absence(
        self,
        question: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
    ) -> Iterator[AbsenceTold]:
        """The same as it comes, bit by bit.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest.
        """
        call = Call(
            "POST",
            "/v1/absence",
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
        for event in self._transport.events(call):
            if event.kind in ABSENCE_EVENTS:
                yield parsed(ABSENCE_EVENTS[event.kind], event.data)

    def ask(
        self,
        question: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
        conversation: str | None = None,
        strictness: models.Strictness | str | None = None,
        keep: bool = False,
    ) -> models.Answer:
        """Answers a question: every sentence of it is cited and has passed the gate. `why` in the answer tells what it
        lacks; where nothing passes, `abstention` tells what was searched and which passages came nearest.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest. `conversation`: An own conversation
        that this goes on from and is kept in, by id; "new" begins one. `strictness`: `strict` withholds what the
        gate passes with less support than this installation asks for then, what rests on words of which ingestion
        was unsure, and what another source contradicts. GET /v1/session says what is offered, and which is the
        default. `keep`: The answer goes on when the connection is lost, and can be joined again: GET /v1/running.
        Needs `stream` and `conversation`.
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
                    "conversation": (conversation, None),
                    "strictness": (strictness, None),
                    "keep": (keep, False),
                },
            ),
        )
        return self._transport.answer(call, (200, models.Answer))

    def stream(
        self,
        question: str,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
        conversation: str | None = None,
        strictness: models.Strictness | str | None = None,
        keep: bool = False,
    ) -> Iterator[AnswerEvent]:
        """The same as it comes, bit by bit.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest. `conversation`: An own conversation
        that this goes on from and is kept in, by id; "new" begins one. `strictness`: `strict` withholds what the
        gate passes with less support than this installation asks for then, what rests on words of which ingestion
        was unsure, and what another source contradicts. GET /v1/session says what is offered, and which is the
        default. `keep`: The answer goes on when the connection is lost, and can be joined again: GET /v1/running.
        Needs `stream` and `conversation`.
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
                    "conversation": (conversation, None),
                    "strictness": (strictness, None),
                    "keep": (keep, False),
                },
            ),
        )
        for event in self._transport.events(call):
            if event.kind in ANSWER_EVENTS:
                yield parsed(ANSWER_EVENTS[event.kind], event.data)

    def running_answers(self) -> models.RunningList:
        """Own answers that were asked with `keep`: under way, or ended within the last minutes."""
        call = Call("GET", "/v1/running")
        return self._transport.answer(call, (200, models.RunningList))

    def stop(self, running_id: str) -> None:
        """Stops an own answer: it is recorded as one whose asker left. One that has ended is taken from the list."""
        call = Call("DELETE", f"/v1/running/{step(running_id)}")
        self._transport.done(call, (204,))

    def events(self, running_id: str) -> None:
        """What is told of an own answer, from its beginning or after Last-Event-ID to its end (server-sent events, as
        those of POST /v1/query). A heartbeat has the id of the event before it. Where the caller may not read all
        that it rests on any more, it is refused (409 `answer_closed`), or ends with that error.
        """
        call = Call("GET", f"/v1/running/{step(running_id)}/events")
        self._transport.done(call, (200,))

    def stream_events(self, running_id: str) -> Iterator[EventsTold]:
        """The same as it comes, bit by bit."""
        call = Call("GET", f"/v1/running/{step(running_id)}/events", json=given({"stream": True}, {}))
        for event in self._transport.events(call):
            if event.kind in EVENTS_EVENTS:
                yield parsed(EVENTS_EVENTS[event.kind], event.data)

    def search(
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
        return self._transport.answer(call, (200, models.SearchResponse))


class AdminCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def health(self) -> models.HealthOut:
        """The readiness list, as `footnote doctor` goes through it, of the service that is asked."""
        call = Call("GET", "/v1/admin/health")
        return self._transport.answer(call, (200, models.HealthOut))

    def list_jobs(self, *, limit: int = 50, after: str = "") -> models.AnyJobList:
        """Everybody's jobs, newest first, without what their files are called.

        `limit`: How many at most. `after`: The `next` of the page before.
        """
        call = Call("GET", "/v1/admin/jobs", query=given({}, {"limit": (limit, 50), "after": (after, "")}))
        return self._transport.answer(call, (200, models.AnyJobList))

    def all_jobs(self, *, limit: int = 50) -> Iterator[models.AnyJobOut]:
        """Each of the jobs, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list_jobs(limit=limit, after=after)
            for one in page.jobs:
                yield one
            if page.next is None:
                return
            after = page.next

    def people(self) -> models.PeopleOut:
        """Whom the installation knows: synced by the identity provider, with keys, signed in, or of the demo."""
        call = Call("GET", "/v1/admin/people")
        return self._transport.answer(call, (200, models.PeopleOut))

    def usage(self, *, from_: dt.date | None = None, to: dt.date | None = None) -> models.UsageReport:
        """What answers have used, by day and by person.

        `from_`: From this day (UTC); else 30 days. `to`: Up to this day, 93 days at most; else today.
        """
        call = Call("GET", "/v1/admin/usage", query=given({}, {"from": (from_, None), "to": (to, None)}))
        return self._transport.answer(call, (200, models.UsageReport))


class AnswersCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_affected(
        self,
        *,
        document: str | None = None,
        version: int | None = None,
        since: dt.datetime | None = None,
        limit: int = 50,
        after: str = "",
    ) -> models.AffectedList:
        """Every answer that rests on a version which was superseded, deleted, erased or found wrong, newest first. A
        change is looked at some seconds after it was made.

        `document`: Answers that rest on this document alone. `version`: On this version of it, by its stored
        number. `since`: Asked for at this instant or later. `limit`: How many at most. `after`: The `next` of the
        page before.
        """
        call = Call(
            "GET",
            "/v1/answers/affected",
            query=given(
                {},
                {
                    "document": (document, None),
                    "version": (version, None),
                    "since": (since, None),
                    "limit": (limit, 50),
                    "after": (after, ""),
                },
            ),
        )
        return self._transport.answer(call, (200, models.AffectedList))

    def all_affected(
        self,
        *,
        document: str | None = None,
        version: int | None = None,
        since: dt.datetime | None = None,
        limit: int = 50,
    ) -> Iterator[models.AffectedOut]:
        """Each of the answers, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list_affected(document=document, version=version, since=since, limit=limit, after=after)
            for one in page.answers:
                yield one
            if page.next is None:
                return
            after = page.next

    def list_notices(self, *, limit: int = 50) -> models.NoticeList:
        """Answers of the caller's own, and in conversations that are shared with them, that rest on a version which
        was superseded or found wrong since, and of which they were not told yet, newest first. What they may not
        read any more is not among them.

        `limit`: How many at most.
        """
        call = Call("GET", "/v1/answers/notices", query=given({}, {"limit": (limit, 50)}))
        return self._transport.answer(call, (200, models.NoticeList))

    def see_notices(self, answers: str | Sequence[str]) -> None:
        """The caller has read what is told of these answers: it is no notice any more, until something else changes."""
        call = Call("POST", "/v1/answers/notices/seen", json=given({"answers": many(answers)}, {}))
        self._transport.done(call, (204,))

    def unmark_wrong(self, document: str, *, version: str | None = None) -> None:
        """Takes that back, whoever has said it.

        `document`: The document. `version`: The version that is marked; else all of them.
        """
        call = Call("DELETE", "/v1/answers/wrong", query=given({"document": document}, {"version": (version, None)}))
        self._transport.done(call, (204,))

    def list_wrong(self) -> models.WrongList:
        """Versions that were found wrong. A credential with the scope `admin` sees those that the caller may read; one
        with `audit` all.
        """
        call = Call("GET", "/v1/answers/wrong")
        return self._transport.answer(call, (200, models.WrongList))

    def mark_wrong(self, document_id: str, reason: str, *, version: str | None = None) -> None:
        """A version, or a document with all of its versions, is wrong, or was read so: every answer that rests on it,
        and each that is still to come, says so with the reason. For a credential with the scope `admin` or `audit`,
        of a version that the caller may read.
        """
        call = Call(
            "PUT",
            "/v1/answers/wrong",
            json=given({"document_id": document_id, "reason": reason}, {"version": (version, None)}),
        )
        self._transport.done(call, (204,))

    def read(self, audit_id: str) -> models.KeptOut:
        """An answer that was given, as the audit trail keeps it, with what has `changed` since of the versions that it
        quotes or names.

        For who asked, for whom it is shared with (without what tells of all that the asker could read), and for a
        credential with the scope `audit`; each only while they may read every version that the answer quotes or
        names.
        """
        call = Call("GET", f"/v1/answers/{step(audit_id)}")
        return self._transport.answer(call, (200, models.KeptOut))

    def ask_again(self, audit_id: str) -> models.AskedAgain:
        """Asks the same question as the same person, over what they may read now; they are told that there is a new
        answer. The caller is told its id alone, and the question counts among theirs.

        A credential with the scope `admin` has it done with answers of which the caller may read every version; one
        with `audit` with all.
        """
        call = Call("POST", f"/v1/answers/{step(audit_id)}/ask-again")
        return self._transport.answer(call, (201, models.AskedAgain))

    def bundle(self, audit_id: str) -> File:
        """The answer with this `audit_id` as one signed file: its quotes, the texts and pages that they stand in, and
        the proof that the audit trail holds it. docs/audit-proofs.md tells how it is checked offline.

        For who asked, and for a credential with the scope `audit`; each only while they may read every version that
        the answer quotes or names.
        """
        call = Call("GET", f"/v1/answers/{step(audit_id)}/bundle")
        return self._transport.file(call)

    def export(self, audit_id: str, *, format_: Literal["docx", "md", "pdf"] = "docx") -> File:
        """The answer with this `audit_id` to read on paper: its sentences with footnotes that quote the sources, what
        people have said of them, and an appendix with the digests of the files and the record's id.

        For who asked, and for a credential with the scope `audit`; each only while they may read every version that
        the answer quotes or names.
        """
        call = Call("GET", f"/v1/answers/{step(audit_id)}/export", query=given({}, {"format": (format_, "docx")}))
        return self._transport.file(call)

    def replay(self, audit_id: str) -> models.ReplayOut:
        """Rebuilds the answer with this `audit_id` from its record, stage by stage, by what answers now, and tells
        what is the same and what differs: passages, drafts, verdicts (docs/audit-proofs.md). The trail keeps
        nothing of it but that it was done.

        It takes as long as an answer, and waits until nobody waits for one. For a credential with the scope
        `audit`, while the caller may read every version that the answer quotes or names.
        """
        call = Call("POST", f"/v1/answers/{step(audit_id)}/replay")
        return self._transport.answer(call, (200, models.ReplayOut))

    def withdraw_from_sentence(self, audit_id: str, number: int) -> None:
        """Takes back what you said of a sentence. The audit trail keeps that you said it.

        `number`: of the sentence, from 1, in the order of the answer.
        """
        call = Call("DELETE", f"/v1/answers/{step(audit_id)}/sentences/{step(number)}/sign-off")
        self._transport.done(call, (204,))

    def sign_sentence(
        self, audit_id: str, number: int, verdict: models.SignVerdict | str, *, words: str = ""
    ) -> models.SignOffOut:
        """Says what you think of a sentence, in the place of what you said of it before. Exports show it at the
        sentence; the audit trail keeps all of it.

        `number`: of the sentence, from 1, in the order of the answer.
        """
        call = Call(
            "PUT",
            f"/v1/answers/{step(audit_id)}/sentences/{step(number)}/sign-off",
            json=given({"verdict": verdict}, {"words": (words, "")}),
        )
        return self._transport.answer(call, (200, models.SignOffOut))

    def withdraw_from(self, audit_id: str) -> None:
        """The same of the answer as a whole."""
        call = Call("DELETE", f"/v1/answers/{step(audit_id)}/sign-off")
        self._transport.done(call, (204,))

    def sign(self, audit_id: str, verdict: models.SignVerdict | str, *, words: str = "") -> models.SignOffOut:
        """The same of the answer as a whole."""
        call = Call(
            "PUT", f"/v1/answers/{step(audit_id)}/sign-off", json=given({"verdict": verdict}, {"words": (words, "")})
        )
        return self._transport.answer(call, (200, models.SignOffOut))

    def list_sign_offs(self, audit_id: str) -> models.SignOffsOut:
        """What holds of an answer, oldest first: for who may open it, and for a credential with the scope `audit`."""
        call = Call("GET", f"/v1/answers/{step(audit_id)}/sign-offs")
        return self._transport.answer(call, (200, models.SignOffsOut))

    def why(self, audit_id: str) -> models.WhyOut:
        """Why the answer with this `audit_id` is what it is, out of its record: the passages that the search found, in
        their order, with rank and score in each leg, which of them were shown to the generator and which are cited;
        and each sentence that was looked at, in order, with what became of it and at which stage.

        For who asked, and for a credential with the scope `audit`; each only while they may read every version that
        the answer quotes or names. Passages that they may not read now are left out, and not counted. The words of
        a sentence that was withheld are for the scope `audit` alone, and only while all that the generator was
        shown may be read.
        """
        call = Call("GET", f"/v1/answers/{step(audit_id)}/why")
        return self._transport.answer(call, (200, models.WhyOut))


class AuditCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
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
        return self._transport.answer(call, (200, models.EntryList))

    def all(
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
    ) -> Iterator[models.EntryOut]:
        """Each of the entries, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list(
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

    def export(
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
        return self._transport.file(call)

    def verification(self) -> models.VerificationOut:
        """How verifying the trail stands, or how it ended the last time, in the process that is asked."""
        call = Call("GET", "/v1/audit/verify")
        return self._transport.answer(call, (200, models.VerificationOut))

    def verify(self) -> models.VerificationOut:
        """Begins to check the whole chain and to compare it with its witnesses, as `footnote audit verify` does,
        unless that is being done; `GET` tells how far it is.
        """
        call = Call("POST", "/v1/audit/verify")
        return self._transport.answer(call, (202, models.VerificationOut))

    def get(self, entry_id: str) -> models.EntryFound:
        """All that the trail says of an entry."""
        call = Call("GET", f"/v1/audit/{step(entry_id)}")
        return self._transport.answer(call, (200, models.EntryFound))


class ConversationsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, limit: int = 50, after: str = "", matter: str | None = None, shared: bool = False
    ) -> models.ConversationList:
        """One's own, last used first; or what is shared, as far as one may open it.

        `limit`: How many at most. `after`: The `next` of the page before. `matter`: Only what is filed under this
        matter, in any case. `shared`: Instead, what others share with the caller, who may open it.
        """
        call = Call(
            "GET",
            "/v1/conversations",
            query=given(
                {}, {"limit": (limit, 50), "after": (after, ""), "matter": (matter, None), "shared": (shared, False)}
            ),
        )
        return self._transport.answer(call, (200, models.ConversationList))

    def all(
        self, *, limit: int = 50, matter: str | None = None, shared: bool = False
    ) -> Iterator[models.ConversationOut]:
        """Each of the conversations, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list(limit=limit, matter=matter, shared=shared, after=after)
            for one in page.conversations:
                yield one
            if page.next is None:
                return
            after = page.next

    def begin(self, *, title: str = "", matter: str = "") -> models.ConversationDetail:
        """An empty one of one's own; POST /v1/query begins one with a question (`conversation`: "new")."""
        call = Call("POST", "/v1/conversations", json=given({}, {"title": (title, ""), "matter": (matter, "")}))
        return self._transport.answer(call, (201, models.ConversationDetail))

    def delete(self, conversation_id: str) -> None:
        """At once and for good, also for those with whom it is shared. The audit trail keeps what was answered."""
        call = Call("DELETE", f"/v1/conversations/{step(conversation_id)}")
        self._transport.done(call, (204,))

    def get(self, conversation_id: str) -> models.ConversationDetail:
        """All its turns, oldest first. What the caller may not read all of is `answer` null for its owner, and absent
        for others, as is what goes on from it.
        """
        call = Call("GET", f"/v1/conversations/{step(conversation_id)}")
        return self._transport.answer(call, (200, models.ConversationDetail))

    def change(
        self, conversation_id: str, *, title: str | None = None, matter: str | None = None
    ) -> models.ConversationDetail:
        """Renames it, or files it under another matter."""
        call = Call(
            "PATCH",
            f"/v1/conversations/{step(conversation_id)}",
            json=given({}, {"title": (title, None), "matter": (matter, None)}),
        )
        return self._transport.answer(call, (200, models.ConversationDetail))

    def export(self, conversation_id: str, *, format_: Literal["docx", "md", "pdf"] = "docx") -> File:
        """Its answers to read on paper, oldest first, each as GET /v1/answers/{audit_id}/export has it. What the
        caller may not read all of is absent.
        """
        call = Call(
            "GET", f"/v1/conversations/{step(conversation_id)}/export", query=given({}, {"format": (format_, "docx")})
        )
        return self._transport.file(call)

    def unshare(self, conversation_id: str, *, turn: int | None = None) -> None:
        """Shares the whole of it, or that turn, with nobody any more.

        `turn`: That turn alone, as it was shared alone.
        """
        call = Call(
            "DELETE", f"/v1/conversations/{step(conversation_id)}/shares", query=given({}, {"turn": (turn, None)})
        )
        self._transport.done(call, (204,))

    def share(
        self, conversation_id: str, principals: str | Sequence[str], *, turn: int | None = None
    ) -> models.ConversationDetail:
        """Shares it, or one turn, with these people and groups, and with no others from now on. It opens nothing that
        they may not read: each turn is theirs to see while they may read every version that it quotes or names.
        """
        call = Call(
            "PUT",
            f"/v1/conversations/{step(conversation_id)}/shares",
            json=given({"principals": many(principals)}, {"turn": (turn, None)}),
        )
        return self._transport.answer(call, (200, models.ConversationDetail))


class DocumentsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def compare(
        self,
        old: models.ComparedVersion,
        new: models.ComparedVersion,
        *,
        only: str
        | Sequence[
            Literal[
                "changed",
                "added",
                "removed",
                "moved",
                "renumbered",
                "amount",
                "date",
                "number",
                "party",
                "modal",
                "negation",
                "reference",
                "name",
                "wording",
                "punctuation",
            ]
        ] = (),
        offset: int = 0,
        limit: int = 200,
    ) -> models.CompareOut:
        """What differs between two versions of a document, or between two documents, as pairs of quotes: sentences
        within clauses, rows within tables, whole clauses that were added, removed, moved or counted otherwise. Line
        ends, hyphens within words, kinds of quotation marks and dashes, page numbers and running heads are no
        differences. Both have to be readable for the caller.
        """
        call = Call(
            "POST",
            "/v1/compare",
            json=given(
                {"old": old, "new": new}, {"only": (many(only), []), "offset": (offset, 0), "limit": (limit, 200)}
            ),
        )
        return self._transport.answer(call, (200, models.CompareOut))

    def list(
        self,
        *,
        limit: int = 1000,
        after: str = "",
        skip: int = 0,
        sort: Literal["source", "title", "added_at", "updated_at", "date", "effective", "bytes"] = "source",
        order: Literal["asc", "desc"] = "asc",
        q: str = "",
        kind: str | Sequence[str] = (),
        group: str | Sequence[str] = (),
        label: str | Sequence[str] = (),
        language: str | Sequence[str] = (),
        from_: dt.date | None = None,
        to: dt.date | None = None,
        warnings: bool | None = None,
        deleted: bool = False,
    ) -> models.DocumentList:
        """The documents that the caller may read, page by page; `total` counts all pages. `next` goes on whatever
        comes or goes meanwhile; `skip` looks into the middle of the list as it is now.

        `limit`: How many at most. `after`: The `next` of the page before. `sort`: By what they are in order. `q`:
        Words that each stand in title, source or a name. `kind`: Only of one of these kinds, as in a search.
        `group`: Only what one of these own groups may read. `label`: Only what each of these, as group:NAME or
        user:NAME, may read as well. `language`: Only in one of these, by its BCP 47 code. `from_`: Only what holds
        from this day or a later one. `to`: and from this day or an earlier one. `warnings`: Only with warnings, or
        only without. `deleted`: Instead, all deleted ones that the caller may restore.
        """
        call = Call(
            "GET",
            "/v1/documents",
            query=given(
                {},
                {
                    "limit": (limit, 1000),
                    "after": (after, ""),
                    "skip": (skip, 0),
                    "sort": (sort, "source"),
                    "order": (order, "asc"),
                    "q": (q, ""),
                    "kind": (many(kind), []),
                    "group": (many(group), []),
                    "label": (many(label), []),
                    "language": (many(language), []),
                    "from": (from_, None),
                    "to": (to, None),
                    "warnings": (warnings, None),
                    "deleted": (deleted, False),
                },
            ),
        )
        return self._transport.answer(call, (200, models.DocumentList))

    def all(
        self,
        *,
        limit: int = 1000,
        skip: int = 0,
        sort: Literal["source", "title", "added_at", "updated_at", "date", "effective", "bytes"] = "source",
        order: Literal["asc", "desc"] = "asc",
        q: str = "",
        kind: str | Sequence[str] = (),
        group: str | Sequence[str] = (),
        label: str | Sequence[str] = (),
        language: str | Sequence[str] = (),
        from_: dt.date | None = None,
        to: dt.date | None = None,
        warnings: bool | None = None,
        deleted: bool = False,
    ) -> Iterator[models.DocumentOut]:
        """Each of the documents, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list(
                limit=limit,
                skip=skip,
                sort=sort,
                order=order,
                q=q,
                kind=kind,
                group=group,
                label=label,
                language=language,
                from_=from_,
                to=to,
                warnings=warnings,
                deleted=deleted,
                after=after,
            )
            for one in page.documents:
                yield one
            if page.next is None:
                return
            after = page.next

    def upload(
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
        name: str = "",
    ) -> models.UploadOut | models.JobAccepted:
        """Adds a file, or a new version of the file that the caller uploaded under this name before.

        `name` is the one under which it is known, with folders where it has any (`leases/2024/unit7.pdf`); without
        it that of the file, which may have folders as well. The same name in another folder is another document.
        Where the words are wholly others than those of the version before, a warning says so. `allow` names who may
        read it, as `group:NAME` or `user:NAME`; only groups of the caller's own, or the caller. `date` is the day
        from which it holds; without one it holds from today, a first version since ever. `manage` names who,
        besides the caller, may delete and restore it, in the same way; without it that stays as it is. `chunking`
        says how the text is cut for search (docs/chunking.md); without it that stays as it is, or, for a new
        document, is what is usual here. `language` is that of the words (BCP 47: de, fr, pt-BR), where it is not as
        it looks. The file is a job of its own, which is waited for; after a minute the answer is 202 with the job,
        which goes on.
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
                    "name": (name, ""),
                },
            ),
            files={"file": file},
        )
        return self._transport.either(call, (201, models.UploadOut), (202, models.JobAccepted))

    def delete(self, document_id: str, *, now: bool = False) -> None:
        """Removes the document with all its versions; it is gone from the next query on, and can be restored for a
        while.

        Its owner may, who was named to manage it, and a credential with the scope `admin`. With `now` it is purged
        at once, also where it was deleted before, unless a legal hold keeps it.
        """
        call = Call("DELETE", f"/v1/documents/{step(document_id)}", query=given({}, {"now": (now, False)}))
        self._transport.done(call, (204,))

    def document(self, document_id: str) -> models.DocumentOut:
        """One document, as it stands in the list."""
        call = Call("GET", f"/v1/documents/{step(document_id)}")
        return self._transport.answer(call, (200, models.DocumentOut))

    def allow(
        self,
        document_id: str,
        *,
        allow: str | Sequence[str] | None = None,
        add: str | Sequence[str] = (),
        remove: str | Sequence[str] = (),
    ) -> models.LabelOut:
        """Says who may read a document, and all that came out of it, from the next query on; older versions stay open
        to those of them who could read these before.

        The document's owner may, who was named to manage it, and a credential with the scope `admin`. Whoever is no
        admin names themselves, groups of their own and whoever may read it already, and not only others. In a
        collection those alone are let in whom it lets in as well.
        """
        call = Call(
            "PUT",
            f"/v1/documents/{step(document_id)}/allow",
            json=given({}, {"allow": (many(allow), None), "add": (many(add), []), "remove": (many(remove), [])}),
        )
        return self._transport.answer(call, (200, models.LabelOut))

    def boxes(self, document_id: str, start: int, end: int, *, version: int | str | None = None) -> models.BoxesOut:
        """Where a stretch of the text is printed, line by line, to be marked on the pictures of its pages.

        `start`: From which character of the text. `end`: up to which. `version`: A version's number or
        `version_id`; the current one if absent.
        """
        call = Call(
            "GET",
            f"/v1/documents/{step(document_id)}/boxes",
            query=given({"start": start, "end": end}, {"version": (version, None)}),
        )
        return self._transport.answer(call, (200, models.BoxesOut))

    def remove_fact(self, document_id: str, kind: models.FactKind | str, *, value: str = "") -> models.FactsOut:
        """Says that this is no fact of the document. What is found in later versions does not bring it back.

        `value`: which party; else not needed.
        """
        call = Call(
            "DELETE", f"/v1/documents/{step(document_id)}/facts", query=given({"kind": kind}, {"value": (value, "")})
        )
        return self._transport.answer(call, (200, models.FactsOut))

    def facts(self, document_id: str, *, version: int | str | None = None) -> models.FactsOut:
        """Parties, dates, kind, governing law and language: what was found, with the words that say so, and what
        people set instead.

        `version`: A version's number or `version_id`; the current one if absent.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/facts", query=given({}, {"version": (version, None)}))
        return self._transport.answer(call, (200, models.FactsOut))

    def set_fact(
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
        return self._transport.answer(call, (200, models.FactsOut))

    def link(
        self,
        document_id: str,
        page: int,
        *,
        version: int | str | None = None,
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
        return self._transport.answer(call, (200, models.LinkOut))

    def original(self, document_id: str, *, version: int | str | None = None) -> File:
        """The file as it was ingested. Nothing but PDF is shown by the browser itself.

        `version`: A version's number or `version_id`; the current one if absent.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/original", query=given({}, {"version": (version, None)}))
        return self._transport.file(call)

    def pages(self, document_id: str, *, version: int | str | None = None) -> models.PagesOut:
        """All pages with their sizes and their places in the text, by which they can be laid out before one is drawn.

        `version`: A version's number or `version_id`; the current one if absent.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/pages", query=given({}, {"version": (version, None)}))
        return self._transport.answer(call, (200, models.PagesOut))

    def page_image(
        self,
        document_id: str,
        page: int,
        *,
        version: int | str | None = None,
        quote: str = "",
        start: int | None = None,
        end: int | None = None,
        width: int = 1000,
    ) -> File:
        """A page of a PDF or a scanned picture, with the lines of a quote marked.

        `version`: A version's number or `version_id`; the current one if absent. `quote`: Words of the page to
        mark. `start`: Or from which character of the text. `end`: up to which. `width`: In pixels.
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
        return self._transport.file(call)

    def restore(self, document_id: str) -> None:
        """Brings a deleted document back as it was, within the recycle period."""
        call = Call("POST", f"/v1/documents/{step(document_id)}/restore")
        self._transport.done(call, (204,))

    def text(
        self,
        document_id: str,
        *,
        version: int | str | None = None,
        tables: bool = False,
        start: int | None = None,
        end: int = 0,
    ) -> models.TextOut:
        """The canonical text into which citations point; with `start` and `end` the lines and tables around these
        alone, their pages, and the headings they stand under. Offsets are those of the whole text all the same.

        `version`: A version's number or `version_id`; the current one if absent. `tables`: Rows and cells of the
        tables as well.
        """
        call = Call(
            "GET",
            f"/v1/documents/{step(document_id)}/text",
            query=given(
                {}, {"version": (version, None), "tables": (tables, False), "start": (start, None), "end": (end, 0)}
            ),
        )
        return self._transport.answer(call, (200, models.TextOut))

    def versions(self, document_id: str) -> models.VersionList:
        """All versions of a document that the caller may read, newest first. They alone are counted: who may read one
        of three has version 1, whose `version_id` is the same for everybody, whatever is opened to them later.
        """
        call = Call("GET", f"/v1/documents/{step(document_id)}/versions")
        return self._transport.answer(call, (200, models.VersionList))

    def allow_several(
        self,
        documents: str | Sequence[str],
        *,
        allow: str | Sequence[str] | None = None,
        add: str | Sequence[str] = (),
        remove: str | Sequence[str] = (),
    ) -> models.LabelsOut:
        """Says of several documents who may read them from the next query on; of each is told what became of it.

        As for a single one. A principal that may not be named leaves all of them as they are.
        """
        call = Call(
            "PUT",
            "/v1/labels",
            json=given(
                {"documents": many(documents)},
                {"allow": (many(allow), None), "add": (many(add), []), "remove": (many(remove), [])},
            ),
        )
        return self._transport.answer(call, (200, models.LabelsOut))

    def signed_image(self, token: str) -> File:
        """The page of a signed address, if who signed it may still read the document."""
        call = Call("GET", f"/v1/pages/{step(token)}.png")
        return self._transport.file(call)


class EvaluationsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, limit: int = 30, after: str = "") -> models.EvaluationList:
        """Every run of the evaluation with the figures of its suites, newest first.

        `limit`: How many at most. `after`: The `next` of the page before.
        """
        call = Call("GET", "/v1/evaluations", query=given({}, {"limit": (limit, 30), "after": (after, "")}))
        return self._transport.answer(call, (200, models.EvaluationList))

    def all(self, *, limit: int = 30) -> Iterator[models.EvaluationOut]:
        """Each of the runs, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list(limit=limit, after=after)
            for one in page.runs:
                yield one
            if page.next is None:
                return
            after = page.next

    def list_decisions(self, *, run: str | None = None, limit: int = 20, after: str = "") -> models.DecisionList:
        """What two runs weighed against each other came to, gate by gate, newest first.

        `run`: Those in which this run was weighed, on either side. `limit`: How many at most. `after`: The `next`
        of the page before.
        """
        call = Call(
            "GET",
            "/v1/evaluations/decisions",
            query=given({}, {"run": (run, None), "limit": (limit, 20), "after": (after, "")}),
        )
        return self._transport.answer(call, (200, models.DecisionList))

    def all_decisions(self, *, run: str | None = None, limit: int = 20) -> Iterator[models.DecisionOut]:
        """Each of the decisions, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list_decisions(run=run, limit=limit, after=after)
            for one in page.decisions:
                yield one
            if page.next is None:
                return
            after = page.next

    def read(self, run_id: str, *, against: str | None = None) -> models.EvaluationReport:
        """A run: the figures of its suites, its slices, and what has turned since another run.

        `against`: The run that it is set against; else the last night before it that was finished.
        """
        call = Call("GET", f"/v1/evaluations/{step(run_id)}", query=given({}, {"against": (against, None)}))
        return self._transport.answer(call, (200, models.EvaluationReport))

    def list_cases(
        self,
        run_id: str,
        *,
        suite: str = "",
        outcome: Literal["", "right", "wrong", "error"] = "",
        limit: int = 100,
        after: str = "",
    ) -> models.CaseResultList:
        """The cases of a run, by suite and id.

        `suite`: Those of one suite. `outcome`: Those that came out so. `limit`: How many at most. `after`: The
        `next` of the page before.
        """
        call = Call(
            "GET",
            f"/v1/evaluations/{step(run_id)}/cases",
            query=given(
                {}, {"suite": (suite, ""), "outcome": (outcome, ""), "limit": (limit, 100), "after": (after, "")}
            ),
        )
        return self._transport.answer(call, (200, models.CaseResultList))

    def all_cases(
        self, run_id: str, *, suite: str = "", outcome: Literal["", "right", "wrong", "error"] = "", limit: int = 100
    ) -> Iterator[models.CaseResultOut]:
        """Each of the cases, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list_cases(run_id, suite=suite, outcome=outcome, limit=limit, after=after)
            for one in page.cases:
                yield one
            if page.next is None:
                return
            after = page.next

    def read_case(self, run_id: str, suite: str, case_id: str, *, against: str | None = None) -> models.CaseSides:
        """A case beside the same in another run: outcome, metrics, seconds, and for a credential that carries the
        scope `audit` as well what was answered.

        `against`: The run that it is set against; else the last night before it that was finished.
        """
        call = Call(
            "GET",
            f"/v1/evaluations/{step(run_id)}/cases/{step(suite)}/{step(case_id)}",
            query=given({}, {"against": (against, None)}),
        )
        return self._transport.answer(call, (200, models.CaseSides))


class FeedbackCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def own(self, audit_id: str) -> models.FeedbackList:
        """What the caller has said of an answer."""
        call = Call("GET", f"/v1/answers/{step(audit_id)}/feedback")
        return self._transport.answer(call, (200, models.FeedbackList))

    def list(
        self, *, state: models.FeedbackState | str | None = None, limit: int = 50, after: str = ""
    ) -> models.FeedbackList:
        """What was said of answers, in the order in which it came. A credential with the scope `admin` sees what is
        about answers and passages that the caller may read; one with `audit` all.

        `limit`: How many at most. `after`: The `next` of the page before.
        """
        call = Call(
            "GET", "/v1/feedback", query=given({}, {"state": (state, None), "limit": (limit, 50), "after": (after, "")})
        )
        return self._transport.answer(call, (200, models.FeedbackList))

    def all(self, *, state: models.FeedbackState | str | None = None, limit: int = 50) -> Iterator[models.FeedbackOut]:
        """Each of the feedback, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list(state=state, limit=limit, after=after)
            for one in page.feedback:
                yield one
            if page.next is None:
                return
            after = page.next

    def give(
        self,
        audit_id: str,
        kind: models.FeedbackKind | str,
        *,
        sentence: int = 0,
        words: str = "",
        expected: models.ExpectedQuote | models.ExpectedPlace | None = None,
    ) -> models.FeedbackOut:
        """Says whether an answer, or one sentence of it, is right. Who has said something of it before has changed
        their mind: it is replaced.

        For who asked, for whom it is shared with, and for a credential with the scope `audit`; each only while they
        may read every version that the answer quotes or names.
        """
        call = Call(
            "POST",
            "/v1/feedback",
            json=given(
                {"audit_id": audit_id, "kind": kind},
                {"sentence": (sentence, 0), "words": (words, ""), "expected": (expected, None)},
            ),
        )
        return self._transport.answer(call, (201, models.FeedbackOut))

    def get(self, feedback_id: str) -> models.FeedbackOut:
        """Show Feedback"""
        call = Call("GET", f"/v1/feedback/{step(feedback_id)}")
        return self._transport.answer(call, (200, models.FeedbackOut))

    def review(self, feedback_id: str, state: models.FeedbackState | str, *, words: str = "") -> models.FeedbackOut:
        """Says what comes of it. A golden case of it is made on the command line: `footnote feedback golden`."""
        call = Call("PATCH", f"/v1/feedback/{step(feedback_id)}", json=given({"state": state}, {"words": (words, "")}))
        return self._transport.answer(call, (200, models.FeedbackOut))


class HealthCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def live(self) -> models.Health:
        """Healthz"""
        call = Call("GET", "/healthz")
        return self._transport.answer(call, (200, models.Health))

    def metrics(self) -> File:
        """Counters and histograms of this process, for a scraper whose key carries the scope `admin`. Labels hold no
        names of people, paths or documents.
        """
        call = Call("GET", "/metrics")
        return self._transport.file(call)

    def ready(self) -> models.Health:
        """200 if the database and the generator answer, else 503 and which of them does not."""
        call = Call("GET", "/readyz")
        return self._transport.answer(call, (200, models.Health))


class JobsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, before: int | None = None, limit: int = 50) -> models.JobList:
        """The caller's jobs, newest first.

        `before`: `next` of the page before.
        """
        call = Call("GET", "/v1/jobs", query=given({}, {"before": (before, None), "limit": (limit, 50)}))
        return self._transport.answer(call, (200, models.JobList))

    def all(self, *, limit: int = 50) -> Iterator[models.JobOut]:
        """Each of the jobs, page after page; `limit`: of a page."""
        before: int | None = None
        while True:
            page = self.list(limit=limit, before=before)
            for one in page.jobs:
                yield one
            if page.next is None:
                return
            before = page.next

    def submit(
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
        return self._transport.answer(call, (202, models.JobAccepted))

    def submit_folder(
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
        return self._transport.answer(call, (202, models.JobAccepted))

    def submit_connector(
        self, connector: str, *, urgency: Literal["high", "normal", "low"] = "normal"
    ) -> models.JobAccepted:
        """Names a connector that is brought in step now; takes the scope `admin`."""
        call = Call("POST", "/v1/jobs", json=given({"connector": connector}, {"urgency": (urgency, "normal")}))
        return self._transport.answer(call, (202, models.JobAccepted))

    def get(
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
        return self._transport.answer(call, (200, models.JobDetail))

    def files(
        self, job_id: str, *, limit: int = 1000, status: models.FileState | str | None = None
    ) -> Iterator[models.JobFileOut]:
        """Each of the files, page after page; `limit`: of a page."""
        after: int = 0
        while True:
            page = self.get(job_id, limit=limit, status=status, after=after)
            for one in page.files:
                yield one
            if page.next is None:
                return
            after = page.next

    def cancel(self, job_id: str) -> models.JobAccepted:
        """Files that wait are not done any more; those under way are finished. What is stored stays."""
        call = Call("POST", f"/v1/jobs/{step(job_id)}/cancel")
        return self._transport.answer(call, (202, models.JobAccepted))

    def retry(self, job_id: str) -> models.RetryOut:
        """Files that failed or were cancelled are done again."""
        call = Call("POST", f"/v1/jobs/{step(job_id)}/retry")
        return self._transport.answer(call, (202, models.RetryOut))


class KeysCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> models.KeyList:
        """Every key, revoked and expired ones too, oldest first."""
        call = Call("GET", "/v1/keys")
        return self._transport.answer(call, (200, models.KeyList))

    def make(
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
        return self._transport.answer(call, (201, models.KeyMade))

    def revoke(self, key_id: str) -> None:
        """From the next request on the key opens nothing, nor does who is signed in with it."""
        call = Call("DELETE", f"/v1/keys/{step(key_id)}")
        self._transport.done(call, (204,))

    def rotate(self, key_id: str, grace_days: int) -> models.KeyRotated:
        """A successor of a key of one's own, with its groups, scopes and label, as far as one has these oneself; the
        old one goes on for some days. Keys of others are rotated on the command line.
        """
        call = Call("POST", f"/v1/keys/{step(key_id)}/rotate", json=given({"grace_days": grace_days}, {}))
        return self._transport.answer(call, (201, models.KeyRotated))


class ReleasesCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> models.ReleaseList:
        """Every release, newest first, which one answers, and which one is tried beside it."""
        call = Call("GET", "/v1/releases")
        return self._transport.answer(call, (200, models.ReleaseList))

    def read(self, name: str) -> models.ReleaseDetail:
        """A release, what it came out as where it was proposed, and every step of its life with the evidence."""
        call = Call("GET", f"/v1/releases/{step(name)}")
        return self._transport.answer(call, (200, models.ReleaseDetail))


class ReviewsCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, after: str = "", limit: int = 20, shared: bool = False) -> models.ReviewList:
        """The caller's reviews, newest first; or what is shared with them, as far as they may read a document of it.

        `after`: `next` of the page before. `shared`: Instead, what others share with the caller.
        """
        call = Call(
            "GET",
            "/v1/reviews",
            query=given({}, {"after": (after, ""), "limit": (limit, 20), "shared": (shared, False)}),
        )
        return self._transport.answer(call, (200, models.ReviewList))

    def all(self, *, limit: int = 20, shared: bool = False) -> Iterator[models.ReviewOut]:
        """Each of the reviews, page after page; `limit`: of a page."""
        after: str = ""
        while True:
            page = self.list(limit=limit, shared=shared, after=after)
            for one in page.reviews:
                yield one
            if page.next is None:
                return
            after = page.next

    def start(
        self,
        title: str,
        questions: str | Sequence[str],
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
        live: bool = False,
        strictness: models.Strictness | str | None = None,
    ) -> models.ReviewOut:
        """Asks each question of each document, in the background: never ahead of people who wait, within the caller's
        budgets, and by the rights that they have at the time. The documents are those that the filter lets through
        now.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest. `strictness`: `strict` withholds what
        the gate passes with less support than this installation asks for then, what rests on words of which
        ingestion was unsure, and what another source contradicts. GET /v1/session says what is offered, and which
        is the default.
        """
        call = Call(
            "POST",
            "/v1/reviews",
            json=given(
                {"title": title, "questions": many(questions)},
                {
                    "documents": (many(documents), None),
                    "kinds": (many(kinds), None),
                    "groups": (many(groups), None),
                    "dates": (dates, None),
                    "as_of": (as_of, None),
                    "live": (live, False),
                    "strictness": (strictness, None),
                },
            ),
        )
        return self._transport.answer(call, (202, models.ReviewOut))

    def count(
        self,
        *,
        documents: str | Sequence[str] | None = None,
        kinds: str | Sequence[str] | None = None,
        groups: str | Sequence[str] | None = None,
        dates: models.Dates | None = None,
        as_of: dt.date | None = None,
    ) -> models.HoldsOut:
        """How many documents a review would have that is begun so now.

        `documents`: Only these, by id; one that is not there matches nothing. `kinds`: Only documents of one of
        these kinds: a format (pdf, word, spreadsheet, presentation, email, web page, text, image, code, book,
        archive), a media type, or words of what they are (lease). `groups`: Only documents that one of these own
        groups may read. `dates`: Only documents whose effective date, or else own date, lies between these.
        `as_of`: Use the versions in force on this day instead of the newest.
        """
        call = Call(
            "POST",
            "/v1/reviews/count",
            json=given(
                {},
                {
                    "documents": (many(documents), None),
                    "kinds": (many(kinds), None),
                    "groups": (many(groups), None),
                    "dates": (dates, None),
                    "as_of": (as_of, None),
                },
            ),
        )
        return self._transport.answer(call, (200, models.HoldsOut))

    def delete(self, review_id: str) -> None:
        """What was answered stays in the audit trail."""
        call = Call("DELETE", f"/v1/reviews/{step(review_id)}")
        self._transport.done(call, (204,))

    def get(
        self, review_id: str, *, after: str | None = None, limit: int = 20, cells: models.Wanted | str | None = None
    ) -> models.ReviewDetail:
        """How a review stands, and its rows: a document and its cells, with their answers and what was signed of them.
        Documents that the caller may not read now have none; nor, of another's review, answers that rest on a
        version that they may not read.

        `after`: `next` of the page before. `cells`: Rows that have such a cell alone; a page may then hold few or
        none, though more follow.
        """
        call = Call(
            "GET",
            f"/v1/reviews/{step(review_id)}",
            query=given({}, {"after": (after, None), "limit": (limit, 20), "cells": (cells, None)}),
        )
        return self._transport.answer(call, (200, models.ReviewDetail))

    def rows(
        self, review_id: str, *, limit: int = 20, cells: models.Wanted | str | None = None
    ) -> Iterator[models.ReviewRow]:
        """Each of the rows, page after page; `limit`: of a page."""
        after: str | None = None
        while True:
            page = self.get(review_id, limit=limit, cells=cells, after=after)
            for one in page.rows:
                yield one
            if page.next is None:
                return
            after = page.next

    def change(self, review_id: str, *, title: str | None = None, live: bool | None = None) -> models.ReviewOut:
        """Renames it, or says whether it is kept up to date."""
        call = Call(
            "PATCH", f"/v1/reviews/{step(review_id)}", json=given({}, {"title": (title, None), "live": (live, None)})
        )
        return self._transport.answer(call, (200, models.ReviewOut))

    def again(self, review_id: str, document_id: str, *, questions: Sequence[int] = ()) -> models.ResumedOut:
        """Asks cells of a row again, whatever they say, by the rights of this credential: as when what they rest on
        was found wrong.
        """
        call = Call(
            "POST",
            f"/v1/reviews/{step(review_id)}/again",
            json=given({"document_id": document_id}, {"questions": (many(questions), [])}),
        )
        return self._transport.answer(call, (202, models.ResumedOut))

    def cancel(self, review_id: str) -> models.ReviewOut:
        """Cells that wait are not begun any more; those under way are finished."""
        call = Call("POST", f"/v1/reviews/{step(review_id)}/cancel")
        return self._transport.answer(call, (202, models.ReviewOut))

    def export(self, review_id: str, *, format_: Literal["xlsx", "docx"] = "xlsx") -> File:
        """The review as a file: a row for each document that the caller may read now, with quotes and versions."""
        call = Call("GET", f"/v1/reviews/{step(review_id)}/export", query=given({}, {"format": (format_, "xlsx")}))
        return self._transport.file(call)

    def resume(self, review_id: str) -> models.ResumedOut:
        """Goes on, by the rights of this credential; cells that failed or are stale are asked again."""
        call = Call("POST", f"/v1/reviews/{step(review_id)}/resume")
        return self._transport.answer(call, (202, models.ResumedOut))

    def unshare(self, review_id: str) -> None:
        """Shares it with nobody any more."""
        call = Call("DELETE", f"/v1/reviews/{step(review_id)}/shares")
        self._transport.done(call, (204,))

    def share(self, review_id: str, principals: str | Sequence[str]) -> models.ReviewOut:
        """Shares it with these people and groups, and with no others from now on: its title, its questions, and of the
        rest what they may read themselves. It opens no document to them, and only its owner changes it.
        """
        call = Call("PUT", f"/v1/reviews/{step(review_id)}/shares", json=given({"principals": many(principals)}, {}))
        return self._transport.answer(call, (200, models.ReviewOut))


class SessionCalls:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def sign_out(self) -> None:
        """Ends the session of the browser, here and in the database."""
        call = Call("DELETE", "/v1/session")
        self._transport.done(call, (204,))

    def get(self) -> models.SessionInfo:
        """How one may sign in here, who the caller is, and how strict answers may be asked for."""
        call = Call("GET", "/v1/session")
        return self._transport.answer(call, (200, models.SessionInfo))

    def sign_in(self, *, user: str | None = None, key: str | None = None) -> models.Me:
        """Signs the browser in with an API key or, in demo mode only, as a sample person: a cookie that no script
        reads.
        """
        call = Call("POST", "/v1/session", json=given({}, {"user": (user, None), "key": (key, None)}))
        return self._transport.answer(call, (200, models.Me))


class Calls(AskCalls):
    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.admin = AdminCalls(transport)
        self.answers = AnswersCalls(transport)
        self.audit = AuditCalls(transport)
        self.conversations = ConversationsCalls(transport)
        self.documents = DocumentsCalls(transport)
        self.evaluations = EvaluationsCalls(transport)
        self.feedback = FeedbackCalls(transport)
        self.health = HealthCalls(transport)
        self.jobs = JobsCalls(transport)
        self.keys = KeysCalls(transport)
        self.releases = ReleasesCalls(transport)
        self.reviews = ReviewsCalls(transport)
        self.session = SessionCalls(transport)
