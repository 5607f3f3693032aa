"""Entailment pairs that others have labelled: the NLI mix for the first phase of training, and BEGIN, where people
judged whether what a system said is attributable to the text that it was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from generation.training.data.pairs import Label, Pair, fraction, read_jsonl

# Question-answer matching, choice of plausible causes and ordinal common sense are other tasks than entailment.
_NLI_SETS = frozenset({"add_one_rte", "fracas", "mnli", "mpe", "rte", "scitail", "snli"})
_NLI_LABELS: dict[str, Label] = {
    "entailment": "entailed",
    "neutral": "neutral",
    "contradiction": "contradicted",
    "not_entailment": "not_entailed",
}
_BEGIN_LABELS: dict[str, Label] = {"Fully attributable": "entailed", "Not fully attributable": "not_entailed"}
_TAG = re.compile(r"</?[bu]>")
_CAPTION_ID = re.compile(r"\d+jpg\d")  # MPE: "3191828851jpg0A little boy ... 3191828851jpg1A young child ..."
HELD_ROWS = 1500


def nli_rows(data: Path) -> Iterator[Pair]:
    """The usable rows of nli_mix, cleaned, each pair of texts once."""
    seen = set[tuple[str, str]]()
    for row in read_jsonl(data / "nli_mix" / "pairs.jsonl"):
        if (
            row["set"] not in _NLI_SETS
            or not row["premise"]
            or not row["hypothesis"]
            or row["label"] not in _NLI_LABELS
        ):
            continue
        premise, hypothesis = _plain(row["premise"]), _plain(row["hypothesis"])
        if not premise or not hypothesis or "n/a" in (premise, hypothesis) or (premise, hypothesis) in seen:
            continue
        seen.add((premise, hypothesis))
        yield Pair(premise, hypothesis, _NLI_LABELS[row["label"]], "nli", f"nli_mix/{row['set']}", f"nli:{premise}")


def split_held(pairs: Iterable[Pair], count: int = HELD_ROWS) -> tuple[list[Pair], list[Pair]]:
    """(train, held out): about `count` pairs of MNLI whose premises occur nowhere in the training part."""
    rows = list(pairs)
    premises = {pair.document for pair in rows if pair.source == "nli_mix/mnli"}
    per_premise = sum(pair.source == "nli_mix/mnli" for pair in rows) / max(1, len(premises))
    held = set(sorted(premises, key=fraction)[: round(count / max(1.0, per_premise))])
    return [row for row in rows if row.document not in held], [row for row in rows if row.document in held]


def begin_rows(data: Path) -> tuple[list[Pair], list[Pair]]:
    """(train, calibrate): the test part of Wizard of Wikipedia trains; its dev part, TopicalChat and CMU-DoG
    calibrate, less the texts that the training part has too."""
    train, calibrate = list[Pair](), list[Pair]()
    for row in read_jsonl(data / "begin" / "pairs.jsonl"):
        label = _BEGIN_LABELS.get(row["label"])
        if label is None or not row["premise"] or not row["hypothesis"]:
            continue
        premise, response = _plain(row["premise"]), _plain(row["hypothesis"])
        pair = Pair(premise, response, label, "begin", f"begin/{row['source']}", f"begin:{premise}")
        (train if row["source"] == "wow" and row["split"] == "test" else calibrate).append(pair)
    known = {pair.document for pair in train}
    return train, [pair for pair in calibrate if pair.document not in known]


def _plain(text: str) -> str:
    """Without mark-up and caption ids, one blank between words."""
    if _CAPTION_ID.search(text):
        captions = (caption.strip() for caption in _CAPTION_ID.split(text))
        text = " ".join(caption if caption.endswith(".") else f"{caption}." for caption in captions if caption)
    return " ".join(_TAG.sub("", text).split())
