"""OpenAI's chat completions and models, as far as Footnote speaks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from api.http.schemas.asking import MAX_QUESTION_CHARS, AsOf
from api.http.schemas.filtering import Narrowed
from api.http.schemas.values import AskedStrictness

MAX_MESSAGES = 1000
_TASK = "### Task:"  # how Open WebUI's own prompts begin


def _text_alone(content: Any) -> Any:
    for at, part in enumerate(content if isinstance(content, list) else ()):
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind != "text":
            raise PydanticCustomError(
                "unsupported_part",
                "part {at} is of the type '{kind}', and text alone is read here: ask in words, and upload files as "
                "documents (POST /v1/documents)",
                {"at": at, "kind": str(kind)[:40]},
            )
    return content


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


Content = Annotated[str | list[TextPart], BeforeValidator(_text_alone)]


class Instruction(BaseModel):
    """Changes nothing: neither what is searched and answered nor what the gate lets through."""

    role: Literal["system", "developer"]
    content: Content


class Said(BaseModel):
    """What the asker said. The last one is the question; earlier ones help to understand it."""

    role: Literal["user"]
    content: Content

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class Replied(BaseModel):
    """What the client says was answered. It is not read: no evidence, whatever it says."""

    role: Literal["assistant"]
    content: Any = None


def _role(message: Any) -> str | None:
    role = message.get("role") if isinstance(message, Mapping) else getattr(message, "role", None)
    return "system" if role == "developer" else role if isinstance(role, str) else None


Message = Annotated[
    Annotated[Instruction, Tag("system")] | Annotated[Said, Tag("user")] | Annotated[Replied, Tag("assistant")],
    Discriminator(
        _role,
        custom_error_type="unsupported_role",
        custom_error_message="the role has to be system, developer, user or assistant: Footnote calls no tools",
    ),
]


class StreamOptions(BaseModel):
    """`include_usage`: the tokens, in a chunk of their own before the end."""

    model_config = ConfigDict(extra="forbid")

    include_usage: bool = False
    include_obfuscation: bool | None = None


Modalities = Annotated[list[Literal["text"]], Field(min_length=1, max_length=1)]


class TextFormat(BaseModel):
    type: Literal["text"]


_NO_TOOLS = "Footnote calls no tools: leave it out"
_REFUSED = {
    "tools": f"{_NO_TOOLS} (in Open WebUI: the model's capability Builtin Tools)",
    "functions": _NO_TOOLS,
    "audio": "answers are text: leave it out",
    "prediction": "an answer comes from documents alone: leave it out",
    "web_search_options": "Footnote searches its own documents and no web: leave it out",
    "logit_bias": "words are not weighted, since sentences have to follow from documents: leave it out",
    "stop": "an answer is never cut, or its citations would not fit: leave it out",
    "moderation": "nothing is moderated here: leave it out",
}
_LIMITED: dict[str, tuple[tuple[Any, ...], str]] = {
    "n": ((None, 1), "there is one answer to a question: leave it out, or say 1"),
    "logprobs": ((None, False), "the probabilities of tokens are not told: leave it out, or say false"),
    "top_logprobs": ((None, 0), "the probabilities of tokens are not told: leave it out, or say 0"),
    "store": ((None, False), "nothing is stored but the audit record, which always is: leave it out, or say false"),
    "modalities": ((None, ["text"]), 'answers are text: leave it out, or say ["text"]'),
    "response_format": ((None, {"type": "text"}), 'answers are text: leave it out, or say {"type": "text"}'),
    "tool_choice": ((None, "none", "auto"), _NO_TOOLS),
    "function_call": ((None, "none", "auto"), _NO_TOOLS),
}
# Accepted, since clients send them by themselves or to every model, and told in `footnote.ignored`.
IGNORED = (
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed", "max_tokens", "max_completion_tokens",
    "user", "safety_identifier", "metadata", "parallel_tool_calls", "reasoning_effort", "verbosity", "service_tier",
    "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options",
)  # fmt: skip
_Ignored = Field(None, description="Changes nothing.")


def _described(why: str) -> Any:
    return Field(None, description=f"{why[:1].upper()}{why[1:]}.")


class ChatRequest(Narrowed):
    """A conversation whose last message is the question. Who asks comes from the credential, never from here. A field
    that would have to be honoured and cannot be is refused; `footnote.ignored` tells which ones changed nothing."""

    model: Annotated[str, Field(description="One of GET /v1/models.")]
    messages: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    as_of: AsOf = None
    strictness: AskedStrictness = None

    temperature: Annotated[float, Field(ge=0, le=2)] | None = _Ignored
    top_p: Annotated[float, Field(ge=0, le=1)] | None = _Ignored
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = _Ignored
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = _Ignored
    seed: int | None = _Ignored
    max_tokens: Annotated[int, Field(ge=1)] | None = _Ignored
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = _Ignored
    user: str | None = _Ignored
    safety_identifier: str | None = _Ignored
    metadata: dict[str, Any] | None = _Ignored
    parallel_tool_calls: bool | None = _Ignored
    reasoning_effort: str | None = _Ignored
    verbosity: str | None = _Ignored
    service_tier: str | None = _Ignored
    prompt_cache_key: str | None = _Ignored
    prompt_cache_retention: str | None = _Ignored
    prompt_cache_options: dict[str, Any] | None = _Ignored

    n: Literal[1] | None = _described(_LIMITED["n"][1])
    logprobs: Literal[False] | None = _described(_LIMITED["logprobs"][1])
    top_logprobs: Literal[0] | None = _described(_LIMITED["top_logprobs"][1])
    store: Literal[False] | None = _described(_LIMITED["store"][1])
    modalities: Modalities | None = _described(_LIMITED["modalities"][1])
    response_format: TextFormat | None = _described(_LIMITED["response_format"][1])
    tool_choice: Literal["none", "auto"] | None = _described(_LIMITED["tool_choice"][1])
    function_call: Literal["none", "auto"] | None = _described(_LIMITED["function_call"][1])

    tools: None = _described(_REFUSED["tools"])
    functions: None = _described(_REFUSED["functions"])
    audio: None = _described(_REFUSED["audio"])
    prediction: None = _described(_REFUSED["prediction"])
    web_search_options: None = _described(_REFUSED["web_search_options"])
    logit_bias: None = _described(_REFUSED["logit_bias"])
    stop: None = _described(_REFUSED["stop"])
    moderation: None = _described(_REFUSED["moderation"])

    @field_validator(*_REFUSED, mode="before")
    @classmethod
    def _refused(cls, value: Any, info: Any) -> Any:
        if value is not None:
            raise PydanticCustomError("unsupported_field", "{why}", {"why": _REFUSED[info.field_name]})
        return value

    @field_validator(*_LIMITED, mode="before")
    @classmethod
    def _limited(cls, value: Any, info: Any) -> Any:
        allowed, why = _LIMITED[info.field_name]
        if value not in allowed:
            raise PydanticCustomError("unsupported_value", "{why}", {"why": why})
        return value

    @field_validator("messages")
    @classmethod
    def _ends_with_a_question(cls, messages: list[Message]) -> list[Message]:
        spoken = [message for message in messages if not isinstance(message, Instruction)]
        last = spoken[-1] if spoken else None
        if not isinstance(last, Said) or not last.text.strip():
            raise PydanticCustomError("no_question", "the last message has to be the user's question, in words")
        if len(last.text) > MAX_QUESTION_CHARS:
            raise PydanticCustomError(
                "question_too_long",
                "the question has {length} characters; the limit is {most}. Ask it in fewer words; texts to ask about "
                "are uploaded as documents (POST /v1/documents)",
                {"length": f"{len(last.text):,}", "most": f"{MAX_QUESTION_CHARS:,}"},
            )
        if last.text.lstrip().startswith(_TASK):
            raise PydanticCustomError(
                "not_a_question",
                "'{task}' begins a task of Open WebUI (titles, tags, follow-ups, files of a chat), no question about "
                "documents. Turn such tasks off or give them another model, and upload files to Footnote",
                {"task": _TASK},
            )
        return messages

    @property
    def questions(self) -> list[str]:
        """What the asker said, oldest first; the last one is the question."""
        return [message.text for message in self.messages if isinstance(message, Said)]

    @property
    def ignored(self) -> list[str]:
        """What was sent and changes nothing."""
        fields = [name for name in IGNORED if getattr(self, name) is not None]
        return fields + [
            f"messages.{at} ({message.role})"
            for at, message in enumerate(self.messages)
            if isinstance(message, Instruction)
        ]

    @property
    def with_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage
