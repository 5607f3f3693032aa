"""`footnote bench gate` on tiny made-up data: what is read, kept, counted and said."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from api.terminal import UsageError
from evals.datasets.asked import ASKED_BY_OTHERS, Asked, evenly, fresh
from evals.datasets.cuad import load_questions, split_questions
from evals.measuring import detection as scores
from evals.measuring.results import ResultFile
from evals.measuring.statistics import wilson
from evals.suites.gate import answers, cases, faithfulness, ragtruth, second
from evals.suites.gate import checking_speed as speed
from evals.suites.gate.bench import Bench
from evals.suites.gate.ragtruth_report import PASSED, say_ragtruth
from evals.systems import recording as record
from evals.systems.replay import OFF, ON, Recorded, rights, search_result
from evals.systems.replay import replay as replay_all
from evals.types import Case, Gold, Kind
from generation.gate.gate import CascadeGate
from generation.prompts import load_prompt
from generation.training.data.pairs import Pair
from generation.types import (
    Answer,
    ChatMessage,
    Citation,
    Delta,
    Entailment,
    Judgement,
    Limits,
    ModelCard,
    SourceText,
    Stage,
    Status,
    Usage,
    Verdict,
)
from retrieval.context.context import ContextOptions
from retrieval.types import ChunkText, Context, Hit, Lead, Passage, Principal, SearchOptions, SearchResult

LIMITS = Limits(ship=0.8, grey=0.4, conflict=0.9)
PASSAGES = "passage 1:The rent is 500 euros.\n\npassage 2: Dogs are welcome in the house."
ANA = Principal("ana", frozenset({"legal"}))


class WordModel:
    """Entailed as far as the evidence holds the claim's words; counts what it was asked."""

    name = "words"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def entailment(self, evidence: str, claim: str) -> Entailment:
        self.asked.append((evidence, claim))
        words = claim.lower().strip(".").split()
        held = sum(word in evidence.lower() for word in words) / len(words)
        return Entailment(held, 1.0 - held, 0.0)


class Script:
    """A `ChatModel` that gives these replies, one after the other; an exception is raised."""

    name, adapter = "script", ""

    def __init__(self, *replies: str | Exception) -> None:
        self.replies = list(replies)

    async def stream(self, messages: Any, *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = "") -> Any:
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        yield Delta(reply)
        yield Delta("", Usage())

    async def first_token(self, messages: Any, *, top: int = 20, cache_salt: str = "") -> dict[str, float]:
        raise AssertionError("nothing here asks for a first token")


def bench(results: ResultFile | None = None, model: Any = None) -> Bench:
    return Bench(model or WordModel(), LIMITS, 2, results or ResultFile(None))


# scores


def test_detection_counts_what_is_flagged_rightly() -> None:
    found = scores.detection(np.array([True, True, False, False]), np.array([True, False, True, False]))
    assert (found.precision, found.recall, found.f1, found.flagged) == (0.5, 0.5, 0.5, 2)
    nothing = scores.detection(np.array([False]), np.array([True]))
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    random = np.random.default_rng(0)
    values, truth = random.integers(0, 5, 60).astype(float), random.random(60) < 0.4
    pairs = [(a > b) + (a == b) / 2 for a in values[truth] for b in values[~truth]]
    assert scores.auc(values, truth) == pytest.approx(sum(pairs) / len(pairs))
    assert math.isnan(scores.auc(values, np.ones(60, bool)))


def test_average_precision_shares_a_threshold_among_equals() -> None:
    assert scores.average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])) == pytest.approx(5 / 6)
    assert scores.average_precision(np.array([1.0, 1.0]), np.array([True, False])) == 0.5


def test_the_best_threshold_gives_the_best_f1() -> None:
    values, truth = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, False])
    cut = scores.best_threshold(values, truth)
    assert 0.3 < cut < 0.8
    assert scores.best_f1(values, truth) == scores.detection(values >= cut, truth).f1 == 1.0


