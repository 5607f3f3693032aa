"""What generation produces: sentences with citations and verdicts, and the events in which they ship."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.types import Box, FileWarning, Grid, LineBox, PageInfo, WarningKind
from retrieval.types import Clue, Passage


class Verdict(StrEnum):
    """What the gate says of a sentence against its evidence (NLI labels)."""

    ENTAILED = "entailed"
    NEUTRAL = "neutral"
    CONTRADICTED = "contradicted"


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

    MARKER = "marker"
    LANGUAGE = "language"
    RELEVANCE = "relevance"
    VERBATIM = "verbatim"
    FIGURES = "figures"
    JUDGE = "judge"
    SECOND = "second"
    SELECTOR = "selector"
    LENGTH = "length"
    CITATION = "citation"
    GUARD = "guard"
    STRICTNESS = "strictness"
    CONFLICT = "conflict"


class Strictness(StrEnum):
    """How much is left to doubt in an answer: what the gate passes, or less (`Strict`)."""

    USUAL = "usual"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Strict:
    """What a strict answer withholds of what the gate has passed: a sentence with less support than this, one that
    rests on words of which ingestion was unsure, or that look like an instruction, and one that another source
    contradicts."""

    support: float


class Status(StrEnum):
    """What remains after the gate."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    ABSTAINED = "abstained"


class Why(StrEnum):
    """What an answer lacks, or why there is none. Nothing is said of what the documents hold beyond what was shown."""

    NONE = ""  # it is whole
    NOTHING_FOUND = "nothing_found"  # nothing that the asker may read bears on it
    NOTHING_DRAFTED = "nothing_drafted"  # passages were shown, and the generator found no answer in them
    NOT_SUPPORTED = "not_supported"  # passages were shown, and what was drafted from them did not pass the gate
    NOT_MEASURED = "not_measured"  # it, or what was found on it, is in a language that the gate was not measured in
    ASKED_FOR_MORE = "asked_for_more"  # a part is answered; for another nothing was found, or nothing drafted


class Note(StrEnum):
    """How a shipped sentence came about, where it is not simply what the generator wrote and cited."""

    NONE = ""
    QUOTED = "quoted"  # a source's own words
    MOVED = "moved"  # cites other passages than the generator did
    CONFLICT = "conflict"  # our words: another source says otherwise


class Suspicion(StrEnum):
    """How much words look like an instruction to the assistant, and what follows: NOTED is recorded; LIKELY is not read
    by the generator, and whoever cites it says so; on what is SURE no sentence rests besides."""

    NOTED = "noted"
    LIKELY = "likely"
    SURE = "sure"

    @property
    def order(self) -> int:
        return list(Suspicion).index(self)


@dataclass(frozen=True, slots=True)
class Suspect:
    """Characters [start, end) of a text that look like an instruction to the assistant, by a `score` in [0, 1]."""

    start: int
    end: int
    score: float
    level: Suspicion

    @property
    def sure(self) -> bool:
        return self.level is Suspicion.SURE


@dataclass(frozen=True, slots=True)
class TableSpan:
    """A table out of a spreadsheet, at characters [start, end) of the canonical text."""

    start: int
    end: int
    grid: Grid


@dataclass(frozen=True, slots=True)
class SourceText:
    """A version as citations are resolved in it: the canonical text, its printed lines, what ingestion was unsure of,
    the pages by number, the tables out of spreadsheets, and the language of its words (BCP 47, "und": none known)."""

    text: str
    lines: Sequence[LineBox]
    warnings: Sequence[FileWarning] = ()
    pages: Mapping[int, PageInfo] = field(default_factory=dict)
    tables: Sequence[TableSpan] = ()
    language: str = "und"


