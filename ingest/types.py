"""What ingestion produces: a parsed file, its immutable canonical text, and chunks that are spans of it."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

PARSER_RULES = 2  # goes up when parsers read other words than before: stored files are then behind until read again
NAME_RULES = 2  # goes up when other names or facts are found than before: stored ones are then derived anew
MAX_SOURCE_BYTES = 2_600  # in UTF-8; an entry of a B-tree of PostgreSQL has at most 2,704
DOCUMENT_NAMESPACE = uuid.UUID("5a0c7f6e-3f0b-5d0e-9b61-0f6f6f746e65")


class ElementKind(StrEnum):
    """The structural role of an element."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    NOTE = "note"  # a foot- or endnote: its printed mark, then its words
    COMMENT = "comment"
    REVISION = "revision"  # words that a tracked change took out, or that are struck out
    CODE = "code"  # the text of a source file as it stands there, with its line ends and indents


class ChunkingKind(StrEnum):
    """How a text is cut into chunks (docs/chunking.md says which one suits what)."""

    STRUCTURE = "structure"  # whole paragraphs and tables of a section
    RECURSIVE = "recursive"  # of even size, whatever headings there are
    SEMANTIC = "semantic"  # between sentences that are about different things
    SMALL_TO_BIG = "small-to-big"  # a few sentences are searched, what stands around them is shown
    CODE = "code"  # whole functions and classes of source files; the rest as by structure


