"""Lists: documents, page by page, and the versions of one. What the caller may not read does not exist for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.http import stored
from api.http.auth import WRITE
from api.http.cursors import Cursor
from api.http.deps import Documents, Listing, Numbers, Reader, Recorded
from api.http.problems import NotFound
from api.http.schemas.documents import DocumentList, DocumentOut, Order, Sort, VersionDetailOut, VersionList, VersionOut
from api.http.schemas.filtering import Kind, Language, Name
from api.http.schemas.values import Day
from api.http.stored import DocumentInfo, VersionDetail, VersionInfo
from retrieval.types import Numbering, principal_token

router = APIRouter(prefix="/v1/documents", tags=["documents"])
MOST = 1000
MOST_SKIPPED = 1_000_000_000
_WORDS = 20


@router.get("", response_model=DocumentList)
def list_documents(
    documents: Documents,
    listing: Listing,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = MOST,
    after: Annotated[str, Query(max_length=8000, description="The `next` of the page before.")] = "",
    skip: Annotated[int, Query(ge=0, le=MOST_SKIPPED, description="How many to leave out first, from there on.")] = 0,
    sort: Annotated[Sort, Query(description="By what they are in order.")] = "source",
    order: Annotated[Order, Query()] = "asc",
    q: Annotated[str, Query(max_length=200, description="Words that each stand in title, source or a name.")] = "",
    kind: Annotated[list[Kind], Query(max_length=50, description="Only of one of these kinds, as in a search.")] = [],  # noqa: B006
    group: Annotated[list[Name], Query(max_length=200, description="Only what one of these own groups may read.")] = [],  # noqa: B006
    label: Annotated[
        list[str],
        Query(max_length=20, description="Only what each of these, as group:NAME or user:NAME, may read as well."),
    ] = [],  # noqa: B006
    language: Annotated[
        list[Language], Query(max_length=20, description="Only in one of these, by its BCP 47 code.")
    ] = [],  # noqa: B006
    since: Annotated[
        Day | None, Query(alias="from", description="Only what holds from this day or a later one,")
    ] = None,
    until: Annotated[Day | None, Query(alias="to", description="and from this day or an earlier one.")] = None,
    warnings: Annotated[bool | None, Query(description="Only with warnings, or only without.")] = None,
    deleted: Annotated[bool, Query(description="Instead, all deleted ones that the caller may restore.")] = False,
) -> DocumentList:
    """The documents that the caller may read, page by page; `total` counts all pages. `next` goes on whatever comes or
    goes meanwhile; `skip` looks into the middle of the list as it is now."""
    author = caller.author
    if deleted:
        gone = documents.deleted(author) if caller.carries(WRITE) else ()
        access.shows(((info.document_id, info.version) for info in gone), hits=len(gone))
        return DocumentList(
            documents=[_shown(info, _counted(gone, numbers), may_change=True) for info in gone],
            recycle_days=documents.recycle_days,
            total=len(gone),
        )
    for token in (*(f"group:{name}" for name in group), *label):
        principal_token(token)
    page = listing.page(
        caller.principal,
        sort=sort,
        descending=order == "desc",
        after=Cursor.read(after, sort, order).place if after else None,
        skip=skip,
        limit=limit,
        words=q.split()[:_WORDS],
        kinds=kind,
        groups=group,
        allowed=label,
        languages=language,
        warned=warnings,
        since=since,
        until=until,
    )
    access.shows(((info.document_id, info.version) for info in page.documents), hits=page.total)
    ids = [info.document_id for info in page.documents]
    mine = documents.changeable(author, ids) if caller.carries(WRITE) else frozenset()
    seen = _counted(page.documents, numbers)
    return DocumentList(
        documents=[_shown(info, seen, may_change=info.document_id in mine) for info in page.documents],
        recycle_days=documents.recycle_days,
        total=page.total,
        next=Cursor(sort, order, page.last).written() if page.last else None,
    )


@router.get("/{document_id}", response_model=DocumentOut)
def document(
    document_id: str, documents: Documents, listing: Listing, numbers: Numbers, caller: Reader, access: Recorded
) -> DocumentOut:
    """One document, as it stands in the list."""
    found = listing.one(document_id, caller.principal)
    if found is None:
        raise NotFound
    access.shows([(found.document_id, found.version)])
    may_change = caller.carries(WRITE) and bool(documents.changeable(caller.author, [found.document_id]))
    return _shown(found, _counted([found], numbers), may_change=may_change)


@router.get("/{document_id}/versions", response_model=VersionList)
def versions(document_id: str, listing: Listing, numbers: Numbers, caller: Reader, access: Recorded) -> VersionList:
    """All versions of a document that the caller may read, newest first. They alone are counted: who may read one of
    three has version 1, whose `version_id` is the same for everybody, whatever is opened to them later."""
    found = listing.versions(document_id, caller.principal)
    if not found:
        raise NotFound
    access.shows((document_id.lower(), version.version) for version in found)
    seen = numbers.among((document_id, version.version) for version in reversed(found))
    return VersionList(document_id=document_id.lower(), versions=[_detail(document_id, one, seen) for one in found])


def _detail(document_id: str, version: VersionDetail, seen: Numbering) -> VersionDetailOut:
    told = {name: getattr(version, name) for name in VersionDetailOut.model_fields if name != "version_id"}
    return VersionDetailOut.model_validate(told | _named(document_id, version, seen))


def _named(document_id: str, version: VersionInfo, seen: Numbering) -> dict[str, Any]:
    """Its number and id, and the number of what it corrects, if the caller may read that."""
    corrected = version.corrects if seen.knows(document_id, version.corrects) else None
    return {
        "version": seen.number(document_id, version.version),
        "version_id": seen.id(document_id, version.version),
        "corrects": None if corrected is None else seen.number(document_id, corrected),
    }


def _counted(infos: Sequence[DocumentInfo], numbers: stored.Numbers) -> Numbering:
    """`DocumentInfo` has the versions alone that the caller may read."""
    return numbers.among((info.document_id, one.version) for info in infos for one in info.versions)


def _shown(info: DocumentInfo, seen: Numbering, *, may_change: bool) -> DocumentOut:
    return DocumentOut(
        document_id=info.document_id,
        title=info.title,
        source=info.source,
        version=seen.number(info.document_id, info.version),
        version_id=seen.id(info.document_id, info.version),
        media_type=info.media_type,
        pages=info.pages,
        bytes=info.bytes,
        date=info.date,
        added_at=info.added_at,
        allow=sorted(info.allow),
        versions=[
            VersionOut(added_at=v.added_at, content_sha256=v.content_sha256, **_named(info.document_id, v, seen))
            for v in info.versions
        ],
        may_change=may_change,
        warnings=list(info.warnings),
        coverage=info.coverage,
        behind=info.behind,
        chunking=info.chunking,
        language=info.language,
        deleted_at=info.deleted_at,
        restorable_until=info.restorable_until,
    )
