"""People, groups and sessions in PostgreSQL: who is known by what name, and that nothing of a secret is stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from infra.postgres.api_keys import PostgresApiKeys
from infra.postgres.errors import NameTaken, UnknownMember
from infra.postgres.people import PostgresPeople, group_name
from infra.postgres.pool import Pool, transaction
from infra.postgres.sessions import PostgresSessions
from retrieval.errors import InvalidPrincipal
from tests.synced import Group, Person

READ = frozenset({"read"})


@pytest.fixture
def people(fresh_database: Pool) -> PostgresPeople:
    return PostgresPeople(fresh_database)


def standing(people: PostgresPeople, user: str) -> tuple[str, bool, set[str]] | None:
    found = people.standing(user)
    return None if found is None else (found.user, found.active, set(found.groups))


def test_somebody_is_known_by_name_by_id_and_by_earlier_ones(people: PostgresPeople) -> None:
    ana = people.add_person(Person("Ana", "00u1"), "sync")
    people.add_group(Group("legal", frozenset({ana.id})), "sync")
    for name in ("Ana", "ana", "00u1"):
        assert standing(people, name) == ("Ana", True, {"legal"})
    for name in ("00U1", "an", "ana ", "", "%", "other"):
        assert standing(people, name) is None
    people.change_person(ana.id, lambda known: Person("Ana.B", "00u2"), "sync")
    for name in ("ana.b", "ANA", "00u2", "00u1"):
        assert standing(people, name) == ("Ana.B", True, {"legal"})
    people.change_person(ana.id, lambda known: Person("Ana", None), "sync")
    for name in ("ana", "ana.b", "00u1", "00u2"):
        assert standing(people, name) == ("Ana", True, {"legal"})


def test_who_has_a_name_now_comes_before_who_had_it_and_before_who_is_gone(people: PostgresPeople) -> None:
    ana = people.add_person(Person("ana"), "sync")
    people.change_person(ana.id, lambda known: Person("ana.b"), "sync")
    people.add_person(Person("zoe", "ana"), "sync")
    assert standing(people, "ana") == ("zoe", True, set())  # by the provider's id
    second = people.add_person(Person("ana"), "sync")
    assert standing(people, "ana") == ("ana", True, set())
    assert people.remove_person(second.id, "sync")
    assert standing(people, "ana") == ("zoe", True, set())
    for person in people.everybody():
        assert people.remove_person(person.id, "sync")
    assert standing(people, "ana") == ("ana", False, set())
    assert standing(people, "zoe") == ("zoe", False, set())


def test_who_is_gone_leaves_no_personal_data_but_the_name(people: PostgresPeople, fresh_database: Pool) -> None:
    shown = {"displayName": "Ana B", "emails": [{"value": "ana@example.com"}]}
    ana = people.add_person(Person("ana", attributes=shown), "sync")
    assert people.remove_person(ana.id, "sync")
    assert not people.remove_person(ana.id, "sync")
    assert people.person(ana.id) is None
    assert people.people({"user_name": "ana"}, 0, 10) == ((), 0)
    with transaction(fresh_database) as conn:
        assert "example.com" not in str(conn.execute("SELECT * FROM people").fetchall())


def test_names_are_taken_once_whatever_their_case(people: PostgresPeople) -> None:
    ana, ben = people.add_person(Person("ana"), "sync"), people.add_person(Person("ben"), "sync")
    with pytest.raises(NameTaken):
        people.add_person(Person("ANA"), "sync")
    with pytest.raises(NameTaken):
        people.change_person(ben.id, lambda known: Person("Ana"), "sync")
    people.add_group(Group("Legal Team"), "sync")
    with pytest.raises(NameTaken):
        people.add_group(Group("legal-team"), "sync")
    assert people.remove_person(ana.id, "sync")
    assert people.add_person(Person("ana"), "sync").id != ana.id
    with pytest.raises(InvalidPrincipal):
        people.add_person(Person("a b"), "sync")


def test_an_id_of_the_identity_provider_is_that_of_one_living_person(people: PostgresPeople) -> None:
    ana = people.add_person(Person("ana", "00u1"), "sync")
    ben = people.add_person(Person("ben"), "sync")
    people.add_person(Person("carla"), "sync")  # of those without an id there may be many
    with pytest.raises(NameTaken, match="externalId"):
        people.add_person(Person("zoe", "00u1"), "sync")
    with pytest.raises(NameTaken, match="externalId"):
        people.change_person(ben.id, lambda known: Person("ben", "00u1"), "sync")
    assert people.remove_person(ana.id, "sync")
    people.change_person(ben.id, lambda known: Person("ben", "00u1"), "sync")
    assert standing(people, "00u1") == ("ben", True, set())


def test_a_group_holds_nobody_who_is_not_there(people: PostgresPeople) -> None:
    ana = people.add_person(Person("ana"), "sync")
    gone = people.add_person(Person("gone"), "sync")
    people.remove_person(gone.id, "sync")
    for member in (gone.id, "00000000-0000-4000-8000-000000000000", "ana", ""):
        with pytest.raises(UnknownMember):
            people.add_group(Group("legal", frozenset({ana.id, member})), "sync")
    assert people.groups({}, 0, 10) == ((), 0)


def test_changes_at_the_same_time_lose_no_member(people: PostgresPeople) -> None:
    members = [people.add_person(Person(f"user{number}"), "sync").id for number in range(8)]
    group = people.add_group(Group("legal"), "sync")

    def add(member: str) -> None:
        people.change_group(
            group.id, lambda known: Group("legal", frozenset({id_ for id_, _ in known.members} | {member})), "sync"
        )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, members))
    found = people.group(group.id)
    assert found is not None
    assert {id_ for id_, _ in found.members} == set(members)


@pytest.mark.parametrize(
    ("shown", "name"), [("legal", "legal"), (" Legal  Team ", "Legal-Team"), ("a\tb", "a-b"), ("A1._@+-", "A1._@+-")]
)
def test_the_name_of_a_group_in_access_labels(shown: str, name: str) -> None:
    assert group_name(shown) == name


@pytest.mark.parametrize("shown", ["", " ", "é", "a:b", "-a", "a/b", "x" * 129])
def test_a_group_that_no_access_label_can_name(shown: str) -> None:
    with pytest.raises(InvalidPrincipal):
        group_name(shown)


def test_a_session_is_found_until_it_ends_and_its_secret_is_not_stored(fresh_database: Pool) -> None:
    sessions = PostgresSessions(fresh_database, timedelta(hours=1))
    secret, ends = sessions.begin("oidc", "ana", frozenset({"legal"}), READ)
    assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)
    found = sessions.find(secret)
    assert found is not None
    assert (found.way, found.user, found.groups, found.scopes) == ("oidc", "ana", {"legal"}, READ)
    with transaction(fresh_database) as conn:
        assert secret.removeprefix("fs_") not in str(conn.execute("SELECT * FROM sessions").fetchall())
        conn.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
    assert sessions.find(secret) is None
    other, _ = sessions.begin("demo", "ben", None, READ)
    with transaction(fresh_database) as conn:
        assert conn.execute("SELECT user_name FROM sessions").fetchall() == [("ben",)]  # old ones are swept
    assert sessions.find(other) is not None
    assert sessions.end(other)
    assert not sessions.end(other)
    assert sessions.find(other) is None


def test_a_session_by_a_key_lasts_no_longer_than_the_key(fresh_database: Pool) -> None:
    sessions, keys = PostgresSessions(fresh_database, timedelta(hours=12)), PostgresApiKeys(fresh_database)
    soon = datetime.now(UTC) + timedelta(minutes=5)
    secret, ends = sessions.begin(
        "key", "ana", None, READ, key_id=keys.create("ana", None, READ, "", expires_at=soon).split("_")[1]
    )
    assert ends == soon
    assert sessions.find(secret) is not None
    assert keys.revoke(keys.list()[0].id)
    assert sessions.find(secret) is None


def test_all_sessions_of_somebody_end_together(fresh_database: Pool) -> None:
    sessions = PostgresSessions(fresh_database, timedelta(hours=1))
    begun = {user: [sessions.begin("oidc", user, None, READ)[0] for _ in range(2)] for user in ("Ana", "ben")}
    assert sessions.end_all(["ana"]) == 2
    assert [sessions.find(secret) is None for secret in begun["Ana"] + begun["ben"]] == [True, True, False, False]


def test_renaming_and_deactivating_sign_out(fresh_database: Pool, people: PostgresPeople) -> None:
    sessions = PostgresSessions(fresh_database, timedelta(hours=1))
    ana = people.add_person(Person("ana"), "sync")
    changes = (Person("ana", attributes={"displayName": "Ana"}), Person("ana.b"), Person("ana.b", active=False))
    for change, stays in zip(changes, (True, False, False), strict=True):
        known = people.person(ana.id)
        assert known is not None
        secret, _ = sessions.begin("oidc", known.user_name, None, READ)
        people.change_person(ana.id, lambda _, change=change: change, "sync")  # type: ignore[misc]
        assert (sessions.find(secret) is not None) is stays
