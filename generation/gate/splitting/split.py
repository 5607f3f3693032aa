"""A sentence to claims that can be checked alone, by rule: frames off, pronouns resolved, coordination and additions
split. What is unsure stays whole: a whole sentence is always a safe claim, a wrong split is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from generation.gate.splitting import verbs
from generation.gate.splitting.clauses import (
    CONDITIONS,
    DETERMINERS,
    PREPOSITIONS,
    Word,
    Words,
    after_opening,
    finite,
    is_clause,
    text_of,
    words_of,
)
from generation.gate.splitting.coordination import coordinated
from generation.gate.splitting.listing import enumerated, listed

_SOURCE = (
    r"(?:(?:the|these|this|your|our)\s+)?(?:(?:provided|given|above|cited|available|retrieved|supplied|following)\s+)*"
    r"(?:sources?|documents?|passages?|context|texts?|excerpts?|information|materials?|evidence|"
    r"(?:section|clause|article|paragraph|source|passage|document|page)\s+\(?\d[\w.()]*)(?:\s+(?:provided|given|above|available))?"
)
_STATED = r"as\s+(?:stated|set\s+out|described|noted|mentioned)\s+in"
_FRAMES = re.compile(
    rf"""(?:
    (?:according\s+to|based\s+(?:solely\s+)?on|{_STATED}|as\s+per|per)\s+{_SOURCE}\s*,
  | {_SOURCE}\s+(?:also\s+)?(?:states?|says?|mentions?|notes?|indicates?|shows?|explains?|confirms?|provides?|
       specif(?:y|ies))\s+that
  | (?:yes|no|sure|certainly|of\s+course|absolutely)\s*(?:[,!:–—-]|\.(?=\s+[^\d\W]))\s+(?=\S)
  | (?:in\s+(?:summary|short|conclusion|addition|other\s+words)|to\s+(?:summari[sz]e|sum\s+up|conclude)|overall|
       however|therefore|thus|hence|consequently|additionally|furthermore|moreover|also|finally|specifically|
       in\s+particular|for\s+(?:example|instance)|as\s+a\s+result|similarly|notably|importantly)\s*,
  | (?:please\s+)?note\s+that | it\s+(?:is\s+(?:important|worth)\s+(?:to\s+note|noting)|should\s+be\s+noted)\s+that
  | (?:the|my)\s+answer\s+is\s+that
    )\s*""",
    re.I | re.X,
)
_TAIL = re.compile(rf",\s+(?:according\s+to|{_STATED})\s+{_SOURCE}\s*(?=\.?$)", re.I)
_EMPTY = re.compile(
    r"""(?:
    (?:(?:here|below)\s+(?:is|are)|here['’]s)\b[^.]*[:.] | i\s+hope\b.* | hope\s+this\b.*
  | (?:please\s+)?(?:let\s+me\s+know|feel\s+free)\b.*
  | if\s+you\s+(?:have|need|want|would\s+like|require)\b.*\b(?:let\s+me\s+know|feel\s+free|ask)\b.*
  | (?:sure|certainly|of\s+course|absolutely|great\s+question|good\s+question|thank\s+you|thanks
     |you(?:'re|\s+are)\s+welcome)
    (?:\s+thing|\s+for\s+\w+(?:\s+\w+){0,2})?\s*[!.,]?
  | (?:i(?:'d|\s+would)\s+be|i(?:'m|\s+am))\s+(?:happy|glad)\s+to\b.* | in\s+summary\s*:? | (?:sources?|answer|note)\s*:
    )""",
    re.I | re.X,
)
_SINGULAR, _PLURAL = frozenset({"it", "its"}), frozenset({"they", "their"})
_HIS = frozenset({"he", "she", "his", "her"})
_POSSESSIVE = frozenset({"its", "their", "his", "her"})
_ANAPHORS = _SINGULAR | _PLURAL | _HIS | {"this", "these", "that", "those"}
_TITLES = frozenset("mr mrs ms dr prof professor sir lady judge".split())
_PERSONS = frozenset(
    (
        "tenant landlord director manager chair chairman chairwoman officer employee employer secretary patient doctor "
        "nurse buyer seller borrower lender guarantor trustee claimant defendant applicant author plaintiff president "
        "minister teacher player singer actor king queen executive partner customer contractor"
    ).split()
)
_JOINED = PREPOSITIONS | {"and", "or"}
_VERBS = verbs.AUXILIARIES | verbs.THIRDS | verbs.PASTS | verbs.BASES
_ENDS = verbs.LISTING | verbs.MODALS
_IS = frozenset("based located situated known called owned headquartered designed intended".split())
_WAS = frozenset(
    "founded established born built signed created published launched incorporated introduced released approved".split()
)


def split_claims(sentence: str, before: str = "") -> tuple[str, ...]:
    """The claims of an answer's sentence (as `claim_text` gives it), each a sentence that can be checked alone.

    `before` is the sentence before it: a pronoun that opens the sentence is replaced by its subject if nothing else
    can be meant. Empty if the sentence states nothing ("I hope this helps.").
    """
    text = re.sub(r" (?=[,;])", "", " ".join(sentence.split()))
    if not any(map(str.isalnum, text)) or _EMPTY.fullmatch(text):
        return ()
    bare = _without_frame(text)
    item = _under_lead_in(bare, before)
    words = words_of(item or bare)
    if not words or bare.endswith("?"):
        return (text,)
    if words[0].low in _ANAPHORS:
        words = resolved(words, words_of(_without_frame(" ".join(before.split()))))
    claims = tuple(dict.fromkeys(_finished(claim) for claim in _claims(words)))
    return claims if len(claims) > 1 else (_finished(words),)


def _without_frame(text: str) -> str:
    while (frame := _FRAMES.match(text)) and any(map(str.isalnum, text[frame.end() :])):
        text = text[frame.end() :]
    return _TAIL.sub("", text)


def _under_lead_in(text: str, before: str) -> str:
    """A bullet ("cleaning") read on from the line that leads in to it ("The fee covers:")."""
    lead = before.rstrip()
    if not lead.endswith(":") or is_clause(words_of(text)):
        return ""
    opens = words_of(_without_frame(lead[:-1]))
    ends = opens[-1].low if opens else ""
    return f"{text_of(opens)} {text}" if ends in _ENDS and finite(opens) else ""


def _finished(words: Words) -> str:
    text = text_of(words).rstrip(",;")
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":", '."', ".”")) else ".")


def _claims(words: Words) -> Iterator[list[Word]]:
    """The parts that the rules find, from the outermost cut inwards."""
    for part in _sentences(words):
        main = after_opening(part)
        for whole in _additions(part[main:]):
            for item in enumerated(whole):
                for clause in _coordinated(item):
                    for claim in listed(clause):
                        yield [*part[:main], *_lowered(claim, bool(main))]


def _coordinated(words: Words) -> list[list[Word]]:
    """Coordinated clauses with their pronouns resolved from the clause before; the whole if one cannot be."""
    clauses = coordinated(words)
    for at in range(1, len(clauses)):
        clauses[at] = resolved(clauses[at], clauses[at - 1])
        if _opens_with_pronoun(clauses[at]) and not _opens_with_pronoun(words):
            return [list(words)]
    return clauses


def _lowered(words: list[Word], inside: bool) -> list[Word]:
    first = words[0]
    small = inside and first.low in DETERMINERS
    return [Word(first.raw.lower(), first.low), *words[1:]] if small else words


def _sentences(words: Words) -> list[list[Word]]:
    """The parts between semicolons, if each is a clause of its own."""
    if not any(word.raw.endswith(";") for word in words) or any(word.raw.endswith(":") for word in words):
        return [list(words)]
    parts: list[list[Word]] = [[]]
    for at, word in enumerate(words):
        ends = word.raw.endswith(";") and word.low and at < len(words) - 1
        parts[-1].append(Word(word.raw.rstrip(";"), word.low) if ends else word)
        parts += [[]] if ends else []
    for at in range(1, len(parts)):
        parts[at] = words_of(_without_frame(text_of(parts[at])))
        if parts[at] and parts[at][0].low in {"and", "but"}:
            parts[at] = parts[at][1:]
        parts[at] = resolved(parts[at], parts[at - 1])
    alone = all(is_clause(part) and not _opens_with_pronoun(part) for part in parts[1:])
    return parts if len(parts) > 1 and alone and is_clause(parts[0]) else [list(words)]


# Additions to the subject


def _additions(words: Words) -> list[list[Word]]:
    """The sentence without what is added about its subject between two commas, and that as a sentence of its own."""
    opens = next((at for at, word in enumerate(words) if word.comma), None)
    if opens is None or opens > 7 or opens + 3 >= len(words) or finite(words[: opens + 1]) is not None:
        return [list(words)]
    closes = next((at for at in range(opens + 2, len(words) - 1) if words[at].comma and _verb(words[at + 1])), None)
    subject = [*words[:opens], Word(words[opens].raw.rstrip(","), words[opens].low)]
    if closes is None or any(word.low in _JOINED for word in subject) or after_opening(words):
        return [list(words)]
    added = list(words[opens + 1 : closes])
    added.append(Word(words[closes].raw.rstrip(","), words[closes].low))
    said = _said_of(subject, added)
    main = [*subject, *words[closes + 1 :]]
    return [main, said] if said and is_clause(main) else [list(words)]


def _said_of(subject: list[Word], added: list[Word]) -> list[Word]:
    """Subject and addition as a sentence; empty if it is none ("if asked", "for example")."""
    first = added[0].low
    if any(word.low in CONDITIONS for word in added):
        return []
    if first in {"which", "who"} and _verb(added[1] if len(added) > 1 else added[0]):
        return [*subject, *added[1:]]
    one = not subject[-1].low.endswith("s") and not any(word.comma for word in added)
    if one and first in _IS | {"a", "an", "the"}:
        return [*subject, Word("is", "is"), *added]
    return [*subject, Word("was", "was"), *added] if one and first in _WAS else []


def _verb(word: Word) -> bool:
    return word.low in _VERBS and word.raw[0].islower()


# Pronouns


def resolved(words: Words, before: Words) -> list[Word]:
    """The words with the pronoun that opens them ("It", "Their", "This fee") replaced by the subject of `before`."""
    before = before[after_opening(before) :]
    at = finite(before)
    if at is None or not words or at > 8 or any(word.comma or not word.low for word in before[:at]):
        return list(words)
    subject = list(before[:at])
    if words[0].low in {"this", "these"} and len(words) > 1 and words[1].low == subject[-1].low:
        return [*subject, *words[2:]]
    if _is_expletive(words) or not _means(words[0].low, subject, before[at + 1 :]):
        return list(words)
    if words[0].low in _POSSESSIVE:
        end = "'" if subject[-1].raw.endswith("s") and words[0].low == "their" else "'s"
        return [*subject[:-1], Word(subject[-1].raw + end, subject[-1].low), *words[1:]]
    return [*subject, *words[1:]]


def _opens_with_pronoun(words: Words) -> bool:
    return bool(words) and words[0].low in _ANAPHORS


def _is_expletive(words: Words) -> bool:
    """Whether "it" stands for nothing: "it is important to ...", "it follows that ..."."""
    lows = [word.low for word in words[:6]]
    goes_on = any(low in {"to", "that", "whether", "for"} for low in lows[2:])
    return lows[0] == "it" and goes_on and lows[2] not in DETERMINERS


def _means(pronoun: str, subject: Words, rest: Words) -> bool:
    """Whether the subject, and nothing in the rest of its sentence, fits the pronoun."""
    if _opens_with_pronoun(subject) or any(word.low in {"there", "who", "which"} for word in subject):
        return False
    if any(word.low in PREPOSITIONS and after.low in DETERMINERS for word, after in pairwise(subject)):
        return False
    joined = any(word.low == "and" for word in subject)
    head = _without_of(subject)[-1]
    plural = joined or (head.low.endswith("s") and not head.low.endswith(("ss", "us", "is")) and head.raw.islower())
    person = _is_person(subject)
    rivals = _rivals(rest)
    if pronoun in _SINGULAR:
        return not plural and not person and not rivals & {"thing"}
    if pronoun in _PLURAL:
        return plural and not rivals & {"things"}
    return pronoun in _HIS and person and not plural and not rivals & {"person"}


def _without_of(subject: Words) -> Words:
    cut = next((at for at, word in enumerate(subject) if at and word.low in {"of", "for", "in", "under"}), len(subject))
    return subject[:cut]


def _is_person(subject: Words) -> bool:
    head = _without_of(subject)[-1].low
    return head in _PERSONS or any(word.low in _TITLES for word in subject)


def _rivals(rest: Words) -> set[str]:
    """What else in a sentence could be meant: a thing, things, a person."""
    found = set()
    for at, word in enumerate(rest):
        if word.low in DETERMINERS and at + 1 < len(rest):
            found |= {"things"} if word.low in {"these", "those", "all", "some"} else {"thing"}
        if word.low in _PERSONS or word.low in _TITLES:
            found.add("person")
        if word.raw[0].isupper():
            found |= {"thing", "person"}
        if word.low.endswith("s") and not word.low.endswith(("ss", "us", "is")) and word.low not in verbs.THIRDS:
            found.add("things")
    return found
