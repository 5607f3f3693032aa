"""Signed addresses of page images: for a browser that sends no credential with a picture."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta

from api.http.problems import NotFound
from ingest.types import PageAsked
from retrieval.types import Principal

LIFETIME = timedelta(minutes=5)
_PURPOSE = b"footnote page image 2\0"
_MOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class SignedPage:
    """What an address opens, and for whom: this page of this version with this quote, as this principal reads it. Who
    has the address can read what it says, so the version is named by its id; `asked` has none."""

    principal: Principal
    document_id: str
    version_id: str
    asked: PageAsked


class Links:
    """Signs with HMAC-SHA256. An address is an answer to "who asked", never to "may they": that is asked when it is
    used."""

    def __init__(self, secret: bytes, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._secret = secret
        self._now = now

    def sign(self, page: SignedPage) -> tuple[str, datetime]:
        """A token for an address, and when it ends."""
        expires = (self._now() + LIFETIME).replace(microsecond=0)
        who = page.principal
        place = page.document_id, page.version_id, *astuple(page.asked)
        told = [int(expires.timestamp()), who.user, sorted(who.groups), *place]
        packed = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)
        return f"{_text(packed)}.{_text(self._mac(packed))}", expires

    def read(self, token: str) -> SignedPage:
        """Raises `NotFound`, the same for a token that was changed, was never signed or has ended."""
        packed, _, mac = token.partition(".")
        try:
            body, signature = _bytes(packed), _bytes(mac)
        except ValueError as error:
            raise NotFound from error
        if not hmac.compare_digest(signature, self._mac(body)):
            raise NotFound
        expires, user, groups, document_id, version_id, *asked = json.loads(
            zlib.decompressobj().decompress(body, _MOST_BYTES)
        )
        if self._now().timestamp() >= expires:
            raise NotFound
        return SignedPage(Principal(user, frozenset(groups)), document_id, version_id, PageAsked(*asked))

    def _mac(self, packed: bytes) -> bytes:
        return hmac.new(self._secret, _PURPOSE + packed, hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises `ValueError` for what `_text` does not give."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    if _text(data) != text:
        raise ValueError(text)
    return data
