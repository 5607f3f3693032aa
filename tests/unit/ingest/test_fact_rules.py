"""Facts of contracts, each with its words; none where the words leave it open."""

from __future__ import annotations

import time

import pytest

from ingest.errors import InvalidFact
from ingest.facts import facts_of
from ingest.facts.values import normalised
from ingest.types import Fact, FactKind

SUPPLY = (
    "Exhibit 10.4\n\nSUPPLY AGREEMENT\n\nThis Supply Agreement is made on 4 May 2019 by and between Kestrel Robotics, Inc., "
    'a Delaware corporation with its offices at 5 Main Street ("Kestrel"), and Osprey Foods Limited (the "Supplier").'
    "\n\nWHEREAS Heron Estates LLC sells rotors;\n\n"
)


def found(text: str, kind: str) -> list[Fact]:
    facts = [fact for fact in facts_of(text) if fact.kind == kind]
    assert all(0 <= fact.start < fact.end <= len(text) for fact in facts)
    return facts


def value(text: str, kind: str) -> str:
    facts = found(text, kind)
    return facts[0].value if facts else ""


def test_parties_have_role_term_and_place() -> None:
    kestrel, osprey = found(SUPPLY, "party")
    assert (kestrel.value, kestrel.role, kestrel.term) == ("Kestrel Robotics, Inc.", "", "Kestrel")
    assert (osprey.value, osprey.role, osprey.term) == ("Osprey Foods Limited", "Supplier", "")
    assert SUPPLY[kestrel.start : kestrel.end] == "Kestrel Robotics, Inc."


@pytest.mark.parametrize(
    ("preamble", "parties"),
    [
        ('between Wren GmbH ("Wren") and Ann Lee, an individual ("Consultant").', ["Wren GmbH", "Ann Lee"]),
        ('between (1) Wren (UK) Ltd. ("Wren") and (2) Gull S.A. ("Gull").', ["Wren (UK) Ltd.", "Gull S.A."]),
        (
            'between Wren Inc., a subsidiary of Egret Holdings Inc. ("Wren"), and Gull LLC ("Gull").',
            ["Wren Inc.", "Gull LLC"],
        ),
        ("between Wren Inc. and its affiliates.", []),
        ("between the Buyer and the Seller.", []),
        (
            'between Wren Insurance Corporation of America, a Michigan corporation ("Wren"), and Gull LLC ("Gull").',
            ["Wren Insurance Corporation of America", "Gull LLC"],
        ),
        (
            'between Wren Company of 4 Hill Road, Leeds ("Wren"), and Gull LLC ("Gull").',
            ["Wren Company", "Gull LLC"],
        ),
        (
            'between Wren Inc. (the "Licensor"). Gull may use the Content ("Content" as set forth in Annex 2).',
            [],
        ),
        (
            'between Wren Corp. ("Wren") and Gull Artists, Jersey, Channel Islands, British Isles (hereinafter "Gull").',
            [],
        ),
        ("between Wren Tech (Leeds) Co., Ltd. and Gull (UK) Ltd.", ["Wren Tech (Leeds) Co., Ltd.", "Gull (UK) Ltd."]),
        (
            'between Wren Inc. ("Wren") and Gull LLC ("Gull"). Gull agrees to grant the Content (as defined below) for '
            'software that it has title to (the "Software").',
            ["Wren Inc.", "Gull LLC"],
        ),
    ],
)
def test_who_a_contract_is_between(preamble: str, parties: list[str]) -> None:
    text = f"LEASE\n\nThis Lease is made {preamble}\n\nWHEREAS the parties agree;"
    assert [fact.value for fact in found(text, "party")] == parties


def test_what_the_recitals_define_is_not_what_a_party_is_called() -> None:
    text = (
        "LEASE\n\nThis Lease is made between Wren GmbH and Gull Ltd.\n\n"
        'WHEREAS Wren lives by the laws of Peru (the "PRC");'
    )
    assert [(fact.value, fact.term) for fact in found(text, "party")] == [("Wren GmbH", ""), ("Gull Ltd.", "")]


def test_a_bracket_that_ends_in_the_parties_names_the_last_one() -> None:
    text = (
        'LICENSE\n\nThis License is made between Wren Inc. ("Licensor") and Gull LLC ("Licensee" and together with '
        'Licensor, the "Parties").\n\nBACKGROUND\n\nWren turns rotors (the "Rotors").'
    )
    assert [fact.role for fact in found(text, "party")] == ["Licensor", "Licensee"]


