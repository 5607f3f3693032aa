"""What a question says about where its answer stands, and how far a chunk is that place."""

from __future__ import annotations

import pytest

from retrieval.text.dates import mentions
from retrieval.types import ChunkText, Clue
from retrieval.understanding import MOST_CLUES, support, understand


def clues(question: str, kind: str) -> list[str]:
    return [clue.value for clue in understand(question).clues if clue.kind == kind]


def chunk(text: str = "", *, title: str = "", source: str = "", path: tuple[str, ...] = ()) -> ChunkText:
    return ChunkText("c", "d", 1, "s", title, source, 0, 0, len(text), text, path, None)


def fits(kind: str, value: str, of: ChunkText) -> float:
    return support(Clue(kind, "", value, ""), of)


@pytest.mark.parametrize(
    "question",
    [
        "Don't the parties' obligations end after 5 days?",
        "Who is the Section manager?",
        "What's the suppliers' and the customers' share?",
        "Schedule a meeting about which section I need.",
        "May we march on and may they pay 2000 units within 30 minutes?",
        "Must Kestrel report an excursion?",
        "What happens to 2,024 pallets at £2024 each in version 2.4.1?",
        'Is the pipe 5" or 6" wide?',
        "What is the difference between Band 4 and Band 5?",
        "How far above or below the patient's heart can the T2 be mounted?",
        "What notice is due under contract law?",
        "",
        "???",
    ],
)
def test_a_question_without_clues_gives_none(question: str) -> None:
    assert understand(question).clues == ()
    assert understand(question).parts == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("signed on 1 March 2024", ["2024-03-01"]),
        ("signed on the 1st day of March, 2024", ["2024-03-01"]),
        ("signed on March the 1st, 2024", ["2024-03-01"]),
        ("signed 01-MAR-2024", ["2024-03-01"]),
        ("signed 2024-03-01", ["2024-03-01"]),
        ("signed 25.12.2023 or 12/25/2023", ["2023-12-25"]),
        ("signed 03/04/2024", ["2024-04-03|2024-03-04"]),
        ("in March 2024", ["2024-03"]),
        ("in Sept. 2024 and in 2024-11", ["2024-09", "2024-11"]),
        ("until 13 February", ["--02-13"]),
        ("overdue at the end of September", ["--09"]),
        ("paid in May", ["--05"]),
        ("revenue in 2024", ["2024"]),
        ("the 2025 budget figures", ["2025"]),
        ("for FY 2023, FY23/24 and financial year 2021/22", ["FY2023", "FY2023-24", "FY2021-22"]),
        ("in Q3 2025, the last quarter of 2024 and the second quarter", ["2025-Q3", "2024-Q4", "Q2"]),
        ("on 31 February 2024", []),
        ("sold 2000 units to June Smith", []),
    ],
)
def test_dates(text: str, values: list[str]) -> None:
    assert clues(f"What was {text}?", "date") == values


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("What was the notice period as of 1 March 2024?", ["2024-03-01"]),
        ("Which sick pay rules were in force on 3 May 2023?", ["2023-05-03"]),
        ("What did the policy require as it stood on 25/12/2023?", ["2023-12-25"]),
        ("In the 2022 version of the handbook, who approves leave?", ["2022-12-31"]),
        ("In the version of February 2024, who approves leave?", ["2024-02-29"]),
        ("What is the leave policy in effect in Q3 2023?", ["2023-09-30"]),
        ("What does the agreement dated as of September 29, 2021 say on costs?", []),
        ("When did the agreement effective as of 1 March 2024 end?", []),
        ("Which rules came in force on 3 May 2023?", []),
        ("What was the cash balance as of 31 December 2023?", []),
        ("How many contracts were in force on 31 December 2023?", []),
        ("What did we owe as at 31 March 2024?", []),
        ("What did the rules say as it stood on 03/04/2024?", []),
        ("How do the 2021 version and the 2023 version differ?", []),
        ("What does the 2022 policy say?", []),
    ],
)
def test_the_day_as_of_which_documents_are_wanted_needs_explicit_words(question: str, day: list[str]) -> None:
    assert clues(question, "as_of") == day


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("section 9.3(b)", ["clause 9.3(b)"]),
        ("Clause 4", ["clause 4"]),
        ("Article IV", ["article 4"]),
        ("article 28(3)(a) of the GDPR", ["article 28(3)(a)"]),
        ("§ 12", ["clause 12"]),
        ("§§ 12-14", ["clause 12", "clause 14"]),
        ("Schedule 2", ["schedule 2"]),
        ("Exhibit B and Exhibit A-1", ["exhibit b", "exhibit a-1"]),
        ("appendix A", ["appendix a"]),
        ("Annex II", ["annex 2"]),
        ("paragraph 12.1.", ["clause 12.1"]),
        ("clauses 4.1, 4.2 and 6(a)", ["clause 4.1", "clause 4.2", "clause 6(a)"]),
        ("sub-clause 4.2", ["clause 4.2"]),
        ("rule 10b-5", ["rule 10b-5"]),
        ("recital (12)", ["recital 12"]),
        ("Table 3", ["table 3"]),
        ("9.3(b)", ["clause 9.3(b)"]),
        ("section 5,000", []),
        ("clause mix", []),
        ("part of 5 items", []),
        ("version 2.4.1", []),
    ],
)
def test_clause_numbers(words: str, values: list[str]) -> None:
    assert clues(f"What follows from {words}", "clause") == values


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ('Who grants "quiet enjoyment"?', ["quiet enjoyment"]),
        ("Who grants “Quiet  Enjoyment,” and ‘vacant possession’?", ["quiet enjoyment", "vacant possession"]),
        ("Who grants 'quiet enjoyment' and the tenants' rights?", ["quiet enjoyment"]),
        ("What is the «force majeure»?", ["force majeure"]),
        ("It's the '90s and rock 'n' roll isn't 'til later, suppliers' say?", []),
    ],
)
def test_quoted_phrases(question: str, values: list[str]) -> None:
    assert clues(question, "phrase") == values


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("In the Kestrel lease, what is the rent?", ["kestrel lease"]),
        ("WHAT IS THE RENT IN THE KESTREL LEASE?", ["kestrel lease"]),
        ("Who checks the treasury policy?", ["treasury policy"]),
        ("What is the 2025 capex budget?", ["capex budget"]),
        ("When are Brightwater's invoices due?", ["brightwater invoices"]),
        ("What does our contract with Brightwater Polymers GmbH say?", ["contract with brightwater polymers gmbh"]),
        ("Who signed the minutes of the Audit Committee?", ["minutes of the audit committee"]),
        ("What does budget-2024.xlsx hold?", ["budget 2024 xlsx"]),
        ('What does "Supply terms - final.docx" hold?', ["supply terms final docx"]),
        ("Is invoice INV-2024-003 paid?", ["invoice inv 2024 003"]),
        ('Who may see what under the policy "Clean Desk"?', ["policy clean desk"]),
        ('Consider "Fiverr"\'s privacy policy; who can see my tasks?', ["fiverr privacy policy"]),
        (
            "In the Endorsement Agreement between ABG-Shaq, LLC and Papa John's Marketing Fund, Inc, which law governs it?",
            ["endorsement agreement between abg shaq llc and papa john marketing fund inc"],
        ),
        (
            'Consider the Merger Agreement between "QTS Realty Trust, Inc." and "QualityTech, LP"; What is the price?',
            ["merger agreement between qts realty trust inc and qualitytech lp"],
        ),
        ("Who sued in the dispute between Kestrel and Ostara?", ["dispute between kestrel and ostara"]),
        ("Which of the barrel contract and the warehouse contract ends first?", ["barrel contract", "warehouse contract"]),
        ("Is the T2 IFU newer than the risk management summary?", ["t2 ifu", "risk management summary"]),
        ("What does the contract let us credit?", []),
    ],
)  # fmt: skip
def test_names_of_documents(question: str, values: list[str]) -> None:
    assert clues(question, "document") == values


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("What does the contract let us credit?", ["contract"]),
        ("Which invoices are overdue?", ["invoice"]),
        ("What do the latest minutes say?", ["minutes"]),
        ("What is the total in the spreadsheet?", ["spreadsheet"]),
        ("What is on our slides?", ["presentation"]),
        ("How do I report an incident within 30 minutes?", []),
        ("Who is the policy holder in the contract year?", []),
    ],
)
def test_kinds_of_documents(question: str, kinds: list[str]) -> None:
    assert clues(question, "document_kind") == kinds


