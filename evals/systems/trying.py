"""One configuration after the other, asked the same cases over the same documents.

A configuration is a change of settings, perhaps with something planted in the parts. Each is opened anew, over a data
folder that all share whose documents are cut alike.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from api.demo.home import settled
from api.terminal import UsageError, note
from evals.datasets.answers.cases import case_of
from evals.datasets.answers.corpus import LABEL, documents, sources
from evals.datasets.answers.questions import DEV, TRAIN, load
from evals.datasets.golden import load_cases
from evals.datasets.strangers import strangers
from evals.metrics.chosen import metrics, right
from evals.metrics.facts import states
from evals.systems import plants
from evals.systems.asking import Setup, timed
from evals.systems.installations import Installation, ingest_sample, ingested, opened
from evals.systems.memo import Memo
from evals.systems.remembered import Remembered
from evals.types import Case
from generation.types import Answer
from infra.settings import RELEASABLE, load_settings
from ingest.errors import FootnoteError
from ingest.local_files import SourceFile
from ingest.protocols import Outcome

SAMPLE, OWN, CONTRACTS = "sample", "own", "contracts"
RIGHT, WRONG, ABSTAINED, ERROR = "right", "wrong", "abstained", "error"


@dataclass(frozen=True, slots=True)
class Put:
    """A case, and the documents that it is put to."""

    store: str
    case: Case

    @property
    def key(self) -> str:
        return f"{self.store}:{self.case.id}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a case. `outcome`: wrong is what was answered and is not right, also where nobody may be answered.
    `seconds` are those of the machine and, for what the memo knew, those of the model when it was asked."""

    key: str
    outcome: str
    wants_abstention: bool
    first_seconds: float | None = None
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    withheld: int = 0
    leaked: bool = False
    unresolved: bool = False
    overlap: float | None = None
    said: str = ""
    asked: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """`settings` as FOOTNOTE_… in lower case; they go over environment and profile. `plant` changes the parts once they
    are open; `slower` is a factor on the model's seconds; `repeat`: see `Memo`; `documents`: a variant of the sample,
    as `PREPARED` has it. `apart`: what is known of the same settings under another name does not count."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    plant: Callable[[Remembered], None] | None = None
    slower: float = 1.0
    repeat: int = 0
    documents: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Where documents lie. `memo`: the file of replies; None: in memory. `data`: the folder of the public data, for
    the contracts, which lie in `contracts`. `now`: what all configurations begin with, see `in_use`."""

    memo: Path | None
    data: Path | None = None
    contracts: Path | None = None
    now: Mapping[str, Any] = field(default_factory=dict)

    def home(self, store: str, configuration: Configuration) -> Path:
        """Of another chunking or embedder another folder, beside and kept. Raises `UsageError` for this installation's
        documents, which are indexed as they are."""
        own = load_settings().home
        base = {SAMPLE: own.with_name(f"{own.name}.sample"), OWN: own, CONTRACTS: self.contracts or own}[store]
        now, then = load_settings(**configuration.settings), load_settings()
        index, usual = (f"{one.chunking}@{one.chunk_chars}.{one.embedder}" for one in (now, then))
        if configuration.documents and store == SAMPLE:
            return base.with_name(f"{base.name}.{configuration.documents}")
        if index == usual:
            return base
        if store == OWN:
            raise UsageError(
                "chunking, chunk_chars and embedder cannot be tried over this installation's documents, which are "
                "indexed as they are: try them with the sample or with --data."
            )
        return base.with_name(f"{base.name}.{index}")


Ask = Callable[[Put], Tried]


def in_use() -> Mapping[str, Any]:
    """The settings by which this installation answers, those of the release in use where there is one; a configuration
    changes them and is no release."""
    with opened() as parts:
        settings = parts.deploying.now().current.settings
    return {name: getattr(settings, name) for name in RELEASABLE} | {"release": "none"}


@dataclass(frozen=True, slots=True)
class Asking:
    """An open configuration over one store. `config`: the digest of everything that decides its answers but questions
    and documents; `documents`: names what is stored."""

    setup: Mapping[str, Any]
    config: str
    documents: str
    ask: Ask


