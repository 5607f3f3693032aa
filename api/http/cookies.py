"""The cookies of the web page: how they are named and kept, and when they count.

A cookie is sent by the browser on its own, so it counts only where the page itself asks (fetch metadata, or Origin in
browsers without): a page elsewhere changes nothing with it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.http.hosts import LOOPBACK
from ingest.errors import FootnoteError

_SAFE = {"GET", "HEAD", "OPTIONS"}
_SESSION, _SIGNING_IN = "footnote", "footnote-signing-in"
SIGNING_IN_S = 600


class CrossSite(FootnoteError):
    """A page elsewhere has made the browser ask."""

    code = "cross_site"

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or "This was asked by another page, or by a program that sends the cookie of one. Use Footnote's own page, "
            "or 'Authorization: Bearer <API key>'."
        )


def session_of(request: HTTPConnection, public_url: str) -> str:
    """The session's secret, "" without a cookie; raises `CrossSite`."""
    secret = request.cookies.get(_name(_SESSION, request, public_url), "")
    if secret and not (_ours(request, public_url) or (request.scope["method"] in _SAFE and _harmless(request))):
        raise CrossSite
    return secret


def refuse_cross_site(request: HTTPConnection, public_url: str) -> None:
    """For signing in and out; a program that is no browser sends neither header. Raises `CrossSite`."""
    told = [name for name in ("sec-fetch-site", "origin") if name in request.headers]
    if told and not _ours(request, public_url):
        raise CrossSite


def keep_session(response: Response, secret: str, seconds: float, request: HTTPConnection, public_url: str) -> None:
    """Strict: the page asks with it, links from elsewhere do not."""
    _keep(response, _SESSION, secret, seconds, "strict", request, public_url)


def forget_session(response: Response, request: HTTPConnection, public_url: str) -> None:
    _keep(response, _SESSION, "", 0, "strict", request, public_url)


def signing_in_of(request: HTTPConnection, public_url: str) -> str:
    return request.cookies.get(_name(_SIGNING_IN, request, public_url), "")


def keep_signing_in(response: Response, value: str, request: HTTPConnection, public_url: str) -> None:
    """Lax: it comes back with the identity provider's redirect."""
    _keep(response, _SIGNING_IN, value, SIGNING_IN_S if value else 0, "lax", request, public_url)


def _keep(
    response: Response,
    name: str,
    value: str,
    seconds: float,
    same_site: str,
    request: HTTPConnection,
    public_url: str,
) -> None:
    flags = f"Max-Age={int(seconds)}; Path=/; HttpOnly; SameSite={same_site.title()}"
    secure = "; Secure" if _secure(request, public_url) else ""
    response.headers.append("set-cookie", f"{_name(name, request, public_url)}={value}; {flags}{secure}")


def _name(name: str, request: HTTPConnection, public_url: str) -> str:
    """`__Host-` binds it to this host and to HTTPS; on plain HTTP the port keeps installations of one machine apart."""
    return f"__Host-{name}" if _secure(request, public_url) else f"{name}-{_host(request).rpartition(':')[2]}"


def _secure(request: HTTPConnection, public_url: str) -> bool:
    """Always, but on this machine without TLS."""
    if public_url:
        return public_url.startswith("https:")
    return request.url.scheme == "https" or _host(request).rpartition(":")[0] not in LOOPBACK


def _ours(request: HTTPConnection, public_url: str) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return False
    return origin == public_url or urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def _harmless(request: HTTPConnection) -> bool:
    """A link, or a browser that does not tell: without CORS no other page reads what comes back."""
    site, mode = request.headers.get("sec-fetch-site", "none"), request.headers.get("sec-fetch-mode", "navigate")
    return site == "none" or mode == "navigate"


def _host(request: HTTPConnection) -> str:
    """The Host header with a port."""
    host = request.headers.get("host", "").strip().lower()
    return host if host.rpartition(":")[2].isdecimal() and not host.endswith("]") else f"{host}:80"
