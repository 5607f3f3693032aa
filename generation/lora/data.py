"""Conversations to train the generator's adapter on: `footnote adapters data --data DIR --out DIR`.

Each row is a question over numbered sources in exactly the prompt of the service (prompts/cited.md), and the reply
that is wanted: short sentences in the words of their sources, with their numbers, or NOT FOUND. The replies are those
of cited.jsonl; most rows show their sources trimmed as the service trims them. From them further kinds are made:
sources that lost the passage with the answer, sources with planted instructions, and two versions of a source that
differ. A reply enters only if the shipped gate passes its sentences on what is shown. Writes train.jsonl, held.jsonl,
pairs.jsonl and held_pairs.jsonl (for preference tuning) and meta.json; the same inputs and seed give the same bytes.
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
from generation.claims import sentence_spans
from generation.judge.data.exercises import Piece
from generation.judge.data.pairs import fraction, generator, read_jsonl, split_of
from generation.judge.data.text import UNASKED_CONTRACTS
from generation.judge.data.written import Reply, Written
from generation.lora.cited import FILE, replies
from generation.lora.instructions import planted
from generation.prompts import Prompt, load_prompt, numbered
from retrieval.protocols import Reranker
from retrieval.trimming import Text, Trimmer

NOT_FOUND = "NOT FOUND"
PROMPT = "cited"
HELD_SHARE = 0.06
RATES = {"without_gold": 0.12, "planted": 0.1, "versions": 0.5, "trimmed": 0.8}
BUDGETS = (700, 900, 1200)  # characters over all sources of a trimmed row


_AMOUNT = re.compile(
    r"(?<![\w.,])(\d{1,3})(\s?%(?!\w)|"
    r" (?:percent|(?:business |calendar )?days?|weeks?|months?|years?|hours?|minutes?)\b)"
)


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

Trim = Callable[[str, Sequence[Piece], int], Sequence[Piece | None]]
"""Pieces, best first, cut down for a question to so many characters in all; None for one that had no room."""


def rows_of(text: str) -> str:
    """Table rows as our parsers write them: without the bars at both ends."""
    if not text.startswith("|"):
        return text
    return "\n".join(line.removeprefix("|").removesuffix("|").strip() for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes rows of replies; `passes` and `trim` are the service's gate and trimming."""

    passes: Passes
    trim: Trim
    seed: int

    def rows(self, replied: Iterable[Reply]) -> Iterator[Row]:
        """All rows that can be made of the replies."""
        for reply in replied:
            random = generator(f"{self.seed}:lora:{reply.exercise.id}")
            if reply.answer:
                yield from self._answered(reply, random)
            else:
                yield from self._unanswerable("unanswerable", reply, reply.exercise.passages, random)

    def _answered(self, reply: Reply, random: Random) -> Iterator[Row]:
        shown = self._shown(reply, random)
        if shown is None:
            return
        pieces, text = shown
        yield _row("answer", reply, pieces, text)
        if random.random() < RATES["without_gold"]:
            yield from self._without_gold(reply, random)
        if random.random() < RATES["planted"]:
            yield _row("planted", reply, _with_order(pieces, random), text)
        if random.random() < RATES["versions"]:
            yield from _versions(reply, random)

    def _unanswerable(self, kind: str, reply: Reply, pieces: Sequence[Piece], random: Random) -> Iterator[Row]:
        shown = [piece for piece in self._trimmed(reply, pieces, random) if piece]
        if not shown:
            return
        yield _row(kind, reply, shown, NOT_FOUND)
        if random.random() < RATES["planted"]:
            yield _row("planted", reply, _with_order(shown, random), NOT_FOUND)

    def _without_gold(self, reply: Reply, random: Random) -> Iterator[Row]:
        """The sources that are not cited, if none of them says what the answer says."""
        cited = {n for said in reply.answer for n in said.cites}
        left = [piece for n, piece in enumerate(reply.exercise.passages, 1) if n not in cited]
        if left and not any(self.passes(said.text, [piece]) for said in reply.answer for piece in left):
            yield from self._unanswerable("without_gold", reply, left, random)

    def _shown(self, reply: Reply, random: Random) -> tuple[tuple[Piece, ...], str] | None:
        """The sources in another order, sometimes without one that is not cited, and the reply with their new numbers;
        None if what is shown does not support the reply."""
        passages = reply.exercise.passages
        cited = {n for said in reply.answer for n in said.cites}
        order = random.sample(range(1, len(passages) + 1), len(passages))
        spare = [n for n in order if n not in cited]
        if spare and len(order) > 2 and random.random() < 0.3:
            order.remove(random.choice(spare))
        trimmed = self._trimmed(reply, [passages[n - 1] for n in order], random)
        shown = {n: piece for n, piece in zip(order, trimmed, strict=True) if piece}
        if not cited <= shown.keys():
            return None
        if not all(self.passes(said.text, [shown[n] for n in said.cites]) for said in reply.answer):
            return None
        return tuple(shown.values()), _reply(reply.answer, {n: new for new, n in enumerate(shown, 1)})

    def _trimmed(self, reply: Reply, pieces: Sequence[Piece], random: Random) -> Sequence[Piece | None]:
        if random.random() >= RATES["trimmed"]:
            return pieces
        return self.trim(reply.exercise.question, pieces, random.choice(BUDGETS))


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


