"""Which language a text is in: BCP 47 codes ("de", "zh"), `UNKNOWN` where nothing can be said. Pure and deterministic.

Found by py3langid (a naive Bayes classifier over byte n-grams; Lui and Baldwin 2012, "langid.py"), whose weights come
inside its package, among the languages below. A mere name, a number or two words of Latin are in no language; so is a
table of figures. Of a document most of its words decide; of a short text only what is sure: `foreign` says nothing of
what may be English after all, because an answer is refused by it.

`MEASURED`: the languages in which the gate's models and rules were measured. Answers are given in no other.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

from ingest.errors import UnknownLanguage

UNKNOWN = "und"
MEASURED = frozenset({"en"})
NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
_OTHER_SCRIPTS = frozenset("ar bg el fa he hi ja ko ru sr th uk zh".split())
_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")

_WINDOW, _WINDOWS = 1_500, 12  # characters, and how many of these over a document
_FEW = 25  # letters below which a text is in no language
_LONG = 11  # letters from which a single word shows its language
_SHORT = 200  # letters below which a text is no prose of its own
_PROSE = 0.5  # letters among all signs but blanks: less is a table of figures
_CLEAR, _SURE = 0.8, 0.95
# Words of English that are few other languages' words too; and those of others that are not English.
_ENGLISH = frozenset(
    "the what which who whom whose when where why how does did were been have would shall should could this that these "
    "those with from there its between and any must each such upon other into than they their has will may".split()
)
_OTHERS = {
    "de": "der das und ist wer wie welche welcher welches wann wo warum nicht wird werden für von zu mit dem bei oder "
          "einer eines kostet haftet gilt",
    "fr": "le les une est qui quel quelle quels quelles quand où pourquoi comment du dans pour avec sur ou et combien",
    "es": "el los las una es quién qué cuál cuándo dónde cómo cuánto del por para con cuanto cual",
    "it": "il gli una è chi quale quali quando dove come quanto della del per con di che",
    "pt": "os as uma é quem qual quais quando onde como quanto da do para com que",
    "nl": "het een wie wat welke wanneer waar waarom hoe niet wordt van voor met op hoeveel",
    "pl": "jest kto jaki jaka jakie kiedy gdzie dlaczego jak nie dla oraz czy ile",
    "sv": "och är vem vad vilken vilka när var varför hur inte för med som av",
    "da": "og er hvem hvad hvilken hvornår hvor hvorfor hvordan ikke med som af",
    "no": "og er hvem hva hvilken når hvor hvorfor hvordan ikke med som av",
}  # fmt: skip
_MARKS = {language: frozenset(words.split()) for language, words in _OTHERS.items()}


def language_code(text: str) -> str:
    """The code as BCP 47 writes it ("de", "pt-BR"); raises `UnknownLanguage`."""
    if not _CODE.fullmatch(text):
        raise UnknownLanguage(f"{text[:40]!r} is no language: write a code such as en, de, fr or pt-BR.")
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def primary(language: str) -> str:
    """The language without script and region: "pt" of "pt-BR"; "no" of its two written forms."""
    code = language.split("-")[0].lower()
    return "no" if code in {"nb", "nn"} else code


def named_language(language: str) -> str:
    """In plain words: "German"; the code itself where there is no name here."""
    return NAMES.get(primary(language), language)


def measured(language: str) -> bool:
    """Whether answers may be given in it, or from it; what is in no language that can be told stands in none's way."""
    return not language or language == UNKNOWN or primary(language) in MEASURED


def language_of(text: str) -> str:
    """The language of most of a document's words; `UNKNOWN` where none has half of them."""
    votes: Counter[str] = Counter()
    for window in _windows(text):
        letters = sum(map(str.isalpha, window))
        if letters >= _SHORT and letters >= _PROSE * sum(not sign.isspace() for sign in window):
            language, sure = _best(window)
            votes[language if sure >= _CLEAR else UNKNOWN] += letters
    if not votes:
        return _short(text[: _WINDOW * 4])
    language, most = votes.most_common(1)[0]
    return language if 2 * most >= votes.total() else UNKNOWN


def foreign(text: str) -> str:
    """The language of a question, sentence or passage that is surely in none that was measured; else ""."""
    words = [word.lower() for word in _WORD.findall(text)]
    letters = sum(map(len, words))
    latin = len(_LATIN.findall(text))
    if not letters:
        return ""
    if 2 * latin < letters:
        return _best(text, others=True)[0]
    english = sum(word in _ENGLISH for word in words)
    if letters < 8 or 8 * english >= len(words):
        return ""
    language, sure = _best(text)
    if language in MEASURED:
        return ""
    told = any(word in _MARKS.get(language, ()) for word in words)
    enough = sure >= _SURE if not told else sure >= 0.6 or (not english and sure >= 0.35)
    if told or letters >= _FEW or (len(words) == 1 and letters >= _LONG):
        name = not told and len(words) > 1 and all(map(str.istitle, _WORD.findall(text)))
        return language if enough and not name else ""
    return ""


def _short(text: str) -> str:
    """Of a text that is no prose, or of a few words."""
    if found := foreign(text):
        return found
    words = [word.lower() for word in _WORD.findall(text)]
    if words and 8 * sum(word in _ENGLISH for word in words) >= len(words):
        return "en"
    return "en" if len(words) > 2 and _best(text)[0] == "en" and _best(text)[1] >= 0.6 else UNKNOWN


def _windows(text: str) -> list[str]:
    if len(text) <= _WINDOW * _WINDOWS:
        return [text[at : at + _WINDOW] for at in range(0, len(text), _WINDOW)]
    step = (len(text) - _WINDOW) // (_WINDOWS - 1)
    return [text[at * step : at * step + _WINDOW] for at in range(_WINDOWS)]


def _best(text: str, *, others: bool = False) -> tuple[str, float]:
    """The likeliest language with its probability; with `others` of those that are not written in Latin letters."""
    ranked = [(str(language), float(sure)) for language, sure in _classifier().rank(text[: 4 * _WINDOW])]
    return next(found for found in ranked if not others or found[0] in _OTHER_SCRIPTS)


@lru_cache(maxsize=1)
def _classifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    classifier.set_languages(list(NAMES))
    return classifier
