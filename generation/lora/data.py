"""Conversations to train the generator's adapter on: `footnote adapters data --data DIR --out DIR`.

Each row is a question over numbered sources in exactly the prompt of the service (prompts/cited.md), and the reply
that is wanted: short sentences with their numbers, or NOT FOUND. The replies are those of
generation/judge/data/written.jsonl. From them further kinds are made: sources that lost the passage with the answer,
sources with planted instructions, and two versions of a source that differ. A reply enters only if the shipped gate
passes its sentences. Writes train.jsonl, held.jsonl, pairs.jsonl and held_pairs.jsonl (for preference tuning) and
meta.json; the same inputs and seed give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from generation.checking import Checker
from generation.judge.data.exercises import Piece
from generation.judge.data.pairs import fraction, generator, read_jsonl, split_of
from generation.judge.data.written import FILE, Reply, Written, replies
from generation.lora.instructions import planted
from generation.prompts import Prompt, load_prompt, numbered

NOT_FOUND = "NOT FOUND"
PROMPT = "cited"
HELD_SHARE = 0.06
RATES = {"without_gold": 0.3, "planted": 0.12, "versions": 0.15}


@dataclass(frozen=True, slots=True)
class Row:
    """`pieces` are the sources in order, `reply` is what the model is to write, `kind` how the row came about."""

    kind: str
    document: str
    question: str
    pieces: tuple[Piece, ...]
    reply: str

    def messages(self, prompt: Prompt) -> list[dict[str, str]]:
        sources = "\n\n".join(numbered(n, piece.heading, rows_of(piece.text)) for n, piece in enumerate(self.pieces, 1))
        return [
            {"role": message.role, "content": message.content}
            for message in prompt.messages(sources=sources, question=self.question)
        ]


Passes = Callable[[str, Sequence[Piece]], bool]
"""Whether the gate passes a sentence on these pieces."""


def rows_of(text: str) -> str:
    """Table rows as our parsers write them: without the bars at both ends."""
    if not text.startswith("|"):
        return text
    return "\n".join(line.removeprefix("|").removesuffix("|").strip() for line in text.split("\n"))


def conversations(replied: Sequence[Reply], passes: Passes, seed: int) -> Iterator[Row]:
    """All rows that can be made of the replies."""
    for reply in replied:
        random = generator(f"{seed}:lora:{reply.exercise.id}")
        answer = [
            said for said in reply.answer if passes(said.text, [reply.exercise.passages[n - 1] for n in said.cites])
        ]
        if not reply.answer:
            yield _row("unanswerable", reply, reply.exercise.passages, NOT_FOUND)
        if len(answer) < len(reply.answer) or not answer:
            continue  # a reply without one of its sentences might not answer
        yield _row("answer", reply, *_shuffled(reply, answer, random))
        if random.random() < RATES["without_gold"]:
            yield from _without_gold(reply, answer, passes)
        if random.random() < RATES["planted"]:
            pieces, text = _shuffled(reply, answer, random)
            at = random.randrange(len(pieces))
            bad = replace(pieces[at], text=planted(pieces[at].text, random))
            yield _row("planted", reply, (*pieces[:at], bad, *pieces[at + 1 :]), text)
        if random.random() < RATES["versions"]:
            yield from _versions(reply, answer, random)


def preferences(replied: Sequence[Reply], passes: Passes, seed: int) -> Iterator[tuple[Row, str]]:
    """(row, a reply that is worse): with an unsupported sentence, a wrong number, or an answer where there is none."""
    for reply in replied:
        random = generator(f"{seed}:preferences:{reply.exercise.id}")
        pieces = reply.exercise.passages
        wrong = [said for said in reply.wrong if not passes(said.text, [pieces[n - 1] for n in said.cites])]
        good = _reply(reply.answer, {n: n for n in range(1, len(pieces) + 1)}) if reply.answer else NOT_FOUND
        same = {n: n for n in range(1, len(pieces) + 1)}
        row = _row("answer" if reply.answer else "unanswerable", reply, pieces, good)
        for said in random.sample(wrong, min(1, len(wrong))):
            others = [*reply.answer[:-1], said] if reply.answer else [said]
            yield row, _reply(others, same)
        if reply.answer and len(pieces) > 1 and random.random() < 0.5:
            yield row, _miscited(reply.answer, len(pieces), random)


def _miscited(answer: Sequence[Written], count: int, random: Random) -> str:
    """The right sentences with the number of a source that they are not from."""
    moved = []
    for said in answer:
        others = [n for n in range(1, count + 1) if n not in said.cites]
        moved.append(replace(said, cites=(random.choice(others),)) if others else said)
    return _reply(moved, {n: n for n in range(1, count + 1)})


def _shuffled(reply: Reply, answer: Sequence[Written], random: Random) -> tuple[tuple[Piece, ...], str]:
    """The sources in another order, sometimes without one that is not cited, and the reply with their new numbers."""
    pieces = reply.exercise.passages
    cited = {n for said in answer for n in said.cites}
    order = random.sample(range(1, len(pieces) + 1), len(pieces))
    spare = [n for n in order if n not in cited]
    if spare and len(order) > 2 and random.random() < 0.3:
        order.remove(random.choice(spare))
    numbers = {old: new for new, old in enumerate(order, 1)}
    return tuple(pieces[n - 1] for n in order), _reply(answer, numbers)


def _without_gold(reply: Reply, answer: Sequence[Written], passes: Passes) -> Iterator[Row]:
    """The sources that are not cited, if none of them says what the answer says."""
    cited = {n for said in answer for n in said.cites}
    left = [piece for n, piece in enumerate(reply.exercise.passages, 1) if n not in cited]
    if left and not any(passes(said.text, [piece]) for said in answer for piece in left):
        yield _row("without_gold", reply, left, NOT_FOUND)


def _versions(reply: Reply, answer: Sequence[Written], random: Random) -> Iterator[Row]:
    """The cited source twice, of two years, with another number in the older one: both are told, the newer first."""
    (said,) = answer if len(answer) == 1 else (None,)
    if said is None or len(said.cites) != 1:
        return
    piece = reply.exercise.passages[said.cites[0] - 1]
    numbers = re.findall(r"(?<![\d.,])\d{1,3}(?![\d.,]\d|\d|\s*(?:\)|st|nd|rd|th))", said.text)
    shared = [n for n in numbers if len(re.findall(rf"(?<![\d.,]){n}(?![\d.,]?\d)", piece.text)) == 1]
    if len(shared) != 1:
        return
    other = str(int(shared[0]) + random.randint(1, 9))
    year = random.randint(2012, 2023)
    heading = piece.heading or "Report"
    new = replace(piece, heading=f"{heading} (version of {year + 1})")
    old = replace(piece, heading=f"{heading} (version of {year})", text=_put(piece.text, shared[0], other))
    pieces = random.sample([new, old], 2)
    at = {piece.heading: n for n, piece in enumerate(pieces, 1)}
    told = [
        f"{said.text.rstrip('.')} [{at[new.heading]}].",
        f"In the version of {year} the figure is {other} [{at[old.heading]}].",
    ]
    yield _row("versions", reply, pieces, " ".join(told))


def _put(text: str, number: str, other: str) -> str:
    return re.sub(rf"(?<![\d.,]){number}(?![\d.,]?\d)", other, text, count=1)


def _reply(answer: Sequence[Written], numbers: Mapping[int, int]) -> str:
    sentences = []
    for said in answer:
        end = said.text[-1] if said.text[-1] in ".!?" else "."
        markers = "".join(f"[{number}]" for number in sorted(numbers[n] for n in said.cites))
        sentences.append(f"{said.text.rstrip('.!?')} {markers}{end}")
    return " ".join(sentences)


def checked_by(checker: Checker) -> Passes:
    """The gate's figures and judge, against whole passages as the generator saw them."""

    def passes(sentence: str, pieces: Sequence[Piece]) -> bool:
        evidence = "\n\n".join(f"{piece.heading}\n{rows_of(piece.text)}".strip() for piece in pieces)
        return checker.check(sentence, evidence).support >= checker.limits.grey

    return passes


