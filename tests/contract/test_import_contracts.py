"""The import contracts hold, and each of them would notice a violation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingest", "retrieval", "generation", "infra", "api", "evals", "footnote")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "import_contracts.py", folder / "tests")
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return folder


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


PLANTED = [
    ("ingest/types.py", "import retrieval.types", "Imports point one way"),
    ("retrieval/search/fusion.py", "import api.http.schemas", "Imports point one way"),
    ("retrieval/types.py", "import retrieval.search.hybrid", "Types, protocols and errors know no room"),
    ("generation/types.py", "import generation.gate.gate", "Types, protocols and errors know no room"),
    ("ingest/parsers/text.py", "import ingest.chunking", "Parsers know what they read into"),
    ("ingest/reading/detect.py", "import ingest.pipeline", "Reading knows the parsers"),
    ("ingest/pipeline.py", "import ingest.parsers", "The pipeline knows its stages by protocol"),
    ("ingest/syncing/planning.py", "import ingest.pipeline", "Syncing knows sources and stores by protocol"),
    ("ingest/chunkers/structure.py", "import ingest.pipeline", "Chunkers cut documents and know no stage"),
    ("ingest/naming/titles.py", "import ingest.chunking", "Names and facts are found by pure functions"),
    ("ingest/languages.py", "import ingest.types", "Languages and files of this machine know errors alone"),
    ("retrieval/context/context.py", "import ingest.chunking", "Retrieval knows ingest by its types"),
    ("retrieval/index/view.py", "import retrieval.understanding.words", "The rooms of retrieval meet in search"),
    ("retrieval/context/context.py", "import retrieval.search.fusion", "The context follows references that understanding reads"),
    ("retrieval/search/hybrid.py", "import retrieval.context.trimming", "Search knows the rooms that it searches"),
    ("retrieval/comparing/words.py", "import retrieval.search.fusion", "Comparing reads clauses and dates"),
    ("retrieval/langchain.py", "import retrieval.index.access", "The retriever for LangChain knows search"),
    ("generation/training/lora/rows.py", "import retrieval.context.trimming", "Generation knows retrieval by its types and its text"),
    ("generation/gate/claims.py", "import generation.llm.client", "The rooms of generation meet in answering"),
    ("generation/langchain.py", "import generation.prompts", "The gate for LangChain knows the gate"),
    ("generation/answering/run.py", "import generation.llm.client", "Answering knows gate and prompts, and models by protocol"),
    ("generation/absence/service.py", "import generation.answering.run", "Absence knows the gate's citations, and search and stores by protocol"),
    ("generation/absence/types.py", "import generation.gate.citations", "The types of absence know types alone"),
    ("generation/people.py", "import generation.gate.citations", "What people do with answers knows answers"),
    ("generation/types.py", "import generation.people", "Types, protocols and errors know no room"),
    ("generation/answering/run.py", "import generation.people", "Answering knows gate and prompts, and models by protocol"),
    ("generation/training/lora/rows.py", "import generation.answering.run", "Training knows what it trains for"),
    ("generation/gate/limits.py", "import generation.training.judge.conformal", "Nothing that serves imports what trains"),
    ("api/cli/asking.py", "import generation.training.data.pairs", "Nothing that serves imports what trains"),
    ("infra/files/blobs.py", "import generation.answering.service", "Infra knows the others by their types"),
    ("infra/models/store.py", "import infra.postgres.pool", "The rooms of infra stand on files and settings"),
    ("infra/connectors/folder.py", "import ingest.syncing.mapping", "Sources know what a sync asks of them"),
    ("infra/llm/server.py", "import infra.postgres.pool", "Servers of language models stand on the models' files"),
    ("infra/jobs/lanes.py", "import infra.files.blobs", "Workers stand on the queue in PostgreSQL"),
    ("infra/backup/manifest.py", "import infra.models.store", "Backups stand on files and PostgreSQL"),
    ("ingest/jobs.py", "import ingest.types", "What jobs are called uses nothing"),
    ("infra/settings.py", "import infra.models.manifest", "Settings know names, not rooms"),
    ("infra/code.py", "import infra.settings", "The digest of code reads files alone"),
    ("api/cli/index.py", "import infra.postgres.segments", "Nothing but wiring imports the insides of infra"),
    ("api/http/routes/query.py", "import infra.settings", "HTTP knows types, protocols and errors"),
    ("api/http/deps.py", "import api.wiring.answers", "HTTP knows types, protocols and errors"),
    ("api/http/openapi.py", "import api.bootstrap", "HTTP knows types, protocols and errors"),
    ("api/wiring/answering.py", "import api.bootstrap", "Wiring knows what it wires, and nobody above"),
    ("api/wiring/answers.py", "import api.http.schemas", "Wiring knows what it wires, and nobody above"),
    ("api/bootstrap/container.py", "import api.cli.main", "Bootstrap composes, and knows no command"),
    ("api/exports/wording.py", "import generation.types", "Exports are written from their own types"),
    ("api/demo/sample.py", "import api.cli.main", "The demo takes real parts from wiring"),
    ("api/cli/asking.py", "import retrieval.search.hybrid", "The command line takes real parts from wiring"),
    ("api/demo/people.py", "import api.wiring.stores", "What everybody may use uses next to nothing"),
    ("api/terminal.py", "import api.http.app", "What everybody may use uses next to nothing"),
    ("api/demo/sample.py", "import api.bootstrap", "Only entry points know the whole"),
    ("evals/suites/kills/heard.py", "import evals.suites.cuad.run_cuad", "Evaluation is suites over systems"),
    ("evals/suites/kills/heard.py", "import api.cli.output", "Evaluation is suites over systems"),
    ("evals/page/listing.py", "import infra.postgres.queries", "The page is measured over a service as it is served"),
    ("evals/systems/replay.py", "import evals.suites.cuad.run_cuad", "Systems know no suite and no command"),
    ("evals/measuring/results.py", "import evals.systems.replay", "Measuring knows nothing that is measured"),
    ("api/gating/gates.py", "import evals.measuring.statistics", "Gating is arithmetic and knows nothing of ours"),
    ("api/capacity/planning.py", "import api.gating.gates", "Capacity is arithmetic over measured figures"),
    ("evals/metrics/leak.py", "import generation.answering.run", "Metrics and datasets know no system"),
    ("evals/cli.py", "import api.bootstrap", "Evaluation joins the command line through its registry"),
    ("infra/witness/tree.py", "import infra.postgres.audit", "Witnesses stand on files and the trail"),
    ("infra/privacy.py", "import infra.postgres.pool", "What finds personal data knows the types of ingestion"),
    ("infra/erasure/words.py", "import infra.postgres.pool", "Erasure's words and receipts stand on files and the trail"),
    ("infra/vault/keys.py", "import infra.postgres.pool", "The vault stands on files and the trail"),
    ("infra/cluster/ray_hosts.py", "import retrieval.index.view", "Hosts of the index know what search asks of them"),
    ("infra/audit_verifier/verify_bundle.py", "import ingest.errors", "What verifies without us uses nothing of ours"),
    ("footnote/client/wire.py", "import ingest.errors", "The client knows nothing of ours"),
    ("api/client_writer/calls.py", "import api.bootstrap", "The client is written from the description alone"),
    ("api/mcp/tools.py", "import retrieval.types", "Tools for models call the service as its clients do"),
]  # fmt: skip
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


@pytest.mark.parametrize(("file", "line", "contract"), PLANTED)
def test_a_violation_is_noticed(copied: Path, file: str, line: str, contract: str) -> None:
    planted = copied / file
    before = planted.read_text(encoding="utf-8")
    planted.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        result = lint(copied)
    finally:
        planted.write_text(before, encoding="utf-8")
    assert result.returncode == 1, result.stdout
    assert f"{contract} BROKEN" in result.stdout


def test_every_contract_has_a_violation_that_it_notices() -> None:
    assert {contract for _, _, contract in PLANTED} == {contract["name"] for contract in CONTRACTS}


def test_every_module_is_in_a_room_whose_imports_are_listed() -> None:
    rooms = [
        source for contract in CONTRACTS for source in contract.get("source_modules", ()) if source not in PACKAGES
    ]
    patterns = [re.compile(rf"{re.escape(room).replace(re.escape('*'), '[^.]+')}([.].*)?") for room in rooms]
    outside = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (path.parent / "__init__.py").exists() and path.stat().st_size
        and not any(pattern.fullmatch(_module(path)) for pattern in patterns)
    ]  # fmt: skip
    assert outside == []


def test_nothing_of_ours_is_imported_by_name_past_the_contracts() -> None:
    ours = re.compile(rf"""(?:import_module|__import__)\(\s*f?["'](?:{"|".join(PACKAGES)})\.""")
    found = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if ours.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"evals/systems/peers/__init__.py"}  # of itself


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
