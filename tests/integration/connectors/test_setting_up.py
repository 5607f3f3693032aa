"""Connectors whose source cannot be made: rights are taken away all the same, and it is told why."""

from __future__ import annotations

import builtins
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.wiring.connecting import Connecting

IMAP = {"host": "127.0.0.1", "port": "9", "user": "post", "security": "none", "mailboxes": "INBOX"}


@pytest.fixture
def share(office: Any) -> Any:
    office.added()
    for key in ("legal/lease.txt", "hr/pay.txt"):
        office.write(key, f"This is {key}.")
    office.sync()
    office.rules('[[rule]]\npath = "hr/**"\nallow = ["group:hr"]')
    office.connecting = Connecting(office.state, office.library, office, 1 << 20)
    return office


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("imap", {**IMAP, "secret": "env:FOOTNOTE_TEST_NO_SUCH_SECRET"}, "FOOTNOTE_TEST_NO_SUCH_SECRET"),
        ("imap", {**IMAP, "secret": "file:/nowhere/at/all"}, "/nowhere/at/all"),
        ("s3", {"bucket": "b", "access_key": "k", "secret": "env:FOOTNOTE_TEST_NO_SUCH_SECRET"}, "write env:NAME"),
        ("folder", {}, "KeyError"),
    ],
)
def test_a_source_that_cannot_be_made_takes_rights_away(
    share: Any, kind: str, options: dict[str, str], told: str
) -> None:
    sync = share.connecting.sync(replace(share.connector, kind=kind, options=options))
    sync.watch()
    assert share.seen("ana", "legal") == []
    assert share.seen("carla", "hr") == ["hr/pay.txt"]
    assert told in share.state.get("share").problem


def test_without_boto3_rights_are_taken_away(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "boto3":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    share.connecting.sync(replace(share.connector, kind="s3", options={"bucket": "b"})).watch()
    assert share.seen("ana", "legal") == []
    assert "'.[s3]'" in share.state.get("share").problem


def test_a_secret_that_comes_later_is_taken(share: Any, tmp_path: Path) -> None:
    options = {**IMAP, "secret": f"file:{tmp_path / 'secret'}"}
    sync = share.connecting.sync(replace(share.connector, kind="imap", options=options))
    sync.watch()
    assert "secret" in share.state.get("share").problem
    (tmp_path / "secret").write_text("word")
    sync.watch()
    assert "mail server" in share.state.get("share").problem
