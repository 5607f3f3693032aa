"""Training data of the selector: `python -m generation.training.selector.data --data DIR --out DIR [--seed 0]`.

Writes train.jsonl and held.jsonl (pairs of a question and a sentence, split by document) and meta.json. The same inputs
and seed give the same bytes. Pairs that share `WORDS` words in a row with what the system is measured on are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from random import Random

from generation.training.data import cited
from generation.training.data.contamination import WORDS, benchmark_texts, grams
from generation.training.data.drafts import Material
from generation.training.data.names import names_in
from generation.training.data.negatives import corrupt
from generation.training.data.pairs import Pair, fraction, generator, split_of, write_pairs
from generation.training.data.text import documents
from generation.training.data.written import replies
from generation.training.data.wrong_sense import antonym
from generation.training.selector.headings import heading_questions
from generation.training.selector.replies import replied_questions
from generation.training.selector.sets import set_questions

HELD_SHARE = 0.12
CHANGES = ("name", "date", "number", "antonym")
CHANGED_SHARE = 0.6  # of the questions with an answer, where a change applies


def held(document: str) -> bool:
    """Whether what is about this document is not trained on: the split that the judge was calibrated on, and more."""
    return split_of(document) == "calibrate" or fraction(f"selection:{document}") < HELD_SHARE


def build(data: Path, seed: int) -> list[Pair]:
    """All pairs, each once."""
    random = generator(f"{seed}:selection")
    prose = sorted(documents(data), key=lambda document: document.id)
    judged = list(replies(data))
    asked = chain(
        replied_questions([*cited.replies(data, judged), *judged], random),
        set_questions(data, {document.id: document for document in prose}, random),
        heading_questions(prose, random),
    )
    pairs = [pair for question in asked for pair in question.pairs(random)]
    measured = grams(chain.from_iterable(benchmark_texts(data).values()))
    unique = dict.fromkeys([*pairs, *_changed(pairs, random)])
    return [pair for pair in unique if not measured & grams([pair.evidence, pair.claim])]


def _changed(pairs: Sequence[Pair], random: Random) -> Iterator[Pair]:
    """Questions with another name, date, number or sense, which the sentence then does not answer: as people made the
    unanswerable questions of SQuAD 2.0 (Rajpurkar et al. 2018)."""
    names = defaultdict[str, list[str]](list)
    for pair in pairs:
        names[pair.source] += [found.group() for found in names_in(pair.evidence)]
    for pair in pairs:
        if pair.label != "entailed" or pair.kind == "heading" or random.random() >= CHANGED_SHARE:
            continue
        material = Material(names=random.sample(names[pair.source], min(40, len(names[pair.source]))))
        ways = (_other(kind, pair, material, random) for kind in random.sample(CHANGES, len(CHANGES)))
        if question := next(filter(None, ways), None):
            yield Pair(question, pair.claim, "not_entailed", "changed question", pair.source, pair.document)


def _other(kind: str, pair: Pair, material: Material, random: Random) -> str | None:
    """The question changed in the way of `kind`, or None where that does not apply."""
    if kind == "antonym":
        return antonym(pair.evidence, random)
    turned = corrupt(kind, replace(pair, evidence=pair.claim, claim=pair.evidence), material, random)
    return turned.claim if turned else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m generation.training.selector.data", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    pairs = build(chosen.data, chosen.seed)
    files = {
        "train": [pair for pair in pairs if not held(pair.document)],
        "held": [pair for pair in pairs if held(pair.document)],
    }
    meta: dict[str, object] = {"seed": chosen.seed, "left out": f"what shares {WORDS} words with a benchmark"}
    for stem, found in files.items():
        path = chosen.out / f"{stem}.jsonl"
        count = write_pairs(path, generator(f"{chosen.seed}:{stem}").sample(found, len(found)))
        sys.stdout.write(f"{stem}: {count} pairs\n")
        kinds = Counter(f"{pair.source} {pair.kind} {pair.label}" for pair in found)
        meta[stem] = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "counts": kinds}
    (chosen.out / "meta.json").write_text(json.dumps(meta, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
