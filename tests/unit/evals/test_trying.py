"""Configurations case by case: what is known is not asked again, and two sides are weighed as a night weighs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.gating.gates import Outcome
from api.terminal import UsageError
from evals.datasets.answers.cases import case_of
from evals.datasets.answers.questions import Kind as QuestionKind
from evals.datasets.answers.questions import Question
from evals.measuring.results import ResultFile
from evals.systems.tries import paired, sums, tried, weighed
from evals.systems.trying import (
    ABSTAINED,
    CONTRACTS,
    ERROR,
    OWN,
    RIGHT,
    SAMPLE,
    WRONG,
    Asking,
    Configuration,
    Places,
    Put,
    Tried,
    cases,
    outcome,
)
from evals.types import Case, Kind
from generation.types import Answer, ModelCard, Sentence, Status, Verdict
from retrieval.types import Principal

CARD = ModelCard("generator", "", "embedder", "reranker", "judge", "prompt", "snapshot")
PLACES = Places(None)


def put(at: int, kind: Kind = Kind.ANSWERABLE, store: str = SAMPLE) -> Put:
    facts = () if kind.wants_abstention else (("400",),)
    return Put(store, Case(f"c-{at}", kind, f"What is the rent of flat {at}?", Principal("ana"), (), facts))


def one(at: int, outcome: str = RIGHT, wants: bool = False, **told: Any) -> Tried:
    return Tried(f"sample:c-{at}", outcome, wants, **{"first_seconds": 1.0, "seconds": 2.0, **told})


class Opened:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, documents: str = "7") -> None:
        self.asked: list[str] = []
        self.outcomes: dict[str, str] = {}
        self.documents = documents

    @contextmanager
    def __call__(self, places: Places, store: str, configuration: Configuration) -> Iterator[Asking]:
        def ask(one: Put) -> Tried:
            self.asked.append(f"{configuration.name} {one.key}")
            return Tried(one.key, self.outcomes.get(one.key, RIGHT), one.case.kind.wants_abstention, 1.0, 2.0)

        yield Asking({}, f"digest of {configuration.settings}", self.documents, ask)


def test_a_run_goes_on_where_it_was_and_asks_errors_again(tmp_path: Path) -> None:
    opened, file = Opened(), tmp_path / "out.jsonl"
    puts = [put(at) for at in range(3)]
    opened.outcomes["sample:c-1"] = ERROR
    first = tried(PLACES, Configuration("base"), puts, ResultFile(file), opening=opened)
    assert [found.outcome for found in first] == [RIGHT, ERROR, RIGHT]
    opened.asked, opened.outcomes = [], {}
    again = tried(PLACES, Configuration("base"), puts, ResultFile(file), opening=opened)
    assert opened.asked == ["base sample:c-1"]
    assert [found.outcome for found in again] == [RIGHT, RIGHT, RIGHT]


@pytest.mark.parametrize("what", ["settings", "documents", "case"])
def test_other_settings_documents_or_words_are_asked_anew(tmp_path: Path, what: str) -> None:
    file, puts, settings = tmp_path / "out.jsonl", [put(0)], {}
    tried(PLACES, Configuration("base"), puts, ResultFile(file), opening=Opened())
    opened = Opened("8" if what == "documents" else "7")
    if what == "settings":
        settings = {"answer_rerank": 3}
    if what == "case":
        puts = [Put(SAMPLE, Case("c-0", Kind.ANSWERABLE, "Another question?", Principal("ana"), (), (("400",),)))]
    tried(PLACES, Configuration("base", settings), puts, ResultFile(file), opening=opened)
    assert opened.asked == ["base sample:c-0"]


def test_it_stops_where_it_is_told_to() -> None:
    opened = Opened()
    found = tried(
        PLACES, Configuration("base"), [put(at) for at in range(5)], ResultFile(None),
        go_on=lambda so_far: len(so_far) < 2, opening=opened,
    )  # fmt: skip
    assert len(found) == len(opened.asked) == 2


def answer(text: str) -> Answer:
    said = (Sentence(text, 0, len(text), Verdict.ENTAILED, 1.0, ()),) if text else ()
    return Answer(text, Status.ANSWERED if text else Status.ABSTAINED, said, (), CARD)


@pytest.mark.parametrize(
    ("kind", "store", "text", "expected"),
    [
        (Kind.ANSWERABLE, SAMPLE, "It is 400.", RIGHT),
        (Kind.ANSWERABLE, SAMPLE, "It is 500.", WRONG),
        (Kind.ANSWERABLE, SAMPLE, "", ABSTAINED),
        (Kind.UNANSWERABLE, SAMPLE, "", RIGHT),
        (Kind.UNANSWERABLE, CONTRACTS, "It is 400.", WRONG),
        (Kind.ANSWERABLE, CONTRACTS, "It is four hundred.", RIGHT),
        (Kind.ANSWERABLE, SAMPLE, "It is four hundred.", WRONG),
    ],
)
def test_what_is_right(kind: Kind, store: str, text: str, expected: str) -> None:
    assert outcome(put(0, kind, store), answer(text)) == expected


def test_a_question_about_contracts_is_a_case() -> None:
    asked = Question(
        "q", "Who pays?", QuestionKind.UNANSWERABLE, "file", ("cuad/pdf/a.pdf",), (), (), (), "-"
    )  # fmt: skip
    case = case_of(asked, {"cuad/pdf/a.pdf": "cuad/a.pdf"})
    assert (case.kind, case.asker.user, case.must_contain) == (Kind.UNANSWERABLE, "bench", ())


def test_cases_are_in_an_order_that_nobody_chose_and_each_has_an_id(tmp_path: Path) -> None:
    every = cases(True, [], "", PLACES)
    assert len(every) == 87 + 41
    assert len(cases(True, [], "", PLACES, refusals=False)) == 87
    few = cases(True, [], "", PLACES, limit=10)
    assert [one.key for one in every if one in few] == [one.key for one in few]
    with pytest.raises(UsageError, match="--data"):
        cases(False, [], "dev", PLACES)
    with pytest.raises(UsageError, match="blind"):
        cases(False, [], "blind", Places(None, tmp_path))
    with pytest.raises(UsageError, match="nothing to ask"):
        cases(False, [], "", PLACES)


def test_another_index_is_another_folder_and_never_that_of_real_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    places, cut = Places(None, contracts=tmp_path / "contracts"), Configuration("c", {"chunking": "recursive"})
    assert places.home(SAMPLE, Configuration("base")) == tmp_path / "home.sample"
    assert places.home(SAMPLE, Configuration("c", {"answer_rerank": 3})) == tmp_path / "home.sample"
    assert places.home(OWN, Configuration("c", {"chunking": "structure"})) == tmp_path / "home"
    homes = {
        places.home(store, one)
        for store in (SAMPLE, CONTRACTS)
        for one in (Configuration("base"), cut, Configuration("c", {"chunk_chars": 400}))
    }
    assert len(homes) == 6
    with pytest.raises(UsageError, match="cannot be tried over this installation's documents"):
        places.home(OWN, cut)


def test_sums_and_quality() -> None:
    found = sums([one(0), one(1, WRONG), one(2, ABSTAINED), one(3, wants=True), one(4, ERROR)])
    assert (found.n, found.right, found.wrong, found.abstained, found.errors) == (4, 2, 1, 1, 1)
    assert (found.refused, found.unanswerable) == (1, 1)
    assert found.quality(1.0) == pytest.approx(0.25)
    assert found.quality(2.0) == 0.0


def side(n: int = 120, wrong: Sequence[int] = (), **told: Any) -> list[Tried]:
    return [one(at, WRONG if at in wrong else RIGHT, at % 3 == 0, completion_tokens=9, **told) for at in range(n)]


def test_the_same_again_ships() -> None:
    decision = weighed(side(), side())
    assert decision.outcome is Outcome.SHIP
    assert {one.gate.metric for one in decision.results} >= {
        "right",
        "refused rightly",
        "no leak",
        "seconds to the end",
    }


@pytest.mark.parametrize(
    ("candidate", "gate"),
    [
        (side(wrong=range(1, 120, 3)), "right"),
        (side(wrong=range(0, 120, 3)), "refused rightly"),
        ([*side()[:-1], one(119, RIGHT, leaked=True)], "no leak"),
        ([*side()[:-1], one(119, RIGHT, unresolved=True)], "citations resolve"),
        (side(seconds=3.0), "seconds to the end"),
        ([*side()[:60], *(one(at, ERROR, at % 3 == 0) for at in range(60, 120))], "no error"),
    ],
)
def test_what_is_worse_is_blocked_by_the_gate_for_it(candidate: list[Tried], gate: str) -> None:
    decision = weighed(candidate, side())
    assert decision.outcome is Outcome.BLOCK
    assert gate in {one.gate.metric for one in decision.results if one.outcome is Outcome.BLOCK}


def test_few_cases_decide_nothing() -> None:
    assert weighed(side(8), side(8)).outcome is Outcome.UNDECIDED


def test_an_error_of_the_new_is_no_right_answer_and_one_of_the_old_leaves_the_case_out() -> None:
    assert [(a.outcome, b.outcome) for a, b in paired([one(0, ERROR), one(1)], [one(0), one(1, ERROR)])] == [
        (ERROR, RIGHT)
    ]
