"""Which language a text is in: BCP 47 codes ("de", "zh"), `UNKNOWN` where nothing can be said. Pure and deterministic.

Found by py3langid (a naive Bayes classifier over byte n-grams; Lui and Baldwin 2012, "langid.py"), whose weights come
inside its package, among the languages below. A mere name, a number or two words of Latin are in no language; so is a
table of figures. Of a document most of its words decide; of a short text only what is sure: `foreign` says nothing of
what may be English after all, because an answer is refused by it.

`MEASURED`: the languages in which the gate's models and rules were measured. Answers are given in no other.
"""

from __future__ import annotations

import re
import unicodedata
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
_RARER = {
    "af": "Afrikaans", "am": "Amharic", "az": "Azerbaijani", "be": "Belarusian", "bn": "Bengali", "bs": "Bosnian",
    "cy": "Welsh", "eo": "Esperanto", "eu": "Basque", "ga": "Irish", "gl": "Galician", "gu": "Gujarati",
    "hy": "Armenian", "is": "Icelandic", "ka": "Georgian", "km": "Khmer", "kn": "Kannada", "la": "Latin",
    "lb": "Luxembourgish", "lo": "Lao", "ml": "Malayalam", "ms": "Malay", "mt": "Maltese", "pa": "Punjabi",
    "si": "Sinhala", "sq": "Albanian", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "tl": "Tagalog",
}  # fmt: skip
# ISO 639-2, for which BCP 47 has the shorter code: "eng" is measured, and "deu" has a stemmer.
_LONGER = dict(
    pair.split(":")
    for pair in (
        "ara:ar bul:bg cat:ca ces:cs cze:cs dan:da deu:de ger:de ell:el gre:el eng:en spa:es est:et fas:fa per:fa "
        "fin:fi fra:fr fre:fr heb:he hin:hi hrv:hr hun:hu ind:id ita:it jpn:ja kor:ko lit:lt lav:lv nld:nl dut:nl "
        "nor:no pol:pl por:pt ron:ro rum:ro rus:ru slk:sk slo:sk slv:sl srp:sr swe:sv tha:th tur:tr ukr:uk vie:vi "
        "zho:zh chi:zh"
    ).split()
)
_OTHER_SCRIPTS = frozenset("ar bg el fa he hi ja ko ru sr th uk zh".split())
_SCRIPTS = frozenset("ARABIC CYRILLIC GREEK HEBREW DEVANAGARI CJK HIRAGANA KATAKANA HANGUL THAI".split())
_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w.&'’-]*(?:\s+(?:(?:de|du|des|la|le|von|van|der|den|für|zu|und|et|y|da|do|e|&)\s+){0,2}[A-ZÀ-Þ][\w.&'’-]*)+"
)  # of two words at least
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")

_WINDOW, _WINDOWS = 1_500, 12  # characters, and how many of these over a document
_FEW = 25  # letters below which a text is in no language
_LONG = 11  # letters from which a single word shows its language
_PLAIN = 80  # letters from which prose without any word of English is in another language
_SHORT = 200  # letters below which a text is no prose of its own
_PROSE = 0.5  # letters among all signs but blanks: less is a table of figures
_CLEAR, _SURE = 0.8, 0.95
# Words of English that are few other languages' words too, those that are a word of one, and those of others that are
# not English.
_ENGLISH = frozenset(
    "the what which who whom whose when where why how does did were been have would shall should could this that these "
    "those with from there its between and any must each such upon other into than they their has will may".split()
)
_SHARED = frozenset("will has must any may than have".split())
_OTHERS = {
    "de": "der die das und ist sind wer wie welche welcher welches wann wo warum nicht kein keine wird werden für von "
          "zu mit dem den des im bei oder einer eines nach bis durch haben hat kostet haftet gilt zwei drei vier",
    "fr": "le la les une est qui quel quelle quels quelles quand où pourquoi comment du des dans pour avec sur ou et "
          "combien deux trois quatre cinq par jours mois ans",
    "es": "el la los las una es quién qué cuál cuándo dónde cómo cuánto del por para con cuanto cual dos tres cuatro "
          "cinco días meses años",
    "it": "il gli la una è chi quale quali quando dove come quanto della del per con di che tre quattro cinque giorni "
          "mesi anni",
    "pt": "os uma é quem qual quais quando onde como quanto da do para que dois três quatro cinco dias meses anos",
    "nl": "het de een wie wat welke wanneer waar waarom hoe niet wordt van voor met op hoeveel twee drie vier dagen "
          "maanden jaar",
    "pl": "jest kto jaki jaka jakie kiedy gdzie dlaczego jak nie dla oraz czy ile dwa trzy cztery dni lat wynosi",
    "sv": "och är vem vad vilken vilka när var varför hur inte för med som av två tre fyra",
    "da": "og er hvem hvad hvilken hvornår hvor hvorfor hvordan ikke med som af tre fire",
    "no": "og er hvem hva hvilken når hvor hvorfor hvordan ikke med som av tre fire",
    "fi": "ja ei kuka mikä milloin missä miksi miten kuinka ovat kolme neljä päivää kuukautta vuotta",
    "cs": "je jsou kdo co kdy kde proč jak není pro nebo dva tři čtyři dnů měsíce roky činí",
    "hu": "az és egy ki mi mikor hol miért hogyan nem két három négy nap hónap év",
    "tr": "ve bir kim ne nerede neden nasıl için ile iki üç dört gün yıl",
    "id": "adalah yang dan siapa apa kapan di mana mengapa bagaimana untuk dengan dua tiga hari bulan tahun",
    "ro": "este și cine ce când unde cum nu pentru din cu doi trei patru zile luni ani",
    "hr": "je su tko što kada gdje zašto kako nije za ili dva tri četiri dana",
    "sl": "je so kdo kaj kdaj kje zakaj kako ni za ali dva tri štiri",
    "sk": "je sú kto čo kedy kde prečo ako nie pre alebo dva tri štyri dní",
    "ca": "el la els les una és qui què quin quan del amb",
}  # fmt: skip
# What English has borrowed with its signs; any other word in small letters that has some is not English.
_BORROWED = frozenset(
    "café cafés résumé résumés naïve naïveté cliché clichés façade façades fiancé fiancée protégé née soirée entrée "
    "exposé attaché communiqué rôle coup d'état déjà à vis tête touché décor crèche crêpe piñata jalapeño über "
    "coöperate coöperation reëlect appliqué sauté purée régime señor fête émigré élite".split()
)
_COMMON = _ENGLISH | frozenset("of to a an in is are be by or for not no on as at if it".split())
_MARKS = {language: frozenset(words.split()) for language, words in _OTHERS.items()}


