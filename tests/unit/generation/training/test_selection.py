"""Training data of the selector: what answers a question and what does not; the selector at work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from generation.gate.selector import AnswerSelector
from generation.training.data.exercises import Exercise, Piece
from generation.training.data.pairs import Pair, split_of
from generation.training.data.text import Block, Document
from generation.training.data.written import Reply, Written
from generation.training.selector import data
from generation.training.selector.asked import Asked, Line, lines_of
from generation.training.selector.headings import heading_questions
from generation.training.selector.replies import replied_questions
from generation.training.selector.sets import set_questions

Rows = set[tuple[str, str, bool]]

RENT = Piece("d", "Lease > Rent", "The rent is 500 euros a month. It is due within 14 days of the invoice.")
LIFT = Piece("d", "Lease > Lift", "The landlord has the lift serviced in May of each year.")
FEES = Piece("d", "Fees", "| Item | Fee | Due |\n| Lift service | 20 | May |")
TRAINED = next(f"d{n}" for n in range(99) if split_of(f"d{n}") == "train" and not data.held(f"d{n}"))
HELD = next(f"d{n}" for n in range(99) if split_of(f"d{n}") == "calibrate")
CASES = next(f"d{n}" for n in range(99) if split_of(f"d{n}") == "cases")


def told(asked: Iterable[Asked]) -> Rows:
    """(question, what is read, whether it answers) of all pairs."""
    pairs = [pair for one in asked for pair in one.pairs(Random(0))]
    return {(pair.evidence, pair.claim, pair.label == "entailed") for pair in pairs}


def test_sentences_and_rows_are_read_as_they_would_be_quoted() -> None:
    assert [line.read for line in (*lines_of(LIFT), *lines_of(FEES))] == [
        f"Lease > Lift\n{LIFT.text}",
        "Fees\nItem Lift service: Fee = 20; Due = May",
    ]
    assert lines_of(Piece("d", "", "Too short. " + "It is very long " * 40 + ".")) == []


def test_of_what_stands_beside_the_nearest_are_taken_and_one_more() -> None:
    beside = [Line("", f"The rent of flat {n} is due.") for n in range(3)] + [Line("", f"Dogs {n}") for n in range(9)]
    asked = Asked("k", "s", "d", "When is the rent due?", [Line("Lease", "In May.")], beside)
    pairs = list(asked.pairs(Random(0)))
    assert [pair.label for pair in pairs] == ["entailed", *["not_entailed"] * 4]
    assert [pair.evidence for pair in pairs] == ["When is the rent due?"] * 5
    assert sum("rent of flat" in pair.claim for pair in pairs) == 3


def reply(question: str, *answer: Written, document: str = TRAINED, pieces: Sequence[Piece] = (RENT, LIFT)) -> Reply:
    return Reply(Exercise("cuad", document, question, tuple(pieces)), answer, (), ())


DUE = reply("When is the rent due?", Written("The rent is due within 14 days of the invoice.", (1,)))


def test_the_sentence_that_says_what_was_written_answers_and_so_does_that() -> None:
    rows = told(replied_questions([DUE], Random(0)))
    read = {claim.rpartition("\n")[2]: answers for _, claim, answers in rows}
    assert read == {
        "It is due within 14 days of the invoice.": True,
        "The rent is due within 14 days of the invoice.": True,
        "The rent is 500 euros a month.": False,
        LIFT.text: False,
    }


def test_of_a_sentence_that_says_some_of_it_nobody_knows() -> None:
    some = Piece("d", "", "It is due within 14 days of the invoice. Some invoice has 14 days.")
    rows = told(replied_questions([replace(DUE, exercise=replace(DUE.exercise, passages=(some,)))], Random(0)))
    assert not any("Some invoice" in claim for _, claim, _ in rows)


def test_where_the_writer_found_no_answer_nothing_answers() -> None:
    rows = told(replied_questions([reply("Who pays for the lift?")], Random(0)))
    assert {answers for _, _, answers in rows} == {False}
    assert len(rows) == 3


def test_what_was_written_for_another_question_of_the_document_does_not_answer() -> None:
    other = reply("When is the lift serviced?", Written("The lift is serviced in May.", (2,)))
    rows = told(replied_questions([DUE, other], Random(0)))
    read = {(question, claim.rpartition("\n")[2], answers) for question, claim, answers in rows}
    assert ("When is the rent due?", "The lift is serviced in May.", False) in read


def test_an_exercise_counts_once_and_the_cases_of_the_judge_not_at_all() -> None:
    again = reply("When is the rent due?", Written("Nobody knows what rent is.", (1,)))
    hidden = reply("When is it due?", *DUE.answer, document=CASES)
    assert told(replied_questions([DUE, again, hidden], Random(0))) == told(replied_questions([DUE], Random(0)))


@pytest.fixture
def sets(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of public sets with these rows, by file; the others are empty."""
    names = (
        "qed_dev/qed_dev.jsonl", "squad2_dev_half/corpus.jsonl", "nli_mix/pairs.jsonl", "policyqa/qa.jsonl",
        "tatqa/corpus.jsonl", "tatqa/qa.jsonl",
    )  # fmt: skip

    def make(**rows: Sequence[dict[str, object]]) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            found = rows.get(name.replace("/", "_").removesuffix(".jsonl"), ())
            path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
        return tmp_path

    return make


