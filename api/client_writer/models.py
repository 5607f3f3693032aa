"""The models, by datamodel-code-generator."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from api.client_writer.operations import Operation

_COMMAND = [
    sys.executable, "-m", "datamodel_code_generator", "--input-file-type", "openapi",
    "--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11",
    "--base-class", "footnote.client.base.Model",
    "--use-specialized-enum", "--import-overrides", json.dumps({"StrEnum": "footnote.client.base"}),
    "--enum-field-as-literal", "none", "--deserialize-default-values", "enum",
    "--strict-nullable", "--use-annotated", "--use-schema-description",
    "--output-datetime-class", "datetime", "--custom-file-header", "#", "--no-formatters",
]  # fmt: skip
_LIMITS = {"maxLength", "minLength", "maxItems", "minItems", "maximum", "minimum", "pattern"}


def models(spec: dict[str, Any], operations: Sequence[Operation]) -> str:
    """The schemas that the operations use, as source."""
    schemas = spec["components"]["schemas"]
    used = sorted(_reached(schemas, [ref for one in operations for ref in one.refs]))
    alone = {"openapi": spec["openapi"], "info": spec["info"], "paths": {}} | {
        "components": {"schemas": {name: _plain(schemas[name]) for name in used}}
    }
    done = subprocess.run(_COMMAND, input=json.dumps(alone), capture_output=True, text=True, check=True)
    text = re.sub(r"\A#\s*", "", done.stdout)
    text = re.sub(r'"""\n    (.*?)\n    """', _docstring, text, flags=re.DOTALL)
    return f'"""What the service answers."""\n\n{text}'


def _docstring(found: re.Match[str]) -> str:
    """Begun on the first line, as everywhere here."""
    body = found[1]
    return f'"""{body}\n    """' if "\n" in body else f'"""{body}"""'


def _reached(schemas: dict[str, Any], names: Sequence[str]) -> set[str]:
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(_refs(schemas[name]))
    return found


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _refs(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _refs(one)


def _plain(schema: Any) -> Any:
    """Without the titles that pydantic makes of names, and without limits, which are the service's to check. What the
    service always tells is required, where the description has no plain default."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: value
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
        and key not in _LIMITS
        and (key, value) != ("additionalProperties", False)
    }
    plain = {key: value if key == "default" else _plain(value) for key, value in kept.items()}
    if isinstance(plain.get("properties"), dict):
        plain["required"] = [name for name, one in plain["properties"].items() if _always(name, one, schema)]
        for one in plain["properties"].values():
            if isinstance(one.get("default"), dict) and "$ref" in one:
                del one["default"]
    return plain


def _always(name: str, one: dict[str, Any], schema: dict[str, Any]) -> bool:
    nullable = {"type": "null"} in one.get("anyOf", ())
    made = "default" not in one or ("$ref" in one and isinstance(one["default"], dict))
    return name in schema.get("required", ()) or (made and not nullable)
