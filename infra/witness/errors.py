"""Errors of witnesses.

FootnoteError
└── WitnessError              the trail's checkpoints cannot be kept elsewhere, or say something else there
    ├── WitnessUnreachable    it does not answer, or refuses
    ├── AnswerErased          an answer cannot be proved any more: parts of it were erased
    └── WitnessDisagrees      it holds what this installation does not know: one of both was rolled back
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class WitnessError(FootnoteError):
    code = "witness_error"


class WitnessUnreachable(WitnessError):
    code = "witness_unreachable"


class AnswerErased(WitnessError):
    code = "answer_erased"


class WitnessDisagrees(WitnessError):
    code = "witness_disagrees"
