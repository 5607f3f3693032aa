"""Rows through the model: the log-probability of every completion token."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from typing import Any

from generation.training.lora.rows import STRIDE, Row, padded


def logprobs(model: Any, rows: Sequence[Row]) -> list[Any]:
    """For each row, the natural log-probabilities of its completion's tokens: float32, one value a token.

    `model` is a PEFT model. What all rows begin with (the prompt's fixed part) is computed once, and logits only
    where a completion token is predicted. No mask for padding is needed: it is on the right, and a token sees only
    what is before it.
    """
    torch: Any = import_module("torch")
    causal, shared = model.get_base_model(), shared_tokens(rows)
    device = causal.get_input_embeddings().weight.device
    width = padded(max(row.tokens for row in rows) - shared)
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    predicts = torch.zeros((len(rows), width), dtype=torch.bool)
    for at, row in enumerate(rows):
        ids[at, : row.tokens - shared] = torch.tensor((*row.prompt, *row.completion)[shared:])
        predicts[at, len(row.prompt) - 1 - shared : row.tokens - 1 - shared] = True
    targets = torch.tensor([token for row in rows for token in row.completion], device=device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        past = _prefix(causal, rows[0].prompt[:shared], len(rows), device) if shared else None
        hidden = causal.model(input_ids=ids.to(device), past_key_values=past, use_cache=False).last_hidden_state
        logits = causal.lm_head(hidden[predicts.to(device)])
    scores = -torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")
    return list(scores.split([len(row.completion) for row in rows]))


def shared_tokens(rows: Sequence[Row]) -> int:
    """How many tokens all rows begin with: in whole strides, and short of the last token of each prompt, whose
    output predicts the completion. 0 for a single row, which shares with none."""
    if len(rows) == 1:
        return 0
    columns = zip(*(row.prompt[:-1] for row in rows), strict=False)
    alike = sum(1 for _ in takewhile(lambda tokens: len(set(tokens)) == 1, columns))
    return alike // STRIDE * STRIDE


def _prefix(causal: Any, ids: Sequence[int], count: int, device: Any) -> Any:
    """Keys and values of `ids` for `count` rows. Gradients flow back through them."""
    torch: Any = import_module("torch")
    past = causal.model(input_ids=torch.tensor([ids], device=device), use_cache=True).past_key_values
    past.batch_repeat_interleave(count)
    return past
