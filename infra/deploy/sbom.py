"""What Footnote is made of, as CycloneDX: `python -m infra.deploy.sbom FOLDER` writes python.cdx.json and npm.cdx.json.

The first holds what an installation with the extras cpu and ocr needs, out of this environment (extra dev has the
tool); the second all packages that the web page is built of and with.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

EXTRAS = ("cpu", "ocr")
FRONTEND = Path(__file__).parents[2] / "frontend"


def needed(name: str, extras: Collection[str]) -> set[str]:
    """The normalized names of all that a distribution needs on this machine, itself among them."""
    seen: set[tuple[str, str]] = set()
    waiting = [(name, ""), *((name, extra) for extra in extras)]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        try:
            told = requires(one[0]) or []
        except PackageNotFoundError:  # for another machine, or an extra that nothing asks for
            continue
        seen.add(one)
        for requirement in map(Requirement, told):
            if requirement.marker is None or requirement.marker.evaluate({"extra": one[1]}):
                found = normal(requirement.name)
                waiting += [(found, ""), *((found, extra) for extra in requirement.extras)]
    return {found for found, _ in seen}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def narrowed(bom: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The document with these components alone."""
    components = [one for one in bom["components"] if normal(one["name"]) in names]
    refs = {one["bom-ref"] for one in components}
    dependencies = [
        {"ref": one["ref"], "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in refs]}
        for one in bom.get("dependencies", ())
        if one["ref"] in refs
    ]
    return bom | {"components": components, "dependencies": dependencies}


def licences(component: dict[str, Any]) -> str:
    """All that is told of a component's licence, in one line; empty where nothing is."""
    told = []
    for one in component.get("licenses", ()):
        licence = one.get("license", {})
        told.append(one.get("expression") or licence.get("id") or licence.get("name") or "")
    return "; ".join(" ".join(text.split()) for text in told if text)


def write(folder: Path) -> tuple[Path, Path]:
    """Raises `subprocess.CalledProcessError` where a tool fails."""
    folder.mkdir(parents=True, exist_ok=True)
    python, npm = folder / "python.cdx.json", folder / "npm.cdx.json"
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--of", "JSON", "--sv", "1.6", sys.executable]
    whole = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    python.write_text(json.dumps(narrowed(whole, needed("footnote", EXTRAS)), indent=1) + "\n", encoding="utf-8")
    command = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]
    done = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=True)
    npm.write_text(done.stdout, encoding="utf-8")
    return python, npm


if __name__ == "__main__":
    for path in write(Path(sys.argv[1])):
        sys.stdout.write(f"{path}: {len(json.loads(path.read_text(encoding='utf-8'))['components'])} components\n")
