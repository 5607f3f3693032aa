"""Corruptions that put another number, date or name in the place of a true one."""

from __future__ import annotations

import re
from random import Random

from generation.training.data.drafts import Material, changed, put
from generation.training.data.names import names_in, related, with_article
from generation.training.data.pairs import Pair
from generation.training.data.words import MONTH, MONTHS, SPELL, SPELLED, capitalised

_REFERENCE = (
    r"(?:[Ss]ections?|[Ss]ubsections?|[Aa]rticles?|[Pp]aragraphs?|[Pp]art|[Cc]hapter|[Tt]itle|[Ss]chedule|§+|No\.|Law|Act|"
    r"[Rr]ules?|[Ff]igure|[Tt]able|[Ss]tage|[Pp]hase|[Tt]ype|[Ff]orm|[Nn]otes?|[Cc]lass|[Gg]rade|[Vv]ersion|[Ss]ubparagraph)\s*"
)
_NUMBER = re.compile(
    rf"(?P<reference>{_REFERENCE})?(?<![\w.,/§:-])(?P<sign>\$)?(?!\d+\))(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w:/(-]|[.,]\d)"
)
_SPELLED = re.compile(
    rf"\b(?P<number>{'|'.join(word for word, n in SPELLED.items() if n > 1)})\b(?! (?:\(|or more|hundred|of the))", re.I
)
_YEAR = re.compile(r"(?<![\d,.$£€/-])(?:18|19|20)\d\d(?![\d,]\d|[\w%/-])")
_DAY = re.compile(rf"\b(?:(?P<before>\d{{1,2}})\s+(?:{MONTH})|(?:{MONTH})\s+(?P<after>\d{{1,2}}))(?![\d,]*\d\d\d)\b")
_MONTH = re.compile(rf"(?<=\d )(?:{MONTH})\b|\b(?:{MONTH})(?= \d)|(?<=\b[Ii]n )(?:{MONTH})\b")


def number(pair: Pair, material: Material, random: Random) -> Pair | None:
    """Another number, amount or percentage than the evidence states; years and section numbers stay."""
    found = [m for m in _NUMBER.finditer(pair.claim) if not m["reference"] and not _is_date(pair.claim, m)]
    found += list(_SPELLED.finditer(pair.claim))
    random.shuffle(found)
    for match in found:
        other = _other_number(match["number"], pair, material, random)
        if other:
            return changed(pair, "number", "contradicted", put(pair.claim, match.span("number"), other))
    return None


def date(pair: Pair, material: Material, random: Random) -> Pair | None:
    """Another year, month or day than the evidence states."""
    spots = [(m.span(), "year") for m in _YEAR.finditer(pair.claim)]
    spots += [(m.span("before" if m["before"] else "after"), "day") for m in _DAY.finditer(pair.claim)]
    spots += [(m.span(), "month") for m in _MONTH.finditer(pair.claim)]
    random.shuffle(spots)
    for (start, end), unit in spots:
        old = pair.claim[start:end]
        if unit == "year":
            near = [str(int(old) + step) for step in (-10, -3, -2, -1, 1, 2, 3, 10)]
            others = [year for year in near if int(year) <= 2030]
        elif unit == "day":
            others = [str(day) for day in range(1, 29)]
        else:
            others = MONTHS
        fresh = [other for other in others if not re.search(rf"\b{other}\b", pair.evidence + " " + pair.claim)]
        # A year of another sentence of the evidence is the harder mistake.
        if unit == "year" and random.random() < 0.4:
            fresh = [
                y for y in set(_YEAR.findall(pair.evidence)) if y not in pair.claim and _apart(pair, old, y)
            ] or fresh
        if fresh:
            return changed(pair, "date", "contradicted", put(pair.claim, (start, end), random.choice(sorted(fresh))))
    return None


def name(pair: Pair, material: Material, random: Random) -> Pair | None:
    """Another name in the place of one that the evidence has."""
    small = set(re.findall(r"\b[a-z]+\b", pair.evidence))
    found = [m for m in names_in(pair.claim) if m.group() in pair.evidence and m.group().lower() not in small]
    random.shuffle(found)
    for match in found:
        old = match.group()
        near = [with_article(pair.evidence, n) for n in names_in(pair.evidence) if n.group() not in pair.claim]
        pool = near if near and random.random() < 0.35 else list(material.names)
        random.shuffle(pool)
        for new in pool[:40]:
            plain = new.removeprefix("the ")
            alike = abs(len(plain.split()) - len(old.split())) <= 1 and plain.isupper() == old.isupper()
            article = pair.claim[: match.start()].lower().endswith("the ") == new.startswith("the ")
            if alike and article and not related(old, plain) and plain not in pair.claim:
                return changed(pair, "name", "not_entailed", re.sub(rf"\b{re.escape(old)}\b", plain, pair.claim))
    return None


def _is_date(claim: str, match: re.Match[str]) -> bool:
    near = claim[max(0, match.start("number") - 12) : match.end("number") + 12]
    return bool(_YEAR.fullmatch(match["number"]) or re.search(rf"(?:{MONTH})", near))


def _apart(pair: Pair, old: str, new: str) -> bool:
    """Whether no sentence of the evidence has both: exchanged within one sentence they may still be true."""
    return not any(old in part and new in part for part in re.split(r"(?<=[.;])\s", pair.evidence))


def _other_number(old: str, pair: Pair, material: Material, random: Random) -> str | None:
    """A number of the same make that neither evidence nor claim holds."""
    if old.lower() in SPELLED:
        value = SPELLED[old.lower()]
        others = [SPELL[n] for n in SPELL if n > 1 and n != value and (n >= 15) == (value >= 15)]
        taken = {str(SPELLED[w]) for w in re.findall(r"[a-z]+", pair.evidence.lower()) if w in SPELLED}
        taken |= set(re.findall(r"\d+", pair.evidence))
        fresh = [word for word in others if str(SPELLED[word]) not in taken]
        chosen = random.choice(fresh) if fresh else None
        return capitalised(chosen) if chosen and old[0].isupper() else chosen
    spelled = {str(SPELLED[w]) for w in re.findall(r"[a-z]+", pair.evidence.lower()) if w in SPELLED}
    taken = {n.replace(",", "") for n in re.findall(r"\d[\d,]*(?:\.\d+)?", pair.evidence + " " + pair.claim)} | spelled
    choices = [n for n in material.numbers if ("." in n) == ("." in old) and 0.1 < _value(n) / (_value(old) or 1) < 10]
    choices += [_scaled(old, factor) for factor in (0.5, 0.9, 1.1, 1.5, 2, 3)] + [_transposed(old)]
    choices = [n for n in choices if n and n.replace(",", "") not in taken and _value(n) > 0]
    return random.choice(choices) if choices else None


def _value(text: str) -> float:
    return float(text.replace(",", "") or 0)


def _scaled(old: str, factor: float) -> str:
    places = len(old.partition(".")[2])
    value = _value(old) * factor
    value = round(value, -1) if places == 0 and value > 25 and old.endswith("0") else round(value, places)
    return f"{value:,.{places}f}" if "," in old else f"{value:.{places}f}"


def _transposed(old: str) -> str:
    """Two different neighbouring digits exchanged: 1,496.5 -> 1,946.5."""
    for at in range(1, len(old) - 1):
        if old[at].isdigit() and old[at + 1].isdigit() and old[at] != old[at + 1]:
            return old[:at] + old[at + 1] + old[at] + old[at + 2 :]
    return ""
