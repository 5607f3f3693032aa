"""Whether an answer is shared with somebody is told from that answer and what it goes on from."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from api.wiring.kept import KeptAnswers
from api.wiring.people_stores import PeopleStores
from infra.settings import load_settings
from retrieval.types import Principal
from tests.property.test_sharing import Said, Talk, World

BEN = Principal("ben1", frozenset())
CARRIED: tuple[list[int], ...] = ([], [], [2], [], [3], [])


def test_no_other_answer_is_opened(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real: Any = KeptAnswers.find_all

    def find_all(self: KeptAnswers, audit_ids: Collection[str]) -> Any:
        opened.extend(audit_ids)
        return real(self, audit_ids)

    monkeypatch.setattr(KeptAnswers, "find_all", find_all)
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE shared_answers")
    url = urlsplit(database_url)._replace(path="/shared_answers").geturl()
    with PeopleStores(load_settings(home=tmp_path / "home", DATABASE_URL=url, demo=False)) as parts:
        world, ana, talk = World(parts, 1), Principal("ana1", frozenset()), Talk("new", "ana")
        ids = []
        for number, carried in enumerate(CARRIED, 1):
            said = Said(f"Question {number}?", set(), carried, number)
            ids.append(world.answered(talk, said, ana))
            turn = parts.conversations.add(talk.id, ana, ids[-1], carried)
            assert turn is not None
            talk.id = turn.id
            talk.turns.append(said)

        def opens(number: int, who: Principal = BEN) -> tuple[bool, list[int]]:
            opened.clear()
            return parts.conversations.opens(ids[number - 1], who), [ids.index(one) + 1 for one in opened]

        assert opens(5) == (False, [])
        assert parts.conversations.share(talk.id, ana, 0, ["user:ben1"])
        assert opens(5) == (True, [2, 3, 5])
        assert opens(6) == (True, [6])
        assert opens(6, ana) == (False, [])  # one's own is not shared with oneself
        assert not parts.conversations.opens("x", BEN)
        assert parts.conversations.share(talk.id, ana, 0, [])
        assert parts.conversations.share(talk.id, ana, 2, ["user:ben1"])
        assert parts.conversations.share(talk.id, ana, 3, ["user:ben1"])
        assert parts.conversations.share(talk.id, ana, 5, ["user:ben1"])
        assert parts.conversations.share(talk.id, ana, 2, [])
        assert opens(5) == (False, [3, 5])  # it repeats words of what is shared no more
