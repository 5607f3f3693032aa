"""Questions of the public sets with the sentences that people marked as their answers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from random import Random

from generation.training.data.exercises import Piece
from generation.training.data.pairs import read_jsonl, split_of
from generation.training.data.text import Document, detokenised
from generation.training.data.words import capitalised, content_words
from generation.training.selector.asked import Asked, Line, lines_of

_POLICY_ANSWERS, _POLICY_OTHERS = 2, 2
_SHORT, _SHORT_IN_REPORTS = 16, 4  # characters of an answer that says too little to be found again by


def set_questions(data: Path, prose: Mapping[str, Document], random: Random) -> Iterator[Asked]:
    """Of all four sets; documents of the split "cases" are left out."""
    yield from _encyclopedia(data, random)
    yield from _sentences(data)
    yield from _policies(data, prose, random)
    yield from _reports(data)


def _encyclopedia(data: Path, random: Random) -> Iterator[Asked]:
    """QED: the sentence that its annotators chose, and sentences of its paragraph without the answer."""
    for row in read_jsonl(data / "qed_dev" / "qed_dev.jsonl"):
        note, title = row["annotation"], row["title_text"]
        if note.get("explanation_type") != "single_sentence" or split_of(f"qed/{title}") == "cases":
            continue
        starts = row["sentence_starts"]
        spans = pairwise([*starts, len(row["paragraph_text"])])
        lines = [Line(title, detokenised(row["paragraph_text"][start:end])) for start, end in spans]
        chosen = lines[max(n for n, start in enumerate(starts) if start <= note["selected_sentence"]["start"])]
        answers = [detokenised(answer["paragraph_reference"]["string"]) for answer in note["answer"]]
        others = [line for line in lines if line != chosen and not any(answer in line.text for answer in answers)]
        asked = row["question_text"]
        question = random.choice((asked, capitalised(asked) + "?"))
        yield Asked("paragraph", "qed", f"qed/{title}", question, [chosen], others)


def _sentences(data: Path) -> Iterator[Asked]:
    """QNLI (Wang et al. 2019), less the sentences of the half of SQuAD that answers are measured on: questions that
    annotators asked of a paragraph, with one sentence of it."""
    corpus = read_jsonl(data / "squad2_dev_half" / "corpus.jsonl")
    measured = " ".join(_plain(row["text"]) for row in corpus)
    for row in read_jsonl(data / "nli_mix" / "pairs.jsonl"):
        if row["set"] == "qnli" and _plain(row["hypothesis"]) not in measured:
            line = [Line("", row["hypothesis"].strip())]
            right, wrong = (line, []) if row["label"] == "entailment" else ([], line)
            yield Asked("sentence", "qnli", f"qnli/{row['premise']}", row["premise"], right, wrong)


def _policies(data: Path, prose: Mapping[str, Document], random: Random) -> Iterator[Asked]:
    """PolicyQA: the same questions are asked of every policy, and many sentences answer one, so that only those count
    as beside it that share less with it than half of the policy's sentences do."""
    marked = defaultdict[tuple[str, str], set[str]](set)
    for row in read_jsonl(data / "policyqa" / "qa.jsonl"):
        spans = [evidence["text"] for evidence in row["evidence"]]
        marked[f"policyqa/{row['policy']}", row["question"]].update(s[:80] for s in spans if len(s) >= _SHORT)
    for (site, question), quotes in sorted(marked.items()):
        if split_of(site) == "cases":
            continue
        lines = [Line(block.heading, text) for block in prose[site].blocks for text in block.sentences]
        answers = [line for line in lines if any(quote in line.text for quote in quotes)]
        others = [line for line in lines if line not in answers]
        asked = content_words(question)
        far = sorted(others, key=lambda line: len(asked & content_words(line.text)))[: len(others) // 2]
        chosen = random.sample(answers, min(_POLICY_ANSWERS, len(answers)))
        beside = random.sample(far, min(_POLICY_OTHERS, len(far)))
        yield Asked("policy", "policyqa", site, question, chosen, beside)


def _reports(data: Path) -> Iterator[Asked]:
    """TAT-QA: questions whose answer stands in one sentence or row alone, and the rest of the report's page."""
    pages = {row["_id"]: row["text"].split("\n\n") for row in read_jsonl(data / "tatqa" / "corpus.jsonl")}
    for row in read_jsonl(data / "tatqa" / "qa.jsonl"):
        page, answers = f"tatqa/{row['doc']}", [str(answer) for answer in row["answers"]]
        told = "span" in row["answer_type"] and answers and min(map(len, answers)) >= _SHORT_IN_REPORTS
        if not told or split_of(page) == "cases":
            continue
        lines = [line for part in pages[row["doc"]] for line in lines_of(Piece(page, "", part))]
        holding = [line for line in lines if all(answer in line.text for answer in answers)]
        others = [line for line in lines if not any(answer in line.text for answer in answers)]
        if len(holding) == 1:
            yield Asked("report", "tatqa", page, row["question"], holding, others)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