def test_the_share_passed_where_a_fifth_is_blocked() -> None:
    negatives, positives = np.arange(10.0), np.array([8.5, 7.5, 0.5, 9.5])
    values, truth = np.concatenate([negatives, positives]), np.array([False] * 10 + [True] * 4)
    assert scores.passed_at(values, truth, 0.2) == 0.25  # 9 and 8 are blocked; 7.5 is still above the next, 7
    assert scores.passed_at(np.zeros(14), truth, 0.2) == pytest.approx(0.8)  # ties split as chance would
    assert scores.passed_at(values, truth, 1.0) == 0.0


def test_a_threshold_never_comes_from_the_same_source() -> None:
    """Two sources on scales that are a hundred apart: with its own threshold each would be without a fault."""
    values = np.array([1.0, 2.0, 100.0, 200.0])
    truth = np.array([False, True, False, True])
    flags = scores.cross_fitted(values, truth, ["low", "low", "high", "high"])
    assert flags.tolist() == [False, False, True, True]


def test_an_interval_draws_whole_groups() -> None:
    values = np.array([0.0, 0.0, 1.0, 1.0])
    low, high = scores.interval(lambda at: float(values[at].mean()), ["a", "a", "b", "b"])
    assert (low, high) == (0.0, 1.0)
    assert scores.interval(lambda at: 0.25, ["a"]) == (0.25, 0.25)


