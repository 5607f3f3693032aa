"""Numbers, units, dates and names: what the evidence must hold."""

from __future__ import annotations

from datetime import date

import pytest

from generation.gate.figures import figures, missing

LEASE = "Kestrel Storage Ltd shall pay £1,250.50 (thirty per cent) within thirty (30) days of 1 March 2024."
AGREEMENT = "Agreement between Kestrel Storage Ltd and Arnhem Biologics BV (the “Customer”). " + LEASE
NOTICE = "Either Party may terminate on not less than ninety (90) days’ written notice under Clause 12.3."
CAP = "The Supplier’s liability shall not exceed USD 1,500,000 in any twelve-month period, or 12% of the fees."
DELIVERY = "Delivery is due within five (5) Business Days, between 9 a.m. and 5:30 p.m., no later than 31 January 2025."
INTEREST = "Interest accrues at 4 percentage points per annum; invoices fall due in two weeks; the term is one year."
TRIAL = (
    "Of 1,234 patients, two-thirds received metformin 500 mg twice daily and 489 received placebo for 24 weeks; "
    "mean HbA1c fell by 1.25% (95% CI 0.9 to 1.6) and IL-6 was 5-10 ng/mL at 37.5 °C."
)
WARNING = "Do not give more than 4 g per day. Adults take 5 to 10 mL every 8 hours, children half of the adult dose."
SALES = (
    "Net sales by contract type (in millions)\n|  | Years Ended September 30, |  |\n|  | 2019 | 2018 |\n"
    "| Fixed Price | $ 1,452.4 | $ 1,146.2 |\n| Other | 44.1 | 56.7 |\n| Total sales | $1,496.5 | $1,202.9 |"
)
STERLING = "Group accounts\n| £m | FY24 | FY23 |\n| Revenue | 312.4 | 298.0 |\n| Operating margin | 12.5% | (3.1)% |"
REPORT = "In the third quarter of 2023 revenue rose from $1,202.9 million to $1.4965 billion, i.e. by 24.41%."
HEALTH = (
    "The World Health Organization (WHO) met in Canada and Germany on 2024-03-01; Mr. O’Neill of KESTREL LTD spoke."
)

