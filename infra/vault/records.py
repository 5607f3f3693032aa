"""What of a record may stand in clear, and whose the rest is.

Private is whatever is not named here. `torn` takes a record apart: what stands, and each private value with its place
and what it tells of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MARK = "[sealed]"  # where a private value was
Path = tuple[str | int, ...]

# Strings under these names stand if they look like what they should be.
_IDS = frozenset(
    "answer_id audit_id document_id person_id group_id key_id entry_id batch backup documents feedback "
    "asked_again review_id conversation".split()
)
_TIMES = frozenset("at as_of since until expires_at taken_at".split())
_HASHES = frozenset("lost_hash indices head former".split())
_CODES = frozenset(
    "kind way refused status verdict stage note why purpose language scopes how kind_of_source fact changed "
    "format strictness".split()
)
_CLEAR = {
    **dict.fromkeys(_IDS, re.compile(r"[0-9a-f-]{8,36}(\.\d{1,6})?")),
    **dict.fromkeys(_TIMES, re.compile(r"[0-9T:.+Z -]{4,40}")),
    **dict.fromkeys(_HASHES, re.compile(r"[0-9a-f]{16,128}")),
    **dict.fromkeys(_CODES, re.compile(r"[a-z][a-z0-9_.-]{0,40}")),
    "action": re.compile(r"[a-z_ ]{1,40}"),
    "version_id": re.compile(r"v_[A-Za-z0-9_-]{16}"),
    "release": re.compile(r"[a-z0-9][a-z0-9._-]{0,63}"),
}
# These may hold what stands; numbers, truth values and nothing stand under them, strings do not.
_KNOWN = frozenset(_CLEAR) | frozenset(
    (
        "subject pseudonym accesses shown hits version page start end answer sentences citations text support part "
        "cautions boxes x0 y0 x1 y1 id quote title source section_path page_label bates cell confidence warnings words "
        "abstention nearest searched query passages clues effect parts question assumed alternatives left_aside "
        "withheld explanation principal groups shut filter follow_up earlier search asked parts_asked named hypothesis "
        "openings marker judgement reason routing left_out context languages lead score ahead copies replies cut cited "
        "surplus label before managers walls counts interrupted times sessions active quoted walled user user_name was "
        "added removed users name questions tokens lost_from lost_to rows first last cost cost_at_least content_sha256 "
        "text_sha256 chunk_id cited_before cells shared_with turn superseded_by"
    ).split()
)
_TREES = frozenset("recipe model usage timings_ms gate guard counts languages numbers".split())  # of the installation
_USERS = frozenset({"user", "user_name", "users", "was", "added", "removed"})  # strings under them name people
_TREE_CODE = re.compile(r"[A-Za-z0-9_.:+@/=,-]{1,160}")
_TREE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_PERSON = re.compile(r"person:[0-9a-f]{32}")
_USER = re.compile(r"[!?]?user:(.+)", re.DOTALL)
_OF_CONTEXT = frozenset({"withheld", "openings", "left_out", "replies", "hits", "lead", "routing"})  # of a whole answer


@dataclass(frozen=True, slots=True)
class Whose:
    """Of what a value tells: documents by id and people by user name, beside the entry, its month and who did it."""

    documents: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()

    def too(self, documents: frozenset[str]) -> Whose:
        return Whose(self.documents | documents, self.users)


@dataclass(frozen=True, slots=True)
class Private:
    path: Path
    value: Any
    whose: Whose


@dataclass(slots=True)
class Torn:
    """`clear`: the record with `MARK` for what was taken out, or without it where its very name may tell."""

    clear: dict[str, Any]
    private: list[Private] = field(default_factory=list)


def torn(record: Mapping[str, Any]) -> Torn:
    """Of a record as JSON has it, or of one access. Its `principal` is left to the caller."""
    cut = _Cut(_Answer(record))
    clear = cut.members(record, (), Whose(), outermost=True)
    return Torn(clear, cut.private)


class _Answer:
    """Which documents the parts of an answer's records tell of."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        inner = record.get("answer")
        answer: Mapping[str, Any] = inner if isinstance(inner, Mapping) else record
        told = [*_dicts(answer.get("citations")), *_dicts(record.get("cited_before"))]
        self._quoted = {one["id"]: id_ for one in told if isinstance(one.get("id"), int) for id_ in _document(one)}
        nearest = answer.get("abstention")
        near = _dicts(nearest.get("nearest")) if isinstance(nearest, Mapping) else []
        self.cited = frozenset(self._quoted.values()) | {id_ for one in near for id_ in _document(one)}
        self.all = self.cited | {id_ for one in _dicts(record.get("context")) for id_ in _document(one)}

    def whose(self, path: Path, value: Any) -> frozenset[str]:
        """Of the value at this place, beside what it names itself."""
        inner = path[1:] if path[0] == "answer" else path
        if not inner:
            return self.cited if isinstance(value, str) else frozenset()
        if inner[0] == "sentences" and len(inner) == 2 and isinstance(value, Mapping):
            ids = value.get("citations")
            known = (
                [self._quoted.get(one, "") for one in ids if isinstance(one, int)] if isinstance(ids, list) else [""]
            )
            return frozenset(known) if all(known) else self.all
        if path[0] == "answer" and inner[0] in {"answer", "explanation", "cautions"}:
            return self.cited
        if (
            inner[0] in _OF_CONTEXT
            or (inner[0] == "parts" and inner[-1] == "title")
            or path == ("search", "hypothesis")
        ):
            return self.all
        return frozenset()


