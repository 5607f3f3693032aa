#!/usr/bin/env bash
# langchain-openai 1.7.3, ChatOpenAI: of a chat completion it keeps text, tool calls and usage, and drops
# `message.annotations`, OpenAI's own citations (`url_citation`), with invoke and with stream. Of the responses API it
# keeps them. Fields beyond the protocol are dropped likewise; a subclass has to override `_create_chat_result` and
# `_convert_chunk_to_generation_chunk`, as docs/openai.md does.
#
# Seen: the text "Rain."; no trace of the annotation in content, additional_kwargs or response_metadata, either way.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet langchain-openai==1.7.3
"$dir/venv/bin/python" - <<'PY'
from langchain_core.messages import AIMessageChunk
from langchain_openai import ChatOpenAI

url = "https://weather.example/today"
place = {"start_index": 0, "end_index": 5, "title": "Today", "url": url}
said = {"role": "assistant", "content": "Rain.", "annotations": [{"type": "url_citation", "url_citation": place}]}
head = {"id": "chatcmpl-1", "created": 1, "model": "m"}
model = ChatOpenAI(model="m", api_key="none")

choice = {"index": 0, "finish_reason": "stop", "message": said}
whole = model._create_chat_result({**head, "object": "chat.completion", "choices": [choice]}).generations[0]
print("invoke:", whole.message)
assert whole.message.content == "Rain."
assert url not in repr(whole), "changed: invoke keeps annotations"

chunk = {**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": said}]}
piece = model._convert_chunk_to_generation_chunk(chunk, AIMessageChunk, {})
print("stream:", piece.message)
assert piece.message.content == "Rain."
assert url not in repr(piece), "changed: stream keeps annotations"
PY
