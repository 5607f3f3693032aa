"""What may be asked for is what the administrator offers, and nothing laxer than what holds for all."""

from __future__ import annotations

import pytest

from api.http.strictness import NotOffered, Offered
from generation.types import Strictness

USUAL, STRICT = Strictness


@pytest.mark.parametrize(
    ("default", "more", "offered"),
    [
        (USUAL, (USUAL, STRICT), (USUAL, STRICT)),
        (USUAL, (STRICT,), (USUAL, STRICT)),
        (USUAL, (USUAL,), (USUAL,)),
        (STRICT, (USUAL, STRICT), (STRICT,)),
        (STRICT, (USUAL,), (STRICT,)),
    ],
)
def test_nothing_laxer_than_the_default_is_offered(
    default: Strictness, more: tuple[Strictness, ...], offered: tuple[Strictness, ...]
) -> None:
    here = Offered(default, more)
    assert here.all == offered
    assert not here.strict(None)
    for asked in Strictness:
        if asked in offered:
            assert here.strict(asked) is (asked is not default)
        else:
            with pytest.raises(NotOffered, match=str(default)):
                here.strict(asked)
