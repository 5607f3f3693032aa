"""`footnote conversations` on a data folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from typer.testing import CliRunner

from api.cli.main import command_line
from api.terminal import UsageError
from api.wiring.people_stores import PeopleStores
from infra.postgres.errors import ShareIncomplete
from infra.settings import load_settings
from retrieval.errors import InvalidPrincipal
from retrieval.types import Principal
from tests.property.test_sharing import Said, Talk, World

ANA = ("--as", "user:ana1", "--groups", "legal1")


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith("FOOTNOTE_") and name != "FOOTNOTE_CACHE":
            monkeypatch.delenv(name)
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE conversation_commands")
    monkeypatch.setenv("DATABASE_URL", urlsplit(database_url)._replace(path="/conversation_commands").geturl())
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def ran(*command: str, code: int = 0) -> str:
    """What is said, where the command ends so; foreseen errors are raised."""
    done = CliRunner().invoke(command_line(), command)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return str(done.output)


def test_the_commands(home: Path) -> None:
    ids: list[str] = []
    with PeopleStores(load_settings(home=home)) as parts:
        world, lena = World(parts, 1), Principal("ana1", frozenset({"legal1"}))
        talk = Talk("new", "ana")
        for said in (Said("What is the rent?", set(), [], 1), Said("And who pays it?", set(), [1], 2)):
            ids.append(world.answered(talk, said, lena))
            turn = parts.conversations.add(talk.id, lena, ids[-1], said.carried)
            assert turn is not None
            talk.id = turn.id
            talk.turns.append(said)
    (listed,) = json.loads(ran("conversations", "list", *ANA, "--json"))["conversations"]
    assert (listed["id"], listed["title"], listed["turns"]) == (talk.id, "What is the rent?", 2)
    told = ran("conversations", "rename", talk.id, *ANA, "--title", "Rents", "--matter", "Kestrel")
    assert told == f"{talk.id} is called Rents and is filed under Kestrel.\n"
    assert "Rents" in ran("conversations", "list", *ANA, "--matter", "kestrel")
    assert "no conversations under other. `footnote ask" in ran("conversations", "list", *ANA, "--matter", "other")
    said = ran("conversations", "show", talk.id, *ANA)
    assert "Rents (user:ana1, filed under Kestrel)" in said
    assert "Asked instead: About What is the rent?: And who pays it?" in said
    assert "is shared with user:ben" in ran(
        "conversations", "share", talk.id, *ANA, "--with", "user:ben", "--turn", "1"
    )
    shown = json.loads(ran("conversations", "show", talk.id, "--as", "user:ben", "--json"))
    assert [turn["question"] for turn in shown["history"]] == ["What is the rent?"]
    assert (shown["title"], shown["matter"]) == ("What is the rent?", "")
    assert "user:ana1" in ran("conversations", "list", "--as", "user:ben", "--shared")
    signed_by_whom_it_is_shared_with(home, shown["history"][0]["answer"]["audit_id"], ids[1])
    with pytest.raises(ShareIncomplete):
        ran("conversations", "share", talk.id, *ANA, "--with", "group:hr", "--turn", "2")
    with pytest.raises(InvalidPrincipal):
        ran("conversations", "share", talk.id, *ANA, "--with", "ben")
    with pytest.raises(UsageError, match="Say with whom"):
        ran("conversations", "share", talk.id, *ANA)
    with pytest.raises(UsageError, match="Say what is to change"):
        ran("conversations", "rename", talk.id, *ANA)
    with pytest.raises(UsageError, match="title"):
        ran("conversations", "rename", talk.id, *ANA, "--title", "x" * 201)
    for command in (("show",), ("delete",), ("rename", "--title", "mine"), ("share", "--nobody")):
        with pytest.raises(UsageError, match=f"There is no conversation {talk.id} of user:otto"):
            ran("conversations", command[0], talk.id, "--as", "user:otto", *command[1:])
    ran("conversations", "share", talk.id, *ANA, "--nobody", "--turn", "1")
    with pytest.raises(UsageError):
        ran("conversations", "show", talk.id, "--as", "user:ben")
    assert ran("conversations", "delete", talk.id, *ANA) == f"Deleted {talk.id}.\n"
    assert json.loads(ran("conversations", "list", *ANA, "--json"))["total"] == 0
    assert "read_conversation" in ran("audit", "list")
    assert "read_conversation" in ran("audit", "list", "--refused", "not_found")


def signed_by_whom_it_is_shared_with(home: Path, shared: str, other: str) -> None:
    ben, out = ("--as", "user:ben"), home.parent / "memo.md"
    assert "approved by user:ben" in ran("answers", "sign", shared, "--verdict", "approved", *ben)
    assert "approved by user:ben" in ran("answers", "sign-offs", shared, *ben)
    ran("answers", "export", shared, "--format", "md", "--out", str(out), *ben)
    assert "What is the rent?" in out.read_text(encoding="utf-8")
    for command in (("sign", "--verdict", "approved"), ("sign-offs",), ("export", "--out", str(out))):
        with pytest.raises(UsageError, match="shared with them"):
            ran("answers", command[0], other, *command[1:], *ben)
