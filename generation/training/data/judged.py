"""Sentences that answer a question about a passage, true and false ones, of named kinds: `judged.jsonl`.

A line holds a place in the public data (`set`, `doc`, `page` of a contract, `at`: where the evidence stands in the text
of that place, `sha`: the first digits of its digest), a question, and the sentences: `kind`, `true`, and `answers`, how
far it answers the question ("full", "part", "no"). The evidence itself is not in it. A large language model (Claude)
wrote the sentences one by one as an assistant of the authors, after quotas of kinds; those of the kind "draft" our
generator wrote, and the same model judged them; see docs/models/judge.md.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.training.data.pairs import Label, Pair, fraction, read_jsonl, split_of
from generation.training.data.written import DataChanged
from retrieval.text.tables import told

FILE = Path(__file__).with_name("judged.jsonl")
LABELS: dict[str, Label] = {"added": "neutral", "negation": "contradicted"}  # of false ones; not_entailed the others
_CORPORA = {"policyqa", "tatqa", "pubmedqa"}
_BARE = 0.6  # of the questions about contracts see the evidence without the kind of contract above it


@dataclass(frozen=True, slots=True)
class Sentence:
    """`answers` the question fully ("full"), in part or not ("no"), be it true or not."""

    text: str
    kind: str
    true: bool
    answers: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a piece of a document, and what was written for it. `evidence` as the gate reads it: under its
    `title`, table rows told by their header."""

    source: str
    document: str
    title: str
    evidence: str
    question: str
    sentences: tuple[Sentence, ...]

    @property
    def framed(self) -> str:
        """The evidence under its title."""
        return f"{self.title}\n{self.evidence}" if self.title else self.evidence


def asked(data: Path, file: Path = FILE) -> Iterator[Asked]:
    """All of the file; raises `DataChanged` if a piece is not found again."""
    rows = list(read_jsonl(file))
    places = _places(data, rows)
    for row in rows:
        title, text = places.get(_key(row), ("", ""))
        document = f"{row['set']}/{row['doc']}"
        if row["set"] == "cuad" and fraction(document + row["question"]) >= _BARE:
            title = re.split(r"[-_]", Path(row["doc"]).stem)[-1].strip()
        start, end = row["at"]
        evidence = text[start:end]
        if hashlib.sha256(evidence.encode()).hexdigest()[:8] != row["sha"]:
            raise DataChanged(
                f"{file.name}: the evidence for {row['question']!r} is not in this data; was a file changed? Take the "
                "public sets as docs/models/judge.md names them."
            )
        sentences = tuple(Sentence(**sentence) for sentence in row["sentences"])
        yield Asked(row["set"], document, title, shown(evidence), row["question"], sentences)


def judged_pairs(found: Iterable[Asked]) -> dict[str, list[Pair]]:
    """The pairs of "train", "calibrate" and "cases", each sentence against its evidence under the title."""
    pairs: dict[str, list[Pair]] = {"train": [], "calibrate": [], "cases": []}
    for one in found:
        for sentence in one.sentences:
            label = "entailed" if sentence.true else LABELS.get(sentence.kind, "not_entailed")
            pairs[split_of(one.document)].append(
                Pair(one.framed, sentence.text, label, f"judged {sentence.kind}", one.source, one.document)
            )
    return pairs


def clean(text: str) -> str:
    """The text of a place, with blanks as `at` counts them."""
    return re.sub(r"[ \t]+", " ", re.sub(r"\n{3,}", "\n\n", text)).strip()


def shown(evidence: str) -> str:
    """With the rows of its table told by the first one."""
    lines = evidence.split("\n")
    rows = [line.strip().removeprefix("|").removesuffix("|") for line in lines if line.lstrip().startswith("|")]
    rest = [line for line in lines if not line.lstrip().startswith("|")]
    if len(rows) < 2:
        return evidence
    return "\n".join([told(rows[0], "\n".join(rows[1:])), *rest]).strip()


def _key(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["set"], row["doc"], row.get("page", 0)


def _places(data: Path, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, int], tuple[str, str]]:
    """Title and text of every place that the rows name."""
    wanted = {_key(row) for row in rows}
    found: dict[tuple[str, str, int], tuple[str, str]] = {}
    for name in sorted(_CORPORA & {name for name, _, _ in wanted}):
        for row in read_jsonl(data / name / "corpus.jsonl"):
            found[name, row["_id"], 0] = row.get("title", ""), clean(row["text"])
    if any(name == "qed_dev" for name, _, _ in wanted):
        for row in read_jsonl(data / "qed_dev" / "qed_dev.jsonl"):
            found["qed_dev", str(row["example_id"]), 0] = row["title_text"], clean(row["paragraph_text"])
    if any(name == "scale_legal" for name, _, _ in wanted):
        with gzip.open(data / "scale_legal" / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                found["scale_legal", row["_id"], 0] = row["title"], clean(row["text"])
    contracts = {(doc, page) for name, doc, page in wanted if name == "cuad"}
    for doc in {doc for doc, _ in contracts}:
        for page, text in _pages(data / doc, {page for name, page in contracts if name == doc}):
            found["cuad", doc, page] = "", clean(text)
    return {key: found[key] for key in wanted & found.keys()}


def _pages(path: Path, numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    from pypdfium2 import PdfDocument

    pdf = PdfDocument(path)
    for number in numbers:
        yield number, pdf[number - 1].get_textpage().get_text_range().replace("\r\n", "\n")
