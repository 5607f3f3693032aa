"""Metrics on answers made by hand: each scores what it says, and nothing else."""

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from evals.datasets.cuad import contract_names, load_questions
from evals.datasets.golden import chosen, load_cases
from evals.measuring.results import ResultFile
from evals.measuring.statistics import seconds
from evals.metrics.chosen import right
from evals.metrics.citation_document import citation_document
from evals.metrics.citation_page import CitationPage
from evals.metrics.citation_resolves import CitationResolves
from evals.metrics.correctness import correctness
from evals.metrics.leak import leak
from evals.metrics.matching import contains, folded
from evals.metrics.quote_overlap import quote_overlap, token_f1
from evals.metrics.refusal import refusal
from evals.metrics.retrieval_rank import gold_ranks
from evals.suites.cuad.report import answer_numbers
from evals.suites.sample.report import by_kind
from evals.suites.sample.run_sample import ask_all
from evals.systems.asking import Setup
from evals.types import Case, Gold, Kind
from generation.types import Answer, Citation, ModelCard, Status
from retrieval.types import ChunkText, Hit, Principal

CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot")
ANA = Principal("ana", frozenset({"legal", "staff"}))
TEXT = "1 Rent. The rent is £312,000 a year.\n\n2 Term. The term is ten years."
CASE = Case(
    id="x-1",
    kind=Kind.ANSWERABLE,
    question="What is the rent?",
    asker=ANA,
    gold=(Gold("sample/legal/lease.pdf", 3, "The rent is £312,000 a year."),),
    must_contain=(("£312,000", "£312k"), ("a year", "yearly")),
    must_not_contain=("£290,000",),
)
UNANSWERABLE = replace(CASE, kind=Kind.UNANSWERABLE, gold=(), must_contain=(), must_not_contain=())
FORBIDDEN = replace(CASE, kind=Kind.FORBIDDEN, asker=Principal("frank", frozenset({"staff"})))


def citation(source: str = "sample/legal/lease.pdf", page: int | None = 3, start: int = 8, end: int = 36) -> Citation:
    return Citation(1, "d", 1, "0" * 64, "Lease", source, (), page, start, end, TEXT[start:end])


def answered(text: str, *citations: Citation, status: Status = Status.ANSWERED) -> Answer:
    return Answer(text, status, (), citations, CARD)


ABSTAINED = answered("The documents hold no answer.", status=Status.ABSTAINED)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("it is £1250000.", "£1,250,000"),
        ("it is £1,250,000.", "£1250000"),
        ("it is £1 250 000", "£1,250,000"),
        ("within\n 60   DAYS", "60 days"),
        ("at 5\u00a0% a year", "5 %"),
        ("eight weeks’ notice", "eight weeks' notice"),
        ("lot FS-2309.", "fs-2309"),
        ("on page 14.", "14"),
    ],
)
def test_a_fact_is_found_however_it_is_written(text: str, phrase: str) -> None:
    assert contains(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("160 days", "60 days"),
        ("in 2014", "14"),
        ("version 1.14", "14"),
        ("£1,250,000", "250,000"),
        ("14.5 pumps", "14"),
        ("1,500 parts", "500 parts"),
    ],
)
def test_a_figure_is_not_found_inside_another(text: str, phrase: str) -> None:
    assert not contains(text, phrase)


def test_only_whole_thousands_are_joined() -> None:
    assert folded("Rooms 4, 200 and 12,34") == "rooms 4, 200 and 12,34"


def test_correctness_wants_every_fact_and_nothing_outdated() -> None:
    assert correctness(CASE, answered("The rent is £312,000 a year.")) == 1.0
    assert correctness(CASE, answered("It is £312k yearly.")) == 1.0
    assert correctness(CASE, answered("The rent is £312,000.")) == 0.0
    assert correctness(CASE, answered("£312,000 a year, before that £290,000.")) == 0.0
    assert correctness(UNANSWERABLE, ABSTAINED) is None


def test_right_depends_on_the_kind() -> None:
    good = answered("£312,000 a year", status=Status.PARTIAL)
    assert right(CASE, good)
    assert not right(CASE, ABSTAINED)
    assert not right(CASE, replace(good, status=Status.ABSTAINED))
    assert right(UNANSWERABLE, ABSTAINED)
    assert right(FORBIDDEN, ABSTAINED)
    assert not right(UNANSWERABLE, good)
    assert not right(FORBIDDEN, good)


def test_a_citation_resolves_only_at_its_own_words_and_for_a_reader() -> None:
    class Documents:
        def text(self, document_id: str, version: int | None, principal: Principal) -> SimpleNamespace | None:
            return SimpleNamespace(text=TEXT) if "legal" in principal.groups else None

    resolves = CitationResolves(Documents())
    good, shifted = citation(), replace(citation(), start=9, end=37)
    assert resolves(CASE, answered("x", good)) == 1.0
    assert resolves(CASE, answered("x", good, shifted)) == 0.5
    assert resolves(CASE, answered("x", replace(good, start=5, end=5, quote=""))) == 0.0
    assert resolves(FORBIDDEN, answered("x", good)) == 0.0
    assert resolves(CASE, ABSTAINED) is None


