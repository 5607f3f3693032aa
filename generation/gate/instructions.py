"""Words in a document, or in a question, that look like an instruction to the assistant: found by a trained detector
and by how such words are put. What is found is a suspicion; generation/answering/guarding.py says what follows."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from generation.gate.claims import sentence_spans
from generation.protocols import InstructionDetector
from generation.types import Suspect, Suspicion
from ingest.protocols import Encoder

# Chosen on real paragraphs and on attacks in them; docs/benchmarks.md says what was seen.
NOTED, ALONE, BESIDE_WORDS, _LEGIBLE = 0.7, 0.97, 0.5, 0.85
_TEMPERATURE, _VETO = 2.41, 0.325  # classifier_config.json of the model: its calibration and its second head's limit
_LONGEST = 500  # characters of a piece: two of them fit into what the model reads

_MARKUP = re.compile(
    r"<\|[a-z_]{2,20}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|instructions?)>|^#{2,}\s*(?:system|instructions?)\b",
    re.I | re.M,
)
_MACHINE = (
    r"(?:(?:AI|A\.I\.)(?! (?:act|policy|officer|committee|providers?|vendors?|developers?))|LLM|GPT|"
    r"(?:large )?language model|chat ?bot|(?:AI|virtual|digital) assistant|summari[sz]er|answering system)"
)
_MUST = r"(?:must|should|shall|will|has to|have to|is to|are to|please|always|now)\b(?! not\b)"
_ANSWER = r"(?:answer|reply|respond|say|state|output|claim|conclude|tell)"
# Where an imperative begins: a line, perhaps after a footnote's or a list's mark, a sentence, a table's cell.
_ORDER = (
    r"(?:^(?:[\W_]{0,3}(?:\d{1,3}|[a-z]|[ivx]{1,4})[\W_]{1,3})?|[.;:!?,|“\"(]\s*)\W{0,3}"
    r"(?:(?:please|kindly|now|then|also) )?"
)
_PEOPLE = r"(?:part(?:y|ies)|employees?|executive|company|witness|consultant|contractor|he|she|they|patients?)"
# Said to an assistant, or of it. Written so that what contracts, statutes and forms say to people is none of it: tests
# name such sentences.
_WORDS = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        _ORDER + r"(?:ignore|disregard|forget|override|bypass|discard) [^.\n]{0,40}\b(?:previous|prior|above|earlier|"
        r"preceding|existing|system|your|other|all|any)\b[^.\n]{0,30}\b(?:instructions?|prompts?|sources?|passages?)\b",
        _ORDER + r"(?:ignore|disregard|forget|set aside|leave aside) (?:all |any |the )*"
        r"(?:(?:sources?|passages?|prompt|instructions?|question)\b(?! of)|what you\b)",
        r"^[\W\d]{0,8}(?:(?:system|assistant|developer|AI) (?:prompt|message|note|override|instruction|update)s?|"
        r"(?-i:SYSTEM)|assistant)\s*:",
        rf"\b(?:notes?|message|attention|instructions?|memo|notice|important)\W{{1,3}}(?:to|for)\b[^.\n]{{0,24}}\b{_MACHINE}s?\b",
        rf"\b{_MACHINE}s?\b[^.\n]{{0,50}}\b{_MUST}[^.\n]{{0,30}}\b{_ANSWER}\b",
        rf"\b(?:the|any|every|each) assistant {_MUST}[^.\n]{{0,30}}\b(?:answer|reply|respond|output|say|state)\b",
        rf"\b(?:if )?you are an? [^.\n]{{0,20}}\b{_MACHINE}\b",
        r"\b(?:when|whenever|if)\b[^.\n]{0,40}\b(?:asked (?:\w+ )?about|summari[sz]ing|answering|queried about)\b"
        rf"(?:(?!\b{_PEOPLE}\b)[^.\n]){{0,90}}\b{_ANSWER}\b",
        _ORDER + r"(?:answer|reply|respond|output) (?:only |exactly |nothing but |simply |just )?"
        r"(?:with (?:the words?|exactly|only)|that\b|NOT FOUND\b|the (?:words?|phrase|text|following)\b|[\"“'])|"
        r"\b(?:answer|reply|respond|output|say)(?: only| with| just)* (?-i:NOT FOUND)\b",
        _ORDER + r"(?:say that (?!you\b|i\b)|pretend (?:to be|that you)\b)|"
        r"\byou are now an? [^.\n]{0,60}\b(?:who|that|without|named|called)\b|"
        r"\byou are no longer (?:bound|restricted) by\b|"
        r"\bsystem prompt\b|\b(?:hidden|initial|secret) (?:instructions|prompt)\b",
        r"\b(?:answers?|responses?|repl(?:y|ies)|enquir(?:y|ies)|inquir(?:y|ies)|quer(?:y|ies)|readers?)\b[^.\n]{0,60}"
        r"\b(?:shall|must|should|is to|are to|(?:is|are) required to|be|writes?|begins?)\b[^.\n]{0,25}(?:"
        r"\b(?:state|say|answered|write|claim|confirm|informed)(?: that\b| as follows\b|\s*:)|"
        r"\bwith the words\b|\bwrites\s*:)",
        r"\bthe (?:only )?(?:correct|right|only) answer is\s*:|\banswer every question with\b|\bin your answer that\b|"
        r"\b(?:in|for) your (?:answer|reply)\s*:|\bevery answer (?:begins|says)\b|"
        r"\bin every answer\b",
        _ORDER + r"(?:copy|repeat|cite) (?:this|all|both|the) (?:\w+ )?(?:sentence|words|sources?|three|number)\b|"
        r"\baccording to source \[?\d|^\W*(?:\[\d+\]\s*){3,}",
        _ORDER + r"new (?:instructions?|task)s?\s*:|\b(?:repeat|print|reveal|show|append|quote) [^.\n]{0,60}"
        r"\b(?:prompt|documents (?:that )?you|that you hold|all other documents|your instructions|above this line)\b",
    )
)
_HINT = re.compile(r"\byour (?:reply|answer|response|output)s?\b", re.I)  # also said to patients: beside a score alone
RULES = hashlib.sha256(  # for the record: an answer is the same again under the same rules alone
    repr(
        (
            NOTED,
            ALONE,
            BESIDE_WORDS,
            _LEGIBLE,
            _LONGEST,
            _MARKUP.pattern,
            _HINT.pattern,
            [one.pattern for one in _WORDS],
        )
    ).encode()
).hexdigest()[:12]
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_SPACED = re.compile(r"(?<!\S)(?:\S {1,3}){5,}\S(?!\S)")
_WORD = re.compile(r"\W*(?:[ai]|[a-z]{2,}(?:['’./@-][a-z]+)*)\W*", re.I)
_CODED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


class InjectionClassifier:
    """Implements `InstructionDetector` with a model of two outputs: that a text instructs, and that it only looks so.
    Thread-safe; a text's result depends on it alone."""

    def __init__(self, encoder: Encoder, *, name: str) -> None:
        self.name = name
        self._encoder = encoder

    def score(self, text: str) -> float:
        """In [0, 1]; 0 where the second output says that the text only looks so."""
        main, aux = (1 / (1 + math.exp(-float(logit) / _TEMPERATURE)) for logit in self._encoder.encode(text)[:2])
        return main if aux < _VETO else 0.0


