"""The audit record of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256

from generation.answering.run import Asked, Draft, Opening, Retrieved
from generation.errors import AuditUnsealed
from generation.protocols import AuditLog
from generation.types import Answer, Assumed, Citation, ModelCard, Note, Sentence
from retrieval.types import ChunkText, Hit


class Recorder:
    """The rows of one answer: `opened`, one of each batch of sentences before it leaves, and `closed`.

    Each row but the first names the first one's id, which is the answer's. A row that is being written is written to
    its end, even if whoever waits for it is gone. Everything here raises `AuditUnavailable`.
    """

    def __init__(self, audit: AuditLog, asked: Asked, by: Mapping[str, object], card: ModelCard) -> None:
        self._audit, self.asked = audit, asked
        facts = {**by, "model": asdict(card)}
        self._opening = asyncio.ensure_future(audit.append({"kind": "opened", **question_record(asked), **facts}))
        self._writing = self._opening  # the newest row
        self._closed = False

    async def opened(self) -> str:
        """The answer's id, once the opening row is durable."""
        return await asyncio.shield(self._opening)

    async def shipping(self, draft: Draft, longer: Draft) -> None:
        """Returns once whatever `longer` shows more than `draft` is durable."""
        sentences = longer.sentences[len(draft.sentences) :]
        if sentences:
            citations = longer.citations[len(draft.citations) :]
            said = {"sentences": list(map(asdict, sentences)), "citations": [_named(asdict(one)) for one in citations]}
            before = _cited_before(sentences, draft.citations)
            await self._append({"kind": "sentence", **said, "numbers": _numbers(citations), **before})

    async def close(self, record: Mapping[str, object]) -> str:
        """The answer's id, once its last row is durable."""
        await self._append({"kind": "closed", **record})
        return await self.opened()

    async def interrupted(self, record: Mapping[str, object]) -> None:
        """Closes an answer that has no closing row: nothing to do where none was opened, or it is closed."""
        await asyncio.wait({self._opening, self._writing})
        if _is_there(self._opening) and not (self._closed and _is_there(self._writing)):
            await self._append({"kind": "closed", **record, "interrupted": True})

    async def _id(self) -> str:
        try:
            return await self.opened()
        except AuditUnsealed as error:
            return error.row_id

    async def _append(self, record: Mapping[str, object]) -> None:
        row = {"principal": f"user:{self.asked.principal.user}", **record, "answer_id": await self._id()}
        self._closed = record["kind"] == "closed"
        self._writing = asyncio.ensure_future(self._audit.append(row))
        await asyncio.shield(self._writing)


def _cited_before(sentences: Sequence[Sentence], before: Sequence[Citation]) -> dict[str, object]:
    """Of what documents these sentences tell beside those that are cited in the same record."""
    again = {number for sentence in sentences for number in sentence.citations}
    found = [{"id": one.id, "document_id": one.document_id} for one in before if one.id in again]
    return {"cited_before": found} if found else {}


def _is_there(row: asyncio.Future[str]) -> bool:
    """Whether a row that is no longer being written is in the trail."""
    return not row.cancelled() and isinstance(row.exception(), AuditUnsealed | None)


def audit_record(found: Retrieved, draft: Draft, answer: Answer, by: Mapping[str, object]) -> dict[str, object]:
    """Everything from which the answer can be replayed and examined. `by`: the `recipe`, the settings that decide an
    answer, the name of the `release` that they are, and the `purpose` where it is not the asker's own.

    What a bundle shows of it names versions by their ids; `numbers`, which no bundle shows, has their numbers.
    """
    asked, result, context = found.asked, found.result, found.context
    return {
        **question_record(asked),
        "search": {
            "clues": [asdict(clue) for clue in result.clues],
            "asked": found.question,
            "query": result.query,
            "parts": result.parts,
            "parts_asked": result.parts_asked,
            "named": [asdict(one) for one in result.named],
            "hypothesis": result.hypothesis,
        },
        **by,
        "answer": _answered(answer),
        "numbers": _numbers((*_quoted(answer), *answer.assumed)),
        "openings": [_opening(opening) for opening in draft.openings],
        "gate": gate_counts(draft),
        "routing": [
            {**asdict(tried), "cost": tried.cost, "cost_at_least": tried.cost_at_least} for tried in draft.tries
        ],
        "withheld": [asdict(item) for item in draft.withheld],
        "left_out": list(draft.left_out),
        "steps": [asdict(step) for step in draft.steps],
        "context": [
            {
                "marker": passage.marker,
                "part": passage.part,
                "document_id": passage.chunk.document_id,
                "version": passage.chunk.version,
                "content_sha256": passage.chunk.content_sha256,
                "start": passage.start,
                "end": passage.end,
            }
            for passage in context.passages
        ],
        "languages": {"question": found.spoken, "passages": {str(at): code for at, code in found.unmeasured.items()}},
        "guard": found.guard.record(),
        "lead": asdict(context.lead) if context.lead else None,
        "hits": [_hit(hit) for hit in result.hits],
        "replies": [asdict(reply) for reply in draft.replies],
        "cited": _cited(found, answer),
    }


