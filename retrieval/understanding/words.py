"""English words that the question is read with, and how its characters and tokens are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

QUESTION_WORDS = frozenset("what when who whom whose which where why how".split())
AUXILIARIES = frozenset(
    "is are was were am be been do does did have has had can could may might must shall should will would".split()
)
PRONOUNS = frozenset("it its they them their theirs he him his she her hers this that these those one ones".split())
DETERMINERS = frozenset("the our my your their his her its this that these those which any all each every".split())
FUNCTION_WORDS = (
    QUESTION_WORDS
    | AUXILIARIES
    | PRONOUNS
    | DETERMINERS
    | frozenset(
        """a an and or but nor not no yes if than then so as at by for from in into of off on onto out over per to
        under until up upon with within without about above after against along among around before behind below
        between beyond during except like near since through throughout toward towards via i me mine we us ours you
        many much there here also too please tell show give find list explain describe compare summarise summarize quote
        say says said state states mean means consider according regarding concerning""".split()
    )
)
COMPANY_FORMS = frozenset(
    "inc incorporated ltd limited llc llp lp l.l.c l.p plc gmbh ag kg sa s.a sas srl s.r.l bv b.v nv n.v co corp "
    "corporation company a/s oy ab pty".split()
)

_QUOTES = str.maketrans("“”„‟«»″‘’‚‛`´", '"""""""\'\'\'\'\'\'')
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_EDGE = re.compile(r"^[^\w$£€§#]+|[^\w]+$")
_POSSESSIVE = re.compile(r"'s?$")


@dataclass(frozen=True, slots=True)
class Token:
    """A run of characters between blanks; `word` is its core in lower case, without punctuation and possessive `'s`."""

    start: int
    end: int
    text: str
    word: str

    @property
    def capitalised(self) -> bool:
        """Looks like a name: a capital anywhere ("mPhase"), or letters with digits ("t3")."""
        core = _EDGE.sub("", self.text)
        return any(c.isupper() for c in core) or (any(c.isdigit() for c in core) and any(c.isalpha() for c in core))

    @property
    def ends_clause(self) -> bool:
        return self.text.rstrip("\"')]")[-1:] in set(",;:?!") or self.ends_sentence

    @property
    def ends_sentence(self) -> bool:
        """A full stop that is not that of an initial or a company form."""
        short = len(self.word) <= 2 or "." in self.word or self.word in COMPANY_FORMS or self.word in {"no", "st", "dr"}
        return self.text.rstrip("\"')]").endswith(".") and not short

    @property
    def quoted_left(self) -> bool:
        return self.text[:1] in "\"'(["

    @property
    def quoted_right(self) -> bool:
        return self.text[-1:] in "\"')]"


def straight(text: str) -> str:
    """The text with every quotation mark and apostrophe in its straight form; as long as before."""
    return text.translate(_QUOTES)


def tokens(text: str) -> list[Token]:
    """Tokens of a text with straight quotes."""
    found = []
    for match in re.finditer(r"\S+", text):
        core = _POSSESSIVE.sub("", _EDGE.sub("", match.group()))
        found.append(Token(match.start(), match.end(), match.group(), _EDGE.sub("", core).lower()))
    return found


def words(text: str) -> list[str]:
    """Words in lower case; an apostrophe inside belongs to its word ("tenant's"), a hyphen parts two."""
    return _WORD.findall(straight(text).casefold())


def blank(text: str, spans: list[tuple[int, int]], filler: str = " ") -> str:
    """The text with `filler` in place of the spans; as long as before."""
    pieces, position = [], 0
    for start, end in sorted(spans):
        if end > position:
            start = max(start, position)
            pieces += [text[position:start], filler * (end - start)]
            position = end
    return "".join(pieces) + text[position:]


def shown(text: str, limit: int = 80) -> str:
    """Words of the question as a sentence for the user quotes them."""
    text = " ".join(text.split()).strip(" \"'")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def in_a_row(wanted: list[str], present: list[str]) -> bool:
    """Whether the words stand in the others, next to each other and in order."""
    return f" {' '.join(wanted)} " in f" {' '.join(present)} "


def stem_match(word: str, other: str) -> bool:
    """The same word but for its ending: "warehouse" and "warehousing", "lease" and "leases"."""
    if word == other or other == word + "s" or word == other + "s":
        return True
    common = max(5, len(word) - 2)
    return len(other) <= len(word) + 3 and len(other) >= common and word[:common] == other[:common] and len(word) > 5
