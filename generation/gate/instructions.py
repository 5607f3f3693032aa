"""Words in a document, or in a question, that look like an instruction to the assistant: found by a trained detector
and by how such words are put. What is found is a suspicion; generation/answering/guarding.py says what follows."""

from __future__ import annotations

import base64
import binascii
import math
import re
import unicodedata
from dataclasses import dataclass, replace

from generation.gate.claims import sentence_spans
from generation.protocols import InstructionDetector
from generation.types import Suspect
from ingest.protocols import Encoder

# Set by hand after looking at `footnote bench injection` and the red team; docs/safety.md says what was seen.
SUSPECT, SURE, BESIDE_WORDS = 0.7, 0.96, 0.5
_TEMPERATURE, _VETO = 2.41, 0.325  # classifier_config.json of the model: its calibration and its second head's limit

_MARKUP = re.compile(
    r"<\|[a-z_]{2,20}\|>|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|instructions?)>|^#{2,}\s*(?:system|instructions?)\b",
    re.I | re.M,
)
_VERB = r"(?:answer|reply|respond|say|state|output|print|write|repeat|reveal|claim|cite|conclude|tell|report)"
_MACHINE = (
    r"(?:AI|A\.I\.|LLM|GPT|(?:large )?language model|chat ?bot|(?:AI |virtual |digital )?assistant|summari[sz]er|"
    r"answering system|bot)"
)
_WORDS = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass|discard)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|preceding|"
        r"existing|system|your|other|all|any)\b[^.\n]{0,30}\b(?:instructions?|prompts?|sources?|passages?|guidelines)\b",
        r"^\W{0,8}(?:system|assistant|developer|AI)(?: (?:prompt|message|note|override|instruction|update))?s?\s*:",
        r"\b(?:notes?|message|attention|instructions?|memo|notice|important)\W{1,3}(?:to|for)\b[^.\n]{0,24}"
        rf"\b{_MACHINE}s?\b",
        rf"\b{_MACHINE}s?\b[^.\n]{{0,50}}\b(?:must|should|shall|will|has to|have to|is to|please|always|now)\b"
        rf"[^.\n]{{0,30}}\b{_VERB}\b",
        r"\b(?:when|whenever|if)\b[^.\n]{0,40}\b(?:asked|summari[sz]ing|answering|quer(?:y|ied)|questioned)\b"
        rf"[^.\n]{{0,90}}\b{_VERB}\b",
        rf"^\W{{0,4}}(?:please )?{_VERB} (?:only |exactly |nothing but |simply |just )?(?:with |that |NOT FOUND\b|"
        r"the (?:words?|phrase|text|following)\b|[\"“'])",
        r"\bsystem prompt\b|\bdeveloper mode\b|\bjailbreak|\b(?:hidden|initial|secret) (?:instructions|prompt)\b|"
        r"\bDAN\b",
        r"\byou are (?:now |no longer )(?:a|an|in|the|bound|restricted|required)\b|\bpretend (?:to be|that you)\b",
        r"\b(?:ignore|disregard|forget|set aside|leave aside)\b[^.\n]{0,20}\b(?:the (?:sources?|question|instructions?|"
        r"passages?|prompt)|what you)\b",
        rf"\byou are an? [^.\n]{{0,20}}\b{_MACHINE}\b|\byour (?:reply|answer|response|output)s?\b|"
        r"\bclerk (?:must|should)\b",
        r"\b(?:answers?|responses?|repl(?:y|ies)|enquir(?:y|ies)|inquir(?:y|ies)|quer(?:y|ies)|questions?|readers?)\b"
        r"[^.\n]{0,60}\b(?:shall|must|should|is to|are to|(?:is|are) required to|writes?|begins?)\b[^.\n]"
        r"{0,25}\b(?:state|say|answered|write|read|claim|confirm|contain|informed|with the words)\b",
        r"\b(?:only|correct|right|every) (?:correct )?answers?\b|\bevery question\b|\b(?:and|then) (?:say|reply|answer)"
        r" that\b|\brepeated whenever\b|\b(?:in|for) your (?:answer|reply)\b",
        r"\b(?:copy|repeat|cite) (?:this|all|both|the) (?:\w+ )?(?:sentence|words|sources?|three|number)\b|"
        r"\baccording to source\b|^\W*(?:\[\d+\]\s*){2,}|\breport (?:this|it) (?:first|in)\b",
        r"\bnew (?:instructions?|task|rule)s?\s*:|\b(?:repeat|print|reveal|show|list) (?:me )?(?:all |the |your )+"
        r"(?:\w+ ){0,3}(?:prompt|instructions|documents you|messages|context|questions)\b",
    )
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_SPACED = re.compile(r"\b(?:\w ){5,}\w\b")
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
    """The sentences of the text that look like an instruction, in order; all of them where only the whole does.

    Sentences are read in pairs, each with its neighbour: an instruction is told by what it is put between, and often
    goes on. Both of a pair are suspect, and sure are those alone that look so by themselves.
    """
    spans = sentence_spans(text)
    worded = [_worded(text[start:end]) for start, end in spans]
    found: dict[int, Suspect] = {}
    pairs: list[tuple[int, ...]] = [(at, at + 1) for at in range(len(spans) - 1)] or [(0,)] * len(spans)
    for pair in pairs:
        both = _read(text[spans[pair[0]][0] : spans[pair[-1]][1]], detector)
        for at in pair if both.suspect or any(worded[at] for at in pair) else ():
            own = _read(text[slice(*spans[at])], detector)
            sure = own.sure or (own.worded and both.score >= BESIDE_WORDS)
            before = found.get(at)
            score = max(own.score, both.score, before.score if before else 0.0)
            found[at] = Suspect(*spans[at], round(score, 4), sure or (before is not None and before.sure))
    if not found and len(spans) > 2 and (whole := suspect(text, detector)):
        return (replace(whole, sure=False),)
    return tuple(found[at] for at in sorted(found))


def suspect(text: str, detector: InstructionDetector) -> Suspect | None:
    """The text as a whole, where it looks like an instruction."""
    read = _read(text, detector)
    return Suspect(0, len(text), round(read.score, 4), read.sure) if read.suspect else None


def plain(text: str) -> str:
    """As a reader would take it: compatibility forms as letters, without invisible characters, spaced-out words closed
    up, and what is coded in base64 beside it."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    closed = _SPACED.sub(lambda found: found.group().replace(" ", ""), shown)
    decoded = " ".join(filter(None, map(_decoded, _CODED.findall(closed))))
    return f"{closed} {decoded}".strip()


@dataclass(frozen=True, slots=True)
class _Reading:
    """`score`: the detector's; `worded`: put as such instructions are; `markup`: holds a chat template's signs."""

    score: float
    worded: bool
    markup: bool

    @property
    def suspect(self) -> bool:
        return self.markup or self.worded or self.score >= SUSPECT

    @property
    def sure(self) -> bool:
        return self.markup or self.score >= SURE or (self.worded and self.score >= BESIDE_WORDS)


def _read(text: str, detector: InstructionDetector) -> _Reading:
    read = plain(text)
    return _Reading(detector.score(read), _worded(text), _MARKUP.search(read) is not None)


def _worded(text: str) -> bool:
    """Whether it is put as an instruction, invisible characters taken for nothing or for blanks."""
    read = (plain(text), plain(_INVISIBLE.sub(" ", text)))
    return any(pattern.search(one) for pattern in _WORDS for one in read)


def _decoded(coded: str) -> str:
    try:
        text = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if text.isprintable() and " " in text else ""
