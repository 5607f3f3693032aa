"""Words that a line's end cut in two: "termi-" + "nation" is one word, "third-" + "party" keeps its hyphen.

What the same document says elsewhere decides; then what English never writes as one word; then how it builds words.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_BEFORE = re.compile(r"((?:[^\W_]|['’])+(?:[-\u2010\u2011](?:[^\W_]|['’])+)*)([-\u2010\u2011\u00ad])\s*$")
_AFTER = re.compile(r"\s*(?:[^\W_]|['’])+(?:[-\u2010\u2011](?:[^\W_]|['’])+)*")
_WORD = re.compile(r"[^\W_](?:[^\W_]|['’])*(?:[-\u2010\u2011](?:[^\W_]|['’])+)*")
_VOWEL = re.compile(r"[aeiouyäöüáàâéèêëíìîïóòôúùûæøåœ]")
_ADDRESS = re.compile(r"://|www\.|@")  # nobody puts hyphens of their own into one
_SIGNS = ("-", "\u2010", "\u2011", "\u00ad")
_LONGEST = 100  # characters of a word that are looked at
_HYPHENS = str.maketrans("\u2010\u2011", "--")
_LINKS = frozenset("to of the by in and for on or a an at up per".split())
_SUSPENDED = frozenset("and or und oder et ou to bis nor".split())
_TENS = frozenset("twenty thirty forty fifty sixty seventy eighty ninety".split())
_UNITS = frozenset(
    "one two three four five six seven eight nine first second third fourth fifth sixth seventh eighth ninth".split()
)
_NUMBERS = _TENS | _UNITS | frozenset("ten eleven twelve thirteen fourteen fifteen eighteen hundred thousand".split())
_MEASURES = frozenset(
    "day days month months year years week weeks hour hours minute minutes half third thirds quarter quarters fourths "
    "fifth fifths percent page pages member part party sided time fold story bedroom".split()
)
_FIRST = frozenset(
    "third long short self non ex cross well high low mid multi all quasi arm's arm’s year month end vice "
    "full part half fixed floating variable first second one two three four five six seven eight nine ten "
    "semi state tax duty risk cost decision interest business attorney lessor lessee market public "
    "private good bad best large small single double joint real right open close hard soft lump start stand "
    "break pro step follow sign check set wholly".split()
)
_FIRST_ALWAYS = frozenset("third long self non ex cross well multi quasi arm's arm’s vice fixed floating lump".split())
_SECOND = frozenset(
    "party parties term based related specific owned year month week day days months years weeks compete "
    "free bearing making up off back in out to by through down over rate sum term time wide level "
    "standing being size sized end date house party's party’s neutral current".split()
)
_SECOND_ALWAYS = frozenset(
    "party parties term terms based related specific owned year years month months week weeks compete bearing making "
    "sized party's party’s averse driven wide neutral approved funded backed like".split()
)
_PREFIXES = frozenset("un in inter dis re mis over under out en im be pre sub de ir non counter".split())
_CLOSED_FIRST = _PREFIXES | frozenset(
    "here there where with how when what who whom which any some every can may up on not for fore after down there "
    "then hence down work share stake note bond land lease free house what super trans counter through".split()
)
_EX = frozenset(
    "wife husband spouse partner employee employees employer director directors officer officers officio ante post "
    "works gratia dividend rights factory ship warehouse parte facie turpi tempore debito convict member members "
    "colleague servicemen soldier president minister chairman ceo proprio vivo situ".split()
)
_MULTI_ENDS = frozenset("ple ples plex plexed plied plier pliers plies ply plying plicity plication tude tudes".split())
_DOUBLED = frozenset(("re", "pre", "co", "de", "anti", "semi"))  # before their own vowel they keep a hyphen
_SUFFIXES = frozenset(
    "able ably ably age ages ally ance ance ful full hood hold holder holders ible less lord lords ment ness ship some "
    "son wise ward wards ware work works time times day days line lines form forms self selves ever body thing where "
    "side land house book books word words port ports after fore over under upon with within without standing soever "
    "rate ties tion sion ants ated".split()
)


def joined(before: str, after: str, known: Collection[str]) -> str:
    """`before`, which ends in a hyphen at a line's end, with `after`, which begins the next line, as they are read.

    Both may be words or whole lines. `known`: the document's other words in lower case, those with hyphens as well
    (see `words`). Without a hyphen or a word beside it, the two are joined by a space.
    """
    head, tail = _BEFORE.search(before[-_LONGEST:].rstrip().rsplit(" ", 1)[-1]), _AFTER.match(after[:_LONGEST])
    if head is None or tail is None:
        return f"{before.rstrip()} {after.lstrip()}".strip()
    left, right = head[1].translate(_HYPHENS), tail[0].strip().translate(_HYPHENS)
    stem, rest = before.rstrip()[:-1], after.lstrip()
    if head[2] == "\u00ad":
        return stem + rest
    if _ADDRESS.search(before[-_LONGEST:].rsplit(" ", 1)[-1]):
        return f"{stem}-{rest}"
    if right.lower() in _SUSPENDED and f"{left}{right}".lower() not in known:
        return f"{stem}- {rest}"
    return f"{stem}-{rest}" if _keeps(left, right, known) else stem + rest


def words(text: str) -> set[str]:
    """Every word of a text in lower case, as `joined` looks for them: compounds whole and by their parts.

    A text that still has its lines gives no word that a line's end cut, for those are what is asked about.
    """
    raw: set[str] = set()
    for line in text.split("\n"):
        pieces = _WORD.findall(line)
        if pieces and line.rstrip().endswith(_SIGNS):
            pieces.pop()
        raw.update(pieces)
    found = {piece.lower().translate(_HYPHENS) for piece in raw}
    return found.union(*(piece.split("-") for piece in found if "-" in piece))


def _keeps(left: str, right: str, known: Collection[str]) -> bool:
    """Whether the hyphen belongs to the word."""
    if left[-1].isdigit() or right[0].isdigit():
        return True
    last, first = left.rsplit("-", 1)[-1], right.split("-", 1)[0]
    shouted = left.upper() == left and right.upper() == right and len(left) > 1
    if right[0].isupper() and not shouted:
        return True
    if left.isupper() and len(last) < 5 and not shouted:
        return True  # "US-based", "EU-wide"
    low, begin, end = left.lower(), last.lower(), first.lower()
    whole, apart = {low + end, begin + end, low + right.lower()}, {f"{low}-{end}", f"{begin}-{end}"}
    seen_whole, seen_apart = any(word in known for word in whole), any(word in known for word in apart)
    if seen_whole != seen_apart:
        return seen_apart
    return _compound(begin, end, "-" in left, "-" in right, known) or not _plausible(begin, end)


def _compound(begin: str, end: str, chain: bool, onward: bool, known: Collection[str]) -> bool:
    if (chain and begin in _LINKS) or (onward and end in _LINKS):
        return True  # "day-to-" + "day", "back-" + "to-school"
    if begin == "ex" or (begin == "multi" and end in _MULTI_ENDS):
        return end in _EX and begin == "ex"
    if begin in _DOUBLED and begin[-1] == end[0]:
        return True  # "re-" + "elected", "pre-" + "existing"
    if begin == "know" and end == "how":
        return True
    if (begin in _TENS and end in _UNITS) or (begin in _NUMBERS and end in _MEASURES):
        return True
    if begin in _FIRST_ALWAYS and len(end) > 2 and end not in _SUFFIXES - {"standing"}:
        return True
    if end in _SECOND_ALWAYS and begin not in _PREFIXES and _VOWEL.search(begin) and len(begin) > 2:
        return True
    if begin in _FIRST and end in _SECOND:
        return True
    both = begin in known and end in known and len(begin) > 3 and len(end) > 3
    return both and begin not in _CLOSED_FIRST and end not in _SUFFIXES


def _plausible(begin: str, end: str) -> bool:
    """Whether a printer would cut a word here: a syllable on either side, and never one letter."""
    return len(end) > 1 and len(begin) > 1 and bool(_VOWEL.search(begin)) and bool(_VOWEL.search(end))
