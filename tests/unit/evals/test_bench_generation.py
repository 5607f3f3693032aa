"""`footnote bench generation` on tiny made-up data: what is read from replies, judged, counted, resampled and kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lxml.html
import pytest

from api.terminal import UsageError
from evals.datasets import question_sets as questions
from evals.datasets.question_sets import Question
from evals.measuring.ratios import compare
from evals.measuring.results import ResultFile
from evals.suites.generation import contexts, quality, replies, support
from evals.suites.generation import run_generation as command
from evals.suites.generation import writing_speed as speed
from evals.suites.generation.gold import gold_markers, holds, states
from evals.suites.generation.measures import FORMAT, MEASURES, NOTHING, parts
from evals.suites.generation.reading import (
    CUT,
    EMPTY,
    ERRORS,
    LEFTOVER,
    MIXED,
    NO_MARKER,
    REPEATED,
    UNKNOWN_MARKER,
    read,
)
from evals.suites.generation.support import Supports
from evals.systems import installations as stores
from evals.systems import variants
from evals.systems.recording import MemoryAudit, OpenGate
from evals.systems.replay import context as read_context
from evals.systems.replay import search_result
from evals.types import Case, Gold, Kind
from generation.answering.abstaining import refuses
from generation.answering.service import AnswerOptions, AnswerService
from generation.gate.gate import CascadeGate
from generation.prompts import load_prompt
from generation.types import ChatMessage, Delta, Entailment, Limits, ModelCard, SourceText, Usage
from infra.settings import load_settings
from retrieval.context.context import ContextOptions
from retrieval.types import ChunkText, Context, Hit, Passage, Principal, SearchOptions, SearchResult

LIMITS = Limits(ship=0.9, grey=0.5, conflict=0.95)
ANA = Principal("ana", frozenset({"legal"}))
RENT, DOGS = "The rent is 500 euros per month.", "Dogs pay 7 euros."


def chunk(source: str, text: str, title: str = "Lease") -> ChunkText:
    return ChunkText(source, source, 1, "", title, source, 0, 0, len(text), text, ("3 Rent",), None)


def context(*texts: str, titles: Sequence[str] = ()) -> Context:
    """One passage a text, from sources s1, s2, ..."""
    return Context(
        tuple(
            Passage(at, chunk(f"s{at}", text, *titles[at - 1 : at]), text, 0, len(text))
            for at, text in enumerate(texts, 1)
        )
    )


SHOWN = context(RENT, DOGS)


def question(
    name: str = "q", *, of: str = questions.GOLDEN, kind: Kind = Kind.ANSWERABLE, gold: str = RENT, must: str = "500",
    answers: tuple[str, ...] = ("500 euros",),
) -> Question:  # fmt: skip
    held = kind is Kind.ANSWERABLE
    case = Case(
        name, kind, "What is the rent?", ANA, (Gold("s1", None, gold),) if held else (), ((must,),) if must else ()
    )
    return Question(of, case, answers if held else ())


class WordModel:
    """An `EntailmentModel`: the share of the claim's words that the evidence holds."""

    name = "words"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def entailment(self, evidence: str, claim: str) -> Entailment:
        self.asked.append(claim)
        words = claim.lower().strip(".").split()
        held = sum(word in evidence.lower() for word in words) / len(words)
        return Entailment(held, 1 - held, 0.0)


class Script:
    """A `ChatModel` that writes these words for every prompt, three characters at a time."""

    name, adapter = "script", ""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked: list[Any] = []

    async def stream(self, messages: Any, *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = "") -> Any:
        self.asked.append((messages, max_tokens, tuple(stop)))
        for at in range(0, len(self.text), 3):
            yield Delta(self.text[at : at + 3])
        yield Delta("", Usage(11, 5), cut=self.text.endswith("..."))


