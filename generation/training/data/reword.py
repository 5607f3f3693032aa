"""Other words for the same thing: synonyms that are safe in contracts, laws, policies and reports, and other ways to
write numbers, amounts and dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from generation.training.data.lexicon import AGENTS
from generation.training.data.text import LEGAL
from generation.training.data.words import MONTH, SPELL, SPELLED, capitalised

_SYNONYMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\bshall not\b", ("must not", "is not to")),
    (r"\bshall\b(?! not)", ("must", "has to")),
    (r"\bterminate(s?)\b", (r"end\1",)),
    (r"\bterminated\b", ("ended",)),
    (r"\bprior to\b", ("before",)),
    (r"\bcommence\b", ("begin", "start")),
    (r"\bcommences\b", ("begins", "starts")),
    (r"\bin the event that\b", ("if",)),
    (r"\bnot less than (?=\d|\w+ (?:days|months|years|percent))", ("at least ", "no less than ")),
    (r"\b(?:not more than|no more than|not to exceed) (?=\d|\$|\w+ (?:days|months|years|percent))", ("at most ",)),
    (r"\bat least (?=\d)", ("no fewer than ", "a minimum of ")),
    (r"\bin order to\b", ("to",)),
    (r"(?<=to )purchase\b", ("buy",)),
    (r"\bobtain\b", ("get",)),
    (r"\b(to|may|must|can|will) request\b(?! that)", (r"\1 ask for",)),
    (r"(?<!\ba )\bsufficient (?=[a-z]+ (?:to|for)\b)", ("enough ",)),
    (r"\bapproximately\b", ("about", "around", "roughly")),
    (r"\bassist\b", ("help",)),
    (r"\bnumerous\b", ("many",)),
    (r"\bsubsequent to\b", ("after",)),
    (r"\bregarding\b", ("about", "concerning")),
    (r"\bwith respect to\b", ("regarding", "concerning")),
    (r"\bin accordance with\b", ("under", "in line with")),
    (r"\bpursuant to\b", ("under",)),
    (r"\bset forth in\b", ("set out in", "laid down in")),
    (r"\bprimarily\b", ("mainly",)),
    (r"\bdue to\b", ("because of",)),
    (r"\bas a result of\b", ("because of", "due to")),
    (r"\bassociated with\b", ("linked to", "linked with")),
    (r"\bdemonstrated\b", ("showed",)),
    (r"\bdiffers?ent from\b", ("different from",)),
    (r"\butili[sz]e\b", ("use",)),
    (r"\bcarry out\b", ("perform",)),
    (r"\bindividuals\b", ("people",)),
    (r"\bchildren under\b", ("children younger than",)),
    (r"\bdo not\b", ("don't",)),
    (r"\bdoes not\b", ("doesn't",)),
    (r"\bwill not\b", ("won't",)),
    (r"\bcannot\b", ("can't", "is unable to")),
    (r"\bhowever\b", ("though",)),
    (r"\bsuch as\b", ("for example", "like")),
    (r"\blocated in\b", ("in",)),
    (r"\bgenerally\b", ("usually",)),
    (r"\bthird parties\b", ("outside parties",)),
    (r"\bpersonal information\b", ("personal data",)),
    (r"\b([Ww]e|to|may|will|not) collect\b", (r"\1 gather",)),
    (r"\b(to|may|will|not|shall|must) disclose\b", (r"\1 reveal",)),
    (r"\b(to|may|will|not|shall|must) (?:modify|amend)\b", (r"\1 change",)),
    (r"\b(to|may|will|not|shall|must) retain\b", (r"\1 keep",)),
    (r"\b(to|may|will|not|shall|must) notify\b", (r"\1 inform",)),
    (r"\b(to|may|will|not|shall|must) establish\b", (r"\1 set up",)),
    (r"\b(to|may|will|not|shall|must) permit\b", (r"\1 allow",)),
    (r"\b(to|may|will|not|shall|must) require\b", (r"\1 demand",)),
    (r"\b(to|may|will|not|shall|must) receive\b", (r"\1 get",)),
    (r"\b(to|may|will|not|shall|must) submit (.{3,40}?) to\b", (r"\1 send \2 to",)),
    (r"\b[Ww]ebsite\b", ("site",)),
    (r"\b[Ee]-mail\b", ("email",)),
    (r"\bprovided that\b", ("on condition that",)),
    (r"\bis required to\b", ("must", "has to")),
    (r"\bare required to\b", ("must", "have to")),
    (r"\bis prohibited\b", ("is forbidden", "is not allowed")),
    (r"\bis able to\b", ("can",)),
    (r"\bare able to\b", ("can",)),
    (r"\bconsists of\b", ("is made up of",)),
    (r"\bconsist of\b", ("are made up of",)),
    (r"\badditional\b", ("further", "extra")),
    (r"\bpromptly\b", ("without delay",)),
    (r"\bimmediately (?=after|upon|notify)", ("directly ",)),
    (r"\bannually\b", ("every year", "once a year")),
    (r"\bwritten notice\b", ("notice in writing",)),
    (r"\bsolely\b", ("only",)),
    (r"\bentire\b", ("whole",)),
    (r"\bentitled to (?=[a-z]+e\b|receive|obtain|vote|appeal)", ("eligible to ",)),
    (r"\bis deemed to be\b", ("is considered", "counts as")),
    (r"\bare deemed to be\b", ("are considered",)),
    (r"\bas well as\b", ("and also",)),
    (r"\b[Aa]lthough\b", ("though",)),
    (r"\bin addition to\b", ("besides",)),
    (r"\bfor the purpose of\b", ("for",)),
    (r"\bwas (?:conducted|performed)\b", ("was carried out",)),
    (r"\bwere (?:conducted|performed)\b", ("were carried out",)),
    (r"\b(was|were) evaluated\b", (r"\1 assessed",)),
    (r"\b(was|were) assessed\b", (r"\1 evaluated",)),
    (r"\bcompared (?:with|to)\b", ("relative to", "in comparison with")),
    (r"\b(was|were) observed\b", (r"\1 seen",)),
    (r"\b(was|were) obtained\b", (r"\1 gained",)),
    (r"\b[Pp]hysicians\b", ("doctors",)),
    (r"\bphysician\b", ("doctor",)),
    (r"\bis caused by\b", ("results from", "is due to")),
    (r"\bare caused by\b", ("result from", "are due to")),
    (r"\boccurs\b", ("happens",)),
    (r"\boccur\b", ("happen",)),
    (r"\battempt to\b", ("try to",)),
    (r"\bwas released\b", ("came out",)),
    (r"\bfilm\b", ("movie",)),
    (r"\bincreased (?=by|from|to|\d)", ("rose ", "went up ")),
    (r"\bdecreased (?=by|from|to|\d)", ("fell ", "went down ")),
    (
        r"\bthe ([a-z]+) of the ([a-z]+)(?= (?:is|are|was|were|shall|may|must|will|in|to|for|at|on|by|from)\b|[.,;])",
        (r"the \2's \1",),
    ),
    (r"\b(?:two|2) or more (?=[a-z]+s\b)", ("at least two ",)),
    (r"\beach (?=[a-z]+ (?:shall|must|is|has)\b)", ("every ",)),
)
_LEGAL_SYNONYMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\bmay not\b", ("must not", "cannot", "is not allowed to")),
    (
        rf"(?<=\b)({'|'.join(AGENTS)}) may (?!not\b|be\b|have\b)",
        (r"\1 is permitted to ", r"\1 can ", r"\1 is entitled to "),
    ),
    (r"\bthe (?=(?:Consultant|Licensee|Owner|Company|Franchisee|Bank|Endorser|Supplier)\b)", ("",)),
    (r"\ba person who\b", ("anyone who",)),
    (r"\bNo person shall\b", ("Nobody may", "No one may")),
)
_PLURAL_SUBJECT = re.compile(r"\b(?:we|you|they|i|\w+[^su'\W]s|persons|people|parties|members)\s*$", re.I)
_NOBODY = re.compile(r"\b(?:no|neither|nor|none|nobody|nothing)\b", re.I)

_COUNTED = (
    r"(?= (?:\w+ )?(?:days?|months?|years?|hours?|weeks?|minutes?|persons?|members?|patients?|people|women|men|"
    r"children)\b)"
)
_SPELLED_WORD = "|".join(SPELLED)
_FORMATS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = (
    (re.compile(rf"\b(?:{_SPELLED_WORD})(?:[- ](?:{_SPELLED_WORD}))? \((\d{{1,3}})\)", re.I), lambda m: m[1]),
    (re.compile(r"(\d)\s?%"), lambda m: f"{m[1]} percent"),
    (re.compile(r"(\d) (?:percent|per cent)\b"), lambda m: f"{m[1]}%"),
    (re.compile(r"\$(\d[\d,]*(?:\.\d+)?(?: (?:million|billion))?)"), lambda m: f"{m[1]} dollars"),
    (re.compile(r"\$([1-9]\d*)\.(\d) million\b"), lambda m: f"${m[1]},{m[2]}00,000"),
    (re.compile(rf"\b({MONTH}) (\d{{1,2}}), ((?:19|20)\d\d)\b"), lambda m: f"{m[2]} {m[1]} {m[3]}"),
    (re.compile(rf"\b(\d{{1,2}}) ({MONTH}) ((?:19|20)\d\d)\b"), lambda m: f"{m[2]} {m[1]}, {m[3]}"),
    (
        re.compile(rf"(?<![\w-])({'|'.join(w for w, n in SPELLED.items() if n > 1)}){_COUNTED}"),
        lambda m: str(SPELLED[m[1]]),
    ),
    (
        re.compile(rf"(?<![\w.,$(-])({'|'.join(str(n) for n in SPELL if n > 1)}){_COUNTED}"),
        lambda m: SPELL[int(m[1])],
    ),
    (re.compile(r"\b(\d{1,3}),(\d{3})\b(?!,)"), lambda m: m[1] + m[2]),
)


def reworded(claim: str, source: str, random: Random, rate: float = 0.6) -> str:
    """The claim in other words; each rule that fits is used at the given rate."""
    table = _SYNONYMS + _LEGAL_SYNONYMS if source in LEGAL else _SYNONYMS
    for pattern, choices in table:
        if random.random() < rate:
            claim = _replaced(claim, pattern, random.choice(choices))
    for made, form in _FORMATS:
        if random.random() < 0.35:
            claim = made.sub(form, claim)
    return claim


def _replaced(claim: str, pattern: str, replacement: str) -> str:
    """Replaces the first match. Phrases with "is" or "has" need a subject in the singular right before them."""
    found = re.search(pattern, claim)
    if not found:
        return claim
    if replacement.startswith(("is ", "has ")) and (
        _PLURAL_SUBJECT.search(claim[: found.start()])
        or " or " in claim[: found.start()]
        or " and " in claim[: found.start()]
    ):
        return claim
    if _NOBODY.search(claim[: found.start()]) and re.search("shall|may", pattern):
        return claim  # "No vessel shall enter" is not "No vessel has to enter"
    text = claim[: found.start()] + found.expand(replacement) + claim[found.end() :]
    return capitalised(text) if found.start() == 0 else text
