"""From a document to chunks, by the kind that was chosen for it."""

from __future__ import annotations

from dataclasses import replace

from ingest.chunkers.code import CodeChunker, is_source
from ingest.chunkers.recursive import RecursiveChunker
from ingest.chunkers.semantic import SemanticChunker
from ingest.chunkers.small_to_big import SmallToBigChunker
from ingest.chunkers.structure import StructureChunker
from ingest.chunkers.summary import central_sentence
from ingest.protocols import Vectors
from ingest.types import Chunk, Chunking, ChunkingKind, Document


class Chunkers:
    """Implements `ingest.protocols.Chunkers`. `default` is for documents of which nobody said anything; source files
    among them are chunked as code."""

    def __init__(
        self,
        default: Chunking = Chunking(),  # noqa: B008  frozen
        *,
        structure: StructureChunker | None = None,
    ) -> None:
        self._default = default
        self._structure = structure or StructureChunker()

    def chosen(self, document: Document) -> Chunking:
        return replace(self._default, kind=ChunkingKind.CODE) if is_source(document) else self._default

    def chunks(self, document: Document, chunking: Chunking, embedded: Vectors) -> tuple[Chunk, ...]:
        found = self._cut(document, chunking.kind, embedded)
        if not (chunking.summary and found):
            return found
        summary = central_sentence(document, embedded)
        return tuple(replace(chunk, summary=summary) for chunk in found)

    def _cut(self, document: Document, kind: ChunkingKind, embedded: Vectors) -> tuple[Chunk, ...]:
        match kind:
            case ChunkingKind.STRUCTURE:
                return self._structure.chunks(document)
            case ChunkingKind.RECURSIVE:
                return RecursiveChunker().chunks(document)
            case ChunkingKind.SEMANTIC:
                return SemanticChunker().chunks(document, embedded)
            case ChunkingKind.SMALL_TO_BIG:
                return SmallToBigChunker().chunks(document)
            case ChunkingKind.CODE:
                return CodeChunker().chunks(document)
