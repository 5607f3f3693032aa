"""Sentences: spans in a text, sentences as they complete in a stream, and the markers that they carry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.languages import foreign
from retrieval.text.tables import BAR

_BOUNDARY = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+|\n+|(?<=[。！？])[」』”’）]*\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs?|etc|approx|Mr|Mrs|Ms|Dr|Prof|Sir|St|Jr|Sr|Ltd|Inc|Corp|Co|LLC|plc|No|Nos|Art|Sec|"
    r"Sect|para|Para|cl|Cl|Fig|Ex|Exh|pp?|ed|al|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.K|E\.U|a\.m|p\.m)|\b[A-Z]|\(\w{1,4}|^\W*\d{1,3}(?:\.\d+)*)\.$"
)
# Of other languages; looked at in texts of these alone, for "art." ends sentences in English.
_ABBREVIATIONS = {
    "de": r"Abs|Art|Nr|Ziff|Bd|Hrsg|Str|bzw|ca|evtl|gem|ggf|inkl|lt|max|mind|sog|usw|vgl|zzgl|\b[a-zA-Z]",
    "fr": r"art|al|av|env|M|MM|Mme|Mlle|no|nos|p|pp|cf|éd|chap|ex|\b[a-zA-Z]",
    "es": r"art|arts|Sr|Sra|Sres|núm|núms|pág|págs|aprox|Cía|Ud|Uds|\b[a-zA-Z]",
    "it": r"art|artt|sig|Sig|sigg|dott|Dott|n|nn|pag|ecc|co|lett|\b[a-zA-Z]",
    "pt": r"art|arts|Sr|Sra|Dr|n|nº|pág|aprox|Ltda|\b[a-zA-Z]",
    "nl": r"art|lid|nr|blz|bijv|ca|evt|incl|mr|resp|\b[a-zA-Z]",
    "pl": r"art|ust|pkt|lit|nr|np|tj|tzw|ul|zł|gr|m|in|al|os|r|\b[a-zA-Z]",
    "ru": r"ст|стст|п|пп|ч|г|гг|ул|д|руб|коп|тыс|млн|млрд|им|см|т|\b[а-яА-Я]",
}
_ELSEWHERE = {code: re.compile(rf"\b(?:{words})\.$") for code, words in _ABBREVIATIONS.items()}
_ANY_ELSEWHERE = re.compile(rf"\b(?:{'|'.join(_ABBREVIATIONS.values())})\.\s")
_MARKER = re.compile(r"\s*\[(\d{1,3}(?:\s*[,;-]\s*\d{1,3})*)\]")
_SOURCE_IN_BRACKETS = re.compile(
    r"\s*\((?:passages?|sources?) \d{1,3}(?:\s*(?:,|and|-|&)\s*\d{1,3})*\)", re.I
)  # "(source 3)"
_CLAUSE_IN_BRACKETS = re.compile(r"\s*\[\d+(?:\.\d+)+\]")  # "[6.2]": a clause taken for a marker
_LEADING_MARKERS = re.compile(r"^(?:\s*\[\d{1,3}(?:\s*[,;-]\s*\d{1,3})*\][.,;]?)+")
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences, in order, without the blanks around them. A line break always ends one; a table's row is
    one. Abbreviations are those of the language that the text is in."""
    return _spans(text, rows=BAR in text)


def _spans(text: str, *, rows: bool) -> list[tuple[int, int]]:
    spans = []
    start = 0
    elsewhere = _ELSEWHERE.get(foreign(text)) if _ANY_ELSEWHERE.search(text) else None
    for boundary in _BOUNDARY.finditer(text):
        head = text[start : boundary.start()].rstrip("\"'”’)]").rsplit("\n", 1)[-1]
        if "\n" not in boundary.group() and (
            _ABBREVIATION.search(head)
            or (elsewhere and elsewhere.search(head))
            or (rows and BAR in _line(text, boundary.start()))
        ):
            continue
        spans.append((start, boundary.end()))
        start = boundary.end()
    spans.append((start, len(text)))
    return [span for span in (_trimmed(text, *span) for span in spans) if span[0] < span[1]]


class SentenceStream:
    """Collects generated text and releases each sentence once the next one has begun.

    Markers that follow the full stop ("... days. [2]") belong to the sentence before them.
    """

    def __init__(self) -> None:
        self._buffer = ""

    def feed(self, text: str) -> Iterator[str]:
        self._buffer += text
        yield from self._release(final=False)

    def finish(self) -> Iterator[str]:
        yield from self._release(final=True)

    def _release(self, *, final: bool) -> Iterator[str]:
        while True:
            spans = _spans(self._buffer, rows=False)  # what is a row shows too late
            if not spans or (len(spans) == 1 and not final):
                return
            end = spans[0][1]
            trailing = _LEADING_MARKERS.match(self._buffer[end:])
            if trailing:
                end += trailing.end()
            rest = self._buffer[end:]
            if not final and (not rest.strip() or re.match(r"\s*\[[\d\s,;-]*$", rest)):
                return
            sentence, self._buffer = self._buffer[spans[0][0] : end].strip(), rest
            if sentence:
                yield sentence


def markers(sentence: str) -> tuple[int, ...]:
    """The markers of a sentence, in order, each once: "[1, 3]" and "[2-4]" count as several."""
    found: dict[int, None] = {}
    for match in _MARKER.finditer(sentence):
        for part in re.split(r"[,;]", match.group(1)):
            first, _, last = part.partition("-")
            low, high = int(first), int(last or first)
            found.update(dict.fromkeys(range(low, min(high, low + 10) + 1)))
    return tuple(found)


def claim_text(sentence: str) -> str:
    """The sentence as shipped: without markers, list bullets and emphasis signs."""
    text = _BULLET.sub("", _CLAUSE_IN_BRACKETS.sub("", _SOURCE_IN_BRACKETS.sub("", _MARKER.sub("", sentence))).strip())
    return re.sub(r"\s+", " ", text.replace("**", "").replace("`", "")).strip()


def _line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : len(text) if end < 0 else end]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))