def suspects(text: str, detector: InstructionDetector) -> tuple[Suspect, ...]:
    """The sentences of the text that look like an instruction, in order.

    Sentences are read in pairs, each with its neighbour: an instruction is told by what it is put between, and often
    goes on, so that a neighbour of one is not read either.
    """
    spans = list(_pieces(text))
    own = [_Reading.of(text[start:end]) for start, end in spans]
    found: dict[int, Suspect] = {}
    pairs: list[tuple[int, ...]] = [(at, at + 1) for at in range(len(spans) - 1)] or [(0,)] * len(spans)
    for pair in pairs:
        both = _Reading.of(text[spans[pair[0]][0] : spans[pair[-1]][1]])
        score = detector.score(both.text)
        put = both.put and not any(own[at].put for at in pair)  # over the end of a line
        told = put or any(own[at].put for at in pair)
        for at in pair if told or score >= NOTED or any(own[at].hinted for at in pair) else ():
            alone = detector.score(own[at].text)
            lowest = min(alone, score) if _legible(own[at].text) else 0.0
            level = _level(own[at], put, max(alone, score), lowest, told)
            if level:
                new = Suspect(*spans[at], round(max(alone, score), 4), level)
                found[at] = max(found.get(at, new), new, key=lambda one: (one.level.order, one.score))
    return tuple(found[at] for at in sorted(found))


def suspect(text: str, detector: InstructionDetector) -> Suspect | None:
    """The text as a whole, where it looks like an instruction."""
    read = _Reading.of(text)
    score = detector.score(read.text)
    level = _level(read, read.put, score, score, read.put)
    return Suspect(0, len(text), round(score, 4), level) if level else None


def _level(own: _Reading, put: bool, highest: float, lowest: float, told: bool) -> Suspicion | None:
    """`put`: with its neighbour in such words, `told`: or beside them; the scores of it alone and with its neighbour.
    The detector alone is never sure: what contracts ask of people looks like this to it as well."""
    beside = highest >= BESIDE_WORDS
    if own.marked or ((own.put or put) and beside):
        return Suspicion.SURE
    if told or lowest >= ALONE or (own.hinted and beside):
        return Suspicion.LIKELY
    return Suspicion.NOTED if highest >= NOTED else None


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences; a long one in pieces, so that none is longer than the detector reads."""
    for start, end in sentence_spans(text):
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST) + 1 or start + _LONGEST
            yield start, cut
            start = cut
        yield start, end


def plain(text: str) -> str:
    """As a reader would take it: compatibility forms as letters, without invisible characters, spaced-out words closed
    up, and what is coded in base64 on a line below it."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    closed = _SPACED.sub(_closed, shown)
    decoded = " ".join(filter(None, map(_decoded, _CODED.findall(closed))))
    return f"{closed}\n{decoded}".strip()


@dataclass(frozen=True, slots=True)
class _Reading:
    """`text`: as a reader takes it; `marked`: holds a chat template's signs; `put`: so, or in words to an assistant;
    `hinted`: in words that may be to one."""

    text: str
    marked: bool
    put: bool
    hinted: bool

    @classmethod
    def of(cls, text: str) -> _Reading:
        read = plain(text)
        marked = _MARKUP.search(read) is not None
        return cls(read, marked, marked or _worded(read, plain(_INVISIBLE.sub(" ", text))), bool(_HINT.search(read)))


def _worded(*texts: str) -> bool:
    """Whether any is put as an instruction, as it stands or with its lines put together."""
    read = {one for text in texts for one in (text, " ".join(text.split()))}
    return any(pattern.search(one) for pattern in _WORDS for one in read)


def _closed(run: re.Match[str]) -> str:
    return " ".join(word.replace(" ", "") for word in re.split(r" {2,}", run.group()))


def _legible(text: str) -> bool:
    """Whether most of it is words: of what a bad scan left of a page the detector says anything."""
    parts = [part for part in text.split() if any(map(str.isalpha, part))]
    return sum(_WORD.fullmatch(part) is not None for part in parts) >= _LEGIBLE * len(parts)


def _decoded(coded: str) -> str:
    try:
        text = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if text.isprintable() and " " in text else ""
