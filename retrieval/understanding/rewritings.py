"""Whether a question that a model wrote in the place of a follow-up is the asker's own, and no other."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.understanding.follow_ups import LONGEST, bare, follows
from retrieval.understanding.words import AUXILIARIES, PRONOUNS, words

_SLIGHT = frozenset("a an the of in for on at about".split()) | AUXILIARIES
_ADDED = _SLIGHT | {"under"}  # whoever has not written them; which is more than articles where a clause is completed
_LOST = _SLIGHT | PRONOUNS | frozenset("then there here else again also more please".split())
_DENYING = frozenset("no not never nor none neither without except unless cannot".split())


def is_own(written: str, question: str, earlier: Sequence[str]) -> bool:
    """Whether it is one question that stands alone, says all that `question` says, and holds no word that the asker has
    not written in it or in `earlier`, but for articles, auxiliaries and slight prepositions. It denies if they do."""
    if "\n" in written or len(written) > LONGEST or written.find("?") != len(written) - 1 or follows(written):
        return False
    new, typed = _said(written), _said(bare(question))
    before = [word for one in earlier for word in _said(one)]
    known = {*typed, *_said(question), *before}
    return (
        all(word in known or word in _ADDED for word in new)
        and not set(new) <= {*typed, *_ADDED}
        and all(word in new or word in _LOST for word in typed)
        and any(map(_denies, new)) == any(map(_denies, (*typed, *before)))
    )


def _said(text: str) -> list[str]:
    return [word.removesuffix("'s") for word in words(text)]


def _denies(word: str) -> bool:
    return word in _DENYING or word.endswith("n't")
