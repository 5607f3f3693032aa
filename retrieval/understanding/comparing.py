"""Questions about two or three documents at once: what is asked of each of them alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from retrieval.understanding.words import FUNCTION_WORDS, words

MOST_COMPARED = 3
_DETERMINER = r"(?:(?:the|our|my|your|their|this|that)\s+)?"
_PREPOSITION = r"(?:in|under|of|for|from|by|to|with|at)"
_D = r"N\dN"  # a name of a document, masked
_OTHER = rf"(?:(?:it|they|that|those|the\s+(?:one|ones|same))\s+)?(?:{_PREPOSITION}\s+)?"  # "the one in"
_AND = r"\s*(?:,?\s*(?:and|or|versus|vs\.?|as well as|compared\s+(?:with|to))|,)\s+"
_ASIDE = r"(?:(?:what|how)\s+(?:is|are|about)\s+)?"
_SEVERAL = rf"(?:(?:both|either|each)\s+(?:of\s+)?)?{_D}(?:{_AND}{_ASIDE}{_OTHER}{_D})+"
_ON = r"(?:in\s+terms\s+of|when\s+it\s+comes\s+to|with\s+regard\s+to|as\s+to|regarding|concerning|in|on)"
_DIFFER = r"(?:differ|compare|vary|diverge)s?"
_COMPARATIVE = r"(?:more|less|fewer|most|least|better|best|worse|worst|\w+er|\w+est)"
_MEASURE = {
    "longer": "How long", "longest": "How long", "earlier": "When", "earliest": "When", "sooner": "When",
    "later": "When", "latest": "When", "first": "When", "last": "When", "more": "How much", "less": "How much",
}  # fmt: skip
_SINGULAR = {"do": "does", "are": "is", "were": "was", "have": "has"}
_BASE = {"has": "have", "is": "be", "does": "do", "goes": "go"}


def compared(question: str, names: Sequence[str]) -> tuple[str, ...]:
    """The question as it is asked of each of the documents that it names, in their order; () if it names fewer than two
    or more than three, or it's not plain what is asked of each.

    `names` stand in the question word for word, each of another document.
    """
    kept, masked = _masked(question, names)
    mentions = re.findall(_D, masked)
    marks = list(dict.fromkeys(mentions))
    if not 2 <= len(marks) <= MOST_COMPARED or len(mentions) > 2 * MOST_COMPARED:  # the forms are slow on many
        return ()
    text = " ".join(masked.split()).rstrip(" ?.!")
    for pattern, ask in _FORMS:
        match = pattern.fullmatch(text)
        of_each = {mark: ask(match, mark) for mark in marks} if match else {}
        if of_each and all(re.findall(_D, one) == [mark] and _says(one) for mark, one in of_each.items()):
            return tuple(_rendered(one, kept) for one in of_each.values())
    return ()


def contrasted(question: str) -> tuple[str, ...]:
    """What is asked of each of two things of which neither needs be a document: "How does the deposit compare with our
    usual terms?"; ()."""
    match = _CONTRAST.fullmatch(" ".join(question.split()).rstrip(" ?."))
    if not match or any(_POINTING.intersection(words(match[side])) for side in ("one", "other")):
        return ()
    return tuple(f"What {_is(match[side])} {match[side]}?" for side in ("one", "other"))


def _masked(question: str, names: Sequence[str]) -> tuple[dict[str, str], str]:
    """The names, with the article before each, by the mark that stands in their place."""
    kept: dict[str, str] = {}
    for number, name in enumerate(sorted(dict.fromkeys(names), key=question.find)):
        found = re.search(rf"(?<!\w){_DETERMINER}{re.escape(name)}(?!\w)", question, re.I)
        if found:
            mark = f"N{number}N"
            kept[mark] = found.group()
            question = re.sub(rf"(?<!\w){re.escape(found.group())}(?!\w)", mark, question)
            question = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", mark, question)
    return kept, question


def _is(topic: str) -> str:
    head = re.split(rf"\s(?:{_PREPOSITION}|that|which|who)\s", topic)[0].split()[-1].lower()
    return "are" if head.endswith("s") and not head.endswith("ss") else "is"


def _topic(topic: str, place: str, mark: str) -> str:
    """What is asked of a topic: "the notice period", or "how much notice must be given"."""
    topic = topic.strip(" ,:")
    if re.match(r"(?:how|what|when|where|which|who|whether)\b", topic, re.I):
        return f"{topic} {place} {mark}"
    if re.match(r"(?:the|its|their|any)\s", topic, re.I):
        return f"What {_is(topic)} {topic} {place} {mark}"
    return f"What does {mark} say about {topic}"


def _which(match: re.Match[str], mark: str) -> str:
    """ "Which of A and B has the longer term?", "allows subletting?", "runs longer?" """
    verb, rest = match["verb"], match["rest"].strip()
    of_noun = re.fullmatch(rf"(?:the|a|an)\s+{_COMPARATIVE}\s+(?P<noun>.+)", rest, re.I)
    if of_noun:
        return _topic(f"the {of_noun['noun']}", "in", mark)
    base = _base(verb)
    first, _, after = rest.partition(" ")
    if first.lower() in _MEASURE:
        return f"{_MEASURE[first.lower()]} does {mark} {base} {after}"
    if verb in {"is", "are", "was", "were"} or re.match(_COMPARATIVE + r"\b", rest, re.I):
        return ""
    return f"Does {mark} {base} {rest}"


