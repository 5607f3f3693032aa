"""An installation that nobody disturbs: it is told what the other's trail says was done, in that order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from evals.suites.kills.clients import WRITER
from evals.types import Case
from retrieval.types import Principal

_SERVED_S = 120.0
_SHOWN = 100  # documents a page
Asked = tuple[Principal, str]


@dataclass(frozen=True, slots=True)
class Side:
    """A service, and the keys to it."""

    url: str
    keys: Mapping[Principal, str]

    def documents(self, client: httpx2.Client) -> dict[str, tuple[Any, ...]]:
        """The writer's documents by id: source, title, and of each version number and SHA-256."""
        found: dict[str, tuple[Any, ...]] = {}
        after = ""
        while True:
            asked = {"limit": _SHOWN, **({"after": after} if after else {})}
            page = self._asked(client, "GET", "/v1/documents", WRITER, params=asked)
            for one in page["documents"]:
                versions = tuple((each["version"], each["content_sha256"]) for each in one["versions"])
                found[one["document_id"]] = (one["source"], one["title"], versions)
            after = page.get("next") or ""
            if not after:
                return found

    def searched(self, client: httpx2.Client, asked: Asked) -> dict[str, Any]:
        """The whole answer of a search, but for the ids of versions, which every installation has of its own."""
        asker, query = asked
        found = self._asked(client, "POST", "/v1/search", asker, json={"query": query, "top_k": 20})
        for hit in found["hits"]:
            for one in (hit, *hit["copies"]):
                del one["version_id"]
        return found

    def change(self, client: httpx2.Client, row: Mapping[str, Any], body: Callable[[str], bytes]) -> None:
        """Does what a record of the other side says: an upload, a deletion, a restoration."""
        who, document = {"Authorization": f"Bearer {self.keys[WRITER]}"}, f"/v1/documents/{row['document_id']}"
        if row["action"] == "upload":
            file = (row["source"].rsplit("/", 1)[-1], body(row["content_sha256"]), "text/plain")
            allowed = {"allow": f"user:{WRITER.user}"}
            client.post("/v1/documents", files={"file": file}, data=allowed, headers=who).raise_for_status()
        elif row["action"] == "delete":
            client.delete(document, headers=who)
        elif row["action"] == "restore":
            client.post(f"{document}/restore", headers=who)

    def _asked(self, client: httpx2.Client, method: str, path: str, who: Principal, **sent: Any) -> dict[str, Any]:
        key = {"Authorization": f"Bearer {self.keys[who]}"}
        answer = client.request(method, f"{self.url}{path}", headers=key, **sent).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def differences(one: Side, other: Side, asked: Sequence[Asked]) -> tuple[list[str], list[str]]:
    """Ids of documents, and queries, that are not the same on both sides."""
    with (
        httpx2.Client(base_url=one.url, timeout=_SERVED_S, trust_env=False) as here,
        httpx2.Client(base_url=other.url, timeout=_SERVED_S, trust_env=False) as there,
    ):
        mine, theirs = one.documents(here), other.documents(there)
        documents = sorted(key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key))
        searches = [f"{who.user}: {query}" for who, query in asked
                    if one.searched(here, (who, query)) != other.searched(there, (who, query))]  # fmt: skip
    return documents, searches


def followed(other: Side, rows: Sequence[Mapping[str, Any]], body: Callable[[str], bytes]) -> None:
    """The changes of the writer's documents among the rows, done on the other side."""
    with httpx2.Client(base_url=other.url, timeout=_SERVED_S, trust_env=False) as client:
        for row in rows:
            if row.get("kind") == "change" and row["action"] in ("upload", "delete", "restore"):
                other.change(client, row, body)


def queries(cases: Sequence[Case], count: int) -> list[Asked]:
    """What both sides are asked after every kill, of the sample documents and the writer's."""
    own = [(WRITER, "the rent and the ferry"), (WRITER, "invoice number 7 euros a year"), (WRITER, "garden warranty")]
    return own + [(case.asker, case.question) for case in cases[:: max(len(cases) // count, 1)][:count]]
