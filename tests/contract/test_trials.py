"""A release that is tried beside the current one, in a whole service over HTTP: only the language models are scripted."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Container
from api.http.app import create_app
from api.http.auth import READ
from api.terminal import UsageError
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.erasing.erasing import Eraser
from api.wiring.language import Language
from api.wiring.trials.running import MOST_FAILURES, MOST_TRIES, drawn
from api.wiring.trials.weighing import MEASURES, weighed
from generation.errors import GeneratorUnavailable
from infra.postgres.decisions import PostgresDecisions
from infra.postgres.errors import AdapterRefused, ReleaseRefused
from infra.postgres.evaluations import Dataset, NewRun, PostgresEvaluations
from infra.postgres.pool import transaction
from infra.postgres.releases import Release
from infra.settings import RELEASABLE, load_settings
from infra.vault import refs
from retrieval.types import EVERYTHING, Principal
from tests.contract.conftest import LEASE, SALARIES, Script, ScriptedLanguage

RENT = "The rent of Unit 7 is 500 euros per month [1]."
NOTHING = "NOT FOUND"
OTHER = "Qwen2.5-Coder-0.5B-Instruct"
Q = {"question": "What is the rent of Unit 7?"}


class Two(Container):
    """Each generator has a script of its own; `broken` ones cannot be started."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.scripts = {settings.generator: Script(RENT), OTHER: Script(RENT)}
        self.broken: set[str] = set()
        self.closed: list[str] = []

    def _language(self, adapter: AdapterInUse | None) -> Language:
        name, outer = self.settings.generator, self
        if name in self.broken:
            raise GeneratorUnavailable("It does not start.")

        class Closing(ScriptedLanguage):
            __hash__ = object.__hash__

            def retire(self) -> None:
                outer.closed.append(name)

        return Closing(self.scripts[name])  # type: ignore[return-value]


class House:
    def __init__(self, parts: Two, client: TestClient) -> None:
        self.parts, self.client = parts, client
        self.current, self.other = parts.scripts.values()
        self.keys: dict[str, dict[str, str]] = {}

    def key(self, user: str) -> dict[str, str]:
        if user not in self.keys:
            secret = self.parts.api_keys.create(user, ["legal"], {READ}, "test")
            self.keys[user] = {"Authorization": f"Bearer {secret}"}
        return self.keys[user]

    def ask(self, user: str) -> Any:
        return self.client.post("/v1/query", json=Q, headers=self.key(user))

    def propose(self, name: str, **changes: Any) -> None:
        settings = {one: getattr(self.parts.settings, one) for one in RELEASABLE} | {"generator": OTHER} | changes
        self.parts.releases.add(Release(name, settings, {}, "0" * 64, "operator"), {})

    def begin(self, name: str, mode: Any, share: float | None = None, **evidence: Any) -> None:
        self.parts.releases.begin(name, mode, "operator", evidence, share=share)
        self.parts.trials.look()

    def rows(self) -> list[tuple[Any, ...]]:
        """What is kept of the trial, once it is written."""
        self.parts._keeping.flush()
        with transaction(self.parts.pool) as conn:
            return list(
                conn.execute(
                    b"SELECT arm, release, person, status, code, alone, audit_id::text, overlap, same_status "
                    b"FROM release_observations ORDER BY number"
                )
            )

    def release_of(self, user: str) -> object:
        """By which release the newest answer of the trail was given."""
        answer = self.ask(user)
        assert answer.status_code == 200, answer.text
        (row, *_) = self.parts.audit.show(answer.json()["audit_id"])
        return json.loads(row.record).get("release")


