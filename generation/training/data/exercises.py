"""Questions with passages as a reader's search gives them, for answers to be written: `exercises(data)`.

The passages come from the documents that may be trained on, none from the split "cases". About a fifth of the given
questions stand without the passage that answers them. What was written for each exercise lies beside this file; see
written.py.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rank_bm25 import BM25Plus

from generation.training.data.pairs import generator, read_jsonl, split_of
from generation.training.data.text import Document, detokenised, documents

WANTED = {
    "qed": 280, "medquad": 210, "policyqa": 140, "tatqa": 130, "pubmedqa": 100, "canada_en": 75, "dc_law": 55,
    "cuad": 50,
}  # fmt: skip
PASSAGE_CHARS = 700
WITHOUT_GOLD = 0.2


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage under its heading, of one document."""

    document: str
    heading: str
    text: str

    @property
    def shown(self) -> str:
        return f"{self.heading}\n{self.text}" if self.heading else self.text


@dataclass(frozen=True, slots=True)
class Exercise:
    """`question` is "" where the writer is to ask one; `document` decides on which side of a split it stands."""

    source: str
    document: str
    question: str
    passages: tuple[Piece, ...]

    @property
    def id(self) -> str:
        """Depends on all that the writer was shown."""
        shown = "\0".join((self.question, *(passage.shown for passage in self.passages)))
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Pieces of one source with a search over them."""

    pieces: Sequence[Piece]
    index: BM25Plus

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Shelf:
        return cls(pieces, BM25Plus([_tokens(piece.shown) for piece in pieces]))

    def near(self, query: str, count: int, without: Iterable[Piece] = ()) -> list[Piece]:
        """The `count` best pieces of the search, each once, none of `without`."""
        scores = self.index.get_scores(_tokens(query))
        left = set(without)
        found = list[Piece]()
        for at in sorted(range(len(self.pieces)), key=lambda at: (-scores[at], at)):
            if len(found) == count:
                break
            if self.pieces[at] not in left:
                left.add(self.pieces[at])
                found.append(self.pieces[at])
        return found


def exercises(data: Path, seeds: Iterable[int] = (0,)) -> list[Exercise]:
    """WANTED of each source for each seed, always the same for one seed."""
    shelves = {source: Shelf.of(pieces) for source, pieces in _pieces(data).items()}
    asked = _asked(data, shelves)
    made = list[Exercise]()
    for seed in seeds:
        for source, count in WANTED.items():
            random = generator(f"{seed}:exercises:{source}")
            candidates = sorted(asked[source], key=lambda item: (item[1].document, item[0]))
            for question, gold in _one_a_document(candidates, count, random):
                made.append(_exercise(source, question, gold, shelves[source], random))
    return made


def _exercise(source: str, question: str, gold: Piece, shelf: Shelf, random: Random) -> Exercise:
    others = shelf.near(question or gold.shown, random.choice((2, 2, 3)), [gold])
    gold_stays = not question or random.random() >= WITHOUT_GOLD
    passages = [*([gold] if gold_stays else []), *others]
    return Exercise(source, gold.document, question, tuple(random.sample(passages, len(passages))))


def _one_a_document(candidates: Sequence[tuple[str, Piece]], count: int, random: Random) -> Iterator[tuple[str, Piece]]:
    """`count` of them in rounds: no document twice before each was taken once."""
    by_document = defaultdict[str, list[tuple[str, Piece]]](list)
    for item in random.sample(candidates, len(candidates)):
        by_document[item[1].document].append(item)
    depth = 0
    while count > 0 and any(len(items) > depth for items in by_document.values()):
        for items in by_document.values():
            if len(items) > depth and count > 0:
                count -= 1
                yield items[depth]
        depth += 1


def _pieces(data: Path) -> Mapping[str, list[Piece]]:
    found = defaultdict[str, list[Piece]](list)
    for document in documents(data):
        if document.source in WANTED and document.source != "tatqa" and split_of(document.id) != "cases":
            found[document.source] += _cut(document)
    for row in read_jsonl(data / "tatqa" / "corpus.jsonl"):
        if split_of(f"tatqa/{row['_id']}") == "cases":
            continue
        parts = [part for part in row["text"].split("\n\n") if len(part) > 80]
        found["tatqa"] += [Piece(f"tatqa/{row['_id']}", "", _first(part)) for part in parts]
    return found


def _cut(document: Document) -> Iterator[Piece]:
    """Its blocks in pieces of at most PASSAGE_CHARS, cut between sentences; none under 120 characters."""
    for block in document.blocks:
        text = ""
        for sentence in (*block.sentences, ""):
            if text and (not sentence or len(text) + len(sentence) >= PASSAGE_CHARS):
                if len(text) >= 120:
                    yield Piece(document.id, block.heading, text)
                text = ""
            if len(sentence) < PASSAGE_CHARS:
                text = f"{text} {sentence}".strip()


def _first(part: str) -> str:
    """A table's first rows or a paragraph's first sentences, at most PASSAGE_CHARS."""
    if len(part) <= PASSAGE_CHARS:
        return part
    short = part[:PASSAGE_CHARS]
    return short[: short.rfind("\n" if part.startswith("|") else ". ") + 1].strip() or short


def _asked(data: Path, shelves: Mapping[str, Shelf]) -> Mapping[str, list[tuple[str, Piece]]]:
    """(question or "", the piece that answers it) by source."""
    found = defaultdict[str, list[tuple[str, Piece]]](list)
    for row in read_jsonl(data / "qed_dev" / "qed_dev.jsonl"):
        start = detokenised(row["paragraph_text"])[:100]
        gold = [p for p in shelves["qed"].pieces if p.heading == row["title_text"] and p.text[:60] in start]
        found["qed"] += [(row["question_text"] + "?", piece) for piece in gold[:1]]
    for row in read_jsonl(data / "policyqa" / "qa.jsonl"):
        answer = row["evidence"][0]["text"]
        site = f"policyqa/{row['policy']}"
        gold = [p for p in shelves["policyqa"].pieces if p.document == site and answer[:80] in p.text]
        found["policyqa"] += [(row["question"], piece) for piece in gold[:1]]
    for row in read_jsonl(data / "tatqa" / "qa.jsonl"):
        gold = [p for p in shelves["tatqa"].pieces if p.document == f"tatqa/{row['doc']}"]
        holding = [p for p in gold if row["answers"] and all(str(answer) in p.text for answer in row["answers"])]
        found["tatqa"] += [(row["question"], piece) for piece in holding[:1]]
    for row in read_jsonl(data / "pubmedqa" / "queries.jsonl"):
        gold = [p for p in shelves["pubmedqa"].pieces if p.document == f"pubmedqa/{row['_id']}"]
        found["pubmedqa"] += [(row["text"], piece) for piece in gold[-1:]]
    for piece in shelves["medquad"].pieces:
        question = re.search(r"((?:What|How|Who|Is|Are|Do|Does|When|Where|Why)\b[^>?]*\?)", piece.heading)
        found["medquad"].append((question[1] if question else "", piece))
    for source in ("canada_en", "dc_law", "cuad"):
        found[source] = [("", piece) for piece in shelves[source].pieces if len(piece.text) > 300]
    return found


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
