"""Errors of SCIM (RFC 7644, 3.12): what is a problem elsewhere has this shape below /scim/."""

from __future__ import annotations

from typing import Any

from api.http.schemas.problems import Problem
from ingest.errors import FootnoteError

SCIM_MEDIA_TYPE = "application/scim+json"
_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
_TYPES = {
    "name_taken": "uniqueness",
    "unknown_member": "invalidValue",
    "invalid_principal": "invalidValue",
    "invalid_value": "invalidValue",
    "invalid_filter": "invalidFilter",
    "invalid_path": "invalidPath",
    "invalid_request": "invalidSyntax",
}


class ScimError(FootnoteError):
    """A request for people or groups that cannot be carried out."""

    code = "scim_error"


class InvalidFilter(ScimError):
    code = "invalid_filter"


class InvalidPath(ScimError):
    code = "invalid_path"


class InvalidValue(ScimError):
    code = "invalid_value"


def scim_error(problem: Problem) -> tuple[dict[str, Any], int]:
    """Body and status; what is 422 elsewhere is 400 here."""
    status = 400 if problem.status == 422 else problem.status
    body: dict[str, Any] = {"schemas": [_SCHEMA], "status": str(status), "detail": problem.detail}
    return body | ({"scimType": _TYPES[problem.code]} if problem.code in _TYPES else {}), status