def _hit(hit: Hit) -> dict[str, object]:
    found: dict[str, object] = {"chunk_id": hit.chunk.chunk_id, "score": hit.score, "question": hit.question}
    found |= {"copies": [copy.chunk_id for copy in hit.copies], "parts": hit.parts, "ranks": hit.ranks}
    found |= {"place": _place(hit.chunk), "copied": [_place(copy) for copy in hit.copies]}
    return {**hit.scores, **found}


def _place(chunk: ChunkText) -> tuple[str, int, int, int]:
    """Document, version, start and end; of what was found and not shown, so that the trail does not list it under the
    document."""
    return chunk.document_id, chunk.version, chunk.start, chunk.end


def _answered(answer: Answer) -> dict[str, object]:
    told = asdict(answer)
    del told["follow_up"], told["conversation"]  # which are told with it
    for named in (told, told["abstention"] or {}):
        for name in {"citations", "assumed", "nearest"} & named.keys():
            named[name] = tuple(_named(one) for one in named[name])
    return told


def _named(place: dict[str, object]) -> dict[str, object]:
    """Without the number of a version that has an id: who may read it may not know of others."""
    return {name: value for name, value in place.items() if name != "version"} if place["version_id"] else place


def _quoted(answer: Answer) -> tuple[Citation, ...]:
    return (*answer.citations, *(answer.abstention.nearest if answer.abstention else ()))


def _numbers(places: Iterable[Citation | Assumed]) -> dict[str, int]:
    """The stored numbers of versions by their ids."""
    return {one.version_id: one.version for one in places if one.version_id}


def _cited(found: Retrieved, answer: Answer) -> list[dict[str, object]]:
    """The versions that are quoted, each with the SHA-256 of its canonical text."""
    quoted = {(citation.document_id, citation.version): citation for citation in _quoted(answer)}
    texts = {(p.chunk.document_id, p.chunk.version): found.texts[p.marker].text for p in found.context.passages}
    told = []
    for place, text in sorted(texts.items()):
        if place in quoted:
            named = _named({"version": place[1], "version_id": quoted[place].version_id})
            digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
            told.append({"document_id": place[0], **named, "text_sha256": digest})
    return told


def question_record(asked: Asked) -> dict[str, object]:
    """What is known of an answer before anything is searched."""
    return {
        "principal": f"user:{asked.principal.user}",
        "groups": sorted(asked.principal.groups),
        **({"shut": sorted(asked.principal.shut)} if asked.principal.shut else {}),
        "question": asked.question,
        "as_of": asked.as_of.isoformat() if asked.as_of else None,
        "filter": asked.only.record(),
        **({"follow_up": asdict(asked.follow_up)} if asked.follow_up else {}),
        **({"asked_again": asked.asked_again} if asked.asked_again else {}),
    }


def _opening(opening: Opening) -> dict[str, object]:
    source = opening.quotation.source
    place = {"marker": source.passage.marker, "start": source.start, "end": source.end}
    return {"part": opening.part, "text": opening.quotation.text, **place, "judgement": asdict(opening.judgement)}


def gate_counts(draft: Draft) -> dict[str, object]:
    """How often each stage of the gate looked and caught something, and what became of the sentences."""
    stages: dict[str, dict[str, int]] = {}
    for stage, caught in draft.checks:
        counts = stages.setdefault(str(stage), {"checked": 0, "caught": 0})
        counts["checked"] += 1
        counts["caught"] += caught
    notes = [sentence.note for sentence in draft.sentences]
    return {
        "stages": stages,
        "moved": notes.count(Note.MOVED),
        "conflicts": notes.count(Note.CONFLICT),
        "withheld": len(draft.withheld),
    }
