"""Questions that name issuer and period, over annual and quarterly reports as ingestion names them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ingest.types import Name, document_id
from retrieval.search.names import NameIndex
from retrieval.search.resolving import resolve
from retrieval.types import KEY
from retrieval.understanding import understand

ISSUERS = {
    "3m": "3M COMPANY",
    "activision": "ACTIVISION BLIZZARD, INC.",
    "jpmorgan": "JPMorgan Chase & Co.",
    "kraft": "The Kraft Heinz Company",
    "coke": "COCA-COLA COMPANY",
    "cvs": "CVS HEALTH CORPORATION",
}
REPORTS = (
    "3m 2018", "3m 2020", "3m 2021", "3m 2022", "activision 2015", "activision 2017", "activision 2019",
    "activision 2020", "jpmorgan 2021Q1", "jpmorgan 2022Q2", "kraft 2019", "coke 2017", "cvs 2015", "cvs 2017",
    "cvs 2018", "cvs 2022",
)  # fmt: skip
QUESTIONS = (
    ("What was 3M's capital expenditure in FY2018?", "3m 2018"),
    ("How much did 3M spend on research in fiscal 2020?", "3m 2020"),
    ("In 3M's 10-K for fiscal year 2021, what are the legal proceedings?", "3m 2021"),
    ("Is 3M a capital-intensive business based on FY2022 data?", "3m 2022"),
    ("3M net sales by region 2022", "3m 2022"),
    ("What drove operating margin change as of FY2022 for 3M?", "3m 2022"),
    ("What was 3M's revenue change from FY2020 to FY2021?", "3m 2021"),
    ("what did 3m pay in dividends in fy2018", "3m 2018"),
    ("How did Activision's bookings change between 2014 and 2015?", "activision 2015"),
    ("What is the fixed asset turnover ratio of Activision Blizzard for FY2019?", "activision 2019"),
    ("Activision Blizzard annual report 2017: number of employees?", "activision 2017"),
    ("What share of revenue came from Blizzard in fiscal year 2020?", "activision 2020"),
    ("Who audited Activision Blizzard, Inc. for the year ended December 31, 2015?", "activision 2015"),
    ("What did JPMorgan earn per share in Q2 2022?", "jpmorgan 2022Q2"),
    ("JPM's CET1 ratio at the end of the second quarter of 2022?", "jpmorgan 2022Q2"),
    ("Which of JPMorgan Chase's segments had the highest net income in 2021 Q1?", "jpmorgan 2021Q1"),
    ("What was JP Morgan's trading revenue in the first quarter of 2021?", "jpmorgan 2021Q1"),
    ("How much did JPMorgan Chase & Co. set aside in the quarter ended March 31, 2021?", "jpmorgan 2021Q1"),
    ("In JPMorgan's 10-Q for 2Q22, how large are deposits?", "jpmorgan 2022Q2"),
    ("What is Kraft Heinz's inventory turnover for FY2019?", "kraft 2019"),
    ("How large was the Kraft Heinz Company's goodwill impairment in fiscal 2019?", "kraft 2019"),
    ("What were Heinz's net sales in 2019?", "kraft 2019"),
    ("In the Kraft Heinz 10-K for 2019, who is the largest customer?", "kraft 2019"),
    ("What was Coca-Cola's dividend payout ratio for FY2017?", "coke 2017"),
    ("How many people did The Coca-Cola Company employ at the end of 2017?", "coke 2017"),
    ("What did Coca Cola pay for advertising in fiscal 2017?", "coke 2017"),
    ("How many stores did CVS run in 2018?", "cvs 2018"),
    ("Did CVS Health pay dividends in Q2 of FY2022?", "cvs 2022"),
    ("What was CVS Health's revenue change from FY2016 to FY2017?", "cvs 2017"),
    ("Per CVS Health's annual report for 2015, what was net debt?", "cvs 2015"),
    ("What were CVS Health Corporation's pharmacy revenues in fiscal year 2015?", "cvs 2015"),
)


def key_of(report: str) -> bytes:
    return uuid.UUID(document_id(report)).bytes + hashlib.sha256(report.encode()).digest()


def names_of(report: str) -> tuple[Name, ...]:
    issuer, period = report.split()
    form = "10-Q" if "Q" in period else "10-K"
    return (
        Name("title", f"{ISSUERS[issuer]}: Form {form}, period {period}", "", "file"),
        Name("issuer", ISSUERS[issuer], "", "page 1"),
        Name("kind", form, form, "page 1"),
        Name("period", period, period, "page 1"),
    )


class Source:
    def corrected(self, since: int) -> tuple[int, Sequence[bytes]]:
        return 0, ()

    def names(self, keys: Sequence[bytes]) -> list[tuple[Name, ...] | None]:
        return [names_of(report) for key in keys for report in REPORTS if key_of(report) == key]


@pytest.mark.parametrize(("question", "report"), QUESTIONS)
def test_the_report_of_issuer_and_period(question: str, report: str) -> None:
    keys = np.array([key_of(name) for name in REPORTS], KEY)
    part: Any = SimpleNamespace(segment=SimpleNamespace(slot_keys=keys), slots=np.ones(len(keys), bool))
    view: Any = SimpleNamespace(segments=(part,), digest="all")
    found = resolve(question, NameIndex(Source()).of(view), understand(question).named_spans(question))
    assert found.documents == (document_id(report),)
