"""Rows to train the generator's adapter on: `footnote adapters data --data DIR --out DIR`.

Conversations with sources (conversations.py), each with the reply that is wanted. A reply with citations enters only if
the shipped gate's figures and judge let every sentence pass on the sources that it cites, as the row shows them; to
pass is to reach `grey`, the support from which the gate asks its second judge, not `ship`, from which it asks nobody.
NOT FOUND enters where people or the writer of the replies found no answer, or where no source that is left passes for
the answer. The better reply of a pair passes likewise; of most worse ones at least one sentence does not.

Writes train.jsonl, held.jsonl, pairs.jsonl and held_pairs.jsonl (for preference tuning) and meta.json; the same inputs
and seed give the same bytes. No document has rows both in the held-out files and in the others.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from generation.gate.checking import Checker
from generation.prompts import CITED, load_prompt
from generation.training.data import cited, written
from generation.training.data.contamination import WORDS, benchmark_texts, grams
from generation.training.data.conversations import Conversation, Maker
from generation.training.data.exercises import Piece
from generation.training.data.gating import Shortening, supported_by, trimmed_by
from generation.training.data.pairs import fraction, generator, split_of
from generation.training.data.written import Reply

HELD_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Inputs:
    """`data` is the folder of the public sets. `measured` are further texts by the name of their set, on which the
    system is measured and must not be trained. `cited` is the file of the replies, `judged` that of what was written
    for the judge, whose wrong sentences make pairs."""

    data: Path
    measured: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cited: Path = cited.FILE
    judged: Path = written.FILE

    def replies(self) -> list[Reply]:
        """Of the documents to train on; raises `DataChanged`."""
        replied = cited.replies(self.data, written.replies(self.data, self.judged), self.cited)
        return [reply for reply in replied if split_of(reply.exercise.document) == "train"]


def build(
    inputs: Inputs, out: Path, checker: Checker, shortening: Shortening, seed: int, say: Callable[[str], None]
) -> None:
    """Writes the files into `out`; rows that share `WORDS` words in a row with a benchmark's text are left out."""
    support = supported_by(checker)

    def passes(sentence: str, pieces: Sequence[Piece]) -> bool:
        return support(sentence, pieces) >= checker.limits.grey

    benchmarks = {**benchmark_texts(inputs.data), **inputs.measured}
    asked = grams(chain.from_iterable(benchmarks.values()))

    def clean(row: Conversation, *more: str) -> bool:
        return not asked & grams([*row.blanks.values(), row.reply, *more])

    replied = inputs.replies()
    maker = Maker(passes, trimmed_by(shortening), seed)
    rows = [*maker.rows(_counted(replied, say, "rows"))]
    kept = [row for row in rows if clean(row)]
    worse = [(row, text) for row, text in maker.pairs(_counted(replied, say, "pairs")) if clean(row, text)]
    lines = {
        "train": [_line(row) for row in kept if not _held(row)],
        "held": [_line(row) for row in kept if _held(row)],
        "pairs": [_line(row, rejected=text) for row, text in worse if not _held(row)],
        "held_pairs": [_line(row, rejected=text) for row, text in worse if _held(row)],
    }
    kinds = Counter(row.kind for row in kept)
    meta = {
        "seed": seed,
        "prompts": {CITED: load_prompt(CITED).digest},
        "judge": checker.model.name,
        "passes": f"support of at least {checker.limits.grey:g}",
        "reranker": shortening.name,
        "written": hashlib.sha256(inputs.cited.read_bytes()).hexdigest(),
        "written_for_judge": hashlib.sha256(inputs.judged.read_bytes()).hexdigest(),
        "kinds": kinds,
        "kinds of pairs": Counter(row.kind for row, _ in worse),
        "sources": Counter(row.document.split("/")[0] for row in kept),
        f"left out for {WORDS} words shared with a benchmark": Counter(row.kind for row in rows) - kinds,
        "benchmarks": sorted(benchmarks),
        "outputs": _write(lines, out, seed, say),
    }
    (out / "meta.json").write_text(json.dumps(meta, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _write(lines: Mapping[str, Sequence[str]], out: Path, seed: int, say: Callable[[str], None]) -> dict[str, str]:
    """A file of each, its lines once and shuffled; gives the files' hashes."""
    out.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for stem, found in lines.items():
        shuffled = sorted(set(found))
        generator(f"{seed}:{stem}").shuffle(shuffled)
        content = "".join(shuffled).encode()
        (out / f"{stem}.jsonl").write_bytes(content)
        hashes[stem] = hashlib.sha256(content).hexdigest()
        say(f"{stem}: {len(shuffled)} rows")
    return hashes


def _held(row: Conversation) -> bool:
    return fraction(f"lora:{row.document}") < HELD_SHARE


def _counted(replied: Sequence[Reply], say: Callable[[str], None], what: str) -> Iterator[Reply]:
    for number, reply in enumerate(replied, 1):
        yield reply
        if number % 100 == 0 or number == len(replied):
            say(f"{number} of {len(replied)} replies checked for {what}")


def _line(row: Conversation, rejected: str = "") -> str:
    messages = [asdict(message) for message in load_prompt(CITED).messages(**row.blanks)]
    fields: dict[str, Any] = {"kind": row.kind, "document": row.document, "messages": messages}
    fields |= {"chosen": row.reply, "rejected": rejected} if rejected else {"completion": row.reply}
    name = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]
    return json.dumps({"id": name, **fields}, ensure_ascii=False) + "\n"
