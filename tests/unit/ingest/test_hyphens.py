"""Words cut at a line's end."""

import pytest

from ingest.parsers.hyphens import joined, words


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("termi-", "nation", "termination"),
        ("giving no-", "tice of", "giving notice of"),
        ("a quar-", "ter.", "a quarter."),
        ("TERMI-", "NATION", "TERMINATION"),
        ("the third-", "party rights", "the third-party rights"),
        ("a long-", "term plan", "a long-term plan"),
        ("a long-", "standing rule", "a long-standing rule"),
        ("12-", "month terms", "12-month terms"),
        ("EUR 10-", "20", "EUR 10-20"),
        ("COVID-", "19", "COVID-19"),
        ("Anglo-", "American", "Anglo-American"),
        ("US-", "based", "US-based"),
        ("twenty-", "five days", "twenty-five days"),
        ("ninety-", "day period", "ninety-day period"),
        ("day-to-", "day business", "day-to-day business"),
        ("a non-", "compete clause", "a non-compete clause"),
        ("pre-", "and post-trial", "pre- and post-trial"),
        ("un-", "related", "unrelated"),
        ("note -", "and so", "note - and so"),
        ("exer\u00ad", "cise", "exercise"),
        ("self-", "insured", "self-insured"),
        ("sepa-", "rate", "separate"),
        ("Mon-", "day", "Monday"),
        ("there-", "after", "thereafter"),
        ("reason-", "able", "reasonable"),
        ("non-infringe-", "ment of", "non-infringement of"),
    ],
)
def test_without_evidence(before: str, after: str, expected: str) -> None:
    assert joined(before, after, frozenset()) == expected


def test_the_document_decides() -> None:
    text = (
        "A client-specific plan. Re-sign it. Resignations and shareholders.\nThe cli-\nent has rules on drift making."
    )
    known = words(text)
    assert "cli" not in known
    assert joined("client-", "specific", known) == "client-specific"
    assert joined("share-", "holders", known) == "shareholders"
    assert joined("re-", "sign", known) == "re-sign"
    assert joined("re-", "sign", words("We resign.")) == "resign"
    assert joined("drift-", "rules", known) == "drift-rules"
    assert joined("reason-", "able", words("a reason; able")) == "reasonable"


def test_a_compound_that_goes_on_over_a_link_keeps_its_hyphen() -> None:
    assert joined("sales in the back-", "to-school season", set()) == "sales in the back-to-school season"
    assert joined("the termi-", "nation of it", set()) == "the termination of it"
