"""The sample documents in a real installation: PostgreSQL, models, language model; ingested once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from api.bootstrap import Container

GENERATOR = "Qwen2.5-Coder-1.5B-Instruct"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """A container on its own data folder; needs the weights that `make models` fetches."""
    from api.commands.local import opened
    from api.commands.serving import ingest_sample
    from ingest.protocols import Outcome

    home = tmp_path_factory.mktemp("sample")
    with opened(home=home, DATABASE_URL="", llm_url="", generator=GENERATOR) as parts:
        counts = ingest_sample(parts)
        assert counts == {Outcome.ADDED: 28, Outcome.REPLACED: 4}
        yield parts
