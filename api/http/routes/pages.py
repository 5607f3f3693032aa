"""Pages as pictures, with a quote marked: for who has a credential, and over addresses that one has signed."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.http.auth import Identity
from api.http.deps import Authentication, Links, PageImages, Reader, Recorded
from api.http.links import Links as SignedLinks
from api.http.links import SignedPage
from api.http.parts import PagePlace
from api.http.problems import NotFound
from api.http.schemas.facts import MAX_QUOTE_CHARS
from api.http.schemas.pages import (
    LEAST_WIDTH,
    MAX_NUMBER,
    MOST_WIDTH,
    USUAL_WIDTH,
    LinkOut,
    LinkRequest,
)
from api.http.schemas.problems import REFUSED
from api.http.throttling import ENDED, counted
from ingest.errors import NotAuthenticated
from ingest.types import PageAsked
from retrieval.types import Principal

router = APIRouter(prefix="/v1", tags=["documents"])
MEDIA_TYPE = "image/png"
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "The page"},
    304: {"description": "The picture of `If-None-Match` is still the one"},
}
# Pictures wait for their turn here, and not in the threads that all routes share.
DRAWING = CapacityLimiter(4)
IfNoneMatch = Annotated[str, Header(alias="If-None-Match", include_in_schema=False)]


@router.get("/documents/{document_id}/pages/{page}.png", response_class=Response, responses=PICTURE)
async def page_image(
    document_id: str,
    page: Annotated[int, Path(ge=1, le=MAX_NUMBER)],
    images: PageImages,
    caller: Reader,
    access: Recorded,
    version: Annotated[int | None, Query(ge=1, le=MAX_NUMBER, description="the current one if absent")] = None,
    quote: Annotated[str, Query(max_length=MAX_QUOTE_CHARS, description="Words of the page to mark.")] = "",
    start: Annotated[int | None, Query(ge=0, le=MAX_NUMBER, description="Or from which character of the text,")] = None,
    end: Annotated[int | None, Query(ge=0, le=MAX_NUMBER, description="up to which.")] = None,
    width: Annotated[int, Query(ge=LEAST_WIDTH, le=MOST_WIDTH, description="In pixels.")] = USUAL_WIDTH,
    if_none_match: IfNoneMatch = "",
) -> Response:
    """A page of a PDF or a scanned picture, with the lines of a quote marked."""
    try:
        request = LinkRequest(page=page, version=version, quote=quote, start=start, end=end, width=width)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    place = await _found(images, caller.principal, document_id, request.asked)
    access.shows([(place.document_id, place.version)])
    return await _picture(images, caller.principal, place, if_none_match)


@router.post("/documents/{document_id}/links", response_model=LinkOut, responses=REFUSED)
async def link(
    document_id: str, body: LinkRequest, images: PageImages, links: Links, caller: Reader, access: Recorded
) -> LinkOut:
    """A short-lived address of a page image, for an `<img>`, which sends no credential."""
    place = await _found(images, caller.principal, document_id, body.asked)
    access.shows([(place.document_id, place.version)], page=place.page)
    asked = PageAsked(place.page, place.version, "", place.start, place.end, place.width)
    token, expires = links.sign(SignedPage(caller.principal, place.document_id, asked))
    return LinkOut(url=f"/v1/pages/{token}.png", expires_at=expires)


@router.get("/pages/{token}.png", response_class=Response, responses=PICTURE)
async def signed_image(
    token: str,
    request: Request,
    images: PageImages,
    links: Links,
    authenticator: Authentication,
    access: Recorded,
    if_none_match: IfNoneMatch = "",
) -> Response:
    """The page of a signed address, if who signed it may still read the document."""
    page = _read(links, token, request)
    signer = page.principal
    try:
        principal = await run_in_threadpool(authenticator.principal, signer.user, signer.groups, at_most=True)
    except NotAuthenticated as error:
        raise NotFound from error
    access.caller = Identity(principal, frozenset(), way="link")
    place = await _found(images, principal, page.document_id, page.asked)
    access.shows([(place.document_id, place.version)], page=place.page)
    return await _picture(images, principal, place, if_none_match)


def _read(links: SignedLinks, token: str, request: Request) -> SignedPage:
    """Raises `NotFound` and `TooManyBadCredentials`; an old address is told from a forged one by nobody."""
    try:
        return links.read(token)
    except NotFound:
        counted(request.scope, cost=ENDED)
        raise


async def _found(images: PageImages, principal: Principal, document_id: str, asked: PageAsked) -> PagePlace:
    place = await to_thread.run_sync(images.find, document_id, asked, principal, limiter=DRAWING)
    if place is None:
        raise NotFound
    return place


async def _picture(images: PageImages, principal: Principal, place: PagePlace, known: str) -> Response:
    """`no-cache`: a browser that has the picture asks again, and who may no longer read the document gets none."""
    headers = {"ETag": f'"{place.etag}"', "Cache-Control": "private, no-cache"}
    if place.etag in {tag.strip().removeprefix("W/").strip('"') for tag in known.split(",")}:
        return Response(status_code=304, headers=headers)
    data = await to_thread.run_sync(images.draw, place, principal, limiter=DRAWING)
    if data is None:
        raise NotFound
    return Response(data, media_type=MEDIA_TYPE, headers=headers | {"Content-Security-Policy": "sandbox"})
