"""True pairs from the sentences of a document, and what its corruptions may draw on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log
from random import Random

from generation.training.data.drafts import Draft, Material, under_heading, window
from generation.training.data.names import names_in, with_article
from generation.training.data.pairs import Pair
from generation.training.data.reword import reworded
from generation.training.data.text import Document, without_number
from generation.training.data.true import core, framed, joined, rearranged, without_connective
from generation.training.data.words import FINITE, content_words, overlap, words

PER_DOCUMENT = {
    "policyqa": 90, "pubmedqa": 7, "qed": 4, "tatqa": 7, "dc_law": 8, "canada_en": 45, "medquad": 18, "cuad": 250,
}  # fmt: skip
_NOISE = re.compile(
    r"\bDCR\b|For temporary|Repealed|\bet seq\b|www\.|https?:|[;:] \(\w+\)|[=<>±]|_{2}|\.{3}|\[|\u2022|: -|- .+ - |‘|"
    r"Human Phenotype|table below|MedlinePlus|sign or symptom|HPO|^To [a-z]+ |^Short title"
)
_HEADED = re.compile(
    r"(?:[A-Z]\w+ ){3,}(?:The|If|A|An|It|In|Each|No|This|All|Any|We)\b|\d+(?:\.\d+)* [A-Z]|.*\b\d+\.\d+ [A-Z]"
)
_GOOD_START = re.compile(r"[A-Z][a-z’'-]*[ ,]|[A-Z]{2,}|\$?\d")
_DETAIL = re.compile(
    r"(?<=[a-z] )(?:within|after|before|during|because|unless|until|for (?:at least|up to|a period of|the purpose of)|"
    r"no later than|at the request of|with the (?:written )?(?:consent|approval) of|"
    r"by (?:means of|e-?mail|mail|using)|in (?:the|order to|case of|[A-Z])|"
    r"on (?:the basis of|behalf of|a)|at (?:least|a)|every|twice|from the) [^,;:()]{6,60}(?=\.$)"
)
_AMOUNT = re.compile(r"(?<![\w.,$(/-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w/(-]|[.,]\d)")
_ITEM = re.compile(r"(?<=, )([a-z][a-z-]+(?: [a-z]+){0,2}),? (?:and|or) (?=[a-z])")


def usable(sentence: str) -> bool:
    """Whether a sentence stands on its own: whole, with a verb, neither a list nor a note."""
    return bool(
        6 <= words(sentence) <= 45
        and re.search(r"\w{4}[)\"”]?\.$|%\.$|\d\d\.$", sentence)
        and not _HEADED.match(sentence)
        and _GOOD_START.match(sentence)
        and FINITE.search(sentence)
        and not _NOISE.search(sentence)
        and sentence.count("(") == sentence.count(")")
        and sentence.count('"') % 2 == 0
        and sum(c.isalpha() or c in " ,." for c in sentence) > 0.88 * len(sentence)
    )


def prose_drafts(document: Document, seen: set[str], random: Random) -> Iterator[Draft]:
    """Up to PER_DOCUMENT pairs; `seen` holds the sentences that another document has given already."""
    places = [(b, s) for b, block in enumerate(document.blocks) for s in range(len(block.sentences))]
    random.shuffle(places)
    made = 0
    for block, at in places:
        sentence = without_number(document.blocks[block].sentences[at])
        key = re.sub(r"\W+|\d+", " ", sentence.lower())
        if made >= PER_DOCUMENT[document.source] or not usable(sentence) or key in seen:
            continue
        seen.add(key)
        made += 1
        yield _draft(document, block, at, sentence, random)


def _draft(document: Document, block_at: int, at: int, sentence: str, random: Random) -> Draft:
    block, source = document.blocks[block_at], document.source
    claim, last, heading_rate = _rephrased(sentence, source, random), at, 0.5
    if random.random() < 0.3 and at + 1 < len(block.sentences):
        second = without_number(block.sentences[at + 1])
        if usable(second) and words(second) + words(sentence) <= 50:
            claim, last = joined(claim, _rephrased(second, source, random), random), at + 1
    if source == "policyqa" and random.random() < 0.3 and (named := _with_site(claim, block.heading)):
        claim, heading_rate = named, 1.0
    if random.random() < 0.2:
        claim = framed(claim, source, random)
    start, end = window(block.sentences, at, last, random)
    evidence = under_heading(block.heading, " ".join(block.sentences[start:end]), random, heading_rate)
    pair = Pair(evidence, claim, "entailed", "true", source, document.id)
    return Draft(pair, sentence if last == at else "", (block_at, start, end))


def _rephrased(sentence: str, source: str, random: Random) -> str:
    """Verbatim in one case of ten; else shortened at times, rearranged and reworded where that is possible."""
    if random.random() < 0.1:
        return sentence
    shorter = core(sentence, random) if random.random() < 0.5 else None
    return reworded(rearranged(shorter or sentence, random), source, random)


def _with_site(claim: str, heading: str) -> str | None:
    """ "We may ..." of a policy under the heading "site > ..." said of the site: "Site may ..."."""
    site = heading.partition(" > ")[0]
    found = re.match(r"We (?=(?:may|will|can|do not|cannot|must|don't)\b)", claim)
    if not found or not site:
        return None
    rest = re.sub(r"\bour\b", "its", re.sub(r"\bus\b", "it", claim[found.end() :]))
    rest = re.sub(r"^do not\b|^don't\b", "does not", rest)
    return None if re.search(r"\bwe\b", rest, re.I) else f"{site} {rest}"


def _clauses(texts: Sequence[str]) -> list[str]:
    found = (without_connective(without_number(text)) for text in texts)
    return [clause for clause in found if usable(clause) and words(clause) <= 25]


class Surroundings:
    """What corruptions draw on, for all documents: names, phrases and clauses by document, and the sentences of other
    documents by the words that they share."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._names = dict[str, list[str]]()
        self._by_source = defaultdict[str, list[str]](list)
        self._postings = defaultdict[tuple[str, str], list[tuple[str, int, int]]](list)
        for document in self._documents.values():
            self._by_source[document.source].append(document.id)
            text = " ".join(document.sentences)
            small = set(re.findall(r"\b[a-z]+\b", text))
            found = {with_article(sentence, m) for sentence in document.sentences for m in names_in(sentence)}
            self._names[document.id] = sorted(name for name in found if name.split()[-1].lower() not in small)
            for b, block in enumerate(document.blocks):
                for s, sentence in enumerate(block.sentences):
                    for word in content_words(sentence):
                        self._postings[document.source, word].append((document.id, b, s))

    def material(self, draft: Draft, kind: str, random: Random) -> Material:
        """What `kind` needs, none of it from the draft's own evidence."""
        document = self._documents.get(draft.pair.document)
        if document is None:
            other = self.similar(draft.pair, random) if kind == "other_document" else ""
            return Material(similar=other, sentence=draft.sentence)
        if kind == "other_document":
            return Material(similar=self.similar(draft.pair, random))
        if kind == "wrong_citation":
            return Material(elsewhere=self._elsewhere(document, draft, random))
        outside = self._outside(document, draft)
        peer = self._documents[random.choice(self._by_source[document.source])]
        texts = [*outside, *peer.sentences[:20]] if len(outside) < 30 else outside
        return Material(
            names=self._other_names(document.id, peer.id, draft.pair.evidence) if kind == "name" else (),
            numbers=[n for text in texts[:60] for n in _AMOUNT.findall(text)],
            details=[m.group() for text in texts for m in _DETAIL.finditer(text)] if kind == "half" else (),
            items=[m for text in texts for m in _ITEM.findall(text)] if kind == "half" else (),
            clauses=_clauses(texts[:12]) if kind == "half" else (),
            sentence=draft.sentence,
        )  # fmt: skip

    def _other_names(self, here: str, there: str, evidence: str) -> list[str]:
        known = sorted({*self._names[here], *self._names[there]})
        return [name for name in known if name.removeprefix("the ") not in evidence]

    def similar(self, pair: Pair, random: Random) -> str:
        """Evidence of another document of the source that shares much with the claim, but not nearly all of it."""
        scores = Counter[tuple[str, int, int]]()
        wanted = content_words(pair.claim)
        rare = sorted((len(self._postings.get((pair.source, word), ())), word) for word in wanted)
        for count, word in [(count, word) for count, word in rare if count > 1][:7]:
            for spot in self._postings[pair.source, word][:400]:
                scores[spot] += 1000 - int(100 * log(1 + count))
        for (doc, block_at, at), _ in scores.most_common(25):
            if doc == pair.document:
                continue
            block = self._documents[doc].blocks[block_at]
            start, end = window(block.sentences, at, at, random)
            text = " ".join(block.sentences[start:end])
            if 0.15 <= overlap(pair.claim, text) <= (0.42 if pair.source == "medquad" else 0.5):
                return under_heading(block.heading, text, random)
        return ""

    def _elsewhere(self, document: Document, draft: Draft, random: Random) -> str:
        """The place of the document that comes nearest to the claim, of a few chosen at random."""
        places = [(b, s) for b, block in enumerate(document.blocks) for s in range(len(block.sentences))]
        best, most = "", 0.0
        for block_at, at in random.sample(places, min(len(places), 25)):
            block = document.blocks[block_at]
            start, end = window(block.sentences, at, at, random)
            if draft.place and block_at == draft.place[0] and start < draft.place[2] and draft.place[1] < end:
                continue
            text = " ".join(block.sentences[start:end])
            share = overlap(draft.pair.claim, text)
            if most < share <= (0.42 if document.source == "medquad" else 0.5):
                best, most = under_heading(block.heading, text, random), share
        return best

    def _outside(self, document: Document, draft: Draft) -> list[str]:
        """The sentences that the evidence does not have, those right beside it first."""
        texts = [sentence for sentence in document.sentences if sentence not in draft.pair.evidence]
        if draft.place is None:
            return texts
        sentences = document.blocks[draft.place[0]].sentences
        beside = [*sentences[draft.place[2] :][:2], *sentences[max(0, draft.place[1] - 2) : draft.place[1]]]
        return [*(text for text in beside if text not in draft.pair.evidence), *texts]
