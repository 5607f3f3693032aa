"""Pages: how they lie, and as pictures with a quote marked: for who has a credential, and over signed addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.http import parts, stored
from api.http.auth import Identity
from api.http.deps import Authentication, Links, Numbers, PageImages, Reader, Recorded
from api.http.links import Links as SignedLinks
from api.http.links import SignedPage
from api.http.numbers import stored_number
from api.http.problems import NotFound
from api.http.routes.documents import Version
from api.http.schemas.facts import MAX_QUOTE_CHARS
from api.http.schemas.pages import (
    LEAST_WIDTH,
    MOST_WIDTH,
    USUAL_WIDTH,
    BoxesOut,
    BoxOut,
    LaidOutPageOut,
    LinkOut,
    LinkRequest,
    PagesOut,
)
from api.http.schemas.problems import REFUSED
from api.http.schemas.values import MAX_NUMBER
from api.http.throttling import ENDED, counted
from ingest.errors import NotAuthenticated
from ingest.types import PageAsked
from retrieval.types import Numbering, Principal

router = APIRouter(prefix="/v1", tags=["documents"])
MEDIA_TYPE = "image/png"
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "The page"},
    304: {"description": "The picture of `If-None-Match` is still the one"},
}
# Pictures wait for their turn here, and not in the threads that all routes share.
DRAWING = CapacityLimiter(4)
IfNoneMatch = Annotated[str, Header(alias="If-None-Match", include_in_schema=False)]


@router.get("/documents/{document_id}/pages", response_model=PagesOut)
async def pages(
    document_id: str, images: PageImages, numbers: Numbers, caller: Reader, access: Recorded, version: Version = None
) -> PagesOut:
    """All pages with their sizes and their places in the text, by which they can be laid out before one is drawn."""

    def find() -> tuple[parts.LaidOut | None, Numbering]:
        number = stored_number(numbers, caller.principal, document_id, version)
        found = images.laid_out(document_id, number, caller.principal)
        return found, numbers.of(caller.principal, [found.document_id] if found else [])

    found, seen = await to_thread.run_sync(find, limiter=DRAWING)
    if found is None or not seen.id(found.document_id, found.version):
        raise NotFound
    access.shows([(found.document_id, found.version)])
    return PagesOut(
        document_id=found.document_id,
        version=seen.number(found.document_id, found.version),
        version_id=seen.id(found.document_id, found.version),
        title=found.title,
        media_type=found.media_type,
        drawn=found.drawn,
        pages=[_page(page) for page in found.pages],
    )


def _page(page: parts.LaidOutPage) -> LaidOutPageOut:
    width, height = page.size or (None, None)
    start, end = page.span or (None, None)
    info = page.info
    return LaidOutPageOut(
        page=info.number,
        label=info.label,
        bates=info.bates,
        source=info.source,
        width=width,
        height=height,
        start=start,
        end=end,
    )


@router.get("/documents/{document_id}/boxes", response_model=BoxesOut)
def boxes(
    document_id: str,
    images: PageImages,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    start: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="From which character of the text,")],
    end: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="up to which.")],
    version: Version = None,
) -> BoxesOut:
    """Where a stretch of the text is printed, line by line, to be marked on the pictures of its pages."""
    number = stored_number(numbers, caller.principal, document_id, version)
    found = images.boxes(document_id, number, start, end, caller.principal)
    if found is None:
        raise NotFound
    id_, (shown, printed) = document_id.lower(), found
    seen = numbers.of(caller.principal, [id_])
    access.shows([(id_, shown)])
    return BoxesOut(
        document_id=id_,
        version=seen.number(id_, shown),
        version_id=seen.id(id_, shown),
        boxes=[BoxOut(page=box.page, x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1) for box in printed],
    )


@router.get("/documents/{document_id}/pages/{page}.png", response_class=Response, responses=PICTURE)
async def page_image(
    document_id: str,
    page: Annotated[int, Path(ge=1, le=MAX_NUMBER)],
    images: PageImages,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    version: Version = None,
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
    place, _ = await _found(images, numbers, caller.principal, document_id, request.version, request.asked)
    access.shows([(place.document_id, place.version)])
    return await _picture(images, caller.principal, place, if_none_match)


@router.post("/documents/{document_id}/links", response_model=LinkOut, responses=REFUSED)
async def link(
    document_id: str,
    body: LinkRequest,
    images: PageImages,
    numbers: Numbers,
    links: Links,
    caller: Reader,
    access: Recorded,
) -> LinkOut:
    """A short-lived address of a page image, for an `<img>`, which sends no credential."""
    place, version_id = await _found(images, numbers, caller.principal, document_id, body.version, body.asked)
    access.shows([(place.document_id, place.version)], page=place.page)
    asked = PageAsked(place.page, None, "", place.start, place.end, place.width)
    token, expires = links.sign(SignedPage(caller.principal, place.document_id, version_id, asked))
    return LinkOut(url=f"/v1/pages/{token}.png", expires_at=expires)


@router.get("/pages/{token}.png", response_class=Response, responses=PICTURE)
async def signed_image(
    token: str,
    request: Request,
    images: PageImages,
    numbers: Numbers,
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
    place, _ = await _found(images, numbers, principal, page.document_id, page.version_id, page.asked)
    access.shows([(place.document_id, place.version)], page=place.page)
    return await _picture(images, principal, place, if_none_match)


def _read(links: SignedLinks, token: str, request: Request) -> SignedPage:
    """Raises `NotFound` and `TooManyBadCredentials`; an old address is told from a forged one by nobody."""
    try:
        return links.read(token)
    except NotFound:
        counted(request.scope, cost=ENDED)
        raise


async def _found(
    images: parts.PageImages,
    numbers: stored.Numbers,
    principal: Principal,
    document_id: str,
    version: int | str | None,
    asked: PageAsked,
) -> tuple[parts.PagePlace, str]:
    """The page, and the id of its version."""

    def find() -> tuple[parts.PagePlace | None, str]:
        number = stored_number(numbers, principal, document_id, version)
        place = images.find(document_id, replace(asked, version=number), principal)
        seen = numbers.of(principal, [place.document_id] if place else [])
        return place, seen.id(place.document_id, place.version) if place else ""

    place, version_id = await to_thread.run_sync(find, limiter=DRAWING)
    if place is None or not version_id:
        raise NotFound
    return place, version_id


async def _picture(images: parts.PageImages, principal: Principal, place: parts.PagePlace, known: str) -> Response:
    """`no-cache`: a browser that has the picture asks again, and who may no longer read the document gets none."""
    headers = {"ETag": f'"{place.etag}"', "Cache-Control": "private, no-cache"}
    if place.etag in {tag.strip().removeprefix("W/").strip('"') for tag in known.split(",")}:
        return Response(status_code=304, headers=headers)
    data = await to_thread.run_sync(images.draw, place, principal, limiter=DRAWING)
    if data is None:
        raise NotFound
    return Response(data, media_type=MEDIA_TYPE, headers=headers | {"Content-Security-Policy": "sandbox"})
