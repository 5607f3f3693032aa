"""The sample's answerable questions, asked by somebody who may read nothing that answers them."""

from __future__ import annotations

from dataclasses import replace

from evals.datasets.golden import load_cases
from evals.types import Case, Kind

# By asker, the golden questions. Looked up in the ingested sample: no document that the asker may read has any of the
# facts that a right answer states, so that a fact that is told was hidden.
_ASKED = {
    "ana": "brd-003 cli-001 cli-008 fin-005 fin-009 fin-012 hr-002 hr-005 hr-010",
    "ben": "cli-003 cli-013 hr-001 hr-015 leg-005 leg-012 leg-014 leg-019",
    "carla": "brd-004 brd-005 cli-005 cli-007 fin-011 leg-002 leg-008 leg-013",
    "dev": "brd-001 fin-004 fin-008 hr-007 hr-009 hr-011 leg-003 leg-010",
    "frank": "brd-002 cli-010 hr-008 hr-012 hr-014 leg-011 leg-015 leg-016",
}


def strangers() -> tuple[Case, ...]:
    """Right is to abstain."""
    golden = {case.id: case for case in load_cases()}
    people = {case.asker.user: case.asker for case in golden.values()}
    return tuple(
        replace(golden[case_id], id=f"{case_id}-stranger", kind=Kind.FORBIDDEN, asker=people[user])
        for user, ids in _ASKED.items()
        for case_id in ids.split()
    )