CHUNK_CHARS, CHUNK_SIZES = 800, range(200, 1601)


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a document is chunked. `summary`: what it is about is indexed with each of its chunks. `chars`: at about so
    many characters a chunk is closed."""

    kind: ChunkingKind = ChunkingKind.STRUCTURE
    summary: bool = False
    chars: int = CHUNK_CHARS

    def __str__(self) -> str:
        size = "" if self.chars == CHUNK_CHARS else f"@{self.chars}"
        return f"{self.kind}{size}{_WITH_SUMMARY if self.summary else ''}"

    @staticmethod
    def of(text: str) -> Chunking:
        """As `str` has it: "structure", "semantic+summary", "recursive@400"; raises `ValueError` with what there is to
        choose from."""
        named, plus, rest = text.strip().lower().partition("+")
        kind, at, chars = named.partition("@")
        sized = not at or (chars.isdecimal() and int(chars) in CHUNK_SIZES)
        if kind not in list(ChunkingKind) or f"{plus}{rest}" not in ("", _WITH_SUMMARY) or not sized:
            kinds = ", ".join(ChunkingKind)
            raise ValueError(
                f"{text[:80]!r} is no kind of chunking. Choose from {kinds}; each also with {_WITH_SUMMARY}, and with "
                f"a size of {CHUNK_SIZES[0]} to {CHUNK_SIZES[-1]} characters as in structure@400."
            )
        return Chunking(ChunkingKind(kind), bool(plus), int(chars or CHUNK_CHARS))


_WITH_SUMMARY = "+summary"


class WarningKind(StrEnum):
    """Why the stored words of a file, or of a passage in it, may not be all that its reader sees."""

    UNREAD_PAGE = "unread_page"  # a page that shows something, of which no word could be read
    UNREAD_PART = "unread_part"  # an attachment, picture, chart or embedded object that was not read
    UNCACHED_FORMULA = "uncached_formula"  # a formula that was saved without its value
    NUMBER_FORMAT = "number_format"  # a number stored as it is because its format was not understood
    COVERED_TEXT = "covered_text"  # words under a box, left out
    HIDDEN_TEXT = "hidden_text"  # words that the file holds and does not show, left out
    FONT_MAPPING = "font_mapping"  # a font whose characters are not what it says that they are
    REDLINE = "redline"  # struck-out words or tracked changes
    LOW_CONFIDENCE = "low_confidence"  # recognised from a picture, and not surely
    CUT_TABLE = "cut_table"  # rows or columns that were left out, or a table that could not be made out
    ENCODING = "encoding"  # bytes that are no text in the encoding that the file has
    READING_ORDER = "reading_order"  # the order of the words on the page is a guess
    INSTRUCTION = "instruction"  # words like an instruction to the assistant; told when they are read for an answer
    OTHER_WORDS = "other_words"  # it became a version of a document with whose words it has nothing in common


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Characters [start, end) of a text that point to a person: a `kind` as Presidio names it, with a `score` in
    [0, 1]."""

    kind: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class FileWarning:
    """What ingestion could not be sure of. `words`: one sentence for a person, which never repeats hidden words.

    [start, end) are offsets into the text of whoever holds it: an element's as a parser gives it, the canonical text
    in a `Document`; both -1 where no stored words are concerned, as with an unread page. `page` counts from 1.
    """

    kind: WarningKind
    words: str
    page: int | None = None
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in PDF points from the page's top-left corner; `page` counts from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class LineBox:
    """Where one printed line of text lies: characters [start, end) of the owner's text, and its box.

    `confidence`: how sure the recognition of a picture's words is, 0 to 1; None for text that the file holds.
    """

    start: int
    end: int
    box: Box
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the rows and columns of a table lie in a spreadsheet.

    Line i of the table's text is row `rows[i]` (from 1); cell j of a line, between " | ", is column `columns[j]`, in
    letters. `sheet` is "" in a format that has one sheet only.
    """

    sheet: str
    columns: tuple[str, ...]
    rows: tuple[int, ...]

    def named(self, cells: str) -> str:
        """Cells ("B3", "B3:C4") with their sheet before them, as a spreadsheet writes it."""
        plain = self.sheet.replace("_", "").isalnum() and not self.sheet[:1].isdigit()
        quoted = self.sheet if plain else "'" + self.sheet.replace("'", "''") + "'"
        return f"{quoted}!{cells}" if self.sheet else cells


class PageSource(StrEnum):
    """Where the words of a page come from."""

    TEXT = "text"
    OCR = "ocr"
    UNREAD = "unread"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One page of a file. `number` counts from 1; `label` is what is printed on it ("iv", "B-3") and `bates` its Bates
    number, "" where there is none. `confidence`: mean of the recognised lines, 0 to 1, None without recognition."""

    number: int
    source: PageSource = PageSource.TEXT
    label: str = ""
    bates: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many pages have words of the file's own, words recognised from a picture, none that could be read, and
    nothing on them."""

    text: int = 0
    ocr: int = 0
    unread: int = 0
    blank: int = 0

    @staticmethod
    def of(pages: Sequence[PageInfo]) -> Coverage:
        sources = [page.source for page in pages]
        return Coverage(*(sources.count(source) for source in PageSource))

    @property
    def total(self) -> int:
        return self.text + self.ocr + self.unread + self.blank


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside a file, as a mail's attachment or a member of a ZIP archive: a document of its own, which the
    readers of the outer one may read. `name` may have folders."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, class or the like at characters [start, end) of a source file's text, with what is said of it right
    above. Definitions come in order, those that lie in another one right after it."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """One structural piece of a file, in reading order.

    `text` is final: whitespace-normalised (single spaces, no leading or trailing space), a table as one
    line per row with cells joined by " | " and its header row first. `level` is 1 (outermost) to 6 for
    headings and 0 otherwise. `page` counts from 1 and is None where the format has no pages.
    `lines` are offsets into this element's own text, ascending, and empty where nothing is known. `warnings` are about
    words of this element; those without offsets about all of it. `grid`: of a table out of a spreadsheet. `author` and
    `date` (as the file has it): who wrote a comment or made a tracked change. Code keeps its blanks and line ends, and
    has the `definitions` that were found in it.
    """

    kind: ElementKind
    text: str
    level: int = 0
    page: int | None = None
    lines: tuple[LineBox, ...] = ()
    warnings: tuple[FileWarning, ...] = ()
    grid: Grid | None = None
    author: str = ""
    date: str = ""
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What a parser makes of one file. `title` is never empty; `page_count` is None without pages.

    `warnings` are those about no element. `pages` has every page in order, or is empty where none is told apart.
    A file without elements of its own is a mere container of its `parts`.
    """

    title: str
    media_type: str
    elements: tuple[Element, ...]
    page_count: int | None = None
    warnings: tuple[FileWarning, ...] = ()
    pages: tuple[PageInfo, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedElement:
    """An element and its span [start, end) in the document's canonical text."""

    element: Element
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """One thing that people call a document by.

    `kind`: "title", "file name", "party", "issuer", "kind" or "period"; `text` as it is spelled; `value`: the normal
    form of a kind or period; `origin`: where it came from, [start, end) there if that is the canonical text, else -1.
    """

    kind: str
    text: str
    value: str
    origin: str
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A page (from 1) of a version (None: the current one) as a picture `width` pixels wide. Marked on it are the words
    of `quote`, or characters [start, end) of the text; nothing with neither."""

    page: int
    version: int | None = None
    quote: str = ""
    start: int = -1
    end: int = -1
    width: int = 1000


class FactKind(StrEnum):
    """What is known of a document as a whole. A document has several parties, and at most one of everything else."""

    PARTY = "party"
    AGREEMENT_DATE = "agreement_date"  # on which it was made or signed
    EFFECTIVE_DATE = "effective_date"
    EXPIRY_DATE = "expiry_date"  # the end of the first term
    DOCUMENT_KIND = "document_kind"
    GOVERNING_LAW = "governing_law"
    GOVERNING_LANGUAGE = "governing_language"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and the words that say so: [start, end) of the canonical text.

    `value`: a day YYYY-MM-DD, the name of a party, a place or a language, or a kind of document in small letters.
    `role` and `term`: what the document calls a party, as "Supplier" and "Kestrel"; `role` of an expiry that was worked
    out says from what ("5 years from 2014-12-05").
    """

    kind: FactKind
    value: str
    start: int
    end: int
    role: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class KnownFact:
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


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The facts of a document as a version of it and people say; `may_change`: whether who asks may set them."""

    document_id: str
    version: int
    facts: tuple[KnownFact, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact that a person sets. `quote`: words of the current version that say so, or none. `replaces`: of parties,
    the value that it stands in the place of."""

    kind: FactKind
    value: str
    role: str = ""
    term: str = ""
    quote: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One immutable version of a document: the canonical text and where everything lies in it.

    For every placed element `text[start:end] == element.text`. `source` is the document's stable name
    (a path or an upload name); two files with the same source are versions of one document. `names`: what it is called.
    `reading`: as `reading_of` has it; "" for what was stored before there was any. `language`: of most of its words, a
    BCP 47 code, "und" where none can be told; `language_set`: a person said so.
    """

    source: str
    title: str
    media_type: str
    content_sha256: str
    text: str
    elements: tuple[PlacedElement, ...]
    page_count: int | None = None
    names: tuple[Name, ...] = ()
    warnings: tuple[FileWarning, ...] = ()
    pages: tuple[PageInfo, ...] = ()
    reading: str = ""
    facts: tuple[Fact, ...] = ()
    language: str = "und"
    language_set: bool = False

    @property
    def read_as(self) -> str:
        """Names this content as it was read: other parsers may read other words in the same bytes. 64 hex digits."""
        return self.reading or self.content_sha256

    @property
    def id(self) -> str:
        """UUIDv5 of the source, so that every installation gives a document the same id."""
        return document_id(self.source)

    def lines(self) -> tuple[LineBox, ...]:
        """Every printed line with offsets into `text`, in reading order."""
        return tuple(
            replace(line, start=placed.start + line.start, end=placed.start + line.end)
            for placed in self.elements
            for line in placed.element.lines
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document's canonical text that is indexed, retrieved and cited.

    `text == document.text[start:end]`. `section_path` runs from the outermost heading inwards. `page` is
    that of the first character. `table_header` is the header row when the span begins inside a table. `summary` says
    what the document is about, "" unless it is indexed. `parent`: [start, end) of what is shown where this is found;
    None: this alone, or what retrieval finds around it.
    """

    id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    title: str
    section_path: tuple[str, ...] = ()
    page: int | None = None
    table_header: str = ""
    summary: str = ""
    parent: tuple[int, int] | None = None

    @property
    def heading(self) -> str:
        """Title and section path in one line: what a reader needs in order to place the span."""
        return " > ".join((self.title, *self.section_path))

    @property
    def indexed_text(self) -> str:
        """What is embedded and tokenised: the span under its title, headings, summary and table header."""
        return "\n".join(part for part in (self.heading, self.summary, self.table_header, self.text) if part)


def document_id(source: str) -> str:
    """The id of the document named `source`: a UUIDv5 in text form."""
    return str(uuid.uuid5(DOCUMENT_NAMESPACE, source))


WALL = "!"  # before a principal in a label: may not read, whatever else the label says
SHUT = "?"  # before a principal in somebody's tokens: they are it, and it opens nothing; walls against it hold
NAME = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}"  # of a user or group, as a credential and a label may carry it
_PRINCIPAL = re.compile(f"(?:user|group):{NAME}")