def _with_order(pieces: Sequence[Piece], random: Random) -> tuple[Piece, ...]:
    """The pieces with an attacker's instruction in one of them."""
    at = random.randrange(len(pieces))
    bad = replace(pieces[at], text=planted(pieces[at].text, random))
    return (*pieces[:at], bad, *pieces[at + 1 :])


def _versions(reply: Reply, random: Random) -> Iterator[Row]:
    """The cited source twice, of two years, with another number in the older one: both are told, the newer first."""
    (said,) = reply.answer if len(reply.answer) == 1 else (None,)
    if said is None or len(said.cites) != 1:
        return
    piece = reply.exercise.passages[said.cites[0] - 1]
    amounts = [amount for amount in _AMOUNT.finditer(said.text) if len(_places(amount[1], piece.text)) == 1]
    if len(amounts) != 1:
        return
    number, unit = amounts[0].groups()
    other = str(int(number) + random.randint(1, 9))
    year = random.randint(2012, 2023)
    heading = piece.heading or "Report"
    new = replace(piece, heading=f"{heading} (version of {year + 1})")
    old = replace(piece, heading=f"{heading} (version of {year})", text=re.sub(_whole(number), other, piece.text))
    pieces = random.sample([new, old], 2)
    at = {piece.heading: n for n, piece in enumerate(pieces, 1)}
    told = [
        f"{said.text.rstrip('.')} [{at[new.heading]}].",
        f"The version of {year} states {other}{unit} [{at[old.heading]}].",
    ]
    yield _row("versions", reply, pieces, " ".join(told))


def _places(number: str, text: str) -> list[str]:
    return re.findall(_whole(number), text)


def _whole(number: str) -> str:
    return rf"(?<![\w.,]){number}(?![\d.,]?\d)"


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
    """Writes the files into `out`; rows that share 13 words in a row with a benchmark's text are left out."""
    prompt, passes = load_prompt(PROMPT), checked_by(checker)
    maker = Maker(passes, trimmed_by(reranker), seed)
    replied = [reply for reply in replies(data) if split_of(reply.exercise.document) == "train"]
    asked = _grams(benchmark_texts(data))
    kept, left = list[Row](), Counter[str]()
    for row in maker.rows(_counted(replied, say)):
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
        "reranker": reranker.name,
        "written": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        "kinds": Counter(row.kind for row in kept),
        "sources": Counter(row.document.split("/")[0] for row in kept),
        "left out for 13 words shared with a benchmark": left,
        "outputs": {stem: hashlib.sha256("".join(lines).encode()).hexdigest() for stem, lines in files.items()},
    }
    (out / "meta.json").write_text(json.dumps(meta, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _counted(replied: Sequence[Reply], say: Callable[[str], None]) -> Iterator[Reply]:
    for number, reply in enumerate(replied, 1):
        yield reply
        if number % 100 == 0 or number == len(replied):
            say(f"{number} of {len(replied)} replies checked")


def benchmark_texts(data: Path) -> Iterator[str]:
    """What the generator is measured on, as far as `data` holds it: every text in these files, but for the contracts
    of CUAD that no benchmark asks about."""
    for name in (
        "squad2_dev_half/corpus.jsonl",
        "squad2_dev_half/qa.jsonl",
        "cuad/qa.jsonl",
        "ragtruth_qa_test/pairs.jsonl",
    ):
        if (data / name).exists():
            for row in read_jsonl(data / name):
                if row.get("pdf") not in UNASKED_CONTRACTS:
                    yield from _texts(row)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(part)


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
