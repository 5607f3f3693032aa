# Written by `python -m api.client_writer`: change the API, or the writer.
"""What the service answers."""

from __future__ import annotations

from datetime import date as date_aliased
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from footnote.client.base import Model, StrEnum


class AbsenceBounds(Model):
    """By what it was decided. absent_below, found_from: bounds of a document's score. ocr: the least confidence of a
    page. risk_absent: the share of documents with such a clause that may be called absent, for which `absent_below` was
    chosen; risk_found: of those without one that may be called found.
    """

    absent_below: float
    found_from: float
    ocr: float
    risk_absent: float
    risk_found: float


class AbsenceStatus(StrEnum):
    """Of all documents. `ABSENT`: every one of them is. `FOUND`: one holds it at least."""

    absent = "absent"
    found = "found"
    not_established = "not_established"


class AskedAgain(Model):
    """`audit_id` of the new answer, which opens for who asked and for who audits; `asked_again`: of the old one."""

    audit_id: str
    asked_again: str


class Assumed(Model):
    """Words of the question that name more than one document that the asker may read (`alternatives` of them), and one
    document and version of these that the answer was made from; `version_id` as in `Citation`.
    """

    words: str
    document_id: str
    version: int
    title: str
    alternatives: int
    version_id: str = ""


class Box(Model):
    """A rectangle on a page, in PDF points from the page's top-left corner; `page` counts from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class BoxOut(Model):
    """A printed line on a page (from 1), in points from the top-left corner of the page as it is shown."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class BoxesOut(Model):
    """Where a stretch of a version's text is printed; no boxes where its format has no pages."""

    document_id: str
    version: int
    version_id: str
    boxes: list[BoxOut]


class CaseResultOut(Model):
    """A case as it came out: `outcome` is right, wrong or error, with its `code`; `status` that of the answer. `store`:
    over whose documents, "own", "sample" or "attacks", and so in whose trail `audit_id` is; `dataset`: the version of
    its set.
    """

    suite: str
    case_id: str
    dataset: str
    store: str
    outcome: str
    status: str
    code: str
    first_seconds: float | None
    seconds: float
    audit_id: str | None
    snapshot: str
    slices: dict[str, str]


class CellStatus(StrEnum):
    waiting = "waiting"
    running = "running"
    answered = "answered"
    partial = "partial"
    not_found = "not_found"
    failed = "failed"
    stale = "stale"


class Clue(Model):
    """Something in the question that points at where the answer stands: the words of the question, their normal form
    and one plain sentence on what the search makes of them.

    `kind` is "date", "clause", "phrase", "document" or "document_kind"; "fact" for what the documents must have; or
    "as_of", whose value is the ISO day as of which the question wants the documents.
    """

    kind: str
    text: str
    value: str
    effect: str


class ComparedOut(Model):
    document_id: str
    version: int
    version_id: str
    title: str


class ComparedVersion(Model):
    """A version of a document by its number or `version_id`; the current one if none is named."""

    document_id: str
    version: int | str | None = None


class ConversationOut(Model):
    """`title`: what its owner calls it, or else its first question, shortened; "" where that cannot be opened. For whom
    it is shared with it is always the first question that they may open, and `matter` is "". `turns`: those that are
    told of.
    """

    id: str
    owner: str
    title: str
    matter: str
    created_at: datetime
    updated_at: datetime
    turns: int


class CopyOut(Model):
    """Another chunk that says the same as a hit."""

    chunk_id: str
    document_id: str
    version: int
    version_id: str
    title: str
    source: str
    page: int | None
    start: int
    end: int


class CountsOut(Model):
    """Of the sentences: how many the generator `wrote`, and of these `passed`, were `withheld` and `left_out`; how many
    of a source's own words were `quoted`, as the opening or instead; how many tell of sources that `differ`.
    """

    wrote: int
    passed: int
    withheld: int
    left_out: int
    quoted: int
    differ: int


class Coverage(Model):
    """How many pages have words of the file's own, words recognised from a picture, none that could be read, and
    nothing on them.
    """

    text: int = 0
    ocr: int = 0
    unread: int = 0
    blank: int = 0


class Dates(Model):
    """Both days are included; either may be left out."""

    from_: Annotated[date_aliased | None, Field(alias="from")] = None
    to: date_aliased | None = None


class DayUsage(Model):
    answers: int = 0
    answered: int = 0
    partial: int = 0
    abstained: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    unpriced: int = 0
    day: date_aliased


class EntryDetail(Model):
    """With all that the trail says of it, when it was written, and the hash of its record."""

    id: str
    seq: int
    at: datetime
    action: str
    principal: str
    refused: str
    about: str
    recorded_at: datetime
    record: dict[str, Any]
    hash: str


class EntryFound(Model):
    """All entries of a record or of an answer, newest first; one alone where its id has a number."""

    entries: list[EntryDetail]


class EntryOut(Model):
    """One thing that was done. `id`: of its record in the trail, with ".N" where that holds many accesses; `seq`: the
    record's place in the chain. `action`: as search, read_text, sign_in; of an answer opened, sentence or closed.
    `principal`: user:NAME, operator, or "" of somebody who was not identified. `refused`: the code, where nothing was
    shown. `about`: the query, or what it was about.
    """

    id: str
    seq: int
    at: datetime
    action: str
    principal: str
    refused: str
    about: str


class ExpectedOut(Model):
    """`quote` is characters [start, end) of the version's text. `version` 0, and no quote: the caller may not read
    it.
    """

    document_id: str
    version: int
    version_id: str
    start: int
    end: int
    quote: str


class ExpectedPlace(Model):
    """Characters [start, end) of a version's text that should have been cited."""

    document_id: UUID
    version: Annotated[
        int | str | None, Field(description="A number as the caller counts, or an id; null: the newest.")
    ] = None
    start: int
    end: int


class ExpectedQuote(Model):
    """Words of a version that should have been cited, as they stand in its text; white space does not count."""

    document_id: UUID
    version: Annotated[
        int | str | None, Field(description="A number as the caller counts, or an id; null: the newest.")
    ] = None
    quote: str


class FactKind(StrEnum):
    """What is known of a document as a whole. A document has several parties, and at most one of everything else."""

    party = "party"
    agreement_date = "agreement_date"
    effective_date = "effective_date"
    expiry_date = "expiry_date"
    document_kind = "document_kind"
    governing_law = "governing_law"
    governing_language = "governing_language"


class Fate(StrEnum):
    """What became of it. LEFT_OUT: it passed, and said no more than what had shipped."""

    shipped = "shipped"
    withheld = "withheld"
    left_out = "left_out"


class FeedbackKind(StrEnum):
    """What a person says of an answer, or of one sentence of it."""

    right = "right"
    wrong = "wrong"
    incomplete = "incomplete"
    wrong_source = "wrong_source"


