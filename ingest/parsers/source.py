"""Source files: the text as it stands there, with the functions and classes that tree-sitter finds in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.parsers.clean import decoded
from ingest.reading.detect import SOURCES
from ingest.types import Definition, Element, ElementKind, FileWarning, ParsedFile, WarningKind

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST = 12  # definitions in definitions
_DEEPEST_NODE = 200
_MOST_SAID = 200  # comments above a definition
_NAMED = 80  # characters of a name
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI_WARNING = FileWarning(
    WarningKind.READING_ORDER,
    "The source file holds signs that turn its letters around on a screen; they were left out. What it does may not be "
    "what an editor shows.",
)
# Of each language the grammar's module, the function in it, and the nodes that are definitions.
_JS = (
    "function_declaration generator_function_declaration class_declaration method_definition variable_declarator "
    "field_definition"
)
_TS = (
    f"{_JS} abstract_class_declaration interface_declaration type_alias_declaration enum_declaration internal_module "
    "public_field_definition"
)
_C = "function_definition struct_specifier union_specifier enum_specifier"
_SQL = (
    "create_table create_view create_materialized_view create_function create_procedure create_trigger create_index "
    "create_type alter_table"
)
_LANGUAGES: Mapping[str, tuple[str, str, frozenset[str]]] = {
    kind: (module, function, frozenset(nodes.split()))
    for kind, module, function, nodes in (
        ("text/x-python", "tree_sitter_python", "language", "function_definition class_definition"),
        ("text/javascript", "tree_sitter_javascript", "language", _JS),
        ("text/x-typescript", "tree_sitter_typescript", "language_typescript", _TS),
        ("text/x-tsx", "tree_sitter_typescript", "language_tsx", _TS),
        ("text/x-java", "tree_sitter_java", "language", "class_declaration interface_declaration enum_declaration "
         "record_declaration annotation_type_declaration method_declaration constructor_declaration"),
        ("text/x-c", "tree_sitter_c", "language", _C),
        ("text/x-c++", "tree_sitter_cpp", "language", f"{_C} class_specifier namespace_definition"),
        ("text/x-go", "tree_sitter_go", "language", "function_declaration method_declaration type_spec"),
        ("text/x-rust", "tree_sitter_rust", "language", "function_item impl_item struct_item enum_item trait_item "
         "union_item mod_item macro_definition"),
        ("application/sql", "tree_sitter_sql", "language", _SQL),
    )
}  # fmt: skip
_FUNCTIONS = {"arrow_function", "function_expression", "class", "generator_function"}  # that a name is declared as


class SourceParser:
    media_types = frozenset(SOURCES.values())

    def parse(self, data: bytes, name: str) -> ParsedFile:
        kind = SOURCES[PurePath(name).suffix.lower()]
        text, warnings = decoded(data)
        if _BIDI.search(text):
            warnings = (*warnings, _BIDI_WARNING)
        text = _INVISIBLE.sub("", re.sub(r"\r\n?", "\n", text)).rstrip().lstrip("\n")
        element = Element(ElementKind.CODE, text, definitions=tuple(definitions(text, kind)))
        return ParsedFile(PurePath(name).name, kind, (element,) if text else (), warnings=warnings)


def definitions(text: str, kind: str) -> list[Definition]:
    """The functions, classes and the like of a source text, in order; none for a language without a grammar."""
    if kind not in _LANGUAGES:
        return []
    from tree_sitter import Language, Parser

    module, function, nodes = _LANGUAGES[kind]
    data = text.encode()
    tree = Parser(Language(getattr(import_module(module), function)())).parse(data)
    found = [(_begin(node), _end(node, data), _name(node)) for node in _walk(tree.root_node, nodes)]
    places = _places(data)
    return [Definition(int(places[start]), int(places[end]), name) for start, end, name in _nested(found)]


def _walk(root: Node, wanted: frozenset[str]) -> Iterator[Node]:
    """Definitions, outer ones before those in them."""
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if node.type in wanted and _defines(node):
            yield node
        if depth < _DEEPEST_NODE:
            waiting += [(child, depth + 1) for child in reversed(node.named_children)]


def _defines(node: Node) -> bool:
    """Whether it says what a name stands for, and does not merely use it."""
    if node.type in {"variable_declarator", "field_definition", "public_field_definition"}:
        value = node.child_by_field_name("value")
        return value is not None and value.type in _FUNCTIONS
    if node.type.endswith("_specifier"):
        return node.child_by_field_name("body") is not None
    return True


def _begin(node: Node) -> int:
    """Where the definition begins, with its decorators, keywords and the comments right above it."""
    while (outer := node.parent) is not None and outer.parent is not None and _wraps(outer, node):
        node = outer
    before = node.prev_named_sibling
    for _ in range(_MOST_SAID):
        if before is None or not _is_said_of(before) or before.end_point[0] + 1 < node.start_point[0]:
            break
        above = before.prev_named_sibling
        if above is not None and not _is_said_of(above) and above.end_point[0] == before.start_point[0]:
            break  # a comment at the end of another line
        node, before = before, above
    return node.start_byte


def _end(node: Node, data: bytes) -> int:
    """Where it ends, with the sign that closes the statement."""
    end = node.end_byte
    while data[end : end + 1] in (b";", b","):
        end += 1
    return end


def _is_said_of(node: Node) -> bool:
    return "comment" in node.type or node.type == "attribute_item"


def _wraps(outer: Node, node: Node) -> bool:
    """Whether `outer` is nothing but this definition with something before it."""
    kinds = (
        "decorated_definition",
        "export_statement",
        "template_declaration",
        "lexical_declaration",
        "type_declaration",
    )
    return outer.type in kinds and outer.named_children[-1] == node


def _name(node: Node) -> str:
    fields = ("name", "property", "declarator")
    part = next((found for field in fields if (found := node.child_by_field_name(field)) is not None), None)
    while part is not None and (inner := part.child_by_field_name("declarator")) is not None:
        part = inner  # C: int *(*name)(int)
    if node.type == "impl_item":
        part = node.child_by_field_name("type")
    if part is None:  # SQL
        part = next((child for child in node.named_children if child.type in ("object_reference", "identifier")), None)
    words = part.text.decode(errors="replace").split() if part is not None and part.text else [node.type]
    return " ".join(words)[:_NAMED]


def _nested(found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """In order, without those that overlap one before, or lie in too many."""
    open_: list[int] = []
    last = 0
    for start, end, name in sorted(found, key=lambda one: (one[0], -one[1])):
        while open_ and open_[-1] <= start:
            open_.pop()
        if start >= last and len(open_) < _DEEPEST and (not open_ or end <= open_[-1]):
            yield start, end, name
            open_.append(end)
            last = start


def _places(data: bytes) -> NDArray[np.int64]:
    """The character that begins at each byte of UTF-8, and their number."""
    begins = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(begins, dtype=np.int64)])
