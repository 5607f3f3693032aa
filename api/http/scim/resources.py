"""People and groups as resources of SCIM (RFC 7643): what is sent, and what is stored of what comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.http.people import GroupData, GroupRecord, PersonData, PersonRecord

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
BASE = "/scim/v2"
_ALWAYS = {"schemas", "id", "meta"}


class _In(BaseModel):
    """Attributes that Footnote has no use for are taken and not stored."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    @field_validator("*", mode="after")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("holds a NUL")
        return value


class NameIn(_In):
    formatted: str | None = Field(None, max_length=300)
    familyName: str | None = Field(None, max_length=200)
    givenName: str | None = Field(None, max_length=200)


class EmailIn(_In):
    value: str = Field(max_length=320)
    type: str | None = Field(None, max_length=40)
    primary: bool | None = None


class UserIn(_In):
    """`active` absent: as it was, true for somebody new."""

    userName: str = Field(min_length=1, max_length=128)
    externalId: str | None = Field(None, max_length=300)
    active: bool | None = None
    displayName: str | None = Field(None, max_length=300)
    name: NameIn | None = None
    emails: list[EmailIn] = Field(default_factory=list, max_length=20)

    def data(self, *, active: bool) -> PersonData:
        """`active`: where nothing is said."""
        shown = self.model_dump(include={"displayName", "name", "emails"}, exclude_none=True)
        kept = {name: value for name, value in shown.items() if value}
        return PersonData(self.userName, self.externalId or None, active if self.active is None else self.active, kept)


class MemberIn(_In):
    value: str = Field(max_length=100)


class GroupIn(_In):
    displayName: str = Field(min_length=1, max_length=300)
    externalId: str | None = Field(None, max_length=300)
    members: list[MemberIn] = Field(default_factory=list)

    def data(self) -> GroupData:
        return GroupData(self.displayName, self.externalId, frozenset(one.value.lower() for one in self.members))


def user(person: PersonRecord) -> dict[str, Any]:
    found: dict[str, Any] = {"schemas": [USER], "id": person.id, "userName": person.user_name, "active": person.active}
    if person.external_id is not None:
        found["externalId"] = person.external_id
    groups = [
        {"value": id_, "display": name, "type": "direct", "$ref": f"{BASE}/Groups/{id_}"} for id_, name in person.groups
    ]
    return found | dict(person.attributes) | {"groups": groups, "meta": _meta("User", person)}


def group(record: GroupRecord) -> dict[str, Any]:
    found: dict[str, Any] = {"schemas": [GROUP], "id": record.id, "displayName": record.display_name}
    if record.external_id is not None:
        found["externalId"] = record.external_id
    members = [
        {"value": id_, "display": name, "type": "User", "$ref": f"{BASE}/Users/{id_}"} for id_, name in record.members
    ]
    return found | {"members": members, "meta": _meta("Group", record)}


def listed(resources: Sequence[Mapping[str, Any]], total: int, start: int) -> dict[str, Any]:
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def shown(resource: Mapping[str, Any], only: str, without: str) -> dict[str, Any]:
    """With the query's `attributes` and `excludedAttributes`, of which the first word counts."""
    wanted, hidden = _names(only), _names(without)
    return {
        name: value
        for name, value in resource.items()
        if name in _ALWAYS or ((not wanted or name.lower() in wanted) and name.lower() not in hidden)
    }


def _names(text: str) -> set[str]:
    return {name.strip().rpartition(":")[2].partition(".")[0].lower() for name in text.split(",") if name.strip()}


def _meta(kind: str, record: PersonRecord | GroupRecord) -> dict[str, str]:
    return {
        "resourceType": kind,
        "created": _time(record.created_at),
        "lastModified": _time(record.changed_at),
        "location": f"{BASE}/{kind}s/{record.id}",
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
