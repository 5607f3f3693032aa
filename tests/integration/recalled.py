"""Answers in the trail as the service records them, for the tests of recall and feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.wiring.stores import Stores
from ingest.types import document_id

MODEL = dict.fromkeys(("generator", "adapter", "embedder", "reranker", "judge", "prompt", "snapshot"), "x")


def answer(
    parts: Stores,
    question: str,
    cited: Sequence[tuple[str, int, str]],
    *,
    user: str = "ana",
    groups: Sequence[str] = ("legal",),
    as_of: str | None = None,
    clue: str = "",
) -> str:
    """An answer that quotes these: source of the document, version and words; its id."""
    opening = parts.audit.append_now({"kind": "opened", "principal": f"user:{user}", "question": question})
    citations = [citation(parts, number, *one) for number, one in enumerate(cited, 1)]
    sentences = [
        {
            "text": one["quote"],
            "start": 0,
            "end": len(one["quote"]),
            "verdict": "entailed",
            "support": 0.9,
            "citations": [one["id"]],
        }
        for one in citations
    ]
    told: dict[str, Any] = {"answer": " ".join(one["quote"] for one in citations) or "Nothing.", "model": MODEL}
    told |= {"status": "answered" if citations else "abstained", "sentences": sentences, "citations": citations}
    numbers = {one["version_id"]: version for one, (_, version, _) in zip(citations, cited, strict=True)}
    record: dict[str, Any] = {"principal": f"user:{user}", "groups": list(groups), "question": question, "as_of": as_of}
    record |= {"answer": told, "numbers": numbers, "context": []}
    if clue:
        record["search"] = {"clues": [{"kind": "as_of", "text": "then", "value": clue, "effect": ""}]}
    parts.audit.append_now({"kind": "closed", "answer_id": opening, **record})
    return opening


def citation(parts: Stores, number: int, source: str, version: int, quote: str) -> dict[str, Any]:
    id_ = document_id(source)
    text = parts.version_text(id_, version) or ""
    start = text.index(quote)
    version_id = parts.numbers.among([(id_, version)]).id(id_, version)
    return {
        "id": number, "document_id": id_, "content_sha256": "0" * 64, "title": "A title", "source": source,
        "section_path": [], "page": None, "start": start, "end": start + len(quote), "quote": quote, "boxes": [],
        "version_id": version_id,
    }  # fmt: skip
