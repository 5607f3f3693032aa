"""`footnote eval datasets`: which versions of case files were asked, and which cases are not worth asking any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.terminal import UsageError, counted, say, say_json, say_table
from evals.datasets.golden import load_cases
from evals.suites.nightly.plan import dataset_of
from evals.systems.nights import AskedSet, nights
from evals.types import Case
from generation.training.data.contamination import grams, texts_in
from generation.training.data.pairs import read_jsonl


@dataclass(frozen=True, slots=True)
class Shared:
    """`what`: "question" or "quote", of which a row of the training `file` has a long run of words."""

    case_id: str
    what: str
    file: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A version of a case file, its `stale` cases (id and why), and those `shared` with training data."""

    file: str
    sha256: str
    cases: int
    stale: Mapping[str, str]
    shared: Sequence[Shared]


def list_datasets(files: Sequence[Path], against: Path | None, as_json: bool) -> int:
    """Exit code 1 if a case is stale, or shares words with training data."""
    if against is not None and not against.is_dir():
        raise UsageError(f"There is no folder {against}.")
    loaded = {str(path): load_cases(path) for path in files if _there(path)}
    with nights() as opened:
        known = opened.results.datasets()
        stale = opened.staleness() if loaded else None
        checked = [
            Checked(
                name,
                dataset_of(name, cases).sha256,
                len(cases),
                {case.id: why for case in cases if stale and (why := stale.of(case))},
                list(shared(cases, against)) if against else [],
            )
            for name, cases in loaded.items()
        ]
    sample = list(shared(load_cases(), against)) if against else []
    if as_json:
        say_json({"versions": known, "files": checked, "sample": {"shared": sample}})
    else:
        _say(known, checked, sample, against)
    return int(bool(sample) or any(one.stale or one.shared for one in checked))


def shared(cases: Sequence[Case], folder: Path) -> Iterator[Shared]:
    """Cases whose question or quotes share a run of 13 words with a row of a `.jsonl` file below `folder`, or a whole
    text of six words or more that is shorter."""
    of: dict[int, set[tuple[str, str]]] = {}
    for case in cases:
        for what, texts in (("question", [case.question]), ("quote", [gold.quote for gold in case.gold])):
            for gram in grams(texts):
                of.setdefault(gram, set()).add((case.id, what))
    for path in sorted(folder.rglob("*.jsonl")):
        try:
            found = {one for row in read_jsonl(path) for gram in grams(texts_in(row)) for one in of.get(gram, ())}
        except (OSError, ValueError) as error:  # not left out: what was not read is not free of them
            raise UsageError(f"{path} cannot be read as JSON lines: {error}") from error
        yield from (Shared(*one, str(path.relative_to(folder))) for one in sorted(found))


def _there(path: Path) -> bool:
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    return True


def _say(known: Sequence[AskedSet], checked: Sequence[Checked], sample: Sequence[Shared], against: Path | None) -> None:
    say_table(
        ("case file", "version", "cases", "first asked", "last asked", "nights"),
        [
            (d.name, d.sha256[:8], d.cases, f"{d.added_at:%Y-%m-%d}",
             f"{d.asked_at:%Y-%m-%d}" if d.asked_at else "-", d.nights)
            for d in known
        ],
    )  # fmt: skip
    if not known:
        say("No case was asked yet: `footnote eval nightly`.")
    whys = {"gone": "its document is gone", "closed": "its asker may not read its document any more",
            "superseded": "its words do not stand in the newest version"}  # fmt: skip
    for one in checked:
        asked = any(version.sha256 == one.sha256 for version in known)
        say(f"\n{one.file}: {counted(one.cases, 'case')}, version {one.sha256[:8]}{'' if asked else ', never asked'}.")
        for case_id, why in one.stale.items():
            say(f"  stale   {case_id}: {whys[why]}")
        _say_shared(one.shared)
    if against is not None:
        say(f"\nThe sample's golden questions: {len(sample)} share words with rows below {against}.")
        _say_shared(sample)


def _say_shared(found: Sequence[Shared]) -> None:
    for one in found:
        say(f"  shared  {one.case_id}: its {one.what}, with a row of {one.file}")