# reading


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("The rent is 500 euros.", NO_MARKER),
        ("The rent is 500 euros [1]. Dogs pay 7.", NO_MARKER),
        ("The rent is 500 euros [3].", UNKNOWN_MARKER),
        ("The rent is 500 euros [1-3].", UNKNOWN_MARKER),
        ("NOT FOUND. The rent is 500 euros [1].", MIXED),
        ("The rent is 500 euros [1]. The sources do not mention dogs.", MIXED),
        ("", EMPTY),
        ("  [1].", EMPTY),
        ("The rent is 500 euros [1]. the rent  is 500 euros [2].", REPEATED),
        ("Question: What is the rent?", LEFTOVER),
        ("The rent is 500 euros [1].\nAnswer: It is.", LEFTOVER),
        ("[1] Lease > 3 Rent\nThe rent is 500 euros [1].", LEFTOVER),
        ("[2] LEASE\nThe rent is 500 euros [1].", LEFTOVER),
    ],
)
def test_a_format_error_is_seen(raw: str, error: str) -> None:
    assert error in read(raw, SHOWN).errors


@pytest.mark.parametrize(
    "raw",
    [
        "The rent is 500 euros [1]. Dogs pay 7 euros [2].",
        "The rent is 500 euros. [1] Dogs pay 7 euros. [1, 2]",
        "NOT FOUND",
        "NOT FOUND. The sources do not mention cats.",
        "[1] Lease terms set the rent.",  # begins with a marker, but no source is called so
    ],
)
def test_a_sound_reply_has_no_format_error(raw: str) -> None:
    assert read(raw, SHOWN).errors == ()


def test_a_cut_off_reply_is_an_error_whatever_it_says() -> None:
    assert read("The rent is 500 euros [1].", SHOWN, cut=True).errors == (CUT,)


def test_a_refusal_states_nothing_and_a_cited_one_is_a_sentence() -> None:
    refusal = read("NOT FOUND. The rent is 500 euros [1].", SHOWN)
    assert refusal.refused
    assert not refusal.sentences
    assert refusal.text == ""
    late = read("The rent is 500 euros [1]. There is no mention of dogs.", SHOWN)
    assert not late.refused
    assert [said.text for said in late.sentences] == ["The rent is 500 euros."]
    cited = read("The sources do not allow dogs [2].", SHOWN)
    assert refuses("The sources do not allow dogs [2].")
    assert not cited.refused
    assert cited.sentences[0].markers == (2,)


# gold


def test_a_short_gold_is_found_as_whole_words_and_in_its_own_document() -> None:
    passage = SHOWN.passages[0]
    assert holds(passage, Gold("s1", None, "500 EUROS"))
    assert not holds(passage, Gold("s1", None, "50"))
    assert not holds(passage, Gold("s1", None, "he rent"))
    assert not holds(passage, Gold("s2", None, "500 euros"))
    table = "Item | Fee per month\nRent | 500"
    row = Passage(1, chunk("s1", table), "Rent | 500", table.index("Rent"), len(table))
    assert holds(row, Gold("s1", None, "Fee per month"))
    assert states("It costs 1,250,000 euros", "1250000")
    assert states("Only ∞ is right", "∞")


def test_a_long_gold_may_be_broken_but_not_scattered() -> None:
    clause = [f"word{chr(97 + at)}" for at in range(20)]
    gold = Gold("s1", None, " ".join(clause))
    assert holds(context(" ".join(clause[:14])).passages[0], gold)  # 12 of 18 runs of three
    assert not holds(context(" ".join(clause[:12])).passages[0], gold)  # 10 of 18
    assert not holds(context(" ".join(reversed(clause))).passages[0], gold)


def test_gold_markers_are_those_of_any_gold() -> None:
    case = Case("q", Kind.MULTI_DOCUMENT, "?", ANA, (Gold("s1", None, "500"), Gold("s2", None, "7 euros")))
    assert gold_markers(Question("golden", case), SHOWN) == {1, 2}


