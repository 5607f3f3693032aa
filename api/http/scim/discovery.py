"""What SCIM tells of itself: ServiceProviderConfig, ResourceTypes, Schemas (RFC 7643, 5 to 7)."""

from __future__ import annotations

from typing import Any

from api.http.scim.resources import BASE, GROUP, USER

MOST = 1000  # resources on a page

_OFF = {"supported": False}
CONFIG: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": MOST},
    "changePassword": _OFF,
    "sort": _OFF,
    "etag": _OFF,
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "API key",
            "description": "Authorization: Bearer with a key of the scope scim",
            "primary": True,
        }
    ],
    "meta": {"resourceType": "ServiceProviderConfig", "location": f"{BASE}/ServiceProviderConfig"},
}


def _type(name: str, schema: str) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": name,
        "name": name,
        "endpoint": f"/{name}s",
        "schema": schema,
        "meta": {"resourceType": "ResourceType", "location": f"{BASE}/ResourceTypes/{name}"},
    }


def _attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    plain = {
        "name": name,
        "type": kind,
        "multiValued": False,
        "required": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    }
    return plain | ({"caseExact": False} if kind == "string" else {}) | more


def _schema(schema: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema,
        "name": name,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": f"{BASE}/Schemas/{schema}"},
    }


TYPES = {"User": _type("User", USER), "Group": _type("Group", GROUP)}
_REFERENCE = [
    _attribute("value", mutability="immutable"),
    _attribute("display", mutability="readOnly"),
    _attribute("type", mutability="immutable"),
    _attribute("$ref", "reference", mutability="immutable", referenceTypes=["User", "Group"]),
]
SCHEMAS = {
    USER: _schema(
        USER,
        "User",
        [
            _attribute("userName", required=True, uniqueness="server"),
            _attribute("active", "boolean"),
            _attribute("displayName"),
            _attribute(
                "name",
                "complex",
                subAttributes=[_attribute("formatted"), _attribute("familyName"), _attribute("givenName")],
            ),
            _attribute(
                "emails",
                "complex",
                multiValued=True,
                subAttributes=[_attribute("value"), _attribute("type"), _attribute("primary", "boolean")],
            ),
            _attribute("groups", "complex", multiValued=True, mutability="readOnly", subAttributes=_REFERENCE),
        ],
    ),
    GROUP: _schema(
        GROUP,
        "Group",
        [
            _attribute("displayName", required=True, uniqueness="server"),
            _attribute("members", "complex", multiValued=True, subAttributes=_REFERENCE),
        ],
    ),
}