def _row(kind: str, reply: Reply, pieces: Sequence[Piece], text: str) -> Row:
    return Row(kind, reply.exercise.document, reply.exercise.question, tuple(pieces), text)


def build(data: Path, out: Path, checker: Checker, seed: int, say: Callable[[str], None]) -> None:
    """Writes the files into `out`; rows that share 13 words in a row with a benchmark's text are left out."""
    prompt, passes = load_prompt(PROMPT), checked_by(checker)
    replied = [reply for reply in replies(data) if split_of(reply.exercise.document) == "train"]
    asked = _grams(benchmark_texts(data))
    kept, left = list[Row](), Counter[str]()
    for row in conversations(replied, passes, seed):
        if asked & _grams([row.question, row.reply, *(piece.text for piece in row.pieces)]):
            left[row.kind] += 1
        else:
            kept.append(row)
    documents = {row.document for row in kept}
    held = {document for document in documents if fraction(f"lora:{document}") < HELD_SHARE}
    worse = [(row, text) for row, text in preferences(replied, passes, seed) if row.document in documents]
    files = {
        "train": [_line(row, prompt) for row in kept if row.document not in held],
        "held": [_line(row, prompt) for row in kept if row.document in held],
        "pairs": [_line(row, prompt, rejected=text) for row, text in worse if row.document not in held],
        "held_pairs": [_line(row, prompt, rejected=text) for row, text in worse if row.document in held],
    }
    files = {stem: sorted(set(lines)) for stem, lines in files.items()}
    out.mkdir(parents=True, exist_ok=True)
    for stem, lines in files.items():
        generator(f"{seed}:{stem}").shuffle(lines)
        (out / f"{stem}.jsonl").write_text("".join(lines), encoding="utf-8")
        say(f"{stem}: {len(lines)} rows")
    meta = {
        "seed": seed,
        "prompt": prompt.digest,
        "judge": checker.model.name,
        "written": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        "kinds": Counter(row.kind for row in kept),
        "sources": Counter(row.document.split("/")[0] for row in kept),
        "left out for 13 words shared with a benchmark": left,
        "outputs": {stem: hashlib.sha256("".join(lines).encode()).hexdigest() for stem, lines in files.items()},
    }
    (out / "meta.json").write_text(json.dumps(meta, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def benchmark_texts(data: Path) -> Iterator[str]:
    """What the generator is measured on, as far as `data` holds it."""
    for name in (
        "squad2_dev_half/corpus.jsonl",
        "squad2_dev_half/qa.jsonl",
        "cuad/qa.jsonl",
        "ragtruth_qa_test/pairs.jsonl",
    ):
        if (data / name).exists():
            for row in read_jsonl(data / name):
                yield from (row[field] for field in ("text", "question", "premise") if isinstance(row.get(field), str))


def _grams(texts: Iterable[str], n: int = 13) -> set[int]:
    """Hashes of all runs of `n` words."""
    found = set[int]()
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        found.update(hash(tuple(words[at : at + n])) for at in range(len(words) - n + 1))
    return found


def _line(row: Row, prompt: Prompt, rejected: str = "") -> str:
    fields: dict[str, Any] = {"kind": row.kind, "document": row.document, "messages": row.messages(prompt)}
    fields |= {"chosen": row.reply, "rejected": rejected} if rejected else {"completion": row.reply}
    name = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16]
    return json.dumps({"id": name, **fields}, ensure_ascii=False) + "\n"
