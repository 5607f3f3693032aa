"""What is asked of another server: what it takes, by the protocol that the settings name."""

from __future__ import annotations

import pytest

from api.wiring.hosting import another_host
from generation.errors import GeneratorUnavailable
from generation.llm.client import PLAIN, VLLM, Dialect
from infra.settings import SettingsError, load_settings

URL = "http://gpu:8000/v1"


@pytest.mark.parametrize(
    ("given", "dialect"), [({}, VLLM), ({"llm_protocol": "vllm"}, VLLM), ({"llm_protocol": "openai"}, PLAIN)]
)
def test_a_strict_server_is_asked_nothing_beyond_the_protocol(given: dict[str, str], dialect: Dialect) -> None:
    client = another_host(load_settings(llm_url=URL, llm_model="big", **given)).client("tuned")
    assert client._dialect == dialect
    assert (client.name, client.adapter) == ("big", "tuned")


def test_a_protocol_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_LLM_PROTOCOL", "grpc")
    with pytest.raises(SettingsError, match=r"FOOTNOTE_LLM_PROTOCOL: .*'vllm' or 'openai'"):
        load_settings()


def test_its_address_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer's record has it."""
    monkeypatch.setenv("FOOTNOTE_LLM_URL", "https://ana:geheim@gpu.test/v1")
    with pytest.raises(SettingsError, match="FOOTNOTE_LLM_API_KEY") as refused:
        load_settings()
    assert "geheim" not in str(refused.value)


def test_another_server_has_to_be_asked_for_something() -> None:
    with pytest.raises(GeneratorUnavailable, match="FOOTNOTE_LLM_MODEL"):
        another_host(load_settings(llm_url=URL))
