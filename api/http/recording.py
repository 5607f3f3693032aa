"""Every access is recorded: what a caller was shown, and what they were refused, before the first byte of it leaves.

What is recorded says nothing to the caller, and is the same work for what is hidden and what is missing. Answers and
changes are not recorded here: they are rows of the trail by themselves, and of them only refusals are taken, and what
is shown even where nothing was changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.auth import Identity
from api.http.problems import problem_of, response_of
from api.http.telemetry import request_id
from generation.errors import AuditUnavailable
from retrieval.types import Filter

_REFUSED = {401: "not_authenticated", 403: "not_allowed", 404: "not_found"}
_KEPT_CHARS = 200  # of a value from the address
_KEPT_VALUES = 30
_SCOPE = "footnote.access"
_KEY = re.compile(r"fn_([0-9a-f]{12})_")
_SECRETS = {"token", "code", "state"}  # names of values that open something

# What a call is in the trail, and of which calls it is recorded that they succeeded.
READS = {
    ("POST", "/v1/search"): "search",
    ("GET", "/v1/documents"): "list_documents",
    ("GET", "/v1/documents/{document_id}"): "read_document",
    ("GET", "/v1/documents/{document_id}/versions"): "read_versions",
    ("GET", "/v1/documents/{document_id}/text"): "read_text",
    ("GET", "/v1/documents/{document_id}/original"): "read_original",
    ("GET", "/v1/documents/{document_id}/pages"): "read_pages",
    ("GET", "/v1/documents/{document_id}/pages/{page}.png"): "read_page",
    ("GET", "/v1/documents/{document_id}/boxes"): "read_boxes",
    ("POST", "/v1/documents/{document_id}/links"): "sign_page",
    ("GET", "/v1/pages/{token}.png"): "read_signed_page",
    ("GET", "/v1/documents/{document_id}/facts"): "read_facts",
    ("GET", "/v1/jobs"): "list_jobs",
    ("GET", "/v1/jobs/{job_id}"): "read_job",
    ("GET", "/v1/jobs/{job_id}/events"): "follow_job",
    ("GET", "/v1/keys"): "list_keys",
    ("GET", "/v1/answers/{audit_id}/bundle"): "read_bundle",
    ("GET", "/v1/answers/{audit_id}/export"): "export_answer",
    ("GET", "/v1/answers/{audit_id}/why"): "explain_answer",
    ("POST", "/v1/answers/{audit_id}/replay"): "replay_answer",
    ("GET", "/v1/answers/{audit_id}/sign-offs"): "read_sign_offs",
    ("GET", "/v1/audit"): "list_audit",
    ("GET", "/v1/audit/export"): "export_audit",
    ("GET", "/v1/audit/{entry_id}"): "read_audit",
    ("GET", "/v1/audit/verify"): "read_verification",
    ("POST", "/v1/audit/verify"): "verify_audit",
    ("GET", "/v1/admin/health"): "read_health",
    ("GET", "/v1/admin/people"): "list_known_people",
    ("GET", "/v1/admin/usage"): "read_usage",
    ("GET", "/v1/admin/jobs"): "list_all_jobs",
    ("GET", "/v1/feedback"): "list_feedback",
    ("GET", "/v1/feedback/{feedback_id}"): "read_feedback",
    ("GET", "/v1/answers/{audit_id}/feedback"): "read_feedback",
    ("GET", "/v1/answers/{audit_id}"): "read_answer",
    ("GET", "/v1/answers/affected"): "list_affected",
    ("GET", "/v1/answers/notices"): "list_notices",
    ("GET", "/v1/answers/wrong"): "list_wrong",
    ("POST", "/v1/compare"): "compare",
    ("GET", "/scim/v2/Users"): "list_people",
    ("GET", "/scim/v2/Users/{user_id}"): "read_person",
    ("GET", "/scim/v2/Groups"): "list_groups",
    ("GET", "/scim/v2/Groups/{group_id}"): "read_group",
    ("GET", "/v1/reviews"): "list_reviews",
    ("POST", "/v1/reviews/count"): "count_review",
    ("GET", "/v1/reviews/{review_id}"): "read_review",
    ("GET", "/v1/reviews/{review_id}/events"): "follow_review",
    ("GET", "/v1/reviews/{review_id}/export"): "export_review",
    ("GET", "/v1/conversations"): "list_conversations",
    ("GET", "/v1/conversations/{conversation_id}"): "read_conversation",
    ("GET", "/v1/conversations/{conversation_id}/export"): "export_conversation",
    ("GET", "/v1/running/{running_id}/events"): "follow_answer",
    ("GET", "/v1/evaluations"): "list_evaluations",
    ("GET", "/v1/evaluations/decisions"): "list_decisions",
    ("GET", "/v1/evaluations/{run_id}"): "read_evaluation",
    ("GET", "/v1/evaluations/{run_id}/cases"): "list_evaluation_cases",
    ("GET", "/v1/evaluations/{run_id}/cases/{suite}/{case_id:path}"): "read_evaluation_case",
    ("GET", "/v1/releases"): "list_releases",
    ("GET", "/v1/releases/{name}"): "read_release",
}
OTHERS = {
    ("GET", "/metrics"): "read_metrics",  # asked for every few seconds, and nothing of documents is in it
    ("POST", "/v1/query"): "ask",
    ("POST", "/v1/chat/completions"): "ask",
    ("GET", "/v1/running"): "list_running",  # asked for again and again, and nothing of documents is in it
    ("DELETE", "/v1/running/{running_id}"): "stop_answer",
    ("POST", "/v1/absence"): "absence",
    ("POST", "/mcp"): "use_tools",  # which are calls of their own
    ("POST", "/v1/documents"): "upload",
    ("DELETE", "/v1/documents/{document_id}"): "delete",
    ("POST", "/v1/documents/{document_id}/restore"): "restore",
    ("PUT", "/v1/labels"): "relabel",
    ("PUT", "/v1/documents/{document_id}/allow"): "relabel",
    ("PUT", "/v1/documents/{document_id}/facts"): "fact",
    ("DELETE", "/v1/documents/{document_id}/facts"): "fact",
    ("POST", "/v1/jobs"): "submit_job",
    ("POST", "/v1/jobs/{job_id}/cancel"): "cancel_job",
    ("POST", "/v1/jobs/{job_id}/retry"): "retry_job",
    ("POST", "/v1/keys"): "create_key",
    ("POST", "/v1/keys/{key_id}/rotate"): "rotate_key",
    ("DELETE", "/v1/keys/{key_id}"): "revoke_key",
    ("PUT", "/v1/answers/{audit_id}/sign-off"): "sign_off",
    ("DELETE", "/v1/answers/{audit_id}/sign-off"): "withdraw_sign_off",
    ("PUT", "/v1/answers/{audit_id}/sentences/{number}/sign-off"): "sign_off",
    ("DELETE", "/v1/answers/{audit_id}/sentences/{number}/sign-off"): "withdraw_sign_off",
    ("POST", "/v1/session"): "sign_in",
    ("DELETE", "/v1/session"): "sign_out",
    ("GET", "/v1/session/oidc/callback"): "sign_in",
    ("POST", "/v1/feedback"): "feedback",
    ("PATCH", "/v1/feedback/{feedback_id}"): "review_feedback",
    ("POST", "/v1/answers/notices/seen"): "notice_seen",
    ("PUT", "/v1/answers/wrong"): "mark_wrong",
    ("DELETE", "/v1/answers/wrong"): "unmark_wrong",
    ("POST", "/v1/answers/{audit_id}/ask-again"): "ask_again",
    ("POST", "/scim/v2/Users"): "add_person",
    ("PUT", "/scim/v2/Users/{user_id}"): "change_person",
    ("PATCH", "/scim/v2/Users/{user_id}"): "change_person",
    ("DELETE", "/scim/v2/Users/{user_id}"): "remove_person",
    ("POST", "/scim/v2/Groups"): "add_group",
    ("PUT", "/scim/v2/Groups/{group_id}"): "change_group",
    ("PATCH", "/scim/v2/Groups/{group_id}"): "change_group",
    ("DELETE", "/scim/v2/Groups/{group_id}"): "remove_group",
    ("POST", "/v1/reviews"): "start_review",
    ("PATCH", "/v1/reviews/{review_id}"): "change_review",
    ("DELETE", "/v1/reviews/{review_id}"): "delete_review",
    ("POST", "/v1/reviews/{review_id}/cancel"): "cancel_review",
    ("POST", "/v1/reviews/{review_id}/resume"): "resume_review",
    ("POST", "/v1/reviews/{review_id}/again"): "ask_cells_again",
    ("PUT", "/v1/reviews/{review_id}/shares"): "share_review",
    ("DELETE", "/v1/reviews/{review_id}/shares"): "share_review",
    ("POST", "/v1/conversations"): "create_conversation",
    ("PATCH", "/v1/conversations/{conversation_id}"): "change_conversation",
    ("DELETE", "/v1/conversations/{conversation_id}"): "delete_conversation",
    ("PUT", "/v1/conversations/{conversation_id}/shares"): "share_conversation",
    ("DELETE", "/v1/conversations/{conversation_id}/shares"): "share_conversation",
}
_OPEN = {"sign_in", "read_signed_page"}  # they need no credential, and who is refused there is recorded


class Accesses(Protocol):
    async def add(self, access: Mapping[str, Any]) -> None:
        """Takes it for the trail; raises `AuditUnavailable`: then nothing may be shown."""
        ...


@dataclass(slots=True)
class Access:
    """What is known of one request: who asks, from the credential; what they are shown, from the route. `refused`: that
    they are, where the status does not say so. `secret`: a key that came in the body, of which the id alone is kept.
    `names`: ids of documents that the body asks for, which are told of a refusal as well.
    `untold`: one of too many refusals, of which the trail has heard lately."""

    caller: Identity | None = None
    refused: str = ""
    secret: str = ""
    untold: bool = False
    told: dict[str, object] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def shows(self, versions: Iterable[tuple[str, int]], **told: object) -> None:
        """Document and version of each thing that is shown; `told`: what else the trail is to say."""
        shown = [{"document_id": id_, "version": version} for id_, version in dict.fromkeys(versions)]
        self.told = {**told, "shown": shown}


def access_of(scope: Scope) -> Access:
    """Of the request; one that nobody records where nothing is recorded."""
    found: Access = scope.setdefault(_SCOPE, Access())
    return found


def asked_for(query: str, only: Filter, as_of: object) -> dict[str, object]:
    """A search, as the trail tells it."""
    told = {"query": query, "filter": only.record(), "as_of": str(as_of) if as_of else None}
    return {name: value for name, value in told.items() if value is not None}


class _Call(NamedTuple):
    """A route that is recorded: how it is called, and the names of what its address may ask for."""

    route: APIRoute
    known: tuple[str, str]
    names: frozenset[str]


class Recording:
    """Plain ASGI, around all that identifies, admits and answers."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._calls = [
            _Call(route, known, frozenset(_asked_by(route.dependant)))
            for route in routes
            if isinstance(route, APIRoute)
            for method in route.methods
            if (known := (method, route.path)) in READS or known in OTHERS
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        access, blocked = access_of(scope), False

        async def send_recorded(message: Message) -> None:
            nonlocal blocked
            if blocked:
                return
            if message["type"] == "http.response.start":
                told = self._told(scope, access, message["status"])
                try:
                    if told is not None:
                        await scope["app"].state.parts.accesses.add(told)
                except AuditUnavailable as error:
                    blocked = True
                    await response_of(problem_of(error), scope["path"])(scope, receive, send)
                    return
            await send(message)

        await self._app(scope, receive, send_recorded)

    def _told(self, scope: Scope, access: Access, status: int) -> dict[str, object] | None:
        """What goes into the trail; None if nothing does."""
        refused = access.refused or _REFUSED.get(status, "")
        if access.untold or (not refused and status >= 400):
            return None
        call, path = self._called(scope)
        action = READS.get(call.known, "") if call else ""
        if call and not action and (refused or access.told):
            action = OTHERS.get(call.known, "")
        if not action or (refused and not self._to_be_told(scope, access, action)):
            return None
        if access.caller is None:
            who = _stranger(scope, access.secret)
        else:
            asked = {} if action == "sign_in" or call is None else _address(path, scope, call.names, access.names)
            who = {**_caller(access.caller), **asked}
        shown = {} if refused else access.told
        told = {"action": action, **who, **_request_id(), **shown}
        return told | ({"refused": refused} if refused else {})

    def _to_be_told(self, scope: Scope, access: Access, action: str) -> bool:
        """Whoever sends no credential is told to sign in, which is nobody's access."""
        headers = Headers(scope=scope)
        presented = "authorization" in headers or "footnote" in headers.get("cookie", "")
        return access.caller is not None or presented or action in _OPEN

    def _called(self, scope: Scope) -> tuple[_Call | None, Mapping[str, Any]]:
        for call in self._calls:
            if call.known[0] == scope["method"]:
                match, child = call.route.matches(scope)
                if match is Match.FULL:
                    return call, child["path_params"]
        return None, {}


