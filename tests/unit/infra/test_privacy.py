"""Personal data is found on this machine alone."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from infra.privacy import PresidioFinder, PrivacyMissing

TEXT = "Ana Ruiz, ana@thornquay.com, card 4111 1111 1111 1111, IBAN GB29NWBK60161331926819. The term is 5 years."


def test_kinds_are_found_at_their_place_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("presidio_analyzer")

    def refused(*_: Any) -> None:
        raise AssertionError("it went to the network")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    found = {one.kind: TEXT[one.start : one.end] for one in PresidioFinder().find(TEXT)}
    assert found["EMAIL_ADDRESS"] == "ana@thornquay.com"
    assert found["CREDIT_CARD"] == "4111 1111 1111 1111"
    assert found["IBAN_CODE"] == "GB29NWBK60161331926819"
    assert "5 years" not in found.values()


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "presidio_analyzer", None)
    with pytest.raises(PrivacyMissing, match=r"\.\[privacy\]"):
        PresidioFinder()
