"""Two installations of one process: the second answers by the models of the first, over its own documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from api.bootstrap import Container
from api.wiring.language import Language
from infra.settings import load_settings


class Speaking:
    """In the place of a started language model."""

    adapter = None
    closed = False

    def close(self) -> None:
        self.closed = True


class Lending(Container):
    """Has started its language model already."""

    speaking: Speaking

    @property
    def language(self) -> Language:
        return cast(Language, self.speaking)


def installation(kind: type[Container], home: Path) -> Any:
    made: Any = kind(load_settings(home=home, DATABASE_URL=""))
    for name in ("judge", "selector", "detector", "reranker", "answer_reranker", "limits"):
        setattr(made, name, f"{name} of {home.name}")
    return made


def test_models_are_the_lender_s_and_stay_when_the_borrower_ends(tmp_path: Path) -> None:
    lender, borrower = installation(Lending, tmp_path / "a"), installation(Container, tmp_path / "b")
    lender.speaking = Speaking()
    borrower.borrow(lender)
    assert borrower.language is lender.speaking
    assert (borrower.judge, borrower.reranker, borrower.limits) == ("judge of a", "reranker of a", "limits of a")
    assert borrower.in_use.now().make_service.__self__ is borrower
    borrower.close()
    assert not lender.speaking.closed