# support


def judged(raw: str, shown: Context = SHOWN) -> list[Supports]:
    gate = CascadeGate(WordModel(), LIMITS)
    reply = read(raw, shown)
    return [asyncio.run(support.supports(gate, said, shown, "")) for said in reply.sentences]


def test_precision_counts_a_citation_that_supports_alone_or_is_needed() -> None:
    alone = Supports(1.0, {1: 1.0, 2: 0.0}, {1: 0.0, 2: 1.0})
    assert alone.precise(0.9) == 1  # the second neither supports nor is missed
    needed = Supports(1.0, {1: 0.5, 2: 0.5}, {1: 0.5, 2: 0.5})
    assert needed.precise(0.9) == 2
    assert Supports(0.8, {1: 0.8}, {1: 0.0}).precise(0.9) == 0
    assert Supports(1.0, {1: 1.0}, {1: 0.0}, unknown=2).citations == 3


def test_a_sentence_is_judged_on_what_it_cites_and_nothing_else() -> None:
    right, wrong, none, unknown, both = judged(
        "The rent is 500 euros per month [1]. Dogs pay 7 euros [1]. Dogs pay 7 euros, too. The rent is 500 euros [9]. "
        "Dogs pay 7 euros [1][2]."
    )
    assert right.recalled(0.9)
    assert not wrong.recalled(0.5)
    assert not none.recalled(0.1)
    assert none.citations == 0
    assert not unknown.recalled(0.1)
    assert unknown.citations == 1
    assert both.recalled(0.9)
    assert both.precise(0.9) == 1
    assert both.alone[1] < 0.9 <= both.alone[2]
    assert both.without == {1: both.alone[2], 2: both.alone[1]}


def test_the_evidence_is_a_window_under_its_heading_not_the_whole_passage() -> None:
    seen: list[str] = []

    class Watching(WordModel):
        def entailment(self, evidence: str, claim: str) -> Entailment:
            seen.append(evidence)
            return super().entailment(evidence, claim)

    filler = " ".join(f"The tenant keeps room {at} of the house clean and dry at all times." for at in range(60))
    shown = context(f"{RENT} {filler}")
    said = read("The rent is 500 euros per month [1].", shown).sentences[0]
    found = asyncio.run(support.supports(CascadeGate(Watching(), LIMITS), said, shown, ""))
    assert found.together == 1.0
    assert all(evidence.startswith("Lease > 3 Rent\n") and len(evidence) < 1000 for evidence in seen)


async def test_what_is_judged_is_not_judged_again(tmp_path: Path) -> None:
    shown = {"key": "golden:q", "context": rows_of(SHOWN)}
    reply = {"key": "golden:q", "messages_sha256": "m", "raw": "Dogs pay dogs 7 euros [1][2]. NOT FOUND", "cut": False}
    model, out = WordModel(), tmp_path / "r.jsonl"
    first = await support.judge(CascadeGate(model, LIMITS), "code", [shown], [reply], ResultFile(out), "a")
    asked = len(model.asked)
    assert asked
    again = await support.judge(CascadeGate(model, LIMITS), "code", [shown], [reply], ResultFile(out), "a")
    assert again == first
    assert [item.precise(0.9) for item in again["golden:q"]] == [1]
    assert len(model.asked) == asked
    await support.judge(CascadeGate(model, LIMITS), "other code", [shown], [reply], ResultFile(out), "a")
    assert len(model.asked) > asked


# measures


def measured(asked: Question, raw: str, shown: Context = SHOWN) -> dict[str, tuple[float, float]]:
    found = parts(asked, shown, read(raw, shown), judged(raw, shown), LIMITS)
    assert set(found) == set(MEASURES)
    return dict(found)


