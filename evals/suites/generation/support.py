"""Which of its cited passages a sentence rests on, by our judge: the supports that ALCE's measures are made of.

ALCE: Gao et al. 2023, arXiv 2305.14627, section 4. Evidence is framed by the gate itself, which is shown the cited
passages and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.generation.reading import Said, read
from evals.systems.replay import context as read_context
from generation.types import Decision
from retrieval.types import Context

ROW = "supports"
Row = dict[str, Any]


class Judging(Protocol):
    """The gate, without a look at relevance and without a second judge."""

    name: str

    async def check(
        self, sentence: str, context: Context, documents: dict[int, str], question: str, *, opening: bool,
        before: str = "",
    ) -> Decision: ...  # fmt: skip


@dataclass(frozen=True, slots=True)
class Supports:
    """A sentence's support in [0, 1] by all passages that it cites together, by each alone, and by all but one; only
    markers that have a passage are in `alone` and `without`, and `unknown` counts the others."""

    together: float
    alone: dict[int, float]
    without: dict[int, float]
    unknown: int = 0

    def recalled(self, limit: float) -> bool:
        """Whether the cited passages entail the sentence."""
        return self.together >= limit

    def precise(self, limit: float) -> int:
        """How many of the citations count: the sentence is supported, and the passage alone supports it or the others
        do not without it."""
        if not self.recalled(limit):
            return 0
        return sum(self.alone[marker] >= limit or self.without[marker] < limit for marker in self.alone)

    @property
    def citations(self) -> int:
        return len(self.alone) + self.unknown


async def supports(gate: Judging, said: Said, context: Context, before: str) -> Supports:
    """`before` is the sentence before, for pronouns."""
    cited = tuple(marker for marker in said.markers if context.passage(marker))
    unknown = len(said.markers) - len(cited)
    if not cited:
        return Supports(0.0, {}, {}, unknown)
    together = await _support(gate, said.text, cited, context, before)
    if len(cited) == 1:
        return Supports(together, {cited[0]: together}, {cited[0]: 0.0}, unknown)
    alone = {marker: await _support(gate, said.text, (marker,), context, before) for marker in cited}
    without = {
        marker: await _support(gate, said.text, tuple(other for other in cited if other != marker), context, before)
        for marker in cited
    }
    return Supports(together, alone, without, unknown)


async def judge(
    gate: Judging, code: str, contexts: Sequence[Row], replies: Sequence[Row], results: ResultFile, name: str
) -> dict[str, list[Supports]]:
    """By question key the supports of each sentence of the reply, judged now or before with the same judge and code."""
    by_key = {row["key"]: row for row in contexts}
    setup = {"judge": gate.name, "code": code}
    known = {_identity(row): row for row in results.rows if row.get("row") == ROW and row["setup"] == setup}
    todo = [reply for reply in replies if _identity(reply) not in known]
    with progress(f"judged {name}", len(todo)) as step:
        for reply in todo:
            context, before, found = read_context(by_key[reply["key"]]["context"]), "", list[Supports]()
            for said in read(reply["raw"], context, cut=reply["cut"]).sentences:
                found.append(await supports(gate, said, context, before))
                before = said.text
            head = {"row": ROW, "setup": setup, "key": reply["key"], "messages_sha256": reply["messages_sha256"]}
            row = results.add({**head, "raw": reply["raw"], "supports": [asdict(item) for item in found]})
            known[_identity(row)] = row
            step(f"{reply['key']}  {len(found)} sentences")
    return {reply["key"]: [_read(item) for item in known[_identity(reply)]["supports"]] for reply in replies}


async def _support(gate: Judging, text: str, shown: Sequence[int], context: Context, before: str) -> float:
    passages = Context(tuple(passage for passage in context.passages if passage.marker in shown))
    documents = {
        passage.marker: "\n".join(
            other.text for other in context.passages if other.chunk.document_id == passage.chunk.document_id
        )
        for passage in passages.passages
    }
    cited = f"{text} [{', '.join(map(str, shown))}]"
    decision = await gate.check(cited, passages, documents, "", opening=False, before=before)
    return decision.judgement.support


def _identity(row: Row) -> tuple[str, str, str]:
    return row["key"], row["messages_sha256"], row["raw"]


def _read(row: Row) -> Supports:
    """As it was before JSON, which knows no numbers as keys."""
    alone, without = ({int(marker): value for marker, value in row[name].items()} for name in ("alone", "without"))
    return Supports(row["together"], alone, without, row["unknown"])
