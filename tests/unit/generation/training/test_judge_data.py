"""Training data of the judge: every kind of corruption, true rewordings, tables, questions, splits, determinism."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generation.training.data.drafts import MOST_WORDS, Draft, Material, window
from generation.training.data.negatives import KINDS, corrupt
from generation.training.data.nli import begin_rows, nli_rows, split_held
from generation.training.data.pairs import Pair
from generation.training.data.prose import Surroundings, prose_drafts, usable
from generation.training.data.questions import statement
from generation.training.data.reword import reworded
from generation.training.data.tables import table_drafts, tables
from generation.training.data.text import Block, Document, detokenised, without_number
from generation.training.data.true import core, passive, rearranged
from generation.training.judge import data


def true(claim: str, evidence: str = "") -> Pair:
    return Pair(evidence or claim, claim, "entailed", "true", "cuad", "doc")


def corrupted(kind: str, claim: str, material: Material | None = None, evidence: str = "") -> set[str]:
    """The claims that forty seeds make of it."""
    made = (corrupt(kind, true(claim, evidence), material or Material(), Random(seed)) for seed in range(40))
    return {pair.claim for pair in made if pair}


def test_a_changed_number_is_one_that_the_evidence_does_not_state() -> None:
    claims = corrupted("number", "Consultant shall pay 30 days after the invoice.")
    assert claims
    assert all("30 days" not in claim and "days after the invoice" in claim for claim in claims)


@pytest.mark.parametrize(
    "claim", ["Section 5 applies to the lease.", "The Act of 1996 applies.", "See clause (3) of it."]
)
def test_numbers_of_sections_and_years_are_no_numbers(claim: str) -> None:
    assert corrupted("number", claim) == set()


def test_an_amount_keeps_its_sign_and_its_separators() -> None:
    claims = corrupted("number", "The fee was $1,496 in all.")
    assert claims
    assert all(claim.startswith("The fee was $") and claim.endswith(" in all.") for claim in claims)


def test_year_month_and_day_change() -> None:
    claims = corrupted("date", "It ends on 12 March 2019.")
    assert {claim.split()[-1] for claim in claims} > {"2019."}
    assert any("March" not in claim for claim in claims)
    assert any(" 12 " not in claim for claim in claims)
    assert corrupted("date", "You may march on.") == set()


def test_a_name_gives_way_to_a_name_of_the_same_make() -> None:
    claim = "Fees are owed to the Licensor under this lease."
    material = Material(names=("the Escrow Agent", "Mary Ann Jones", "the Licensor Group", "the Owner"))
    assert corrupted("name", claim, material) == {
        "Fees are owed to the Escrow Agent under this lease.",
        "Fees are owed to the Owner under this lease.",
    }


@pytest.mark.parametrize(
    ("claim", "turned"),
    [
        ("The Supplier shall not assign it.", "The Supplier shall assign it."),
        ("The Supplier shall assign it.", "The Supplier shall not assign it."),
        ("Notice is due before the term ends.", "Notice is due after the term ends."),
        ("We collect your address.", "We do not collect your address."),
        ("It ends without notice to anyone.", "It ends with notice to anyone."),
        ("No person shall enter the dock.", "Any person shall enter the dock."),
    ],
)
def test_negation_turns_the_main_clause(claim: str, turned: str) -> None:
    assert turned in corrupted("negation", claim)


def test_negation_leaves_both_with_and_without_alone() -> None:
    assert corrupted("negation", "It applies with or without notice to anyone.") <= {
        "It does not apply with or without notice to anyone."
    }


@pytest.mark.parametrize(
    ("claim", "turned"),
    [
        ("The Supplier shall pay the Customer.", set()),
        ("The landlord shall notify the tenant.", {"The tenant shall notify the landlord."}),
        ("Sales rose from $5 in 2018 to $6 in 2019.", {"Sales rose from $6 in 2019 to $5 in 2018."}),
        ("Values ranging from 5 to 10 are normal.", set()),
        ("The landlord and the tenant shall meet.", set()),
        ("The virus causes high fever.", {"High fever causes the virus."}),
        ("Rates were higher in men than in women.", {"Rates were higher in women than in men."}),
    ],
)
def test_roles_are_exchanged_where_that_matters(claim: str, turned: set[str]) -> None:
    assert corrupted("role", claim) == turned


@pytest.mark.parametrize(
    ("claim", "turned"),
    [
        ("The Board may suspend the licence.", "The Board must suspend the licence."),
        ("The Board shall act at once, if a member asks.", "The Board shall act at once."),
        ("It usually ends.", "It always ends."),
        ("We keep about 30 files.", "We keep exactly 30 files."),
        ("It lasts at least 30 days.", "It lasts more than 30 days."),
    ],
)
def test_a_stronger_claim_says_more(claim: str, turned: str) -> None:
    assert turned in corrupted("stronger", claim)


@pytest.mark.parametrize("claim", ["The Board may not act.", "Symptoms may appear if you smoke a lot."])
def test_what_only_looks_stronger_is_left(claim: str) -> None:
    assert not {"The Board must not act.", "Symptoms may appear."} & corrupted("stronger", claim)


def test_half_adds_what_the_evidence_lacks() -> None:
    claim = "The fee is due on Monday."
    clause, detail = "Dogs need a written permit.", "because the landlord moved abroad"
    claims = corrupted("half", claim, Material(clauses=(clause,), details=(detail,)))
    assert any("dogs need a written permit." in made.lower() for made in claims)
    assert "The fee is due on Monday because the landlord moved abroad." in claims
    assert corrupted("half", claim, Material(clauses=(clause,)), evidence=f"{claim} {clause}") == set()


def test_half_adds_an_item_to_a_list() -> None:
    claims = corrupted("half", "We take names, addresses and birthdays.", Material(items=("fingerprints",)))
    assert claims == {"We take names, addresses, fingerprints and birthdays."}


def test_swapped_claims_more_than_the_evidence_keeps() -> None:
    sentence = "The company must keep the records for seven full years after the contract has ended."
    for seed in range(20):
        pair = corrupt("swapped", true(sentence), Material(sentence=sentence), Random(seed))
        if pair:
            assert pair.claim == sentence
            assert sentence.startswith(pair.evidence.rstrip("."))
            assert len(pair.evidence) < len(sentence)
            return
    pytest.fail("never applied")


@pytest.mark.parametrize("kind", ["other_document", "wrong_citation"])
def test_evidence_is_replaced_and_the_claim_stays(kind: str) -> None:
    made = corrupt(kind, true("A claim."), Material(similar="Other text.", elsewhere="Other text."), Random(0))
    assert made == replace(true("A claim."), evidence="Other text.", label="neutral", kind=kind)
    assert corrupt(kind, true("A claim."), Material(), Random(0)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_corruption_depends_on_its_seed_alone_and_is_named(kind: str) -> None:
    claim = "On 12 March 2019 the landlord may pay the tenant at least 30 fees to the Owner, rent and tax, if asked in time."
    material = Material(
        names=("the Bank",), details=("because of a storm at sea",), sentence=claim, elsewhere="X.", similar="Y."
    )
    made = [corrupt(kind, true(claim), material, Random(7)) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] is None or (made[0].kind == kind and made[0].label != "entailed")


# --- true claims


def test_a_shortened_sentence_keeps_its_conditions() -> None:
    sentence = "The Board shall pay the fee, if the applicant asks in writing."
    assert all(core(sentence, Random(seed)) is None for seed in range(20))


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        ("The fee (as set by the Board) is due in May.", "The fee is due in May."),
        ("The Board shall hear the case and shall decide it.", "The Board shall decide it."),
        ("The fee covers rent and heating, including hot water.", None),
        ("The fee includes the rent of a house, such as heating.", "The fee includes the rent of a house."),
    ],
)
def test_shortening(sentence: str, shorter: str | None) -> None:
    made = {core(sentence, Random(seed)) for seed in range(40)}
    assert shorter in made


def test_passive() -> None:
    assert (
        passive("The Supplier shall pay the fee to the Bank.") == "The fee shall be paid by the Supplier to the Bank."
    )
    assert passive("The Supplier is late.") is None


def test_a_condition_moves_with_its_clause() -> None:
    made = {rearranged("If the tenant is late, the landlord may end the lease.", Random(seed)) for seed in range(20)}
    assert "The landlord may end the lease if the tenant is late." in made


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        ("It ends after thirty (30) days.", "cuad", "It ends after 30 days."),
        ("The rate is 12% of it.", "tatqa", "The rate is 12 percent of it."),
        ("The Board may act at once.", "dc_law", "The Board is permitted to act at once."),
        ("He may not enter.", "canada_en", "He must not enter."),
        ("It terminates in May.", "cuad", "It ends in May."),
    ],
)
def test_rewording(claim: str, source: str, expected: str) -> None:
    assert expected in {reworded(claim, source, Random(seed)) for seed in range(60)}


@pytest.mark.parametrize("claim", ["No vessel shall enter the dock.", "In subsection (3) it applies."])
def test_rewording_keeps_the_sense(claim: str) -> None:
    made = {reworded(claim, "canada_en", Random(seed)) for seed in range(40)}
    assert made == {claim}


def test_what_is_no_whole_sentence_is_not_used() -> None:
    assert usable("The tenant shall pay the rent on time.")
    for text in ("See the notes.", "To examine whether it is of use to us.", "the tenant shall pay the rent on time."):
        assert not usable(text)
    assert without_number("(2) (a) The tenant pays.") == "The tenant pays."
    assert detokenised("It 's `` new '' ( 30 ) .") == 'It\'s "new" (30).'


@pytest.mark.parametrize(
    ("question", "answer", "before", "said"),
    [
        ("What is the amount of total sales in 2019?", "$5", "", "The amount of total sales in 2019 is $5."),
        ("who wrote the song", "Ann Lee", "", "Ann Lee wrote the song."),
        ("when was the bridge built", "1901", "It was built in ", "The bridge was built in 1901."),
        ("when did the war end", "1945", "until May ", None),
        ("who did he marry", "Ann Lee", "", None),
    ],
)
def test_questions_become_statements(question: str, answer: str, before: str, said: str | None) -> None:
    assert statement(question, answer, before) == said


# --- from documents to files

_TABLE = [
    ["", "2019", "2018"],
    ["", "(in millions)", ""],
    ["Total sales", "$5.5", "$4.4"],
    ["Other income", "3.1", "2.2"],
]


def _lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Public data sets in small."""
    nli = [
        {"set": "mnli", "premise": "A <b><u>cat</u></b> sat.", "hypothesis": "It sat.\n", "label": "entailment"},
        {"set": "mnli", "premise": "A dog ran.", "hypothesis": None, "label": "neutral"},
        {"set": "qnli", "premise": "Who sat?", "hypothesis": "A cat sat.", "label": "entailment"},
        {
            "set": "mpe",
            "premise": "12jpg0A cat sits 12jpg1A cat rests",
            "hypothesis": "A cat",
            "label": "contradiction",
        },
    ]
    _lines(tmp_path / "nli_mix/pairs.jsonl", nli)
    begin = [
        {"source": "wow", "split": "test", "premise": "P.", "hypothesis": "H.", "label": "Fully attributable"},
        {"source": "wow", "split": "dev", "premise": "P.", "hypothesis": "I.", "label": "Not fully attributable"},
        {"source": "cmu-dog", "split": "dev", "premise": "Q.", "hypothesis": "H.", "label": "Not fully attributable"},
        {"source": "cmu-dog", "split": "dev", "premise": "Q.", "hypothesis": "hi", "label": "Generic"},
    ]
    _lines(tmp_path / "begin/pairs.jsonl", begin)
    return tmp_path


