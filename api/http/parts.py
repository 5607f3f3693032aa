"""What the routes use of the service: each part as narrow as the routes need it, whoever gives it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from starlette.types import ASGIApp

from api.demo.people import SamplePerson
from api.http.absences import Absences
from api.http.administration import Administration, Checking
from api.http.audit_trail import Trail
from api.http.auth import Authenticator
from api.http.compared import Differences
from api.http.conversations import Conversations
from api.http.evaluations import Evaluations
from api.http.feedback import FeedbackDesk
from api.http.job_desk import JobDesk
from api.http.limits import BodyLimits
from api.http.links import Links
from api.http.people import Directory, Keys, SigningIn
from api.http.recall import AskingAgain, Recall
from api.http.recording import Accesses
from api.http.releases import Releases, TrialFigures, nothing_tried
from api.http.review_desk import Placing, ReviewExports, Reviews
from api.http.running import Running
from api.http.running_memory import InMemory
from api.http.stored import Allowing, Documents, Facts, Listing, Numbers
from api.http.strictness import Offered
from api.http.telemetry import Silent, Telemetry
from api.http.throttling import Throttle
from generation.people import Explained, SignOff, SignVerdict
from generation.types import Answer, Event
from ingest.types import Box, PageAsked, PageInfo
from retrieval.types import EVERYTHING, Filter, Principal, SearchOptions, SearchResult


class Search(Protocol):
    """Access-filtered search; `options` are the defaults of this installation."""

    @property
    def options(self) -> SearchOptions: ...

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult: ...


Again = Callable[[], Principal]
"""Who asks, by the credential as it is now; raises what `api.http.deps.identified` raises, and `NotAllowed`."""


class Answers(Protocol):
    """`earlier`: questions of the same asker, oldest first, that this one may go on from. `again` is asked when a
    question had to wait for its turn: it is answered to who that is, with what they may read then, or not at all.
    `strict`: more than what holds for all (`generation.types.Strict`)."""

    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> Answer: ...

    def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Again | None = None,
        strict: bool = False,
    ) -> AsyncGenerator[Event, None]: ...


class Allowed(Protocol):
    """So much `quota` a day, so much `left`, for `seconds` more."""

    @property
    def quota(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def seconds(self) -> int: ...


class Allowance(Protocol):
    """What budgets leave a person today, of "questions" and "tokens"; nothing where there is no budget."""

    def __call__(self, principal: Principal, /) -> Awaitable[Mapping[str, Allowed]]: ...


class PagePlace(Protocol):
    """A page that can be shown, with characters [start, end) marked (-1, -1: none); `etag` names the picture."""

    @property
    def document_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def etag(self) -> str: ...


class LaidOutPage(Protocol):
    """`size`: in points as it is shown, None where it is not drawn; `span`: characters [start, end), None: no words."""

    @property
    def info(self) -> PageInfo: ...
    @property
    def size(self) -> tuple[float, float] | None: ...
    @property
    def span(self) -> tuple[int, int] | None: ...


class LaidOut(Protocol):
    """All pages of a version, from 1. `drawn`: there are pictures of them."""

    @property
    def document_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def drawn(self) -> bool: ...
    @property
    def pages(self) -> Sequence[LaidOutPage]: ...


class PageImages(Protocol):
    """Pages, and as pictures, read as a principal; None: missing or hidden. All but `boxes` raise `PageError`."""

    def laid_out(self, document_id: str, version: int | None, principal: Principal) -> LaidOut | None: ...

    def boxes(
        self, document_id: str, version: int | None, start: int, end: int, principal: Principal
    ) -> tuple[int, Sequence[Box]] | None:
        """The version, and where characters [start, end) of it are printed."""
        ...

    def find(self, document_id: str, asked: PageAsked, principal: Principal) -> PagePlace | None: ...

    def draw(self, place: Any, principal: Principal) -> bytes | None:
        """A PNG of what `find` gave."""
        ...


class Bundles(Protocol):
    def bundle(
        self, audit_id: str, principal: Principal, *, auditor: bool = False
    ) -> tuple[bytes, Sequence[tuple[str, int]]] | None:
        """An answer of the principal's own, or for an auditor anybody's, as a signed ZIP, and the documents and
        versions whose texts are in it; None where there is none, or
        it quotes what the principal may not read."""
        ...


class Exports(Protocol):
    def answer(
        self, audit_id: str, principal: Principal, form: str, page: str, *, auditor: bool = False
    ) -> tuple[bytes, Sequence[tuple[str, int]]] | None:
        """An answer of the principal's own, or for an auditor anybody's, as a file (docx, md or pdf), and the documents
        and versions that it rests on; None where there is none, or they may not read all of these. `page`: the address
        of the web page, to which quotes are linked, "" if there is none."""
        ...

    def memo(
        self, audit_ids: Sequence[str], principal: Principal, title: str, form: str, page: str
    ) -> tuple[bytes, Sequence[tuple[str, int]]]:
        """Of answers that the principal has a right to ask for, those of which they may read all, in this order."""
        ...


class Explanations(Protocol):
    def explain(
        self, audit_id: str, principal: Principal, *, auditor: bool = False
    ) -> tuple[Explained, Sequence[tuple[str, int]]] | None:
        """An answer of the principal's own, or for an auditor anybody's, with what was found for it and what became of
        each sentence, and the documents and versions that this shows; None where there is none, or they may not read
        all that it rests on."""
        ...


class ReplayedStage(Protocol):
    """What became of a stage: "same", "differs", "cannot be replayed" or "erased"; `said`: how, or why."""

    @property
    def stage(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def said(self) -> str: ...


class Replays(Protocol):
    async def replay(
        self, audit_id: str, principal: Principal, again: Again
    ) -> tuple[Sequence[ReplayedStage], Sequence[tuple[str, int]]] | None:
        """An answer rebuilt from its record and compared with it, stage by stage, and the documents and versions that
        it rests on; None where there is none, or the principal may not read all of these, now or (by `again`) when it
        is its turn. Raises `ServiceBusy` and `TooManyWaiting`."""
        ...


class SignOffs(Protocol):
    """What people say of answers that they may open, of one sentence (from 1) or, None, of the whole. What may not be
    opened is as what is not there: None, or False."""

    def put(
        self, audit_id: str, sentence: int | None, principal: Principal, verdict: SignVerdict, words: str
    ) -> SignOff | None:
        """In the place of what the same person said of it before."""
        ...

    def of(
        self, audit_id: str, principal: Principal, *, auditor: bool = False
    ) -> tuple[Sequence[SignOff], Sequence[tuple[str, int]]] | None:
        """Oldest first, with the documents and versions that the answer rests on."""
        ...

    def among(self, audit_ids: Collection[str]) -> Sequence[SignOff]:
        """Of answers that whoever asks is shown already: oldest first."""
        ...

    def withdraw(self, audit_id: str, sentence: int | None, principal: Principal) -> bool: ...


Checks = Mapping[str, Callable[[], Awaitable[object]]]  # each raises a foreseen error if that does not work


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them. `people`: who may sign in without a credential, in demo mode; None outside of it. `hosts`: the names
    that are served, as `api.http.hosts` has them; None: any. `stop` ends what is being ingested, when the service
    stops. `key_life`: of a key that is made over HTTP, at most. `works`: what the service does in its event loop beside
    answering, until it is cancelled. `mcp`: the tools for models, over streamable HTTP."""

    authenticator: Authenticator
    people: tuple[SamplePerson, ...] | None
    documents: Documents
    allowing: Allowing
    listing: Listing
    facts: Facts
    numbers: Numbers
    desk: JobDesk
    search: Search
    answers: Answers
    pages: PageImages
    links: Links
    checks: Checks
    limits: BodyLimits
    hosts: tuple[str, ...] | None
    stop: Callable[[], None]
    keys: Keys
    signing_in: SigningIn
    directory: Directory
    allowance: Allowance
    bundles: Bundles
    accesses: Accesses
    trail: Trail
    checking: Checking
    administration: Administration
    feedback: FeedbackDesk
    recall: Recall
    asking_again: AskingAgain
    absences: Absences
    differences: Differences
    exports: Exports
    explanations: Explanations
    replays: Replays
    sign_offs: SignOffs
    reviews: Reviews
    review_exports: ReviewExports
    placing: Placing
    conversations: Conversations
    evaluations: Evaluations
    releases: Releases
    mcp: ASGIApp
    strictness: Offered = field(default_factory=Offered)
    running: Running = field(default_factory=lambda: Running(InMemory()))
    telemetry: Telemetry = field(default_factory=Silent)
    throttle: Throttle = field(default_factory=Throttle)
    trial: TrialFigures = nothing_tried
    key_life: timedelta = timedelta(days=365)
    works: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
