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
        self._structure = structure

    def chosen(self, document: Document) -> Chunking:
        return replace(self._default, kind=ChunkingKind.CODE) if is_source(document) else self._default

    def chunks(self, document: Document, chunking: Chunking, embedded: Vectors) -> tuple[Chunk, ...]:
        found = self._cut(document, chunking, embedded)
        if not (chunking.summary and found):
            return found
        summary = central_sentence(document, embedded)
        return tuple(replace(chunk, summary=summary) for chunk in found)

    def _cut(self, document: Document, chunking: Chunking, embedded: Vectors) -> tuple[Chunk, ...]:
        chars = chunking.chars
        most = chars * 3 // 2
        match chunking.kind:
            case ChunkingKind.STRUCTURE:
                structure = self._structure or StructureChunker(target_chars=chars, max_chars=most)
                return structure.chunks(document)
            case ChunkingKind.RECURSIVE:
                return RecursiveChunker(target_chars=chars, max_chars=most).chunks(document)
            case ChunkingKind.SEMANTIC:
                return SemanticChunker(max_chars=most).chunks(document, embedded)
            case ChunkingKind.SMALL_TO_BIG:
                small, largest = chars // 4, chars // 2
                big = SmallToBigChunker(target_chars=chars, max_chars=most, small_target=small, small_max=largest)
                return big.chunks(document)
            case ChunkingKind.CODE:
                return CodeChunker(target_chars=chars, max_chars=2 * chars).chunks(document)