def test_what_a_thing_is_called_is_no_name_of_a_party() -> None:
    text = (
        'LICENSE AGREEMENT\n\nbetween Wren Inc. (the "Licensor") and Gull AG.\n\nGull may use the Content ("Content" as '
        "set forth in Annex 2)."
    )
    told = [(fact.value, fact.role, fact.term) for fact in found(text, "party")]
    assert told == [("Wren Inc.", "Licensor", ""), ("Gull AG.", "", "")]


def test_who_another_contract_is_between_are_no_parties() -> None:
    text = (
        'AFFILIATE AGREEMENT\n\nThe undersigned will be a shareholder of Plover Inc. ("Plover"), pursuant to what is '
        "described in the Agreement and Plan of Merger, dated as of December 14, 1997, by and among Wren Inc. "
        '("Wren") and Gull LLC ("Gull").'
    )
    assert found(text, "party") == []
    own = text.replace("The undersigned will be", "This Agreement is made under the Plan by who will be")
    assert found(own, "party")


@pytest.mark.parametrize(
    ("words", "made", "effective"),
    [
        ("is made on 4 May 2019.", "2019-05-04", ""),
        ('is made as of May 4th, 2019 (the "Effective Date").', "2019-05-04", "2019-05-04"),
        ("dated this 4th day of May, 2019, is effective as of June 1, 2019.", "2019-05-04", "2019-06-01"),
        ("is let. This agreement of 4 May 2019 is between Wren Ltd and Gull AG.", "2019-05-04", ""),
        ("is let. It replaces an agreement of 4 May 2019 between Wren Ltd and Gull AG.", "", ""),
        ("is dated 03/04/2019.", "", ""),
        ("is dated 3/14/2019.", "2019-03-14", ""),
        ("is made on February 30, 2019.", "", ""),
        ("is made on ___ May 2019.", "", ""),
        ("is made under the Supply Agreement dated 4 May 2019.", "", ""),
        ('is made. "Trading Agreement" means that between Wren Inc. and Gull Inc. dated 4 May 2019.', "", ""),
        ('is made. "Effective Date" shall mean June 1, 2019.', "", "2019-06-01"),
    ],
)
def test_days(words: str, made: str, effective: str) -> None:
    text = f"LEASE\n\nThis Lease {words}\n\nMore."
    assert (value(text, "agreement_date"), value(text, "effective_date")) == (made, effective)


@pytest.mark.parametrize(
    ("words", "expiry", "role"),
    [
        ("The term of this Agreement shall continue until December 31, 2024.", "2024-12-31", ""),
        ("This Agreement shall expire on 31 December 2024.", "2024-12-31", ""),
        (
            "The term of this Agreement shall be three (3) years from the Effective Date.",
            "2022-06-01",
            "three (3) years from 2019-06-01",
        ),
        ("The term of this Agreement shall be three (4) years from the Effective Date.", "", ""),
        ("This Agreement may be renewed until December 31, 2024.", "", ""),
        ("Terms of the project: 12 weeks from February 8, 2023 to May 3, 2023.", "", ""),
        ("If this Agreement continues until December 31, 2024, a bonus is due.", "", ""),
        ("Buyer shall pay the sales tax through December 31, 2024.", "", ""),
        (
            "This Agreement ends on the fifth anniversary of the Effective Date.",
            "2024-06-01",
            "5 years from 2019-06-01",
        ),
    ],
)
def test_the_end_of_the_first_term(words: str, expiry: str, role: str) -> None:
    text = f'LEASE\n\nThis Agreement is effective as of June 1, 2019 (the "Effective Date").\n\n{words}'
    facts = found(text, "expiry_date")
    assert [(fact.value, fact.role) for fact in facts] == ([(expiry, role)] if expiry else [])


@pytest.mark.parametrize(
    ("words", "law"),
    [
        ("This Agreement shall be governed by the laws of the State of New York.", "New York"),
        ("This Agreement is governed by English law.", "England"),
        ("This Agreement, made in Texas, is governed by Ohio law.", "Ohio"),
        ("This Agreement is governed by the laws of England and Wales.", "England and Wales"),
        ("This Agreement shall be construed under the laws of the Province of Ontario.", "Ontario, Canada"),
        ("The laws of the Federal Republic of Germany shall apply to the Agreement.", "Germany"),
        ("Governed by the laws of the United States and of the State of Ohio.", "Ohio"),
        ("Kestrel, a company organized and existing under the laws of Delaware, governs itself.", ""),
        ("It is subject to withholding under the tax laws of Delaware.", ""),
        ("This Agreement is governed by the law of the land.", ""),
        ("This Agreement is governed by the laws of Ohio. Annex A is governed by the laws of Texas.", ""),
    ],
)
def test_governing_law(words: str, law: str) -> None:
    assert value(f"LEASE\n\n{words}", "governing_law") == law