SUPPORTED = {
    LEASE: [
        "Kestrel pays £1,250.50 within 30 days.",
        "Kestrel pays 1250.5 within thirty days of 2024-03-01.",
        "The payment is due in 2024.",
        "The payment falls in March 2024.",
        "The payment is due in March.",
        "The sum is £1250.50, or 30%, or 30 percent.",
        "It is GBP 1,250.50, due within 30 days of March 1, 2024.",
        "It runs from 01/03/2024.",
        "It runs from 03/01/2024.",
        "It runs from the 1st day of March 2024.",
        "Kestrel pays Arnhem Biologics.",
        "Kestrel's payment is 1,250.50 pounds.",
        "It must be paid.",
        "The Customer is Arnhem.",
        "Payment is due from KESTREL STORAGE LTD.",
    ],
    NOTICE: [
        "Either party may terminate on at least 90 days' notice.",
        "The notice period is 90 days or more.",
        "Notice must be no less than ninety days.",
        "The notice is a minimum of 90 days.",
        "Under clause 12.3, a Party may terminate.",
        "Section 12 covers termination.",
        "It takes 90-day notice.",
        "Termination needs 90 calendar days.",
    ],
    CAP: [
        "The cap is $1.5 million in 12 months.",
        "The cap is 1,500,000 dollars a year.",
        "Liability is limited to USD 1.5m in any one year.",
        "Liability is capped at $1,500,000 per twelve months.",
        "It is at most 12 per cent of the fees.",
        "It may not be more than 12 percent.",
        "The maximum is US$1.5 million.",
        "Suppliers are liable for up to one and a half million dollars.",
    ],
    DELIVERY: [
        "Delivery takes five business days.",
        "It is due within 5 working days.",
        "The goods come between 09:00 and 17:30.",
        "They arrive from 9:00 AM to 5:30 PM.",
        "Delivery is due by January 31, 2025.",
        "It must arrive by 31 January.",
        "The deadline is in January 2025.",
    ],
    INTEREST: [
        "Interest accrues at 4% per year.",
        "Invoices are due in 14 days.",
        "The term is 12 months.",
        "It is a twelve-month term.",
        "Interest is 4 percent annually.",
    ],
    TRIAL: [
        "2/3 of the patients received metformin.",
        "About 67% of patients received metformin.",
        "More than 1,200 patients took part.",
        "Approximately 1,230 patients took part.",
        "Nearly 500 received placebo.",
        "The dose was 500mg two times a day.",
        "The dose was 0.5 g twice a day.",
        "The trial lasted 168 days.",
        "HbA1c fell by 1.25 percent.",
        "HbA1c fell by approximately 1.3%.",
        "The interval was 0.9-1.6.",
        "IL-6 was between 5 and 10 ng/mL.",
        "IL-6 was measured at 37.5 degrees Celsius.",
        "A total of 1234 patients were studied.",
        "Over half of the patients received metformin.",
    ],
    WARNING: [
        "The maximum is 4 g per day.",
        "Take at most 4,000 mg daily.",
        "No more than four grams a day may be given.",
        "Adults take 5-10 mL.",
        "Adults take 5 mL to 10 mL every eight hours.",
        "Children take 50% of the dose.",
        "Children take one-half of the dose.",
        "The interval is 8-hour.",
    ],
    SALES: [
        "Total sales were $1,496.5 million in 2019.",
        "Total sales were $1,496.5.",
        "Total sales were about $1.5 billion.",
        "Total sales were $1.5 billion in fiscal 2019.",
        "Sales were $1,496,500,000.",
        "Other sales fell from 56.7 million to 44.1 million dollars.",
        "Sales for the year ended September 30, 2019 were $1,496.5 million.",
        "Fixed price sales exceeded $1.4 billion.",
    ],
    STERLING: [
        "Revenue was £312.4m in FY24.",
        "Revenue was £312.4 million in fiscal 2024.",
        "Revenue was 312.4 million pounds.",
        "The margin was 12.5 per cent, after 3.1% in FY2023.",
        "Revenue reached about £310 million.",
    ],
    REPORT: [
        "Revenue rose 24% to about $1.5 billion in Q3 2023.",
        "Revenue was $1,496.5 million in the third quarter.",
        "Revenue was $1.5 billion.",
        "Revenue rose by 24.4% in 2023.",
        "Revenue was up almost 25%.",
        "Revenue before was 1.2029 billion dollars.",
    ],
    HEALTH: [
        "The WHO met in March 2024.",
        "World Health Organization officials met on March 1, 2024.",
        "Canadian and German officials met.",
        "O'Neill of Kestrel Ltd spoke.",
        "Mr O‘Neill spoke.",
        "Kestrel’s speaker was O’Neill.",
    ],
    "The Securities and Exchange Commission approved the fee of 1\u00a0500 euros – the ﬁrst.": [
        "The SEC approved it.",
        "The First fee of the Commission is EUR 1\u202f500.",
    ],
    "The fee is €1\u00a0500.00… no: €2\u2009000 per year in the Müller café case.": [
        "It is 2,000 euros a year in Muller."
    ],
    "Article IV: the twenty-first payment of 1½ units falls on the 3rd day.": [
        "Under Article 4 the 21st payment is 1.5 units, on the third day.",
    ],
}
UNSUPPORTED = {
    LEASE: [
        ("Kestrel pays £1,205.50.", ["£1,205.50"]),
        ("Kestrel pays within 31 days.", ["31 days"]),
        ("Kestrel pays within forty days.", ["forty days"]),
        ("Kestrel pays £1,250.50 million.", ["£1,250.50 million"]),
        ("Kestrel pays $1,250.50.", ["$1,250.50"]),
        ("Kestrel pays 1,250.50 euros.", ["1,250.50 euros"]),
        ("Kestrel pays within 30 months.", ["30 months"]),
        ("Kestrel pays within thirty (30) weeks.", ["thirty (30) weeks"]),
        ("Kestrel pays within 30 hours.", ["30 hours"]),
        ("Kestrel pays within 30 business days.", ["30 business days"]),
        ("Kestrel pays after at least 30 days.", ["30 days"]),
        ("It is due on 2 March 2024.", ["2024-03-02"]),
        ("It is due on 2025-03-01.", ["2025-03-01"]),
        ("It is due on 1 April 2024.", ["2024-04-01"]),
        ("It is due on March 1st, 2024, not on April 31.", ["31", "April 31"]),
        ("It is due in April 2024.", ["2024-04"]),
        ("It is due in April.", ["--04"]),
        ("It is due in 2025.", ["2025"]),
        ("It is due on 02/03/2024.", ["2024-03-02"]),
        ("It is due on 31 February 2024.", ["31", "31 February"]),
        ("Under it Heron pays.", ["Heron"]),
        ("Heron's payment is due.", ["Heron"]),
        ("Heron Ltd pays.", ["Heron"]),
        ("Heron shall pay.", ["Heron"]),
        ("The payer is Kestrel Storage GmbH.", ["GmbH"]),
        ("About 35% is due.", ["35%"]),
        ("The sum is £1,260.", ["£1,260"]),
    ],
    NOTICE: [
        ("Either party may terminate on at most 90 days' notice.", ["90 days"]),
        ("The notice may be up to ninety days.", ["ninety days"]),
        ("The notice is 90 months.", ["90 months"]),
        ("The notice is less than 90 days.", ["90 days"]),
        ("The notice is 19 days.", ["19 days"]),
        ("Clause 12.4 covers notice.", ["12.4"]),
        ("Clause 13 covers notice.", ["13"]),
        ("It takes about 60 days.", ["60 days"]),
    ],
    CAP: [
        ("The cap is $1.5 billion.", ["$1.5 billion"]),
        ("The cap is $1.6 million.", ["$1.6 million"]),
        ("The cap is £1.5 million.", ["£1.5 million"]),
        ("The cap is €1,500,000.", ["€1,500,000"]),
        ("The cap is C$1.5 million.", ["C$1.5 million"]),
        ("The cap is $1.5 thousand.", ["$1.5 thousand"]),
        ("The cap is more than $1,500,000.", ["$1,500,000"]),
        ("The cap counts in any 12-week period.", ["12-week"]),
        ("The cap is at least $1.5 million.", ["$1.5 million"]),
        ("The cap is 21% of the fees.", ["21%"]),
        ("It is capped in any two-year period.", ["two-year"]),
    ],
    DELIVERY: [
        ("Delivery takes five calendar days.", ["five calendar days"]),
        ("Delivery takes 5 days.", ["5 days"]),
        ("Delivery takes five weeks.", ["five weeks"]),
        ("The goods come before 5 p.m.", ["5 p.m."]),
        ("The goods come from 9 p.m. on.", ["9 p.m."]),
        ("The goods come at 18:30.", ["18:30"]),
        ("Delivery is due by 30 January 2025.", ["2025-01-30"]),
        ("Delivery is due on Monday.", ["Monday"]),
    ],
    INTEREST: [
        ("Interest is 4% per month.", ["4% per month"]),
        ("Interest is 4% a day.", ["4% a day"]),
        ("Invoices fall due in two months.", ["two months"]),
        ("Invoices fall due in 2 days.", ["2 days"]),
        ("The term is two years.", ["two years"]),
        ("The term is 18 months.", ["18 months"]),
    ],
    TRIAL: [
        ("One-third of the patients received metformin.", ["One-third"]),
        ("Three quarters of patients received metformin.", ["Three quarters"]),
        ("The dose was 500 g twice daily.", ["500 g"]),
        ("The dose was 500 mcg twice daily.", ["500 mcg"]),
        ("The dose was 500 mg three times daily.", ["three times daily"]),
        ("The dose was 50 mg.", ["50 mg"]),
        ("The trial lasted 24 months.", ["24 months"]),
        ("The trial lasted 24 days.", ["24 days"]),
        ("HbA1c fell by 12.5%.", ["12.5%"]),
        ("HbA1c fell by 1.3%.", ["1.3%"]),
        ("In all 1,243 patients took part.", ["1,243"]),
        ("In all 1,200 patients took part.", ["1,200"]),
        ("More than 1,300 patients took part.", ["1,300"]),
        ("Nearly 400 received placebo.", ["400"]),
        ("In all 1.25 patients fell.", ["1.25"]),
        ("IL-8 was 5 ng/mL.", ["IL-8"]),
        ("IL-6 was 5-10 mg/mL.", ["10 mg/mL"]),
        ("IL-6 was measured at 37.5 °F.", ["37.5 °F"]),
        ("Patients received Januvia.", ["Januvia"]),
        ("It took 1,234 days.", ["1,234 days"]),
    ],
    WARNING: [
        ("Give at least 4 g per day.", ["4 g per day"]),
        ("Give up to 4 g per week.", ["4 g per week"]),
        ("Give up to 4 mg per day.", ["4 mg per day"]),
        ("Adults take 5 to 20 mL.", ["20 mL"]),
        ("Adults take it every 8 days.", ["8 days"]),
        ("Adults take it every 6 hours.", ["6 hours"]),
        ("Children take a third of the adult dose.", ["a third"]),
    ],
    SALES: [
        ("Total sales were $1,496.5 thousand.", ["$1,496.5 thousand"]),
        ("Total sales were $1,496.5 billion.", ["$1,496.5 billion"]),
        ("Total sales were £1,496.5 million.", ["£1,496.5 million"]),
        ("Total sales were $1.4 billion.", ["$1.4 billion"]),
        ("Both years came to $2,699.4 million.", ["$2,699.4 million"]),
        ("Total sales were $1,496.5 million in 2017.", ["2017"]),
        ("It ended on September 30, 2020.", ["2020-09-30"]),
        ("It ended on October 31, 2019.", ["2019-10-31"]),
    ],
    STERLING: [
        ("Revenue was £312.4bn in FY24.", ["£312.4bn"]),
        ("Revenue was $312.4m in FY24.", ["$312.4m"]),
        ("Revenue was £321.4m.", ["£321.4m"]),
        ("Revenue was £312.4m in FY25.", ["FY2025"]),
        ("The margin was 15.2%.", ["15.2%"]),
    ],
    REPORT: [
        ("Revenue was $1.4965 million.", ["$1.4965 million"]),
        ("Revenue rose in Q2 2023.", ["2023-Q2"]),
        ("Revenue rose in the fourth quarter.", ["Q4"]),
        ("Revenue rose by 25%.", ["25%"]),
        ("Revenue rose by over 30%.", ["30%"]),
    ],
    HEALTH: [
        ("The IMF met there.", ["IMF"]),
        ("The World Trade Centre met there.", ["Trade", "Centre"]),
        ("It met in Cambodia.", ["Cambodia"]),
        ("Mr. O’Connor spoke.", ["O'Connor"]),
        ("Some Dutch officials met.", ["Dutch"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "claim"), [(text, claim) for text, claims in SUPPORTED.items() for claim in claims]
)
def test_what_the_evidence_holds_is_not_missing(evidence: str, claim: str) -> None:
    assert missing(claim, evidence, AGREEMENT if evidence == LEASE else evidence) == []


@pytest.mark.parametrize(
    ("evidence", "claim", "lacking"), [(text, *pair) for text, pairs in UNSUPPORTED.items() for pair in pairs]
)
def test_what_the_evidence_does_not_hold_is_missing(evidence: str, claim: str, lacking: list[str]) -> None:
    assert missing(claim, evidence, AGREEMENT if evidence == LEASE else evidence) == lacking


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, SUPPORTED.values())) >= 80
    assert sum(map(len, UNSUPPORTED.values())) >= 80


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,250.5 and 1250.50", {1250.5}),
        ("£1.5 million, 1.5m, EUR 1,500,000", {1_500_000.0}),
        ("twenty-one days, thirty (30) days", {21.0, 30.0}),
        ("two hundred units", {200.0}),
        ("one hundred and twenty-five thousand", {125_000.0}),
        ("one, two and three", {2.0, 3.0}),
        ("one of the parties", set()),
        ("12% in Q3 of A4", {12.0}),
        ("clause 4.2", {4.2}),
        ("half a million, a dozen", {500_000.0, 12.0}),
    ],
)
def test_numbers_in_normal_form(text: str, numbers: set[float]) -> None:
    assert figures(text).numbers == numbers


