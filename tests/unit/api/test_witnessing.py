"""Witnesses by settings, and the rounds of a service."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from api.wiring.witnessing import BackgroundWitness, witness, witnesses
from infra.settings import Settings, SettingsError, load_settings
from infra.witness.buckets import BucketWitness
from infra.witness.errors import WitnessUnreachable
from infra.witness.files import FileWitness


class Rounds:
    """Counts them in the place of `Witnesses`; fails from the `good`th on."""

    def __init__(self, good: int = 1000) -> None:
        self.made, self._good = 0, good

    def round(self) -> None:
        self.made += 1
        if self.made > self._good:
            raise WitnessUnreachable("It is away.")


def settings(home: Path, **more: object) -> Settings:
    return load_settings(home=home, DATABASE_URL="", **more)


def test_a_service_makes_rounds_and_a_last_one_when_it_stops() -> None:
    rounds = Rounds()
    background = BackgroundWitness(rounds, every=0.01)  # type: ignore[arg-type]
    background.start()
    until = time.monotonic() + 10
    while rounds.made < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert rounds.made >= 2
    idle = Rounds()
    slow = BackgroundWitness(idle, every=1000)  # type: ignore[arg-type]
    slow.start()
    slow.stop()
    background.stop()
    assert idle.made == 1


def test_a_service_that_never_began_makes_none() -> None:
    rounds = Rounds()
    BackgroundWitness(rounds, every=1000).stop()  # type: ignore[arg-type]
    assert rounds.made == 0


def test_a_witness_that_is_away_at_the_end_is_told_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    background = BackgroundWitness(Rounds(good=0), every=1000)  # type: ignore[arg-type]
    background.start()
    with caplog.at_level(logging.WARNING, "footnote"):
        background.stop()
    assert "did not reach every witness: It is away." in caplog.text


def test_each_kind_of_witness_is_named_by_its_place(tmp_path: Path) -> None:
    chosen = settings(tmp_path, witness_s3_region="eu-central-1")
    assert isinstance(witness(chosen, "/mnt/elsewhere"), FileWitness)
    bucket = witness(chosen, "s3://evidence/footnote")
    assert isinstance(bucket, BucketWitness)
    assert bucket.name == "s3://evidence/footnote/"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"witness_required": True}, "needs a witness"),
        ({"witness_tsa": "http://tsa.example/"}, "FOOTNOTE_WITNESS_TSA_CA is missing"),
        ({"witness_tsa": "http://tsa.example/", "witness_tsa_ca": Path(__file__)}, "no certificates"),
    ],
)
def test_what_cannot_work_is_said(tmp_path: Path, more: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        witnesses(settings(tmp_path, **more), None, b"salts")  # type: ignore[arg-type]


def test_a_relative_path_is_no_witness(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_WITNESSES"):
        settings(tmp_path, witnesses="elsewhere")
