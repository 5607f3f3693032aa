"""Suite "quotations" of the generation benchmark: what would open an answer, and whether that is the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.datasets.question_sets import CUAD, SQUAD2, Question
from evals.measuring.results import ResultFile
from evals.suites.generation import quotations
from evals.types import Case, Gold, Kind
from generation.gate.quoting import Quotation
from generation.types import Evidence, SourceText
from retrieval.types import ChunkText, Context, Lead, Passage, Principal, SearchResult

ANA = Principal("ana", frozenset())
RENT = "The rent of the flat is 500 euros per month and the tenant pays it in advance."
OTHER = "Dogs that the landlord has allowed in writing cost the tenant a further 7 euros each, payable with the rent."


def passage(text: str = RENT, source: str = "s") -> Passage:
    chunk = ChunkText("c", "d", 1, "", "Lease", source, 0, 0, len(text), text, (), None)
    return Passage(1, chunk, text, 0, len(text))


def question(
    name: str = "q", of: str = SQUAD2, *, answers: tuple[str, ...] = ("500 euros",), gold: str = RENT
) -> Question:
    kind = Kind.ANSWERABLE if answers else Kind.UNANSWERABLE
    return Question(of, Case(name, kind, name, ANA, (Gold("s", None, gold),) if answers else ()), answers)


def quotation(text: str = RENT, source: str = "s") -> Quotation:
    return Quotation(text, Evidence(passage(text, source), 0, len(text), 0.0))


@pytest.mark.parametrize(
    ("asked", "quoted", "right"),
    [
        (question(), quotation(), True),
        (question(answers=("5 euros",)), quotation(), False),
        (question(answers=()), quotation(), False),
        (question(of=CUAD, gold=f"{RENT} {OTHER}"), quotation(), True),
        (question(of=CUAD), quotation(f"{RENT[:-1]}, whereas {OTHER}"), True),
        (question(of=CUAD), quotation(source="another"), False),
        (question(of=CUAD, answers=("500 euros per month",), gold="Dogs cost the tenant 7 euros."), quotation(), False),
    ],
)
def test_a_quotation_is_right_if_it_gives_the_answer_or_is_of_the_clause(
    asked: Question, quoted: Quotation, right: bool
) -> None:
    assert quotations.answers(asked, quoted) == right


class Finding:
    """Finds the rent, and a fragment of it for "cut"; a selector that is so `sure` of it."""

    def __init__(self, **sure: float) -> None:
        self.sure = sure

    async def search(self, query: str, principal: Principal, top_k: int, **_: Any) -> SearchResult:
        return SearchResult(query, (), "snapshot", {})

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        return Context((passage(),), Lead(1, 0, len(RENT) - 5 * (query == "cut"), 9.0))

    def answers(self, question: str, sentence: str, heading: str = "") -> float:
        assert sentence == RENT
        return self.sure[question]


async def test_what_would_open_is_counted_from_each_limit_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Finding(sure=0.96, wrong=0.84, unsure=0.6, none=0.8, never=0.1, cut=0.99)

    class Versions:
        def __init__(self, pool: object) -> None: ...

        async def text(self, document_id: str, version: int, principal: Principal) -> Any:
            return SourceText(RENT, ())

    @contextmanager
    def documents(*_: object) -> Iterator[Any]:
        yield SimpleNamespace(answer_search=found, context_builder=found, selector=found, pool=None)

    monkeypatch.setattr(quotations, "version_texts", Versions)
    monkeypatch.setattr(quotations, "documents", documents)
    asked = [
        question("sure"),
        question("wrong", answers=("7 euros",)),
        question("unsure"),
        question("cut"),
        question("none", answers=()),
        question("never", answers=()),
    ]
    out = ResultFile(tmp_path / "r.jsonl")
    rows = await quotations.measure(tmp_path, tmp_path, {SQUAD2: asked}, out)
    assert [(row["sure"], row["right"]) for row in rows[SQUAD2]] == [
        (0.96, True), (0.84, False), (0.6, True), (None, False), (0.8, False), (0.1, False),
    ]  # fmt: skip
    assert ResultFile(tmp_path / "r.jsonl").rows[0]["rows"] == rows[SQUAD2]
    quotations.say(rows)
    told = [line.replace("|", " ").split() for line in capsys.readouterr().out.splitlines()]
    counted = {line[0]: list(map(int, line[1:])) for line in told if line and line[0].startswith("0.")}
    assert counted == {
        "0.0": [3, 2, 2], "0.3": [3, 2, 1], "0.5": [3, 2, 1], "0.7": [2, 1, 1], "0.8": [2, 1, 1],
        "0.9": [1, 1, 0], "0.95": [1, 1, 0],
    }  # fmt: skip