def test_a_name_swallows_its_quotes_and_every_clue_is_explained() -> None:
    found = understand(
        'Does "Superior Proposal" in section 9.3(b) of the Kestrel lease of 1 March 2024 bind, as of 2 May 2024?'
    )
    assert [clue.effect for clue in found.clues] == [
        'Passages that hold "Superior Proposal" come first.',
        "Passages of section 9.3(b) come first.",
        'Passages of documents named like "Kestrel lease" come first.',
        "Passages that name 1 March 2024 come first.",
        "Passages that name 2 May 2024 come first.",
        "Documents are searched as they stood on 2 May 2024, unless the request names another day.",
    ]
    assert all(clue.text for clue in found.clues)
    named = understand('Consider the Merger Agreement between "QTS Trust, Inc." and "QualityTech, LP"; who pays?')
    assert [clue.kind for clue in named.clues] == ["document"]


def test_no_clue_twice_and_never_too_many() -> None:
    assert clues("Is clause 4 like Clause 4 of clause 4?", "clause") == ["clause 4"]
    assert len(understand(" ".join(f"clause {number}" for number in range(1, 99))).clues) == MOST_CLUES
    many = " ".join(f"clause {number}" for number in range(1, 99)) + " as of 1 March 2024"
    assert [clue.kind for clue in understand(many).clues] == ["clause"] * (MOST_CLUES - 1) + ["as_of"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "In the Kestrel lease, what is the rent and who pays for repairs?",
            ("In the Kestrel lease, what is the rent?", "In the Kestrel lease, who pays for repairs?"),
        ),
        (
            "What is the rent under the Kestrel lease? Who pays for repairs?",
            ("What is the rent under the Kestrel lease?", "In the Kestrel lease, who pays for repairs?"),
        ),
        (
            "Who owns the Kestrel lease and what is the notice period in the Ostara agreement?",
            ("Who owns the Kestrel lease?", "What is the notice period in the Ostara agreement?"),
        ),
        (
            "In the Supply Agreement between A1 Foods, Inc and Who Knows Ltd, which law governs it and when does it end?",
            (
                "In the Supply Agreement between A1 Foods, Inc and Who Knows Ltd, which law governs it?",
                "In the Supply Agreement between A1 Foods, Inc and Who Knows Ltd, when does it end?",
            ),
        ),
        (
            "A pump arrives from a freezing van. How long must the ward wait and who records the temperature?",
            (
                "A pump arrives from a freezing van. How long must the ward wait?",
                "A pump arrives from a freezing van. Who records the temperature?",
            ),
        ),
        (
            "For a band 4 engineer: how long is a warning active, and what notice do we give him?",
            ("For a band 4 engineer: how long is a warning active?", "For a band 4 engineer: what notice do we give him?"),
        ),
        (
            "1) What is the cap on liability? 2) Which law governs the Kestrel agreement?",
            ("What is the cap on liability?", "Which law governs the Kestrel agreement?"),
        ),
    ],
)  # fmt: skip
def test_a_question_with_several_is_split_into_parts_that_stand_alone(question: str, parts: tuple[str, ...]) -> None:
    assert understand(question).parts == parts