class FeedbackState(StrEnum):
    """What became of it. Golden: it is a case that `footnote eval` asks."""

    open = "open"
    accepted = "accepted"
    rejected = "rejected"
    golden = "golden"


class FigureOut(Model):
    """Of a suite, or of one case. `value`: null where there is no number; of `n` cases, with its 95 % interval, where
    it has one; `nans`: of how many more there was no number. Names that begin with `seconds_` are seconds, those that
    end with `_tokens`, `cost` and `peak_memory_mib` are amounts; others are shares, or means of scores from 0 to 1.
    """

    suite: str
    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    nans: int


class FileState(StrEnum):
    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


class Level(StrEnum):
    ok = "ok"
    warning = "warning"
    failing = "failing"


class FindingOut(Model):
    """A row of the readiness list (docs/operations.md): what must hold (`asks`), how it is (`said`), and what to `do`,
    "" where all is well.
    """

    id: str
    area: str
    asks: str
    level: Level
    said: str
    do: str


class FollowUp(Model):
    """Of a question that cannot stand alone: its own `words`, the asker's earlier questions, oldest first, that it was
    put together with, how it was `asked` instead, and who did that: "rule", or "model" where a rule could not.
    """

    words: str
    earlier: list[str]
    asked: str = ""
    by: str = "rule"


class Frame(StrEnum):
    """What says what a table's row means: the HEADER of a column, or, where it names a unit or scale, a CAPTION in the
    table or (UNIT) the line above it.
    """

    header = "header"
    caption = "caption"
    unit = "unit"


class GapKind(StrEnum):
    """Why a document's stored words may not be all that it says, so that its absence from them proves nothing."""

    unread_page = "unread_page"
    unsure_page = "unsure_page"
    pages_unknown = "pages_unknown"
    part = "part"
    left_out = "left_out"
    unreadable = "unreadable"
    no_text = "no_text"
    parts_pending = "parts_pending"
    parts_elsewhere = "parts_elsewhere"
    language = "language"


class GateOut(Model):
    """A gate of a decision. `kind`: yes_no, score or duration; `aim`: not_worse (by `margin`), better, or never (may a
    case be lost). `change`: candidate less current, more is better (of durations log(old / new)), `low` to `high` its
    90 % interval; null where there is none. `detects`: the margin within which so many cases let an equal candidate
    ship four times in five; `more`: how many more would decide, where that can be said. `left_out`: cases with a value
    on one side alone. `lost` and `gained`: the yes/no cases that differ, as suite/id; `also`: those of a gate that may
    lose none which both sides lose.
    """

    metric: str
    kind: str
    aim: str
    margin: float
    guard: bool
    outcome: str
    n: int
    change: float | None
    low: float | None
    high: float | None
    detects: float | None
    more: int | None
    left_out: int
    lost: list[str]
    gained: list[str]
    also: list[str]


class Health(Model):
    status: str
    checks: dict[str, str] = {}


class HealthOut(Model):
    """The rows as they were found `at` that time, within the last half minute. `ok`: none is failing."""

    at: datetime
    ok: bool
    rows: list[FindingOut]


class HitOut(Model):
    """A chunk: `text` is characters [start, end) of the version's canonical text. `question` is the part of the
    query that found it; `language`: of its document (BCP 47), "und" where none can be told. `version` counts those that
    the caller may read, `version_id` names it for good.
    """

    chunk_id: str
    document_id: str
    version: int
    version_id: str
    title: str
    source: str
    section_path: list[str]
    page: int | None
    start: int
    end: int
    text: str
    language: str
    score: float
    scores: dict[str, float]
    question: str
    copies: list[CopyOut]


class HoldsOut(Model):
    """How many documents a review of them would have now; one has at most 1,000."""

    documents: int


class JobLimits(Model):
    """What is handed in at once at most: so many files, bytes together, and bytes of one file."""

    files: int
    bytes: int
    file_bytes: int


class JobState(StrEnum):
    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    partial = "partial"
    failed = "failed"
    cancelled = "cancelled"


class KeyMade(Model):
    """`secret` is shown this once."""

    id: str
    secret: str


