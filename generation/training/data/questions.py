"""Questions and their answers turned into statements ("who got the first prize" + "Röntgen" -> "Röntgen got ...")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from generation.training.data.drafts import Draft, under_heading, window
from generation.training.data.pairs import Pair, read_jsonl
from generation.training.data.text import Document, detokenised
from generation.training.data.words import CONDITION, FINITE, NEGATION, capitalised, words

_PAST = {
    "come": "came", "start": "started", "begin": "began", "win": "won", "play": "played", "die": "died",
    "move": "moved",
    "become": "became", "get": "got", "take": "took", "go": "went", "end": "ended", "join": "joined", "open": "opened",
    "originate": "originated", "live": "lived", "air": "aired", "premiere": "premiered", "last": "lasted",
}  # fmt: skip
_PARTICIPLE = (
    r"(?:\w{3,}ed|born|built|made|written|held|founded|set|found|won|sung|shot|seen|grown|known|taken|given|"
    r"fought|spoken)"
)
_BE = r"(?P<be>is|are|was|were)"
_WHAT_IS = re.compile(rf"^(?:what|who) {_BE} (?P<rest>(?:the|a|an|our|their|its) .+)$", re.I)
_WHO_DOES = re.compile(
    r"^who (?P<rest>(?!is |are |was |were |did |do |does |has |have |all |else |can |will )[a-z]+ .+)$", re.I
)
_WHO_ING = re.compile(rf"^who {_BE} (?P<rest>(?:\w+ing|{_PARTICIPLE}) .+)$", re.I)
_WHEN_DONE = re.compile(
    rf"^(?:when|where) {_BE} (?P<what>.+?) (?P<done>{_PARTICIPLE})"
    r"(?P<rest>(?: (?:in|at|by|to|for|out|on|as|into) .+)?)$",
    re.I,
)
_WHEN_DID = re.compile(rf"^(?:when|where) did (?P<what>.+?) (?P<verb>{'|'.join(_PAST)})(?P<rest>(?: .+)?)$", re.I)
_WHOLE = re.compile(
    r"^(?:.*[,;:])?\|(?:[.,;:]|$| (?:for|by|through|via|on|in|at|with|as|so|during|and (?:we|you|to)) )"
)
_PREPOSITION = re.compile(
    r"\b(in|on|at|from|since|during|by|until|near|between|around|throughout)\s+(?:the\s+)?$", re.I
)


def statement(question: str, answer: str, before: str = "") -> str | None:
    """The question answered as a statement, or None where no rule fits. `before` is the text before the answer: its
    preposition is taken over."""
    question, answer = question.strip(" ?"), answer.strip(" .,;")
    if found := _WHAT_IS.match(question):
        return f"{capitalised(found['rest'])} {found['be']} {answer}."
    if found := _WHO_ING.match(question):
        return f"{capitalised(answer)} {found['be']} {found['rest']}."
    if found := _WHO_DOES.match(question):
        return f"{capitalised(answer)} {found['rest']}."
    preposition = _PREPOSITION.search(before)
    if not preposition or _PREPOSITION.search(question + " "):
        return None
    place = f"{preposition.group().strip().lower()} {answer}"
    if found := _WHEN_DONE.match(question):
        return f"{capitalised(found['what'])} {found['be']} {found['done']}{found['rest']} {place}."
    if found := _WHEN_DID.match(question):
        return f"{capitalised(found['what'])} {_PAST[found['verb'].lower()]}{found['rest']} {place}."
    return None


def wikipedia_drafts(data: Path, random: Random) -> Iterator[Draft]:
    """QED: the sentence that its annotators chose, and the question answered with their span; what the question calls
    as the sentence does takes the sentence's spelling."""
    for row in read_jsonl(data / "qed_dev" / "qed_dev.jsonl"):
        note = row["annotation"]
        if note.get("explanation_type") != "single_sentence" or len(note["answer"]) != 1:
            continue
        span = note["answer"][0]["paragraph_reference"]
        claim = statement(_cased(row), span["string"], row["paragraph_text"][: span["start"]])
        if not claim or words(detokenised(claim)) > 40 or NEGATION.search(claim):
            continue
        chosen = note["selected_sentence"]["start"]
        starts = [*row["sentence_starts"], len(row["paragraph_text"])]
        pairs = pairwise(starts)
        sentences = [detokenised(row["paragraph_text"][start:end]) for start, end in pairs]
        at = max(i for i, start in enumerate(row["sentence_starts"]) if start <= chosen)
        first, last = window(sentences, at, at, random)
        evidence = under_heading(row["title_text"], " ".join(sentences[first:last]), random, rate=1.0)
        if detokenised(span["string"]) not in evidence:
            continue
        yield Draft(Pair(evidence, detokenised(claim), "entailed", "true", "qed", f"qed/{row['title_text']}"))


