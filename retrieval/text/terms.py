"""Words to index terms, the same for documents and questions.

English is what a term is in unless something else is said. A document in another language that has a stemmer gets its
terms by that one, each under the tag of its language ("de~kundigungsfrist"), so that no two languages count each
other's words; numbers have no tag, and are written as English writes them. Chinese and Japanese are cut into pairs of
characters (Nie et al. 2000, "On the use of words and n-grams for Chinese information retrieval"), and so is Thai.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

import snowballstemmer

from retrieval.text.stop_words import ENGLISH, STOP_WORDS

MAX_TERM_BYTES = 64
_TERM = re.compile(r"\d+(?:[.,]\d+)*|\w+", re.UNICODE)
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "es": "spanish",
    "et": "estonian", "fa": "persian", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_POINTS = frozenset({"ar", "fa", "hi"})  # of these, those that write 1,250.50 as English does
_PAIRED = {"zh": "han", "ja": "han", "th": "thai"}
_UNBROKEN = {"han": "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆", "thai": "\u0e00-\u0e7f"}
_RUN = {script: re.compile(f"[{signs}]+") for script, signs in _UNBROKEN.items()}
_PIECE = {script: re.compile(f"[{signs}]+|\\d+(?:[.,]\\d+)*|[^\\W{signs}]+") for script, signs in _UNBROKEN.items()}
_WRITTEN = {"nb": "no", "nn": "no"}

TAGS = {language: f"{language}~" for language in (*_STEMMERS, *_UNBROKEN)}
"""How the terms of each language, or of a writing without blanks, begin; "~" is in no word."""


def terms(text: str, language: str = "") -> list[str]:
    """Index terms in order: case-folded, accents kept, numbers whole ("1,250.5" is one), words stemmed.

    `language`: a BCP 47 code; "", "und" and languages without a rule of their own are as English.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    code = language.split("-")[0].lower()
    code = _WRITTEN.get(code, code)
    if code in _STEMMERS:
        return list(_stemmed(folded, code))
    if code in _PAIRED:
        return list(_paired(folded, _PAIRED[code]))
    words = (match.group().replace(",", "") for match in _TERM.finditer(folded))
    return [_stem(word, "english") for word in words if word not in ENGLISH and len(word.encode()) <= MAX_TERM_BYTES]


def query_terms(text: str, languages: Collection[str]) -> list[str]:
    """The terms of a question for an index that has terms of these languages (of `TAGS`) beside English ones: it is
    asked in all of them, since a few words do not show their language. What English leaves out is left out in all."""
    asked = terms(text)
    if not languages:
        return asked
    content = " ".join(match.group() for match in _TERM.finditer(text) if match.group().casefold() not in ENGLISH)
    for language in sorted(languages):
        code = next((code for code, script in _PAIRED.items() if script == language), language)
        found = terms(content, code)
        asked += [term for term in found if term.startswith(TAGS[language]) or term not in asked]
    return asked


def _stemmed(folded: str, language: str) -> Iterator[str]:
    for match in _TERM.finditer(folded):
        word = match.group()
        if word[0].isdigit():
            yield _number(word, language)
        elif word not in STOP_WORDS.get(language, ()):
            term = TAGS[language] + _stem(word, _STEMMERS[language])
            if len(term.encode()) <= MAX_TERM_BYTES:
                yield term


def _paired(folded: str, script: str) -> Iterator[str]:
    for match in _PIECE[script].finditer(folded):
        piece = match.group()
        if _RUN[script].match(piece):
            pairs = [piece[at : at + 2] for at in range(len(piece) - 1)] or [piece]
            yield from (TAGS[script] + pair for pair in pairs)
        else:
            yield from terms(piece)


def _number(word: str, language: str) -> str:
    """ "1.250,50" as "1250.50"; one whose writing does not show what its signs mean is as English has it."""
    if language in _POINTS or not re.fullmatch(r"\d{1,3}(?:\.\d{3})*(?:,\d+)?|\d+,\d+", word):
        return word.replace(",", "")
    return word.replace(".", "").replace(",", ".")


@lru_cache(maxsize=1 << 17)
def _stem(word: str, algorithm: str) -> str:
    """A Snowball stemmer (English: "Porter2", Porter 2001); what begins with a digit stays as it is."""
    if word[0].isdigit():
        return word
    stemmer = snowballstemmer.stemmer(algorithm)  # a new one each time: a stemmer works on one word at a time
    return str(stemmer.stemWord(word))
