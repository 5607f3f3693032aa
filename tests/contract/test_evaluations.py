"""/v1/evaluations: what the nights found, for administrators alone."""

from __future__ import annotations

from typing import Any

import pytest

from evals.systems.weighing import PostgresDecisions, kept, weighed
from infra.postgres.evaluations import PostgresEvaluations
from tests.nights import SIZES, Night, seeded

MISSING = "00000000-0000-4000-8000-000000000000"
ASK = {"question": "What is the rent of Unit 7?"}


@pytest.fixture(scope="module")
def runs(service: Any) -> list[str]:
    """Oldest first: an even one, a worse one, and one that was cut off."""
    return seeded(service.parts.pool, [Night(), Night(chance=0.6, setup="b", errors=2), Night(status="stopped")])


@pytest.fixture
def root(service: Any) -> dict[str, str]:
    return service.key("root", "legal", admin=True)


def key(service: Any, *scopes: str, groups: tuple[str, ...] = ("legal",)) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.parts.api_keys.create('vera', groups, scopes, 'test')}"}


def got(service: Any, headers: dict[str, str], path: str, **params: object) -> Any:
    reply = service.client.get(f"/v1/evaluations{path}", params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize("path", ["", "/decisions", "/{}", "/{}/cases", "/{}/cases/golden/g-00"])
def test_nobody_but_an_administrator_sees_anything(service: Any, runs: list[str], path: str) -> None:
    address = f"/v1/evaluations{path.format(runs[0])}"
    assert service.client.get(address).status_code == 401
    for scopes in (["read"], ["read", "write"], ["audit"], ["scim"]):
        reply = service.client.get(address, headers=key(service, *scopes))
        assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed"), scopes
    assert service.client.get(address, headers=key(service, "admin")).status_code == 200


def test_runs_come_newest_first_page_by_page(service: Any, root: dict[str, str], runs: list[str]) -> None:
    first = got(service, root, "", limit=2)
    second = got(service, root, "", limit=2, after=first["next"])
    assert [one["id"] for one in first["runs"] + second["runs"]][:3] == runs[::-1]
    newest, worse, _ = first["runs"] + second["runs"]
    assert (newest["status"], newest["planned"], newest["cases"]) == ("stopped", sum(SIZES.values()), 90)
    assert (worse["errors"], worse["setup"]["adapter"]) == (2, "footnote-cited-1.5b")
    share = next(one for one in worse["figures"] if (one["suite"], one["name"]) == ("golden", "right"))
    assert (share["n"], share["nans"]) == (68, 2)
    assert 0 < share["low"] < share["value"] < share["high"] < 1
    p95 = next(one for one in worse["figures"] if (one["suite"], one["name"]) == ("golden", "seconds_end_p95"))
    assert (p95["value"] > 1, p95["low"]) == (True, None)
    reply = service.client.get("/v1/evaluations", params={"after": "x"}, headers=root)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")


def test_a_run_is_told_with_slices_and_what_has_turned(service: Any, root: dict[str, str], runs: list[str]) -> None:
    found = got(service, root, f"/{runs[1]}")
    assert found["against"]["id"] == runs[0]
    before = {one["case_id"]: one["outcome"] for one in every_case(service, root, runs[0])}
    now = {one["case_id"]: one["outcome"] for one in every_case(service, root, runs[1])}
    wrong = {id_ for id_ in now if (before[id_], now[id_]) == ("right", "wrong")}
    assert {one["case_id"] for one in found["newly_wrong"]} == wrong != set()
    assert (found["paired"], found["overlooked"]) == (sum(SIZES.values()) - 2, 0)
    assert found["slices"][0]["gap_high"] == min(one["gap_high"] for one in found["slices"])
    assert found["slices"][0]["worse"]
    rest = [one for one in found["slices"] if (one["suite"], one["by"]) == ("golden", "length")]
    assert rest[0]["gap"] == pytest.approx(-rest[1]["gap"])
    assert got(service, root, f"/{runs[0]}", against=runs[1])["newly_right"] != []
    oldest = got(service, root, f"/{runs[0]}")
    assert (oldest["against"], oldest["newly_wrong"], oldest["paired"]) == (None, [], 0)


def every_case(service: Any, root: dict[str, str], run: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = got(service, root, f"/{run}/cases", limit=40, after=after)
        found += page["cases"]
        if page["next"] is None:
            return found
        after = page["next"]


def test_cases_are_paged_and_filtered(service: Any, root: dict[str, str], runs: list[str]) -> None:
    every = every_case(service, root, runs[1])
    assert len(every) == len({(one["suite"], one["case_id"]) for one in every}) == sum(SIZES.values())
    wrong = got(service, root, f"/{runs[1]}/cases", suite="golden", outcome="wrong", limit=500)["cases"]
    assert wrong == [one for one in every if (one["suite"], one["outcome"]) == ("golden", "wrong")] != []


def test_a_case_stands_beside_the_same_in_another_run(service: Any, root: dict[str, str], runs: list[str]) -> None:
    found = got(service, root, f"/{runs[1]}/cases/golden/g-00")
    assert (found["now"]["run_id"], found["then"]["run_id"], found["same"]) == (runs[1], runs[0], True)
    assert (found["now"]["case"]["outcome"], found["now"]["case"]["code"]) == ("error", "generator_timeout")
    assert {one["name"] for one in found["then"]["metrics"]} >= {"leak", "quote_overlap"}
    assert got(service, root, f"/{runs[0]}/cases/golden/g-00")["then"] is None
    assert got(service, root, f"/{runs[0]}/cases/golden/g-00", against=runs[1])["then"]["run_id"] == runs[1]


def test_what_is_not_there_is_not_found(service: Any, root: dict[str, str], runs: list[str]) -> None:
    run = runs[0]
    missing = [f"/{MISSING}", f"/{MISSING}/cases", f"/{run}/cases/golden/none", f"/{run}/cases/none/g-00"]
    missing += [f"/{run}?against={MISSING}", f"/{run}/cases/golden/g-00?against={MISSING}"]
    for path in missing:
        reply = service.client.get(f"/v1/evaluations{path}", headers=root)
        assert (reply.status_code, reply.json()["code"]) == (404, "not_found"), path


def test_the_answer_itself_is_for_who_audits_too_and_may_read_it(service: Any) -> None:
    service.parts.script.text = "The rent of Unit 7 is 500 euros per month. [1]"
    asked = service.client.post("/v1/query", json=ASK, headers=service.key("ana", "legal")).json()
    assert asked["status"] == "answered", asked
    run = seeded(service.parts.pool, [Night()], {"r-00": asked["audit_id"], "g-00": asked["audit_id"]})[0]
    path = f"/{run}/cases/regression/r-00"
    told = got(service, key(service, "admin", "audit"), path)["now"]
    assert (told["answer"]["question"], told["answer"]["answer"]["answer"]) == (ASK["question"], asked["answer"])
    service.parts.accesses.flush()
    entry = service.client.get(
        "/v1/audit", params={"action": "read_evaluation_case", "user": "vera"}, headers=key(service, "audit")
    ).json()["entries"][0]
    (record,) = service.client.get(f"/v1/audit/{entry['id']}", headers=key(service, "audit")).json()["entries"]
    assert [one["document_id"] for one in record["record"]["shown"]] == [service.lease]
    assert (record["record"]["run_id"], record["record"]["case_id"]) == (run, "r-00")
    for headers in (key(service, "admin", "read"), key(service, "admin", "audit", groups=("hr",))):
        hidden = service.client.get(f"/v1/evaluations{path}", headers=headers)
        assert hidden.json()["now"]["answer"] is None
        assert "500 euros" not in hidden.text
        assert ASK["question"] not in hidden.text
        assert hidden.json()["now"]["case"] == told["case"]
    sample = got(service, key(service, "admin", "audit"), f"/{run}/cases/golden/g-00")["now"]
    assert (sample["case"]["store"], sample["answer"]) == ("sample", None)  # in a trail that lies elsewhere


def test_decisions_are_told_gate_by_gate(service: Any, root: dict[str, str], runs: list[str]) -> None:
    pool = service.parts.pool
    worse = weighed(PostgresEvaluations(pool), runs[1], runs[0])
    made = [kept(PostgresDecisions(pool), worse).id for _ in range(2)]
    first = got(service, root, "/decisions", limit=1, run=runs[1])
    second = got(service, root, "/decisions", limit=1, run=runs[1], after=first["next"])
    assert [one["id"] for one in first["decisions"] + second["decisions"]] == made[::-1]
    assert second["next"] is None
    decision = first["decisions"][0]
    assert (decision["new_run"], decision["old_run"], decision["outcome"]) == (runs[1], runs[0], "block")
    gates = {one["metric"]: one for one in decision["gates"]}
    assert (gates["right"]["outcome"], gates["right"]["n"]) == ("block", 94)
    assert gates["right"]["change"] < gates["right"]["high"] < 0
    assert decision["pairing"]["errors_new"] == 2
    assert got(service, root, "/decisions", run=runs[2])["decisions"] == []
