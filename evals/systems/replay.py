"""The recorded answers through the real answer service once more, with the gate and without it.

Search, context and what the generator wrote are the record's; citations and the gate's own LLM are real.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from api.bootstrap import Container
from evals.datasets.asked import Asked, Source
from evals.measuring.code import ANSWERING, code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.metrics.chosen import right
from evals.metrics.citation_page import CitationPage
from evals.metrics.quote_overlap import SAME_WORDS, quote_overlap
from evals.systems.recording import MemoryAudit, OpenGate, Row, digest, service
from generation.errors import GenerationError
from generation.prompts import load_prompt
from generation.protocols import Selector
from generation.types import Answer, ChatMessage, Citation, Delta, Status, Usage
from retrieval.types import (
    EVERYTHING,
    ChunkText,
    Clue,
    Context,
    Filter,
    Hit,
    Lead,
    NamedDocument,
    Passage,
    Principal,
    SearchResult,
)

ROW = "replayed"
ON, OFF = "on", "off"


async def replay(
    parts: Mapping[Source, Container], gate: Any, asked: Sequence[Asked], recorded: Sequence[Row], results: ResultFile
) -> list[Row]:
    """Two rows for every recorded question, first without the gate, replayed now or before with the same gate."""
    contracts = parts["cuad"]
    gates: dict[str, Any] = {OFF: OpenGate(), ON: gate}
    by_key = {row["key"]: row for row in recorded}
    setups = {mode: _setup(one, mode, contracts) for mode, one in gates.items()}
    known = {
        (r["key"], r["mode"]): r
        for r in results.rows
        if r.get("row") == ROW and r["key"] in by_key and r["setup"] == _of(setups[r["mode"]], by_key[r["key"]])
    }
    todo = [(question, mode) for question in asked if question.key in by_key for mode in gates]
    waiting = [(question, mode) for question, mode in todo if (question.key, mode) not in known]
    with progress("replayed", len(waiting)) as step:
        for question, mode in waiting:
            try:
                found = await _replayed(parts[question.source], question, by_key[question.key], gates[mode], mode)
            except GenerationError as error:
                step(f"{question.key}  gate {mode}  not replayed: {error}")
                continue
            head = {"row": ROW, "setup": _of(setups[mode], by_key[question.key]), "mode": mode}
            known[question.key, mode] = results.add(head | found)
            step(f"{question.key}  gate {mode:<3}  {found['status']}")
    return [known[question.key, mode] for question, mode in todo if (question.key, mode) in known]


def _setup(gate: Any, mode: str, parts: Container) -> Row:
    """What decides a replayed answer: rows of another setup are never gone on from."""
    selector = _selector(parts, mode)
    quotes = {"selector": selector.name, "quote_from": parts.settings.quote_from} if selector else None
    fixed = {"gate": gate.name, "quotes": quotes, "code": code(*ANSWERING)}
    return fixed | {"limits": asdict(parts.limits)}


def _of(setup: Row, recorded: Row) -> Row:
    """With the setup that the replayed row was recorded under."""
    stated = json.dumps(recorded["setup"], sort_keys=True)
    return setup | {"recorded": hashlib.sha256(stated.encode()).hexdigest()[:12]}


def _selector(parts: Container, mode: str) -> Selector | None:
    return parts.selector if mode == ON else None


@dataclass
class Recorded:
    """Search, context builder and generator that give again what was recorded."""

    row: Row
    name: str
    adapter: str
    same_prompt: bool = True
    told: int = 0

    async def search(
        self, query: str, principal: Principal, top_k: int, *, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> SearchResult:
        return search_result(self.row["result"])

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        lead = self.row.get("lead")
        return replace(context(self.row["context"]), lead=Lead(**lead) if lead else None)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        """The replies in their order."""
        left, asked = self.row["replies"][self.told :], digest(messages)
        self.told += 1
        self.same_prompt &= bool(left) and asked == left[0]["messages_sha256"]
        if left:
            yield Delta(left[0]["raw"])
            yield Delta("", Usage(), cut=left[0]["cut"])

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        raise NotImplementedError("only replies were recorded")


def search_result(row: Row) -> SearchResult:
    """As it was before `asdict` and JSON."""
    hits = tuple(
        Hit(
            chunk(hit["chunk"]),
            hit["score"],
            hit["scores"],
            hit["question"],
            tuple(map(chunk, hit["copies"])),
            tuple(hit["parts"]),
        )
        for hit in row["hits"]
    )
    return SearchResult(
        row["query"], hits, row["snapshot"], {}, tuple(Clue(**clue) for clue in row["clues"]), tuple(row["parts"]),
        row["hypothesis"], row["asked"], tuple(NamedDocument(**one) for one in row["named"]),
        tuple(row["parts_asked"]),
    )  # fmt: skip


def context(rows: Sequence[Row]) -> Context:
    return Context(tuple(Passage(**row | {"chunk": chunk(row["chunk"])}) for row in rows))


def chunk(row: Row) -> ChunkText:
    parent = row.get("parent") and tuple(row["parent"])
    return ChunkText(**row | {"section_path": tuple(row["section_path"]), "parent": parent})


async def _replayed(parts: Container, asked: Asked, row: Row, gate: Any, mode: str) -> Row:
    case, audit = asked.case, MemoryAudit()
    model = Recorded(row, row["setup"]["generator"], row["setup"]["adapter"])
    prompt = load_prompt(row["setup"]["prompt"].partition("@")[0])
    asking = service(
        parts, search=model, context=model, model=model, gate=gate, audit=audit, prompt=prompt,
        selector=_selector(parts, mode),
    )  # fmt: skip
    answer = await asking.answer(case.question, case.asker)
    return {
        "key": asked.key,
        "source": asked.source,
        "kind": case.kind,
        "question": case.question,
        "status": answer.status,
        "answer": answer.answer,
        "right": rights(asked, answer),
        "sentences": [_sentence(sentence, answer, row) for sentence in answer.sentences],
        "withheld": audit.record.get("withheld", ()),
        "gate": audit.record.get("gate", {}),
        "ms": answer.timings_ms.get("total"),
        "same_prompt": model.same_prompt,
    }


def rights(asked: Asked, answer: Answer) -> dict[str, bool]:
    """Whether the answer is right, by each way to tell that fits the question."""
    if asked.case.kind.wants_abstention:
        return {"abstained": answer.status is Status.ABSTAINED}
    if asked.source == "sample":
        return {"facts": right(asked.case, answer)}
    return {
        "page": CitationPage()(asked.case, answer) == 1.0,
        "clause": (quote_overlap(asked.case, answer) or 0.0) >= SAME_WORDS,
    }


def _sentence(sentence: Any, answer: Answer, row: Row) -> Row:
    cited = [citation for citation in answer.citations if citation.id in sentence.citations]
    quotes = [citation.quote for citation in cited]
    passages = [passage for passage in context(row["context"]).passages if any(_holds(passage, c) for c in cited)]
    identity = "\0".join((row["key"], sentence.text, *quotes))
    return {
        "key": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "text": sentence.text,
        "note": sentence.note,
        "support": sentence.support,
        "quotes": quotes,
        "passages": ["\n".join(filter(None, (p.chunk.heading, p.table_header, p.text))) for p in passages],
    }


def _holds(passage: Passage, citation: Citation) -> bool:
    same = (passage.chunk.document_id, passage.chunk.version) == (citation.document_id, citation.version)
    return same and passage.start <= citation.start and citation.end <= passage.end
