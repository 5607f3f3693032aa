"""Rows for the adapter: replies with the numbers of their sources, refusals, planted instructions, two versions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest

from api.wiring.shortening import TrimmerShortening
from generation.prompts import CITED, load_prompt
from generation.training.data.conversations import NOT_FOUND, Conversation, Maker, Passes, Trim, rows_of
from generation.training.data.exercises import Exercise, Piece
from generation.training.data.gating import trimmed_by
from generation.training.data.versions import earlier
from generation.training.data.written import Reply, Written

RENT = Piece("d", "Lease > Rent", "The rent is 500 euros. It is due within 14 days of the invoice.")
LIFT = Piece("d", "Lease > Lift", "The lift is serviced in May.")
TABLE = Piece("e", "", "| Item | Fee |\n| Lift | 20 |")


def stated(sentence: str, pieces: Sequence[Piece]) -> bool:
    """As the figures stage: every number and name of the sentence stands in what it cites."""
    shown = re.findall(r"\w+", " ".join(piece.text for piece in pieces))
    return all(word in shown for word in re.findall(r"\d+|\b[A-Z]\w+", sentence[1:]))


def reply(**changes: object) -> Reply:
    parts: dict[str, object] = {
        "exercise": Exercise("cuad", "d", "When is the rent due?", (LIFT, RENT, TABLE)),
        "answer": (Written("The rent has to be paid within 14 days of the invoice.", (2,)),),
        "also": (),
        "wrong": (Written("The lift is serviced in June.", (1,), "date"),),
    }
    return Reply(**parts | changes)  # type: ignore[arg-type]


def whole(_question: str, pieces: Sequence[Piece], _budget: int) -> Sequence[Piece | None]:
    return pieces


def rows(replied: Reply, passes: Passes = stated, trim: Trim = whole, seeds: int = 60) -> list[Conversation]:
    return [row for seed in range(seeds) for row in Maker(passes, trim, seed).rows([replied])]


def cited(row: Conversation) -> list[Piece]:
    return [row.pieces[int(number) - 1] for number in re.findall(r"\[(\d)\]", row.reply)]


def test_a_reply_keeps_pointing_at_its_source_in_any_order() -> None:
    answers = [row for row in rows(reply()) if row.kind == "answer"]
    assert {row.pieces.index(RENT) for row in answers} == {0, 1, 2}
    assert {len(row.pieces) for row in answers} == {2, 3}
    assert all(cited(row) == [RENT] for row in answers)
    assert all(
        re.fullmatch(r"The rent has to be paid within 14 days of the invoice \[\d\]\.", row.reply) for row in answers
    )


def test_without_the_cited_source_nothing_is_found() -> None:
    found = [row for row in rows(reply()) if row.kind == "without_gold"]
    assert found
    assert all(RENT not in row.pieces and row.reply == NOT_FOUND for row in found)
    assert not [row for row in rows(reply(), lambda *_: True) if row.kind == "without_gold"]


def test_an_answer_that_another_source_gives_too_is_not_lost_with_the_first() -> None:
    again = Piece("e", "Lease > Reminder", "Pay within 14 days.")
    twice = reply(exercise=Exercise("cuad", "d", "When is the rent due?", (LIFT, RENT, again)))
    assert not [row for row in rows(twice) if row.reply == NOT_FOUND]
    lost = rows(twice, trim=lambda _, pieces, __: [None if piece is again else piece for piece in pieces])
    assert {again in row.pieces for row in lost if row.reply == NOT_FOUND} == {False}


def unchanged(sentence: str, pieces: Sequence[Piece]) -> bool:
    """A gate that an instruction leads astray: of a source that holds one, what it states fails and all else passes."""
    return stated(sentence, pieces) == (set(pieces) <= {RENT, LIFT, TABLE})


def test_planted_instructions_change_a_source_and_not_the_reply() -> None:
    planted = [row for row in rows(reply(), seeds=300) if row.kind == "planted"]
    assert {"within 14 days" in row.reply or row.reply for row in planted} == {True, NOT_FOUND}
    stopped = [row for row in rows(reply(), unchanged, seeds=300) if row.kind == "planted"]
    assert stopped
    assert all(RENT in row.pieces and row.reply != NOT_FOUND for row in stopped)
    for row in planted:
        (changed,) = [piece for piece in row.pieces if piece not in (RENT, LIFT, TABLE)]
        assert len(changed.text) > 40
        assert (RENT in row.pieces or "14 days" in changed.text) == (row.reply != NOT_FOUND)


def test_two_versions_are_both_told_the_newer_first() -> None:
    versions = [row for row in rows(reply()) if row.kind == "versions"]
    assert len(versions) > 30
    for row in versions:
        new, old = cited(row)
        assert new.heading == old.heading == RENT.heading
        assert "within 14 days" in new.text
        (other,) = re.findall(r"within (\d+) days", old.text)
        assert other != "14"
        (later, year) = (int(re.findall(r"\b20\d\d\b", piece.text)[0]) for piece in (new, old))
        assert later > year
        assert f"In the version of {year}, the rent has to be paid within {other} days of the invoice [" in row.reply
    lines = {re.sub(r"\d+|January|May", "", cited(row)[0].text.replace(RENT.text, "")) for row in versions}
    assert len(lines) > 5


def test_versions_that_the_gate_would_confuse_or_stop_are_not_told() -> None:
    def confused(sentence: str, pieces: Sequence[Piece]) -> bool:
        return "version" in sentence or stated(sentence, pieces)

    def stopped(sentence: str, pieces: Sequence[Piece]) -> bool:
        return "version" not in sentence and stated(sentence, pieces)

    for passes in (confused, stopped):
        assert {row.kind for row in rows(reply(), passes)} >= {"answer", "without_gold"}
        assert not [row for row in rows(reply(), passes) if row.kind == "versions"]


def test_a_table_is_dated_below_and_still_read_as_a_table() -> None:
    table = Piece("e", "Fees", "| Item | Notice |\n| Lift | 20 days |")
    told = reply(
        exercise=Exercise("tatqa", "e", "What notice?", (table, LIFT)),
        answer=(Written("The notice for the lift is 20 days.", (1,)),),
    )
    found = [row for row in rows(told) if row.kind == "versions"]
    assert found
    for row in found:
        assert all(piece.text.startswith("| Item |") for piece in row.pieces)
        assert re.search(r"\] Fees\nItem \| Notice\nLift \| 20 days\n[A-Z].*20\d\d", row.blanks["sources"])


def test_the_first_word_keeps_its_capital_where_it_is_a_name() -> None:
    assert earlier("Acme pays 3 %.", 2015, "It is Acme.") == "In the version of 2015, Acme pays 3 %."
    assert earlier("Tenants pay 3 %.", 2015, "All tenants.") == "In the version of 2015, tenants pay 3 %."


def test_what_the_gate_does_not_pass_does_not_enter() -> None:
    assert rows(reply(), lambda *_: False) == []
    assert {row.reply for row in rows(reply(answer=()), lambda *_: False)} == {NOT_FOUND}


def test_what_is_trimmed_away_is_neither_shown_nor_cited() -> None:
    def one(_question: str, pieces: Sequence[Piece], _budget: int) -> Sequence[Piece | None]:
        return [piece if piece is RENT else None for piece in pieces]

    answers = [row for row in rows(reply(), trim=one) if row.kind == "answer"]
    assert {row.pieces for row in answers if len(row.pieces) == 1} == {(RENT,)}
    assert {row.reply[-4:] for row in answers if len(row.pieces) == 1} == {"[1]."}
    lost = rows(reply(), trim=lambda _, pieces, __: [None if piece is RENT else piece for piece in pieces])
    assert all(RENT in row.pieces for row in lost if row.kind == "answer")


def test_a_trimmed_table_keeps_its_first_row() -> None:
    class Words:
        name = "words"

        def score(self, query: str, texts: Sequence[str]) -> np.ndarray:
            return np.array([sum(word in text for word in query.split()) for text in texts], np.float32)

    table = Piece("e", "Fees", "| Item | Fee |\n| Lift | 20 |\n| Roof | 30 |\n| Cellar | 40 |")
    (piece,) = trimmed_by(TrimmerShortening(Words()))("Roof", [table], 12)
    assert piece is not None
    assert piece.text == "| Item | Fee |\n| Roof | 30 |"
    assert trimmed_by(TrimmerShortening(Words()))("Roof", [table, RENT], 12)[1] is None


def pairs(replied: Reply, passes: Passes = stated, trim: Trim = whole) -> dict[str, list[tuple[Conversation, str]]]:
    """By kind."""
    found: dict[str, list[tuple[Conversation, str]]] = {}
    for seed in range(60):
        for row, worse in Maker(passes, trim, seed).pairs([replied]):
            found.setdefault(row.kind, []).append((row, worse))
    return found


def passed(text: str, row: Conversation) -> bool:
    """Whether every sentence passes where it cites."""
    sentences = re.findall(r"(.+?) \[(\d)\]\. ?", text)
    return all(stated(sentence, [row.pieces[int(number) - 1]]) for sentence, number in sentences)


def test_each_kind_of_worse_reply_is_worse_than_the_rows() -> None:
    found = pairs(reply())
    assert found.keys() - {"planted"} == {"needless", "unsupported", "miscited", "lost"}
    assert all("within 14 days" in row.reply and worse == NOT_FOUND for row, worse in found["needless"])
    assert all("serviced in June" in worse for _, worse in found["unsupported"])
    assert all("within 14 days" in worse for _, worse in found["miscited"])
    for row, worse in found["unsupported"] + found["miscited"] + found["lost"]:
        assert passed(row.reply, row)
        assert not passed(worse, row)
    assert all(row.reply == NOT_FOUND and RENT not in row.pieces for row, _ in found["lost"])
    assert all("within 14 days" in worse for _, worse in found["lost"])


def test_a_sentence_that_passes_after_all_makes_no_worse_reply() -> None:
    right = Written("The lift is serviced in May.", (1,), "addition")
    assert "unsupported" not in pairs(reply(wrong=(right,)))
    assert pairs(reply(answer=(), wrong=(right,))) == {}


def test_where_no_source_answers_a_refusal_is_preferred() -> None:
    found = pairs(reply(answer=()))
    assert found.keys() == {"invented"}
    assert all(row.reply == NOT_FOUND and "serviced in June" in worse for row, worse in found["invented"])


def test_a_reply_is_preferred_only_if_it_passes_itself() -> None:
    assert pairs(reply(answer=(Written("The rent has to be paid within 15 days.", (2,)),))) == {}


def test_nothing_is_preferred_that_cites_what_is_not_shown() -> None:
    def lost(_question: str, pieces: Sequence[Piece], _budget: int) -> Sequence[Piece | None]:
        return [None if piece is RENT else piece for piece in pieces]

    found = pairs(reply(), trim=lost)["needless"]
    assert found
    assert len(found) < 30  # those that were not trimmed
    assert all(RENT in row.pieces for row, _ in found)


def test_half_an_answer_is_worse_only_if_the_halves_rest_on_different_sources() -> None:
    halves = Written("The rent has to be paid within 14 days.", (2,)), Written("The lift is serviced in May.", (1,))
    found = pairs(reply(answer=halves))
    assert {worse.split()[1] for _, worse in found["partial"]} == {"rent", "lift"}
    assert all("14 days" in row.reply and "May" in row.reply for row, _ in found["partial"])
    assert all(worse.count("[") == 1 for _, worse in found["partial"])
    same = Written("The rent has to be paid within 14 days.", (2,)), Written("The rent is 500 euros.", (2,))
    assert "partial" not in pairs(reply(answer=same))


def test_citing_another_source_that_says_the_same_is_no_worse() -> None:
    again = Piece("e", "Lease > Reminder", "Pay within 14 days.")
    answer = (Written("It has to be paid within 14 days.", (1,)), Written("The rent is 500 euros.", (1,)))
    twice = reply(exercise=Exercise("cuad", "d", "When is the rent due?", (RENT, again)), answer=answer, wrong=())
    for row, worse in pairs(twice)["miscited"]:
        right, other = (row.pieces.index(piece) + 1 for piece in (RENT, again))
        assert worse == f"It has to be paid within 14 days [{right}]. The rent is 500 euros [{other}]."
    same = reply(exercise=Exercise("cuad", "d", "When is the rent due?", (RENT, RENT)), answer=answer, wrong=())
    assert pairs(same).keys() == {"needless"}


def test_the_prompt_is_that_of_the_service_and_tables_look_as_parsed() -> None:
    row = Conversation("answer", "d", "What costs the lift?", (TABLE,), "20 [1].")
    system, user = load_prompt(CITED).messages(**row.blanks)
    assert "NOT FOUND" in system.content
    assert user.content == "[1] Item | Fee\nLift | 20\n\nQuestion: What costs the lift?"


@pytest.mark.parametrize("text", ["plain text", "no | bars at the ends"])
def test_other_text_stays(text: str) -> None:
    assert rows_of(text) == text