def language_code(text: str) -> str:
    """The code as BCP 47 writes it ("de", "pt-BR"); raises `UnknownLanguage`."""
    if not _CODE.fullmatch(text):
        raise UnknownLanguage(f"{text[:40]!r} is no language: write a code such as en, de, fr or pt-BR.")
    first, *rest = text.split("-")
    first = _LONGER.get(first.lower(), first)
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def primary(language: str) -> str:
    """The language without script and region: "pt" of "pt-BR"; "no" of its two written forms."""
    code = language.split("-")[0].lower()
    return "no" if code in {"nb", "nn"} else code


def named_language(language: str) -> str:
    """In plain words: "German"; the code itself where there is no name here."""
    return (NAMES | _RARER | {UNKNOWN: "no language that can be told"}).get(primary(language), language)


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
            votes[language if sure >= _CLEAR else foreign(window) or UNKNOWN] += letters
    if not votes:
        return _short(text[: _WINDOW * 4])
    language, most = votes.most_common(1)[0]
    return language if 2 * most >= votes.total() else UNKNOWN


def foreign(text: str) -> str:
    """The language of a question, sentence or passage that is surely in none that was measured; else ""."""
    found = _WORD.findall(text)
    words = [word.lower() for word in found]
    letters = sum(map(len, words))
    latin = len(_LATIN.findall(text))
    if not letters:
        return ""
    if 2 * latin < letters:
        return _unlike(text)
    english = sum(word in _ENGLISH for word in words)
    own = sum(word in _ENGLISH - _SHARED for word in words)
    if letters < 8 or 8 * own >= len(words):
        return ""
    language, sure = _best(text)
    if language in MEASURED:
        return _rare(text, words)
    marked = any(word in _MARKS.get(language, ()) for word in words)
    if 8 * english >= len(words) and not (marked and sure >= _CLEAR):
        return ""
    signed = any(word.islower() and not word.isascii() and word not in _BORROWED for word in found)
    told = marked or signed
    enough = sure >= _SURE if not told else sure >= 0.6 or (not english and sure >= 0.35)
    if told or letters >= _FEW or (len(words) == 1 and letters >= _LONG):
        name = not told and len(words) > 1 and all(map(str.istitle, found))
        if enough and not name and not _named(text, language):
            return language
    return _rare(text, words)


def _named(text: str, language: str) -> bool:
    """Whether only names are in that language, and what is said of them is English."""
    rest = _WORD.findall(_NAME.sub(" ", text))
    if sum(map(len, rest)) < 8 or any(word.lower() in _MARKS.get(language, ()) or not word.isascii() for word in rest):
        return False
    found, sure = _best(" ".join(rest))
    return found in MEASURED and sure >= 0.5


def _rare(text: str, words: list[str]) -> str:
    """The language of prose without a word of English which is none of `NAMES`: Swahili, Latin; else ""."""
    if sum(map(len, words)) < _PLAIN or len(words) < 12 or any(word in _COMMON for word in words):
        return ""
    if 2 * sum(map(str.istitle, _WORD.findall(text))) > len(words) or any(sign in text for sign in "|\t"):
        return ""
    language, sure = _ranked(text, every=True)[0]
    return language if sure >= _SURE and language not in MEASURED else ""


def _unlike(text: str) -> str:
    """The language of a text that is not in Latin letters."""
    first = next(sign for sign in text if sign.isalpha() and not _LATIN.match(sign))
    every = unicodedata.name(first, "").split()[0] not in _SCRIPTS
    return next(found for found, _ in _ranked(text, every=every) if every or found in _OTHER_SCRIPTS)


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


def _best(text: str) -> tuple[str, float]:
    """The likeliest language of `NAMES` with its probability."""
    return _ranked(text)[0]


def _ranked(text: str, *, every: bool = False) -> list[tuple[str, float]]:
    """All of `NAMES`, or `every` one that the classifier knows, likeliest first."""
    return [(str(language), float(sure)) for language, sure in _classifier(every).rank(text[: 4 * _WINDOW])]


@lru_cache(maxsize=2)
def _classifier(every: bool) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if not every:
        classifier.set_languages(list(NAMES))
    return classifier