@pytest.mark.parametrize(
    "question",
    [
        "In the Kestrel lease, what is the rent?",
        "What is the rent and who pays for it?",
        "Who can sign off spending while Priya is away, and up to how much?",
        "How much is the milestone worth and when was it due?",
        "How and when is notice given under the supply agreement?",
        "Do you know what the rent is and who pays for repairs?",
        "Which supplier delivers barrels and who invoices?",
        'What does "who pays and who decides" mean?',
        "Who signs and does the check?",
        "What is the excess and what is the premium of the Kestrel policy?",
        "When do we stop selling the T2 and how long afterwards do we still supply parts?",
        "What is the rent? Please be brief.",
        "Compare the barrel contract and the warehouse contract.",
        "What are the terms and conditions of the Kestrel lease?",
        "What are the research and development costs in the Acme report?",
        "What are the costs for which it is liable and for which we pay?",
        "Does the Kestrel lease replace the Heron lease?",
        "Is there an agreement between the Kestrel lease and the Heron lease?",
        "In the agreement between Kestrel and Ostara, can a party terminate without cause, and with how much notice?",
    ],
)
def test_when_unsure_a_question_stays_whole(question: str) -> None:
    assert understand(question).parts == ()


@pytest.mark.parametrize(
    ("value", "text", "least", "most"),
    [
        ("2024-03-01", "made on March 1, 2024 between", 1.0, 1.0),
        ("2024-03-01", "made on 01.03.2024 between", 1.0, 1.0),
        ("2024-03-01", "made in March 2024", 0.4, 0.4),
        ("2024-03-01", "made on 11 March 2024", 0.0, 0.0),
        ("2024-04-03|2024-03-04", "4 March 2024", 1.0, 1.0),
        ("2024-03", "on 1 March 2024", 1.0, 1.0),
        ("2024-03", "on 1 April 2024", 0.0, 0.0),
        ("2024-03", "in 2024", 0.1, 0.3),
        ("2025-Q3", "at 30 September 2025", 0.7, 0.7),
        ("2025-Q3", "at 1 October 2025", 0.0, 0.0),
        ("2025", "from 1 April 2025", 0.7, 0.7),
        ("FY2023", "for fiscal year 2023", 1.0, 1.0),
        ("FY2023", "in 2023", 0.5, 0.5),
        ("--09", "on 30 September 2025", 0.7, 0.7),
        ("--02-13", "before 13 February.", 1.0, 1.0),
        ("--02-13", "before 13 March 2024", 0.0, 0.0),
        ("Q3", "in Q3 2025", 0.7, 0.7),
    ],
)
def test_support_of_dates(value: str, text: str, least: float, most: float) -> None:
    assert least <= fits("date", value, chunk(text)) <= most


