"""Questions out of documents: each check has a case that it must drop, what is made can be asked, and a kill loses
nothing. The models are scripted; search is by shared words."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.datasets.golden import load_cases
from evals.measuring.results import ResultFile
from evals.metrics.matching import tokens
from evals.suites.questions.cases import load, save
from evals.suites.questions.checks import CHECKS, Draft, needs_a_name, problem, same
from evals.suites.questions.drawing import passages, wanted
from evals.suites.questions.facts import FactKind, facts, spellings
from evals.suites.questions.making import Dropped, Made, around, made
from evals.suites.questions.run_questions import QuestionsRun, Work, person
from evals.suites.questions.sheet import accept, write_sheet
from evals.suites.questions.unanswerable import hidden, swapped
from evals.systems.question_desk import Document
from evals.types import Kind
from generation.types import ChatMessage, Decision, Judgement, Stage, Verdict
from retrieval.types import ChunkText, Hit, NamedDocument, Principal, SearchResult

ASKER = Principal("ana", frozenset({"legal"}))
KEYS = "The contractor hands back the keys within five working days of the end of the contract with Kestrel."
QUESTION = "How long does the contractor of Kestrel have for bringing us what opens our doors?"


def document(name: str, kind: str = "cleaning agreement", language: str = "en", suffix: str = "pdf") -> Document:
    parties = (f"{name} Ltd", "Thornquay Ltd")
    return Document(name.lower(), f"docs/{name}.{suffix}", f"{kind} {name}", "x", language, 1, kind, parties)


def chunk(of: Document, text: str, at: int = 0, section: str = "Ending") -> ChunkText:
    start = 1000 * at
    return ChunkText(f"{of.id}-{at}", of.id, 1, "0" * 64, of.title, of.source, at, start, start + len(text), text,
                     (section,), 1)  # fmt: skip


KESTREL, OSTARA = document("Kestrel"), document("Ostara")


class Scripted:
    """`refuses`: statements that the gate does not let pass. `fits`: sentences that answer, by the selector. Replies
    with `reply`; names documents by the first word of a party in the question."""

    def __init__(self, *chunks: ChunkText, documents: Sequence[Document] = (KESTREL, OSTARA)) -> None:
        self.asker = ASKER
        self.chunks = {one.chunk_id: one for one in chunks}
        self.all = tuple(documents)
        self.refuses: Callable[[str, str], bool] = lambda statement, question: False
        self.fits: Callable[[str, str], float] = lambda question, sentence: 0.0
        self.support: Callable[[str], float] = lambda statement: 0.9
        self.reply: Callable[[str], str] = lambda prompt: QUESTION
        self.prompts: list[str] = []

    def documents(self) -> Sequence[Document]:
        return self.all

    def chunk_ids(self, document_id: str) -> list[str]:
        return [name for name, one in self.chunks.items() if one.document_id == document_id]

    def read(self, chunk_ids: Sequence[str]) -> Sequence[ChunkText]:
        return [self.chunks[name] for name in chunk_ids]

    def page(self, chunk: ChunkText, at: int) -> int | None:
        return 1 + at // 100

    def write(self, messages: Sequence[ChatMessage], max_tokens: int) -> str:
        self.prompts.append(messages[-1].content)
        return self.reply(messages[-1].content)

    def check(self, statement: str, chunk: ChunkText, question: str) -> Decision:
        verdict = Verdict.NEUTRAL if self.refuses(statement, question) else Verdict.ENTAILED
        return Decision(statement, Judgement(verdict, self.support(statement), Stage.SECOND))

    def search(self, question: str, document_id: str = "") -> SearchResult:
        asked = set(tokens(question))
        found = [one for one in self.chunks.values() if document_id in ("", one.document_id)]
        found.sort(key=lambda one: -len(asked & set(tokens(one.text))))
        named = [
            NamedDocument(one.id, one.title, "x", "party", 1)
            for one in self.all
            if one.parties and one.parties[0].split()[0].lower() in asked
        ]
        return SearchResult(question, tuple(Hit(one, 1.0) for one in found[:10]), "s", named=tuple(named))

    def answers(self, question: str, sentence: str, heading: str) -> float:
        return self.fits(question, sentence)


def draft(question: str, **other: object) -> Draft:
    one = Draft(question, ("five working days", "5 working days"), KEYS, "Cleaning agreement Ending the agreement")
    return replace(one, **other)  # type: ignore[arg-type]


# Checks of the words


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        ("no_question", "The contractor of Kestrel has some days for the keys."),
        ("no_question", "When are they back? And who brings them?"),
        ("no_question", "How long for keys?"),
        ("other_language", "Wie lange hat die Reinigungsfirma Zeit, um die Schlüssel der Räume zurückzugeben?"),
        ("gives_away", "Has the contractor five working days for bringing back the keys?"),
        ("gives_away", "Has the contractor 5 working days for bringing back the keys?"),
        ("looks_at_the_passage", "According to the passage, how long may the contractor keep the keys?"),
        ("looks_at_the_passage", "How long may the contractor keep keys under this section?"),
        ("looks_at_the_passage", "What is the time mentioned for bringing back the keys?"),
        ("cannot_stand_alone", "And how long does it have for bringing them back to us?"),
        ("copies", "When is it that contractor hands back keys, days of the end of the contract with Kestrel?"),
        (
            "copies",
            "Do strangers with money say the contractor hands back the keys within five working days of winter?",
        ),
        ("asks_the_heading", "How long is the ending of the cleaning agreement?"),
    ],
)
def test_each_check_drops_what_it_is_for(check: str, bad: str) -> None:
    by_name = {one.__name__: one for one in CHECKS}
    assert by_name[check](draft(bad))
    assert by_name[check](draft(QUESTION)) == ""
    assert problem(draft(bad))


def test_a_good_question_passes_all() -> None:
    assert problem(draft(QUESTION)) == ""


def test_questions_that_ask_the_same_in_other_order_are_the_same() -> None:
    assert same("How long may Kestrel keep our keys?", "Our keys: how long may Kestrel keep them?")
    assert not same("How long may Kestrel keep our keys?", "How much does Kestrel pay for our keys?")


# Facts


@pytest.mark.parametrize(
    ("text", "kind", "fact"),
    [
        ("It costs $3,000,000 in all.", FactKind.MONEY, "$3,000,000"),
        ("The undrawn part was £2,800,000, so that all is well.", FactKind.MONEY, "£2,800,000"),
        ("It is limited to £40 million for each event.", FactKind.MONEY, "£40 million"),
        ("The rest, ten percent (10%), goes to others.", FactKind.SHARE, "ten percent (10%)"),
        ("Interest is 2.1% above base rate.", FactKind.SHARE, "2.1%"),
        ("Within thirty (30) days it is paid.", FactKind.PERIOD, "thirty (30) days"),
        ("Signed on February 19, 2019 by both.", FactKind.DAY, "February 19, 2019"),
        ("It holds 1,200 pallets at most.", FactKind.COUNT, "1,200 pallets"),
        ("Depot | Pallets | Rent\nLeeds | north | 4,500", FactKind.CELL, "4,500"),
        ("The Licensee shall insure the goods.", FactKind.WHO, "Licensee"),
    ],
)
def test_facts_are_found(text: str, kind: FactKind, fact: str) -> None:
    assert [(one.kind, one.of(text)) for one in facts(text)] == [(kind, fact)]
    (one,) = facts(text)
    assert fact in one.sentence(text)


@pytest.mark.parametrize("text", ["Support Training must be given now.", "Each Purchase Order shall be made so.",
                                  "This Agreement shall be kept by all.", "The Tenant shall not pay for it at all."])  # fmt: skip
def test_who_must_is_somebody(text: str) -> None:
    assert facts(text) == []


def test_a_sentence_that_says_nothing_of_the_fact_has_none() -> None:
    assert facts("Position on 5 December 2025.") == []
    assert len(facts("The register was last changed on 5 December 2025.")) == 1


@pytest.mark.parametrize("text", ["By: ____ on 5 May 2019", "Name: Ana, 5 May 2019", "/s/ Ana 5 May 2019", "No fact."])
def test_signatures_and_forms_have_none(text: str) -> None:
    assert facts(text) == []


@pytest.mark.parametrize(
    ("fact", "other"),
    [
        ("fifteen (15) days", ["fifteen days", "15 days"]),
        ("three months", ["3 months"]),
        ("twenty-five days", ["25 days"]),
        ("5 working days", ["five working days"]),
        ("$3,000,000", ["3,000,000", "3 million"]),
        ("12%", ["12 per cent", "12 percent"]),
        ("March 5, 2019", ["5 March 2019", "2019-03-05"]),
        ("5 March 2019", ["March 5, 2019"]),
        ("Licensee", []),
    ],
)
def test_facts_in_other_spellings(fact: str, other: list[str]) -> None:
    assert spellings(fact)[0] == fact
    assert set(other) <= set(spellings(fact))


# One passage


def good() -> Scripted:
    return Scripted(chunk(KESTREL, KEYS), chunk(OSTARA, "Ostara pays 400 euros for water each year, as ever, in May."))


def made_by(desk: Scripted, at: str = "kestrel-0") -> Made:
    of = next(one for one in desk.all if one.id == desk.chunks[at].document_id)
    return made(desk, of, desk.chunks[at])


def why(desk: Scripted, at: str = "kestrel-0") -> str:
    with pytest.raises(Dropped) as told:
        made_by(desk, at)
    return str(told.value)


def test_a_question_with_its_gold() -> None:
    one = made_by(good())
    assert (one.question, one.answer, one.gold, one.kind) == (QUESTION, "five working days", KEYS, Kind.ANSWERABLE)
    assert one.rank == 1


def test_the_model_is_shown_the_lines_around_the_fact_alone() -> None:
    first, last = "At first there is nothing to say here.", "At last there is nothing to say here either."
    text = f"{first} One comes before. {KEYS} One comes after. {last}"
    desk = Scripted(chunk(KESTREL, text))
    made_by(desk)
    assert KEYS in desk.prompts[0]
    assert "One comes before." in desk.prompts[0]
    assert first not in desk.prompts[0]
    assert last not in desk.prompts[0]
    assert desk.prompts[0].endswith("Answer: five working days")


def test_of_a_table_the_row_under_its_header() -> None:
    text = "Depot | Side | Pallets of goods\nLeeds | north | 4,500\nYork | south | 1,700"
    one = chunk(KESTREL, text)
    row = next(fact for fact in facts(text) if fact.of(text) == "1,700")
    assert around(one, row) == "Depot | Side | Pallets of goods\nYork | south | 1,700"


def test_the_gate_must_find_that_the_passage_answers() -> None:
    desk = good()
    desk.refuses = lambda statement, question: statement == KEYS
    assert why(desk) == "the passage does not answer it"


def test_the_gate_must_find_that_the_fact_is_the_answer() -> None:
    desk = good()
    desk.refuses = lambda statement, question: statement == "Five working days."
    assert why(desk) == "the fact is not the answer"


def test_the_gate_must_be_surer_of_the_fact_than_an_answer_needs() -> None:
    desk = good()
    desk.support = lambda statement: 0.65 if statement == "Five working days." else 0.9
    assert why(desk) == "the fact is not the answer"
    desk.support = lambda statement: 0.75
    assert made_by(desk).answer == "five working days"


def test_another_fact_of_the_same_sentence_must_not_fit_as_well() -> None:
    text = "The contractor of Kestrel hands back the keys within five working days, and the cars within nine days."
    desk = Scripted(chunk(KESTREL, text))
    desk.support = lambda statement: 0.95 if "nine" in statement or "Nine" in statement else 0.9
    assert why_of_fact(desk, "five working days") == "another fact beside it answers as well"


def why_of_fact(desk: Scripted, fact: str) -> str:
    """Of whichever chunk id draws this fact."""
    (one,) = desk.chunks.values()
    for at in range(50):
        other = replace(one, chunk_id=f"kestrel-{at}")
        drawn = Scripted(other)
        drawn.support, drawn.refuses = desk.support, desk.refuses
        try:
            made_by(drawn, other.chunk_id)
        except Dropped as told:
            if drawn.prompts[0].endswith(fact):
                return str(told)
    raise AssertionError("never dropped")


def test_another_passage_of_the_document_must_not_answer() -> None:
    rival = "On the end of the contract keys of the contractor come back within nine days."
    desk = Scripted(chunk(KESTREL, KEYS), chunk(KESTREL, rival, 1))
    desk.fits = lambda question, sentence: 0.9 if sentence == rival else 0.0
    assert why(desk) == "another passage answers it, too"
    desk.refuses = lambda statement, question: statement == rival  # the selector proposes, the gate decides
    assert made_by(desk).answer == "five working days"


def test_what_another_document_would_answer_is_asked_of_its_own() -> None:
    rival = "The contractor of the town hands back the keys within nine days."
    desk = Scripted(chunk(KESTREL, KEYS), chunk(OSTARA, rival))
    desk.fits = lambda question, sentence: 0.9 if sentence == rival else 0.0
    desk.reply = lambda prompt: "How long does the contractor have for bringing us what opens our doors?"
    one = made_by(desk)
    assert one.question == (
        "Under the cleaning agreement between Kestrel Ltd and Thornquay Ltd, how long does the contractor have for "
        "bringing us what opens our doors?"
    )
    assert one.plain == "How long does the contractor have for bringing us what opens our doors?"


def test_what_speaks_of_the_agreement_is_given_its_name_too() -> None:
    desk = good()
    desk.reply = lambda prompt: "How long does the contractor have for the keys after the agreement has come to an end?"
    assert made_by(desk).question.startswith("Under the cleaning agreement between Kestrel Ltd and Thornquay Ltd, how")


@pytest.mark.parametrize(
    ("question", "needs"),
    [
        ("When did the JOINT FILING AGREEMENT become effective?", True),
        ("How many days has either party for the fee of the cleaning?", True),
        ("How long does the company keep cleaning materials?", True),
        ("How long may cleaning people keep what opens our doors?", False),
    ],
)
def test_what_does_not_say_of_which_document(question: str, needs: bool) -> None:
    assert needs_a_name(question, "Cleaning agreement Ending") is needs


def test_what_shares_no_word_with_title_or_headings_is_given_the_name() -> None:
    desk = good()
    desk.reply = lambda prompt: "How long may somebody who was let in keep what opens our doors?"
    assert made_by(desk).question.startswith("Under the cleaning agreement between Kestrel Ltd and Thornquay Ltd, how")
    desk.reply = lambda prompt: "How long may cleaning people keep what opens our doors?"  # the title has "cleaning"
    assert made_by(desk).named == ""


def test_what_cannot_be_named_is_dropped() -> None:
    nameless = replace(KESTREL, parties=(), kind="", title="")
    desk = Scripted(chunk(nameless, KEYS), documents=(nameless,))
    desk.reply = lambda prompt: "How long does the contractor have for the keys after the agreement has come to an end?"
    assert why(desk) == "cannot be told from other documents"


def test_a_title_that_no_other_document_has_names_it() -> None:
    plain = replace(KESTREL, parties=(), kind="", title="Key catalogue", only_title=True)
    desk = Scripted(chunk(plain, KEYS), documents=(plain,))
    desk.reply = lambda prompt: "How long does the contractor have for the keys after the agreement has come to an end?"
    assert made_by(desk).question.startswith("In the Key catalogue, how long does the contractor")
    with pytest.raises(Dropped, match="cannot be told"):
        made(desk, replace(plain, only_title=False), desk.chunks["kestrel-0"])


# What must be refused


def test_the_question_is_put_to_another_party() -> None:
    desk = good()
    refused = swapped(desk, made_by(desk), desk.documents())
    assert refused.question == QUESTION.replace("Kestrel", "Ostara")
    assert refused.document == OSTARA


def test_what_the_other_document_answers_after_all_is_dropped() -> None:
    other = "The contractor of Ostara brings back what opens doors within nine days."
    desk = Scripted(chunk(KESTREL, KEYS), chunk(OSTARA, other))
    one = made_by(desk)
    desk.fits = lambda question, sentence: 0.3 if sentence == other else 0.0  # already a small doubt counts
    with pytest.raises(Dropped, match="answered after all"):
        swapped(desk, one, desk.documents())


def test_with_no_other_document_nothing_is_put_to_it() -> None:
    desk = Scripted(chunk(KESTREL, KEYS), documents=(KESTREL,))
    with pytest.raises(Dropped, match="no other document"):
        swapped(desk, made_by(desk), desk.documents())


def test_a_hidden_one_must_not_be_answered_by_what_the_asker_reads() -> None:
    theirs = made_by(good())
    other = "The contractor of Kestrel brings back what opens doors within nine days."
    desk = Scripted(chunk(OSTARA, other), documents=(OSTARA,))
    assert hidden(desk, theirs).question == QUESTION
    desk.fits = lambda question, sentence: 0.9
    with pytest.raises(Dropped, match="answered after all"):
        hidden(desk, theirs)


@pytest.mark.parametrize(
    ("fact", "other", "secret"),
    [
        ("five working days", "Nothing is said of it here.", ()),  # would be "found" in many an answer
        ("£417,300", "Nothing is said of it here.", ("£417,300", "417,300")),
        ("£417,300", "The rent is 417,300 pounds for all.", ()),  # what the asker reads holds the figure, too
        ("£90", "Nothing is said of it here.", ()),
    ],
)
def test_a_leak_is_told_by_a_fact_that_stands_nowhere_else(fact: str, other: str, secret: tuple[str, ...]) -> None:
    theirs = made_by(Scripted(chunk(KESTREL, KEYS.replace("five working days", fact))))
    desk = Scripted(chunk(OSTARA, other), documents=(OSTARA,))
    assert hidden(desk, theirs).secret == secret


# Which passages


def many(count: int, per: int = 3) -> Scripted:
    """Documents with `per` passages each, whose questions and facts are their own."""
    said = [document(f"Firm{chr(97 + at // 26)}{chr(97 + at % 26)}") for at in range(count)]
    chunks = [
        chunk(one, f"The rent of room {one.id} {word} of the tower is {100 * at + 7} euros within {20 + place} days of "
                   "each quarter, payable in advance.", place, f"Section {place}")
        for at, one in enumerate(said) for place, word in enumerate(("alpha", "beta", "gamma", "delta")[:per])
    ]  # fmt: skip
    desk = Scripted(*chunks, documents=said)

    def reply(prompt: str) -> str:
        words = prompt.split("room ", 1)[1].split()
        return f"By when does tenant {words[0]} bring money for chamber {words[1]} {words[0]}{words[1]}?"

    desk.reply = reply
    return desk


def drawn(desk: Scripted, known: Callable[[str], bool] = lambda name: False) -> list[str]:
    return [one.chunk_id for _, one in passages(desk, desk.documents(), known)]


def test_every_document_has_its_turn_before_one_has_two() -> None:
    desk = many(10)
    order = drawn(desk)
    assert len({name.split("-")[0] for name in order[:10]}) == 10
    assert sorted(order) == sorted(desk.chunks)
    assert order == drawn(many(10))  # by ids alone
    assert [name for name in drawn(desk, order[:4].__contains__) if name in order[:4]] == []


def test_what_cannot_be_checked_or_has_no_fact_is_not_drawn() -> None:
    german = document("Amt", language="de")
    desk = Scripted(chunk(german, KEYS), chunk(KESTREL, "Nothing of any use is said here, however long the text may get."),
                    documents=(german, KESTREL))  # fmt: skip
    assert drawn(desk) == []


def test_rare_kinds_of_file_come_early() -> None:
    said = [*(document(f"P{at}") for at in range(30)), document("Sheet", suffix="xlsx")]
    desk = Scripted(*(chunk(one, KEYS) for one in said), documents=said)
    assert drawn(desk).index("sheet-0") < 10


def test_documents_are_chosen_by_pattern() -> None:
    assert wanted([KESTREL, OSTARA], ["docs/K*"]) == [KESTREL]
    assert wanted([KESTREL, OSTARA], ["ostara"]) == [OSTARA]
    with pytest.raises(UsageError, match="no document"):
        wanted([KESTREL], ["nothing/*"])


# The whole


def worked(tmp_path: Path, desk: Scripted, count: int, minutes: float = 60.0, other: Scripted | None = None,
           clock: Callable[[], float] = lambda: 0.0, recipe: str = "r1") -> Work:  # fmt: skip
    out = tmp_path / "questions.jsonl"
    asked = QuestionsRun(out, ASKER, other.asker if other else None, count, minutes=minutes)
    work = Work(asked, desk, other, {"prompt": recipe}, ResultFile(out.with_name(f"{out.name}.tried")))  # type: ignore[arg-type]
    work.go_on(clock)
    return work


def test_a_file_that_the_night_reads(tmp_path: Path) -> None:
    work = worked(tmp_path, many(12), 10)
    found = load_cases(work.asked.out)
    assert len(found) == 10
    assert sum(case.kind.wants_abstention for case in found) == 2
    for case, row in zip(found, work.rows, strict=True):
        assert case.asker == ASKER
        assert row["generated"]["recipe"] == {"prompt": "r1"}
        assert (row["language"], row["type"]) == ("en", "pdf")
        if not case.kind.wants_abstention:
            (gold,) = row["evidence"]
            text = next(
                one for one in many(12).chunks.values() if one.source == gold["source"] and one.start == gold["start"]
            )
            assert text.text[: gold["end"] - gold["start"]] == gold["quote"] == case.gold[0].quote
            assert (gold["version"], gold["page"]) == (1, 1)
            assert case.must_contain[0][0] in gold["quote"]


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    first = worked(tmp_path, many(12), 4)
    before = first.asked.out.read_text()
    desk = many(12)
    second = worked(tmp_path, desk, 8)
    assert second.asked.out.read_text().startswith(before)
    assert len(second.rows) == 8
    asked_before = {row["passage"] for row in first.results.rows}
    assert not any(desk.chunks[name].text in prompt for name in asked_before for prompt in desk.prompts)
    again = many(12)
    assert worked(tmp_path, again, 8).rows == second.rows
    assert again.prompts == []


def test_what_was_dropped_is_tried_again_by_another_recipe_alone(tmp_path: Path) -> None:
    refusing = many(3, per=1)
    refusing.refuses = lambda statement, question: True
    work = worked(tmp_path, refusing, 3)
    assert (work.rows, work.why["the passage does not answer it"]) == ([], 3)
    same_again = many(3, per=1)
    assert worked(tmp_path, same_again, 3).rows == []
    assert same_again.prompts == []
    assert len(worked(tmp_path, many(3, per=1), 3, recipe="r2").rows) == 3


def test_a_kill_between_file_and_results_doubles_nothing(tmp_path: Path) -> None:
    work = worked(tmp_path, many(6), 3)
    tried = work.asked.out.with_name("questions.jsonl.tried")
    lines = tried.read_text().splitlines(keepends=True)
    tried.write_text("".join(lines[:-1]))
    rows = worked(tmp_path, many(6), 5).rows
    assert len({row["id"] for row in rows}) == len(rows) == 5


def test_the_time_is_kept(tmp_path: Path) -> None:
    ticks = iter(range(0, 10_000, 20))
    work = worked(tmp_path, many(12), 10, minutes=1.0, clock=lambda: float(next(ticks)))
    assert 0 < len(work.rows) < 10


def test_the_same_is_not_asked_twice(tmp_path: Path) -> None:
    desk = many(8)
    desk.reply = lambda prompt: "By when does the tenant bring money for chambers of the high building?"
    work = worked(tmp_path, desk, 5)
    assert len(work.rows) == 1
    assert work.why["asks what another asks"] > 5


def test_forbidden_ones_hold_what_stays_hidden(tmp_path: Path) -> None:
    secret = document("Vault")
    theirs = Scripted(chunk(secret, KEYS.replace("five working days", "a fee of £417,300")), documents=(secret,))
    theirs.asker = Principal("finn")
    work = worked(tmp_path, many(12), 6, other=theirs)
    (row,) = [row for row in work.rows if row["kind"] == "forbidden"]
    assert row["asker"]["user"] == "ana"
    assert row["must_contain"] == [["£417,300", "417,300"]]
    with pytest.raises(UsageError, match="reads no document"):
        worked(tmp_path, many(12), 12, other=many(12))


def test_people_are_named_as_everywhere() -> None:
    assert person("user:ana", "legal, staff", "--as") == Principal("ana", frozenset({"legal", "staff"}))
    for wrong in ("ana", "group:legal", ""):
        with pytest.raises(UsageError, match="--as names a person"):
            person(wrong, "", "--as")


# The sheet


def said(path: Path, rows: Sequence[Sequence[str]], separator: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return worked(tmp_path, many(6), 4).asked.out


def ids(out: Path) -> list[str]:
    return [case.id for case in load_cases(out)]


def test_what_is_struck_goes_and_the_rest_is_marked(tmp_path: Path, out: Path) -> None:
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    write_sheet(tmp_path / "sheet.csv", rows)
    with (tmp_path / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.reader(file))
    assert [line[-1] for line in sheet[1:]] == ids(out)
    sheet[2][0] = "No"
    struck, kept = sheet[2][-1], [line[-1] for line in sheet[1:] if line is not sheet[2]]
    assert accept(said(tmp_path / "done.csv", sheet, ";"), out) == 0
    assert ids(out) == kept
    assert all(json.loads(line)["generated"]["reviewed"] for line in out.read_text().splitlines())
    again = many(6)
    assert struck not in {row["id"] for row in worked(tmp_path, again, 4).rows}  # it does not come back


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([["keep", "id"], ["yes", "made-nothing"]], "is not in"),
        ([["keep", "id"], ["perhaps", "ID"]], "yes or no"),
        ([["question", "id"], ["no", "ID"]], "the columns keep and id"),
    ],
)
def test_a_sheet_that_cannot_be_meant_changes_nothing(
    tmp_path: Path, out: Path, lines: list[list[str]], why: str
) -> None:
    before = out.read_text()
    lines = [[ids(out)[0] if cell == "ID" else cell for cell in line] for line in lines]
    with pytest.raises(UsageError, match=why):
        accept(said(tmp_path / "done.csv", lines), out)
    with pytest.raises(UsageError, match="the CSV file"):
        accept(tmp_path / "sheet.html", out)
    assert out.read_text() == before


def test_a_sheet_of_another_encoding_and_words_with_other_line_ends(tmp_path: Path, out: Path) -> None:
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    rows[0]["question"] = "What is due\u2028under the lease?"
    out.chmod(0o600)
    save(out, rows)
    assert (load(out)[0]["question"], out.stat().st_mode & 0o777) == (rows[0]["question"], 0o600)
    (tmp_path / "excel.csv").write_bytes("keep,question,id\nno,f\u00fcr wen?,x\n".encode("cp1252"))
    with pytest.raises(UsageError, match="save it as CSV in UTF-8"):
        accept(tmp_path / "excel.csv", out)


def test_the_page_shows_words_as_words(tmp_path: Path, out: Path) -> None:
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    rows[0]["question"] = "Is <script>alert(1)</script> paid?"
    rows[1]["question"] = "=HYPERLINK(1)"
    write_sheet(tmp_path / "sheet.html", rows)
    page = (tmp_path / "sheet.html").read_text()
    assert "<script>alert" not in page
    assert all(f'name="{one}"' in page for one in ids(out))
    write_sheet(tmp_path / "sheet.csv", rows)
    assert "'=HYPERLINK" in (tmp_path / "sheet.csv").read_text()
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("sheet.html", "sheet.csv")} == {0o600}
    with pytest.raises(UsageError, match="name it"):
        write_sheet(tmp_path / "sheet.txt", rows)
