"""A schema as the annotation of an argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.client_writer.operations import is_file

_FORMATS = {"date": "dt.date", "date-time": "dt.datetime"}
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
Schemas = Mapping[str, Any]


def annotation(schema: Mapping[str, Any], schemas: Schemas) -> str:
    """An enum takes plain words too, a list of words one word alone."""
    if is_file(schema):
        return "Upload | Iterable[Upload]" if schema.get("type") == "array" else "Upload"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"models.{name} | str" if "enum" in schemas[name] else f"models.{name}"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(annotation(one, schemas) for one in schema["anyOf"]))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if schema.get("type") == "array":
        inner = annotation(schema.get("items", {}), schemas)
        return f"{'str | ' if _of_words(inner) else ''}Sequence[{inner}]"
    if schema.get("type") == "string" and schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    return _PLAIN.get(schema.get("type", ""), "Any")


def is_list(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or any(one.get("type") == "array" for one in schema.get("anyOf", ()))


def default(schema: Mapping[str, Any]) -> str:
    """As source; None where the schema has none."""
    value = schema.get("default")
    return repr(tuple(value)) if isinstance(value, list) else repr(value)


def _of_words(inner: str) -> bool:
    return inner == "str" or inner.endswith("| str") or inner.startswith("Literal[")