def test_of_a_paragraph_the_chosen_sentence_answers(sets: Callable[..., Path]) -> None:
    title = next(f"Cup {n}" for n in range(99) if split_of(f"qed/Cup {n}") == "train")
    text = "Ben won the cup. The cup was made in Kent. In 1990 Ben won it once more ."
    row = {
        "title_text": title,
        "question_text": "who won the cup",
        "paragraph_text": text,
        "sentence_starts": [0, 17, 43],
        "annotation": {
            "explanation_type": "single_sentence",
            "selected_sentence": {"start": 0},
            "answer": [{"paragraph_reference": {"string": "Ben"}}],
        },
    }
    rows = told(set_questions(sets(qed_dev_qed_dev=[row]), {}, Random(0)))
    assert {(claim, answers) for _, claim, answers in rows} == {
        (f"{title}\nBen won the cup.", True),
        (f"{title}\nThe cup was made in Kent.", False),
    }


def test_single_sentences_of_what_is_measured_are_left_out(sets: Callable[..., Path]) -> None:
    def row(sentence: str, label: str = "entailment") -> dict[str, str]:
        return {"set": "qnli", "premise": "Who won?", "hypothesis": sentence, "label": label}

    found = sets(
        nli_mix_pairs=[row("Ben won."), row("Kent lies south.", "not_entailment"), row("The Abbot won!")],
        squad2_dev_half_corpus=[{"text": "In 1200 the abbot won. Then he left."}],
    )
    assert told(set_questions(found, {}, Random(0))) == {
        ("Who won?", "Ben won.", True), ("Who won?", "Kent lies south.", False),
    }  # fmt: skip


def test_of_a_policy_only_what_is_far_from_the_question_does_not_answer(sets: Callable[..., Path]) -> None:
    site = next(f"s{n}.com" for n in range(99) if split_of(f"policyqa/s{n}.com") == "train")
    sentences = ("We keep your address for one year.", "We keep your name.", "Children are welcome here.")
    prose = {f"policyqa/{site}": Document(f"policyqa/{site}", "policyqa", (Block("Privacy", sentences),))}
    row = {"policy": site, "question": "How long do you keep my address?", "evidence": [{"text": sentences[0]}]}
    assert told(set_questions(sets(policyqa_qa=[row]), prose, Random(0))) == {
        (row["question"], f"Privacy\n{sentences[0]}", True), (row["question"], f"Privacy\n{sentences[2]}", False),
    }  # fmt: skip


def test_of_a_report_only_an_answer_that_stands_in_one_place_is_taken(sets: Callable[..., Path]) -> None:
    page = next(f"p{n}" for n in range(99) if split_of(f"tatqa/p{n}") == "train")
    text = "| Item | 2019 | 2018 |\n| Rent | 4,330 | 6,850 |\n| Lift | 1,000 | 2,000 |\n\nThe lift cost 2,000 in 2018."
    asked = {"doc": page, "answer_type": "span"}
    found = sets(
        tatqa_corpus=[{"_id": page, "text": text}],
        tatqa_qa=[
            asked | {"question": "What was the rent in 2019?", "answers": ["4,330"]},
            asked | {"question": "What was the lift in 2018?", "answers": ["2,000"]},
        ],
    )
    assert told(set_questions(found, {}, Random(0))) == {
        ("What was the rent in 2019?", "Item Rent: 2019 = 4,330; 2018 = 6,850", True),
        ("What was the rent in 2019?", "Item Lift: 2019 = 1,000; 2018 = 2,000", False),
        ("What was the rent in 2019?", "The lift cost 2,000 in 2018.", False),
    }


def test_what_stands_under_another_heading_of_the_subject_does_not_answer() -> None:
    blocks = (
        Block("Who is at risk for Gout??", ("Men over forty are at risk.",)),
        Block("How is Gout treated?", ("Doctors treat it with rest and pills.",)),
    )
    rows = told(heading_questions([Document(TRAINED, "medquad", blocks)], Random(0)))
    assert {(question, claim.rpartition("\n")[2], answers) for question, claim, answers in rows} == {
        ("Who is at risk for Gout?", "Men over forty are at risk.", True),
        ("Who is at risk for Gout?", "Doctors treat it with rest and pills.", False),
        ("How is Gout treated?", "Doctors treat it with rest and pills.", True),
        ("How is Gout treated?", "Men over forty are at risk.", False),
    }


