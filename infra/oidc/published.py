"""What an identity provider publishes of itself: its description, and its keys, which rotate."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt

from infra.oidc.errors import ProviderUnavailable

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
AT_ONCE = 8  # requests to the provider: anybody may cause one, and each holds a thread of the service
KEPT_S = 600.0  # after which keys are asked for again; so long a key that is withdrawn may still count
STALE_S = 3600.0  # for which the keys known go on to count where the provider cannot be asked
FLOOR_S = 10.0  # between two requests for keys on a stranger's word
_LEAST_RSA_BITS = 2048
_MOST_KEYS = 100
log = logging.getLogger("footnote")


@dataclass(frozen=True, slots=True)
class _Keys:
    """As they were at `at`, on the clock."""

    at: float
    keys: tuple[jwt.PyJWK, ...]


class Published:
    """Of one provider, by its `issuer`, which has to call itself so, or by the address of its keys alone. `setting`:
    the variable that names the issuer."""

    def __init__(
        self,
        http: httpx2.Client,
        *,
        issuer: str = "",
        jwks_url: str = "",
        setting: str = "FOOTNOTE_OIDC_ISSUER",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._issuer, self._jwks_url, self._setting = issuer, jwks_url, setting
        self._clock = clock
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._waiting = threading.BoundedSemaphore(AT_ONCE)
        self._turn = threading.Lock()
        self._metadata: tuple[float, Mapping[str, Any]] | None = None
        self._held: _Keys | None = None
        self._tried: float | None = None  # when keys were last asked for,
        self._failed = False  # that they did not come,
        self._round = 0  # and how often it was done

    def close(self) -> None:
        self._http.close()

    def key(self, kid: str | None, algorithm: str, *, floor_s: float = 0.0) -> jwt.PyJWK | None:
        """The one that a token names, asked for anew where it is not known yet; None where there is none, or several
        fit. With `floor_s` the word is a stranger's, who may not have the provider asked more often than that. Raises
        `ProviderUnavailable`: then it is not known whether there is one."""
        found = _fitting(self._known(floor_s), kid, algorithm)
        return found or _fitting(self._fetched(floor_s), kid, algorithm)

    def keys(self) -> tuple[jwt.PyJWK, ...]:
        """All that sign; raises `ProviderUnavailable`."""
        return self._known(0.0)

    def description(self) -> Mapping[str, Any]:
        """What the provider says of itself: OpenID Connect Discovery 1.0, or else RFC 8414."""
        if self._metadata is None or self._clock() - self._metadata[0] > KEPT_S:
            told = self._found()
            if told.get("issuer") != self._issuer:
                raise ProviderUnavailable(
                    f"The identity provider calls itself {str(told.get('issuer'))[:200]!r}. Write {self._setting} "
                    "exactly so."
                )
            self._metadata = self._clock(), told
        return self._metadata[1]

    def endpoint(self, name: str) -> str:
        address = str(self.description().get(name, ""))
        if not safe_address(address):
            raise ProviderUnavailable(f"The identity provider gives no '{name}' that can be used.")
        return address

    def posted(self, endpoint: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Mapping[str, Any]:
        """The JSON object of the reply, also where the provider refuses, then without an ID token."""
        reply, body = self._asked(lambda: self._http.post(endpoint, data=dict(form), headers=dict(headers)))
        if not (reply.is_success or reply.is_client_error):
            raise _wrong()
        return body if reply.is_success else {key: body[key] for key in body if key != "id_token"}

    def _known(self, floor_s: float) -> tuple[jwt.PyJWK, ...]:
        """Those held, asked for again in time. Where that fails they count for a while: tokens end by themselves."""
        held, now = self._held, self._clock()
        if held is not None and now - held.at <= KEPT_S:
            return held.keys
        if held is not None and now - held.at <= STALE_S:
            if self._asked_within(FLOOR_S):
                return held.keys
            try:
                return self._fetched(FLOOR_S)
            except ProviderUnavailable as error:
                log.warning("the keys of the identity provider could not be asked for again: %s", error)
                return held.keys
        return self._fetched(floor_s)

    def _asked_within(self, seconds: float) -> bool:
        return self._tried is not None and self._clock() - self._tried < seconds

    def _fetched(self, floor_s: float) -> tuple[jwt.PyJWK, ...]:
        """Asked for now, unless they were within `floor_s`; by one thread at a time, of which the few that wait
        meanwhile take what comes."""
        before = self._round
        if not self._waiting.acquire(blocking=False):
            raise _too_many()
        try:
            with self._turn:
                if self._round == before and not self._asked_within(floor_s):
                    self._ask()
                elif self._failed or self._held is None:
                    raise _not_reached()
                assert self._held is not None
                return self._held.keys
        finally:
            self._waiting.release()

    def _ask(self) -> None:
        self._tried, self._failed = self._clock(), True
        try:
            listed = self._got(self._jwks_url or self.endpoint("jwks_uri")).get("keys")
            if not isinstance(listed, list):
                raise _wrong()
            self._held, self._failed = _Keys(self._clock(), signing_keys(listed)), False
        finally:
            self._round += 1

    def _found(self) -> Mapping[str, Any]:
        reply, body = self._asked(
            lambda: self._http.get(self._issuer.rstrip("/") + "/.well-known/openid-configuration"), lenient=True
        )
        if reply.is_success:
            return body
        if not reply.is_client_error:
            raise _wrong()
        parts = urlsplit(self._issuer)  # RFC 8414, section 3.1: before the path
        return self._got(f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path}")

    def _got(self, address: str) -> Mapping[str, Any]:
        reply, body = self._asked(lambda: self._http.get(address))
        if not reply.is_success:
            raise _wrong()
        return body

    def _asked(
        self, ask: Callable[[], httpx2.Response], *, lenient: bool = False
    ) -> tuple[httpx2.Response, Mapping[str, Any]]:
        """A reply and its JSON object, `ask` being one request; `lenient`: a refusal needs none."""
        if not self._free.acquire(blocking=False):
            raise _too_many()
        try:
            reply = ask()
            body = {} if lenient and reply.is_client_error else reply.json()
        except (httpx2.HTTPError, ValueError, RecursionError) as error:
            raise _not_reached() from error
        finally:
            self._free.release()
        if not isinstance(body, dict):
            raise _wrong()
        return reply, body


def safe_address(address: str) -> bool:
    """HTTPS, or plain HTTP on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def signing_keys(listed: Sequence[Any]) -> tuple[jwt.PyJWK, ...]:
    """Of a key set (RFC 7517) those by which a token may be signed. A symmetric one is none: everybody has it."""
    return tuple(key for one in listed[:_MOST_KEYS] if (key := _signing_key(one)) is not None)


def _signing_key(listed: Any) -> jwt.PyJWK | None:
    if not isinstance(listed, dict) or listed.get("use", "sig") != "sig" or "d" in listed:
        return None  # "d": a private key, which nobody publishes who still trusts it
    operations = listed.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        key = jwt.PyJWK(listed)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError):  # whatever stands in it
        return None
    weak = key.key_type == "RSA" and key.key.key_size < _LEAST_RSA_BITS
    return None if weak or key.algorithm_name not in ALGORITHMS else key


def _fitting(keys: Sequence[jwt.PyJWK], kid: str | None, algorithm: str) -> jwt.PyJWK | None:
    found = [key for key in keys if kid in (None, key.key_id) and key.algorithm_name == algorithm]
    return found[0] if len(found) == 1 else None


def _not_reached() -> ProviderUnavailable:
    return ProviderUnavailable("The identity provider cannot be reached. Try again in a moment.", int(FLOOR_S))


def _wrong() -> ProviderUnavailable:
    said = "The identity provider does not answer as it should. Try again in a moment."
    return ProviderUnavailable(said, int(FLOOR_S))


def _too_many() -> ProviderUnavailable:
    return ProviderUnavailable("Too many people are signing in at once. Try again in a moment.")
