"""One root for what is foreseen: every error has a code of its own, and all three ways out know it."""

from __future__ import annotations

import ast
import importlib
import logging
import pickle
from pathlib import Path

import pytest

import ingest.errors
from api.cli.output import explained
from api.http.problems import _PROBLEMS, problem_of
from api.terminal import UsageError
from api.wiring.background import Background
from generation.training.data.written import DataChanged
from generation.training.lora.errors import LoraError
from infra.backup.errors import BackupDamaged, BackupRefused
from infra.settings import SettingsError
from infra.vault.errors import BoxDamaged, KeyDestroyed, KeysDamaged, KeysMissing, KeysOfAnother, VaultError
from ingest.errors import FootnoteError

ROOT = Path(ingest.errors.__file__).parents[1]
PACKAGES = ("ingest", "retrieval", "generation", "infra", "api", "evals")
# Signals between two functions of one module or room, which nobody else meets.
SIGNALS = {
    "generation.training.lora.steps.Stopped",
    "infra.models.download.Stopped",
    "infra.llm.server._StartFailed",
    "infra.audit_verifier.verify_bundle.Fault",
    "infra.jobs.lanes.Again",
    "infra.postgres.changes._Meanwhile",
    "infra.postgres.segment.Unusual",
    "ingest.parsers.ocr.engine.PageTimeout",
    "evals.suites.questions.making.Dropped",
    "evals.suites.sweep.run_sweep.OutOfTime",
    "evals.systems.ragas_scores._Unread",
    "infra.audit_verifier.verify_export.Wrong",  # a program of its own, without our code
    "infra.audit_verifier.verify_export.Unusable",
}
VAULT = (VaultError, BoxDamaged, KeyDestroyed, KeysDamaged, KeysMissing, KeysOfAnother)
OPERATOR = {SettingsError, *VAULT}  # whose detail is for whoever runs the service
COMMANDS = {UsageError, LoraError, DataChanged, BackupRefused, BackupDamaged}


def exceptions() -> dict[str, type[Exception]]:
    """Every exception class of ours by its full name. Found in the source, so that nothing needs to be imported but
    the modules that hold one."""
    known, found = {"Exception", "ValueError", "LookupError", "KeyError", "RuntimeError", "OSError"}, {}
    classes = [
        (".".join(path.relative_to(ROOT).with_suffix("").parts), node)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    before = -1
    while len(found) != before:
        before = len(found)
        for module, node in classes:
            bases = {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
            if bases & known:
                known.add(node.name)
                found[f"{module}.{node.name}"] = (module, node.name)
    return {full: getattr(importlib.import_module(module), name) for full, (module, name) in sorted(found.items())}


EVERY = exceptions()
FORESEEN = [kind for full, kind in EVERY.items() if full not in SIGNALS]


def test_every_exception_of_ours_has_the_one_root_or_is_a_signal() -> None:
    assert {full for full, kind in EVERY.items() if not issubclass(kind, FootnoteError)} == SIGNALS
    assert len(FORESEEN) > 30


def test_every_error_has_a_code_of_its_own() -> None:
    assert [kind.__name__ for kind in FORESEEN if "code" not in vars(kind)] == []
    assert len({kind.code for kind in FORESEEN}) == len(FORESEEN)


def test_names_are_distinct_and_stand_in_the_tree() -> None:
    """The tree at the top of `ingest.errors`."""
    names = [line.split("─ ")[1].split()[0] for line in (ingest.errors.__doc__ or "").splitlines() if "─ " in line]
    assert sorted([*names, "FootnoteError"]) == sorted(kind.__name__ for kind in FORESEEN)


def test_the_table_of_problems_names_no_code_that_nobody_has() -> None:
    assert _PROBLEMS.keys() <= {kind.code for kind in FORESEEN}


@pytest.mark.parametrize("kind", FORESEEN, ids=lambda kind: kind.__name__)
def test_all_three_ways_out_foresee_it(kind: type[FootnoteError], caplog: pytest.LogCaptureFixture) -> None:
    error = kind("Do this instead.")
    assert explained(error) == "Do this instead."

    def fail() -> None:
        raise error

    with caplog.at_level(logging.ERROR, logger="footnote"):
        assert Background("t", fail, "It failed", every=1)._attempt() is error
        assert not caplog.records  # an unforeseen one is logged with its traceback
        problem = problem_of(error)
    if kind in COMMANDS:  # cannot be met over HTTP
        assert (problem.status, problem.code) == (500, "internal_error")
    else:
        assert problem.status != 500
        assert problem.code == kind.code
    told = kind not in COMMANDS | OPERATOR
    assert ("Do this instead." in problem.detail) is told
    assert ("Do this instead." in caplog.text) is not told


def test_files_of_the_service_are_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    class KeyDamaged(SettingsError):
        code = "key_damaged"

    for kind in (SettingsError, KeyDamaged):
        problem = problem_of(kind("/home/acme/footnote/secrets/audit.key is damaged.", hint="See /etc/footnote."))
        assert (problem.status, problem.title, problem.code) == (
            503,
            "The service is not set up correctly",
            kind.code,
        )
        assert "/" not in problem.detail
    logged = [record for record in caplog.records if record.name == "footnote"]
    assert len(logged) == 2
    assert all("audit.key is damaged. See /etc/footnote." in record.getMessage() for record in logged)


def test_what_is_not_foreseen_is_not_explained() -> None:
    assert explained(RuntimeError("x")) is None
    assert problem_of(RuntimeError("x")).status == 500


def test_a_hint_follows_the_message_and_survives_a_process() -> None:
    error = FootnoteError("The disk is full.", hint="Free some space.")
    assert str(error) == "The disk is full. Free some space."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes
