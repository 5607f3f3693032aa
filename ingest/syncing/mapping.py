"""Who may read what of a source: rules from a TOML file, the first one that fits an item decides."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingest.errors import FootnoteError
from ingest.syncing.types import Facts
from ingest.types import is_principal

_CONDITIONS = {"path": "", "owner": "owner", "group": "group", "mailbox": "mailbox"}
_KEYS = {*_CONDITIONS, "recipient", "tags", "allow", "ignore"}
_IGNORED = ("",)  # lets nobody in
_PLACE = re.compile(r"\{([a-z_]+)\}")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\{[a-z_]+\}|.", re.DOTALL)


class MappingError(FootnoteError):
    """The mapping file cannot be read or says something that has no meaning."""

    code = "wrong_mapping"


@dataclass(frozen=True, slots=True)
class Rule:
    """Fits an item if all its conditions hold, names compared in NFC. Then says who may read it, or that it is left
    out."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    tags: tuple[tuple[str, re.Pattern[str]], ...]
    recipient: re.Pattern[str] | None
    allow: tuple[str, ...]

    def label(self, key: str, facts: Facts) -> frozenset[str] | None:
        """None where the rule does not fit; empty where it lets nobody in."""
        told = {"owner": facts.owner, "group": facts.group}
        for name, pattern in self.patterns:
            value = _composed(key if name == "path" else getattr(facts, name))
            found = pattern.fullmatch(value) if value else None  # "*" is somebody, not nobody
            if found is None:
                return None
            told |= found.groupdict()
        have = {_composed(name): _composed(value) for name, value in facts.tags}
        if any(name not in have or not pattern.fullmatch(have[name]) for name, pattern in self.tags):
            return None
        if self.recipient is not None and not any(
            self.recipient.fullmatch(_composed(address)) for address in facts.recipients
        ):
            return None
        named = frozenset(_PLACE.sub(lambda match: told.get(match[1], ""), token) for token in self.allow)
        return named if all(map(is_principal, named)) else frozenset()


@dataclass(frozen=True, slots=True)
class Mapping:
    rules: tuple[Rule, ...]

    def label(self, key: str, facts: Facts) -> frozenset[str]:
        """Who may read the item; nobody where no rule fits, or the first one that does leaves it out."""
        for rule in self.rules:
            label = rule.label(key, facts)
            if label is not None:
                return label
        return frozenset()

    def ignores(self, key: str, facts: Facts) -> bool:
        """Whether the first rule that fits the item leaves it out."""
        fitting = (rule for rule in self.rules if rule.label(key, facts) is not None)
        return next((rule.allow == _IGNORED for rule in fitting), False)

    @property
    def wanted(self) -> frozenset[str]:
        """The facts that rules look at, by the names of `Facts`."""
        named = {name for rule in self.rules for name, _ in rule.patterns}
        named |= {"tags" for rule in self.rules if rule.tags}
        named |= {"recipients" for rule in self.rules if rule.recipient}
        return frozenset(named & {field.name for field in fields(Facts)})


class MappingFile:
    """A mapping as its file has it now: read at each look, parsed when it is another one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._last: tuple[str, Mapping] | None = None

    def read(self) -> Mapping:
        """Raises `MappingError`."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MappingError(f"The mapping {self.path} cannot be read: {error}.") from error
        last = self._last
        if last is None or last[0] != text:
            last = self._last = (text, parse_mapping(text, str(self.path)))
        return last[1]


def parse_mapping(text: str, name: str) -> Mapping:
    """Raises `MappingError`."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"The mapping {name} is no TOML: {error}.") from error
    rules = told.get("rule")
    if set(told) - {"rule"} or not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise MappingError(f"The mapping {name} has to consist of [[rule]] tables. See docs/connectors.md.")
    return Mapping(tuple(_rule(rule, f"{name}, rule {number}") for number, rule in enumerate(rules, 1)))


def _rule(told: Map[str, Any], where: str) -> Rule:
    if unknown := sorted(set(told) - _KEYS):
        raise MappingError(f"{where}: {unknown[0]!r} is not known. A rule has {', '.join(sorted(_KEYS))}.")
    patterns = tuple((name, _glob(told[name], where, named=name == "path")) for name in _CONDITIONS if name in told)
    tags = told.get("tags", {})
    if not isinstance(tags, dict):
        raise MappingError(f'{where}: tags are a table, as in tags = {{ client = "acme" }}.')
    recipient = _glob(told["recipient"].lower(), where) if isinstance(told.get("recipient"), str) else None
    if "recipient" in told and recipient is None:
        raise MappingError(f"{where}: recipient has to be an address, perhaps with *.")
    if not patterns and not tags and recipient is None:
        raise MappingError(f'{where} has no condition. Write path = "**" if it is for everything.')
    tagged = tuple((_composed(name), _glob(value, where)) for name, value in sorted(tags.items()))
    return Rule(patterns, tagged, recipient, _allowed(told, patterns, where))


def _allowed(told: Map[str, Any], patterns: Sequence[tuple[str, re.Pattern[str]]], where: str) -> tuple[str, ...]:
    allow, ignore = told.get("allow"), told.get("ignore", False)
    if ignore is True and allow is None:
        return _IGNORED
    names = allow if isinstance(allow, list) else []
    if ignore is not False or not names or not all(isinstance(name, str) for name in names):
        raise MappingError(f'{where} needs either allow = ["group:NAME", ...] or ignore = true.')
    known = {"owner", "group"}.union(*(pattern.groupindex for _, pattern in patterns))
    for name in names:
        if set(_PLACE.findall(name)) - known:
            raise MappingError(f"{where}: {name!r} takes a name that path does not give.")
        if not is_principal(_PLACE.sub("x", name)):
            raise MappingError(f"{where}: {name!r} is not a principal: write user:NAME or group:NAME.")
    return tuple(names)


def _glob(text: object, where: str, *, named: bool = False) -> re.Pattern[str]:
    """`*` and `?` within one step of a path, `**` over steps, `{name}` one step that has a name."""
    if not isinstance(text, str) or not text:
        raise MappingError(f"{where}: {text!r} is no pattern.")
    parts, seen = [], set()
    for token in _TOKEN.findall(_composed(text)):
        if _PLACE.fullmatch(token) and named:
            if token in seen:
                raise MappingError(f"{where}: {token} occurs twice.")
            seen.add(token)
            parts.append(f"(?P<{token[1:-1]}>[^/]+)")
        else:
            parts.append(_GLOB.get(token) or re.escape(token))
    return re.compile("".join(parts), re.DOTALL)


def _composed(text: str) -> str:
    """NFC: the same name whether a system composes its letters or takes them apart, as macOS does."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_GLOB = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