def test_nli_rows_are_cleaned(sets: Path) -> None:
    rows = list(nli_rows(sets))
    assert [(row.evidence, row.claim, row.label) for row in rows] == [
        ("A cat sat.", "It sat.", "entailed"),
        ("A cat sits. A cat rests.", "A cat", "contradicted"),
    ]


def test_held_out_premises_are_not_trained_on() -> None:
    pairs = [Pair(f"P{i // 3}", f"H{i}", "neutral", "nli", "nli_mix/mnli", f"nli:P{i // 3}") for i in range(300)]
    train, held = split_held(pairs, 30)
    assert len(held) == 30
    assert not {pair.document for pair in train} & {pair.document for pair in held}


def test_begin_calibrates_on_what_it_did_not_train_on(sets: Path) -> None:
    train, calibrate = begin_rows(sets)
    assert [pair.label for pair in train] == ["entailed"]
    assert [(pair.evidence, pair.label) for pair in calibrate] == [("Q.", "not_entailed")]


def test_a_table_gives_true_claims_and_its_own_mistakes(tmp_path: Path) -> None:
    _lines(tmp_path / "tatqa/corpus.jsonl", [{"_id": "t", "text": "", "table": _TABLE}])
    (table,) = tables(tmp_path)
    drafts = [draft for seed in range(10) for draft in table_drafts(table, Random(seed))]
    claims = {draft.pair.claim for draft in drafts}
    assert "Total sales in 2019 were $5.5 million." in claims
    assert all(draft.pair.evidence.startswith("(in millions) ") for draft in drafts)
    assert all(" = " in line for draft in drafts for line in draft.pair.evidence.split("\n"))
    wrong = {pair.claim for draft in drafts for pair in draft.ready.values() if pair.kind != "wrong_citation"}
    assert "Total sales in 2018 were $5.5 million." in wrong
    assert not claims & wrong