def test_citation_document_is_the_share_from_gold_documents() -> None:
    assert citation_document(CASE, answered("x", citation(), citation("sample/legal/nda.pdf"))) == 0.5
    assert citation_document(CASE, ABSTAINED) is None
    assert citation_document(FORBIDDEN, answered("x", citation())) is None


def test_citation_page_needs_the_same_document() -> None:
    assert CitationPage()(CASE, answered("x", citation())) == 1.0
    assert CitationPage()(CASE, answered("x", citation(page=4))) == 0.0
    assert CitationPage(tolerance=1)(CASE, answered("x", citation(page=4))) == 1.0
    assert CitationPage(tolerance=1)(CASE, answered("x", citation(page=5))) == 0.0
    assert CitationPage()(CASE, answered("x", citation("sample/legal/nda.pdf"))) == 0.0
    assert CitationPage()(CASE, answered("x", citation(page=None))) == 0.0
    unpaged = replace(CASE, gold=(replace(CASE.gold[0], page=None),))
    assert CitationPage()(unpaged, answered("x", citation(page=None))) is None


def test_quote_overlap_takes_the_best_pair() -> None:
    assert quote_overlap(CASE, answered("x", citation())) == 1.0
    assert quote_overlap(CASE, answered("x", citation(start=38, end=45), citation())) == 1.0
    assert token_f1("the rent is high", "the rent is £312,000 a year") == pytest.approx(2 * 3 / (4 + 6))
    assert token_f1("", "the rent") == 0.0


def test_refusal_concerns_only_what_cannot_be_answered() -> None:
    assert refusal(UNANSWERABLE, ABSTAINED) == 1.0
    assert refusal(FORBIDDEN, answered("£312,000")) == 0.0
    assert refusal(CASE, ABSTAINED) is None


def test_leak_sees_secrets_and_foreign_documents() -> None:
    assert leak(FORBIDDEN, ABSTAINED) == 0.0
    assert leak(FORBIDDEN, answered("It is £312k.")) == 1.0
    assert leak(FORBIDDEN, answered("It is secret.", citation("sample/staff/a.pdf"))) == 1.0  # the quote tells it
    assert leak(FORBIDDEN, answered("Ask.", citation("sample/staff/a.pdf", start=38, end=45))) == 0.0
    assert leak(CASE, answered("£312k")) == 0.0
    assert leak(CASE, answered("x", citation("sample/board/memo.docx"))) == 1.0
    assert leak(CASE, answered("x", citation("matters/7/memo.docx"))) == 0.0  # no folder of ours says whose it is


def hit(text: str, source: str = "sample/legal/lease.pdf") -> Hit:
    return Hit(ChunkText("c", "d", 1, "0" * 64, "Lease", source, 0, 0, len(text), text, (), 3), 1.0)


def test_gold_ranks_count_from_one_and_want_the_words_in_the_right_document() -> None:
    case = replace(CASE, gold=(*CASE.gold, Gold("sample/legal/nda.pdf", 1, "absent")))
    quote = "The rent is £312,000\n a year."
    ranks = gold_ranks(case, [hit(quote, "sample/legal/copy.pdf"), hit("The rent is due."), hit(f"1 {quote} 2")])
    assert ranks.documents == (2, None)
    assert ranks.quotes == (3, None)
    assert (ranks.documents_in(1), ranks.documents_in(5), ranks.quotes_in(2), ranks.quotes_in(3)) == (0, 0.5, 0, 0.5)


def test_the_golden_questions_are_sound() -> None:
    cases = load_cases()
    assert len({case.id for case in cases}) == len(cases) == 87
    for case in cases:
        assert bool(case.gold) == (case.kind is not Kind.UNANSWERABLE), case.id
        readable = {gold.source.split("/")[1] in case.asker.groups for gold in case.gold}
        assert readable == ({False} if case.kind is Kind.FORBIDDEN else {True} if case.gold else set()), case.id


def test_a_limited_choice_is_the_same_every_time_and_holds_every_kind() -> None:
    cases = load_cases()
    two = chosen(cases, 2)
    assert two == chosen(tuple(reversed(cases)), 2)[::-1]
    kinds = set(Kind) - {Kind.ATTACK}  # which only nights have
    assert sorted(case.kind for case in two) == sorted([*kinds, *kinds])
    assert set(chosen(cases, 1)) < set(two)
    assert chosen(cases, 0) == cases


def test_percentiles_are_durations_that_occurred() -> None:
    assert (seconds([3.0, None, 1.0, 2.0]).p50, seconds(range(1, 101)).p95) == (2.0, 95)
    assert seconds([None]).p50 is None


