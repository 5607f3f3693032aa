"""PATCH of SCIM (RFC 7644, 3.5.2) as Okta and Microsoft Entra send it: a record and operations give what is to be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from api.http.people import GroupData, GroupRecord, PersonData, PersonRecord
from api.http.scim.errors import InvalidPath, InvalidValue
from api.http.scim.resources import GROUP, USER, GroupIn, UserIn

Kind = TypeVar("Kind", bound=BaseModel)
_MEMBER = re.compile(r'members\[\s*value\s+eq\s+"([^"]*)"\s*\]', re.IGNORECASE)
_EMAIL = re.compile(r'emails\[\s*type\s+eq\s+"([^"]*)"\s*\](?:\.value)?', re.IGNORECASE)
_CORE = {
    name.lower(): name
    for name in ("userName", "externalId", "active", "displayName", "name", "emails", "members", "id", "schemas")
}
_NAME = {name.lower(): name for name in ("formatted", "familyName", "givenName")}
_FIXED = {"id", "schemas"}


class Operation(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    op: str
    path: str | None = Field(None, max_length=300)
    value: Any = None

    @field_validator("op")
    @classmethod
    def _known(cls, op: str) -> str:
        if op.lower() not in {"add", "replace", "remove"}:
            raise ValueError("op is add, replace or remove")
        return op.lower()


class Patch(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    Operations: list[Operation] = Field(min_length=1, max_length=1000)


def patched_person(person: PersonRecord, operations: Iterable[Operation]) -> PersonData:
    """Raises `InvalidPath` and `InvalidValue`."""
    fields: dict[str, Any] = {
        "userName": person.user_name,
        "externalId": person.external_id,
        "active": person.active,
        **person.attributes,
    }
    person_in = _valid(UserIn, fields)
    for one in operations:
        for path, value in _targets(one, USER):
            _set_of_person(fields, one.op, path, value)
            person_in = _valid(UserIn, fields)  # at each step, for the next one takes it for what it should be
    return person_in.data(active=person.active)


def patched_group(group: GroupRecord, operations: Iterable[Operation]) -> GroupData:
    """Raises `InvalidPath` and `InvalidValue`."""
    fields: dict[str, Any] = {"displayName": group.display_name, "externalId": group.external_id}
    members = {id_ for id_, _ in group.members}
    for one in operations:
        for path, value in _targets(one, GROUP):
            if path.lower() == "members" or _MEMBER.fullmatch(path):
                members = _members(members, one.op, path, value)
            else:
                _set(fields, one.op, path, value)
    return _valid(GroupIn, fields | {"members": [{"value": id_} for id_ in members]}).data()


def _targets(one: Operation, schema: str) -> Iterable[tuple[str, Any]]:
    """Paths and values; without a path the value is an object of them."""
    if one.path is not None:
        return [(one.path.removeprefix(f"{schema}:"), one.value)]
    if not isinstance(one.value, Mapping):
        raise InvalidValue("An operation without a path needs an object as its value.")
    return [(str(path).removeprefix(f"{schema}:"), value) for path, value in one.value.items()]


def _set_of_person(fields: dict[str, Any], op: str, path: str, value: Any) -> None:
    email = _EMAIL.fullmatch(path)
    if email:
        kept = [one for one in fields.get("emails", []) if one.get("type") != email[1]]
        address = value.get("value") if isinstance(value, Mapping) else value
        fields["emails"] = kept if op == "remove" else [*kept, {"type": email[1], "value": address}]
    elif path.lower().startswith("name."):
        part = _NAME.get(path.lower().removeprefix("name."))
        if part:
            held = dict(fields.get("name") or {})
            fields["name"] = {**held, part: None if op == "remove" else value}
    elif path.lower() == "members":
        raise InvalidPath("A user has no members.")
    else:
        _set(fields, op, path, value)


def _set(fields: dict[str, Any], op: str, path: str, value: Any) -> None:
    """What Footnote has no use for is taken and not stored."""
    name = _CORE.get(path.lower())
    if name is None or name in _FIXED:
        return
    if op == "remove":
        if name == "userName" or (name == "displayName" and "userName" not in fields):  # which is a group's
            raise InvalidPath(f"{name} is required and cannot be removed.")
        if name == "active":
            raise InvalidPath("active cannot be removed: replace it by false.")
        fields.pop(name, None)
    elif name == "name" and isinstance(value, Mapping):
        fields[name] = {**dict(fields.get(name) or {}), **value}
    elif name == "active" and value is None:
        raise InvalidValue("active is true or false.")
    else:
        fields[name] = value


def _members(members: set[str], op: str, path: str, value: Any) -> set[str]:
    named = _MEMBER.fullmatch(path)
    if named:
        if op != "remove":
            raise InvalidPath("A member is added with the path members.")
        return members - {named[1].lower()}
    if op == "remove" and value is None:
        return set()
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, Mapping) and isinstance(one.get("value"), str) for one in listed):
        raise InvalidValue('Members are a list of {"value": "ID OF A USER"}.')
    given = {one["value"].lower() for one in listed}
    return {"add": members | given, "remove": members - given, "replace": given}[op]


def _valid(kind: type[Kind], fields: dict[str, Any]) -> Kind:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidValue(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