def test_dates_in_file_names_count() -> None:
    assert fits("date", "2025-11", chunk(source="board/board_minutes_2025-11.pdf")) == 1.0
    assert fits("date", "2024-03-01", chunk(source="minutes_20240301.pdf")) == 1.0
    assert fits("date", "2003-04-24", chunk(source="ACMECORP_04_24_2003-EX-10.PDF")) == 1.0
    assert fits("date", "2025", chunk(source="budget_2025.xlsx")) == 1.0


@pytest.mark.parametrize(
    ("value", "of", "score"),
    [
        ("clause 9.3", chunk("9.3 The Tenant pays."), 1.0),
        ("clause 9.3", chunk("Text.", path=("9. Termination", "9.3 For cause")), 1.0),
        ("clause 9.3", chunk("SECTION 9.3 Notice. Text."), 1.0),
        ("clause 9.3", chunk("19.3 The Tenant pays."), 0.0),
        ("clause 9.3", chunk("The dose is 9.3 mL.\n9.3 mL is the dose."), 0.0),
        ("clause 9.3", chunk("as set out in clause 9.3 above"), 0.15),
        ("clause 9.3", chunk("as set out in clause 19.3 above"), 0.0),
        ("clause 9.3", chunk("Other text.", path=("9. Termination",)), 0.3),
        ("clause 9.3(b)", chunk("9.3 The Tenant pays."), 0.5),
        ("clause 9.3(b)", chunk("9.3 The Tenant pays:\n(a) rent;\n(b) repairs."), 0.9),
        ("clause 4", chunk("4.2 The Supplier accepts."), 0.8),
        ("clause 4", chunk("4 | Field service engineer | £36,400"), 0.0),
        ("clause 12", chunk("12 March 2024 was the day."), 0.0),
        ("clause 4", chunk("x", path=("Article IV",)), 0.5),
        ("article 4", chunk("ARTICLE IV - TERM"), 1.0),
        ("article 4", chunk("SECTION 4. TERM"), 0.0),
        ("schedule 2", chunk("Prices", path=("Schedule 2 - Prices",)), 1.0),
        ("schedule 2", chunk("2. Delivery"), 0.0),
        ("exhibit b", chunk("EXHIBIT B\nForm of notice"), 1.0),
    ],
)
def test_support_of_clauses(value: str, of: ChunkText, score: float) -> None:
    assert fits("clause", value, of) == pytest.approx(score)