def test_the_table_counts_by_kind() -> None:
    scores = {"citation_document": None, "citation_page": None, "quote_overlap": 0.5}
    row = {"kind": "table", "right": True, "status": "answered", "citations": [{}, {}]}
    rows = [
        {**row, "scores": {**scores, "citation_resolves": 0.5, "leak": 0.0}},
        {**row, "kind": "forbidden", "scores": {**scores, "citation_resolves": None, "leak": 1.0}, "citations": []},
    ]
    table = by_kind(rows)
    assert list(table) == ["table", "forbidden", "all"]
    assert (table["table"].citations, table["table"].resolved, table["all"].leaked) == (2, 1, 1)


def test_results_go_on_after_a_line_that_was_cut_off(tmp_path) -> None:
    path = tmp_path / "runs" / "out.jsonl"
    ResultFile(path).add(CASE.gold[0])
    with path.open("a") as file:
        file.write('{"id": "half')
    again = ResultFile(path)
    assert [row["page"] for row in again.rows] == [3]
    again.add({"id": "next"})
    assert [row.get("id") for row in ResultFile(path).rows] == [None, "next"]


def test_what_the_same_setup_answered_is_not_asked_again(tmp_path, capsys) -> None:
    class NeverAsked:
        """Raises on any use: asking would need parts of it."""

    setup = Setup("small", "", "answer@1", "judge@1>=0.5", "vllm", {"context": "1"})
    path = tmp_path / "out.jsonl"
    ResultFile(path).add({"id": CASE.id, "question": CASE.question, "answer": "kept", "setup": setup})
    rows = asyncio.run(ask_all(NeverAsked(), [CASE], setup, ResultFile(path)))
    assert [row["answer"] for row in rows] == ["kept"]
    assert "another setup" not in capsys.readouterr().err
    for changed in ({"generator": "large"}, {"engine": "llama.cpp"}, {"recipe": {"context": "2"}}):
        with pytest.raises(AttributeError):
            asyncio.run(ask_all(NeverAsked(), [CASE], replace(setup, **changed), ResultFile(path)))
        assert "also holds answers of another setup" in capsys.readouterr().err
    with pytest.raises(AttributeError):
        asyncio.run(ask_all(NeverAsked(), [replace(CASE, question="Reworded?")], setup, ResultFile(path)))


QA = [
    {"id": "1", "pdf": "a.pdf", "category": "Document Name", "answers": ["RESELLER AGREEMENT"]},
    {
        "id": "2",
        "pdf": "a.pdf",
        "category": "Parties",
        "answers": ['ACME HOLDINGS, INC. ("Acme"); Bee Ltd f/k/a Wasp ("B")'],
    },
    {"id": "3", "pdf": "b.pdf", "category": "Document Name", "answers": ["Endorsement"]},
    {"id": "4", "pdf": "b.pdf", "category": "Parties", "answers": ["Only One ('One'); ____"]},
]


def test_contracts_are_named_by_title_and_two_parties() -> None:
    assert contract_names(QA) == {"a.pdf": "Reseller Agreement between Acme Holdings, Inc and Bee Ltd"}
    twin = [{**row, "pdf": "c.pdf"} for row in QA[:2]]
    assert contract_names([*QA, *twin]) == {}  # the name would fit both


def test_contract_questions_are_half_without_a_clause_and_the_same_every_time(tmp_path) -> None:
    labels = QA[:2]
    for number, (category, answerable, page) in enumerate(
        [
            ("Governing Law", True, 2),
            ("Insurance", True, None),
            ("Non-Compete", False, None),
            ("Agreement Date", True, 1),
        ]
    ):
        evidence = [{"text": "words", "page": page}] if answerable else []
        row = {"id": f"q{number}", "pdf": "a.pdf", "category": category, "answers": ["x"] if answerable else []}
        labels = [*labels, {**row, "answerable": answerable, "evidence": evidence}]
    path = tmp_path / "qa.jsonl"
    path.write_text("\n".join(json.dumps({"answerable": True, "evidence": []} | row) for row in labels))
    law, absent = load_questions(path, 10)
    assert law.case.question == (
        "In the Reseller Agreement between Acme Holdings, Inc and Bee Ltd, which law governs it?"
    )
    assert law.case.gold == (Gold("cuad/a.pdf", 2, "words"),)
    assert (absent.category, absent.case.kind, absent.case.gold) == ("Non-Compete", Kind.UNANSWERABLE, ())
    assert load_questions(path, 10) == (law, absent)


def test_contract_answers_are_counted_by_page_and_by_words() -> None:
    scores = {"citation_resolves": 0.5, "citation_page": 1.0, "citation_page_1": 1.0, "quote_overlap": 0.2}
    cited = {
        "status": "partial",
        "contract": "cuad/a.pdf",
        "citations": [{"source": "cuad/a.pdf"}] * 2,
        "scores": scores,
    }
    numbers = answer_numbers([cited, {**cited, "status": "abstained", "citations": []}])
    assert (numbers["questions"], numbers["partial"], numbers["abstained"]) == (2, 1, 1)
    assert (numbers["cited_gold_page"], numbers["cited_gold_clause"], numbers["unresolved_citations"]) == (1, 0, 1)
