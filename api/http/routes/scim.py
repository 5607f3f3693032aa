"""/scim/v2: the organisation's identity provider syncs people and groups (RFC 7643, 7644)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from api.http.auth import Identity
from api.http.deps import Directory, Recorded, Syncer, syncer
from api.http.problems import NotFound
from api.http.scim import discovery, filters
from api.http.scim.discovery import MOST
from api.http.scim.errors import SCIM_MEDIA_TYPE
from api.http.scim.patch import Patch, patched_group, patched_person
from api.http.scim.resources import BASE, GroupIn, UserIn, group, listed, shown, user

T = TypeVar("T")
router = APIRouter(prefix=BASE, include_in_schema=False)


class ScimResponse(JSONResponse):
    media_type = SCIM_MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a list or of one resource."""

    filter: Annotated[str, Query(max_length=2000)] = ""
    startIndex: Annotated[int, Query(le=2**31)] = 1  # noqa: N815
    count: Annotated[int, Query(le=2**31)] = 100
    attributes: Annotated[str, Query(max_length=2000)] = ""
    excludedAttributes: Annotated[str, Query(max_length=2000)] = ""  # noqa: N815

    @property
    def start(self) -> int:
        return max(1, self.startIndex)

    @property
    def page(self) -> tuple[int, int]:
        """Offset and limit."""
        return self.start - 1, min(max(0, self.count), MOST)

    def shown(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        return shown(resource, self.attributes, self.excludedAttributes)

    @property
    def members(self) -> bool:
        return "members" in self.shown({"members": ()})


Page = Annotated[Asked, Depends()]


@router.get("/Users")
def list_users(directory: Directory, caller: Syncer, asked: Page) -> Response:
    people, total = directory.people(filters.wanted(asked.filter, filters.USERS), *asked.page)
    return ScimResponse(listed([asked.shown(user(person)) for person in people], total, asked.start))


@router.post("/Users")
def create_user(body: UserIn, directory: Directory, caller: Syncer) -> Response:
    return _made(user(directory.add_person(body.data(active=True), _by(caller))))


@router.get("/Users/{user_id}")
def read_user(user_id: str, directory: Directory, caller: Syncer, asked: Page) -> Response:
    found = directory.person(user_id)
    return ScimResponse(asked.shown(user(_there(found))))


@router.put("/Users/{user_id}")
def replace_user(user_id: str, body: UserIn, directory: Directory, caller: Syncer, access: Recorded) -> Response:
    changed = directory.change_person(user_id, lambda known: body.data(active=known.active), _by(caller))
    access.shows(())
    return ScimResponse(user(_there(changed)))


@router.patch("/Users/{user_id}")
def change_user(user_id: str, body: Patch, directory: Directory, caller: Syncer, access: Recorded) -> Response:
    changed = directory.change_person(user_id, lambda known: patched_person(known, body.Operations), _by(caller))
    access.shows(())
    return ScimResponse(user(_there(changed)))


@router.delete("/Users/{user_id}", status_code=204)
def delete_user(user_id: str, directory: Directory, caller: Syncer) -> None:
    if not directory.remove_person(user_id, _by(caller)):
        raise NotFound(_NOBODY)


@router.get("/Groups")
def list_groups(directory: Directory, caller: Syncer, asked: Page) -> Response:
    wanted = filters.wanted(asked.filter, filters.GROUPS)
    groups, total = directory.groups(wanted, *asked.page, members=asked.members)
    return ScimResponse(listed([asked.shown(group(one)) for one in groups], total, asked.start))


@router.post("/Groups")
def create_group(body: GroupIn, directory: Directory, caller: Syncer) -> Response:
    return _made(group(directory.add_group(body.data(), _by(caller))))


@router.get("/Groups/{group_id}")
def read_group(group_id: str, directory: Directory, caller: Syncer, asked: Page) -> Response:
    found = directory.group(group_id)
    return ScimResponse(asked.shown(group(_there(found))))


@router.put("/Groups/{group_id}")
def replace_group(group_id: str, body: GroupIn, directory: Directory, caller: Syncer, access: Recorded) -> Response:
    changed = directory.change_group(group_id, lambda known: body.data(), _by(caller))
    access.shows(())
    return ScimResponse(group(_there(changed)))


@router.patch("/Groups/{group_id}", status_code=204)
def change_group(group_id: str, body: Patch, directory: Directory, caller: Syncer) -> None:
    """204, for a group may have thousands of members."""
    changed = directory.change_group(group_id, lambda known: patched_group(known, body.Operations), _by(caller))
    _there(changed)


@router.delete("/Groups/{group_id}", status_code=204)
def delete_group(group_id: str, directory: Directory, caller: Syncer) -> None:
    if not directory.remove_group(group_id, _by(caller)):
        raise NotFound(_NOBODY)


@router.get("/ServiceProviderConfig", dependencies=[Depends(syncer)])
def config() -> Response:
    return ScimResponse(discovery.CONFIG)


@router.get("/ResourceTypes", dependencies=[Depends(syncer)])
def resource_types() -> Response:
    return ScimResponse(listed(list(discovery.TYPES.values()), len(discovery.TYPES), 1))


@router.get("/ResourceTypes/{name}", dependencies=[Depends(syncer)])
def resource_type(name: str) -> Response:
    return ScimResponse(_there(discovery.TYPES.get(name)))


@router.get("/Schemas", dependencies=[Depends(syncer)])
def schemas() -> Response:
    return ScimResponse(listed(list(discovery.SCHEMAS.values()), len(discovery.SCHEMAS), 1))


@router.get("/Schemas/{name}", dependencies=[Depends(syncer)])
def schema(name: str) -> Response:
    return ScimResponse(_there(discovery.SCHEMAS.get(name)))


_NOBODY = "There is no such resource."


def _there(found: T | None) -> T:
    if found is None:
        raise NotFound(_NOBODY)
    return found


def _made(resource: dict[str, Any]) -> Response:
    return ScimResponse(resource, 201, {"Location": resource["meta"]["location"]})


def _by(caller: Identity) -> str:
    return f"user:{caller.principal.user}"