def test_a_right_and_cited_answer_has_full_marks() -> None:
    found = measured(question(), "The rent is 500 euros per month [1].")
    assert found["citation recall, strict"] == found["citation precision, strict"] == (1, 1)
    assert found["gold in the context"] == found["gold cited"] == found["gold cited, where answered"] == (1, 1)
    assert found["answer contains"] == (1, 1)
    assert found["answer F1"] == (pytest.approx(4 / 9), 1)  # 2 common words; 7 and 2 in all
    assert found["refusal recall"] == NOTHING
    assert found["refused though gold was shown"] == (0, 1)
    assert found[FORMAT] == (0, 1)
    assert all(found[f"  {error}"] == (0, 1) for error in ERRORS)


def test_strict_and_lenient_differ_in_the_grey_zone() -> None:
    found = measured(question(), "The rent is always 500 euros per month [1].")
    assert found["citation recall, strict"] == found["citation precision, strict"] == (0, 1)
    assert found["citation recall, lenient"] == (1, 1)
    assert found["citation precision, lenient"] == (1, 1)


def test_a_refusal_of_an_answerable_question_scores_no_answer() -> None:
    found = measured(question(), "NOT FOUND")
    assert found["answer F1"] == found["answer contains"] == found["gold cited"] == (0, 1)
    assert found["gold cited, where answered"] == found["citation recall, strict"] == NOTHING
    assert found["refusal precision"] == (0, 1)
    assert found["refusal F1"] == found["refusal F1, by what was shown"] == (0, 1)
    assert found["refused though gold was shown"] == (1, 1)
    assert found["refused as no gold was shown"] == NOTHING


def test_refusing_where_the_gold_is_not_shown_is_told_apart() -> None:
    found = measured(question(), "NOT FOUND", context("Cats pay nothing.", DOGS))
    assert found["gold in the context"] == (0, 1)
    assert found["gold cited"] == found["refused though gold was shown"] == NOTHING
    assert found["refused as no gold was shown"] == (1, 1)
    assert found["refusal F1"] == (0, 1)
    assert found["refusal F1, by what was shown"] == (2, 2)
    answered = measured(question(), "Cats pay nothing [1].", context("Cats pay nothing.", DOGS))
    assert answered["refusal F1, by what was shown"] == (0, 1)


@pytest.mark.parametrize("kind", [Kind.UNANSWERABLE, Kind.FORBIDDEN])
def test_refusing_an_unanswerable_question_is_right(kind: Kind) -> None:
    found = measured(question(kind=kind), "NOT FOUND")
    assert found["refusal precision"] == found["refusal recall"] == (1, 1)
    assert found["refusal F1"] == (2, 2)
    assert found["answer F1"] == found["gold in the context"] == NOTHING
    said = measured(question(kind=kind), "The rent is 500 euros per month [1].")
    assert said["refusal recall"] == (0, 1)
    assert said["refusal precision"] == NOTHING
    assert said["refusal F1"] == (0, 1)


def test_contains_is_told_by_the_sets_own_rule() -> None:
    raw = "The rent is 500 euros per month [1]."
    assert measured(question(must="600"), raw)["answer contains"] == (0, 1)
    assert measured(question(of=questions.CUAD, must=""), raw)["answer contains"] == NOTHING
    paragraph = question(of=questions.SQUAD2, must="", answers=("600", "500 euros"))
    assert measured(paragraph, raw)["answer contains"] == (1, 1)
    assert measured(question(of=questions.SQUAD2, must="", answers=("50",)), raw)["answer contains"] == (0, 1)


# resampling


def rows(values: Sequence[float], bottoms: Sequence[float] | None = None) -> list[dict[str, tuple[float, float]]]:
    return [{"m": (value, bottom)} for value, bottom in zip(values, bottoms or [1.0] * len(values), strict=True)]


def test_a_ratio_is_of_sums_and_not_a_mean_of_ratios() -> None:
    found = compare({"a": rows([1, 0], [1, 3])}, ["m"], samples=50).numbers["a"]["m"]
    assert found.value == 0.25
    assert found.of == 4


