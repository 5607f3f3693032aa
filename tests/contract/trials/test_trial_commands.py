"""`footnote release shadow|canary|ab|stop|watch`."""

from __future__ import annotations

import json
import socket
import uuid
from typing import Any

import pytest

from api.terminal import UsageError
from api.wiring.trials.weighing import MEASURES
from infra.postgres.errors import AdapterRefused, ReleaseRefused
from tests.contract.trials.conftest import NOTHING, House, people, weighed_night


def test_what_was_rolled_back_is_not_promoted_by_itself_again(house: House, commands: Any) -> None:
    house.propose("r8")
    weighed_night(house, "r8", "ship")
    house.begin("r8", "canary", 0.5)
    house.parts.releases.rollback("service", {}, name="r8")
    with pytest.raises(UsageError, match="r8 was rolled back: leave out --auto"):
        commands.canary("r8", 0.5, True)
    assert commands.canary("r8", 0.5, False) == 0  # may be looked at again, by somebody who decides
    with pytest.raises(UsageError, match="r8 was rolled back: leave out --auto"):
        commands.canary("r8", 0.5, True)  # and is not the better for being looked at
    assert commands.stop("r8") == 0
    assert house.parts.releases.standing().statuses["r8"] == "rolled_back"


def test_the_commands_of_a_canary(house: House, commands: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.watch() == 0
    assert "No release is being tried" in capsys.readouterr().out
    house.propose("r2", max_tokens=300)
    for outcome, says in (("", "none was weighed"), ("undecided", "says undecided"), ("ship", "")):
        if outcome:
            weighed_night(house, "r2", outcome)
        if says:
            with pytest.raises(UsageError, match=f"only after a night by it that ships, and .*{says}"):
                commands.canary("r2", 0.5, True)
    assert commands.canary("r2", 0.5, True) == 0
    assert "50 % of the people are answered by r2" in capsys.readouterr().out
    (event,) = house.parts.releases.events("r2")[-1:]
    assert (event.action, event.share, event.evidence) == ("canary", 0.5, {"auto": True})
    assert commands.watch() == 0
    told = capsys.readouterr().out
    assert "No answer has been observed" in told
    assert "metric" not in told  # of nobody nothing is known
    assert "until the service rolls it back, or somebody promotes r2" in told
    house.parts.trials.look()
    for user in (*people("r2", 0.5, True, 4), *people("r2", 0.5, False, 4)):
        for _ in range(3):
            house.ask(user)
    house.rows()
    assert commands.watch() == 0
    told = capsys.readouterr().out
    assert "r2: canary since" in told
    assert "4 of the candidate's and 4 of the current release's people so far, 0 not yet." in told
    assert "Nothing is decided: a loss of the margin is not excluded in answered, kept" in told
    assert commands.watch(as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["candidate"], found["people"]) == ("r2", {"candidate": 4, "current": 4, "open": 0})
    assert found["arms"]["candidate"]["answers"] == 12
    assert {one["metric"] for one in found["metrics"]} == {one.name for one in MEASURES}
    with pytest.raises(ReleaseRefused, match="no release 'r3'"):
        commands.stop("r3")
    assert commands.stop("r2") == 0
    told = capsys.readouterr().out
    assert "The trial of r2 has ended" in told
    assert "r2 is proposed, as before. Next:" in told
    assert "promote it: footnote release promote r2 --new RUN --old RUN (Its last weighed night says ship.)" in told
    (event,) = house.parts.releases.events("r2")[-1:]
    assert (event.action, event.evidence["people"]["candidate"]) == ("stop", 4)
    with pytest.raises(UsageError, match="r2 is not being tried"):
        commands.stop("r2")


@pytest.mark.parametrize("mode", ["shadow", "canary", "ab"])
def test_what_was_tried_and_stopped_can_be_promoted_without_force(house: House, commands: Any, mode: str) -> None:
    house.propose("r2")
    getattr(commands, mode)("r2")
    assert commands.stop("r2") == 0
    assert house.parts.releases.standing().statuses["r2"] == "proposed"
    assert house.parts.releases.promote("r2", "operator", {}, over="", again=False) is None
    assert house.parts.releases.current() is not None


def test_watch_and_stop_say_where_it_cannot_be_used(
    house: House, commands: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    house.propose("r2")
    commands.canary("r2", 0.5)
    commands.watch()
    assert "No running service has said yet that it starts it" in capsys.readouterr().out
    house.parts.trials.look()
    house.parts.trials.look()
    trial = house.parts.releases.candidate()
    assert trial is not None
    elsewhere = str(uuid.uuid4())
    house.parts.trial_processes.tell(trial.number, elsewhere, "other-host", "out", "generator_unavailable")
    commands.watch()
    told = capsys.readouterr().out
    assert f"On {socket.gethostname()}: answers since " in told
    assert "On other-host: CANNOT BE USED and is left out (generator_unavailable) since " in told
    commands.watch(as_json=True)
    found = json.loads(capsys.readouterr().out)["processes"]
    assert {(one["host"], one["state"]) for one in found} == {(socket.gethostname(), "up"), ("other-host", "out")}


def test_an_ab_test_compares_both_ways_and_decides_nothing(
    house: House, commands: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    house.propose("r2")
    house.other.text = NOTHING  # which would roll a canary back
    assert commands.ab("r2", 0.5) == 0
    house.parts.trials.look()
    for n in range(30):
        for _ in range(3):
            house.ask(f"p{n}")
    house.rows()
    house.parts.trial_watch.look()
    assert house.parts.releases.candidate() is not None
    capsys.readouterr()
    assert commands.stop("r2", as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    answered = next(one for one in found["metrics"] if one["metric"] == "answered")
    assert (answered["shown"], answered["candidate"], answered["current"]) == ("worse", 0.0, 1.0)
    assert answered["high"] < 0


def test_an_ab_test_says_in_words_what_it_has_shown(
    house: House, commands: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    house.propose("r5")
    house.other.text = NOTHING
    commands.ab("r5", 0.5)
    house.parts.trials.look()
    for n in range(30):
        for _ in range(3):
            house.ask(f"p{n}")
    house.rows()
    commands.stop("r5")
    told = capsys.readouterr().out
    assert "Shown so far: worse in answered" in told
    assert "No night by it was weighed yet" in told


def test_a_shadow_that_this_machine_cannot_use_is_refused(house: House, commands: Any) -> None:
    house.propose("r2", adapter="gone")
    with pytest.raises(AdapterRefused, match="no adapter 'gone'"):
        commands.shadow("r2")
    assert house.parts.releases.candidate() is None
