"""Which process takes which file of tests, and when, where `make test` runs several."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

SAMPLE = ("tests/acceptance/test_sample.py", "tests/browser/test_chat.py")
LONGEST = (
    "tests/contract/test_every_call.py",
    *SAMPLE,
    "tests/property/test_non_interference.py",
    "tests/contract/test_cli.py",
    "tests/contract/test_serving.py",
    "tests/integration/test_backup.py",
    "tests/integration/test_erasure.py",
    "tests/property/test_sharing.py",
    "tests/integration/test_sbom.py",
    "tests/integration/test_llm_runtime.py",
    "tests/unit/evals/test_bench_gate.py",
)


class TogetherOrByFile(LoadFileScheduling):  # type: ignore[misc]
    """A file goes to one process, which makes once what its tests share. Those over the sample documents, which take
    two minutes to ingest, go to one together."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return SAMPLE[0] if file in SAMPLE else file


def make(config: pytest.Config, log: Producer) -> TogetherOrByFile:
    config.option.loadscopereorder = False  # by the number of tests, which says nothing of their time
    return TogetherOrByFile(config, log)


def longest_first(items: list[pytest.Item]) -> None:
    """What is long and begins last is waited for by all processes."""
    place = {file: at for at, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))
