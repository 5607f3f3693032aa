"""Which engine a server of our own computes with."""

from pathlib import Path
from typing import Any

import pytest

from api.wiring import language
from api.wiring.language import LLAMA_CPP_ENGINE, OPENVINO, own_engine
from infra.settings import SettingsError


class Said:
    def __init__(self, engine: str, llama_server: Path | None = None) -> None:
        self.engine, self.llama_server = engine, llama_server


class Adapter:
    name = "footnote-cited-1.5b"


def chosen(monkeypatch: pytest.MonkeyPatch, engine: str, *, installed: bool, adapter: Any = None, **more: Any) -> str:
    monkeypatch.setattr(language, "available", lambda: installed)
    settings: Any = Said(engine, **more)
    return own_engine(settings, adapter)


def test_auto_is_openvino_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch, "auto", installed=True) == OPENVINO
    assert chosen(monkeypatch, "auto", installed=False) == LLAMA_CPP_ENGINE


@pytest.mark.parametrize("more", [{"adapter": Adapter()}, {"llama_server": Path("llama-server")}])
def test_auto_is_llama_cpp_for_what_openvino_does_not_take(monkeypatch: pytest.MonkeyPatch, more: Any) -> None:
    assert chosen(monkeypatch, "auto", installed=True, **more) == LLAMA_CPP_ENGINE


@pytest.mark.parametrize("installed", [True, False])
def test_llama_cpp_that_was_asked_for_is_taken(monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    assert chosen(monkeypatch, LLAMA_CPP_ENGINE, installed=installed) == LLAMA_CPP_ENGINE


def test_openvino_that_was_asked_for_and_cannot_be_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"takes no adapter.*FOOTNOTE_ADAPTER=none"):
        chosen(monkeypatch, OPENVINO, installed=True, adapter=Adapter())
    with pytest.raises(SettingsError, match=r"no package.*FOOTNOTE_ENGINE=auto"):
        chosen(monkeypatch, OPENVINO, installed=False)
    assert chosen(monkeypatch, OPENVINO, installed=True) == OPENVINO