def test_differences_are_paired() -> None:
    """One is always better by the same: paired there is no doubt at all, unpaired there would be much."""
    ours = [at / 40 for at in range(20)]
    theirs = [value + 0.5 for value in ours]
    found = compare({"a": rows(ours), "b": rows(theirs)}, ["m"], samples=500)
    assert list(found.differences) == ["b"]
    difference = found.differences["b"]["m"]
    assert difference.value == pytest.approx(0.5)
    assert difference.low == pytest.approx(0.5)
    assert difference.high == pytest.approx(0.5)
    assert found.numbers["a"]["m"].low < found.numbers["a"]["m"].value < found.numbers["a"]["m"].high
    turned = compare({"b": rows(theirs), "a": rows(ours)}, ["m"], samples=500).differences["a"]["m"]
    assert turned.value == pytest.approx(-difference.value)


def test_an_interval_covers_what_the_normal_distribution_gives() -> None:
    found = compare({"a": rows([1.0] * 50 + [0.0] * 50)}, ["m"], samples=4000).numbers["a"]["m"]
    assert found.low == pytest.approx(0.402, abs=0.015)
    assert found.high == pytest.approx(0.598, abs=0.015)


def test_a_measure_of_nothing_is_none_and_unequal_rows_are_refused() -> None:
    found = compare({"a": rows([0, 0], [0, 0]), "b": rows([1, 1])}, ["m"], samples=20)
    assert found.numbers["a"]["m"].value is None
    assert found.differences["b"]["m"].low is None
    with pytest.raises(ValueError, match="paired"):
        compare({"a": rows([1]), "b": rows([1, 0])}, ["m"])
    with pytest.raises(ValueError, match="paired"):
        compare({"a": []}, ["m"])


# questions


