"""Which cases of two runs of the evaluation are the same, also where the file that they are of is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from infra.postgres.evaluations import CaseResult


def aligned(cases: Iterable[CaseResult], like: Iterable[CaseResult]) -> list[CaseResult]:
    """`cases`, each under the set of `like` that it stands in unchanged: a file that has grown is another version, its
    cases are not. Those of before digests of single cases were kept stay under their own."""
    there = {(one.suite, one.case_id): one for one in like if one.version}
    found = []
    for one in cases:
        other = there.get((one.suite, one.case_id))
        same = other is not None and other.version == one.version
        found.append(replace(one, dataset=other.dataset) if other and same else one)
    return found


def moved(one: CaseResult, other: CaseResult) -> bool:
    """Whether the documents of its gold are others than they were, or the asker may read other ones of them; of a case
    of which one run does not know, no."""
    return bool(one.evidence and other.evidence and one.evidence != other.evidence)
