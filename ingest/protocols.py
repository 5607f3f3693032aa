"""What ingestion needs from others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.types import OPERATOR, PARSER_RULES, Author, Chunk, Chunking, Document, ParsedFile, admits

Vectors: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]  # texts to (n, dimension), rows of unit length
NAME_TAKEN = "There is a document of this name that you may not change. Upload the file under another name."


class Parser(Protocol):
    """Turns the bytes of one format into elements. Raises `IngestError`; imports heavy parts lazily."""

    media_types: frozenset[str]

    def parse(self, data: bytes, name: str) -> ParsedFile: ...


class Encoder(Protocol):
    """A transformer that maps one text, or one pair of texts, to its raw output. Thread-safe."""

    def encode(self, text: str, pair: str | None = None) -> NDArray[np.float32]:
        """Output of the model's only head for this row alone: (tokens, hidden) or (labels,)."""
        ...


class Embedder(Protocol):
    """Text to unit vectors. A row depends on its own text only, never on its batch."""

    name: str
    dimension: int

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, rows of unit length."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """(dimension,) float32 of unit length."""
        ...


class Chunkers(Protocol):
    """A chunker for each kind. Same document, kind and embedder, same chunks."""

    def chosen(self, document: Document) -> Chunking:
        """For a document of which nobody said how it is to be chunked."""
        ...

    def chunks(self, document: Document, chunking: Chunking, embedded: Vectors) -> tuple[Chunk, ...]:
        """In reading order; together they cover every element exactly once. Texts are embedded where sentences are
        compared."""
        ...


class Outcome(StrEnum):
    """What became of one file."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    RELABELLED = "relabelled"
    RECHUNKED = "rechunked"  # the same words, in other chunks
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store already holds under a source: the current version's content hash and label, who uploaded it
    (None: the operator), the principals who may change it besides, and by which rules it was read. `parent`: the id of
    the file that it came out of; `pending`: what comes out of it is perhaps not all stored; `parts`: something did;
    `chunking`, `language`: of the current version. `asked`: the label that was asked for, of which its collection made
    `allow`, empty where none was yet; None: it is in no collection."""

    document_id: str
    version: int
    content_sha256: str
    allow: frozenset[str]
    owner: str | None = None
    managers: frozenset[str] = frozenset()
    parser_rules: int = PARSER_RULES
    parent: str | None = None
    pending: bool = False
    parts: bool = False
    chunking: Chunking = Chunking()  # noqa: RUF009  frozen
    language: str = "und"
    asked: frozenset[str] | None = None

    def labelled(self, allow: frozenset[str]) -> bool:
        """Whether it has the label that it would get if this one were asked for."""
        if self.asked is None:
            return self.allow == allow
        return self.asked == allow and bool(allow or not self.allow)

    def may_replace(self, author: Author) -> bool:
        """Whether the author may add a version or set the label: the operator may, others only where they may read."""
        if author.operator:
            return True
        named = author.admin or author.user == self.owner or bool(self.managers & author.tokens)
        return named and admits(self.allow, author.tokens)


class DocumentStore(Protocol):
    """Durable truth about documents. Each call is one transaction: all of it happens or nothing."""

    def find(self, source: str) -> Stored | None: ...

    def words(self, document_id: str) -> str:
        """The text of the current version, whoever may read it; "" if there is none."""
        ...

    def add_version(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: NDArray[np.float32],
        allow: frozenset[str],
        original: bytes,
        date: str | None = None,
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None = None,
        parent: str | None = None,
        pending: bool = False,
        chunking: Chunking = Chunking(),  # noqa: B008  frozen
    ) -> int:
        """Stores the original, the version, its chunks and the access label; returns the version number.

        The first version is 1. The newest version is the current one: the only one searched. `manage`: who may change
        the document besides its owner; None leaves that as it is. `parent`: the id of the file that it came out of,
        whose label, owner and managers it takes, whatever else is given. `pending`: documents out of this one follow,
        and then `settle`. `chunking`: how the chunks were made. Raises `NotAllowed`, and `UnreadableFile` where the
        parent is gone.
        """
        ...

    def settle(
        self,
        document_id: str,
        kept: frozenset[str],
        untouched: frozenset[str],
        *,
        author: Author = OPERATOR,
        pending: bool = False,
    ) -> None:
        """Of the documents that came out of this one those of these sources stay, and whatever came out of the
        `untouched` of them; the others go into the recycle bin. `pending`: some could not be stored, and are tried
        again when the file comes again."""
        ...

    def relabel(
        self,
        document_id: str,
        allow: frozenset[str],
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None = None,
    ) -> None: ...

    def set_language(self, document_id: str, language: str, *, author: Author = OPERATOR) -> None:
        """What a person says of the language of a document's current words."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A version as it was read when it was stored. `name`: of the file. `read_as`: as in `Document`. `behind`: by older
    rules than today's. `language` and `language_set`: as in `Document`."""

    version: int
    content_sha256: str
    name: str
    text: str
    read_as: str
    index_key: bytes | None
    behind: bool
    chunking: Chunking
    language: str = "und"
    language_set: bool = False


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What today's parsers read in a version's original. `embeddings`: (n, dimension) float32, a row a chunk; None: the
    index holds these very chunks."""

    document: Document
    chunks: Sequence[Chunk]
    embeddings: NDArray[np.float32] | None
    chunking: Chunking


class Rereading(Protocol):
    """What is stored of documents that are read again."""

    def readings(self, document_id: str) -> tuple[str, Sequence[Reading]]:
        """The source of a document, and its versions that no later one corrects, by number; none of a document that is
        deleted or missing."""
        ...

    def content(self, content_sha256: str) -> bytes:
        """The original; raises `UnreadableFile` where it is gone or damaged."""
        ...

    def unchanged(self, reading: Reading, document: Document, chunks: Sequence[Chunk]) -> bool:
        """Whether the index holds these very chunks of the version."""
        ...

    def reread(
        self, document_id: str, seen: Sequence[Reading], found: Mapping[int, ReadAgain], *, author: Author
    ) -> Mapping[int, int] | None:
        """Stores what was found, by version number, in one transaction; returns the versions that are corrected, with
        the version that corrects each.

        A version in which the same words were read stays, with what else is known of it now. Another one stays as it
        is too, and is corrected by a new version of the same bytes, which holds from the same day for the same
        readers. So that the order of the versions stays, those after it come again, unchanged. None, and nothing
        stored: the versions are not those that were `seen` any more.
        """
        ...


@dataclass(frozen=True, slots=True)
class Behind:
    """A content as it was read that the index beside does not hold as it is by now. `reading` names it, `of_key` what
    the other index holds of it; the rest as in `Reading`."""

    document_id: str
    source: str
    name: str
    reading: str
    of_key: bytes
    content_sha256: str
    text: str
    chunking: Chunking
    language: str
    language_set: bool


class BesideStore(Protocol):
    """The rows of one index beside."""

    def behind(self, ids: Sequence[str] | None, after: Behind | None, limit: int) -> Sequence[Behind]:
        """Of these documents (None: of all, deleted ones too), in a fixed order, those after that one."""
        ...

    def ahead(self, document: Document, usual: Sequence[Chunk], chunking: Chunking) -> Behind | None:
        """What will be behind once a version of this document, which is there, is stored with these chunks; None where
        a version was read so before."""
        ...

    def chunks(self, one: Behind) -> Sequence[Chunk]:
        """As documents were cut when they were ingested."""
        ...

    def put(
        self,
        one: Behind,
        chunks: Sequence[Chunk],
        embeddings: NDArray[np.float32],
        cut_by: Chunking,
        *,
        ahead: bool = False,
    ) -> bool:
        """In one step, in the place of what was held; False, and nothing is stored, where it is another content by
        now, or the index is gone. `embeddings`: (n, dimension) float32, a row a chunk. `ahead`: of its version."""
        ...
