"""The methods that await, as source: one class for each tag, one method for each operation."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from api.client_writer.annotations import annotation, default, is_list
from api.client_writer.operations import Operation, Parameter

ON_TOP = "ask"  # the tag whose methods are the client's own
ASKING = {"query", "ask"}  # what is asked there
_PAGED = re.compile(r"`next` of the page before")
_IMPORTS = """
from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Literal
from uuid import uuid4

from footnote.client import models
from footnote.client._async.transport import Transport
from footnote.client.events import {events}
from footnote.client.files import File, Upload
from footnote.client.wire import Call, given, many, parsed, step
"""
_INIT = """
    def __init__(self, transport: Transport) -> None:
        self._transport = transport
"""


def calls(operations: Sequence[Operation], spec: dict[str, Any]) -> str:
    schemas = spec["components"]["schemas"]
    tags = sorted({one.tag for one in operations}, key=lambda tag: (tag != ON_TOP, tag))
    named = sorted(name for one in operations if one.events for name in (_table(one), _kind(one)))
    imports = _IMPORTS.replace("{events}", ", ".join(named))
    parts = ['"""Every call that the service describes, by its tag."""', imports]
    for tag in tags:
        methods = [line for one in operations if one.tag == tag for line in _method(one, schemas)]
        parts.append(f"\nclass {_class(tag)}:{_INIT}\n" + "\n\n".join(methods))
    rooms = [tag for tag in tags if tag != ON_TOP]
    made = "\n".join(f"        self.{_word(tag)} = {_class(tag)}(transport)" for tag in rooms)
    parts.append(
        f"\nclass Calls({_class(ON_TOP)}):\n    def __init__(self, transport: Transport) -> None:\n"
        f"        super().__init__(transport)\n{made}\n"
    )
    return "\n".join(parts)


def events(operations: Sequence[Operation]) -> str:
    """The kinds of events of whatever comes bit by bit."""
    told = [one for one in operations if one.events]
    names = ", ".join(sorted({name for one in told for name in one.events.values()}))
    parts = [
        '"""What comes bit by bit."""\n\nfrom __future__ import annotations\n\nfrom typing import TypeAlias\n\n'
        f"from footnote.client.models import {names}\n"
    ]
    for one in told:
        kind, table = _kind(one), _table(one)
        lines = "\n".join(f"    {event!r}: {name}," for event, name in one.events.items())
        parts.append(
            f"\n{kind}: TypeAlias = {' | '.join(one.events.values())}\n"
            f"{table}: dict[str, type[{kind}]] = {{\n{lines}\n}}\n"
        )
    return "".join(parts)


def _kind(operation: Operation) -> str:
    """What its events are called; those of answers need no name of the operation."""
    return "AnswerEvent" if operation.name in ASKING else f"{_class(operation.name).removesuffix('Calls')}Told"


def _table(operation: Operation) -> str:
    return "ANSWER_EVENTS" if operation.name in ASKING else f"{operation.name.upper()}_EVENTS"


def _word(tag: str) -> str:
    return re.sub(r"\W", "_", tag)


def _class(tag: str) -> str:
    return "".join(word.capitalize() for word in _word(tag).split("_")) + "Calls"


def _method(operation: Operation, schemas: Mapping[str, Any]) -> list[str]:
    told = [one for one in operation.parameters if not (operation.events and one.name == "stream")]
    head = _signature(told, schemas, key=operation.key)
    doc = _docstring(operation.doc, told)
    call = _call(operation, told)
    done, gives = _sending(operation)
    found = [f"    async def {operation.name}({head}) -> {gives}:\n{doc}\n{call}\n        {done}\n"]
    if operation.events:
        stream, table = _call(operation, told, '"stream": True'), _table(operation)
        name = "stream" if operation.name in ASKING else f"stream_{operation.name}"
        found.append(
            f"    async def {name}({head}) -> AsyncIterator[{_kind(operation)}]:\n"
            f"{_docstring('The same as it comes, bit by bit.', told)}\n{stream}\n"
            "        async for event in self._transport.events(call):\n"
            f"            if event.kind in {table}:\n"
            f"                yield parsed({table}[event.kind], event.data)\n"
        )
    return found + _pages(operation, told, schemas)


def _signature(told: Sequence[Parameter], schemas: Mapping[str, Any], *, key: bool = False) -> str:
    first = [f"{one.python}: {annotation(one.schema, schemas)}" for one in told if one.required]
    rest = [f"{one.python}: {_optional(one, schemas)}" for one in told if not one.required]
    rest += ["idempotency_key: str | None = None"] if key else []
    return ", ".join(["self", *first, *(["*", *rest] if rest else [])])


def _optional(one: Parameter, schemas: Mapping[str, Any]) -> str:
    kind, value = annotation(one.schema, schemas), default(one.schema)
    kind = f"{kind} | None" if value == "None" and "None" not in kind.split(" | ") else kind
    return f"{kind} = {value}"


def _docstring(doc: str, told: Sequence[Parameter]) -> str:
    """The description, and what is said of single arguments where it does not name them."""
    more = [f"`{one.python}`: {one.doc}" for one in told if one.doc and f"`{one.python}`" not in doc]
    paragraphs = [*re.split(r"\n\n+", doc.strip()), *([" ".join(_sentence(one) for one in more)] if more else [])]
    wrapped = ["\n".join(textwrap.wrap(" ".join(one.split()), 108, break_on_hyphens=False)) for one in paragraphs]
    text = textwrap.indent("\n\n".join(wrapped), " " * 8).strip()
    return f'        """{text}"""' if "\n" not in text else f'        """{text}\n        """'


def _sentence(text: str) -> str:
    return text.rstrip(".,") + "."


def _call(operation: Operation, told: Sequence[Parameter], more: str = "") -> str:
    path = re.sub(r"{(\w+)}", r"{step(\1)}", operation.path)
    parts = [repr(operation.method), f'f"{path}"' if "{" in path else f'"{path}"']
    for place in ("query", "json", "form"):
        inside = [one for one in told if one.place == place]
        if inside or (place == "json" and more):
            parts.append(f"{place}={_given(inside, more if place == 'json' else '')}")
    files = ", ".join(f'"{one.name}": {one.python}' for one in told if one.place == "file")
    parts += [f"files={{{files}}}"] if files else []
    parts += ["key=idempotency_key or uuid4().hex"] if operation.key else []
    return f"        call = Call({', '.join(parts)})"


def _given(told: Sequence[Parameter], more: str) -> str:
    required = [f'"{one.name}": {_value(one)}' for one in told if one.required]
    optional = [f'"{one.name}": ({_value(one)}, {one.schema.get("default")!r})' for one in told if not one.required]
    return f"given({{{', '.join([*required, *([more] if more else [])])}}}, {{{', '.join(optional)}}})"


def _value(one: Parameter) -> str:
    return f"many({one.python})" if is_list(one.schema) else one.python


def _sending(operation: Operation) -> tuple[str, str]:
    """How the call is sent, and what it gives."""
    if operation.binary:
        return "return await self._transport.file(call)", "File"
    named = {status: f"models.{name}" for status, name in operation.results.items() if name}
    if not named:
        return f"await self._transport.done(call, {tuple(operation.results)!r})", "None"
    kinds = ", ".join(f"({status}, {name})" for status, name in named.items())
    how = "answer" if len(named) == 1 else "either"
    return f"return await self._transport.{how}(call, {kinds})", " | ".join(named.values())


def _pages(operation: Operation, told: Sequence[Parameter], schemas: Mapping[str, Any]) -> list[str]:
    """Where there are pages, a method that goes through them."""
    cursor = next((one for one in told if one.place == "query" and _PAGED.search(one.doc)), None)
    if cursor is None:
        return []
    fields = schemas[operation.results[200] or ""]["properties"]
    items, inner = next((name, one["items"]) for name, one in fields.items() if "$ref" in one.get("items", {}))
    kind = f"models.{inner['$ref'].rpartition('/')[2]}"
    rest = [one for one in told if one is not cursor]
    passed = ", ".join(one.python if one.required else f"{one.python}={one.python}" for one in [*rest, cursor])
    name = operation.name.replace("list", "all", 1) if operation.name.startswith("list") else items
    return [
        f"    async def {name}({_signature(rest, schemas)}) -> AsyncIterator[{kind}]:\n"
        f'        """Each of the {items}, page after page; `limit`: of a page."""\n'
        f"        {cursor.python}: {_optional(cursor, schemas)}\n"
        "        while True:\n"
        f"            page = await self.{operation.name}({passed})\n"
        f"            for one in page.{items}:\n"
        "                yield one\n"
        "            if page.next is None:\n"
        "                return\n"
        f"            {cursor.python} = page.next\n"
    ]
