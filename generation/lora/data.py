"""Rows to train the generator's adapter on: `footnote adapters data --data DIR --out DIR`.

Conversations with sources (conversations.py) and the gate's questions to a language model (checks.py), each with the
reply that is wanted. A reply with citations enters only if the shipped gate passes its sentences on what is shown.
Writes train.jsonl, held.jsonl, pairs.jsonl and held_pairs.jsonl (for preference tuning) and meta.json; the same inputs
and seed give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from generation.checking import Checker
from generation.claims import sentence_spans
from generation.judge.data.exercises import Piece
from generation.judge.data.pairs import fraction, generator, split_of
from generation.judge.data.written import Reply
from generation.judge.data.written import replies as judged_replies
from generation.lora.checks import KINDS, Checks, Support
from generation.lora.cited import FILE, replies
from generation.lora.contamination import BENCHMARKS, WORDS, benchmark_texts, grams
from generation.lora.conversations import PROMPT, Maker, Trim, preferences, rows_of
from generation.prompts import load_prompt
from retrieval.protocols import Reranker
from retrieval.trimming import Text, Trimmer

HELD_SHARE = 0.06


class Row(Protocol):
    """Of whichever kind: the prompt's name, what fills it, and the reply to learn; `document` decides on its split."""

    @property
    def kind(self) -> str: ...
    @property
    def document(self) -> str: ...
    @property
    def prompt(self) -> str: ...
    @property
    def blanks(self) -> Mapping[str, str]: ...
    @property
    def reply(self) -> str: ...


def supported_by(checker: Checker) -> Support:
    """The gate's figures and judge, against whole passages as the generator saw them."""

    def support(sentence: str, pieces: Sequence[Piece]) -> float:
        evidence = "\n\n".join(f"{piece.heading}\n{rows_of(piece.text)}".strip() for piece in pieces)
        return checker.check(sentence, evidence).support

    return support


def trimmed_by(reranker: Reranker) -> Trim:
    """The service's trimming; a table keeps its first row."""

    def trim(question: str, pieces: Sequence[Piece], budget: int) -> Sequence[Piece | None]:
        heads = [piece.text.partition("\n")[0] + "\n" if piece.text.startswith("|") else "" for piece in pieces]
        texts = [
            Text(f"{piece.heading}\n{head}".strip(), piece.text.removeprefix(head))
            for piece, head in zip(pieces, heads, strict=True)
        ]
        spans = Trimmer(reranker, sentence_spans, budget).spans(question, texts)
        return [
            replace(piece, text=head + text.text[start:end]) if end else None
            for piece, head, text, (start, end) in zip(pieces, heads, texts, spans, strict=True)
        ]

    return trim


def build(data: Path, out: Path, checker: Checker, reranker: Reranker, seed: int, say: Callable[[str], None]) -> None:
    """Writes the files into `out`; rows that share `WORDS` words in a row with a benchmark's text are left out."""
    support, trim = supported_by(checker), trimmed_by(reranker)

    def passes(sentence: str, pieces: Sequence[Piece]) -> bool:
        return support(sentence, pieces) >= checker.limits.grey

    asked = grams(benchmark_texts(data))

    def clean(row: Row, *more: str) -> bool:
        return not asked & grams([*row.blanks.values(), row.reply, *more])

    replied = [reply for reply in replies(data) if split_of(reply.exercise.document) == "train"]
    judged = [reply for reply in judged_replies(data) if split_of(reply.exercise.document) == "train"]
    rows: list[Row] = [*Maker(passes, trim, seed).rows(_counted(replied, say))]
    rows += Checks(support, reranker, seed).rows(judged, replied)
    kept = [row for row in rows if clean(row)]
    kinds = Counter(row.kind for row in kept)
    worse = [(row, text) for row, text in preferences(replied, passes, seed) if clean(row, text)]
    held = {row.document for row in rows if fraction(f"lora:{row.document}") < HELD_SHARE}
    files = {
        "train": [_line(row) for row in kept if row.document not in held],
        "held": [_line(row) for row in kept if row.document in held],
        "pairs": [_line(row, rejected=text) for row, text in worse if row.document not in held],
        "held_pairs": [_line(row, rejected=text) for row, text in worse if row.document in held],
    }
    files = {stem: sorted(set(lines)) for stem, lines in files.items()}
    out.mkdir(parents=True, exist_ok=True)
    for stem, lines in files.items():
        generator(f"{seed}:{stem}").shuffle(lines)
        (out / f"{stem}.jsonl").write_text("".join(lines), encoding="utf-8")
        say(f"{stem}: {len(lines)} rows")
    meta = {
        "seed": seed,
        "prompts": {name: load_prompt(name).digest for name in (PROMPT, *KINDS)},
        "judge": checker.model.name,
        "reranker": reranker.name,
        "written": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        "kinds": kinds,
        "sources": Counter(row.document.split("/")[0] for row in kept),
        f"left out for {WORDS} words shared with a benchmark": Counter(row.kind for row in rows) - kinds,
        "benchmarks": BENCHMARKS,
        "outputs": {stem: hashlib.sha256("".join(lines).encode()).hexdigest() for stem, lines in files.items()},
    }
    (out / "meta.json").write_text(json.dumps(meta, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _counted(replied: Sequence[Reply], say: Callable[[str], None]) -> Iterator[Reply]:
    for number, reply in enumerate(replied, 1):
        yield reply
        if number % 100 == 0 or number == len(replied):
            say(f"{number} of {len(replied)} replies checked")


def _line(row: Row, rejected: str = "") -> str:
    messages = [asdict(message) for message in load_prompt(row.prompt).messages(**row.blanks)]
    fields: dict[str, Any] = {"kind": row.kind, "document": row.document, "messages": messages}
    fields |= {"chosen": row.reply, "rejected": rejected} if rejected else {"completion": row.reply}
    name = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]
    return json.dumps({"id": name, **fields}, ensure_ascii=False) + "\n"
