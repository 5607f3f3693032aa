"""Every suite that goes on from a results file knows the code by which it was written."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.wiring import pins
from evals.measuring.code import code
from evals.measuring.results import ResultFile
from evals.suites.gate import faithfulness
from evals.suites.gate.bench import Bench
from evals.suites.generation import contexts
from evals.suites.retrieval import compared
from evals.systems import asking, recording, replay
from evals.systems.variants import Variant
from generation.prompts import load_prompt
from generation.types import Limits
from infra import code as digests
from retrieval.context.context import ContextOptions
from retrieval.types import SearchOptions

MODEL: Any = SimpleNamespace(name="m", adapter="")
PROMPT = load_prompt("answer")
LIMITS = Limits(ship=0.8, grey=0.4, conflict=0.9)


class Parts(SimpleNamespace):
    @property
    def setup(self) -> dict[str, Any]:
        """As the container makes it."""
        return pins.setup(pins.pins("m", "", PROMPT.pinned, {"engine": "vllm"}) | {pins.JUDGE: "g"})


PARTS: Any = Parts(
    answer_search=SimpleNamespace(options=SearchOptions()),
    context_options=ContextOptions(),
    settings=SimpleNamespace(
        llm_url="", engine="vllm", shown_chars=0, embedder="e", reranker="r", max_tokens=9, quote_from=0.8
    ),
    models=SimpleNamespace(digest=lambda name: name * 9),
    generator_model=MODEL,
    language=SimpleNamespace(prompt=PROMPT, engine="llama.cpp"),
    gate=SimpleNamespace(name="g"),
    limits=LIMITS,
    selector=SimpleNamespace(name="s"),
    recipe={},
)
MODELS: Any = SimpleNamespace(embedder=None, digests=dict)
SETUPS: dict[str, Callable[[], object]] = {
    "gate": lambda: Bench(MODEL, LIMITS, 1, ResultFile(None)).setup,
    "ragtruth llm": lambda: faithfulness.setup_of(MODEL, [PROMPT]),
    "recorded": lambda: recording._setup({"cuad": PARTS}, MODEL, PROMPT),
    "replayed": lambda: replay._setup(PARTS.gate, replay.ON, PARTS),
    "contexts": lambda: contexts.setup_of(PARTS),
    "replies": lambda: Variant("n", "b", Path("m"), "1", None, "", PROMPT, 9, 9, 1).setup,
    "supports": lambda: code(*digests.JUDGING),
    "answers": lambda: asdict(asking.Setup.of(PARTS)),
    "retrieval": lambda: code(*digests.FINDING),
    "hyde": lambda: code(*digests.IMAGINING),
    "peers": lambda: compared.peers(["txtai"], MODELS)[0].setup,
    "cuad search": lambda: code(*digests.SHOWING),
}
WRITTEN = {"ragtruth llm", "replies", "recorded", "replayed", "contexts", "answers", "hyde", "cuad search"}
FOUND = {"retrieval", "recorded", "contexts", "answers", "cuad search"}
JUDGED = {"gate", "supports", "recorded", "replayed", "answers"}
WHOLE = {"recorded", "replayed", "answers"}
USED: dict[str, set[str]] = {
    "generation/gate/nli.py": JUDGED,
    "generation/gate/selector.py": WHOLE,
    "generation/gate/relevance.py": WHOLE,
    "generation/llm/client.py": WRITTEN,
    "generation/llm/hypothesis.py": {"hyde", "contexts", "cuad search", "recorded", "answers"},
    "infra/llm/llama_cpp_main.py": WRITTEN,
    "infra/models/onnx.py": FOUND | JUDGED | {"peers"},
    "ingest/embedding.py": FOUND | {"peers"},
    "retrieval/search/rerank.py": FOUND | WHOLE,
    "retrieval/context/trimming.py": FOUND,
    "api/wiring/weights.py": WHOLE,
    "api/wiring/answering.py": WHOLE,
    "api/wiring/searching.py": {"contexts", "cuad search", "recorded", "answers"},
    "generation/gate/limits.toml": JUDGED,
    "generation/prompts/judge.md": JUDGED,
    "generation/prompts/relevance.md": WHOLE,
    "generation/prompts/hyde.md": {"hyde", "contexts", "cuad search", "recorded", "answers"},
    "infra/postgres/queries.sql": FOUND,
}
UNUSED = {
    "generation/gate/selector.py": {"gate", "supports", "retrieval", "replies"},
    "generation/prompts/judge.md": {"retrieval", "replies", "ragtruth llm"},
    "api/http/app.py": set(SETUPS),
    "generation/training/replacing.py": set(SETUPS),
}


def setups() -> dict[str, object]:
    code.cache_clear()
    digests._data.cache_clear()
    return {name: setup() for name, setup in SETUPS.items()}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages, to be changed."""
    root, to = Path(__file__).parents[3], tmp_path_factory.mktemp("code")
    for top in digests._OURS:
        for path in (root / top).rglob("*"):
            if path.suffix == ".py" or path.suffix in digests._DATA:
                target = to / path.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return to


@pytest.fixture
def copied(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Digests are of the copy; where a module lies, and what it imports, is looked up once."""
    monkeypatch.setattr(digests, "files", lambda top: copy / top)
    monkeypatch.setattr(compared, "peer", lambda name: None)
    monkeypatch.setattr(digests, "_path", cache(digests._path))
    monkeypatch.setattr(digests, "_imported", cache(lambda path, read=digests._imported: tuple(read(path))))
    yield copy
    code.cache_clear()
    digests._data.cache_clear()


def changed(root: Path, names: Iterable[str]) -> dict[str, set[str]]:
    """The suites whose setup changes with a line more in a file, for each of them."""
    before, found = setups(), {}
    for name in names:
        path = root / name
        was = path.read_bytes()
        path.write_bytes(was + b"\n# changed\n")
        after = setups()
        path.write_bytes(was)
        found[name] = {suite for suite in SETUPS if before[suite] != after[suite]}
    assert setups() == before
    return found


def test_a_change_of_a_part_or_of_a_data_file_is_in_the_setup_of_every_suite_that_uses_it(copied: Path) -> None:
    found = changed(copied, USED)
    assert {name: suites - found[name] for name, suites in USED.items() if suites - found[name]} == {}


def test_what_a_suite_does_not_use_leaves_its_results_as_they_are(copied: Path) -> None:
    found = changed(copied, UNUSED)
    assert {name: suites & found[name] for name, suites in UNUSED.items() if suites & found[name]} == {}
