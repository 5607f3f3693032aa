"""Does an answer give away what the asker may not read? Must be 0."""

from __future__ import annotations

from pathlib import PurePosixPath

from evals.metrics.matching import contains
from evals.types import Case, Kind
from generation.types import Answer

_BY_GROUP = "sample/"  # sources whose folder is the group that may read them


def leak(case: Case, answer: Answer) -> float | None:
    """1.0 if a document of a foreign group is cited or shown as near, or a forbidden question's secret is told.

    The group of a sample document is the folder that its source lies in, whatever the store believes; of other
    documents nothing but the store knows it.
    """
    shown = [*answer.citations, *(answer.abstention.nearest if answer.abstention else ())]
    sources = [PurePosixPath(one.source) for one in shown if one.source.startswith(_BY_GROUP)]
    foreign = any(source.parent.name not in case.asker.groups for source in sources)
    secrets = [fact for facts in case.must_contain for fact in facts] if case.kind is Kind.FORBIDDEN else []
    quoted = [answer.answer, *(citation.quote for citation in shown)]
    return float(foreign or any(contains(text, secret) for text in quoted for secret in secrets))
