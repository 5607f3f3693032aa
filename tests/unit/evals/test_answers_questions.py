"""The committed questions of `footnote bench answers`, the strict reading of their files, and the documents' names."""

import hashlib
import json
from itertools import combinations
from pathlib import Path

import pytest

from api.terminal import UsageError
from evals.datasets.answers import corpus
from evals.datasets.answers.questions import BLIND, SPLITS, Kind, chosen, load, parsed

ROW = {
    "id": "x-1",
    "question": "How much notice ends the Acme lease?",
    "kind": "single",
    "named_by": "party+kind",
    "sources": ["cuad/pdf/Acme.pdf"],
    "gold": [{"source": "cuad/pdf/Acme.pdf", "page": 2, "quote": "thirty (30) days' notice", "part": 1}],
    "facts": [["30 days"]],
    "forbidden": [],
    "note": "Section 2",
}


def test_ids_are_unique_and_splits_share_no_document() -> None:
    loaded = {split: load(split) for split in SPLITS}
    ids = [question.id for questions in loaded.values() for question in questions]
    assert len(ids) == len(set(ids))
    files = {split: {source for q in questions for source in q.sources} for split, questions in loaded.items()}
    for one, other in combinations(SPLITS, 2):
        assert not files[one] & files[other]


def test_there_are_enough_questions_of_every_kind() -> None:
    loaded = {split: load(split) for split in SPLITS}
    for questions in loaded.values():
        assert {question.kind for question in questions} == set(Kind)
    assert len(loaded[BLIND]) >= 70
    assert sum(map(len, loaded.values())) >= 150


def test_no_question_names_its_file() -> None:
    for split in SPLITS:
        for question in load(split):
            for source in question.sources:
                assert Path(source).stem.lower() not in question.question.lower()


def test_a_good_file_is_read() -> None:
    (question,) = parsed(json.dumps(ROW) + "\n\n", "x.jsonl")
    assert question.answerable
    assert question.parts == ((question.gold[0],),)
    assert question.gold[0].page == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "odd"}, "field kind"),
        ({"question": " "}, "field question"),
        ({"facts": []}, "field facts"),
        ({"facts": ["30 days"]}, "field facts"),
        ({"facts": [[]]}, "field facts"),
        ({"gold": []}, "field gold"),
        ({"gold": [{**ROW["gold"][0], "page": 0}]}, "field gold.page"),  # type: ignore[dict-item, index]
        ({"gold": [{**ROW["gold"][0], "part": True}]}, "field gold.part"),  # type: ignore[dict-item, index]
        ({"gold": [{**ROW["gold"][0], "source": "other.pdf"}]}, "not in sources"),  # type: ignore[dict-item, index]
        ({"kind": "two_places"}, "two parts"),
        ({"kind": "unanswerable"}, "must be empty"),
        ({"forbidden": None}, "field forbidden"),
    ],
)
def test_a_bad_row_names_line_and_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(UsageError, match=r"x\.jsonl, line 2.*") as raised:
        parsed(json.dumps(ROW | {"id": "x-0"}) + "\n" + json.dumps(ROW | change), "x.jsonl")
    assert field in str(raised.value)


def test_an_id_twice_and_broken_json_are_named() -> None:
    with pytest.raises(UsageError, match="line 2: the id x-1"):
        parsed(json.dumps(ROW) + "\n" + json.dumps(ROW), "x.jsonl")
    with pytest.raises(UsageError, match="line 1: no JSON"):
        parsed("{", "x.jsonl")
    with pytest.raises(UsageError, match="line 1: a JSON object"):
        parsed("[]", "x.jsonl")


def test_a_smaller_choice_is_part_of_a_larger_one() -> None:
    questions = load("dev")
    few, more = chosen(questions, list(Kind), 5), chosen(questions, list(Kind), 9)
    assert few == more[:5]
    assert {question.kind for question in chosen(questions, ["table"], 0)} == {Kind.TABLE}


def test_reports_are_stored_under_names_that_tell_nothing(tmp_path: Path) -> None:
    for folder, name in (("cuad/pdf", "Acme Lease.PDF"), ("filings/pdf", "ACME_2018_10K.pdf")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / name).write_bytes(name.encode())
    found = corpus.documents(tmp_path)
    digest = hashlib.sha256(b"ACME_2018_10K.pdf").hexdigest()[:8]
    assert corpus.sources(found) == {
        "cuad/pdf/Acme Lease.PDF": "cuad/Acme Lease.PDF",
        "filings/pdf/ACME_2018_10K.pdf": f"reports/{digest}.pdf",
    }


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cuad/pdf and filings/pdf"):
        corpus.documents(tmp_path)
    with pytest.raises(UsageError, match=r"qa\.jsonl"):
        corpus.report_questions(tmp_path)
