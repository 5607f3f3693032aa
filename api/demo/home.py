"""The demo keeps apart from everything else: whoever opens its page may sign in as a sample person.

Its data folder is one of its own unless FOOTNOTE_HOME names one. Its database is marked as the demo's, wherever that
is, and takes nothing but the sample documents, known by their bytes, and what sample people upload. Nothing here stops
a plain `footnote serve` of it, where nobody signs in without a credential.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from api.demo.people import PEOPLE
from api.demo.sample import contents
from api.http.hosts import LOOPBACK
from infra.settings import Settings, SettingsError

_UPLOADS = tuple(f"upload/{person.user}/" for person in PEOPLE)
_OPEN = "whoever opens the demo's page may sign in and read"


class Documents(Protocol):
    def contents(self) -> Iterable[tuple[str, str]]:
        """Source and content's sha256 of every version."""
        ...


class Mark(Protocol):
    """Lies in the database, so that it is the same by whatever address and with whatever home that is reached."""

    def is_demo(self) -> bool: ...

    def mark_demo(self) -> None: ...


class Place(Protocol):
    """An installation that the demo may be in."""

    @property
    def settings(self) -> Settings: ...

    @property
    def documents(self) -> Documents: ...

    @property
    def installation(self) -> Mark: ...


def settled(settings: Settings) -> Settings:
    """In demo mode with the demo's own home, unless another one was chosen."""
    if not settings.demo or "home" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"home": own_home()})


def own_home() -> Path:
    """Beside the data folder that other commands use by default."""
    usual: Path = Settings.model_fields["home"].get_default(call_default_factory=True)
    return usual.with_name(f"{usual.name}-demo")


def claim(place: Place) -> None:
    """Makes the installation the demo's. Raises `SettingsError` if a document in it is not the demo's own.

    Uploads are only where the demo was before: what a real person called like a sample person has uploaded elsewhere
    is theirs.
    """
    settings, own = place.settings, contents()
    uploads = _UPLOADS if place.installation.is_demo() else ()
    stored = place.documents.contents()
    others = sorted(
        {source for source, sha256 in stored if (source, sha256) not in own and not source.startswith(uploads)}
    )
    if others:
        where = "The database of DATABASE_URL" if settings.database_url else str(settings.home)
        raise SettingsError(
            f"{where} holds documents that are not the demo's ({len(others)}, such as {others[0]}), and {_OPEN} them. "
            "Serve them with footnote serve, without FOOTNOTE_DEMO. For the demo, unset FOOTNOTE_HOME and "
            f"DATABASE_URL, and it has a home of its own ({own_home()}). How to take sample documents out: "
            "docs/configuration.md, The demo's home."
        )
    place.installation.mark_demo()


def refuse_public(settings: Settings) -> None:
    """Raises `SettingsError` where the demo would be heard beyond this machine."""
    if settings.demo and not _is_loopback(settings.host):
        raise SettingsError(
            f"The demo does not listen on {settings.host!r}: {_OPEN}. Unset FOOTNOTE_HOST (and --host), or name "
            "127.0.0.1, ::1 or localhost. To serve others, unset FOOTNOTE_DEMO and run footnote serve, where everybody "
            "needs a credential."
        )


def served_hosts(settings: Settings) -> tuple[str, ...] | None:
    """What a Host header may name: this machine, where the service listens, and what FOOTNOTE_ALLOWED_HOSTS adds; None
    for anything, outside of the demo where that is not set."""
    if not settings.demo and not settings.allowed_hosts:
        return None
    host = settings.host.lower()
    own = f"[{host}]" if ":" in host else host
    return tuple(filter(None, (*LOOPBACK, own, *settings.allowed_hosts)))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def refuse_ingest(place: Place) -> None:
    """Raises `SettingsError` where the demo is, or was and may come again."""
    settings = place.settings
    if settings.demo:
        where, way = f"{settings.home} is the demo's home", "Unset FOOTNOTE_DEMO"
    elif not place.installation.is_demo():
        return
    elif settings.database_url:
        where, way = "DATABASE_URL names the demo's database", "Choose another database"
    else:
        where, way = f"{settings.home} is the demo's home", "Set FOOTNOTE_HOME to another folder, or unset it,"
    raise SettingsError(f"{where}, and {_OPEN} what is in it. {way} for your own documents.")
