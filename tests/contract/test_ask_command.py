"""`footnote ask`: how strict an answer is, out of the local data folder and from a service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

import footnote.client
from api.cli import asking
from api.cli.main import command_line
from footnote.client import FootnoteClientError
from ingest.errors import FootnoteError

RENT = "The rent of Unit 7 is 500 euros per month."
QUESTION = "What is the rent of Unit 7?"
LENA = ("--as", "user:lena", "--groups", "legal")


@pytest.fixture
def run(service: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    @contextmanager
    def opened(**_: object) -> Iterator[Any]:
        yield service.parts

    monkeypatch.delenv("FOOTNOTE_URL", raising=False)
    monkeypatch.setattr(asking, "opened", opened)
    service.parts.script.text = f"{RENT.removesuffix('.')} [1]."
    return lambda *options: CliRunner().invoke(command_line(), ["ask", QUESTION, *options])


@pytest.mark.usefixtures("strict_of_all")
@pytest.mark.parametrize("within", [(), ("--conversation", "new")])
def test_a_strict_answer_can_be_asked_for(run: Any, within: tuple[str, ...]) -> None:
    ran = run("--strictness", "strict", *within, *LENA)
    assert ran.exit_code == asking.ABSTAINED_EXIT, ran.output
    assert "\nSources\n" not in ran.stdout
    assert "abstained (not_supported) | strict | 0 checked" in ran.stdout
    assert json.loads(run("--strictness", "strict", "--json", *LENA).stdout)["strictness"] == "strict"
    for usual in ((), ("--strictness", "usual")):
        ran = run(*usual, *within, *LENA)
        assert ran.exit_code == 0, ran.output
        assert RENT.removesuffix(".") in ran.stdout
        assert "answered | 1 checked" in ran.stdout


def test_a_strictness_that_is_not_offered_is_refused(run: Any, usual_alone: str) -> None:
    ran = run("--strictness", "strict", *LENA)
    assert isinstance(ran.exception, FootnoteError)
    assert str(ran.exception) == usual_alone
    assert run("--strictness", "lax", *LENA).exit_code == 2


def test_a_service_is_asked_for_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}

    class Client:
        def __enter__(self) -> Client:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def ask(self, **fields: Any) -> None:
            sent.update(fields)
            raise FootnoteClientError("It is not offered here.")

    monkeypatch.setattr(footnote.client, "Client", Client)
    monkeypatch.setenv("FOOTNOTE_URL", "http://127.0.0.1:1")
    assert str(run("--strictness", "strict").exception) == "It is not offered here."
    assert sent == {"question": QUESTION, "strictness": "strict", "keep": False}