class _Cut:
    def __init__(self, answer: _Answer) -> None:
        self._answer = answer
        self.private: list[Private] = []

    def members(self, node: Mapping[str, Any], path: Path, whose: Whose, *, outermost: bool = False) -> dict[str, Any]:
        whose = whose.too(_document(node))
        found: dict[str, Any] = {}
        for name, value in node.items():
            place = (*path, name)
            of = whose.too(self._answer.whose(place, value))
            if (outermost and name == "principal") or (name in _TREES and _is_plain(value)):
                found[name] = value
            elif name in _KNOWN or name in _TREES:
                found[name] = self._value(value, place, of, name)
            else:
                self.private.append(Private(place, value, of))
                if outermost:  # what a record itself is made of has names of ours
                    found[name] = MARK
        return found

    def _value(self, value: Any, path: Path, whose: Whose, name: str) -> Any:
        if isinstance(value, Mapping):
            return self.members(value, path, whose)
        if isinstance(value, list):
            return [
                self._value(one, (*path, at), whose.too(self._answer.whose((*path, at), one)), name)
                for at, one in enumerate(value)
            ]
        if not isinstance(value, str) or not value or _stands(name, value):
            return value
        self.private.append(Private(path, value, Whose(whose.documents, whose.users | _users(name, value))))
        return MARK


def _stands(name: str, value: str) -> bool:
    pattern = _CLEAR.get(name, _PERSON)
    return pattern.fullmatch(value) is not None


def _users(name: str, value: str) -> frozenset[str]:
    found = _USER.fullmatch(value)
    return frozenset({found[1]}) if found else frozenset({value} if name in _USERS else ())


def _is_plain(value: Any) -> bool:
    """Settings of the installation, measures and codes: nothing in it that somebody wrote."""
    if isinstance(value, Mapping):
        return all(_TREE_NAME.fullmatch(name) and _is_plain(one) for name, one in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return (
        not isinstance(value, str) or not value or (_TREE_CODE.fullmatch(value) is not None and not _USER.match(value))
    )


def _document(node: Mapping[str, Any]) -> frozenset[str]:
    own = node.get("document_id")
    return frozenset({own} if isinstance(own, str) and _stands("document_id", own) else ())


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def users_of(principal: Any) -> Iterator[str]:
    """The person that a record's principal is, if it is one."""
    if isinstance(principal, Mapping):
        principal = f"user:{principal.get('user', '')}"
    if isinstance(principal, str) and (found := _USER.fullmatch(principal)):
        yield found[1]
