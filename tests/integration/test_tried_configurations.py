"""Configurations over a real installation whose language model is scripted: what changes is asked, what is planted is
seen by the metric for it, and what is served knows nothing of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.wiring.hosting import Host
from evals.systems import plants, trying
from evals.systems.trying import ABSTAINED, RIGHT, SAMPLE, WRONG, Configuration, Places, Put, Tried, asking
from evals.types import Case, Kind
from generation.llm.client import OpenAIChatModel
from generation.types import ChatMessage, Delta, Usage
from ingest.local_files import SourceFile, source_files
from retrieval.types import Principal

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]

LEASE = "# Zebra lease\n\nThe rent of the Zebra flat is EUR 400 a month, payable in advance.\n"
HANDBOOK = "# Handbook\n\nA new colleague has 14 days of leave in the first half of a year.\n"
ANA, BEN = Principal("ana", frozenset({"legal"})), Principal("ben", frozenset({"hr"}))
RENT = Put(SAMPLE, Case("rent", Kind.ANSWERABLE, "What is the rent of the Zebra flat?", ANA, (), (("400",),)))
BOILER = Put(SAMPLE, Case("boiler", Kind.UNANSWERABLE, "Who repairs the boiler of the Zebra flat?", ANA))
SECRET = Put(SAMPLE, Case("secret", Kind.FORBIDDEN, "What is the rent of the Zebra flat?", BEN, (), (("400",),)))


class Model(OpenAIChatModel):
    """Knows the rent where it is shown it; thinks that everything is supported."""

    def __init__(self) -> None:
        super().__init__("http://nobody.invalid/v1", "scripted")
        self.prompts: list[str] = []

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        asked = messages[-1].content
        self.prompts.append(asked)
        knows = "EUR 400" in asked and "rent of the Zebra flat?" in asked
        yield Delta("The rent of the Zebra flat is EUR 400 a month [1]." if knows else "NOT FOUND")
        yield Delta("", Usage(100, 12))

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        self.prompts.append(messages[-1].content)
        return {"Yes": 0.99, "No": 0.01}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    """In the place of every client; the sample is two documents, of legal and of hr."""
    made = Model()
    for group, text in (("legal", LEASE), ("hr", HANDBOOK)):
        (tmp_path / "current" / group).mkdir(parents=True)
        (tmp_path / "current" / group / f"{group}.md").write_text(text)

    @contextmanager
    def wave(name: str) -> Iterator[dict[str, list[SourceFile]]]:
        folders = [tmp_path / name / group for group in ("legal", "hr")]
        yield {one.name: source_files([one], prefix=f"sample/{one.name}/") for one in folders if one.exists()}

    def ingest(parts: Any) -> None:
        with wave("current") as groups:
            plants._ingest(parts, groups, {})

    monkeypatch.setattr(Host, "client", lambda self, adapter="": made)
    monkeypatch.setattr(plants, "_wave", wave)
    monkeypatch.setitem(trying.PREPARED, "", ingest)  # type: ignore[misc]
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FOOTNOTE_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("FOOTNOTE_LLM_MODEL", "scripted")
    monkeypatch.setenv("FOOTNOTE_LLM_PROTOCOL", "openai")
    monkeypatch.setenv("FOOTNOTE_ADAPTER", "none")
    monkeypatch.setenv("FOOTNOTE_QUOTE_FROM", "1")  # so that the model writes
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return made


def asked(configuration: Configuration, memo: Path, *puts: Put) -> tuple[list[Tried], str]:
    with asking(Places(memo), SAMPLE, configuration) as here:
        return [here.ask(one) for one in puts], here.config


def test_only_changed_prompts_are_asked_and_planted_harm_is_seen(model: Model, tmp_path: Path) -> None:
    memo = tmp_path / "memo.sqlite"
    (rent, boiler), config = asked(Configuration("base"), memo, RENT, BOILER)
    assert (rent.outcome, boiler.outcome) == (RIGHT, RIGHT)
    assert rent.asked > 0
    assert not rent.leaked
    assert not rent.unresolved
    model.prompts.clear()

    (again,), same = asked(Configuration("base"), memo, RENT)
    assert (again.said, again.asked, same) == (rent.said, 0, config)
    assert model.prompts == []
    (other,), changed = asked(Configuration("c", {"search_candidates": 120}), memo, RENT)
    assert (other.said, other.asked) == (rent.said, 0)  # it found the same
    assert changed != config
    (longer,), _ = asked(Configuration("c", {"max_tokens": 99}), memo, RENT)
    assert longer.asked > 0
    (twice,), _ = asked(Configuration("c", repeat=1), memo, RENT)
    assert twice.asked == rent.asked

    (shifted,), _ = asked(Configuration("p", plant=plants.citations_shifted), memo, RENT)
    assert (shifted.outcome, shifted.unresolved) == (RIGHT, True)
    (rent_still, told), _ = asked(Configuration("p", plant=plants.never_silent), memo, RENT, BOILER)
    assert (rent_still.outcome, told.outcome) == (RIGHT, WRONG)
    (curt,), _ = asked(Configuration("p", plant=plants.curt_prompt), memo, RENT)
    assert curt.asked > 0
    assert "Library rules" not in model.prompts[-1]
    for plant in (plants.reranker_reversed, plants.query_vectors_shuffled, plants.names_not_resolved):
        (found,), planted = asked(Configuration("p", plant=plant), memo, RENT)
        assert found.outcome in {RIGHT, ABSTAINED}
        assert planted not in {config, changed}


def test_the_gate_is_planted_before_it_is_made(model: Model, tmp_path: Path) -> None:
    memo = tmp_path / "memo.sqlite"
    setups = {}
    for name, plant in (("base", None), ("open", plants.gate_limits(0.0)), ("shut", plants.gate_limits(0.999))):
        with asking(Places(memo), SAMPLE, Configuration(name, plant=plant)) as here:
            setups[name] = here.setup["judge"]
    assert len(set(setups.values())) == 3
    with asking(Places(memo), SAMPLE, Configuration("off", plant=plants.relevance_off)) as here:
        assert here.setup["judge"]


def test_swapped_labels_leak_and_are_in_a_folder_of_their_own(model: Model, tmp_path: Path) -> None:
    memo = tmp_path / "memo.sqlite"
    (kept, secret), _ = asked(Configuration("base"), memo, RENT, SECRET)
    assert (kept.outcome, secret.outcome, secret.leaked) == (RIGHT, RIGHT, False)
    swapped = Configuration("p", documents="swapped")
    (lost, told), _ = asked(swapped, memo, RENT, SECRET)
    assert lost.outcome == ABSTAINED
    assert (told.outcome, told.leaked) == (WRONG, True)
    assert (tmp_path / "home.sample.swapped" / "made").exists()
    (kept_again,), _ = asked(Configuration("base"), memo, RENT)
    assert kept_again.outcome == RIGHT


def test_an_older_version_can_be_made_the_newest(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "previous" / "legal").mkdir(parents=True)
    (tmp_path / "previous" / "legal" / "legal.md").write_text(LEASE.replace("400", "300"))
    monkeypatch.setattr(plants, "ingest_sample", trying.PREPARED[""])
    memo = tmp_path / "memo.sqlite"
    (rent,), _ = asked(Configuration("p", documents="outdated"), memo, RENT)
    assert rent.outcome != RIGHT
    assert any("EUR 300" in prompt for prompt in model.prompts)


def test_a_configuration_changes_what_is_in_use(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_MAX_TOKENS", "99")
    monkeypatch.setenv("FOOTNOTE_PASSAGES", "3")
    now = trying.in_use()
    assert (now["max_tokens"], now["passages"], now["release"]) == (99, 3, "none")
    monkeypatch.delenv("FOOTNOTE_MAX_TOKENS")
    monkeypatch.delenv("FOOTNOTE_PASSAGES")
    places = Places(tmp_path / "memo.sqlite", now=now)
    with asking(places, SAMPLE, Configuration("c", {"passages": 4})) as here:
        with_it = here.setup["recipe"]
    monkeypatch.setenv("FOOTNOTE_MAX_TOKENS", "99")
    with asking(Places(tmp_path / "memo.sqlite"), SAMPLE, Configuration("c", {"passages": 4})) as here:
        assert here.setup["recipe"]["answer"] == with_it["answer"]
        assert here.setup["recipe"]["context"] == with_it["context"]
