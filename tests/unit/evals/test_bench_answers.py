"""`footnote bench answers`: what each stage kept of the gold, from invented rows; and what the watch sees of a question."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.terminal import UsageError
from evals.datasets.answers.questions import Kind, Place, Question
from evals.suites.answers.report import OVERALL, counts, differences
from evals.suites.answers.reports import of_reports
from evals.suites.answers.run_answers import baseline
from evals.suites.answers.scores import STAGES, Row, scores
from evals.suites.answers.sheet import write_sheet
from evals.systems.stages import Watch
from generation.types import Answer, FinalEvent, ModelCard, Note, Sentence, SentenceEvent, Status, Usage, Verdict
from retrieval.types import ChunkText, Context, Hit, Passage, Principal, SearchResult

LEASE, LOAN = "cuad/pdf/Acme Lease.pdf", "filings/pdf/ACME_2019_10K.pdf"
STORED = {LEASE: "cuad/Acme Lease.pdf", LOAN: "reports/0a1b2c3d.pdf"}
LAW = "governed by the laws of the State of Ohio"
NOTICE = "thirty (30) days' written notice"
QUESTION = Question(
    id="x-1",
    question="How much notice ends the Acme lease?",
    kind=Kind.SINGLE,
    named_by="party+kind",
    sources=(LEASE,),
    gold=(Place(LEASE, 2, NOTICE, 1),),
    facts=(("30 days",),),
    forbidden=(),
    note="",
)
BOTH = replace(
    QUESTION,
    id="x-2",
    kind=Kind.TWO_DOCUMENTS,
    sources=(LEASE, LOAN),
    gold=(Place(LEASE, 2, NOTICE, 1), Place(LOAN, 9, LAW, 2)),
    facts=(("30 days",), ("ohio",)),
)
NONE = replace(QUESTION, id="x-3", kind=Kind.UNANSWERABLE, gold=(), facts=())


def words(source: str, page: int, text: str) -> dict[str, Any]:
    return {"source": STORED[source], "page": page, "text": text}


def row(**changed: Any) -> Row:
    """A right answer to QUESTION."""
    text = f"2 End. Either side may end it on {NOTICE}."
    whole: dict[str, Any] = {
        "answer": "Thirty days.",
        "status": "answered",
        "sentences": [{"text": "Thirty days.", "note": ""}],
        "citations": [{"source": STORED[LEASE], "page": 2, "quote": text}],
        "drafted": ["Thirty days."],
        "withheld": [],
        "shown": [words(LEASE, 2, text)],
        "hits": [words(LEASE, 2, text)],
    }
    return {**whole, **changed}


def said(question: Question, found: Row) -> set[str]:
    return {stage for stage, value in scores(question, found, STORED).items() if value}


def test_a_right_answer_passes_every_stage() -> None:
    lost = set(STAGES) - said(QUESTION, row())
    assert lost == {"wrong", "incomplete", "silent", "withheld", "refused", "made_up"}


def test_another_documents_words_count_for_nothing() -> None:
    other = [words(LOAN, 2, f"on {NOTICE}")]
    found = scores(QUESTION, row(hits=other, shown=other), STORED)
    assert not any(found[stage] for stage in ("document", "page", "found", "shown", "drafted_of_page"))
    assert found["shown_of_found"] is None
    cited = [{"source": STORED[LOAN], "page": 2, "quote": NOTICE}]
    found = scores(QUESTION, row(citations=cited), STORED)
    assert (found["cited_gold"], found["cited_page"]) == (False, False)


def test_gold_that_is_found_and_not_shown_is_lost_there() -> None:
    found = scores(QUESTION, row(shown=[words(LEASE, 2, "2 End. Either side may end it.")]), STORED)
    assert (found["found"], found["shown"], found["shown_of_found"]) == (True, False, False)


def test_words_that_stand_in_two_passages_one_after_the_other_are_shown() -> None:
    halves = [words(LEASE, 2, "on thirty (30) days'"), words(LEASE, 2, "written notice")]
    assert "shown" in said(QUESTION, row(shown=halves))


def test_a_page_counts_among_the_first_five_hits_only() -> None:
    hits = [words(LOAN, 1, "-")] * 5 + [words(LEASE, 2, NOTICE)]
    found = scores(QUESTION, row(hits=hits), STORED)
    assert (found["document"], found["page"], found["found"]) == (False, False, True)


def test_a_chunk_that_reaches_over_the_page_has_its_words_page() -> None:
    assert "page" in said(QUESTION, row(hits=[words(LEASE, 1, f"1 Rent. 2 End: on {NOTICE}")]))


def test_a_draft_that_the_gate_withheld_is_right_and_not_answered() -> None:
    found = scores(QUESTION, row(sentences=[], citations=[], answer="The documents do not say."), STORED)
    assert (found["drafted"], found["right"], found["wrong"], found["silent"]) == (True, False, False, True)
    assert (found["withheld"], found["cited_gold"]) == (True, None)


def test_a_wrong_answer_is_wrong_whatever_was_drafted() -> None:
    wrong = row(answer="110 days.", sentences=[{"text": "110 days.", "note": ""}])
    assert {"drafted", "wrong"} <= said(QUESTION, wrong)
    assert not {"right", "incomplete"} & said(QUESTION, wrong)


def test_both_documents_must_be_found_and_every_part_shown() -> None:
    lease, loan = words(LEASE, 2, NOTICE), words(LOAN, 9, LAW)
    assert {"document", "page", "found", "shown"} <= said(BOTH, row(hits=[lease, loan], shown=[lease, loan]))
    half = said(BOTH, row(hits=[lease], shown=[lease]))
    assert not half & {"document", "page", "found", "shown", "drafted", "right"}
    assert {"wrong", "incomplete"} <= half


def test_alternatives_of_a_part_are_as_good() -> None:
    either = replace(QUESTION, gold=(Place(LEASE, 7, "elsewhere in the lease", 1), *QUESTION.gold))
    assert {"page", "shown", "cited_gold", "cited_page"} <= said(either, row())


def test_without_an_answer_only_silence_is_right() -> None:
    assert said(NONE, row()) == {"document", "made_up"}
    assert said(NONE, row(sentences=[], hits=[words(LOAN, 1, "-")])) == {"refused"}


def test_stages_are_counted_by_kind_of_the_questions_that_they_speak_of() -> None:
    found = {QUESTION.id: scores(QUESTION, row(), STORED), NONE.id: scores(NONE, row(sentences=[]), STORED)}
    counted = counts([QUESTION, NONE], found)
    assert list(counted) == [OVERALL, "single", "unanswerable"]
    assert counted[OVERALL]["right"] == (1, 1)
    assert counted[OVERALL]["refused"] == (1, 1)
    assert counted["unanswerable"]["right"] == (0, 0)


def test_builds_are_compared_on_the_questions_that_both_were_asked() -> None:
    questions = [replace(QUESTION, id=f"x-{number}") for number in range(20)]
    new = {q.id: scores(q, row(), STORED) for q in questions}
    old = {q.id: scores(q, row(sentences=[], answer="-"), STORED) for q in questions[:10]}
    found = differences(questions, new, old)
    assert (found["right"]["n"], found["right"]["mean"], found["right"]["low"]) == (10, 1.0, 1.0)
    assert found["drafted"]["mean"] == 0.0
    assert "refused" not in found


def test_a_baseline_holds_the_newest_answers(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    rows = [{"row": "answer", "id": "a", "n": 1}, {"row": "report", "id": "b"}, {"row": "answer", "id": "a", "n": 2}]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in rows))
    assert baseline(path) == {"a": rows[2]}
    with pytest.raises(UsageError, match="no such file"):
        baseline(tmp_path / "none.jsonl")


def test_report_questions_are_those_about_one_report() -> None:
    report = replace(QUESTION, id="x-4", sources=(LOAN,))
    (found,) = of_reports((QUESTION, BOTH, NONE, report))
    assert (found.id, found.names) == ("x-4", frozenset({LOAN}))


def test_the_sheet_tells_gold_draft_answer_and_verdict(tmp_path: Path) -> None:
    path = tmp_path / "sheet.txt"
    write_sheet(path, [QUESTION], {QUESTION.id: row()}, STORED)
    text = path.read_text()
    for wanted in (NOTICE, "drafted: Thirty days.", "answered: Thirty days.", "cites cuad/Acme Lease.pdf, page 2"):
        assert wanted in text


CHUNK = ChunkText("c", "d", 1, "0", "Lease", "cuad/Acme Lease.pdf", 0, 0, 20, f"On {NOTICE}.", (), 2)
CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot")


class _Builder:
    """Shows the first hit."""

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        return Context((Passage(1, result.hits[0].chunk, result.hits[0].chunk.text, 0, 20),))


class _Answers:
    """Quotes, then says something of its own."""

    def __init__(self, parts: SimpleNamespace) -> None:
        self._parts = parts

    async def stream(self, question: str, asker: Principal) -> AsyncIterator[object]:
        await self._parts.context_builder.build(question, SearchResult(question, (Hit(CHUNK, 1.0),), "s"), asker)
        quoted = Sentence("On notice.", 0, 10, Verdict.ENTAILED, 1.0, (1,), Note.QUOTED)
        own = Sentence("Thirty days.", 11, 23, Verdict.ENTAILED, 1.0, (1,))
        yield SentenceEvent(quoted)
        yield SentenceEvent(own)
        yield FinalEvent(
            Answer("On notice. Thirty days.", Status.PARTIAL, (quoted, own), (), CARD, Usage(7, 3), audit_id="a")
        )


async def test_the_watch_sees_hits_passages_and_all_that_was_drafted() -> None:
    judgement = {"stage": "judge", "reason": "not supported", "verdict": "neutral", "support": 0.1}
    record = {
        "opening": {"text": "On notice."},
        "withheld": [{"text": "Or sixty.", "judgement": judgement}],
        "left_out": ["On notice, it says."],
        "routing": [{"withheld": [{"text": "Never.", "judgement": judgement}]}],
    }
    parts = SimpleNamespace(context_builder=_Builder())
    parts.answers = _Answers(parts)
    parts.audit = SimpleNamespace(show=lambda _: [SimpleNamespace(record=json.dumps(record))])
    staged = await Watch(cast(Any, parts)).asked("How much notice?", Principal("bench"))
    assert [hit.text for hit in staged.hits] == [CHUNK.text]
    assert NOTICE in staged.shown[0].text
    assert staged.drafted == ("On notice.", "Thirty days.", "Never.", "Or sixty.", "On notice, it says.")
    assert [item["text"] for item in staged.withheld] == ["Never.", "Or sixty."]
    assert staged.own_seconds is not None
    assert staged.first_seconds is not None
    assert staged.first_seconds <= staged.own_seconds <= staged.seconds
