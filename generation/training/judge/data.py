"""Training data of the judge: `python -m generation.training.judge.data --data DIR --out DIR [--seed 0]`.

Writes nli.jsonl and nli_held.jsonl (pairs that others have labelled), train.jsonl, calibrate.jsonl and cases.jsonl
(true claims from real documents and their corruptions, split by document), written.jsonl (answers written for such
documents, true and wrong) and meta.json. The same inputs and seed give the same bytes. Documents that a benchmark in
evals asks about are left out, as are sets that may not be trained on; see LICENCES.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from generation.training.data.drafts import Draft
from generation.training.data.negatives import KINDS, corrupt
from generation.training.data.nli import begin_rows, nli_rows, split_held
from generation.training.data.pairs import Pair, fraction, generator, split_of, write_pairs
from generation.training.data.prose import Surroundings, prose_drafts
from generation.training.data.questions import policy_drafts, report_drafts, wikipedia_drafts
from generation.training.data.tables import table_drafts, tables
from generation.training.data.text import UNASKED_CONTRACTS, Document, documents
from generation.training.data.written import replies, written_pairs

__all__ = ["Pair", "begin_rows", "build", "main", "nli_rows", "split_of"]

LICENCES = {
    "nli_mix": "MNLI OANC mix; SNLI, MPE CC BY-SA; SciTail Apache-2.0",
    "begin": "CC BY-SA 3.0 / Apache-2.0",
    "policyqa": "MIT",
    "pubmedqa": "MIT",
    "qed": "CC BY-SA 3.0 + GFDL",
    "tatqa": "CC BY 4.0",
    "dc_law": "CC0",
    "canada_en": "Open Government Licence - Canada",
    "medquad": "CC BY 4.0",
    "cuad": "CC BY 4.0",
}
INPUTS = (
    *(f"cuad/pdf/{name}" for name in UNASKED_CONTRACTS),
    "nli_mix/pairs.jsonl", "begin/pairs.jsonl", "policyqa/corpus.jsonl", "policyqa/qa.jsonl", "pubmedqa/corpus.jsonl",
    "qed_dev/qed_dev.jsonl", "tatqa/corpus.jsonl", "tatqa/qa.jsonl", "scale_legal/passages.jsonl.gz",
)  # fmt: skip
TRUE_PAIRS = {"train": 20_000, "calibrate": 3_000, "cases": 2_000}
CASES_PER_KIND = 500


def drafts(data: Path, prose: Sequence[Document], seed: int) -> Iterator[Draft]:
    """All true pairs of all documents."""
    seen = set[str]()
    by_id = {document.id: document for document in prose}
    for document in prose:
        yield from prose_drafts(document, seen, generator(f"{seed}:{document.id}"))
    for table in tables(data):
        yield from table_drafts(table, generator(f"{seed}:{table.id}:table"))
    yield from wikipedia_drafts(data, generator(f"{seed}:qed"))
    yield from report_drafts(data, by_id, generator(f"{seed}:tatqa"))
    yield from policy_drafts(data, by_id, generator(f"{seed}:policyqa"))


def with_negatives(
    chosen: Sequence[Draft], around: Surroundings, count: int, random: Random, most: int | None = None
) -> Iterator[Pair]:
    """`count` corruptions, at most two of a draft, of the kind that is scarcest so far among those that apply."""
    made = Counter[str](dict.fromkeys(KINDS, 0))
    for draft in [*chosen, *chosen]:
        for kind, had in sorted(made.items(), key=lambda item: (item[1], random.random())):
            if most is not None and had >= most:
                continue
            negative = draft.ready.get(kind) or corrupt(kind, draft.pair, around.material(draft, kind, random), random)
            if negative:
                made[kind] += 1
                yield negative
                break
        if made.total() >= count:
            return


def build(data: Path, seed: int) -> Mapping[str, list[Pair]]:
    """The pairs of every output file, by its stem."""
    prose = sorted(documents(data), key=lambda document: document.id)
    by_split = defaultdict[str, list[Draft]](list)
    for draft in drafts(data, prose, seed):
        by_split[split_of(draft.pair.document)].append(draft)
    files = dict[str, list[Pair]]()
    for split, wanted in TRUE_PAIRS.items():
        random = generator(f"{seed}:{split}")
        around = Surroundings(document for document in prose if split_of(document.id) == split)
        chosen = random.sample(by_split[split], len(by_split[split]))
        trues = [draft.pair for draft in chosen[:wanted]]
        if split == "cases":
            many = CASES_PER_KIND * len(KINDS)
            negatives = list(with_negatives(chosen, around, many, random, CASES_PER_KIND))
        else:
            negatives = list(with_negatives(chosen[:wanted], around, wanted, random))
        files[split] = random.sample([*trues, *negatives], len(trues) + len(negatives))
    return files


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m generation.training.judge.data", description="Training data of the judge."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    labelled, held = split_held(nli_rows(options.data))
    begun, begun_held = begin_rows(options.data)
    files: dict[str, list[Pair]] = {
        "nli": sorted([*labelled, *begun], key=lambda pair: fraction(pair.claim + pair.evidence)),
        "nli_held": held,
        **build(options.data, options.seed),
    }
    written = written_pairs(list(replies(options.data)))
    files["written"] = written["train"]
    files["calibrate"] += [*begun_held, *written["calibrate"]]
    for stem, pairs in files.items():
        sys.stdout.write(f"{stem}: {write_pairs(options.out / f'{stem}.jsonl', pairs)} pairs\n")
    meta = json.dumps(_meta(options.data, options.out, options.seed, files), indent=1, sort_keys=True)
    (options.out / "meta.json").write_text(meta + "\n", encoding="utf-8")


def _meta(data: Path, out: Path, seed: int, files: Mapping[str, Iterable[Pair]]) -> dict[str, Any]:
    counts = {
        stem: {
            f"{source} {kind} {label}": n
            for (source, kind, label), n in Counter((p.source, p.kind, p.label) for p in pairs).items()
        }
        for stem, pairs in files.items()
    }
    return {
        "seed": seed,
        "licences": LICENCES,
        "counts": counts,
        "inputs": {name: _sha256(data / name) for name in INPUTS},
        "outputs": {f"{stem}.jsonl": _sha256(out / f"{stem}.jsonl") for stem in files},
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