def section(number: int, name: str, text: str, document: str = TRAINED, source: str = "canada_en") -> Document:
    return Document(document, source, (Block(f"Dog Act > s. {number} {name}", (text,)),))


def test_a_section_answers_what_its_heading_says_if_its_first_sentence_says_so_too() -> None:
    fines = "A fine is to be paid by the owner of the dog."
    blocks = [
        *section(1, "Fines payable", fines).blocks,
        *section(2, "Short title", "This may be cited as the Dog Act.").blocks,
        *section(3, "Leashes", "No dog may run about in a town.").blocks,
    ]
    rows = told(heading_questions([Document(TRAINED, "canada_en", tuple(blocks))], Random(0)))
    right = {(question, claim.rpartition("\n")[2]) for question, claim, answers in rows if answers}
    assert all("fines payable" in question.lower() for question, text in right if text == fines)
    assert not any("leashes" in question for question, _ in right)
    assert {claim.rpartition("\n")[2] for question, claim, answers in rows if "fines" in question and not answers} == {
        "This may be cited as the Dog Act.",
        "No dog may run about in a town.",
    }


def test_a_section_that_is_a_document_is_told_from_its_neighbours() -> None:
    near = [
        section(n, f"Fee number {n}", f"Fee number {n} is due in month {n}.", f"{TRAINED}/{n}", "dc_law")
        for n in range(20)
    ]
    usable = [document for document in near if split_of(document.id) != "cases"]
    rows = told(heading_questions(near, Random(0)))
    assert {text.rpartition("\n")[2] for _, text, right in rows if right} == {
        document.sentences[0] for document in usable
    }


QUESTIONS = (
    Asked("k", "s", TRAINED, "Did Mary Jones pay 900 euros in May 2012?", [Line("", "Mary Jones paid 900 euros.")]),
    Asked("k", "s", HELD, "Did Anna Smith pay at least 20 euros?", [Line("", "Anna Smith paid at least 20 euros.")]),
    Asked("k", "s", TRAINED, "Is this measured?", [], [Line("", " ".join(f"word{n}" for n in range(13)))]),
)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], dict[str, list[Pair]]]:
    """Builds the files from QUESTIONS alone."""
    measured = {"benchmark": [" ".join(f"word{n}" for n in range(20))]}
    for name, given in (("documents", ()), ("replies", ()), ("benchmark_texts", measured)):
        monkeypatch.setattr(data, name, lambda *_, given=given: given)
    monkeypatch.setattr(data.cited, "replies", lambda *_: ())
    monkeypatch.setattr(data, "replied_questions", lambda *_: QUESTIONS)
    for name in ("set_questions", "heading_questions"):
        monkeypatch.setattr(data, name, lambda *_: ())

    def build() -> dict[str, list[Pair]]:
        data.main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), "--seed", "3"])
        lines = {stem: (tmp_path / "out" / f"{stem}.jsonl").read_text().splitlines() for stem in ("train", "held")}
        return {stem: [Pair(**json.loads(line)) for line in found] for stem, found in lines.items()}

    return build


def test_no_document_is_in_both_files_and_nothing_that_is_measured(
    built: Callable[[], dict[str, list[Pair]]], tmp_path: Path
) -> None:
    files = built()
    assert {pair.document for pair in files["train"]} == {TRAINED}
    assert {pair.document for pair in files["held"]} == {HELD}
    assert not any("word" in pair.claim for pair in files["train"])
    assert files == built()
    meta = json.loads((tmp_path / "out" / "meta.json").read_text())
    assert meta["train"]["counts"]["s k entailed"] == 1


def test_a_changed_question_is_no_longer_answered(
    monkeypatch: pytest.MonkeyPatch, built: Callable[[], dict[str, list[Pair]]]
) -> None:
    monkeypatch.setattr(data, "CHANGED_SHARE", 1.0)
    changed = [pair for pairs in built().values() for pair in pairs if pair.kind == "changed question"]
    asked = {one.document: (one.question, one.answers[0].read) for one in QUESTIONS if one.answers}
    assert {pair.document for pair in changed} == {TRAINED, HELD}
    for pair in changed:
        question, claim = asked[pair.document]
        assert (pair.label, pair.claim) == ("not_entailed", claim)
        assert pair.evidence != question


class Pairs:
    """In the place of `PairClassifier`: notes what it reads."""

    name = "pairs@1"

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def probabilities(self, first: str, second: str) -> list[float]:
        self.read.append((first, second))
        return [0.75, 0.2, 0.05]


def test_the_selector_reads_the_question_first_and_the_heading_over_the_sentence() -> None:
    model = Pairs()
    selector = AnswerSelector(model)  # type: ignore[arg-type]
    assert (selector.name, selector.answers("When?", "In May.", "Lease")) == ("pairs@1", 0.75)
    selector.answers("When?", "In May.")
    assert model.read == [("When?", "Lease\nIn May."), ("When?", "In May.")]