def _caller(caller: Identity) -> dict[str, object]:
    key = {"key_id": caller.key_id} if caller.key_id else {}
    return {"principal": f"user:{caller.principal.user}", "way": caller.way, **key}


def _stranger(scope: Scope, secret: str) -> dict[str, object]:
    """Of who could not be identified: where from, and which key it is that does not count."""
    told: dict[str, object] = {"address": address} if (address := address_of(scope)) else {}
    return told | ({"key_id": key_id} if (key_id := key_id_of(scope, secret)) else {})


def address_of(scope: Scope) -> str:
    """The network address of who asks, "" if it is not known."""
    return str(scope["client"][0]) if scope.get("client") else ""


def key_id_of(scope: Scope, secret: str) -> str:
    """Which key somebody says that they have, in the header or as `secret`."""
    found = _KEY.search(secret or Headers(scope=scope).get("authorization", ""))
    return found[1] if found else ""


def _request_id() -> dict[str, object]:
    return {"request_id": own} if (own := request_id()) else {}


def _asked_by(dependant: Dependant) -> Iterator[str]:
    yield from (param.alias for param in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _asked_by(needed)


def _address(
    path: Mapping[str, Any], scope: Scope, names: frozenset[str], documents: Sequence[str]
) -> dict[str, object]:
    """What was asked for by path and query, and the `documents` that the body names. Ids stand as they are stored. Of
    the values those come first that the route reads, of each of these `names` the last one, which counts: whatever else
    is sent does not push them out."""
    found: list[tuple[str, object]] = [(name, value) for name, value in path.items() if name not in _SECRETS]
    told: dict[str, object] = {
        name: value.lower()[:_KEPT_CHARS] if isinstance(value, str) else value for name, value in found
    }
    query = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=None)
    last = {name: at for at, (name, _) in enumerate(query) if name in names}
    first = dict.fromkeys((*last.values(), *range(len(query))))
    kept = [query[at] for at in sorted(list(first)[:_KEPT_VALUES])]
    asked: list[object] = [[_short(name), _short(value)] for name, value in kept if name not in _SECRETS]
    asked += [{"document_id": name.lower()[:_KEPT_CHARS]} for name in documents]
    return told | ({"asked": asked} if asked else {})


def _short(value: str) -> str:
    """Blanks that only make it longer are left out where it is too long."""
    return value if len(value) <= _KEPT_CHARS else " ".join(value.split())[:_KEPT_CHARS]
