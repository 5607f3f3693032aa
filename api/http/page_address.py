"""Where the web page is, as links to quotes name it."""

from __future__ import annotations

from fastapi import Request
from starlette.routing import NoMatchFound


def page_address(request: Request, public_url: str) -> str:
    """The address of the web page, with a slash at its end; "" where it is not built."""
    try:
        asked = str(request.url_for("index"))
        return f"{public_url.rstrip('/')}/" if public_url else asked
    except NoMatchFound:
        return ""
