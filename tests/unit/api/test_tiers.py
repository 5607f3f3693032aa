"""The file of tiers: what it makes, and what it says of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.wiring.tiers import router
from generation.answering.routing import EVERYTHING, OPEN
from infra.settings import SettingsError
from infra.tiers import load_tiers

WHOLE = """
[router]
second_try = true

[[tier]]
name = "here"

[[tier]]
name = "gpu"
url = "http://gpu.example:8000/v1"
model = "big"
adapter = "legal"
prompt = "cited"
sees = ["group:partners"]
cost_in = 0.2
cost_out = 0.6

[[tier]]
name = "hosted"
url = "https://hosted.example/v1"
model = "bigger"
protocol = "openai"
api_key_env = "HOSTED_KEY"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tiers.toml"
    path.write_text(text)
    return path


def test_tiers_stand_in_their_order_with_what_they_may_read(
    tmp_path: Path, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTED_KEY", "secret")
    own = model("")
    made = router(written(tmp_path, WHOLE), own, 9.0, remote=False)
    here, gpu, hosted = (made._tiers[name] for name in ("here", "gpu", "hosted"))
    assert (here.model, here.sees, here.prompt) == (own, EVERYTHING, None)
    assert (gpu.model.name, gpu.model.adapter, gpu.sees) == ("big", "legal", frozenset({"group:partners"}))
    assert gpu.prompt is not None
    assert (gpu.prompt.name, gpu.cost_in, gpu.cost_out) == ("cited", 0.2, 0.6)
    assert (hosted.sees, hosted.model.name) == (OPEN, "bigger")
    assert made._options.second_try


def test_a_generator_elsewhere_judges_everything_only_if_that_is_said(tmp_path: Path, model: Any) -> None:
    path = written(tmp_path, "[[tier]]\nname = 'here'")
    assert router(path, model(""), 9.0, remote=False)
    with pytest.raises(SettingsError, match="judges"):
        router(path, model(""), 9.0, remote=True)
    assert router(written(tmp_path, "[[tier]]\nname = 'here'\nsees = ['*']"), model(""), 9.0, remote=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "tier"),
        ("[[tier]]\nname = 1", "name"),
        ("[[tier]]\nname = 'a'\nurl = 'http://x/v1'", "give it a model"),
        ("[[tier]]\nname = 'a'\nmodel = 'm'", "has no url"),
        ("[[tier]]\nname = 'a'\ncolour = 'red'", "colour"),
        ("[[tier]]\nname = 'a'\n[[tier]]\nname = 'a'", "same name"),
        ("[[tier]]\nname = 'a'\ncost_in = -1", "cost_in"),
        ("[[tier]\n", "no TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_tiers(written(tmp_path, text))


def test_a_missing_file_or_key_or_a_wrong_principal_is_named(tmp_path: Path, model: Any) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_tiers(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="HOSTED_KEY"):
        router(written(tmp_path, WHOLE), model(""), 9.0, remote=False)
    with pytest.raises(SettingsError, match="partners"):
        router(written(tmp_path, "[[tier]]\nname = 'a'\nsees = ['partners']"), model(""), 9.0, remote=False)
