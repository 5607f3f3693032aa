"""The examples of docs/gate.md, with the models that ship: they run, and print what the page says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda

from api.bootstrap import Container
from infra.settings import load_settings

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gate.md").read_text("utf-8")
LIBRARY, CHAIN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/none")


def test_the_library_does_what_the_page_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (said,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    exec(LIBRARY, {})  # noqa: S102
    assert capsys.readouterr().out == said
    assert not (tmp_path / "home").exists()


def test_the_chain_does_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    given: dict[str, Any] = {}
    exec(LIBRARY.partition("with ")[0], given)  # noqa: S102
    documents = [Document(given[name], metadata={"source": f"{name}.txt"}) for name in ("rules", "lease")]
    with Container(load_settings()) as footnote:
        parts = {
            "retriever": RunnableLambda(lambda question: documents),
            "prompt": ChatPromptTemplate.from_template("{documents} {question}"),
            "llm": FakeListChatModel(responses=[given["answer"]]),
            "gate": footnote.faithfulness(),
        }
        exec(CHAIN, parts)  # noqa: S102
    assert capsys.readouterr().out == "The tenant must pay the rent to the landlord in advance. ['lease.txt']\n"


def test_the_command_does_what_the_page_says() -> None:
    (line, arguments, said) = re.findall(r"    \$ echo '(.*)' \|\n +footnote (.*)\n    (.*)\n", PAGE)[0]
    command = [sys.executable, "-m", "api.cli.main", *shlex.split(arguments)]
    done = subprocess.run(command, cwd=ROOT, input=line, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout) == json.loads(said)
    assert (done.returncode, done.stderr) == (1, "")
