"""Names of OpenTelemetry's semantic conventions for generative AI, all in this file, since they still move.

As in opentelemetry-semantic-conventions 0.66b2 (gen-ai, status: development). None of those that hold content is here:
messages, instructions, query text, retrieved documents, explanations.
"""

from __future__ import annotations

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
MAX_TOKENS = "gen_ai.request.max_tokens"
STREAM = "gen_ai.request.stream"
FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"

EVALUATION = "gen_ai.evaluation.result"  # an event
EVALUATION_NAME = "gen_ai.evaluation.name"
EVALUATION_LABEL = "gen_ai.evaluation.score.label"
EVALUATION_SCORE = "gen_ai.evaluation.score.value"

CHAT, RETRIEVAL = "chat", "retrieval"
FAITHFULNESS = "faithfulness"
