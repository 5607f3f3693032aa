#!/usr/bin/env bash
# ragas 0.4.3, `AnswerRelevancy`: its `strictness` of 3 sends the very same request three times, and takes the mean of the
# questions that come back. RAGAS' own clients ask at temperature 0.01 (top_p 0.1), so these are three times one question:
# three times the seconds, no more strictness. And an answer is evasive (0) only if all three replies say so; where the
# judge returns no question at all, which says nothing of the answer, it is 0.0 and not NaN.
#
# Seen: three equal prompts; 1.0 for an answer that two of three replies call noncommittal; 0.0 for three empty questions.
#
# It matters because a judge that fails looks like an answer that is beside the point. With a greedy judge ask once
# (strictness=1): the same value in a third of the time.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet ragas==0.4.3 langchain-community==0.4.1 langchain==1.4.7 openai==3.3.0
RAGAS_DO_NOT_TRACK=true "$dir/venv/bin/python" - <<'PY'
import asyncio

from ragas.embeddings.base import BaseRagasEmbedding
from ragas.llms.base import InstructorBaseRagasLLM, InstructorModelArgs
from ragas.metrics.collections import AnswerRelevancy


class Scripted(InstructorBaseRagasLLM):
    def __init__(self, *replies):
        self.replies, self.prompts = list(replies), []

    def generate(self, prompt, response_model):
        self.prompts.append(prompt)
        question, noncommittal = self.replies.pop(0)
        return response_model(question=question, noncommittal=noncommittal)

    async def agenerate(self, prompt, response_model):
        return self.generate(prompt, response_model)


class Same(BaseRagasEmbedding):
    """All texts are alike."""

    def embed_text(self, text, **options):
        return [1.0, 0.0]

    async def aembed_text(self, text, **options):
        return [1.0, 0.0]


def relevancy(*replies):
    judge = Scripted(*replies)
    metric = AnswerRelevancy(llm=judge, embeddings=Same())
    found = asyncio.run(metric.ascore(user_input="What is the rent?", response="Hard to say."))
    return found.value, judge.prompts


question = "What is the rent?"
for replies in ([(question, 1)] * 3, [(question, 1), (question, 1), (question, 0)], [("", 0)] * 3):
    value, prompts = relevancy(*replies)
    print(f"{len(prompts)} requests, {len(set(prompts))} of them different; {replies}: {value!r}")
    assert (len(prompts), len(set(prompts))) == (3, 1)
assert relevancy(*[(question, 1)] * 3)[0] == 0.0
assert relevancy((question, 1), (question, 1), (question, 0))[0] == 1.0
assert relevancy(*[("", 0)] * 3)[0] == 0.0, "changed: no question is no score any more"
assert InstructorModelArgs().temperature == 0.01
PY
echo "as described"
