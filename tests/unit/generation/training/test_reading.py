"""The reader's training: that its heads learn, that its limits hold their risks, and that a run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from generation.gate.limits import load_limits
from generation.gate.reader import PROMPT, Heads
from generation.prompts import load_prompt
from generation.training.data.judged import Asked
from generation.training.data.judged import Sentence as Judged
from generation.training.data.pairs import split_of
from generation.training.judge.reading import (
    CASES,
    Read,
    Scored,
    Sentence,
    crossfitted,
    heads,
    pooled,
    read,
    scored,
    sentences,
    write,
)
from generation.types import ChatMessage, Entailment, Pooled

WIDTH = 24


def asked(count: int) -> list[Asked]:
    """Questions with a sentence of each sort: true or not, answering or not."""
    told = [
        Judged("The fee is 5 pounds.", "far", True, "full"),
        Judged("The fee is due in the spring.", "added", False, "full"),
        Judged("The shop sells tea.", "off", True, "no"),
        Judged("The fee is 6 pounds.", "value", False, "full"),
    ]
    evidence = "The fee is 5 pounds. The shop sells tea."
    return [Asked("policyqa", f"d{n}", "Shop", evidence, "What is the fee?", tuple(told)) for n in range(count)]


def held(count: int, seed: int = 1) -> Read:
    """States in which one direction tells what is true and another one what answers, under noise."""
    draw = np.random.default_rng(seed)
    chosen = [one for split in ("train", "calibrate", "cases") for one in sentences(asked(count), split)]
    states = draw.normal(0.0, 1.0, (len(chosen), WIDTH)) * np.linspace(0.5, 40, WIDTH) + 7.0
    states[:, 3] += [8.0 if one.true else -8.0 for one in chosen]
    states[:, 9] += [15.0 if one.full else -15.0 for one in chosen]
    return Read(tuple(chosen), states.astype(np.float32))


def test_the_heads_tell_what_is_supported_from_what_answers() -> None:
    found, new = heads(held(200), held(100, 2), "g", "p"), held(100, 3)
    readings = [found.read(state.tolist()) for state in new.states]
    for said, truth in (([r.supported for r in readings], new.true), ([r.answers for r in readings], new.full)):
        assert np.mean((np.array(said) > 0.5) == truth) > 0.8
        assert abs(np.mean(said) - np.mean(truth)) < 0.1  # they are probabilities
    assert found.weights.shape == (2, WIDTH)


def test_sentences_of_some_questions_are_read_without_them_and_do_not_train_what_answers() -> None:
    found = sentences(asked(400), "train")
    alone = [one for one in found if not one.question]
    assert 0.06 < len(alone) / len(found) < 0.18
    rows, new = held(200), held(100, 2)
    spoilt = Read(
        tuple(replace(one, full=not one.full if not one.question else one.full) for one in rows.sentences), rows.states
    )
    assert np.array_equal(heads(spoilt, new, "g", "p").weights, heads(rows, new, "g", "p").weights)


def test_a_draft_counts_more_than_a_sentence_that_was_written_to_train() -> None:
    """As if it stood there five times."""
    rows, new = held(60), held(40, 2)
    last = Read(rows.sentences[-20:], rows.states[-20:])
    drafts = Read((*rows.sentences[:-20], *(replace(one, kind="draft") for one in last.sentences)), rows.states)
    five = Read((*rows.sentences, *last.sentences * 4), np.concatenate([rows.states, *[last.states] * 4]))
    found, same, once = (heads(each, new, "g", "p").weights for each in (drafts, five, rows))
    assert np.allclose(found, same, atol=1e-3)
    assert not np.allclose(found, once, atol=1e-3)


class Sour:
    """Implements `EntailmentModel`: entails nothing."""

    name = "sour"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        return Entailment(0.1, 0.9, 0.0)


def test_limits_are_chosen_on_drafts_of_documents_that_the_heads_did_not_see() -> None:
    """A state that says which document it is of and nothing else tells nothing there."""
    rows = held(120).sentences
    told = np.array([one.true for one in rows])
    drafts = [
        Sentence(
            "The fee is 5 pounds.",
            "The fee is 5 pounds.",
            "What is it?",
            "draft",
            bool(number % 2),
            full=True,
            document=f"x{number}",
        )
        for number in range(60)
    ]
    states = np.zeros((len(rows) + 60, 60 + WIDTH), np.float32)
    states[: len(rows), 0] = np.where(told, 1.0, -1.0) * np.random.default_rng(2).uniform(-0.5, 1.0, len(rows))
    for number in range(60):
        states[len(rows) + number, WIDTH + number] = 5.0 if number % 2 else -5.0
    learnt, unseen_states = Read((*rows, *drafts), states), Read(rows, states[: len(rows)])
    seen = [heads(learnt, unseen_states, "", "").read(state.tolist()).supported for state in states[len(rows) :]]
    right = np.array([one.true for one in drafts])
    assert np.mean((np.array(seen) > np.median(seen)) == right) > 0.9
    found = list(crossfitted(learnt, unseen_states, Sour()))
    assert len(found) == 60
    assert len({round(one.said, 6) for one in found}) <= 4  # one a fold
    beside = [replace(one, kind="far") for one in drafts]  # written sentences of the same documents tell nothing either
    more = Read((*learnt.sentences, *beside), np.concatenate([states, states[len(rows) :]]))
    assert len({round(one.said, 6) for one in crossfitted(more, unseen_states, Sour())}) <= 4


def test_the_heads_come_back_as_they_were_saved() -> None:
    found = heads(held(60), held(40, 2), "g", "p")
    back = Heads.loaded(found.saved())
    state = held(1).states[0].tolist()
    assert (back.read(state), back.generator, back.prompt) == (found.read(state), "g", "p")
    assert back.digest == Heads.loaded(found.saved()).digest


def test_the_limits_hold_their_risks_and_the_surer_judge_weighs_more() -> None:
    draw = np.random.default_rng(5)

    def some(count: int) -> list[Scored]:
        rows = []
        for number in range(count):
            true, full = number % 2 == 0, number % 3 != 0
            lift = np.array([0.08 * (true or -1), 0.25 * (true or -1), 0.2 * (full or -1)])
            entailed, said, answers = np.clip(draw.normal(0.5, 0.2, 3) + lift, 0, 1)
            rows.append(Scored("far", true, full, Entailment(entailed, 0.9 * (1 - entailed), 0.0), said, answers))
        return rows

    fitted, limiting = some(600), some(600)
    alone = [replace(one, full=None) for one in some(300)]
    found = pooled(fitted, limiting, alone, risk=0.05, beside=0.2)
    assert found.said > found.entailed > 0

    def opens(one: Scored) -> bool:
        return found.support(one.found, one.said) >= found.ship and one.answers >= found.answers

    assert 0.02 < np.mean([opens(one) for one in limiting if not one.true]) <= 0.05
    assert np.mean([opens(one) for one in limiting if one.true and one.full]) > 0.3
    false = [one for one in (*limiting, *alone) if not one.true]
    assert 0.02 < np.mean([found.support(one.found, one.said) >= found.alone for one in false]) <= 0.05
    assert found.alone > found.ship  # nobody else looks at what need not answer
    assert 0.1 < np.mean([one.answers >= found.answers for one in limiting if not one.full]) <= 0.2
    assert np.mean([one.answers >= found.answers for one in limiting if one.full]) > 0.6


def test_it_is_kept_beside_the_limits_and_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import generation.gate.limits as module

    file = tmp_path / "limits.toml"
    file.write_text('judge = "abc"\n\n[profile.local]\nship = 0.9\ngrey = 0.5\nconflict = 0.95\n')
    for ship in (0.7, 0.8):
        write(Pooled(-1.0, 0.3, -0.1, 1.5, ship, 0.4, 0.9), "local", file, heads="h1", trained_on=12)
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    monkeypatch.setattr(module, "shipped_heads", lambda: Heads(np.zeros((2, 1)), np.zeros(2), "", "", "h1"))
    assert load_limits("local", "abc").pooled == Pooled(-1.0, 0.3, -0.1, 1.5, 0.8, 0.4, 0.9)
    assert file.read_text().count("[pooled.local]") == 1
    file.write_text(file.read_text().replace('"h1"', '"another"'))
    with pytest.raises(LookupError, match="gate read"):
        load_limits("local", "abc")


class Flat:
    name = "flat"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        return Entailment(0.4, 0.5, 0.1)


def test_a_run_goes_on_and_reads_nothing_twice(tmp_path: Path) -> None:
    told = [Judged(f"The fee is {n} pounds.", "value", False, "full") for n in range(250)]
    chosen = sentences([Asked("policyqa", "d1", "Shop", "The fee is 5.", "What is it?", tuple(told))], split_of("d1"))
    calls: list[str] = []

    def told(messages: Sequence[ChatMessage], since: str) -> Sequence[float]:
        claim = since.removeprefix("Claim: ")
        calls.append(claim)
        if len(calls) == 110:
            raise KeyboardInterrupt
        return [float(claim.split()[3]), 1.0]

    prompt = load_prompt(PROMPT)

    with pytest.raises(KeyboardInterrupt):
        read(chosen, prompt, told, tmp_path, lambda _: None)
    whole = read(chosen, prompt, told, tmp_path, lambda _: None)
    assert len(calls) == 110 + 150  # the first hundred were kept
    assert whole.states[:, 0].tolist() == list(range(250))
    again = read(chosen[::-1], prompt, told, tmp_path, lambda _: None)
    assert len(calls) == 260
    assert again.states[:, 0].tolist() == list(range(250))[::-1]
    other = [replace(chosen[0], evidence="The fee is 6.")]
    read(other, prompt, told, tmp_path, lambda _: None)  # other evidence is another reading
    assert len(calls) == 261


def test_what_the_figures_stage_keeps_back_is_not_scored() -> None:
    part = held(40)
    found = list(scored(part, heads(part, part, "g", "p"), Flat()))
    assert {one.kind for one in found} == {"far", "added", "off"}  # "6 pounds" does not stand there
    assert len(found) == sum(one.kind != "value" for one in part.sentences)


def test_a_documents_sentences_are_of_one_split() -> None:
    every = asked(60)
    assert len([one for one in sentences(every, CASES) if one.question]) == 4 * sum(
        split_of(one.document) == CASES for one in every
    )
    assert all(one.evidence.startswith("Shop\n") for one in sentences(every, CASES))
    assert [field.name for field in fields(Pooled)][-3:] == ["ship", "answers", "alone"]
