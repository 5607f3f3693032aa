"""What no answer is drafted from: questions and passages in languages in which the gate was not measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from generation.answering.run import Retrieved
from generation.types import LeftAside, SourceText
from ingest.languages import MEASURED, foreign, measured, named_language
from retrieval.types import Context

_PROSE = 100  # letters below which a passage is in its document's language, whatever it looks like


def _joined(names: Sequence[str]) -> str:
    """ "French, German and Polish" """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


_CHECKED = _joined(sorted(map(named_language, MEASURED)))


def unmeasured(context: Context, texts: Mapping[int, SourceText]) -> dict[int, str]:
    """The language of each passage that was not measured, by marker: that of its document, or its own where a document
    in a measured one has whole passages in another."""
    found = {}
    for passage in context.passages:
        own = texts[passage.marker].language
        if not measured(own):
            found[passage.marker] = own
        elif sum(map(str.isalpha, passage.text)) >= _PROSE and (language := foreign(passage.text)):
            found[passage.marker] = language
    return found


def left_aside(found: Retrieved) -> tuple[LeftAside, ...]:
    """The question first, then the passages, most of them first."""
    asked = [LeftAside(found.spoken, named_language(found.spoken), 0)] if found.spoken else []
    counted = Counter(found.unmeasured.values())
    passages = [LeftAside(code, named_language(code), count) for code, count in counted.most_common()]
    return (*asked, *passages)


def told(aside: tuple[LeftAside, ...], shown: int, *, alone: bool) -> str:
    """In plain words; "" where nothing was left aside. `shown`: passages that were found in all; `alone`: for this
    reason there is no answer."""
    asked = next((one.name for one in aside if not one.passages), "")
    names = _joined(list(dict.fromkeys(one.name for one in aside if one.passages)))
    count = sum(one.passages for one in aside)
    nearest = " Search works in it: the nearest passages are shown in their own words." if shown else ""
    if asked:
        return f"The question is in {asked}, and answers are checked in {_CHECKED} only, so none was drafted.{nearest}"
    if not names:
        return ""
    if alone:
        return (
            f"What was found is in {names}, and answers are checked in {_CHECKED} only, so none was drafted.{nearest}"
        )
    passages = "1 passage" if count == 1 else f"{count} passages"
    was = "was" if count == 1 else "were"
    return f"{passages} in {names} {was} found and left aside, since answers are checked in {_CHECKED} only."