def is_principal(token: str) -> bool:
    """Whether it is `user:NAME` or `group:NAME` as a credential could carry it."""
    return _PRINCIPAL.fullmatch(token) is not None


def walled(tokens: Iterable[str]) -> frozenset[str]:
    """What a label holds that keeps the bearer of one of these tokens out."""
    return frozenset(WALL + token.removeprefix(SHUT) for token in tokens)


def admits(label: frozenset[str], tokens: frozenset[str]) -> bool:
    """Whether a label lets the bearer of these tokens in: it names one of them, and walls none of them off."""
    if label.isdisjoint(tokens):
        return False
    walls = (name.removeprefix(WALL) for name in label if name.startswith(WALL))
    return not any(name in tokens or SHUT + name in tokens for name in walls)


def reading_of(content_sha256: str, text: str) -> str:
    """The name of a content as it was read: 64 hex digits that depend on the bytes and the words read in them."""
    return hashlib.sha256(f"{content_sha256}\0{text}".encode(errors="surrogatepass")).hexdigest()


def chunk_id(document: str, read_as: str, start: int, end: int) -> str:
    """The content id of a span: 32 hex digits that depend on nothing but the document's name and what was read."""
    return hashlib.sha256(f"{document}\0{read_as}\0{start}\0{end}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes documents: a user with the tokens that labels name them by, or the operator (no user), who may do
    everything. `admin`: may change every document that they may read."""

    user: str | None = None
    tokens: frozenset[str] = frozenset()
    admin: bool = False

    @property
    def operator(self) -> bool:
        return self.user is None

    @property
    def name(self) -> str:
        """As the audit trail has it."""
        return "operator" if self.user is None else f"user:{self.user}"


OPERATOR = Author()


@dataclass(frozen=True, slots=True)
class NewLabel:
    """Who is to read documents: `only` these, or, where that is None, those of before with `more`, without `fewer`."""

    only: frozenset[str] | None = None
    more: frozenset[str] = frozenset()
    fewer: frozenset[str] = frozenset()

    def of(self, before: frozenset[str]) -> frozenset[str]:
        """For documents that had this label. Walls in it stay: they are none of who changes documents."""
        wanted = (before | self.more) - self.fewer if self.only is None else self.only
        return wanted | {token for token in before if token.startswith(WALL)}


class LabelOutcome(StrEnum):
    """What became of one document's label. What is missing and what is hidden is the same."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document, by the id that it was asked for, and who may read it now; `refusal`: why its label stayed."""

    document_id: str
    outcome: LabelOutcome
    allow: frozenset[str] = frozenset()
    refusal: str = ""
