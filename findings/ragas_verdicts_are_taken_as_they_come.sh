#!/usr/bin/env bash
# ragas 0.4.3, `ragas.metrics.collections`: what the judge returns is not held against what it was asked. Its verdicts are
# plain integers, and a metric's `allowed_values` of (0, 1) are not looked at.
# - Faithfulness divides by the verdicts that came, not by the statements that it asked about: leave the false one out and
#   the answer is faithful; verdicts on other statements (its own example's) count as well. Everything but 0 is "supported",
#   also -1.
# - ContextRecall adds the verdicts up: 2 for "supported" is a recall of 2.
# - ContextPrecision divides by their sum: of 1 and -1 it is ten billion. Of useful contexts alone it is never 1.
#
# Seen: faithfulness 1.0 of two statements with one verdict, of [1, -1], and of a verdict on a statement that was not asked;
# recall 2.0; precision 1e10 of [1, -1], 2.0 of [2], 0.9999999999 of [1].
#
# It matters because small judges do all of this: cut lists short, copy the example, say -1 for "contradicted". A mean over
# a night hides it, and a mean with 1e10 in it is nothing. Count statements against verdicts, and refuse what is off the
# scale; never ask for == 1.0.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet ragas==0.4.3 langchain-community==0.4.1 langchain==1.4.7 openai==3.3.0
RAGAS_DO_NOT_TRACK=true "$dir/venv/bin/python" - <<'PY'
import asyncio

from ragas.llms.base import InstructorBaseRagasLLM
from ragas.metrics.collections import ContextPrecisionWithReference, ContextRecall, Faithfulness


class Scripted(InstructorBaseRagasLLM):
    """A judge that replies what it is given, of the type that is asked for."""

    def __init__(self, *replies):
        self.replies = list(replies)

    def generate(self, prompt, response_model):
        return response_model.model_validate(self.replies.pop(0))

    async def agenerate(self, prompt, response_model):
        return self.generate(prompt, response_model)


SAID = {"statements": ["The rent is 100.", "The rent is 999."]}  # only the first is true


def faithfulness(*verdicts):
    judged = {"statements": [{"statement": text, "reason": "", "verdict": value} for text, value in verdicts]}
    metric = Faithfulness(llm=Scripted(SAID, judged))
    assert metric.allowed_values == (0.0, 1.0)
    asked = {"user_input": "What is the rent?", "response": "It is 100 or 999.", "retrieved_contexts": ["It is 100."]}
    return asyncio.run(metric.ascore(**asked)).value


def recall(*verdicts):
    found = [{"statement": "s", "reason": "", "attributed": value} for value in verdicts]
    metric = ContextRecall(llm=Scripted({"classifications": found}))
    return asyncio.run(metric.ascore(user_input="q", reference="r", retrieved_contexts=["c"])).value


def precision(*verdicts):
    metric = ContextPrecisionWithReference(llm=Scripted(*({"reason": "", "verdict": value} for value in verdicts)))
    contexts = ["c"] * len(verdicts)
    return asyncio.run(metric.ascore(user_input="q", reference="r", retrieved_contexts=contexts)).value


first, second = (text for text in SAID["statements"])
seen = {
    "faithfulness, both judged": faithfulness((first, 1), (second, 0)),
    "faithfulness, the false one left out": faithfulness((first, 1)),
    "faithfulness, the false one is -1": faithfulness((first, 1), (second, -1)),
    "faithfulness, of another statement": faithfulness(("John is a dedicated student.", 1)),
    "recall of [2, 2]": recall(2, 2),
    "precision of [1]": precision(1),
    "precision of [2]": precision(2),
    "precision of [1, -1]": precision(1, -1),
}
for what, value in seen.items():
    print(f"{what}: {value!r}")
assert [*seen.values()][:5] == [0.5, 1.0, 1.0, 1.0, 2.0]
assert 0.999 < seen["precision of [1]"] < 1.0
assert 1.99 < seen["precision of [2]"] < 2.0
assert seen["precision of [1, -1]"] > 1e9
PY
echo "as described"
