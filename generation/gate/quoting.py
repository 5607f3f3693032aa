"""A source in its own words: whole sentences and table rows that are understood by themselves, and so support
themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generation.gate.claims import claim_text, sentence_spans
from generation.gate.evidence import candidates, in_frame, lead_in, likeliest
from generation.gate.figures import missing
from generation.types import Evidence
from retrieval.text.tables import BAR, cells, header_above, names_columns, told, unit_above
from retrieval.types import Context, Passage

_SHORTEST, _LONGEST = 4, 400  # words; characters that a reader takes for one statement
_CLAUSE = 800  # characters of what is quoted since nothing shorter would be told
_MEANT = 0.15  # of the words of claim and question that a sentence holds which the claim may have been drawn from
_NUMBER = re.compile(r"^(?:[-*•–]|\d+(?:\.\d+)+\.?|\d+\.|\([a-z\d]+\))\s+")  # of a clause or list item
_CLAUSE_NUMBER = re.compile(r"\d+(?:\.\d+)+\.?\s+[A-Z]")
_LEANING = re.compile(
    r"(?:It|Its|They|Their|He|She|His|Her|Such|Both|(?:This|That|These|Those)(?! [A-Z])|And|But|Or|Nor|Also|Then|Thus|"
    r"However|Otherwise|Therefore|Accordingly|Moreover|Furthermore|Likewise|Similarly|If so|In addition|In that case)\b"
)
_BLANK = re.compile(r"\[[\s*_•●·.]*\]|_{3,}|\*{3,}")  # a form's, or what was taken out before it was published
_ITEM_END = re.compile(r"[;,](?:\s+(?:and|or))?$")
_AHEAD = 1.0  # logits: rows that are closer to each other than that are told apart badly (docs/benchmarks.md)
_LINE = 60  # characters from which a line that ends without a stop goes on in the next


@dataclass(frozen=True, slots=True)
class Quotation:
    """What is understood by itself, on one line: a whole sentence of prose without a clause's number, or a table's row
    with each cell beside its column's name, after the unit of the table where one is stated."""

    text: str
    source: Evidence

    @property
    def cited(self) -> str:
        """As a generator would have written it."""
        return f"{self.text} [{self.source.passage.marker}]"


def opening(context: Context, documents: Mapping[int, str]) -> Quotation | None:
    """The sentence of the context that bears most on the question, as the reranker has it; a row only if it is well
    ahead of the next one. `documents`: the version's text for every marker."""
    lead = context.lead
    passage = context.passage(lead.marker) if lead else None
    if lead is None or passage is None or (lead.ahead is not None and lead.ahead < _AHEAD):
        return None
    return _quotation(Evidence(passage, lead.start, lead.end, 0.0), documents)


def verbatim(text: str, passages: Sequence[Passage], documents: Mapping[int, str]) -> Quotation | None:
    """The sentence or row of these passages that a claim repeats word for word, if it does; a clause's number may
    differ."""
    plain = _NUMBER.sub("", text)
    told_row = " = " in text  # only then rows are looked at: each looks for its header up to the top of its table
    places = (p for passage in passages for p in (*candidates(text, passage), *(_rows(passage) if told_row else ())))
    found = (_quotation(place, documents, _CLAUSE) for place in places if told_row or BAR not in place.quote)
    return next((quotation for quotation in found if quotation and quotation.text == plain), None)


def meant(claim: str, question: str, passages: Sequence[Passage], documents: Mapping[int, str]) -> Quotation | None:
    """What a claim that was not found supported was drawn from, in the source's own words: of the sentences and rows
    that hold every figure, date and name of it the one that holds most of claim and question. A list item comes after
    the line that leads in to it. What has a blank may lack the very answer."""
    for source in likeliest(f"{claim}\n{question}", passages):
        if source.score < _MEANT:
            return None
        document = documents[source.passage.marker]
        if missing(claim, in_frame(source), document) or _BLANK.search(source.quote):
            continue
        if quotation := _quotation(source, documents, _CLAUSE) or _item(source, document):
            return quotation
    return None


def _rows(passage: Passage) -> list[Evidence]:
    """All rows: of a row told with header and unit most words stand elsewhere, so that it is no likely place."""
    spans = [(start, end) for start, end in sentence_spans(passage.text) if BAR in passage.text[start:end]]
    return [Evidence(passage, passage.start + start, passage.start + end, 0.0) for start, end in spans]


def _quotation(source: Evidence, documents: Mapping[int, str], longest: int = _LONGEST) -> Quotation | None:
    document = documents[source.passage.marker]
    if document[source.start : source.end] != source.quote:
        return None
    text = _row(source, document) if BAR in source.quote else _sentence(source, document)
    fits = len(text) <= longest and len(text.split()) >= _SHORTEST
    marked_up = claim_text(text) != text or "](" in text
    return Quotation(text, source) if fits and not marked_up else None


def _sentence(source: Evidence, document: str) -> str:
    """The source as one whole sentence that leans on none before it, or ""."""
    text = _NUMBER.sub("", " ".join(source.quote.split()))
    whole = text[:1].isupper() and text[-1:] in ".!" and len(sentence_spans(text)) == 1
    return text if whole and not _LEANING.match(text) and not _goes_on(document, source.start) else ""


def _item(source: Evidence, document: str) -> Quotation | None:
    """A list item after the line that leads in to it, as one sentence."""
    above = lead_in(document, source.start)
    if document[source.start : source.end] != source.quote or not above or BAR in source.quote:
        return None
    lead, item = (_NUMBER.sub("", " ".join(part.split())) for part in (above, source.quote))
    text = f"{lead} {_ITEM_END.sub('.', item)}"
    plain = claim_text(text) == text and "](" not in text and len(sentence_spans(item)) == 1 and lead[:1].isupper()
    return Quotation(text, source) if plain and text[-1] == "." and len(text) <= _CLAUSE else None


def _row(source: Evidence, document: str) -> str:
    """The source as one row of a table of three columns or more, all of them named, or "". Of two columns nobody knows
    whether the first row is a header ("Item | Fee") or says something ("Term | 5 years")."""
    header = header_above(document, source.start)
    named = names_columns(cells(header), cells(source.quote))
    around = document[max(0, source.start - 1) : source.start], document[source.end : source.end + 1]
    whole = "\n" not in source.quote and all(sign in {"", "\n"} for sign in around)
    if not named or not whole:
        return ""
    return f"{unit_above(document, source.start)} {told(header, source.quote)}.".strip()


def _goes_on(document: str, start: int) -> bool:
    """Whether what begins there belongs to what stands before it: an item under its lead-in, or the end of a sentence
    that a page or column break has cut."""
    if lead_in(document, start):
        return True
    if _CLAUSE_NUMBER.match(document, start):
        return False
    line = document[:start].rstrip().rpartition("\n")[2]
    return len(line) >= _LINE and line[-1] not in ".!?:;|\"'”’)" and BAR not in line