def _cased(row: dict[str, Any]) -> str:
    question: str = row["question_text"]
    for link in row["annotation"]["referential_equalities"]:
        asked, said = link["question_reference"]["string"], link["sentence_reference"]["string"]
        if asked.casefold() == said.casefold():
            question = question.replace(asked, said)
    return question


def report_drafts(data: Path, documents: dict[str, Document], random: Random) -> Iterator[Draft]:
    """TAT-QA: questions "What is ...?" whose answer is a span of the report's prose."""
    for row in read_jsonl(data / "tatqa" / "qa.jsonl"):
        document = documents.get(f"tatqa/{row['doc']}")
        answers = row["answers"]
        if row["answer_type"] != "span" or not document or len(answers) != 1 or not isinstance(answers[0], str):
            continue
        if words(answers[0]) > 14 or FINITE.search(answers[0]):
            continue
        claim = statement(row["question"], answers[0])
        for block_at, block in enumerate(document.blocks if claim and len(answers[0]) >= 4 else ()):
            holding = [i for i, sentence in enumerate(block.sentences) if answers[0].strip(" .") in sentence]
            if len(holding) == 1 and claim and words(claim) <= 45:
                first, last = window(block.sentences, holding[0], holding[0], random)
                evidence = " ".join(block.sentences[first:last])
                pair = Pair(evidence, claim, "entailed", "true", "tatqa", document.id)
                yield Draft(pair, place=(block_at, first, last))
                break


def policy_drafts(data: Path, documents: dict[str, Document], random: Random) -> Iterator[Draft]:
    """PolicyQA: spans that people marked as answers, where they are clauses that nothing before them limits."""
    seen = set[str]()
    for row in read_jsonl(data / "policyqa" / "qa.jsonl"):
        document = documents[f"policyqa/{row['policy']}"]
        for answer in row["answers"]:
            clause = answer.strip(" .;,")
            if (
                clause in seen
                or not 5 <= words(clause) <= 35
                or not re.match(r"(?i)(?:we|you|your|our|this|the|these|they)\b", clause)
            ):
                continue
            place = _found(document, clause)
            if place is None or not FINITE.search(clause):
                continue
            seen.add(clause)
            block_at, at = place
            sentences = document.blocks[block_at].sentences
            before, _, after = sentences[at].partition(clause)
            if (
                CONDITION.search(f"{before} {after}")
                or NEGATION.search(before)
                or not _WHOLE.match(f"{before.strip()}|{after}")
            ):
                continue
            first, last = window(sentences, at, at, random)
            evidence = under_heading(document.blocks[block_at].heading, " ".join(sentences[first:last]), random)
            pair = Pair(evidence, capitalised(clause) + ".", "entailed", "true", "policyqa", document.id)
            yield Draft(pair, sentences[at], (block_at, first, last))


def _found(document: Document, clause: str) -> tuple[int, int] | None:
    """Block and sentence that hold the clause whole."""
    for block_at, block in enumerate(document.blocks):
        for at, sentence in enumerate(block.sentences):
            if clause in sentence:
                return block_at, at
    return None
