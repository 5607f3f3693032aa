"""The documents that true claims are taken from: sentences in blocks (sections, passages) under headings."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generation.gate.claims import sentence_spans
from generation.training.data.pairs import read_jsonl

LEGAL = frozenset({"dc_law", "canada_en", "cuad"})  # sources in which "shall" and "may not" oblige and forbid
_LEGAL_KINDS = frozenset({"code-section", "regulation", "act", "health"})  # D.C. laws are scans, too noisy
_ITEM = re.compile(r"\(([0-9]{1,2}(?:\.\d)?|[a-zA-Z]{1,2}|[ivx]{1,4})\)\s*(?=\S)")
_LEADING_ITEMS = re.compile(r"^(?:(?:\((?:\w{1,4}|\d+\.\d+)\)|\d+(?:\.\d+)*\.|[-•*])\s*)+")
_NOTE = re.compile(
    r"(?:^|(?<=[.;] ))[A-Z][A-Za-z ,’'—-]{2,90}(?=\(\d)"
)  # marginal notes: "Award renewable(2) The award ..."
_PAGE_FOOT = re.compile(r"\s*Source: [^\r\n]+\d{4}\s*|\s*Page \d+ of \d+\s*")
_HISTORY = re.compile(
    r"\b[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}, (?:D\.C\. Law|P\.? ?L\.|\d+ Stat)|\(?For temporary|Short title of"
)
UNASKED_CONTRACTS = {
    "ADUROBIOTECH,INC_06_02_2020-EX-10.7-CONSULTING AGREEMENT.PDF": "Aduro Biotech > Consulting Agreement",
    "ELANDIAINTERNATIONALINC_04_25_2007-EX-10.21-Outsourcing Agreement.PDF": "Datec > Outsourcing Agreement",
    "HEALTHGATEDATACORP_11_24_1999-EX-10.1-HOSTING AND MANAGEMENT AGREEMENT - Escrow Agreement.pdf": "Escrow Agreement",
    "SPORTHALEYINC_09_29_1997-EX-10.2-10-ENDORSEMENT AGREEMENT.PDF": "Endorsement Agreement",
    "PfHospitalityGroupInc_20150923_10-12G_EX-10.1_9266710_EX-10.1_Franchise Agreement3.pdf": "Franchise Agreement",
}
_DC_TITLE = re.compile(r"^D\.C\. (?:Code|act|law|other) (?:§ )?(?P<number>\S+) (?P<name>.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """Adjacent sentences of a document; `heading` is "" or one line `Title > Section`."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    source: str
    blocks: tuple[Block, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(sentence for block in self.blocks for sentence in block.sentences)


def documents(data: Path) -> Iterator[Document]:
    """Every document of prose that may be trained on; see `inputs` in data.py for the files."""
    yield from policies(data)
    yield from _abstracts(data)
    yield from _wikipedia(data)
    yield from _reports(data)
    yield from _laws_and_health(data)
    yield from _contracts(data)


def policies(data: Path) -> Iterator[Document]:
    """Privacy policies of 40 sites; a policy's segments stay in the order of the file."""
    segments = defaultdict[str, list[str]](list)
    for row in read_jsonl(data / "policyqa" / "corpus.jsonl"):
        segments[row["title"]].append(row["text"])
    for site, texts in segments.items():
        yield _document(f"policyqa/{site}", "policyqa", [(f"{site} > Privacy Policy", text) for text in texts])


def _abstracts(data: Path) -> Iterator[Document]:
    for row in read_jsonl(data / "pubmedqa" / "corpus.jsonl"):
        yield _document(f"pubmedqa/{row['_id']}", "pubmedqa", [("", row["text"])])


def _wikipedia(data: Path) -> Iterator[Document]:
    paragraphs = defaultdict[str, list[str]](list)
    for row in read_jsonl(data / "qed_dev" / "qed_dev.jsonl"):
        text = detokenised(row["paragraph_text"])
        if text not in paragraphs[row["title_text"]]:
            paragraphs[row["title_text"]].append(text)
    for title, texts in paragraphs.items():
        yield _document(f"qed/{title}", "qed", [(title, text) for text in texts])


def _reports(data: Path) -> Iterator[Document]:
    for row in read_jsonl(data / "tatqa" / "corpus.jsonl"):
        prose = [("", part) for part in row["text"].split("\n\n") if not part.startswith("|")]
        yield _document(f"tatqa/{row['_id']}", "tatqa", prose)


def _laws_and_health(data: Path) -> Iterator[Document]:
    passages = defaultdict[tuple[str, str], list[tuple[str, str]]](list)
    with gzip.open(data / "scale_legal" / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["kind"] in _LEGAL_KINDS:
                heading, text = _heading(row["title"], row["text"])
                if row["source"] == "dc_law":
                    text = _HISTORY.split(text)[0]
                if row["source"] == "canada_en":
                    text = _NOTE.sub("", re.sub(r"(?<=[a-z)])\.(?=[A-Z][a-z])", ". ", text))
                passages[row["source"], row["doc"]].append((heading, text))
    for (source, doc), parts in passages.items():
        yield _document(f"{source}/{doc}", source, parts)


def _contracts(data: Path) -> Iterator[Document]:
    """The few contracts of CUAD that evals/datasets/cuad.py asks nothing about: it cannot name them."""
    from pypdfium2 import PdfDocument

    for name, title in UNASKED_CONTRACTS.items():
        pages = (page.get_textpage().get_text_range() for page in PdfDocument(data / "cuad" / "pdf" / name))
        paragraphs = (
            part for page in pages for part in re.split(r"\r\n[ \t]*(?:\r\n[ \t]*)+", page.replace("\xa0", " "))
        )
        yield _document(f"cuad/{name}", "cuad", [(title, _PAGE_FOOT.sub("", part)) for part in paragraphs])


def _heading(title: str, text: str) -> tuple[str, str]:
    """The heading line of a passage, and its text without the title that opens it."""
    found = _DC_TITLE.match(title)
    if found:
        text = text.removeprefix(found["number"]).strip().removeprefix(found["name"]).strip()
        return f"D.C. Code > § {found['number']} {found['name']}".rstrip(" ."), text
    return title.replace(" - s. ", " > s. ", 1).replace(" - ", " > ").replace(" ?", "?").strip(), text


def _document(id_: str, source: str, parts: list[tuple[str, str]]) -> Document:
    blocks = (Block(heading, tuple(_sentences(text))) for heading, text in parts)
    return Document(id_, source, tuple(block for block in blocks if block.sentences))


def _sentences(text: str) -> Iterator[str]:
    text = re.sub(r"\s+", " ", _ITEM.sub(r"(\1) ", text))
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if sentence[-1] in ".!?:;" and re.match(r"[\"“(]?[A-Z0-9(]", sentence) and 3 <= len(sentence.split()) <= 90:
            yield sentence


def without_number(sentence: str) -> str:
    """The sentence without the item number that it opens with: "(2) The licensee ..."."""
    rest = _LEADING_ITEMS.sub("", sentence)
    return rest[:1].upper() + rest[1:]


def detokenised(text: str) -> str:
    """Text of the Penn Treebank kind ("it 's", "`` word ''", "( 30 )") as people write it."""
    text = re.sub(r"``\s*|\s*''", '"', text)
    text = re.sub(r"\s+([,.;:!?%)\]])", r"\1", text)
    text = re.sub(r"([(\[$£€])\s+", r"\1", text)
    text = re.sub(r"\s+('s|'re|'ve|'ll|'d|'m|n't|')(?=\W|$)", r"\1", text)
    text = re.sub(r"(\w) - (\w)", r"\1-\2", text)
    return re.sub(r"\s+", " ", text.replace(" -- ", " – ")).strip()