def test_windows_hold_what_is_wanted_and_stay_short() -> None:
    sentences = ["word " * 40] * 8
    for seed in range(50):
        first, last = window(sentences, 3, 4, Random(seed))
        assert first <= 3 < 5 <= last
        assert sum(len(text.split()) for text in sentences[first:last]) <= MOST_WORDS


def _documents(count: int) -> list[Document]:
    texts = (
        "The licensee of site {n} shall notify the Board within {n} days of any change of owner.",
        "The Board may refuse the application for site {n} if the applicant is in default.",
        "A permit for site {n} ends on 3 May 20{n} and is not renewed by the Board.",
        "The inspector must visit every site with more than {n} boats before the season begins.",
    )
    blocks = [tuple(text.format(n=n) for text in texts) for n in range(10, 10 + count)]
    return [Document(f"dc_law/{i}", "dc_law", (Block(f"Code > § {i}", block),)) for i, block in enumerate(blocks)]


def _made(documents: list[Document]) -> tuple[list[Draft], list[Pair]]:
    seen = set[str]()
    drafts = [draft for document in documents for draft in prose_drafts(document, seen, Random(document.id))]
    return drafts, list(data.with_negatives(drafts, Surroundings(documents), 2 * len(drafts), Random(0)))


def test_true_pairs_and_negatives_of_documents_are_the_same_every_time() -> None:
    drafts, negatives = _made(_documents(12))
    assert (drafts, negatives) == _made(_documents(12))
    assert {draft.pair.label for draft in drafts} == {"entailed"}
    assert len({negative.kind for negative in negatives}) >= 7
    assert all(negative.label != "entailed" for negative in negatives)


