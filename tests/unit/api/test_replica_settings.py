"""How many servers, and which GPUs each of our own sees."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from api.wiring.admitting import answers
from api.wiring.answering import engine
from api.wiring.replica_settings import asked_for, gpus, named, needed_gpus, servers
from infra.llm.vllm import VllmServer
from infra.settings import Settings, SettingsError, load_settings

DOCS = Path(__file__).parents[3] / "docs" / "vllm.md"
TWO = "http://a:8000/v1, http://b:8000/v1/,"


def vllm(**given: Any) -> Settings:
    return load_settings(engine="vllm", **given)


@pytest.mark.parametrize("given", [TWO, ["http://a:8000/v1", "http://b:8000/v1/"]])
def test_addresses_are_a_list_or_stand_between_commas(given: object) -> None:
    found = load_settings(llm_url=given)
    assert found.llm_urls == ("http://a:8000/v1", "http://b:8000/v1/")
    assert servers(found) == 2
    assert load_settings(llm_url="http://a:8000/v1").llm_url == "http://a:8000/v1"
    assert load_settings().llm_urls == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [("http://a/v1,http://b/v1,http://a/v1/", "twice"), ("http://a/v1,http://me:secret@b/v1", "FOOTNOTE_LLM_API_KEY")],
)
def test_addresses_that_cannot_be(given: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        load_settings(llm_url=given)
    assert "secret" not in str(refused.value)


def test_servers_are_called_by_host_port_and_what_else_tells_them_apart() -> None:
    assert list(named(("https://llm.example/v1", "http://a:1/v1/", "http://a:1/second/v1"))) == [
        "llm.example", "a:1", "a:1/second",
    ]  # fmt: skip


def test_an_answer_hangs_on_the_first_address_alone() -> None:
    """So that a replay and a release do not change with who is beside it."""
    one, two = load_settings(llm_url="http://a/v1"), load_settings(llm_url="http://a/v1,http://b/v1")
    assert engine(one, "") == engine(two, "") == "http://a/v1"
    assert engine(vllm(), "") == engine(vllm(vllm_replicas=4), "") == "vllm"


def test_answers_at_once_are_counted_over_all_servers() -> None:
    few = {"threads": 2, "answers_at_once": 0}
    assert answers(load_settings(llm_url="http://a/v1", **few)).at_once == 2
    assert answers(load_settings(llm_url="http://a/v1,http://b/v1,http://c/v1", **few)).at_once == 6
    assert answers(vllm(vllm_replicas=4, **few)).at_once == 8
    assert answers(vllm(vllm_gpus="0;1;2", **few)).at_once == 6
    assert answers(vllm(vllm_replicas=4, threads=64, answers_at_once=0)).at_once == 32
    assert answers(vllm(vllm_replicas=4, threads=2, answers_at_once=3)).at_once == 3
    assert answers(load_settings(engine="llama.cpp", vllm_replicas=4, **few)).at_once == 1


@pytest.mark.parametrize(
    ("given", "visible", "expected"),
    [
        ({}, "", [""]),
        ({}, "4,5", [""]),
        ({"vllm_replicas": 2}, "", ["0", "1"]),
        ({"vllm_replicas": 2}, "4, 5,6", ["4", "5"]),
        ({"vllm_replicas": 2, "vllm": {"tensor-parallel-size": 2}}, "", ["0,1", "2,3"]),
        (
            {"vllm_replicas": 2, "vllm": {"tensor-parallel-size": 2, "data-parallel-size": 2}},
            "",
            ["0,1,2,3", "4,5,6,7"],
        ),
        ({"vllm_gpus": "2; 3"}, "", ["2", "3"]),
        ({"vllm_gpus": "GPU-8f2a"}, "", ["GPU-8f2a"]),
        ({"vllm_gpus": "1,0;3,2", "vllm_replicas": 2, "vllm": {"pipeline-parallel-size": 2}}, "", ["1,0", "3,2"]),
    ],
)
def test_each_replica_has_gpus_of_its_own(
    given: dict[str, Any], visible: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpus(vllm(**given)) == expected


@pytest.mark.parametrize(
    ("given", "visible", "says"),
    [
        ({"vllm_replicas": 3, "vllm_gpus": "0;1"}, "", "2 groups for 3 replicas"),
        ({"vllm_gpus": "0,1;2"}, "", "a replica needs 1 .* '0,1' has 2"),
        ({"vllm_replicas": 2, "vllm": {"tensor-parallel-size": 2}}, "0,1,2", "need 4 GPUs, .* names 3"),
    ],
)
def test_gpus_that_do_not_fit(given: dict[str, Any], visible: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with pytest.raises(SettingsError, match=says):
        gpus(vllm(**given))


@pytest.mark.parametrize(("given", "says"), [("0,1;1", "twice"), ("0;;1", "semicolons"), ("0 or 1", "semicolons")])
def test_gpus_that_cannot_be(given: str, says: str) -> None:
    with pytest.raises(SettingsError, match=f"FOOTNOTE_VLLM_GPUS: .*{says}"):
        load_settings(vllm_gpus=given.replace(" or ", "/"))


def test_the_documented_sets_of_flags_need_as_many_gpus_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = re.findall(r"^\| .* \| `(\{.*\})` \| (\d+) \|$", DOCS.read_text(), flags=re.MULTILINE)
    assert len(rows) > 10
    monkeypatch.setenv("FOOTNOTE_PROFILE", "gpu")
    for flags, said in rows:
        monkeypatch.setenv("FOOTNOTE_VLLM", flags)
        assert needed_gpus(load_settings()) == int(said), flags


def test_a_replica_sees_its_gpus_whatever_the_service_sees(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3")
    for devices, sees in (("2,3", "2,3"), ("", "0,1,2,3")):
        server = VllmServer(
            Path(sys.executable), "m", "base", context_tokens=512, log_path=tmp_path / "log", devices=devices
        )
        assert server._environment()["CUDA_VISIBLE_DEVICES"] == sees


def test_an_adapter_that_the_servers_hold_by_its_name_has_to_be_alike_too() -> None:
    given = {"llm_url": "http://a/v1", "llm_model": "big"}
    assert asked_for(load_settings(**given, adapter="current")) == ("big",)
    assert asked_for(load_settings(**given, adapter="none")) == ("big",)
    assert asked_for(load_settings(**given, adapter="ours")) == ("big", "ours")