def test_the_wilson_interval() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(500, 500)[0] == pytest.approx(0.9924, abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


# ragtruth


def response(number: int, text: str, hallucinated: bool, kind: str = "neutral") -> dict[str, Any]:
    return {
        "id": str(number),
        "source_id": f"s{number % 3}",
        "model": "m",
        "question": "What is the rent?",
        "premise": PASSAGES,
        "hypothesis": text,
        "label": kind if hallucinated else "entailment",
        "hallucinated": hallucinated,
        "spans": [],
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        response(0, "The rent is 500 euros. Dogs are welcome.", False),
        response(1, "The rent is 500 euros. Horses sleep upstairs.", True),
        response(2, "The rent is 900 euros.", True, "contradiction"),
        response(3, "Dogs are welcome in the house.", False),
        response(4, "Unable to answer based on given passages.", False),
        response(5, "***", False),
    ]
    write(tmp_path / "ragtruth_qa_test" / "pairs.jsonl", rows)
    return tmp_path


def write(path: Path, rows: Sequence[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_passages_lose_their_numbers_and_keep_their_lines(data: Path) -> None:
    assert ragtruth.load(data)[0].evidence == "The rent is 500 euros.\n\nDogs are welcome in the house."
    assert ragtruth.plain("PASSAGE 12: a\nb passage 3: c") == "a\nb passage 3: c"
    with pytest.raises(UsageError, match="ragtruth_qa_test"):
        ragtruth.load(data / "nowhere")


def test_a_response_is_as_well_supported_as_its_weakest_sentence(data: Path) -> None:
    rows = ragtruth.measure(bench(), ragtruth.load(data))
    found = ragtruth.scores(rows, LIMITS.ship)
    ours = found[ragtruth.OURS]
    assert ours[0] == ours[3] == 0.0
    assert ours[2] == 1.0  # 900 is not in the passages: the figures stage
    assert found["without the figures stage"][2] < 1.0
    assert found["mean of the sentences"][1] < ours[1]
    assert found[ragtruth.COUNTED].tolist() == [0, 1, 1, 0, 0, 0]
    assert found["refusals count as claims"][4] > ours[4] == 0.0
    assert ours[5] == 0.0  # states nothing
    assert ragtruth.blocked(ragtruth.OURS, ours, LIMITS.ship).tolist() == [False, True, True, False, False, False]
    assert ragtruth.blocked(ragtruth.COUNTED, found[ragtruth.COUNTED], LIMITS.ship).sum() == 2


def test_supports_do_not_depend_on_the_limits(data: Path) -> None:
    loose = Bench(WordModel(), replace(LIMITS, ship=0.01), 1, ResultFile(None))
    supports = [[row["sentences"] for row in ragtruth.measure(each, ragtruth.load(data))] for each in (bench(), loose)]
    assert supports[0] == supports[1]


def test_what_is_measured_is_not_measured_again(data: Path, tmp_path: Path) -> None:
    responses, out = ragtruth.load(data), tmp_path / "r.jsonl"
    first = ragtruth.measure(bench(ResultFile(out)), responses[:3])
    model = WordModel()
    again = ragtruth.measure(bench(ResultFile(out), model), responses)
    assert again[:3] == first
    assert [row["key"] for row in again] == [r.id for r in responses]
    assert all("500" not in claim for _, claim in model.asked)  # that of the first responses
    model.name = "another"
    asked = len(model.asked)
    ragtruth.measure(bench(ResultFile(out), model), responses)
    assert len(model.asked) > asked


def test_the_report_stands_beside_the_published_rows(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "SAMPLES", 20)
    responses = ragtruth.load(data)
    found = say_ragtruth(responses, ragtruth.measure(bench(), responses), LIMITS.ship)
    ours = found["variants"][ragtruth.OURS]
    assert ours["shipped limit"]["recall"]["value"] == 1.0
    assert ours["shipped limit"]["precision"]["value"] == 1.0
    assert ours["supported blocked"]["value"] == 0.0
    refusals = found["variants"]["refusals count as claims"]
    assert refusals["shipped limit"]["precision"]["value"] == pytest.approx(2 / 3)
    assert refusals["supported blocked"]["value"] == 0.25
    assert found["by_kind"]["contradiction"]["n"] == found["by_kind"]["neutral"]["n"] == 1
    assert found["by_model"]["m"]["n"] == 6
    assert found["stages"]["figures"] == (1, 0)
    said = capsys.readouterr().out
    for words in ("LettuceDetect-large", "ours, shipped limit", "ours, cross-fitted", "no result", PASSED):
        assert words in said


# the LLM's faithfulness


def test_verdicts_are_read_or_refused() -> None:
    assert faithfulness.parsed("1. Yes\n2) No\n3: it says so, yes", 3) == [True, False, True]
    for reply in ("", "1. Yes", "1. Yes\n3. No", "1. Yes\n2. maybe", "1. Yes\n2. No\n2. Yes", "1. Yes\n2. No\n3. No"):
        assert faithfulness.parsed(reply, 2) is None


async def test_faithfulness_is_the_share_of_supported_statements(data: Path, tmp_path: Path) -> None:
    responses, out = ragtruth.load(data)[:4], tmp_path / "r.jsonl"
    script = Script(
        "1. The rent is 500.\n2. Dogs are welcome.", "1. Yes\n2. Yes",
        "1. The rent is 500.\n2. Horses sleep.", "1. Yes\n2. No",
        "none", "1. Dogs are welcome.", "Certainly!",
    )  # fmt: skip
    rows = await faithfulness.measure(script, responses, ResultFile(out))
    assert [row["score"] for row in rows] == [1.0, 0.5, None, None]
    assert rows[3]["reply"] == "Certainly!"
    assert script.replies == []
    assert await faithfulness.measure(Script(), responses, ResultFile(out)) == rows


async def test_the_llm_and_ours_are_compared_on_the_same_responses(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "SAMPLES", 20)
    responses = ragtruth.load(data)
    ours = ragtruth.measure(bench(), responses)
    llm = [{"key": "0", "score": 1.0}, {"key": "1", "score": 0.5}, {"key": "2", "score": None}]
    found = faithfulness.say_faithfulness(responses, ours, llm, LIMITS.ship)
    assert (found["asked"], found["unread"], found["compared"]) == (3, 1, 2)
    assert found["llm"]["shipped limit"]["f1"]["value"] == found["ours"]["shipped limit"]["f1"]["value"] == 1.0
    assert "1 more could not be read" in capsys.readouterr().out
    assert faithfulness.say_faithfulness(responses, ours, [], LIMITS.ship)["compared"] == 0


def test_a_smaller_sample_begins_a_larger_one(data: Path) -> None:
    responses = ragtruth.load(data)
    assert faithfulness.sampled(responses, 2) == faithfulness.sampled(responses, 4)[:2]
    assert len(faithfulness.sampled(responses, 100)) == len(responses)


# cases


class Says:
    """A language model that judges by a word."""

    name = "says"

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        verdict = Verdict.ENTAILED if "upstairs" not in claim else Verdict.NEUTRAL
        return Judgement(verdict, 0.5, Stage.SECOND)


async def test_the_gate_with_the_language_model_stands_beside_the_judge_alone(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = [f"t{number}" for number in range(400)]
    premise = "cup\nyear | club\n1999 | leeds\n2000 | hull"
    stated = [
        {
            "id": f"{table}-{n}",
            "premise": premise,
            "hypothesis": said,
            "label": label,
            "table": table,
            "channel": "simple",
        }
        for table in tables
        for n, (said, label) in enumerate([("leeds in 1999", "entailment"), ("leeds in 2001", "refuted")])
    ]
    with pytest.raises(UsageError, match="tabfact"):
        second.told(data, 5)
    write(data / "tabfact" / "pairs.jsonl", stated)
    gate, results = CascadeGate(WordModel(), LIMITS, second=Says()), ResultFile(tmp_path / "r.jsonl")
    rows = await second.measure(gate, bench(results), data, 40)
    said = {row["key"]: (row["passed"], row["gate"], row["judge"]) for row in rows["ragtruth"]}
    assert said["0"] == (True, 1.0, 1.0)
    assert said["1"][0] is False  # horses sleep upstairs
    assert said["2"] == (False, 0.0, 0.0)  # a figure that is not there
    assert said["4"][0] is True  # what refuses states nothing
    assert await second.measure(gate, bench(results), data, 40) == rows
    groups = {response.id: response.source for response in ragtruth.load(data)}
    found = second.say_second(rows, groups, LIMITS.ship)
    assert found["gate"]["tabfact"] == found["judge"]["tabfact"] == 1.0
    assert found["gate"]["ragtruth"]["auc"]["value"] == 1.0
    assert "simple statements" in capsys.readouterr().out


def test_cases_are_counted_by_kind_and_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [
        Pair("The rent is 500 euros.", "The rent is 500 euros.", "entailed", "true", "s", "d"),
        Pair("The rent is 500 euros.", "The rent is 900 euros.", "contradicted", "number", "s", "d"),
        Pair("The rent is 500 euros.", "The rent is very low.", "not_entailed", "half", "s", "d"),
        Pair("The rent is not low.", "The rent is low.", "contradicted", "negation", "s", "d"),
    ]
    path = write(
        tmp_path / "cases.jsonl", [pair.__dict__ if hasattr(pair, "__dict__") else _row(pair) for pair in pairs]
    )
    rows = cases.measure(bench(), cases.load(path))
    found = cases.say_cases(rows, LIMITS.ship)
    assert found["true"]["wanted"] == "passed"
    assert found["true"]["gate"]["share"] == 1.0
    assert found["number"]["gate"]["share"] == 1.0
    assert found["number"]["caught by"] == {"figures": 1}
    assert found["half"]["caught by"] == {"judge": 1}
    assert found["negation"]["gate"]["share"] == 0.0  # words do not show it
    assert list(found) == ["true", "half", "negation", "number"]
    assert "judge alone" in capsys.readouterr().out


def _row(pair: Pair) -> dict[str, str]:
    return {name: getattr(pair, name) for name in ("evidence", "claim", "label", "kind", "source", "document")}


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--cases"):
        cases.load(None)
    with pytest.raises(UsageError, match="not a file of pairs"):
        cases.load(write(tmp_path / "x.jsonl", [{"a": 1}]))


# speed


def test_speed_is_measured_on_answers_with_one_sentence_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(speed, "ANSWERS", 3)
    monkeypatch.setattr(speed, "ROUNDS", 2)
    lines = [f"We keep item number {n} of your data for {n} days after you have left us. " * 6 for n in range(2, 12)]
    write(
        tmp_path / "policyqa" / "corpus.jsonl",
        [{"_id": str(n), "title": "a.com", "text": t.strip()} for n, t in enumerate(lines)],
    )
    loaded = speed.load(tmp_path)
    assert loaded == speed.load(tmp_path)
    for answer in loaded:
        assert len(answer.context.passages) == 4
        texts = [sentence.rpartition(" [")[0] for sentence in answer.sentences]
        held = [any(text in passage.text for passage in answer.context.passages) for text in texts]
        assert held == [True, True, False]
    row = speed.say_speed(speed.measure(bench(), loaded))
    assert row["threads"] == 2
    assert row["claims_per_second"] > 0
    assert row["answer_p95_ms"] >= row["answer_p50_ms"] > 0
    assert "2 threads" in capsys.readouterr().out


# answers


def case(number: str, kind: Kind, source: str = "sample") -> Asked:
    gold = () if kind.wants_abstention else (Gold("files/lease.txt", 3, "The rent of Unit 7 is 500 euros"),)
    facts = () if kind.wants_abstention else (("500",),)
    return Asked(source, Case(number, kind, f"Question {number}?", ANA, gold, facts))  # type: ignore[arg-type]


def test_every_beginning_is_balanced() -> None:
    asked = [case(f"a{n}", Kind.ANSWERABLE) for n in range(30)] + [case(f"u{n}", Kind.UNANSWERABLE) for n in range(10)]
    asked += [case(f"c{n}", Kind.ANSWERABLE, "cuad") for n in range(20)]
    mixed = evenly(asked)
    assert sorted(q.key for q in mixed) == sorted(q.key for q in asked)
    first = mixed[:12]
    assert [sum(q.key.startswith(key) for q in first) for key in ("sample:a", "sample:u", "cuad:c")] == [6, 2, 4]
    assert evenly(reversed(asked)) != asked


def test_no_other_benchmark_asks_these_questions(tmp_path: Path) -> None:
    rows = []
    for pdf in range(12):
        name = {"pdf": f"{pdf}.pdf", "answerable": True, "evidence": []}
        rows += [
            name | {"id": f"n{pdf}", "category": "Document Name", "answers": [f"Deal {pdf}"]},
            name | {"id": f"p{pdf}", "category": "Parties", "answers": [f"Alpha{pdf}; Beta{pdf}"]},
        ]
        for at, category in enumerate(
            ("Governing Law", "Non-Compete", "Expiration Date", "Renewal Term", "Insurance", "Audit Rights") * 4
        ):
            held = at % 2 == 0
            evidence = [{"page": 1, "text": "words"}] if held else []
            rows.append(
                {
                    "id": f"q{pdf}-{at}",
                    "pdf": f"{pdf}.pdf",
                    "category": category,
                    "answerable": held,
                    "answers": [],
                    "evidence": evidence,
                }
            )
    path = write(tmp_path / "qa.jsonl", rows)
    chosen = fresh(path, 11)
    assert [sum(q.case.kind.wants_abstention == absent for q in chosen) for absent in (False, True)] == [6, 5]
    others = [load_questions(path, ASKED_BY_OTHERS), split_questions(path, "dev"), split_questions(path, "test")]
    assert not {q.case.id for q in chosen} & {q.case.id for questions in others for q in questions}
    assert fresh(path, 11) == chosen


LEASE = "The rent of Unit 7 is 500 euros per month. " * 10
CHUNK = ChunkText("c1", "0f0e0d0c-0b0a-0908-0706-050403020100", 1, "ab", "Lease", "files/lease.txt", 0, 0, len(LEASE), LEASE, ("Rent",), 3)  # fmt: skip
RESULT = SearchResult("What is the rent?", (Hit(CHUNK, 1.0, {"dense": 0.5}, copies=(CHUNK,)),), "snap", {"x": 1.0})


class OneDocument:
    """Stands for search, chunk reader and version reader over one lease."""

    options = SearchOptions()

    async def search(self, query: str, principal: Principal, top_k: int, **_: Any) -> SearchResult:
        return RESULT

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        return Context((Passage(1, CHUNK, LEASE, 0, len(LEASE)),), Lead(1, 0, LEASE.index(".") + 1, 3.0))

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText:
        return SourceText(LEASE, ())

    async def day(self, document_id: str, version: int, principal: Principal) -> None:
        return None


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    monkeypatch.setattr(record, "PostgresVersionText", lambda pool: OneDocument())
    settings = SimpleNamespace(max_tokens=160, embedder="e", reranker="r", shown_chars=0, quote_from=0.8)
    one = SimpleNamespace(
        answer_search=OneDocument(), context_builder=OneDocument(), context_options=ContextOptions(), pool=None,
        settings=settings, limits=LIMITS, language=SimpleNamespace(prompt=load_prompt("answer")),
        selector=SimpleNamespace(name="s", answers=lambda *_: 0.9),
    )  # fmt: skip
    return {"sample": one, "cuad": one}


async def recorded(parts: dict[Any, Any], results: ResultFile, asked: Sequence[Asked], *replies: Any) -> list[Any]:
    return await record.record(parts, Script(*replies), asked, results)


async def test_what_was_recorded_is_not_asked_again(parts: dict[Any, Any], tmp_path: Path) -> None:
    asked, out = [case("1", Kind.ANSWERABLE), case("2", Kind.UNANSWERABLE)], tmp_path / "r.jsonl"
    from generation.errors import GeneratorUnavailable

    first = await recorded(parts, ResultFile(out), asked, GeneratorUnavailable("gone"), "NOT FOUND")
    assert [row["key"] for row in first] == ["sample:2"]
    both = await recorded(parts, ResultFile(out), asked, "The rent is 500 euros [1]. It is low.")
    assert [row["replies"][0]["raw"] for row in both] == ["The rent is 500 euros [1]. It is low.", "NOT FOUND"]
    assert await recorded(parts, ResultFile(out), asked) == both
    assert search_result(both[0]["result"]) == replace(RESULT, timings_ms={})
    assert both[0]["context"][0]["text"] == LEASE


async def test_the_replies_to_the_parts_of_a_question_are_given_again_in_their_order() -> None:
    asked = [(ChatMessage("user", "Rent?"),), (ChatMessage("user", "Notice?"),)]
    row = {
        "replies": [
            {"messages_sha256": record.digest(asked[0]), "raw": "500 euros [1].", "cut": False},
            {"messages_sha256": record.digest(asked[1]), "raw": "60 days [2].", "cut": True},
        ]
    }
    again = Recorded(row, "generator", "")
    told = [[delta async for delta in again.stream(messages, max_tokens=9)] for messages in asked]
    assert [(deltas[0].text, deltas[-1].cut) for deltas in told] == [("500 euros [1].", False), ("60 days [2].", True)]
    assert again.same_prompt
    assert [delta async for delta in again.stream(asked[0], max_tokens=9)] == []
    assert not again.same_prompt


async def test_a_model_is_recorded_with_the_prompt_that_it_is_asked_with(parts: dict[Any, Any]) -> None:
    """An adapter may be trained on a prompt of its own."""
    results, cited = ResultFile(None), load_prompt("cited")
    parts["cuad"].language.prompt = cited
    (row,) = await recorded(parts, results, [case("1", Kind.ANSWERABLE)], "The rent is 500 euros [1].")
    assert row["setup"]["prompt"] == cited.pinned
    replayed = await replay_all(parts, Strict(), [case("1", Kind.ANSWERABLE)], [row], results)
    assert all(again["same_prompt"] for again in replayed)
    parts["cuad"].language.prompt = load_prompt("answer")
    (other,) = await recorded(parts, results, [case("1", Kind.ANSWERABLE)], "The rent is 500 euros [1].")
    assert other["replies"][0]["messages_sha256"] != row["replies"][0]["messages_sha256"]


class Strict:
    """A gate that passes nothing but the words "500 euros" before a marker: no quotation of the lease either."""

    name = "strict"

    async def check(self, sentence: str, *context: Any, **rest: Any) -> Any:
        decision = await record.OpenGate().check(sentence, *context, **rest)
        if "500 euros [" in sentence:
            return decision
        judgement = replace(decision.judgement, verdict="neutral", stage="judge")
        return replace(decision, judgement=judgement, evidence=())

    async def instead(self, *_: Any) -> None:
        return None

    async def conflict(self, *_: Any) -> None:
        return None


async def test_a_replay_tells_what_the_gate_changed(
    parts: dict[Any, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [case("1", Kind.ANSWERABLE), case("2", Kind.UNANSWERABLE), case("3", Kind.ANSWERABLE, "cuad")]
    results = ResultFile(tmp_path / "r.jsonl")
    rows = await recorded(
        parts, results, asked, "The rent is 500 euros [1]. It is low [1].", "Dogs pay 7 [1].", "It is 400."
    )
    replayed = await replay_all(parts, Strict(), asked, rows, results)
    assert [(row["key"], row["mode"]) for row in replayed[:2]] == [("sample:1", OFF), ("sample:1", ON)]
    assert all(row["same_prompt"] for row in replayed)
    by = {(row["key"], row["mode"]): row for row in replayed}
    assert [s["text"] for s in by["sample:1", OFF]["sentences"]] == ["The rent is 500 euros.", "It is low."]
    assert [s["text"] for s in by["sample:1", ON]["sentences"]] == ["The rent is 500 euros."]
    assert by["sample:1", OFF]["sentences"][0]["passages"] == [f"Lease > Rent\n{LEASE}"]
    assert by["sample:1", ON]["right"] == {"facts": True}
    assert (by["sample:2", OFF]["right"], by["sample:2", ON]["right"]) == ({"abstained": False}, {"abstained": True})
    assert by["cuad:3", OFF]["right"]["page"]
    assert await replay_all(parts, Strict(), asked, rows, ResultFile(tmp_path / "r.jsonl")) == replayed

    sheet = tmp_path / "sheet.jsonl"
    count = answers.write_sheet(sheet, replayed)
    lines = [json.loads(line) for line in sheet.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == count == len({s["key"] for row in replayed for s in row["sentences"]})
    assert all(set(line) == {"key", "question", "sentence", "evidence", "passages"} for line in lines)
    labels = answers.read_labels(
        write(tmp_path / "labels.jsonl", [{"key": s["key"], "supported": "500" in s["sentence"]} for s in lines])
    )
    found = answers.say_answers(replayed, labels)
    off, on = found["numbers"][OFF], found["numbers"][ON]
    assert (off["unsupported"]["hits"], off["unsupported"]["of"]) == (3, 4)
    assert on["unsupported"]["hits"] == 0
    assert (off["abstention recall"]["share"], on["abstention recall"]["share"]) == (0.0, 1.0)
    assert found["right"]["sample: facts"] == {"off": 1, "on": 1, "lost": 0, "won": 0}
    assert found["right"]["sample: abstained"] == {"off": 0, "on": 1, "lost": 0, "won": 1}
    assert "gate off" in capsys.readouterr().out


def test_right_is_the_gold_page_or_the_gold_words_in_contracts() -> None:
    asked = case("1", Kind.ANSWERABLE, "cuad")
    cited = Citation(1, "d", 1, "", "t", "files/lease.txt", (), 3, 0, 9, "something else")
    card = ModelCard("g", "", "e", "r", "j", "p", "")
    answer = Answer("It is 500.", Status.ANSWERED, (), (cited,), card)
    assert rights(asked, answer) == {"page": True, "clause": False}
    words = replace(cited, page=9, quote="The rent of Unit 7 is 500 euros")
    assert rights(asked, replace(answer, citations=(words,))) == {"page": False, "clause": True}


def test_labels_are_checked(tmp_path: Path) -> None:
    assert answers.read_labels(None) == {}
    for row in ({"key": "a"}, {"key": "a", "supported": "yes"}, []):
        with pytest.raises(UsageError, match="supported"):
            answers.read_labels(write(tmp_path / "l.jsonl", [row]))