def write(path: Path, lines: Sequence[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "squad2_dev_half"
    write(folder / "corpus.jsonl", [{"_id": "p0", "title": "Force & mass", "text": 'A <b>force</b> is "F".'}])
    asked = [
        {
            "id": f"id{at}",
            "question": f"What is force {at}?",
            "answers": [] if at % 2 else ["F", "a force"],
            "answerable": not at % 2,
            "doc": "p0",
            "evidence": [] if at % 2 else [{"text": "F", "start": 1}],
        }
        for at in range(12)
    ]
    write(folder / "qa.jsonl", asked)
    return tmp_path / "data"


def test_paragraph_questions_are_a_fixed_half_and_half(data: Path) -> None:
    some = questions.load(data, questions.SQUAD2, 5)
    assert [item.answerable for item in some] == [True, True, True, False, False]
    assert some == questions.load(data, questions.SQUAD2, 5)
    more = questions.load(data, questions.SQUAD2, 8)
    assert {item.key for item in some} <= {item.key for item in more}
    assert some[0].case.gold == (Gold("squad2/p0.html", None, "F"), Gold("squad2/p0.html", None, "a force"))
    assert some[0].answers == ("F", "a force")
    assert not some[-1].case.gold
    with pytest.raises(UsageError, match="squad2_dev_half"):
        questions.load(data / "nowhere", questions.SQUAD2)


def test_golden_questions_come_with_their_answers(data: Path) -> None:
    every = questions.load(data, questions.GOLDEN)
    assert len(every) == 87
    assert all(bool(item.answers) == item.answerable for item in every)
    assert {item.case.asker.user for item in every} > {"ana"}
    some = questions.load(data, questions.GOLDEN, 6)
    assert sum(item.answerable for item in some) == 3


def test_a_paragraph_is_a_page_that_reads_back_as_it_was() -> None:
    tree = lxml.html.document_fromstring(stores.page("Force & mass", 'A <b>force</b> is "F".'))
    assert [tree.findtext(path) for path in (".//title", ".//h1", ".//p")] == [
        "Force & mass",
        "Force & mass",
        'A <b>force</b> is "F".',
    ]


# contexts and replies


def rows_of(shown: Context) -> list[Any]:
    return [asdict(passage) for passage in shown.passages]


class Finding:
    """Search and context builder that find the rent for everybody; counts."""

    options = SearchOptions()

    def __init__(self) -> None:
        self.searched: list[tuple[str, Principal, int]] = []

    async def search(self, query: str, principal: Principal, top_k: int, **_: Any) -> SearchResult:
        self.searched.append((query, principal, top_k))
        return SearchResult(f"{query} (cleaned)", (Hit(SHOWN.passages[0].chunk, 0.5),), "snapshot", {"fused": 1.0})

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        assert query.endswith("(cleaned)")
        return SHOWN


@pytest.fixture
def parts_of() -> Any:
    found = Finding()
    return SimpleNamespace(
        answer_search=found,
        context_builder=found,
        context_options=ContextOptions(),
        models=SimpleNamespace(digest=lambda name: name * 9),
        settings=SimpleNamespace(shown_chars=0, embedder="e", reranker="r"),
    )


async def test_a_context_is_recorded_once_a_setting_and_reads_back(parts_of: Any, tmp_path: Path) -> None:
    asked, out = [question("a"), question("b")], tmp_path / "r.jsonl"
    first = await contexts.recorded_in(parts_of, asked[:1], ResultFile(out))
    both = await contexts.recorded_in(parts_of, asked, ResultFile(out))
    assert both[:1] == first
    assert parts_of.answer_search.searched == [("What is the rent?", ANA, 8)] * 2
    assert read_context(both[0]["context"]) == SHOWN
    assert search_result(both[0]["result"]).hits[0].chunk == SHOWN.passages[0].chunk
    assert both[0]["asker"] == {"user": "ana", "groups": ["legal"]}
    parts_of.settings.shown_chars = 700
    await contexts.recorded_in(parts_of, asked[:1], ResultFile(out))
    assert len(parts_of.answer_search.searched) == 3
    last = contexts.latest(asked, ResultFile(out))
    assert [(row["key"], row["setup"]["context"]["shown_chars"]) for row in last] == [("golden:a", 700)]
    assert contexts.latest(asked, ResultFile(None)) == []


async def test_a_model_is_asked_as_the_service_asks(parts_of: Any) -> None:
    """The same messages, token limit and stop words as the answer service sends for the same search and context."""

    class Texts:
        async def text(self, document_id: str, version: int, principal: Principal) -> Any:
            return SourceText("", ())

    model, prompt = Script("NOT FOUND"), load_prompt("cited")
    service = AnswerService(
        search=parts_of.answer_search,
        context=parts_of.answer_search,
        model=model,
        gate=OpenGate(),  # type: ignore[arg-type]
        versions=Texts(),  # type: ignore[arg-type]
        audit=MemoryAudit(),
        prompt=prompt,
        card=ModelCard("", "", "", "", "", "", ""),
        options=AnswerOptions(max_tokens=77),
    )
    await service.answer("What is the rent?", ANA)
    (row,) = await contexts.recorded_in(parts_of, [question()], ResultFile(None))
    await replies.written(running(model), [row], ResultFile(None))
    served, _, ours = model.asked  # between them one that warms the cache
    assert ours == served


def running(model: Any, name: str = "script", prompt: str = "cited") -> Any:
    one = variants.Variant(name, "script", Path("m.gguf"), "d" * 64, None, "", load_prompt(prompt), 77, 4096, 2)
    return variants.Running(one, model, model, "http://127.0.0.1:1/v1", "key")


async def test_replies_are_written_once_a_variant(parts_of: Any, tmp_path: Path) -> None:
    shown, out = await contexts.recorded_in(parts_of, [question("a"), question("b")], ResultFile(None)), tmp_path / "r"
    model = Script("The rent is 500 euros [1]. Dogs pay 7 euros [2]. And so on...")
    first = await replies.written(running(model), shown[:1], ResultFile(out))
    assert len(model.asked) == 2
    assert first[0]["raw"] == model.text
    assert first[0]["cut"]
    assert (first[0]["prompt_tokens"], first[0]["completion_tokens"]) == (11, 5)
    assert 0 <= first[0]["first_token_s"] <= first[0]["first_sentence_s"] <= first[0]["total_s"]
    assert await replies.written(running(model), shown[:1], ResultFile(out)) == first
    assert len(model.asked) == 2
    both = await replies.written(running(model), shown, ResultFile(out))
    assert [row["key"] for row in both] == ["golden:a", "golden:b"]
    await replies.written(running(model, prompt="answer"), shown[:1], ResultFile(out))
    assert len(model.asked) == 6
    nothing = {**shown[0], "context": []}
    assert await replies.written(running(model), [nothing], ResultFile(None)) == []
    assert len(model.asked) == 6


async def test_the_variants_are_scored_side_by_side(
    parts_of: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [question("a"), question("b", kind=Kind.UNANSWERABLE), question("c", of=questions.SQUAD2, must="")]
    results = ResultFile(tmp_path / "r.jsonl")
    shown = await contexts.recorded_in(parts_of, asked, results)
    written = {
        "base": await replies.written(running(Script("The rent is 500 euros.")), shown, results),
        "base+tuned": await replies.written(
            running(Script("The rent is 500 euros per month [1]."), "base+tuned", "answer"), shown[:2], results
        ),
    }
    scored = await quality.score(CascadeGate(WordModel(), LIMITS), LIMITS, asked, shown, written, results)
    assert [list(found) for found in scored.values()] == [["golden:a", "golden:b"]] * 2
    (found,) = quality.summaries(asked, scored, written)
    assert found["questions"] == 2
    assert found["numbers"]["base"]["citation recall, strict"]["value"] == 0.0
    assert found["numbers"]["base+tuned"]["citation recall, strict"]["value"] == 1.0
    assert found["differences"]["base+tuned"]["citation recall, strict"]["low"] == 1.0
    assert found["differences"]["base+tuned"][FORMAT]["value"] == -1.0
    assert found["numbers"]["base"]["refusal precision"]["value"] is None
    json.dumps(found, allow_nan=False)
    told = capsys.readouterr()
    assert "1 questions are left out" in told.err
    assert "points more than base, paired" in told.out


# variants and the command


def test_a_variant_is_a_file_or_a_name_with_the_prompt_that_fits(tmp_path: Path) -> None:
    base, lora = tmp_path / "base.gguf", tmp_path / "adapters" / "small" / "adapter.gguf"
    lora.parent.mkdir(parents=True)
    base.write_bytes(b"GGUF base")
    lora.write_bytes(b"GGUF lora")
    settings: Any = SimpleNamespace(
        home=tmp_path, max_tokens=9, context_tokens=1024, threads=2, generator="none", llama_server=None
    )
    found = variants.chosen(f"{base},{base}+small, {base}+{lora}", settings)
    assert [item.prompt.name for item in found] == ["answer", "cited", "cited"]
    assert [item.adapter for item in found] == [None, lora, lora]
    assert found[1].setup == found[2].setup
    assert found[0].setup != found[1].setup
    assert {item.prompt.name for item in variants.chosen(f"{base},{base}+small", settings, "answer")} == {"answer"}
    told = variants.chosen(f"{base}@cited,{base}+small@answer,{base}", settings)
    assert [(item.prompt.name, item.model, item.adapter) for item in told] == [
        ("cited", base, None),
        ("answer", base, lora),
        ("answer", base, None),
    ]
    with pytest.raises(UsageError, match=r"no adapter large.*missing"):
        variants.chosen(f"{base}+large", settings)
    with pytest.raises(UsageError, match="twice"):
        variants.chosen(f"{base},{base}", settings)
    with pytest.raises(UsageError, match="not a generator"):
        variants.chosen("bge-small-en-v1.5", settings)


def wanted(tmp_path: Path, data: Path, **options: Any) -> command.GenerationRun:
    (tmp_path / "base.gguf").write_bytes(b"GGUF")
    fixed = {"suites": ["quality"], "sets": ["squad2"], "models": str(tmp_path / "base.gguf"), "limit": 2}
    return command.GenerationRun(data=data, **({"step": "score", "home": None, "out": None} | fixed | options))


def test_the_command_says_which_step_is_missing(tmp_path: Path, data: Path) -> None:
    with pytest.raises(UsageError, match="--json"):
        command.run(wanted(tmp_path, data))
    with pytest.raises(UsageError, match="--step contexts first"):
        command.run(wanted(tmp_path, data, out=tmp_path / "r.jsonl"))
    with pytest.raises(UsageError, match="--home"):
        command.run(wanted(tmp_path, data, step="all"))
    (first, *_) = questions.load(data, questions.SQUAD2, 2)
    row = {"row": "context", "setup": {}, "setup_digest": "x", "key": first.key, "context": rows_of(SHOWN)}
    out = write(tmp_path / "r.jsonl", [{**row, "result": {"query": "?"}}])
    with pytest.raises(UsageError, match="--step generate first"):
        command.run(wanted(tmp_path, data, out=out))


# speed


async def test_speed_asks_for_prompts_of_the_sizes_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(Script):
        """A token is a word."""

        async def stream(self, messages: Any, **options: Any) -> Any:
            self.asked.append(messages)
            yield Delta("The")
            yield Delta("", Usage(sum(len(message.content.split()) for message in messages), 1))

    async def timings(running: Any, messages: Any, written: int = 64) -> speed.Timings:
        tokens = sum(len(message.content.split()) for message in messages[-1:])
        return speed.Timings(tokens, 100.0, 20.0)

    monkeypatch.setattr(speed, "timings", timings)
    results = ResultFile(None)
    row = await speed.measure(running(Counting("")), results, rounds=2)
    assert [line["size"] for line in row["at"]] == [150, 300, 600]
    assert all(abs(line["prompt_tokens"] - line["size"]) < 25 for line in row["at"])
    assert row["at"][0]["prefill_per_second"] == 100.0
    assert row["at"][0]["first_token_cached_s"] >= 0
    speed.say_speed([row])
    one = running(None).variant
    assert speed.known(one, results, rounds=2) == row
    assert speed.known(replace(one, name="the same by another name"), results, rounds=2) == row
    assert speed.known(one, results, rounds=3) is None
    assert speed.known(replace(one, threads=1), results, rounds=2) is None
    assert speed.known(running(None, prompt="answer").variant, results, rounds=2) is None


def test_a_variant_whose_speed_is_known_is_not_started(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = wanted(tmp_path, data, suites=["speed"], step="all", out=tmp_path / "r.jsonl")
    (one,) = variants.chosen(asked.models, load_settings())
    line = dict.fromkeys(("size", "prompt_tokens", *speed._COLUMNS), 1.0)
    write(tmp_path / "r.jsonl", [{**speed._head(one, speed.ROUNDS), "name": "before", "at": [line]}])
    monkeypatch.setattr(command, "variant", lambda *_: pytest.fail("a server was started"))
    assert command.run(asked) == 0
    assert "base.gguf" in capsys.readouterr().out


async def test_a_server_of_our_own_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    counted = {"prompt_n": 40, "prompt_per_second": 100.0, "predicted_per_second": 20.0}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "choices": [], "timings": counted})
        head = f"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close"
        writer.write(f"{head}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        found = await speed.timings(replace(running(None), url=url), [ChatMessage("user", "Hello?")])
    assert found == speed.Timings(40, 100.0, 20.0)
