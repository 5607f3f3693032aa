"""Rows that share words with what the system is measured on are found."""

from __future__ import annotations

import json
from pathlib import Path

from generation.training.data.contamination import QUESTIONS, WHOLE, WORDS, benchmark_texts, grams


def test_a_run_of_thirteen_words_is_shared_and_a_whole_question() -> None:
    words = [f"w{number}" for number in range(WORDS + 2)]
    asked = grams([" ".join(words), "Who pays for the old lift?", "Who pays?"])
    assert asked & grams(["other " + ", ".join(words[1 : WORDS + 1]).upper()])
    assert asked & grams(["who pays for the old lift"])
    assert not asked & grams([" ".join([*words[: WORDS - 1], "other", *words[WORDS:]])])
    assert not asked & grams(["Who pays for the old lift now?", "Who pays?"])


def test_what_search_is_measured_on_counts_by_its_questions_and_only_if_it_is_there(tmp_path: Path) -> None:
    def written(name: str, *rows: object) -> None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))

    for name in WHOLE:
        written(name, {"question": "Who?", "more": [{"text": f"In {name}."}]})
    assert set(benchmark_texts(tmp_path)) == set(WHOLE)
    written("scifact/queries.jsonl", {"_id": "1", "text": "Vitamin D helps."})
    written("legalbench_rag/qa.jsonl", {"question": "Consider X's policy; who can see it?", "evidence": ["nobody"]})
    found = benchmark_texts(tmp_path)
    assert found["cuad/qa.jsonl"] == ["Who?", "In cuad/qa.jsonl."]
    assert found["scifact/queries.jsonl"][0] == "Vitamin D helps."
    assert found["legalbench_rag/qa.jsonl"] == ["Consider X's policy; who can see it?", "who can see it?"]
    assert set(found) == {*WHOLE, "scifact/queries.jsonl", "legalbench_rag/qa.jsonl"} < {*WHOLE, *QUESTIONS}