def test_support_of_phrases() -> None:
    assert fits("phrase", "quiet enjoyment", chunk("grants QUIET\n enjoyment of")) == 0.9
    assert fits("phrase", "superior proposal", chunk("“Superior Proposal” means")) == 1.0
    assert fits("phrase", "tenant's notice", chunk("the Tenant’s notice")) == 0.9
    assert fits("phrase", "quiet enjoyment", chunk("x", path=("7. Quiet Enjoyment",))) == 0.7
    assert fits("phrase", "quiet enjoyment", chunk("a quiet place, enjoyment")) == 0.0
    assert fits("phrase", "rent", chunk("parents, rental")) == 0.0


def test_support_of_document_names() -> None:
    lease = chunk(title="Meridian lease summary", source="legal/meridian_lease_summary.docx")
    supply = chunk("Brightwater shall deliver", title="Supply Agreement", source="legal/supply_agreement.pdf")
    assert fits("document", "meridian lease", lease) == 1.0
    assert fits("document", "kestrel lease", lease) < 0.5
    assert fits("document", "meridian lease", supply) == 0.0
    assert 0 < fits("document", "contract with brightwater", supply) < 1
    assert fits("document", "meridian lease summary docx", lease) == 1.0
    warehouse = chunk(title="Warehousing Agreement", source="legal/warehousing_agreement.pdf")
    assert fits("document", "warehouse contract", warehouse) > 0.8
    squashed = chunk(source="TEARDROPGOLFCO_10_23_1996-EX-10.12-ENDORSEMENT AGREEMENT.PDF")
    other = chunk(source="STAMPSCOMINC_10_23_1996-EX-10.12-ENDORSEMENT AGREEMENT.PDF")
    name = "endorsement agreement between teardrop putter corporation and consolidated artists inc"
    assert fits("document", name, squashed) > fits("document", name, other) + 0.1


def test_support_of_document_kinds() -> None:
    assert fits("document_kind", "contract", chunk(title="Supply Agreement")) == 1.0
    assert fits("document_kind", "spreadsheet", chunk(source="a/budget.XLSX")) == 1.0
    assert fits("document_kind", "minutes", chunk(source="board_minutes_2025-11.pdf")) == 1.0
    assert fits("document_kind", "policy", chunk("policy", title="Supply Agreement")) == 0.0
    assert fits("document_kind", "unheard of", chunk()) == 0.0


def test_the_day_as_of_which_supports_no_chunk() -> None:
    assert fits("as_of", "2024-03-01", chunk("1 March 2024")) == 0.0


def test_mentions_are_in_order_and_apart() -> None:
    text = "From 1 March 2024 (Q1 2024) until March 2025, at the latest 31/12/2025."
    found = mentions(text)
    assert [text[mention.start : mention.end] for mention in found] == [
        "1 March 2024",
        "Q1 2024",
        "March 2025",
        "31/12/2025",
    ]