class Frame(StrEnum):
    """What says what a table's row means: the HEADER of a column, or, where it names a unit or scale, a CAPTION in the
    table or (UNIT) the line above it."""

    HEADER = "header"
    CAPTION = "caption"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class CitedFrame:
    """Words of the same version that a quoted row cannot be read without: `quote == text[start:end]`. `page`, `boxes`
    and `cell` as in `Citation`."""

    kind: Frame
    start: int
    end: int
    quote: str
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
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
    section_path: tuple[str, ...]
    page: int | None
    start: int
    end: int
    quote: str
    boxes: tuple[Box, ...] = ()
    page_label: str = ""
    bates: str = ""
    cell: str = ""
    confidence: float | None = None
    warnings: tuple[FileWarning, ...] = ()
    version_id: str = ""
    context: tuple[CitedFrame, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A shipped sentence: its span in the answer, its verdict, the gate's support in [0, 1], its citations.

    `part`: which part of the question it answers, 1..n of `Answer.parts`; 0 where the question has none. `cautions`:
    what ingestion was unsure of in the words that it cites.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    support: float
    citations: tuple[int, ...]
    note: Note = Note.NONE
    part: int = 0
    cautions: tuple[WarningKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Caution:
    """What a reader is told of the sources of an answer: one plain sentence, and the citations that it is about."""

    kind: WarningKind
    words: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entailment:
    """Calibrated probabilities that evidence entails, leaves open or contradicts a claim; they sum to 1."""

    entailed: float
    neutral: float
    contradicted: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader of evidence, question and claim has understood, as probabilities: that the evidence supports the
    claim, and that the claim answers the question in full."""

    supported: float
    answers: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """What the trained judge and a reader say together: a logistic regression on their log odds.

    Weights of the trained judge's entailment and contradiction and of what the reader `said` of the support, with a
    `bias`. `ship`: the support from which a claim ships that has to answer a question, `answers`: the reader's
    probability that it does from which it may; `alone`: the support from which one ships that need not answer.
    """

    bias: float
    entailed: float
    contradicted: float
    said: float
    ship: float
    answers: float
    alone: float

    def support(self, found: Entailment, said: float) -> float:
        """The probability that the evidence entails the claim."""
        odds = zip(
            (self.entailed, self.contradicted, self.said), (found.entailed, found.contradicted, said), strict=True
        )
        return 1.0 / (1.0 + math.exp(-self.bias - sum(weight * log_odds(p) for weight, p in odds)))


def log_odds(probability: float) -> float:
    """Natural log odds, of probabilities no nearer to 0 and 1 than a ten-thousandth."""
    clipped = min(max(probability, 1e-4), 1.0 - 1e-4)
    return math.log(clipped / (1.0 - clipped))


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the gate draws its lines; chosen on held-out data for a stated risk (generation/gate/limits.toml).

    A claim with support of at least `ship` ships; from `grey` on the language model decides, if there is one. Where a
    reader is at hand, `pooled` decides in their place. `conflict`: the probability of contradiction from which another
    source counts as saying the opposite.
    """

    ship: float
    grey: float
    conflict: float
    pooled: Pooled | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one claim or sentence came to, with a support in [0, 1], and the stage that decided."""

    verdict: Verdict
    support: float
    stage: Stage
    reason: str = ""

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.ENTAILED


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a passage, with offsets into the version's canonical text. `score`, in [0, 1], compares how well
    spans fit one claim by their words."""

    passage: Passage
    start: int
    end: int
    score: float

    @property
    def quote(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


Checks = tuple[tuple[Stage, bool], ...]  # every look that was taken, in order, and whether it caught something


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate makes of one generated sentence.

    `text` are the words that may ship, `evidence` what they rest on (empty unless the sentence passed). `moved`: it
    rests on other passages than the generator cited.
    """

    text: str
    judgement: Judgement
    evidence: tuple[Evidence, ...] = ()
    moved: bool = False
    checks: Checks = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that the generator wrote and the gate kept back. Goes into the audit record only; a reader is told
    how many there were.

    `part`: of the question, as in `Sentence`. `surplus`: it came after a sentence that answers that part, or what
    it was drawn from answers in its place.
    """

    text: str
    judgement: Judgement
    part: int = 0
    surplus: bool = False


class Origin(StrEnum):
    """Where a sentence that was looked at comes from: what the generator WROTE; a source's own words that were to OPEN
    the answer; a source's own words INSTEAD of a sentence that failed; our words on two sources that are at ODDS."""

    WROTE = "wrote"
    OPEN = "open"
    INSTEAD = "instead"
    ODDS = "odds"


class Fate(StrEnum):
    """What became of it. LEFT_OUT: it passed, and said no more than what had shipped."""

    SHIPPED = "shipped"
    WITHHELD = "withheld"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence that was looked at, for the record, which has its words elsewhere: `at` is its place, from 0, among
    what has the same fate, of every try; what did not open the answer, among what was to. `stage`: what decided;
    `markers`: of the passages that the generator named."""

    origin: Origin
    fate: Fate
    part: int
    at: int
    stage: Stage
    verdict: Verdict
    support: float
    markers: tuple[int, ...] = ()


EVALUATION = "evaluation"  # purpose of an answer that nobody asked for, not even the person in whose name it is


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything that decides an answer besides the question and the documents."""

    generator: str
    adapter: str
    embedder: str
    reranker: str
    judge: str
    prompt: str
    snapshot: str


Version = tuple[str, int]  # document id and version number, as in `ChunkText`
Permits = Mapping[Version, Sequence[frozenset[str]]]  # a version's labels; each of them has to let a reader in


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the generator counts them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched, of the documents that the asker may read and of no others: the query as it was searched,
    the passages that came up and how many documents they are of, and what was read from the query's own words."""

    query: str
    documents: int
    passages: int
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstention:
    """Why there is no answer: what was searched, and up to three quotes of what came closest, best first.

    The quotes are numbered from 1 and resolve like any citation; none of them answers the question.
    """

    searched: Searched
    nearest: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """What became of one part of the question, in its own words. `title`: of the document that it alone is asked of,
    where parts are asked of different documents; else ""."""

    question: str
    status: Status
    why: Why
    title: str = ""


@dataclass(frozen=True, slots=True)
class Assumed:
    """Words of the question that name more than one document that the asker may read (`alternatives` of them), and one
    document and version of these that the answer was made from; `version_id` as in `Citation`."""

    words: str
    document_id: str
    version: int
    title: str
    alternatives: int
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class LeftAside:
    """What no answer was drafted from, since the gate was not measured in its language: `passages` that were found, or
    the question itself (0). `language`: BCP 47; `name`: the same in plain words ("German")."""

    language: str
    name: str
    passages: int


@dataclass(frozen=True, slots=True)
class Answer:
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
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    model: ModelCard
    usage: Usage = Usage()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    audit_id: str = ""
    withheld: int = 0
    abstention: Abstention | None = None
    why: Why = Why.NONE
    explanation: str = ""
    parts: tuple[PartAnswer, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    cautions: tuple[Caution, ...] = ()
    left_aside: tuple[LeftAside, ...] = ()
    follow_up: FollowUp | None = None
    conversation: Turn | None = None
    strictness: Strictness = Strictness.USUAL


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Of a question that cannot stand alone: its own `words`, the asker's earlier questions, oldest first, that it was
    put together with, how it was `asked` instead, and who did that: "rule", or "model" where a rule could not."""

    words: str
    earlier: tuple[str, ...]
    asked: str = ""
    by: str = "rule"


@dataclass(frozen=True, slots=True)
class Turn:
    """Where an answer is kept: the conversation's id, and its number there, 1.."""

    id: str
    number: int


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to the generator; `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of generated text; the last one carries the usage, and whether the reply was cut off: by the token limit,
    or since the model repeated itself. The usage is None where the server did not tell it: it does so at the end, so
    not of a reply that repeated itself, and some servers never do."""

    text: str
    usage: Usage | None = None
    cut: bool = False


# The events of an answer in the order in which they may come:
# StatusEvent("waiting")*, StatusEvent("searching"), RetrievalEvent, StatusEvent("writing") if there are passages,
# (CitationEvent*, SentenceEvent)*, FinalEvent


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What the service is doing now: "waiting", "searching", or "writing" (and checking each sentence). `place`: while
    it waits, the number in line; else 0. `question`: what is searched, where it is not what was typed; else "".
    `running`: in the first event of an answer that goes on without its reader, by what it is joined again; else ""."""

    stage: str
    place: int = 0
    question: str = ""
    running: str = ""


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """A version that an answer may rest on; `version_id` as in `Citation`."""

    document_id: str
    version: int
    title: str
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class RetrievalEvent:
    """How many passages the answer may rest on, the titles of the documents that they come from, of a comparison the
    title of the document of each part, and the very versions."""

    passages: int
    titles: tuple[str, ...]
    part_titles: tuple[str, ...] = ()
    sources: tuple[SourceVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class CitationEvent:
    citation: Citation


@dataclass(frozen=True, slots=True)
class SentenceEvent:
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class FinalEvent:
    answer: Answer


Event = StatusEvent | RetrievalEvent | CitationEvent | SentenceEvent | FinalEvent
