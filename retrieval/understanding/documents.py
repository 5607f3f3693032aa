"""Names of documents: "the Kestrel lease", "Supply Agreement between X and Y", "budget-2024.xlsx"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.text.dates import MONTHS
from retrieval.types import Clue
from retrieval.understanding.kinds import KIND_OF, NEEDS_A_NAME, VERBS, kind_clue
from retrieval.understanding.phrases import Quote
from retrieval.understanding.words import (
    AUXILIARIES,
    COMPANY_FORMS,
    DETERMINERS,
    FUNCTION_WORDS,
    Token,
    blank,
    shown,
    straight,
    words,
)

_FILE = re.compile(
    r"(?<![\w/.@-])[\w()&+/.-]{1,120}\.(?:pdf|docx?|xlsx?|xlsm|csv|pptx?|txt|md|html?|eml|msg|odt|ods|rtf)\b(?!\.\w)",
    re.I,
)
_PARTIES_OF = frozenset("deal merger dispute acquisition transaction partnership arrangement venture".split())
_GENERIC = frozenset(
    """actual applicable above amended annual attached basic certain common complete correct current different draft
    entire existing first following full general given good internal last latest main many monthly most new newest
    next normal old older original other own particular present previous prior proposed quarterly recent relevant
    right same second several short signed similar single specific standard such third two usual valid various weekly
    whole written wrong yearly""".split()
)
_LINKS = frozenset("of and & for de la van von und y et".split())
_NO_HEAD = frozenset(
    "address addresses date dates holder holders law manufacturer number period price prices staff worker workers "
    "year years".split()
)
_WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_MEETINGS = frozenset("board committee council meeting assembly shareholders directors".split())
_BEFORE_VERBS = AUXILIARIES - frozenset("is are was were am be been have has had".split()) | {"to"}
_SUBJECTS = frozenset("i we you they who employees staff suppliers customers managers".split())
_IDENTIFIER = re.compile(r"(?=[\w/.-]*\d)(?:[A-Za-z]{1,6}[-/.]?\d[\w/.-]*|\d[\w/.-]*[-/]\d[\w/.-]*)")
_LONG_NUMBER = re.compile(r"\d{5,}")
_QUOTED_POSSESSIVE = re.compile(r"(?<=[\"'])'s\b")
_AFTER_KIND = frozenset("with of from for by about on called titled entitled named".split())
_MOST_TOKENS = 14

Found = tuple[int, int, Clue]


def document_clues(question: str, tokens: Sequence[Token], quotes: Sequence[Quote]) -> list[Found]:
    """Clues "document" and "document_kind" with their spans, in the order of the question; no two overlap."""
    found = [(q.start, q.end, _clue(q.inner)) for q in quotes if _FILE.fullmatch(re.sub(r"[^\w.-]", "_", q.inner))]
    files = [(start, end) for start, end, _ in found]
    for match in _FILE.finditer(blank(question, files)):
        found.append((*match.span(), _clue(match.group())))
        files.append(match.span())
    reader = _Reader(question, tokens, quotes)
    taken = 0
    for at, token in enumerate(tokens):
        if token.start < taken or any(start <= token.start < end for start, end in files):
            continue
        clue = None
        if token.word in KIND_OF:
            clue = reader.at_kind(at, taken)
        elif token.word == "between":
            clue = reader.at_between(at, taken)
        if clue:
            found.append(clue)
            taken = clue[1]
    return sorted(found, key=lambda clue: clue[0])


def _clue(text: str) -> Clue:
    value = " ".join(word.removesuffix("'s") for word in words(_QUOTED_POSSESSIVE.sub("", straight(text))))
    return Clue("document", text, value, f'Passages of documents named like "{shown(text)}" come first.')


class _Reader:
    """Finds where a name begins and ends around the word for the kind of document."""

    def __init__(self, question: str, tokens: Sequence[Token], quotes: Sequence[Quote]) -> None:
        self._question = question
        self._tokens = tokens
        self._quote_from = {quote.start: quote for quote in quotes}
        self._quote_to = {quote.end: quote for quote in quotes}
        self._index = {token.start: at for at, token in enumerate(tokens)}

    def at_kind(self, at: int, floor: int) -> Found | None:
        """The document named around the kind word `tokens[at]`, else the kind alone if "the" or the like is before."""
        token = self._tokens[at]
        if self._is_no_document(at):
            return None
        first = self._back(at, floor)
        last = self._forward(at)
        if token.word in VERBS and self._is_verb(at, first):
            return None
        if first < at or last > at:
            return self._found(first, last)
        if token.word not in KIND_OF or KIND_OF[token.word] in NEEDS_A_NAME or not self._is_definite(at):
            return None
        text = self._question[token.start : token.end].strip("\"'.,;:?!()[]").removesuffix("'s").removesuffix("’s")
        return token.start, token.end, kind_clue(token.word, text)

    def at_between(self, at: int, floor: int) -> Found | None:
        """Parties: "the merger between X and Y", or "between X Ltd and Y" without such a word."""
        last = self._names(at + 1, several=True)
        first = at - 1 if at and self._tokens[at - 1].word in _PARTIES_OF else at
        company = any(token.word in COMPANY_FORMS for token in self._tokens[at + 1 : last])
        if last == at + 1 or self._tokens[first].start < floor or (first == at and not company):
            return None
        return self._found(first, last - 1)

    def _found(self, first: int, last: int) -> Found:
        start, end = self._tokens[first].start, self._tokens[last].end
        start += self._question[start] in "([" or (self._question[start] in "\"'“‘«" and start not in self._quote_from)
        while self._question[end - 1] in ".,;:?!)]" and end > start + 1:
            end -= 1
        return start, end, _clue(self._question[start:end])

    def _is_no_document(self, at: int) -> bool:
        """ "30 minutes", "the contract year"."""
        before = self._tokens[at - 1].word if at else ""
        after = self._tokens[at + 1].word if at + 1 < len(self._tokens) and not self._tokens[at].ends_clause else ""
        timed = self._tokens[at].word == "minutes" and not self._tokens[at].capitalised
        return (timed and before not in _MEETINGS and not self._is_definite(at)) or after in _NO_HEAD

    def _is_verb(self, at: int, first: int) -> bool:
        """ "must Kestrel report ...", "to contract with ..."."""
        before = self._tokens[first - 1].word if first else ""
        return before in _BEFORE_VERBS or (first == at and before in _SUBJECTS)

    def _is_definite(self, at: int) -> bool:
        """ "the", "our", "Kestrel's", perhaps with "latest", "2025" or the like after it."""
        step = at - 1
        while (
            step >= 0 and at - step <= 3 and (self._tokens[step].word in _GENERIC or self._tokens[step].word.isdigit())
        ):
            step -= 1
        before = self._tokens[step] if step >= 0 else None
        return before is not None and (before.word in DETERMINERS or before.text.endswith(("'s", "s'")))

    def _back(self, at: int, floor: int) -> int:
        """Index of the first token of the name that ends at the kind word; `at` if there is none."""
        first, capitals, modifiers = at, False, 0
        while first and at - first < _MOST_TOKENS and not self._tokens[first].quoted_left:
            previous = self._tokens[first - 1]
            if previous.start < floor or previous.ends_clause:
                break
            if quoted := self._quote_ending(previous):
                return self._index.get(quoted.start, first)
            if previous.quoted_right:
                break
            if self._is_name(previous):
                capitals = True
            elif capitals:
                if not self._links(first - 1):
                    break
            elif modifiers < 3 and _is_modifier(previous):
                modifiers += 1
            else:
                break
            first -= 1
        return first if capitals or (modifiers and self._is_definite(first)) else at

    def _forward(self, at: int) -> int:
        """Index of the last token of what names the document after the kind word; `at` if nothing does."""
        step = at + 1
        if step >= len(self._tokens) or self._tokens[at].ends_clause:
            return at
        if quote := self._quote_from.get(self._tokens[step].start):
            return self._last_of(quote, step)
        number = step + (self._tokens[step].word in {"no", "number", "nr", "ref"})
        if number < len(self._tokens) and (
            _IDENTIFIER.fullmatch(self._tokens[number].text.strip("()[].,;:?!\"'#"))
            or (number > step and self._tokens[number].word.isdigit())
        ):
            return number
        while step < len(self._tokens) - 1 and self._tokens[step].word in {"by", "and"} and step - at < 3:
            step += 1
        if self._tokens[step].word in {"between", "among"}:
            return max(at, self._names(step + 1, several=True) - 1) if self._starts_name(step + 1) else at
        return self._after(at)

    def _after(self, at: int) -> int:
        """ "the lease with Kestrel", "minutes of the Audit Committee", "the policy called X"."""
        step = at + 1
        if self._tokens[step].word not in _AFTER_KIND:
            return at
        step += 1
        if step < len(self._tokens) and self._tokens[step].word in DETERMINERS:
            step += 1
        if step < len(self._tokens) and (quote := self._quote_from.get(self._tokens[step].start)):
            return self._last_of(quote, step)
        return self._names(step, several=False) - 1 if self._starts_name(step) else at

    def _names(self, start: int, *, several: bool) -> int:
        """Index past the last token of one or several names from `start` on: "X, Inc and The Bank of Y"."""
        end, joined = start, False
        for step in range(start, min(len(self._tokens), start + 3 * _MOST_TOKENS)):
            token = self._tokens[step]
            linked = token.word in _LINKS or token.word == "the" or not token.word
            if linked and self._starts_name(step + 1) and not token.ends_clause:
                joined |= token.word in {"and", ""}
                continue
            if not (self._is_name(token) or token.word in COMPANY_FORMS or _LONG_NUMBER.fullmatch(token.word)):
                break
            end = step + 1
            if token.ends_clause and not (
                token.text.endswith((",", ',"', ",'")) and self._goes_on(end, several, joined)
            ):
                break
        return end

    def _goes_on(self, step: int, several: bool, joined: bool) -> bool:
        """After a comma: the form of the company, or another party before "and"."""
        if step >= len(self._tokens):
            return False
        company = self._tokens[step].word in COMPANY_FORMS
        return company or (several and not joined and (self._tokens[step].word == "and" or self._starts_name(step)))

    def _starts_name(self, step: int) -> bool:
        if step >= len(self._tokens):
            return False
        token = self._tokens[step]
        if token.text[:1] == "T" and token.word == "the":
            return self._starts_name(step + 1)
        return self._is_name(token) or bool(_LONG_NUMBER.fullmatch(token.word))

    def _links(self, step: int) -> bool:
        """Whether a small word joins the capitalised words on both sides of it."""
        token = self._tokens[step]
        before = self._tokens[step - 1] if step else None
        return (
            (token.word in _LINKS or not token.word)
            and before is not None
            and (self._is_name(before) and not before.ends_clause and not before.quoted_right)
        )

    @staticmethod
    def _is_name(token: Token) -> bool:
        word = token.word
        return token.capitalised and not (word in FUNCTION_WORDS or word in MONTHS or word in _WEEKDAYS)

    def _quote_ending(self, token: Token) -> Quote | None:
        """The quotation that ends in this token, perhaps with a possessive "'s" after it."""
        return self._quote_to.get(token.end) or self._quote_to.get(token.end - 2)

    def _last_of(self, quote: Quote, step: int) -> int:
        while step + 1 < len(self._tokens) and self._tokens[step + 1].start < quote.end:
            step += 1
        return step


def _is_modifier(token: Token) -> bool:
    word = token.word
    return word.replace("-", "").isalpha() and not (word in FUNCTION_WORDS or word in _GENERIC or word in KIND_OF)