def _base(verb: str) -> str:
    """ "allow" of "allows", "carry" of "carries"."""
    if verb in _BASE:
        return _BASE[verb]
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    return verb[:-2] if re.search(r"(?:sh|ch|ss|x)es$", verb) else verb.removesuffix("s")


def _each(match: re.Match[str], mark: str) -> str:
    """The names that are joined become one of them; a verb before them becomes singular."""
    before = match["before"]
    verb = re.search(r"(?:^|,\s)(do|are|were|have)\s+$", before, re.I)
    if verb:
        single = _SINGULAR[verb[1].lower()]
        before = before[: verb.start(1)] + single + " "
    return before + mark + re.sub(r"^\s+(?:both|each)\b", "", match["after"])


Ask = Callable[[re.Match[str], str], str]


def _form(pattern: str, ask: Ask) -> tuple[re.Pattern[str], Ask]:
    return re.compile(pattern, re.I), ask


def _on_topic(match: re.Match[str], mark: str) -> str:
    return _topic(match["topic"], match.groupdict().get("place") or "in", mark)


def _same(match: re.Match[str], mark: str) -> str:
    return _topic(f"the {match['topic']}", "in", mark)


_PLACED = rf"(?P<topic>.+?)\s+(?P<place>{_PREPOSITION})\s+"
_HOW = r"(?:how|in\s+what\s+(?:way|respect)s?)\s+(?:do|does|did)\s+"
_DIFFERENCE = r"what(?:'s|\s+is|\s+are)\s+the\s+differences?\s+"
_ALIKE = rf"(?:the\s+same|different|identical|equal|{_COMPARATIVE})\b"
_FORMS = (
    _form(rf"{_HOW}{_PLACED}{_D}\s+{_DIFFER}\s+.*{_D}", _on_topic),
    _form(rf"{_HOW}(?P<topic>.+?)\s+{_DIFFER}\s+(?:between|in|under|across)\s+{_SEVERAL}", _on_topic),
    _form(rf"{_HOW}{_SEVERAL}\s+{_DIFFER}\s+{_ON}\s+(?P<topic>.+)", _on_topic),
    _form(rf"{_HOW}{_D}\s+{_DIFFER}\s+(?:from|with|to|against)\s+{_D},?\s+{_ON}\s+(?P<topic>.+)", _on_topic),
    _form(rf"{_DIFFERENCE}(?:in|of|as\s+to)\s+(?P<topic>.+?)\s+between\s+{_SEVERAL}", _on_topic),
    _form(rf"{_DIFFERENCE}between\s+{_PLACED}{_SEVERAL}", _on_topic),
    _form(rf"{_DIFFERENCE}between\s+{_SEVERAL},?\s+{_ON}\s+(?P<topic>.+)", _on_topic),
    _form(rf"compare\s+{_SEVERAL},?\s+{_ON}\s+(?P<topic>.+)", _on_topic),
    _form(rf"compare\s+{_PLACED}{_D}\s*,?\s+(?:and|with|to|against)\s+{_OTHER}{_D}", _on_topic),
    _form(rf"which\s+(?:one\s+)?of\s+{_SEVERAL}\s+(?P<verb>\w+)\s+(?P<rest>.+)", _which),
    _form(rf"which\s+(?:\w+\s+)??(?P<verb>\w+s)\s+(?P<rest>.+?)\s*[,:]\s*{_SEVERAL}", _which),
    _form(rf"which(?:\s+\w+)?\s*,\s*{_SEVERAL}\s*,\s*(?P<verb>\w+)\s+(?P<rest>.+)", _which),
    _form(rf"(?:is|are|was|were)\s+{_PLACED}{_D}\s+{_ALIKE}.*{_D}", _on_topic),
    _form(rf"(?:is|are|was|were)\s+(?P<topic>.+?)\s+{_ALIKE}\s+(?P<place>{_PREPOSITION})\s+{_SEVERAL}", _on_topic),
    _form(rf"do\s+{_SEVERAL}\s+(?:have|use|set|contain|provide\s+for|apply)\s+the\s+same\s+(?P<topic>.+)", _same),
    _form(
        rf"(?:compare\s+)?(?P<before>(?:(?!\b(?:between|among|which\s+of|same|differ\w*)\s).)*?){_SEVERAL}"
        r"(?P<after>(?:(?!\b(?:same|differ)).)*)",
        _each,
    ),
)


_THING = r"(?:the|our|my|your|their)\s+(?:(?!\band\b)[^,;])+"
_CONTRAST = re.compile(rf"{_HOW}(?P<one>{_THING})\s+{_DIFFER}\s+(?:from|with|to)\s+(?P<other>{_THING})", re.I)
_POINTING = frozenset("that those this these one ones it its same other".split())


def _says(text: str) -> bool:
    return bool(set(words(re.sub(_D, " ", text))) - FUNCTION_WORDS)


def _rendered(text: str, kept: dict[str, str]) -> str:
    whole = re.sub(_D, lambda match: kept[match.group()], " ".join(text.split()))
    return whole[:1].upper() + whole[1:] + "?"