def test_the_words_on_the_law_are_the_quote() -> None:
    text = "LEASE\n\nThis Lease is governed by the laws of the State of Ohio and signed."
    (fact,) = found(text, "governing_law")
    assert text[fact.start : fact.end] == "laws of the State of Ohio"


def test_governing_language() -> None:
    def language(words: str) -> str:
        return value(f"LEASE\n\n{words}", "governing_language")

    assert language("The English version of this Agreement shall prevail.") == "English"
    assert language("In case of doubt the German text is authoritative.") == "German"
    assert language("English lessons are provided; the better offer shall prevail.") == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SUPPLY, "supply agreement"),
        ("FORM OF LICENSE AGREEMENT BY AND BETWEEN\n\nWren and Gull", "license agreement"),
        ("SAMPLE OF LICENSE AGREEMENT\n\nWren and Gull", "license agreement"),
        ("Some words.\n\nThis Distribution Agreement is made.", "distribution agreement"),
        ("Exhibit A\n\nThe rotors turn.", ""),
        ("Supply Agreement - Wren Polymers\n\nMore.", "supply agreement"),
        ("TURN - KEY SUPPLY AGREEMENT\n\nMore.", "turn - key supply agreement"),
        ("Who approves what\n\nContracts\n\nThe board.", ""),
    ],
)
def test_kind_of_document(text: str, kind: str) -> None:
    assert value(text, "document_kind") == kind


COVER = (
    "UNITED STATES\n\nSECURITIES AND EXCHANGE COMMISSION\n\nFORM 10-K\n\nFor the fiscal year ended June 30, 2021\n\n"
)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("TRAVEL POLICY\n\nEffective date: 1 March 2024\n\nThe term of service ends on 1 May 2025.",
         [("document_kind", "policy"), ("effective_date", "2024-03-01")]),
        ("News\n\nEffective August 24, 2023, Wren Inc. and Gull Inc. have merged under the laws of Ohio.", []),
        ("Wren Reports First Quarter Results\n\nSales rose between Wren Inc. and Gull Inc. until 1 May 2025.", []),
        (f'{COVER}Wren Inc.\n\nThe Lease Agreement between Wren Inc. ("Wren") and Gull Inc. ("Gull") dated 4 May 2019 is '
         "governed by the laws of Ohio.", []),
        ("Minutes\n\nThe board met.", [("document_kind", "minutes")]),
    ],
)  # fmt: skip
def test_what_is_no_contract_has_a_kind_and_labelled_days(text: str, facts: list[tuple[str, str]]) -> None:
    assert [(fact.kind.value, fact.value) for fact in facts_of(text)] == facts


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000,
        "This Agreement is between " + "A" * 200_000,
        "This Agreement is between " + "A-" * 100_000,
        "This Agreement is between " + "Abc of " * 30_000,
        "This Agreement is between " + 'A. ("' * 60_000,
        "A " * 200_000 + "Inc.",
        "between " * 40_000,
        "term of this agreement shall continue until " * 8_000,
        "laws of the State of " * 16_000,
        "New York law " * 25_000,
        "dated 4 May 2019 " * 20_000,
        "five years from the Effective Date " * 9_000,
        "English language " * 20_000,
        "\n" * 300_000,
        "Effective Date " * 20_000 + "4 May 2019",
        "“" * 200_000,
        "12 " * 100_000,
    ],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    text = f"SUPPLY AGREEMENT\n\n{text}"  # so that all rules look at it
    started = time.process_time()
    facts_of(text)
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    ("kind", "given", "normal"),
    [
        (FactKind.EXPIRY_DATE, " 4 May  2019 ", "2019-05-04"),
        (FactKind.GOVERNING_LAW, "p.r.c.", "China"),
        (FactKind.GOVERNING_LAW, "Law of the Sea", "Law of the Sea"),
        (FactKind.DOCUMENT_KIND, "Supply Agreement", "supply agreement"),
        (FactKind.PARTY, "Wren\u0007 GmbH", "Wren GmbH"),
    ],
)
def test_values_of_people_get_their_normal_form(kind: FactKind, given: str, normal: str) -> None:
    assert normalised(kind, given) == normal


@pytest.mark.parametrize("given", ["", "soon", "2019", "3/4/2019", "4 May 2019 or so"])
def test_a_date_is_one_day(given: str) -> None:
    with pytest.raises(InvalidFact):
        normalised(FactKind.EFFECTIVE_DATE, given)
