"""How often one may be wrong: by address, by key, in all; and that it stays in so much memory."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from api.http import throttling
from api.http.throttling import ENDED, Throttle, TooManyBadCredentials, network_of


@dataclass
class Clock:
    now: float = 5.0

    def __call__(self) -> float:
        return self.now


def throttle(a_minute: int = 6) -> tuple[Throttle, Clock]:
    clock = Clock()
    return Throttle(a_minute, clock), clock


def refused(
    made: Throttle, address: str = "192.0.2.1", key_id: str = "", **options: Any
) -> TooManyBadCredentials | None:
    try:
        made.failed(address, key_id, **options)
    except TooManyBadCredentials as error:
        return error
    return None


def spend(made: Throttle, times: int, address: str = "192.0.2.1", key_id: str = "") -> None:
    for _ in range(times):
        assert refused(made, address, key_id) is None


def test_an_address_may_be_wrong_so_often_at_once_and_then_so_often_a_minute() -> None:
    made, clock = throttle()
    spend(made, 6)
    first = refused(made)
    assert first is not None
    assert first.retry_after == 10
    clock.now += 9
    assert refused(made) is not None
    clock.now += 1.1
    spend(made, 1)
    assert refused(made) is not None
    clock.now += 3600
    spend(made, 6)
    assert refused(made) is not None


def test_what_waits_does_not_make_the_wait_longer() -> None:
    made, _ = throttle()
    spend(made, 6)
    assert {found.retry_after for _ in range(50) if (found := refused(made))} == {10}


def test_one_address_is_no_other_and_no_more_than_itself() -> None:
    made, _ = throttle()
    spend(made, 6)
    spend(made, 1, "192.0.2.2")
    spend(made, 1, "2001:db8::1")


def test_one_key_may_be_tried_so_often_from_wherever() -> None:
    made, clock = throttle()
    for n in range(6):
        spend(made, 1, f"192.0.2.{n}", "0123456789ab")
    assert refused(made, "192.0.2.99", "0123456789ab") is not None
    spend(made, 1, "192.0.2.99", "ba9876543210")
    clock.now += 11
    spend(made, 1, "192.0.2.98", "0123456789ab")


def test_all_addresses_together_may_be_wrong_fifty_times_as_often() -> None:
    made, _ = throttle()
    for n in range(300):
        spend(made, 1, f"2001:db8:0:{n:x}::1")
    assert refused(made, "192.0.2.1") is not None


def test_what_has_ended_weighs_less_than_what_was_guessed() -> None:
    made, _ = throttle()
    for _ in range(59):
        assert refused(made, cost=ENDED) is None
    assert refused(made) is not None


def test_the_trail_hears_of_it_once_a_minute() -> None:
    made, clock = throttle()
    spend(made, 6)
    told = []
    for _ in range(20):
        clock.now += 5
        if error := refused(made):
            told.append(error.told)
    assert told.count(True) == 2
    assert told[0] is True


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
        ("x" * 100_000, "x" * 64),
    ],
)
def test_an_address_is_what_one_client_has_to_itself(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_flood_of_addresses_stays_in_so_much_memory_and_is_no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "_MOST", 100)
    made, _ = throttle(6)
    found = [refused(made, f"2001:db8:{n:x}::1", f"{n:012x}") for n in range(2000)]
    assert len(made._buckets) <= 101
    assert len([one for one in found if one is None]) == 300  # of all together


def test_nothing_is_counted_where_that_is_switched_off() -> None:
    made, _ = throttle(0)
    spend(made, 1000)
    assert not made._buckets


def test_threads_do_not_count_wrong() -> None:
    made, ready = throttle(20)[0], threading.Barrier(8)

    def be_wrong(_: int) -> int:
        ready.wait()
        return sum(refused(made) is None for _ in range(20))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(be_wrong, range(8))) == 20