class KeyOut(Model):
    """`last_used_at` is kept to the hour."""

    id: str
    user: str
    groups: list[str] | None
    scopes: list[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    expired: bool
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeyRotated(Model):
    """The successor; `old_ends_at`: until when the old key holds."""

    id: str
    secret: str
    old_ends_at: datetime


class Kind(StrEnum):
    changed = "changed"
    added = "added"
    removed = "removed"
    moved = "moved"
    renumbered = "renumbered"


class KnownFact(Model):
    """A fact as it holds now: found in the words of a version, or set by a person (`set_by`, as `Author.name`).

    `version`, `start` and `end` say where it stands: characters [start, end) of that version's text, which are `quote`;
    None, -1, -1 and "" where a person gave no words, or where the reader may not read that version. `version_id` names
    the version for good, "" until somebody is told; `version` is then as they count.
    """

    kind: FactKind
    value: str
    role: str = ""
    term: str = ""
    version: int | None = None
    start: int = -1
    end: int = -1
    quote: str = ""
    set_by: str | None = None
    set_at: datetime | None = None
    version_id: str = ""


class LabelOut(Model):
    """Who may read a document now."""

    document_id: str
    allow: list[str]


class LabelOutcome(StrEnum):
    """What became of one document's label. What is missing and what is hidden is the same."""

    changed = "changed"
    unchanged = "unchanged"
    not_found = "not_found"
    not_allowed = "not_allowed"


class LabelledOut(Model):
    """What became of the label of one document. `allow`: who may read it now, none of what is not found; `reason`: why
    it was not allowed, else "".
    """

    document_id: str
    outcome: LabelOutcome
    allow: list[str]
    reason: str


class LabelsOut(Model):
    """In the order that they were asked for, each once."""

    documents: list[LabelledOut]


class LeftAside(Model):
    """What no answer was drafted from, since the gate was not measured in its language: `passages` that were found, or
    the question itself (0). `language`: BCP 47; `name`: the same in plain words ("German").
    """

    language: str
    name: str
    passages: int


class LinkOut(Model):
    """An address that shows the page without a credential, until then, as long as who signed it may read it."""

    url: str
    expires_at: datetime


class LookedEvent(Model):
    """`done` of `total` documents have been looked through."""

    done: int
    total: int


class Me(Model):
    user: str
    groups: list[str]
    scopes: list[str]


class ModelCard(Model):
    """Everything that decides an answer besides the question and the documents."""

    generator: str
    adapter: str
    embedder: str
    reranker: str
    judge: str
    prompt: str
    snapshot: str


class NarrowedOut(Model):
    """What a question was narrowed to, as its asker put it; what is empty or null narrows nothing. `documents`: ids."""

    documents: list[str] = []
    kinds: list[str] = []
    groups: list[str] = []
    since: date_aliased | None = None
    until: date_aliased | None = None


class Note(StrEnum):
    """How a shipped sentence came about, where it is not simply what the generator wrote and cited."""

    field_ = ""
    quoted = "quoted"
    moved = "moved"
    conflict = "conflict"


class OpenOut(Model):
    """An answer that was opened and not closed: its writer was killed, or still writes."""

    id: str
    principal: str
    opened_at: datetime


class Origin(StrEnum):
    """Where a sentence that was looked at comes from: what the generator WROTE; a source's own words that were to OPEN
    the answer; a source's own words INSTEAD of a sentence that failed; our words on two sources that are at ODDS.
    """

    wrote = "wrote"
    open = "open"
    instead = "instead"
    odds = "odds"


class OtherEvaluation(Model):
    """The run that one is set against."""

    id: str
    started_at: datetime
    status: str
    commit: str
    config_sha256: str
    data_sha256: str


class PageSource(StrEnum):
    """Where the words of a page come from."""

    text = "text"
    ocr = "ocr"
    unread = "unread"
    blank = "blank"


class PagesRead(Model):
    """How the pages of a version were read; all 0 where its format has none. `ocr_min`, `ocr_median`: confidence of the
    recognised pages, each the mean of its lines, 0 to 1; None without any. `unread`, `unsure`: numbers of pages that
    could not be read, and of those below the bound. `reasons`: why, for each unread one.
    """

    total: int = 0
    text: int = 0
    ocr: int = 0
    blank: int = 0
    ocr_min: float | None = None
    ocr_median: float | None = None
    unread: list[int] = []
    reasons: list[str] = []
    unsure: list[int] = []


class PairingOut(Model):
    """How many cases both runs have a result of (`pairs`), and what is left out."""

    pairs: int
    only_new: int
    only_old: int
    other_version: int
    errors_new: int
    errors_old: int


class Person(Model):
    user: str
    name: str
    groups: list[str]


class PersonOut(Model):
    """Somebody whom the installation knows. `name`: as it is shown, "" where none is known; `groups`: of all ways by
    which they come; `active`: false where the identity provider has deactivated them; `sources`: `scim`, `key`,
    `session` (of the identity provider) or `demo`; `keys`: how many of theirs hold; `last_seen`: when they last signed
    in or, to the hour, used a key.
    """

    user: str
    name: str
    groups: list[str]
    active: bool
    sources: list[str]
    keys: int
    last_seen: datetime | None


class PersonUsage(Model):
    """`principal`: `user:NAME`, or what is left of somebody who was erased."""

    answers: int = 0
    answered: int = 0
    partial: int = 0
    abstained: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    unpriced: int = 0
    principal: str


class PlaceOut(Model):
    """A quote in a version: `quote` is characters [start, end) of its canonical text. `section`: the headings above,
    outermost first; `clause`: the number that is printed before it, "" without one; `page_label`: what is printed on
    the page, or its number.
    """

    document_id: str
    version: int
    version_id: str
    page: int | None
    page_label: str
    section: list[str]
    clause: str
    start: int
    end: int
    quote: str


class Presence(StrEnum):
    """Of one document. `ABSENT`: all of it was read, and no passage of it comes near."""

    absent = "absent"
    found = "found"
    unsure = "unsure"


class PriceOut(Model):
    """What a million tokens in and out of a model cost; `since`: the first day of the report on which that held."""

    model: str
    since: date_aliased
    price: list[Any]


class ReadingGap(Model):
    """`words`: one sentence for a person, without hidden words. `page` counts from 1; None: of the whole file."""

    kind: GapKind
    words: str
    page: int | None = None


class ReleaseEventOut(Model):
    """One step. `previous`: for a promotion what was current until then, for a rollback what is current again. `share`:
    of the people, for a canary and an A/B test. `evidence`: what it rests on, as it was kept.
    """

    number: int
    at: datetime
    action: str
    name: str
    previous: str | None
    by: str
    share: float | None
    evidence: dict[str, Any]


class ReleaseOut(Model):
    """`settings`: what it sets; `pins_sha256`: the `config_sha256` of evaluations that were asked by it. `status`:
    proposed, shadow, canary, ab, current, retired or rolled_back.
    """

    name: str
    created_at: datetime
    by: str
    note: str
    status: str
    settings: dict[str, Any]
    pins_sha256: str


class ResumedOut(Model):
    """How many cells are asked again that had ended."""

    cells: int


class RetryOut(Model):
    """How many files are done again."""

    files: int


class ReviewStatus(StrEnum):
    running = "running"
    cancelled = "cancelled"
    done = "done"


class SearchResponse(Model):
    """Depends on the query, its options and the documents that the caller may read, and on nothing else.

    The times that it took are in the header Server-Timing.
    """

    hits: list[HitOut]
    snapshot: str
    clues: list[Clue]
    parts: list[str]
    hypothesis: str


class Searched(Model):
    """What was searched, of the documents that the asker may read and of no others: the query as it was searched,
    the passages that came up and how many documents they are of, and what was read from the query's own words.
    """

    query: str
    documents: int
    passages: int
    clues: Annotated[list[Clue], Field(validate_default=True)] = []


class SectionOut(Model):
    """A heading of the text, at characters [start, end); `level` 1 is outermost."""

    title: str
    level: int
    start: int
    end: int


class ShareOut(Model):
    turn: int | None
    principals: list[str]


class SignVerdict(StrEnum):
    """What a person says who has looked at an answer, or at a sentence of it."""

    approved = "approved"
    rejected = "rejected"
    changed = "changed"


class SliceOut(Model):
    """`right` of `n` cases of a suite that have this `name` by kind, group, language and such; `low` to `high`: 95 %
    interval of `share`. `gap`: the share less that of the `rest` of the suite, of which `rest_right` are right; its
    interval holds for all slices that were looked at together. `worse`: shown to be worse than the rest.
    """

    suite: str
    by: str
    name: str
    n: int
    right: int
    share: float
    low: float
    high: float
    rest: int
    rest_right: int
    gap: float
    gap_low: float
    gap_high: float
    worse: bool


class SourceVersion(Model):
    """A version that an answer may rest on; `version_id` as in `Citation`."""

    document_id: str
    version: int
    title: str
    version_id: str = ""


class SpanOut(Model):
    """Characters [start, end) of the version's text; empty where nothing stands there."""

    start: int
    end: int
    quote: str


class Stage(StrEnum):
    """Who looks at a sentence, or at one of its claims, and can keep it back.

    In the gate, in this order: MARKER, whether there are words to check and something to cite; LANGUAGE, whether they,
    and in the end what they rest on, are in a language in which the gate was measured; RELEVANCE, whether the
    sentence that opens an answer answers the question (the last one where a reader says so); VERBATIM, a source's own
    words, which need no judge; FIGURES, whether quantities, dates and names occur in the evidence; JUDGE, the trained
    judge; SECOND, the language model where the judge is unsure, or judge and reader together. Before it: SELECTOR,
    whether a sentence of the context surely answers the question; LENGTH, whether a sentence was cut off. After it:
    CITATION, whether every quote resolves to a version's text; GUARD, whether it rests on an instruction to the
    assistant, or holds an address, markup or words of the prompt that its sources do not hold; STRICTNESS, where that
    is asked for, whether anything is left to doubt (`Strict`). CONFLICT keeps nothing
    back: a sentence of ours on two sources that differ, entailed since it quotes both.
    """

    marker = "marker"
    language = "language"
    relevance = "relevance"
    verbatim = "verbatim"
    figures = "figures"
    judge = "judge"
    second = "second"
    selector = "selector"
    length = "length"
    citation = "citation"
    guard = "guard"
    strictness = "strictness"
    conflict = "conflict"


class Outcome(StrEnum):
    same = "same"
    differs = "differs"
    cannot_be_replayed = "cannot be replayed"
    erased = "erased"


class StageOut(Model):
    """A stage that was rebuilt: "documents", "setup", "search", "context", "guard", "draft" or "gate". `said`: what
    agreed, how it differs, or why it could not be rebuilt.
    """

    stage: str
    outcome: Outcome
    said: str


class State(StrEnum):
    """`STOPPED`: by who asked; `FAILED`: for any other reason, which its events tell."""

    running = "running"
    done = "done"
    failed = "failed"
    stopped = "stopped"


class Status(StrEnum):
    """What remains after the gate."""

    answered = "answered"
    partial = "partial"
    abstained = "abstained"


class StatusEvent(Model):
    """What the service is doing now: "waiting", "searching", or "writing" (and checking each sentence). `place`: while
    it waits, the number in line; else 0. `question`: what is searched, where it is not what was typed; else "".
    `running`: in the first event of an answer that goes on without its reader, by what it is joined again; else "".
    """

    stage: str
    place: int = 0
    question: str = ""
    running: str = ""


class Strictness(StrEnum):
    """How much is left to doubt in an answer: what the gate passes, or less (`Strict`)."""

    usual = "usual"
    strict = "strict"


class StrictnessOffered(Model):
    """How strict an answer may be asked for, from the laxest, and what holds where nothing is asked for."""

    offered: list[Strictness]
    default: Strictness


class Turn(Model):
    """Where an answer is kept: the conversation's id, and its number there, 1.."""

    id: str
    number: int


class Usage(Model):
    """Tokens as the generator counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class UsageOut(Model):
    """Answers: by status, `failed` those that were broken off; tokens of the language model; `seconds` from the
    question to the answer's end, together; `cost`: the tokens by the price that their model had on that day, null
    where none had one; `unpriced`: tokens that are in no cost, since none is set for their model and day.
    """

    answers: int = 0
    answered: int = 0
    partial: int = 0
    abstained: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    unpriced: int = 0


class UsageReport(Model):
    """What answers have used from `since` to `until` (UTC, both included), as the trail has it: in all, by day and by
    person, without what an evaluation asked, which is `evaluation`. `model`: what answers now, by whose price counts
    what the trail names no model for; `prices`: those that are counted by (FOOTNOTE_PRICES).
    """

    since: date_aliased
    until: date_aliased
    model: str
    prices: list[PriceOut]
    total: UsageOut
    days: list[DayUsage]
    people: list[PersonUsage]
    evaluation: UsageOut


class Verdict(StrEnum):
    """What the gate says of a sentence against its evidence (NLI labels)."""

    entailed = "entailed"
    neutral = "neutral"
    contradicted = "contradicted"


class State1(StrEnum):
    never = "never"
    running = "running"
    whole = "whole"
    tampered = "tampered"
    failed = "failed"


class VersionOut(Model):
    """`version` counts the versions that the caller may read, from 1; `version_id` names this one for good. `corrects`:
    the version in which other words of the same file were read.
    """

    version: int
    version_id: str
    added_at: datetime
    content_sha256: str
    corrects: int | None


class Wanted(StrEnum):
    """Cells that rows are looked for by: with an answer, in full or in part; without one; failed; that have an answer
    which nobody has signed off; of which a source has changed, or that are stale.
    """

    answered = "answered"
    not_found = "not_found"
    failed = "failed"
    unsigned = "unsigned"
    changed = "changed"


class WarningKind(StrEnum):
    """Why the stored words of a file, or of a passage in it, may not be all that its reader sees."""

    unread_page = "unread_page"
    unread_part = "unread_part"
    uncached_formula = "uncached_formula"
    number_format = "number_format"
    covered_text = "covered_text"
    hidden_text = "hidden_text"
    font_mapping = "font_mapping"
    redline = "redline"
    low_confidence = "low_confidence"
    cut_table = "cut_table"
    encoding = "encoding"
    reading_order = "reading_order"
    instruction = "instruction"
    other_words = "other_words"


class Why(StrEnum):
    """What an answer lacks, or why there is none. Nothing is said of what the documents hold beyond what was shown."""

    field_ = ""
    nothing_found = "nothing_found"
    nothing_drafted = "nothing_drafted"
    not_supported = "not_supported"
    not_measured = "not_measured"
    asked_for_more = "asked_for_more"


class WitnessOut(Model):
    """A witness compared with the trail: how many checkpoints it holds, up to which record, how many it lacks, and what
    is wrong, "" for nothing.
    """

    name: str
    checkpoints: int
    position: int
    time: str
    behind: int
    problem: str


class WrongOut(Model):
    """`version` as the caller counts, 0 where they may not read it; null, and no `version_id`: all versions."""

    document_id: str
    version: int | None
    version_id: str
    at: datetime
    reason: str


class ApiHttpSchemasDocumentsCellOut(Model):
    """A cell of a table, at characters [start, end) of the text. `cell`: as a spreadsheet names it ("Sheet1!B3"), "" in
    other formats.
    """

    start: int
    end: int
    cell: str


class ApiHttpSchemasRecallCellOut(Model):
    """A cell of a review that an answer stands in. `title`: of the review, "" for who may not see it there; `question`:
    1.. of the review's.
    """

    review_id: str
    title: str
    document_id: str
    question: int


class GenerationPeopleChange(StrEnum):
    """What has become of a version that an answer rests on."""

    superseded = "superseded"
    deleted = "deleted"
    erased = "erased"
    wrong = "wrong"


class RetrievalComparingTypesChange(StrEnum):
    """What kind of words changed; the most telling first."""

    amount = "amount"
    date = "date"
    number = "number"
    party = "party"
    modal = "modal"
    negation = "negation"
    reference = "reference"
    name = "name"
    wording = "wording"
    punctuation = "punctuation"


class AnyJobOut(Model):
    """A job of anybody, without its title and the names of its files. `owner`: null for the operator."""

    id: str
    kind: str
    owner: str | None
    status: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    files: int
    done: int
    failed: int
    cancelled: int


class AskedOut(Model):
    """The question: `words` as typed; `question` as it was asked instead, where it went on from others, and `by` what
    these were put together, "rule" or "model", else ""; `query` as it was searched, `searched` the same without names
    of documents that were found by them; `parts` that it was split into, each so searched; `hypothesis`: a passage that
    was imagined for the search; `clues`: what was read from its own words.
    """

    words: str
    question: str
    by: str
    query: str
    searched: str
    parts: list[str]
    hypothesis: str
    clues: list[Clue]


class CaseResultList(Model):
    cases: list[CaseResultOut]
    next: str | None = None


class Caution(Model):
    """What a reader is told of the sources of an answer: one plain sentence, and the citations that it is about."""

    kind: WarningKind
    words: str
    citations: list[int]


class Changed(Model):
    """What has become, since it was asked for, of a version that an answer quotes or names. `at`: since when. `by`: the
    version that holds now; `stands`: whether the words that are quoted stand in that one, None where none are quoted.
    `reason`: why it was found wrong, in the words of who did. `version_id` and `by_id` as in `Citation`.
    """

    document_id: str
    version: int
    title: str
    change: GenerationPeopleChange
    at: datetime
    by: int | None = None
    stands: bool | None = None
    reason: str = ""
    version_id: str = ""
    by_id: str = ""


class CitedFrame(Model):
    """Words of the same version that a quoted row cannot be read without: `quote == text[start:end]`. `page`, `boxes`
    and `cell` as in `Citation`.
    """

    kind: Frame
    start: int
    end: int
    quote: str
    page: int | None = None
    boxes: Annotated[list[Box], Field(validate_default=True)] = []
    cell: str = ""


class ConversationList(Model):
    """Last used first. `total`: how many there are on all pages; `next`: what to ask for as `after` to see more."""

    conversations: list[ConversationOut]
    total: int
    next: str | None = None


class DecisionOut(Model):
    """Two runs weighed against each other, as it was decided then: ship, block or undecided. `not_measured`: gates that
    neither run had values for; `remarks`: what to know before the figures.
    """

    id: str
    at: datetime
    new_run: str
    old_run: str
    outcome: str
    pairing: PairingOut
    gates: list[GateOut]
    not_measured: list[str]
    remarks: list[str]


class EntryList(Model):
    entries: list[EntryOut]
    next: str | None = None


class EvaluationOut(Model):
    """`setup`: what decided the answers; `plan`: the suites with their numbers of cases, and the sets they are of.
    `status`: running, stopped (out of time), done or abandoned. `planned`: how many cases there are, of which `cases`
    have a result, `errors` among them.
    """

    id: str
    what: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    commit: str
    config_sha256: str
    data_sha256: str
    setup: dict[str, Any]
    plan: dict[str, Any]
    planned: int
    cases: int
    right: int
    errors: int
    figures: list[FigureOut]


class EvaluationReport(Model):
    """A run set `against` another, null where there is none. Of cases that both have a result of, in one version of
    their set (`paired` many): which are `newly_wrong`, and `newly_right`; `overlooked`: how many cannot be paired.
    `slices`: those of five cases or more, the worst first.
    """

    run: EvaluationOut
    against: OtherEvaluation | None
    paired: int
    overlooked: int
    newly_wrong: list[CaseResultOut]
    newly_right: list[CaseResultOut]
    slices: list[SliceOut]
    snapshots: list[str]


class FactsOut(Model):
    """What is known of a document as a whole. `may_change`: whether the caller may set and remove facts."""

    document_id: str
    version: int
    version_id: str
    may_change: bool
    facts: list[KnownFact]


class FeedbackOut(Model):
    """`by`: who gives it. `question` and `answer` are empty where the caller may not open the answer, or it is erased.
    `review`: what `reviewed_by` says of it.
    """

    id: str
    audit_id: str
    by: str
    kind: FeedbackKind
    sentence: int
    words: str
    expected: ExpectedOut | None
    given_at: datetime
    state: FeedbackState
    review: str
    reviewed_by: str
    reviewed_at: datetime | None
    question: str
    answer: str


class FileWarning(Model):
    """What ingestion could not be sure of. `words`: one sentence for a person, which never repeats hidden words.

    [start, end) are offsets into the text of whoever holds it: an element's as a parser gives it, the canonical text
    in a `Document`; both -1 where no stored words are concerned, as with an unread page. `page` counts from 1.
    """

    kind: WarningKind
    words: str
    page: int | None = None
    start: int = -1
    end: int = -1


class JobAccepted(Model):
    """`id`: under which the job is found at /v1/jobs/{id}."""

    id: str
    status: JobState


class JobOut(Model):
    """A job. `status` is queued, running, succeeded, partial (some files failed), failed (all did) or cancelled.
    `ended` of `total` files are waited for no longer; `total` still grows while `listing`. `outcomes`: how many were
    added, replaced, unchanged and so on. `files_per_second` and `seconds_left` are of late, None where nothing is
    known.
    """

    id: str
    kind: str
    title: str
    status: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancelling: bool
    listing: bool
    total: int
    ended: int
    done: int
    failed: int
    cancelled: int
    outcomes: dict[str, int] = {}
    files_per_second: float | None = None
    seconds_left: float | None = None


class KeyList(Model):
    keys: list[KeyOut]


class LaidOutPageOut(Model):
    """A page. `label` and `bates`: the page and Bates numbers printed on it, "" where there are none. `width` and
    `height`: as it is shown, in points, null where it is not drawn. `start` and `end`: its characters [start, end) of
    the text, null where it has no words; `source`: where those come from.
    """

    page: int
    label: str
    bates: str
    source: PageSource
    width: float | None
    height: float | None
    start: int | None
    end: int | None


class LookedAtOut(Model):
    """A sentence that was looked at. `origin`: "wrote" (the generator did), "open" (a source's own words, to open the
    answer), "instead" (a source's own words in the place of one that failed), "odds" (ours, on sources that differ).
    `fate`: "shipped", "withheld", or "left_out" (it passed, and said nothing new). `part`: of the question, 0: the
    whole. `stage`: what decided, null of what shipped in older records; `why`: in a sentence, of what was withheld.
    `support`: as the gate weighed it, in [0, 1].

    `passages`: those that it named, by their numbers in the list; `unknown`: it named some that it was not shown.
    `sentence`: its number in the answer, null where it did not ship. `text` of what did not ship, and `reason`, with
    words of it: for a credential with the scope `audit` alone, else null.
    """

    origin: Origin
    fate: Fate
    part: int
    stage: Stage | None
    why: str
    verdict: Verdict
    support: float
    passages: list[int]
    unknown: bool
    sentence: int | None
    text: str | None
    reason: str | None


class NoticeOut(Model):
    """An answer of the caller's own, or one that is shared with them, and what has become of the versions that it
    quotes or names. `asked_by`: `user:NAME`; `asked_again`: the answer that took its place, "" for none, and where it
    is not the caller's.
    """

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    changed: list[Changed]
    asked_again: str
    cells: Annotated[list[ApiHttpSchemasRecallCellOut], Field(validate_default=True)] = []


class PageOut(Model):
    """A page and its characters [start, end) of the text; `label` and `bates`: the page and Bates numbers printed on
    it, "" where there are none; `source`: where its words come from.
    """

    page: int
    start: int
    end: int
    label: str
    bates: str
    source: PageSource


class PagesOut(Model):
    """All pages of a version, in order. `drawn`: there are pictures of them; none of Word, mail and web pages, which
    have no pages here either, nor of slides.
    """

    document_id: str
    version: int
    version_id: str
    title: str
    media_type: str
    drawn: bool
    pages: list[LaidOutPageOut]


class PartAnswer(Model):
    """What became of one part of the question, in its own words. `title`: of the document that it alone is asked of,
    where parts are asked of different documents; else "".
    """

    question: str
    status: Status
    why: Why
    title: str = ""


class PeopleOut(Model):
    people: list[PersonOut]


class ReleaseDetail(Model):
    """`pins`: what its settings came out as where it was proposed. `events`: oldest first."""

    release: ReleaseOut
    pins: dict[str, Any]
    events: list[ReleaseEventOut]


class ReleaseList(Model):
    """Newest first. `current`: by which answers are given, null for none; `trial`: the step that began what is tried
    beside it now, `figures`: what its arms have come to, as `footnote release watch --json` has it; null where nothing
    is observed.
    """

    releases: list[ReleaseOut]
    current: str | None
    trial: ReleaseEventOut | None
    figures: dict[str, Any] | None


class ReplayOut(Model):
    """`same`: all stages are."""

    audit_id: str
    same: bool
    stages: list[StageOut]


class RetrievalEvent(Model):
    """How many passages the answer may rest on, the titles of the documents that they come from, of a comparison the
    title of the document of each part, and the very versions.
    """

    passages: int
    titles: list[str]
    part_titles: list[str] = []
    sources: Annotated[list[SourceVersion], Field(validate_default=True)] = []


class ReviewOut(Model):
    """A review as the caller sees it: `documents` are those that they may read now, `counts` the cells of these by
    status, of `cells` in all. `status`: running as long as cells wait, cancelled where these are not begun any more,
    done. `strictness`: that its cells are asked with. `shares`: with whom it is shared, told to its owner alone.
    """

    id: str
    owner: str
    title: str
    questions: list[str]
    as_of: date_aliased | None
    live: bool
    strictness: Strictness
    status: ReviewStatus
    created_at: datetime
    documents: int
    cells: int
    counts: dict[str, int]
    shares: list[str]


class RowOut(Model):
    """A row of a table, at characters [start, end) of the text."""

    start: int
    end: int
    cells: list[ApiHttpSchemasDocumentsCellOut]


class RunningOut(Model):
    """`question` as it was typed; `conversation`: its id, or "new" until it is made; `turn`: its number there, once it
    is kept. `stage` and `place` in line: as in the last status event, "" and 0 after the end. `seconds`: that it has
    taken, or took.
    """

    id: str
    question: str
    conversation: str
    turn: int | None
    state: Annotated[
        State, Field(description="`stopped`: by who asked; `failed`: for another reason, which its events tell.")
    ]
    stage: str
    place: int
    started_at: datetime
    seconds: float


class Sentence(Model):
    """A shipped sentence: its span in the answer, its verdict, the gate's support in [0, 1], its citations.

    `part`: which part of the question it answers, 1..n of `Answer.parts`; 0 where the question has none. `cautions`:
    what ingestion was unsure of in the words that it cites.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    support: float
    citations: list[int]
    note: Note = Note.field_
    part: int = 0
    cautions: list[WarningKind] = []


class SentenceEvent(Model):
    sentence: Sentence


class SessionInfo(Model):
    """Whether sample people may sign in here, and who they are; whether the organisation's identity provider is asked;
    who the caller is; and how strict answers may be asked for.
    """

    demo: bool
    people: list[Person]
    organisation: bool
    me: Me | None
    strictness: StrictnessOffered


class SignOffOut(Model):
    """`sentence`: its number in the answer, from 1; null: of the answer as a whole. `by`: `user:NAME`."""

    audit_id: str
    sentence: int | None
    by: str
    at: datetime
    verdict: SignVerdict
    words: str


class SignOffsOut(Model):
    sign_offs: list[SignOffOut]


class TableOut(Model):
    """A table, at characters [start, end) of the text. Rows may have different numbers of cells: those of a merged cell
    are not told apart, and what the columns are called is in one of the first rows.
    """

    start: int
    end: int
    rows: list[RowOut]


class TextOut(Model):
    """The canonical text of one version, and what of it could not be read, or not surely. Offsets count Unicode code
    points. `text`: from character `start` on, of the `chars` of the whole. `language`: BCP 47, "und" where none can be
    told. `tables`: null unless they were asked for.
    """

    document_id: str
    version: int
    version_id: str
    title: str
    media_type: str
    text: str
    start: int
    chars: int
    pages: list[PageOut]
    sections: list[SectionOut]
    warnings: list[FileWarning]
    coverage: Coverage
    language: str
    tables: list[TableOut] | None = None


class UploadOut(Model):
    """What became of a file. `version`: as the caller counts them, 0 where they cannot read it (any more).
    `children`: of the files in it, as a mail's attachments; `reason`: why one of those failed. `warnings`, `coverage`
    and `language` as in `DocumentOut`; a file that failed has no language.
    """

    source: str
    outcome: str
    document_id: str
    version: int
    version_id: str
    pages: int
    chunks: int
    reason: str = ""
    warnings: list[FileWarning]
    coverage: Coverage
    language: str
    children: Annotated[list[UploadOut], Field(validate_default=True)] = []


class VerificationOut(Model):
    """How verifying the trail stands, in the process that was asked. `state`: `never` since it has started, `running`,
    `whole`, `tampered` (or a witness disagrees), or `failed`: it could not be done. `done` of `total`: records that are
    read, of a trail that takes long. `rows`: records that were read; `first_bad`: the first that is not as it was
    written; `first_at`, `last_at`: when the first and the last of those before it, or of all, were written; `problem`:
    what is wrong, or why it could not be done; `open`: at most 100 of `left_open`, oldest first.
    """

    state: State1
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    rows: int = 0
    first_bad: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    problem: str = ""
    left_open: int = 0
    open: Annotated[list[OpenOut], Field(validate_default=True)] = []
    witnesses: Annotated[list[WitnessOut], Field(validate_default=True)] = []


class VersionDetailOut(Model):
    """A version of a document; `version`, `version_id` and `corrects` as in `VersionOut`. `date` as it was given;
    `effective`: the day from which it holds, null: since ever; the rest as in `DocumentOut`.
    """

    version: int
    version_id: str
    current: bool
    added_at: datetime
    date: str | None
    effective: date_aliased | None
    corrects: int | None
    title: str
    media_type: str
    content_sha256: str
    bytes: int
    pages: int | None
    warnings: list[FileWarning]
    coverage: Coverage
    behind: bool
    chunking: str
    language: str


class VersionList(Model):
    document_id: str
    versions: list[VersionDetailOut]


class WordsOut(Model):
    """Words that changed, within the places of their difference, and what kind of change that is."""

    old: SpanOut
    new: SpanOut
    changes: list[RetrievalComparingTypesChange]


class WrongList(Model):
    versions: list[WrongOut]


class AffectedOut(Model):
    """`asked_by`: "" where that cannot be told any more; `question` is empty where it is erased. `changed`: versions by
    their stored numbers, and by the ids that all readers know them by. `seen_at`: when who asked was last told;
    `asked_again`: the answer that took its place.
    """

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    changed: list[Changed]
    seen_at: datetime | None
    asked_again: str
    cells: Annotated[list[ApiHttpSchemasRecallCellOut], Field(validate_default=True)] = []


class AnyJobList(Model):
    """Newest first. `workers`: lanes that are alive; `waiting`: files of all jobs; `stalled`: those that a worker holds
    which died; `failed`: files within a day.
    """

    jobs: list[AnyJobOut]
    workers: int
    waiting: int
    stalled: int
    failed: int
    next: str | None = None


class Citation(Model):
    """A quote in a document: `quote == text[start:end]` of that immutable version's canonical text.

    `page_label`: what is printed on the page, or its number; `bates`: its Bates number; `cell`: where a spreadsheet has
    it ("Rents!B7", "Rents!A7:C9"); each "" where there is none. `confidence`: of the least sure of its lines that were
    recognised from a picture, 0 to 1. `warnings`: what ingestion was unsure of in these words, or on their page.
    `version_id` names the version for everybody; `version` is as it is stored and, once the answer is given to
    somebody, as they count. `context`: of a table's row, what it is read under: unit first, then the headers of its
    columns from the left; empty where the quote holds them itself.
    """

    id: int
    document_id: str
    version: int
    content_sha256: str
    title: str
    source: str
    section_path: list[str]
    page: int | None
    start: int
    end: int
    quote: str
    boxes: Annotated[list[Box], Field(validate_default=True)] = []
    page_label: str = ""
    bates: str = ""
    cell: str = ""
    confidence: float | None = None
    warnings: Annotated[list[FileWarning], Field(validate_default=True)] = []
    version_id: str = ""
    context: Annotated[list[CitedFrame], Field(validate_default=True)] = []


class CitationEvent(Model):
    citation: Citation


class DecisionList(Model):
    decisions: list[DecisionOut]
    next: str | None = None


class DifferenceOut(Model):
    """`old` and `new`: sentences, table rows or whole clauses, one side empty where something was added or removed.
    `changes`: every kind of change in it, the most telling first; of what was changed alone.
    """

    kind: Kind
    changes: list[RetrievalComparingTypesChange]
    old: list[PlaceOut]
    new: list[PlaceOut]
    words: list[WordsOut]


class DocumentOut(Model):
    """A document that the caller may read, as its current version shows it. `added_at`: since when there is a version
    that they may read. `may_change`: whether the caller may
    delete or restore it. `warnings`: what could not be read, or not surely; `coverage`: how its pages were read, all 0
    where they are not told apart; `behind`: it was read by older rules than today's; `chunking`: how its text is cut
    for search; `language`: of its words (BCP 47), "und" where none can be told. The last two are of deleted
    documents alone.
    """

    document_id: str
    title: str
    source: str
    version: int
    version_id: str
    media_type: str
    pages: int | None
    bytes: int
    date: str | None
    added_at: datetime
    allow: list[str]
    versions: list[VersionOut]
    may_change: bool
    warnings: list[FileWarning]
    coverage: Coverage
    behind: bool
    chunking: str
    language: str
    deleted_at: datetime | None = None
    restorable_until: datetime | None = None


class EvaluationList(Model):
    runs: list[EvaluationOut]
    next: str | None = None


class FeedbackList(Model):
    feedback: list[FeedbackOut]
    next: str | None = None


class JobFileOut(Model):
    """A file of a job. `result`: what became of it, with its warnings; `code` and `reason`: why it failed."""

    number: int
    name: str
    source: str
    bytes: int
    status: FileState
    outcome: str | None = None
    code: str = ""
    reason: str = ""
    result: UploadOut | None = None
    started_at: datetime | None
    ended_at: datetime | None


class JobList(Model):
    """Newest first; `next`: `before` for older ones, None at the end."""

    jobs: list[JobOut]
    next: int | None
    limits: JobLimits


class NearPassage(Model):
    """A passage in its own words. `score`: how likely it is what is asked for, 0 to 1, by both models together;
    `relevance`: the reranker's logit; `answers`: the selector's probability.
    """

    citation: Citation
    score: float
    relevance: float
    answers: float


class NoticeList(Model):
    notices: list[NoticeOut]


class PassageOut(Model):
    """A passage; `quote` is a citation whose `id` is the number of the passage in this list, and its `quote` the whole
    of it, characters [start, end) of the version.

    `rank`: its place in the final order, from 1; 0: the search did not find it, it was shown since what was found
    refers to it. `score`: by which that order is, null with rank 0. `scores` and `ranks` by stage: "dense" (the
    embedder), "sparse" (BM25), "fused" (both together), "boost" (clues in the question; a score alone), "rerank" (the
    cross-encoder); a rank is missing where the passage is not among the candidates of that leg, or the record is older.
    `question`: the part of the question that found it, "" where it has none. `copies`: passages that say the same.
    `shown`: the generator was given any of it to read, `markers`: under these numbers. `cited`: ids of the answer's
    citations that stand in it, `nearest` of an abstention's.
    """

    quote: Citation
    rank: int
    score: float | None
    scores: dict[str, float]
    ranks: dict[str, int]
    question: str
    copies: list[Citation]
    shown: bool
    markers: list[int]
    cited: list[int]
    nearest: list[int]


class ReviewList(Model):
    """Newest first; `next`: `after` for older ones, None at the end."""

    reviews: list[ReviewOut]
    next: str | None


class RunningList(Model):
    """Newest first."""

    running: list[RunningOut]


class WhyOut(Model):
    """Why an answer is what it is. `in_order`: whether `sentences` are in the order in which they were looked at; older
    records have those that shipped first.
    """

    audit_id: str
    asked: AskedOut
    passages: list[PassageOut]
    counts: CountsOut
    sentences: list[LookedAtOut]
    in_order: bool


class Abstention(Model):
    """Why there is no answer: what was searched, and up to three quotes of what came closest, best first.

    The quotes are numbered from 1 and resolve like any citation; none of them answers the question.
    """

    searched: Searched
    nearest: Annotated[list[Citation], Field(validate_default=True)] = []


class AffectedList(Model):
    answers: list[AffectedOut]
    next: str | None = None


class Answer(Model):
    """The whole answer, as shipped. `withheld` sentences were generated and not supported; they are never shown.

    `why` and `explanation`, one plain sentence, say what is missing; both are empty where nothing is. `cautions`: where
    ingestion was unsure of the words that are cited. `left_aside`: in languages that no answer is given in, or from.
    `parts`: of the question, where it was split. `abstention` comes
    with the status "abstained" and no other. `follow_up`: where another question was asked than the one that was
    typed; `conversation`: where it is kept. Both are told with the answer, and no part of its record. `strictness`: by
    which it was given.
    """

    answer: str
    status: Status
    sentences: list[Sentence]
    citations: list[Citation]
    model: ModelCard
    usage: Usage
    timings_ms: dict[str, float]
    audit_id: str = ""
    withheld: int = 0
    abstention: Abstention | None = None
    why: Why = Why.field_
    explanation: str = ""
    parts: Annotated[list[PartAnswer], Field(validate_default=True)] = []
    assumed: Annotated[list[Assumed], Field(validate_default=True)] = []
    cautions: Annotated[list[Caution], Field(validate_default=True)] = []
    left_aside: Annotated[list[LeftAside], Field(validate_default=True)] = []
    follow_up: FollowUp | None = None
    conversation: Turn | None = None
    strictness: Strictness = Strictness.usual


class AnsweredCell(Model):
    """With its answer as POST /v1/query gave it; None where there is none. `changed`: what has become since of the
    versions that it quotes or names. `sign_offs`: what people have said of it, oldest first.
    """

    document_id: str
    question: int
    status: CellStatus
    code: str = ""
    audit_id: str | None = None
    version: int | None = None
    version_id: str = ""
    computed_at: datetime | None = None
    answer: Answer | None = None
    changed: Annotated[list[Changed], Field(validate_default=True)] = []
    sign_offs: Annotated[list[SignOffOut], Field(validate_default=True)] = []


class CompareOut(Model):
    """`counts` and `changes` count all differences, by kind and by kind of change; `total` those that were asked for
    with `only`; `next`: the `offset` of the rest of these, null where there is none. `alike`: which share of the words
    of both stands in sentences and rows that are the same. `notes`: what was not compared, or not as surely.
    """

    old: ComparedOut
    new: ComparedOut
    summary: str
    alike: float
    counts: dict[str, int]
    changes: dict[str, int]
    total: int
    next: int | None
    notes: list[str]
    differences: list[DifferenceOut]


class DocumentAbsence(Model):
    """One document. `score`: of its best passage; `near`: it is too high for the document to be called absent.
    `nearest`: best first; where it is found the first one holds it. The cross-encoder has read `passages_read` of its
    `passages`, those that the search ranks first. `gaps` are why it is `unsure` though nothing in it comes near.
    `version` and `version_id` as in `Citation`.
    """

    document_id: str
    version: int
    version_id: str
    title: str
    source: str
    content_sha256: str
    status: Presence
    score: float
    near: bool
    nearest: list[NearPassage]
    pages: PagesRead
    gaps: list[ReadingGap]
    passages: int
    passages_read: int


class DocumentList(Model):
    """`recycle_days`: for how long a deleted document can be restored; 0: not at all. `total`: how many there are on
    all pages; `next`: what to ask for as `after` to see more, null on the last one.
    """

    documents: list[DocumentOut]
    recycle_days: int
    total: int
    next: str | None = None


class FinalEvent(Model):
    answer: Answer


class JobDetail(Model):
    """With its files, by number; `next`: `after` for the rest of them, None at the end."""

    id: str
    kind: str
    title: str
    status: JobState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancelling: bool
    listing: bool
    total: int
    ended: int
    done: int
    failed: int
    cancelled: int
    outcomes: dict[str, int] = {}
    files_per_second: float | None = None
    seconds_left: float | None = None
    files: list[JobFileOut]
    next: int | None


class KeptOut(Model):
    """An answer as it was given. `asked_by`: `user:NAME`. `changed`: what has become of the versions that it quotes or
    names.
    """

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    as_of: date_aliased | None
    answer: Answer
    changed: list[Changed]


class ReviewRow(Model):
    """A document and its cells, one for each question; for whom it is shared with, those that they may see. `version`:
    the one in force now.
    """

    document_id: str
    title: str
    source: str
    version: int
    version_id: str
    cells: list[AnsweredCell]


class SideOut(Model):
    """`answer`: what was answered, as the trail keeps it: for a credential with the scope `audit`, of a caller who may
    read every version that it quotes or names, over this installation's documents; else null.
    """

    run_id: str
    case: CaseResultOut
    metrics: list[FigureOut]
    answer: KeptOut | None


class TurnOut(Model):
    """`question`: as it was typed; `asked`: as it was asked, where `follow_up` tells what it was put together from.
    `answer` null: it cannot be opened (any more): the caller may not read all that it quotes or names, or what this
    goes on from, or it is not kept any more. `changed`: what has become since of the versions that it quotes or
    names. `narrowed`: what it was narrowed to, told to who asked alone.
    """

    number: int
    asked_at: datetime
    question: str | None
    asked: str | None
    follow_up: FollowUp | None
    as_of: date_aliased | None
    answer: Answer | None
    changed: Annotated[list[Changed], Field(validate_default=True)] = []
    narrowed: NarrowedOut | None = None


class Absence(Model):
    """The whole. `statement` and `reasons` are plain sentences; `reasons` tells why nothing is established. `missing`:
    how many of the documents that were named are not there for who asks. `snapshot` names what was looked through.
    """

    question: str
    status: AbsenceStatus
    statement: str
    reasons: list[str]
    documents: list[DocumentAbsence]
    missing: int
    bounds: AbsenceBounds
    snapshot: str
    audit_id: str = ""


class AbsenceEvent(Model):
    """The last one."""

    absence: Absence


class CaseSides(Model):
    """A case, and the same in the other run, null where that has not asked it. `same`: whether both are of one version
    of its set, so that they can be compared.
    """

    now: SideOut
    then: SideOut | None
    same: bool


class ConversationDetail(Model):
    """`shares`: with whom, told to its owner alone."""

    id: str
    owner: str
    title: str
    matter: str
    created_at: datetime
    updated_at: datetime
    turns: int
    history: list[TurnOut]
    shares: list[ShareOut]


class ReviewDetail(Model):
    """With rows in the order of the documents' titles; `next`: `after` for the rest of them, None at the end."""

    id: str
    owner: str
    title: str
    questions: list[str]
    as_of: date_aliased | None
    live: bool
    strictness: Strictness
    status: ReviewStatus
    created_at: datetime
    documents: int
    cells: int
    counts: dict[str, int]
    shares: list[str]
    rows: list[ReviewRow]
    next: str | None


UploadOut.model_rebuild()