@contextmanager
def asking(places: Places, store: str, configuration: Configuration) -> Iterator[Asking]:
    """Until the end of the block; its documents are ingested if they are not yet."""
    home = places.home(store, configuration)
    own = {} if store == OWN else {"home": home, "DATABASE_URL": ""}
    settings = settled(load_settings(**{**places.now, **configuration.settings, **own}))
    memo = Memo(places.memo, repeat=configuration.repeat)
    memo.clock.slower = configuration.slower
    try:
        with Remembered(settings, note, memo) as parts, asyncio.Runner() as loop:
            _prepared(parts, store, places, configuration.documents)
            if configuration.plant is not None:
                configuration.plant(parts)
            setup = asdict(Setup.of(parts))
            metric = metrics(parts.documents)
            yield Asking(
                setup, _config(setup, configuration), str(parts.catalog.generation()),
                lambda put: loop.run(_tried(parts, memo, put, metric)),
            )  # fmt: skip
    finally:
        memo.close()


def cases(
    sample: bool, files: Sequence[Path], answers: str, places: Places, *, limit: int = 0, refusals: bool = True
) -> tuple[Put, ...]:
    """Those of the sample, with `refusals` also as asked by people who may read no answer, of files over this
    installation, and of a split of `footnote bench answers`, in an order drawn by id; `limit` of each of them (0: all).
    Raises `UsageError`."""
    groups = [[Put(SAMPLE, case) for case in load_cases()]] if sample else []
    groups += [[Put(SAMPLE, case) for case in strangers()]] if sample and refusals else []
    groups += [[Put(OWN, case) for case in load_cases(path)] for path in files]
    if answers:
        if answers not in (TRAIN, DEV):
            raise UsageError(
                f"answers: {TRAIN} or {DEV}. What is chosen by blind questions cannot be measured by them."
            )
        if places.data is None:
            raise UsageError("The questions of the answers bench need --data, the folder of the public data.")
        stored = sources(documents(places.data))
        groups.append([Put(CONTRACTS, case_of(question, stored)) for question in load(answers)])
    drawn = [sorted(group, key=lambda put: digest(put.key))[: limit or None] for group in groups]
    found = [put for group in drawn for put in group]
    keys = [put.key for put in found]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise UsageError(f"{', '.join(twice[:5])}: in two files. Every case needs an id of its own.")
    if not found:
        raise UsageError("There is nothing to ask: name cases.")
    return tuple(sorted(found, key=lambda put: digest(put.key)))


def _config(setup: Mapping[str, Any], configuration: Configuration) -> str:
    planted = configuration.name if configuration.plant or configuration.apart else ""
    cut = load_settings(**configuration.settings)
    told = [setup, dict(configuration.settings), cut.chunking, cut.chunk_chars, planted, configuration.slower]
    return digest(json.dumps([*told, configuration.repeat, configuration.documents], sort_keys=True, default=str))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _prepared(parts: Installation, store: str, places: Places, variant: str) -> None:
    if store == SAMPLE:
        PREPARED[variant](parts)
    elif store == CONTRACTS and places.data is not None:
        files = [SourceFile(document.file, document.source) for document in documents(places.data)]
        failed = [one for one in ingested(parts, files, LABEL) if one.outcome is Outcome.FAILED]
        if failed:
            note(f"{len(failed)} of {len(files)} documents could not be read: questions about them count as missed.")


async def _tried(parts: Remembered, memo: Memo, put: Put, metric: Mapping[str, Any]) -> Tried:
    asked, case = memo.asked, put.case
    wants = case.kind.wants_abstention
    try:
        found = await timed(parts, case.question, case.asker, clock=memo.clock.now)
    except FootnoteError as error:
        return Tried(put.key, ERROR, wants, error=error.code)
    answer = found.answer
    return Tried(
        put.key,
        outcome(put, answer),
        wants,
        found.first_seconds,
        found.seconds,
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
        len(found.withheld),
        bool(metric["leak"](case, answer)),
        metric["citation_resolves"](case, answer) not in {None, 1.0},
        metric["quote_overlap"](case, answer),
        digest(f"{answer.status}\0{answer.answer}"),
        memo.asked - asked,
    )


PREPARED: Mapping[str, Callable[[Installation], object]] = {
    "": ingest_sample,
    "outdated": plants.outdated_sample,
    "swapped": plants.swapped_sample,
}


def outcome(put: Put, answer: Answer) -> str:
    """Facts of contracts are spelled in many ways, which their own rule knows."""
    if not answer.sentences:
        return RIGHT if put.case.kind.wants_abstention else ABSTAINED
    if put.store == CONTRACTS and not put.case.kind.wants_abstention:
        return RIGHT if states(answer.answer, put.case.must_contain, put.case.must_not_contain) else WRONG
    return RIGHT if right(put.case, answer) else WRONG