def test_evidence_of_a_wrong_citation_is_from_elsewhere() -> None:
    documents = _documents(12)
    drafts, negatives = _made(documents)
    own = {draft.pair.claim: draft.pair.evidence for draft in drafts}
    moved = [negative for negative in negatives if negative.kind in {"other_document", "wrong_citation"}]
    assert moved
    assert all(negative.evidence != own[negative.claim] for negative in moved)


def test_no_sentence_is_used_twice() -> None:
    same = [replace(document, blocks=_documents(1)[0].blocks) for document in _documents(3)]
    assert len(_made(same)[0]) == len(_documents(1)[0].blocks[0].sentences)


def test_documents_are_split_by_their_id_alone() -> None:
    shares = [data.split_of(f"document {i}") for i in range(4000)]
    assert shares == [data.split_of(f"document {i}") for i in range(4000)]
    assert 0.77 < shares.count("train") / 4000 < 0.83
    assert {"train", "calibrate", "cases"} == set(shares)


def test_the_command_writes_files_that_say_what_they_are_made_of(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("policyqa/corpus", "policyqa/qa", "pubmedqa/corpus", "qed_dev/qed_dev", "tatqa/qa"):
        _lines(sets / f"{name}.jsonl", [])
    _lines(sets / "tatqa/corpus.jsonl", [{"_id": f"t{n}", "text": "", "table": _TABLE} for n in range(30)])
    (sets / "scale_legal").mkdir()
    rows = [
        {"doc": d.id, "title": "T", "text": " ".join(d.sentences), "source": "dc_law", "kind": "act"}
        for d in _documents(60)
    ]
    with gzip.open(sets / "scale_legal/passages.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    monkeypatch.setattr("generation.training.data.text.UNASKED_CONTRACTS", {})
    monkeypatch.setattr(data, "replies", lambda folder: [])
    monkeypatch.setattr(data, "INPUTS", ("nli_mix/pairs.jsonl", "tatqa/corpus.jsonl"))
    for name in ("one", "two"):
        data.main(["--data", str(sets), "--out", str(tmp_path / name), "--seed", "3"])
    metas = [json.loads((tmp_path / name / "meta.json").read_text()) for name in ("one", "two")]
    assert metas[0] == metas[1]
    assert metas[0]["seed"] == 3
    assert set(metas[0]["outputs"]) == {
        f"{s}.jsonl" for s in ("nli", "nli_held", "train", "calibrate", "cases", "written")
    }
    split = {
        stem: {json.loads(line)["document"] for line in (tmp_path / "one" / f"{stem}.jsonl").read_text().splitlines()}
        for stem in ("train", "calibrate", "cases")
    }
    assert not split["train"] & split["cases"]
    assert not split["train"] & split["calibrate"]
