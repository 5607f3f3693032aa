"""The judged sentences find their evidence again, and become pairs of the judge."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from generation.training.data.judged import FILE, asked, judged_pairs
from generation.training.data.pairs import read_jsonl, split_of
from generation.training.data.written import DataChanged

TEXT = "Opening.\n\n\n\nThe fee  is 5 pounds. It rises yearly."
TABLE = "| | 2019 | 2018 |\n| Sales | 7 | 6 |"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, rows in {
        "policyqa": [{"_id": "p1", "title": "Shop", "text": TEXT}],
        "tatqa": [{"_id": "t1", "title": "", "text": TABLE}],
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def line(name: str, doc: str, at: tuple[int, int], evidence: str) -> str:
    sentences = [
        {"text": "It costs five pounds.", "kind": "far", "true": True, "answers": "full"},
        {"text": "It costs five pounds a day.", "kind": "added", "true": False, "answers": "full"},
    ]
    sha = hashlib.sha256(evidence.encode()).hexdigest()[:8]
    row = {"set": name, "doc": doc, "at": at, "sha": sha, "question": "What does it cost?", "sentences": sentences}
    return json.dumps(row) + "\n"


def test_evidence_is_found_again_and_tables_are_told(data: Path) -> None:
    file = data / "judged.jsonl"
    said = "The fee is 5 pounds."
    file.write_text(line("policyqa", "p1", (10, 30), said) + line("tatqa", "t1", (0, len(TABLE)), TABLE))
    prose, table = asked(data, file)
    assert (prose.title, prose.evidence, prose.question) == ("Shop", said, "What does it cost?")
    assert table.evidence == "Sales: 2019 = 7; 2018 = 6"
    pairs = judged_pairs([prose])[split_of("policyqa/p1")]
    assert [(pair.evidence, pair.label, pair.kind) for pair in pairs] == [
        ("Shop\nThe fee is 5 pounds.", "entailed", "judged far"),
        ("Shop\nThe fee is 5 pounds.", "neutral", "judged added"),
    ]


def test_some_questions_about_a_contract_see_its_kind_above_the_evidence(data: Path) -> None:
    from pypdfium2 import PdfDocument

    pdf = PdfDocument.new()
    pdf.new_page(100, 100)
    (data / "cuad").mkdir()
    pdf.save(data / "cuad" / "ACME_2019-EX-10.1-Supply Agreement.pdf")
    empty = hashlib.sha256(b"").hexdigest()[:8]
    row = {"set": "cuad", "doc": "cuad/ACME_2019-EX-10.1-Supply Agreement.pdf", "page": 1, "at": [0, 0], "sha": empty}
    lines = [json.dumps(row | {"question": f"What is term {n}?", "sentences": []}) for n in range(200)]
    (data / "judged.jsonl").write_text("\n".join(lines))
    titles = Counter(one.title for one in asked(data, data / "judged.jsonl"))
    assert set(titles) == {"", "Supply Agreement"}
    assert titles[""] > titles["Supply Agreement"] > 40


def test_changed_data_is_told(data: Path) -> None:
    file = data / "judged.jsonl"
    file.write_text(line("policyqa", "p1", (11, 31), "The fee is 5 pounds."))
    with pytest.raises(DataChanged, match="What does it cost"):
        list(asked(data, file))


def test_no_kind_of_sentence_rules_what_was_written() -> None:
    rows = list(read_jsonl(FILE))
    sentences = [sentence for row in rows for sentence in row["sentences"]]
    kinds = Counter(sentence["kind"] for sentence in sentences)
    assert len(sentences) >= 7_000
    assert max(kinds.values()) < 0.2 * len(sentences)
    assert 0.4 < sum(sentence["true"] for sentence in sentences) / len(sentences) < 0.65
    assert len({sentence["text"] for sentence in sentences}) > 0.98 * len(sentences)
