"""Signed addresses: good for what was signed, for minutes, and for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.http.links import LIFETIME, Links, SignedPage
from api.http.problems import NotFound
from ingest.types import PageAsked
from retrieval.types import Principal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = SignedPage(
    Principal("ana", frozenset({"legal", "staff"})), "d1", "v_abcdefghijklmnop", PageAsked(3, None, "", 10, 50, 900)
)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_what_was_signed_is_read_again() -> None:
    links = Links(b"k" * 32, Clock())
    token, expires = links.sign(PAGE)
    assert links.read(token) == PAGE
    assert expires == NOW + LIFETIME <= NOW + timedelta(minutes=5)


def test_an_address_ends() -> None:
    clock = Clock()
    links = Links(b"k" * 32, clock)
    token, expires = links.sign(PAGE)
    clock.now = expires - timedelta(seconds=1)
    links.read(token)
    clock.now = expires
    with pytest.raises(NotFound):
        links.read(token)


def test_any_change_is_noticed() -> None:
    links = Links(b"k" * 32, Clock())
    token, _ = links.sign(PAGE)
    for at, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        with pytest.raises(NotFound):
            links.read(token[:at] + other + token[at + 1 :])


@pytest.mark.parametrize("token", ["", ".", "a", "a.b", "é.é", "====", "x" * 100_000, "AAAA." + "A" * 43])
def test_what_was_never_signed_opens_nothing(token: str) -> None:
    with pytest.raises(NotFound):
        Links(b"k" * 32).read(token)


def test_another_installation_signs_otherwise() -> None:
    token, _ = Links(b"k" * 32).sign(PAGE)
    with pytest.raises(NotFound):
        Links(b"j" * 32).read(token)


def test_all_refusals_are_the_same() -> None:
    clock = Clock()
    links = Links(b"k" * 32, clock)
    token, expires = links.sign(PAGE)
    clock.now = expires
    told = set()
    for wrong in (token, token[:-1], "x"):
        with pytest.raises(NotFound) as refused:
            links.read(wrong)
        told.add(str(refused.value))
    assert len(told) == 1
