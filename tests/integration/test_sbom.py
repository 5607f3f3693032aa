"""The list of what Footnote is made of is whole, and nothing in it is under a licence that binds who uses Footnote."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from infra.deploy import sbom

ROOT = Path(__file__).parents[2]
ACCEPTED = tomllib.loads((ROOT / "infra/deploy/licences.toml").read_text(encoding="utf-8"))["accepted"]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        if shutil.which("npm") is None:
            pytest.skip("there is no npm")
        yield [json.loads(path.read_text()) for path in sbom.write(tmp_path_factory.mktemp("sbom"))]


def questionable(component: dict[str, Any]) -> bool:
    told = sbom.licences(component)
    return not told or re.search(r"GPL|GNU|SSPL|BUSL|Commons Clause|Proprietary", told, re.IGNORECASE) is not None


def test_no_licence_of_the_gpl_family_and_none_that_is_untold_but_those_with_a_reason(
    documents: list[dict[str, Any]],
) -> None:
    found = {sbom.normal(one["name"]) for document in documents for one in document["components"] if questionable(one)}
    assert found == set(ACCEPTED)
    assert all(len(reason) > 20 for reason in ACCEPTED.values())


def test_what_is_installed_for_running_is_in_the_list_and_what_tests_need_is_not(
    documents: list[dict[str, Any]],
) -> None:
    python, npm = documents
    assert (python["bomFormat"], npm["bomFormat"]) == ("CycloneDX", "CycloneDX")
    names = {sbom.normal(one["name"]) for one in python["components"]}
    asked = [Requirement(text) for text in requires("footnote") or []]
    here = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    assert {sbom.normal(one.name) for one in here} <= names
    assert {"footnote", "faiss-cpu", "rapidocr"} <= names
    assert not {"pytest", "check-jsonschema", "schemathesis", "moto"} & names
    assert {"react", "swagger-ui-dist"} <= {one["name"] for one in npm["components"]}
    refs = {one["bom-ref"] for one in python["components"]}
    assert {ref for one in python["dependencies"] for ref in (one["ref"], *one["dependsOn"])} <= refs


@pytest.mark.parametrize(
    ("licences", "answer"),
    [
        ([{"license": {"id": "AGPL-3.0-only"}}], True),
        ([{"license": {"name": "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"}}], True),
        ([{"expression": "MIT OR GPL-2.0-or-later"}], True),
        ([], True),
        ([{"expression": "Apache-2.0 WITH LLVM-exception"}], False),
    ],
)
def test_a_licence_that_binds_is_recognised(licences: list[dict[str, Any]], answer: bool) -> None:
    assert questionable({"licenses": licences}) is answer