@pytest.mark.parametrize(
    "text", ["2024-03-01", "1 March 2024", "1st day of March 2024", "March 1, 2024", "Mar. 1st, 2024", "01 MARCH 2024"]
)
def test_dates_in_normal_form(text: str) -> None:
    assert figures(text).dates == {date(2024, 3, 1)}
    assert figures(text).numbers == set()


def test_an_impossible_date_is_no_date() -> None:
    assert figures("31 February 2024").dates == set()


def test_names_are_capitalised_words_that_do_not_open_a_sentence() -> None:
    assert figures("The Supplier told Kestrel's board. NHS pays. Under clause 5 it may.").names == {
        "Supplier",
        "Kestrel",
        "NHS",
    }


def test_numbers_count_from_the_evidence_only_and_not_from_the_rest_of_the_document() -> None:
    assert missing("The cap is 7.", "There is a cap.", "There is a cap. The fee is 7.") == ["7"]


def test_the_scale_of_a_table_counts_from_the_document_where_the_evidence_names_none() -> None:
    row = "| Revenue | 312.4 |"
    assert missing("Revenue was $312.4 million.", row, f"In millions of dollars\n{row}") == []
    assert missing("Revenue was $312.4 million.", row, row) == ["$312.4 million"]
    assert missing("Revenue was $312.4 million.", f"(in thousands)\n{row}", f"In millions\n{row}") == ["$312.4 million"]


@pytest.mark.parametrize(
    ("claim", "lacking"),
    [("The dose is 4.", ["4"]), ("The dose is 6.", ["6"]), ("The dose is 6.2 mL.", ["6.2 mL"]), ("It is 0.4 mL.", []),
     ("Section 6.2 names the dose.", []), ("See section 6.3.", ["6.3"])],
)  # fmt: skip
def test_the_numbers_of_headings_and_clauses_vouch_for_references_only(claim: str, lacking: list[str]) -> None:
    evidence = "Instructions > 6 Alarms > 4. Faults\n6.2 The largest dose is 0.4 mL."
    assert missing(claim, evidence, "") == lacking


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("It began on 12 March 2024.", "12 March 2024 was the day."),
        ("It takes 30 days.", "30 Days after the notice it ends."),
        ("In all 12 patients took part.", "12 patients took part."),
        ("Twelve patients took part.", "12 Patients were enrolled. Two left."),
    ],
)
def test_a_number_at_the_beginning_of_a_line_stays_evidence(claim: str, evidence: str) -> None:
    assert missing(claim, evidence, "") == []


@pytest.mark.parametrize(
    ("claim", "evidence", "lacking"),
    [
        ("In all 12 patients fell ill.", "Under Section 4, 12 patients fell ill.", []),
        ("In all 4 patients fell ill.", "Under Section 4, 12 patients fell ill.", ["4"]),
        ("Clauses 4 and 6 apply.", "Clauses 4 and 5 apply.", ["6"]),
        ("It is version 1.2.3 (1.2.4).", "It is version 1.2.3 (1.2.5).", ["1.2.4"]),
        ("They did so in 1900 hours.", "It took 1,900 hours.", []),
        ("In all, 2000 people came.", "It was 2,000 people.", []),
        ("Two thousand people came.", "It was 2000 people.", []),
        ("It is five metres or 5 million.", "It is 5 m.", []),
        ("(1) The fee is due, (2) at once.", "The fee is due at once.", []),
        ("Scores of TGF-β1 rose.", "The TGF-β1 score rose.", []),
        ("Scores of TGF-β2 rose.", "The TGF-β1 score rose.", ["TGF-β2"]),
        ("Users of MCVs and the RCT differ.", "A randomised controlled trial of MCV.", []),
        ("It is £30 000 or £ 1 500 000.", "It is £30,000 or £1.5m.", []),
        ("The 32nd week counts.", "It counts after 32 weeks.", []),
        ("The term is 5 years to 30 June 2026.", "It runs for five (5) years, to June 30th, 2026.", []),
    ],
)
def test_particular_cases(claim: str, evidence: str, lacking: list[str]) -> None:
    assert missing(claim, evidence, "") == lacking


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("At least 30 days' notice is needed.", "No one may terminate on less than 30 days' notice."),
        ("Notice of no less than 30 days is needed.", "Unless less than 30 days remain, notice is needed."),
        ("It may not be more than 30 days.", "The period is at most 30 days."),
    ],
)
def test_a_bound_behind_a_negation_is_left_to_the_judge(claim: str, evidence: str) -> None:
    assert missing(claim, evidence, "") == []


@pytest.mark.parametrize(
    "text",
    ["", " ", "\ud800 30 days \udfff", "9" * 50_000, "1," * 20_000, "\0", "½¼⅔ £ € ¥ %", "1" + "0" * 400 + " million", "٣٠ días",
     "Section ", "II.", "(" * 9_999, "one " * 9_999, "A" * 50_000, "12:", "0/0", "24/7", "1/2/3/4", "-" * 9_999 + "5"],
)  # fmt: skip
def test_odd_texts_raise_nothing_and_hold_themselves(text: str) -> None:
    assert missing(text, text, text) == []
    figures(text)


@pytest.mark.parametrize(
    "claim", ["Passage 3 adds that rent is due.", "As passages 1 and 2 say, rent is due.", "The third passage says so."]
)
def test_the_number_of_a_passage_is_no_figure(claim: str) -> None:
    assert missing(claim, "The rent is due.", "The rent is due.") == []
