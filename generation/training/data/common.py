"""Builds `generation/gate/particulars/common.txt`: words that laws, contracts, policies, reports and abstracts write in
lower case, so that their capitals mark a defined term and no name.

    python -m generation.training.data.common --data DIR
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from generation.gate.particulars.common import LIST

_WORD = re.compile(r"(?<![\w'’-])[A-Za-z][a-z]{2,}(?![\w-])")
_OPENING = re.compile(r"(?:^|[.!?:;\n])[ \"“(]{0,3}$")
_CORPORA = ("policyqa", "tatqa", "pubmedqa")
_LEAST, _LEAST_TEXTS, _LEAST_SHARE = 8, 4, 0.35  # occurrences in lower case, texts with them, share of all occurrences


def common(texts: Iterable[str]) -> list[str]:
    """Words that stand often enough in lower case, sorted; capitals that open a sentence do not count."""
    lower, upper = Counter[str](), Counter[str]()
    within: defaultdict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        for match in _WORD.finditer(text):
            word = match.group().lower()
            if match.group() == word:
                lower[word] += 1
                if len(within[word]) < _LEAST_TEXTS:
                    within[word].add(number)
            elif not _OPENING.search(text[max(0, match.start() - 4) : match.start()]):
                upper[word] += 1
    return sorted(
        word
        for word, count in lower.items()
        if count >= _LEAST and len(within[word]) >= _LEAST_TEXTS and count >= _LEAST_SHARE * (count + upper[word])
    )


def texts(data: Path) -> Iterator[str]:
    """English laws and health pages, policies, financial reports, abstracts."""
    with gzip.open(data / "scale_legal" / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["lang"] == "en":
                yield row["text"]
    for name in _CORPORA:
        for line in (data / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    LIST.write_text("\n".join(common(texts(parser.parse_args().data))) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
