"""Tokens of a timestamp authority (RFC 3161): that a checkpoint was there at a time, by somebody else's clock.

Needs the extra `timestamps`.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

import httpx2
from cryptography import x509

from infra.settings import SettingsError
from infra.witness.errors import WitnessUnreachable

_TIMEOUT_S = 15.0
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_MOST_BYTES = 64 << 10


class TimestampAuthority:
    """At `url`; its tokens are checked against the certificates (PEM) in `roots`: one that stands alone is a root, the
    others lead to it."""

    def __init__(self, url: str, roots: Path) -> None:
        self.name = url
        try:
            self._certificates = x509.load_pem_x509_certificates(roots.read_bytes())
        except (OSError, ValueError) as error:
            raise SettingsError(f"FOOTNOTE_WITNESS_TSA_CA: {roots} holds no certificates (PEM): {error}") from error
        _client()

    def stamp(self, digest: str) -> str:
        """A response over the bytes of the digest (hex), in base64, checked. Raises `WitnessUnreachable`."""
        tsp = _client()
        request = (
            tsp.TimestampRequestBuilder().data(digest.encode()).hash_algorithm(tsp.HashAlgorithm.SHA256).nonce().build()
        )
        try:
            answer = httpx2.post(
                self.name, content=request.as_bytes(), headers={"Content-Type": _QUERY}, timeout=_TIMEOUT_S
            )
        except httpx2.HTTPError as error:
            raise WitnessUnreachable(f"The timestamp authority {self.name} cannot be reached: {error}") from error
        if answer.status_code != 200 or len(answer.content) > _MOST_BYTES:
            raise WitnessUnreachable(f"The timestamp authority {self.name} answers {answer.status_code}.")
        if problem := self._problem(answer.content, digest, request.nonce):
            raise WitnessUnreachable(f"The timestamp authority {self.name} gives no good token: {problem}.")
        return base64.b64encode(answer.content).decode()

    def problem(self, token: str, digest: str) -> str:
        """What is wrong with a token that was kept, or nothing."""
        try:
            return self._problem(base64.b64decode(token, validate=True), digest, None)
        except binascii.Error:
            return "it is no base64"

    def _problem(self, response: bytes, digest: str, nonce: int | None) -> str:
        tsp = _client()
        roots = [one for one in self._certificates if one.issuer == one.subject] or self._certificates
        others = [one for one in self._certificates if one not in roots]
        verifier = tsp.VerifierBuilder(roots=list(roots), intermediates=others, nonce=nonce).build()
        try:
            verifier.verify_message(tsp.decode_timestamp_response(response), digest.encode())
        except (tsp.VerificationError, ValueError) as error:
            return str(error)
        return ""


def _client() -> Any:
    """Raises `SettingsError` where the extra is not installed."""
    try:
        import rfc3161_client
    except ImportError as error:
        raise SettingsError(
            "Timestamps need the extra timestamps. Install it in Footnote's folder: "
            "pip install -c constraints.txt -e '.[timestamps]'"
        ) from error
    return rfc3161_client
