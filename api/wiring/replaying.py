"""An answer rebuilt from its record, stage by stage: each gets what the record says that it got, and is compared.

Read `Replaying.replay` first.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.wiring import comparing
from api.wiring.bundling import asker
from api.wiring.comparing import Outcome, StageReport
from api.wiring.in_use import Answering
from api.wiring.kept import day_of, filter_of
from generation.answering.service import AnswerService
from generation.answering.strictness import read
from generation.errors import GenerationError
from generation.protocols import AuditLog, ChatModel, Search
from generation.types import ChatMessage, Delta, Usage
from infra.postgres.audit import PostgresAudit
from infra.postgres.chain import canonical
from infra.postgres.citing import with_numbers
from infra.witness.bundles import answer_of
from retrieval.errors import RetrievalError
from retrieval.protocols import ChunkReader
from retrieval.types import EVERYTHING, ChunkText, Clue, Filter, Hit, NamedDocument, Principal, SearchResult

_WRITES = ("engine", "server", "adapter", "prompt", "tiers", "answer")  # what decides a draft beside the model
_GUARDS = ("guard", "models.detector")
_ANSWERED = ("context", "guard", "draft", "gate")
_OLD = "the record is older than this program: it does not hold what is needed"


@dataclass(frozen=True, slots=True)
class Serving:
    """What makes the parts that are replayed: a search, what reads its passages, and an answer service by what it is
    to ask (None for the model: the language model's own)."""

    search: Callable[[Answering], Search]
    chunks: Callable[[Answering], ChunkReader]
    service: Callable[[Answering, Search, AuditLog, ChatModel | None], AnswerService]
    texts: Callable[[str, int], str | None]  # of a version, whoever may read it
    passages_searched: int


class Replaying:
    """`by`: what answers by a release (None: by none), or where that is not here any more by what is in use."""

    def __init__(
        self,
        audit: PostgresAudit,
        by: Callable[[str | None], AbstractContextManager[Answering]],
        serving: Serving,
    ) -> None:
        self._audit, self._answering, self._serving = audit, by, serving

    def by(self, by: Callable[[str | None], AbstractContextManager[Answering]]) -> Replaying:
        """The same by what else answers."""
        return Replaying(self._audit, by, self._serving)

    async def replay(self, audit_id: str) -> tuple[StageReport, ...] | None:
        """None where there is no answer that was given to its end."""
        rows = await asyncio.to_thread(self._audit.show, audit_id)
        closed = answer_of(tuple(reversed(rows)))
        if closed is None:
            return None
        record = with_numbers(closed)
        gone = comparing.erased(record)
        stages = [gone["documents"] if "documents" in gone else await asyncio.to_thread(self._documents, record)]
        with self._answering(record.get("release")) as answering:
            other = comparing.other_setup(record, answering, answering.recipe)
            stages.append(comparing.setup(other))
            stages.append(gone.get("search") or await self._searched(record, answering, other))
            if "gate" in gone:
                stages += [gone[stage] for stage in ("context", "draft", "gate")]
            else:
                stages += await self._answered(record, answering, other)
        return tuple(stages)

    def _documents(self, record: Mapping[str, Any]) -> StageReport:
        """Whether every version that was shown or quoted is there, and every quote stands in it."""
        answer, faults = record["answer"], list[str]()
        nearest = (answer.get("abstention") or {}).get("nearest", ())
        digests = {(one["document_id"], one["version"]): one["text_sha256"] for one in record.get("cited", ())}
        quotes = [*answer["citations"], *nearest]
        places = {(one["document_id"], one["version"]) for one in (*quotes, *record.get("context", ()))}
        texts = {place: self._serving.texts(*place) for place in sorted(places)}
        if gone := [f"{id_} version {version}" for (id_, version), text in texts.items() if text is None]:
            return StageReport("documents", Outcome.CANNOT, f"deleted: {', '.join(gone)}")
        for place, digest in digests.items():
            if hashlib.sha256((texts[place] or "").encode(errors="surrogatepass")).hexdigest() != digest:
                faults.append(f"{place[0]} version {place[1]} has another text")
        for one in quotes:
            text = texts[one["document_id"], one["version"]] or ""
            words = (one, *one.get("context", ()))
            if any(text[told["start"] : told["end"]] != told["quote"] for told in words):
                faults.append(f"the words of [{one['id']}] do not stand where they were quoted")
        said = "; ".join(faults) or f"{len(places)} versions, {len(quotes)} quotes"
        return StageReport("documents", Outcome.DIFFERS if faults else Outcome.SAME, said)

    async def _searched(self, record: Mapping[str, Any], answering: Answering, other: Mapping[str, str]) -> StageReport:
        """The question once more, over what the asker's groups of then may read now."""
        if why := comparing.changed(other, "models.embedder", "models.reranker", "search"):
            return StageReport("search", Outcome.CANNOT, why)
        only = filter_of(record.get("filter"))
        as_of = date.fromisoformat(record["as_of"]) if record.get("as_of") else None
        search = self._serving.search(answering)
        try:
            found = await search.search(
                record["question"], asker(record), self._serving.passages_searched, as_of=as_of, only=only
            )
        except (RetrievalError, GenerationError) as error:
            return StageReport("search", Outcome.CANNOT, str(error))
        then = [hit["chunk_id"] for hit in record["hits"]]
        now = [hit.chunk.chunk_id for hit in found.hits]
        snapshot = record["answer"]["model"]["snapshot"]
        view = "" if snapshot == found.snapshot else " What the asker may read has changed since."
        if then != now:
            kept = len(set(then) & set(now))
            return StageReport("search", Outcome.DIFFERS, f"{kept} of {len(then)} hits are found, of {len(now)}.{view}")
        pairs = zip(record["hits"], found.hits, strict=True)
        if moved := sum(abs(old.get("score", new.score) - new.score) > comparing.CLOSE for old, new in pairs):
            return StageReport("search", Outcome.DIFFERS, f"the same hits, {moved} with other scores.{view}")
        return StageReport("search", Outcome.SAME, f"{len(now)} hits.{view}")

    async def _answered(
        self, record: Mapping[str, Any], answering: Answering, other: Mapping[str, str]
    ) -> list[StageReport]:
        """Context, guard, draft and gate, from the recorded hits."""
        result = await asyncio.to_thread(self._result, record, self._serving.chunks(answering))
        if isinstance(result, str):
            return [StageReport(stage, Outcome.CANNOT, result) for stage in _ANSWERED]
        gate_changed = comparing.changed(other, "gate", "judge", "prompts", "models.selector", "answer", *_GUARDS)
        draft_changed = comparing.changed(other, "models.generator", *_WRITES, *_GUARDS)
        heard = Echo(tuple(record["replies"]))
        echoed = await self._run(record, answering, result, heard)
        if isinstance(echoed, str):
            return [StageReport(stage, Outcome.CANNOT, echoed) for stage in _ANSWERED]
        context = comparing.context(record, echoed, comparing.changed(other, "context", "models.reranker"))
        if context.outcome is not Outcome.SAME:
            why = "the passages that it was shown are not built again"
            return [context, *(StageReport(stage, Outcome.CANNOT, why) for stage in _ANSWERED[1:])]
        guard = comparing.guard(record, echoed, comparing.changed(other, *_GUARDS))
        gate = StageReport("gate", Outcome.CANNOT, gate_changed) if gate_changed else comparing.gate(record, echoed)
        if draft_changed:
            return [context, guard, StageReport("draft", Outcome.CANNOT, draft_changed), gate]
        written = await self._run(record, answering, result, None)
        return [context, guard, comparing.draft(record, written), gate]

    async def _run(
        self, record: Mapping[str, Any], answering: Answering, result: SearchResult, model: ChatModel | None
    ) -> Mapping[str, Any] | str:
        """The record of the answer from this search result, or why there is none."""
        kept = Kept()
        service = self._serving.service(answering, Found(result), kept, model).held_to(read(record.get("recipe") or {}))
        as_of = date.fromisoformat(record["as_of"]) if record.get("as_of") else None
        try:
            await service.answer(record["question"], asker(record), as_of, filter_of(record.get("filter")))
        except GenerationError as error:
            return str(error)
        return kept.closed()

    def _result(self, record: Mapping[str, Any], chunks: ChunkReader) -> SearchResult | str:
        """What search gave, or why it cannot be told: chunks are read as who asked, with the groups of then."""
        searched, hits = record["search"], record["hits"]
        if "replies" not in record or "parts_asked" not in searched:
            return _OLD
        wanted = [id_ for hit in hits for id_ in (hit["chunk_id"], *hit["copies"])]
        read = chunks.read(wanted, asker(record), day_of(record))
        found: dict[str, ChunkText] = {chunk.chunk_id: chunk for chunk in read}
        if gone := {*wanted} - found.keys():
            return (
                f"{len(gone)} of {len({*wanted})} passages that were found are deleted or no longer open to the asker"
            )
        return SearchResult(
            searched["query"],
            tuple(_hit(hit, found) for hit in hits),
            record["answer"]["model"]["snapshot"],
            clues=tuple(Clue(**clue) for clue in searched["clues"]),
            parts=tuple(searched["parts"]),
            hypothesis=searched["hypothesis"],
            asked=searched["asked"],
            named=tuple(NamedDocument(**one) for one in searched["named"]),
            parts_asked=tuple(searched["parts_asked"]),
        )


@dataclass(frozen=True)
class Found:
    """Implements `Search`: the recorded result."""

    result: SearchResult

    async def search(
        self, query: str, principal: Principal, top_k: int, *, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> SearchResult:
        return self.result


@dataclass
class Echo:
    """Implements `ChatModel`: the recorded replies in their order."""

    replies: Sequence[Mapping[str, Any]]
    name: str = "record"
    adapter: str = ""
    told: int = 0

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        left = self.replies[self.told :]
        self.told += 1
        if left:
            yield Delta(left[0]["text"])
            yield Delta("", Usage(), cut=left[0]["cut"])

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        raise NotImplementedError("only replies are recorded")


@dataclass
class Kept:
    """Implements `AuditLog`: nothing of a replay gets into the trail."""

    records: list[Mapping[str, Any]] = field(default_factory=list)

    async def append(self, record: Mapping[str, Any]) -> str:
        self.records.append(record)
        return "replay"

    def closed(self) -> Mapping[str, Any]:
        """The last record, as JSON has it."""
        return with_numbers(json.loads(canonical(self.records[-1])))


def _hit(told: Mapping[str, Any], chunks: Mapping[str, ChunkText]) -> Hit:
    known = {"chunk_id", "score", "question", "copies", "parts", "ranks", "place", "copied"}
    scores = {name: value for name, value in told.items() if name not in known}
    copies = tuple(chunks[id_] for id_ in told["copies"])
    return Hit(chunks[told["chunk_id"]], told["score"], scores, told["question"], copies, tuple(told["parts"]))
