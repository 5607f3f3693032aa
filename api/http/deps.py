"""What routes depend on: the container of this process and the caller's identity."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from api.bootstrap import Container
from api.http.auth import READ, WRITE, Identity

_bearer = HTTPBearer(auto_error=False, description="An API key, or a JWT with sub, groups and exp.")


def container(request: Request) -> Container:
    held: Container = request.app.state.container
    return held


Parts = Annotated[Container, Depends(container)]


def identity(request: Request, parts: Parts, _: Annotated[object, Security(_bearer)]) -> Identity:
    """The caller, or `NotAuthenticated`."""
    return parts.authenticator.identify(request.headers.get("authorization", ""))


def reader(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(READ)
    return caller


def writer(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(WRITE)
    return caller


Reader = Annotated[Identity, Depends(reader)]
Writer = Annotated[Identity, Depends(writer)]
