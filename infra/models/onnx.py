"""An ONNX transformer with its tokenizer, run one row at a time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class OnnxEncoder:
    """Runs a BERT-like ONNX model on one text or pair; implements `ingest.protocols.Encoder`.

    One row at a time and without padding: dynamic int8 quantisation scales activations over the whole
    batch, so that a row's output would otherwise depend on its neighbours. Callers run rows in parallel
    threads; each run uses one core.
    """

    def __init__(self, model: Path, tokenizer: Path, *, max_tokens: int = 512) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # official builds report to their maker; read at import
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = frozenset(i.name for i in self._session.get_inputs())
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens, strategy="longest_first")

    def encode(self, text: str, pair: str | None = None) -> NDArray[np.float32]:
        """The model's first output without its batch axis: (tokens, hidden) or (labels,), float32."""
        row = self._tokenizer.encode(text, pair) if pair is not None else self._tokenizer.encode(text)
        fields = {"input_ids": row.ids, "attention_mask": row.attention_mask, "token_type_ids": row.type_ids}
        feed = {name: np.asarray([ids], dtype=np.int64) for name, ids in fields.items() if name in self._inputs}
        output: NDArray[np.float32] = self._session.run(None, feed)[0][0]
        return output