@pytest.fixture(scope="module")
def whole(start: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("trials")
    with Two(load_settings(home=home, shown_chars=0, bad_credentials=0)) as parts:
        parts.pipeline.ingest(LEASE, "lease.txt", "files/lease.txt", frozenset({"group:legal"}))
        parts.pipeline.ingest(SALARIES, "salaries.txt", "files/salaries.txt", frozenset({"group:hr"}))
        parts.answer_service  # noqa: B018
        with TestClient(create_app(parts.http), raise_server_exceptions=False) as client:
            yield House(parts, client)


@pytest.fixture
def house(whole: House) -> House:
    """Without a release, a trial or an observation."""
    parts = whole.parts
    with transaction(parts.pool) as conn:
        conn.execute(b"TRUNCATE release_observations, release_events, releases RESTART IDENTITY CASCADE")
    parts.trials.look()
    parts.take_over()
    parts.broken.clear()
    parts.closed.clear()
    for script in parts.scripts.values():
        script.__init__(RENT)  # type: ignore[misc]
    parts.telemetry.metrics.arms.clear()
    parts.telemetry.metrics.shadows_dropped.clear()
    parts.trial_watch.__init__(parts.releases, parts.observations, parts.telemetry)  # type: ignore[misc]
    parts.trials._tried = parts.trials._trial = 0
    whole.keys.clear()
    return whole


def people(release: str, share: float, arm: bool, count: int) -> list[str]:
    return [user for n in range(2000) if drawn(release, user := f"p{n}", share) is arm][:count]


def test_drawing_is_by_share_and_stays() -> None:
    users = [f"user{n}" for n in range(20_000)]
    small = {user for user in users if drawn("r1", user, 0.1)}
    assert len(small) == pytest.approx(2000, abs=150)
    assert small <= {user for user in users if drawn("r1", user, 0.3)}
    other = {user for user in users if drawn("r2", user, 0.1)}
    assert len(small & other) == pytest.approx(200, abs=60)  # another release draws anew
    assert all(drawn("r1", user.upper(), 0.1) for user in small)
    assert not any(drawn("r1", user, 0.0) for user in users)


def test_a_canary_answers_its_share_of_people_and_others_as_before(house: House) -> None:
    house.propose("r2")
    (inside,), (outside,) = people("r2", 0.3, True, 1), people("r2", 0.3, False, 1)
    house.begin("r2", "canary", 0.3)
    for _ in range(2):
        assert house.release_of(inside) == "r2"
        assert house.release_of(outside) is None
    rows = house.rows()
    assert [(arm, release, status) for arm, release, _, status, *_ in rows] == [
        ("candidate", "r2", "answered"),
        ("current", "", "answered"),
    ] * 2
    pseudonym = refs.observed(house.parts.keys, inside)
    assert [row[2] for row in rows] == [pseudonym, refs.observed(house.parts.keys, outside)] * 2
    assert pseudonym != refs.handle(house.parts.keys, inside)
    counted = house.parts.telemetry.scrape().decode()
    assert 'footnote_trial_answers_total{arm="candidate",status="answered"} 2.0' in counted

    house.parts.releases.retire("r2", "operator", {})
    house.parts.trials.look()
    assert house.release_of(inside) is None
    assert house.parts.closed == [OTHER]
    assert len(house.rows()) == 4


def test_where_the_candidate_fails_the_current_release_answers_and_it_counts_against_it(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    inside = people("r2", 0.5, True, 3)
    house.other.text, house.other.error = "", GeneratorUnavailable("gone")
    answers = [house.ask(user) for user in inside for _ in range(4)]
    assert {one.status_code for one in answers} == {200}
    assert {one.json()["answer"] for one in answers} == {house.ask(people("r2", 0.5, False, 1)[0]).json()["answer"]}
    rows = house.rows()
    assert {(arm, status, code, alone) for arm, _, _, status, code, alone, *_ in rows} == {
        ("candidate", "error", "generator_unavailable", True),
        ("current", "answered", "", False),
    }
    assert len(answers) > MOST_FAILURES
    house.parts.trials.look()  # which finds that it does nothing but fail
    (last,) = house.parts.releases.events("r2")[-1:]
    assert (last.action, last.by) == ("rollback", "service")
    assert last.evidence["because"] == ["fails where the current release answers"]
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert "footnote_release_rollbacks_total 1" in house.parts.telemetry.scrape().decode()


def test_an_error_that_is_not_the_candidates_is_not_held_against_it_alone(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    for script in house.parts.scripts.values():
        script.text, script.error = "", GeneratorUnavailable("gone")
    assert house.ask(people("r2", 0.5, True, 1)[0]).status_code == 503
    assert house.ask(people("r2", 0.5, False, 1)[0]).status_code == 503
    assert [(arm, status, alone) for arm, _, _, status, _, alone, *_ in house.rows()] == [
        ("candidate", "error", False),
        ("current", "error", False),
    ]


def test_a_candidate_that_does_not_start_takes_nothing_down(house: House) -> None:
    house.propose("r2")
    house.parts.broken.add(OTHER)
    house.parts.releases.begin("r2", "canary", "operator", {}, share=0.9)
    for _ in range(MOST_TRIES):
        assert house.release_of("ana") is None
        with pytest.raises(GeneratorUnavailable):
            house.parts.trials.look()
    (last,) = house.parts.releases.events("r2")[-1:]
    assert (last.action, last.evidence["because"]) == ("rollback", ["does not start"])
    assert last.evidence["code"] == "generator_unavailable"
    house.parts.trials.look()
    assert house.rows() == []


def test_settings_that_cannot_be_used_are_the_candidates_trouble_alone(house: House) -> None:
    house.propose("r2", passages=0)
    house.parts.releases.begin("r2", "canary", "operator", {}, share=0.9)
    assert house.release_of("ana") is None
    assert not house.parts.take_over()
    assert "FOOTNOTE_PASSAGES" in str(house.parts.candidate_watch._attempt())


def wait(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def shadows(house: House) -> list[tuple[Any, ...]]:
    return [row for row in house.rows() if row[0] == "shadow"]


def dropped(house: House, why: str) -> bool:
    return f'footnote_shadows_dropped_total{{reason="{why}"}} 1.0' in house.parts.telemetry.scrape().decode()


def test_a_shadow_ships_nothing_and_leaves_no_answer_in_the_trail(house: House) -> None:
    house.propose("r2")
    house.other.text = NOTHING
    house.begin("r2", "shadow")
    house.parts.budgets.set("user:shady", 10, 1000)
    answer = house.ask("shady").json()
    assert answer["status"] == "answered"
    wait(lambda: bool(shadows(house)))
    ((arm, release, person, status, _, _, audit_id, overlap, same),) = shadows(house)
    assert (arm, release, status, audit_id) == ("shadow", "r2", "abstained", answer["audit_id"])
    assert (overlap, same) == (0.0, False)
    assert person == refs.observed(house.parts.keys, "shady")
    assert house.other.asked, "the candidate was asked"
    told = [row for row in house.parts.audit.show(limit=50) if not row.record.startswith('{"accesses"')]
    assert told[0].record.count('"kind":"closed"') == 1
    assert told[0].id in {row.id for row in house.parts.audit.show(audit_id)}  # it is the last of all
    trial = house.parts.releases.candidate()
    assert trial is not None
    counts = house.parts.observations.counts(trial.number)
    assert (counts["shadow"].answers, counts["current"].answers, counts["shadow"].tokens) == (1, 1, 15)
    with transaction(house.parts.pool) as conn:
        used = conn.execute(b"SELECT questions, tokens FROM budget_use WHERE subject = 'user:shady'").fetchall()
    assert used == [(1, 15)]


def test_a_shadow_is_not_asked_once_the_asker_has_lost_the_right(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "shadow")
    offered: list[Any] = []
    house.parts.shadowing.offer = offered.append  # type: ignore[method-assign]
    assert house.ask("ana").json()["status"] == "answered"
    (question,) = offered
    del house.parts.shadowing.offer
    for key in house.parts.api_keys.list():
        if key.user == "ana":
            house.parts.api_keys.revoke(key.id)
    assert house.client.portal is not None
    house.client.portal.call(house.parts.shadowing.offer, question)
    wait(lambda: dropped(house, "rights"))
    assert house.other.asked == []
    assert shadows(house) == []


def test_a_full_queue_drops_and_counts(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "shadow")
    offered: list[Any] = []
    keep = house.parts.shadowing.offer
    house.parts.shadowing.offer = offered.append  # type: ignore[method-assign]
    house.ask("ana")
    house.parts.shadowing.offer = keep  # type: ignore[method-assign]
    house.parts.shadowing._waiting.extend(offered * 8)
    house.parts.shadowing.offer(offered[0])
    assert dropped(house, "full")


def test_a_canary_that_abstains_always_is_rolled_back_by_itself(house: House) -> None:
    """Simulated people, each asked three times; the answers are real."""
    house.propose("r2")
    house.other.text = NOTHING
    house.begin("r2", "canary", 0.5)
    for n in range(60):
        for _ in range(3):
            assert house.ask(f"p{n}").status_code == 200
        if n % 10 == 9:
            house.rows()
            house.parts.trial_watch.look()
        if house.parts.releases.candidate() is None:
            break
    (last,) = house.parts.releases.events("r2")[-1:]
    assert (last.action, last.by, last.evidence["because"]) == ("rollback", "service", ["answered"])
    answered = next(one for one in last.evidence["metrics"] if one["metric"] == "answered")
    assert (answered["candidate"], answered["current"]) == (0.0, 1.0)
    assert answered["high"] < 0
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert house.ask(people("r2", 0.5, True, 1)[0]).json()["status"] == "answered"


def test_asking_again_stays_with_the_current_release(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    (inside,) = people("r2", 0.5, True, 1)
    asker, first = Principal(inside, frozenset({"legal"})), house.ask(inside).json()["audit_id"]
    assert house.client.portal is not None
    asking = partial(house.parts.answers.answer_again, Q["question"], asker, None, EVERYTHING, None, first)
    again = house.client.portal.call(asking)
    (row, *_) = house.parts.audit.show(again.audit_id)
    assert json.loads(row.record)["release"] is None
    assert [arm for arm, *_ in house.rows()] == ["candidate"]


def test_a_service_that_was_killed_goes_on_with_the_canary(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    (inside,) = people("r2", 0.5, True, 1)
    assert house.release_of(inside) == "r2"
    before = house.parts.releases.candidate()
    assert before is not None
    assert len(house.rows()) == 1
    with Two(house.parts.settings) as after:  # nothing of the first was closed
        after.answer_service  # noqa: B018
        after.trials.look()
        assert after.trials.now is not None
        assert after.trials.now.trial == before
        assert drawn("r2", inside, after.trials.now.trial.share)
        found = weighed(before, after.observations)
        assert found.counts["candidate"].answers == 1
        assert found.watch.open == 1


def test_erasing_a_person_takes_what_was_observed_of_them(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    for user in ("ana.person", "ben.person"):
        house.ask(user)
    pseudonym = refs.observed(house.parts.keys, "ana.person")
    assert pseudonym in {row[2] for row in house.rows()}
    Eraser(house.parts, by="test").person("ana.person")
    assert [row[2] for row in house.rows()] == [refs.observed(house.parts.keys, "ben.person")]
    assert refs.observed(house.parts.keys, "ana.person") != pseudonym


def test_a_promoted_candidate_hands_its_language_model_over(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    assert house.parts.trials.now is not None
    language = house.parts.trials.now.answering.language
    house.parts.releases.promote("r2", "operator", {})
    house.parts.trials.look()
    assert house.parts.take_over()
    assert house.parts.in_use.now().language is language
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert house.release_of("ana") == "r2"
    assert OTHER not in house.parts.closed


def test_a_candidate_with_the_same_language_model_shares_it(house: House) -> None:
    house.propose("r2", generator=house.parts.settings.generator, max_tokens=300)
    house.begin("r2", "canary", 0.5)
    assert house.parts.trials.now is not None
    assert house.parts.trials.now.answering.language is house.parts.language
    assert house.release_of(people("r2", 0.5, True, 1)[0]) == "r2"
    house.parts.releases.retire("r2", "operator", {})
    house.parts.trials.look()
    assert house.parts.closed == []
    assert house.release_of("ana") is None


def test_only_a_canary_that_was_told_to_is_promoted_by_itself(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.gating.sequential import Step
    from api.wiring.trials import deciding

    class Found:
        step, after, because, candidate, current, open, lopsided, readings = Step.PROMOTE, 9, (), 5, 4, 0, 1.0, ()

    monkeypatch.setattr(
        deciding,
        "weighed",
        lambda trial, kept: deciding.Weighed(trial, Found(), {}),  # type: ignore[arg-type]
    )
    for name, auto, action in (("r2", False, "canary"), ("r3", True, "promote")):
        house.propose(name)
        house.begin(name, "canary", 0.5, auto=auto)
        house.ask("ana")
        house.rows()
        house.parts.trial_watch.look()
        assert house.parts.releases.events(name)[-1].action == action
        if not auto:
            house.parts.releases.retire(name, "operator", {})


def test_a_service_decides_of_the_trial_that_it_has_looked_at_alone(house: House) -> None:
    house.propose("r2")
    house.begin("r2", "canary", 0.5)
    looked = house.parts.releases.candidate()
    assert looked is not None
    house.begin("r2", "canary", 0.1)  # meanwhile, by the operator
    house.parts.trial_watch.give_up(looked, "why", "")
    with pytest.raises(ReleaseRefused, match="ended meanwhile"):
        house.parts.releases.promote("r2", "service", {}, trial=looked.number)
    assert house.parts.releases.events("r2")[-1].action == "canary"


def test_a_trial_ends_where_something_else_becomes_current(house: House) -> None:
    house.propose("r2")
    house.propose("r3", generator=house.parts.settings.generator)
    house.begin("r2", "canary", 0.5)
    house.parts.releases.promote("r3", "operator", {})
    house.parts.trials.look()
    assert house.parts.trials.now is None
    assert house.parts.closed == [OTHER]


@pytest.fixture
def commands(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`footnote release …` on the data folder of the service."""
    from api.cli import trials

    monkeypatch.setattr(trials, "opened", lambda: nullcontext(house.parts))
    return trials


def weighed_night(house: House, name: str, outcome: str) -> None:
    """A night by this release that was weighed so."""
    data = Dataset("d" * 64, "golden.jsonl", 1)
    run = NewRun("nightly", "abc", "c" * 64, "p", {}, {"suites": {}, "release": name})
    new, _ = PostgresEvaluations(house.parts.pool).begin(run, [data], anew=True)
    PostgresDecisions(house.parts.pool).keep(new, str(uuid.uuid4()), outcome, {}, [])


def test_what_was_rolled_back_is_not_promoted_by_itself_again(house: House, commands: Any) -> None:
    house.propose("r8")
    weighed_night(house, "r8", "ship")
    house.begin("r8", "canary", 0.5)
    house.parts.releases.rollback("service", {}, name="r8")
    with pytest.raises(UsageError, match="r8 was rolled back: leave out --auto"):
        commands.canary("r8", 0.5, True)
    assert commands.canary("r8", 0.5, False) == 0  # may be looked at again, by somebody who decides


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
    assert "-1.000" not in capsys.readouterr().out  # of nobody nothing is known
    house.parts.trials.look()
    for user in (*people("r2", 0.5, True, 4), *people("r2", 0.5, False, 4)):
        for _ in range(3):
            house.ask(user)
    house.rows()
    assert commands.watch() == 0
    told = capsys.readouterr().out
    assert "r2: canary since" in told
    assert "4 of the candidate's and 4 of the current release's people so far, 0 not yet." in told
    assert "Nothing is decided yet: a loss of the margin is not excluded in answered, kept" in told
    assert commands.watch(as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["candidate"], found["people"]) == ("r2", {"candidate": 4, "current": 4, "open": 0})
    assert found["arms"]["candidate"]["answers"] == 12
    assert {one["metric"] for one in found["metrics"]} == {one.name for one in MEASURES}
    with pytest.raises(UsageError, match="r3 is not being tried"):
        commands.stop("r3")
    assert commands.stop("r2") == 0
    assert "The trial of r2 has ended" in capsys.readouterr().out
    (event,) = house.parts.releases.events("r2")[-1:]
    assert (event.action, event.evidence["people"]["candidate"]) == ("retire", 4)


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


def test_a_shadow_that_this_machine_cannot_use_is_refused(house: House, commands: Any) -> None:
    house.propose("r2", adapter="gone")
    with pytest.raises(AdapterRefused, match="no adapter 'gone'"):
        commands.shadow("r2")
    assert house.parts.releases.candidate() is None
