"""Kinds of documents: the words that questions use for them and how titles and file names show them."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.types import ChunkText, Clue
from retrieval.understanding.words import words


@dataclass(frozen=True, slots=True)
class Kind:
    """`asked`: words of a question (each with its plural); `shown`: further words of titles and file names that mean
    the same or a special case; `suffixes` of files; `label`: the plural for people."""

    label: str
    asked: frozenset[str]
    shown: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()


def _kind(label: str, asked: str, shown: str = "", suffixes: str = "") -> Kind:
    singular = asked.split()
    plural = [word[:-1] + "ies" if word.endswith("y") else word + "s" for word in singular if not word.endswith("s")]
    return Kind(label, frozenset(singular + plural), frozenset(shown.split()), tuple(suffixes.split()))


KINDS = {
    "contract": _kind(
        "contracts and agreements",
        "contract agreement",
        "deed lease licence license msa nda sow subcontract tenancy terms",
    ),
    "lease": _kind("leases", "lease tenancy"),
    "licence": _kind("licences", "licence license"),
    "nda": _kind("non-disclosure agreements", "nda", "confidentiality nondisclosure disclosure"),
    "deed": _kind("deeds", "deed"),
    "amendment": _kind("amendments", "amendment addendum addenda", "amended amend restated variation"),
    "policy": _kind("policies", "policy"),
    "procedure": _kind("procedures", "procedure sop", "process"),
    "protocol": _kind("protocols", "protocol"),
    "handbook": _kind("handbooks", "handbook", "manual"),
    "manual": _kind("manuals", "manual ifu", "handbook instructions guide"),
    "guide": _kind("guides", "guide guideline guidance"),
    "invoice": _kind("invoices", "invoice", "inv bill"),
    "minutes": _kind("minutes", "minutes", "minute"),
    "report": _kind("reports", "report"),
    "memo": _kind("memos", "memo memorandum"),
    "letter": _kind("letters", "letter"),
    "email": _kind("e-mails", "email e-mail", "mail", ".eml .msg"),
    "budget": _kind("budgets", "budget"),
    "accounts": _kind("accounts", "accounts", "account statements"),
    "statement": _kind("statements", "statement"),
    "register": _kind("registers", "register", "log"),
    "certificate": _kind("certificates", "certificate"),
    "specification": _kind("specifications", "specification", "spec"),
    "catalogue": _kind("catalogues", "catalogue catalog"),
    "questionnaire": _kind("questionnaires", "questionnaire"),
    "prospectus": _kind("prospectuses", "prospectus"),
    "summary": _kind("summaries", "summary"),
    "plan": _kind("plans", "plan"),
    "spreadsheet": _kind("spreadsheets", "spreadsheet workbook xlsx", "", ".xlsx .xls .xlsm .csv .ods"),
    "presentation": _kind("presentations", "presentation slides deck powerpoint pptx", "", ".pptx .ppt .odp .key"),
}
KIND_OF = {word: name for name, kind in reversed(KINDS.items()) for word in kind.asked}
VERBS = frozenset("report contract lease invoice budget guide email plan license".split())  # also verbs
NEEDS_A_NAME = frozenset("accounts statement plan summary letter".split())  # too common to be clues alone


def kind_clue(word: str, text: str) -> Clue:
    """The clue that a word of `KIND_OF` gives."""
    name = KIND_OF[word]
    return Clue("document_kind", text, name, f"Passages of {KINDS[name].label} come first.")


def support(value: str, chunk: ChunkText) -> float:
    """1 where the title or file name has a word or suffix of the kind, 0.3 where only a heading has one."""
    kind = KINDS.get(value)
    if kind is None:
        return 0.0
    known = kind.asked | kind.shown
    if not known.isdisjoint(words(f"{chunk.title} {chunk.source.replace('_', ' ')}")):
        return 1.0
    if chunk.source.casefold().endswith(kind.suffixes or ("\0",)):
        return 1.0
    return 0.3 if not known.isdisjoint(words(" ".join(chunk.section_path))) else 0.0
