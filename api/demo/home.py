"""The demo keeps apart from everything else: whoever opens its page may sign in as a sample person.

Its data folder is one of its own unless FOOTNOTE_HOME names one, is marked as the demo's, and takes nothing but the
sample documents and what sample people upload. Nothing here stops a plain `footnote serve` of it, where nobody signs
in without a credential.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from api.demo.people import PEOPLE
from api.http.hosts import LOOPBACK
from api.wiring.homes import demo_databases, mark_demo
from infra.settings import Settings, SettingsError

SAMPLE = "sample/"  # how the sources of the sample documents begin
EMBEDDED = "embedded"
_UPLOADS = tuple(f"upload/{person.user}/" for person in PEOPLE)
_OPEN = "whoever opens the demo's page may sign in and read"


def settled(settings: Settings) -> Settings:
    """In demo mode with the demo's own home, unless another one was chosen."""
    if not settings.demo or "home" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"home": own_home()})


def own_home() -> Path:
    """Beside the data folder that other commands use by default."""
    usual: Path = Settings.model_fields["home"].get_default(call_default_factory=True)
    return usual.with_name(f"{usual.name}-demo")


def claim(settings: Settings, sources: Sequence[str]) -> None:
    """Makes home and database the demo's, given the sources of all documents in them.

    Raises `SettingsError` if one is not the demo's own. Uploads are only where the demo was before: what a real person
    called like a sample person has uploaded elsewhere is theirs.
    """
    known = _database(settings) in (demo_databases(settings.home) or ())
    own = (SAMPLE, *_UPLOADS) if known else (SAMPLE,)
    others = [source for source in sources if not source.startswith(own)]
    if others:
        where = "The database of DATABASE_URL" if settings.database_url else str(settings.home)
        raise SettingsError(
            f"{where} holds documents that are not the demo's ({len(others)}, such as {others[0]}), and {_OPEN} them. "
            "Serve them with footnote serve, without FOOTNOTE_DEMO. For the demo, unset FOOTNOTE_HOME and "
            f"DATABASE_URL, and it has a home of its own ({own_home()}). How to take sample documents out: "
            "docs/configuration.md, The demo's home."
        )
    mark_demo(settings.home, _database(settings))


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


def refuse_ingest(settings: Settings) -> None:
    """Raises `SettingsError` where the demo is, or was and may come again."""
    if settings.demo or demo_databases(settings.home) is not None:
        way = "Unset FOOTNOTE_DEMO" if settings.demo else "Set FOOTNOTE_HOME to another folder, or unset it,"
        raise SettingsError(
            f"{settings.home} is the demo's home, and {_OPEN} what is in it. {way} for your own documents."
        )
    if settings.database_url and _database(settings) in (demo_databases(own_home()) or ()):
        raise SettingsError(
            f"DATABASE_URL names the demo's database, and {_OPEN} what is in it. Choose another database for your own "
            "documents."
        )


def _database(settings: Settings) -> str:
    """What tells the database from others, without its password."""
    url = settings.database_url
    return hashlib.sha256(url.encode()).hexdigest()[:16] if url else EMBEDDED
