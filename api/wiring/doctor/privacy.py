"""Who can read what: row-level security, keys, secrets, addresses."""

from __future__ import annotations

import ipaddress
import secrets
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from api.wiring.doctor.examined import Examined
from api.wiring.doctor.findings import Area, Found, Row, failing, listed, ok, warning
from api.wiring.signing_in import access_tokens
from infra.oidc.errors import ProviderUnavailable
from infra.postgres.api_keys import ApiKey
from infra.settings import SettingsError

_IDLE = timedelta(days=90)
_POWERS = frozenset({"admin", "scim", "audit"})


def row_security(it: Examined) -> Found:
    if open_tables := it.health.unguarded():
        return failing(
            f"The reader role may read past row-level security, or write: {listed(open_tables)}.",
            "Revoke what was granted to footnote_reader or PUBLIC, and enable and force row-level security again.",
        )
    if not it.health.reader_is_bound():
        return failing(
            "The role footnote_reader is above row-level security or belongs to another role.",
            "ALTER ROLE footnote_reader NOSUPERUSER NOBYPASSRLS, and revoke its memberships.",
        )
    nobody = f"user:doctor-{secrets.token_hex(8)}"
    for tokens in ((), (nobody,)):
        if it.health.seen_by(tokens):
            return failing(
                "A probe that is nobody reads rows of documents.",
                "Take the service off the network; compare the policies with infra/postgres/schema.sql.",
            )
    return ok("A probe that is nobody reads no row, and every table that readers reach is guarded.")


def database_user(it: Examined) -> Found:
    if it.settings.database_url and it.health.server().above:
        return warning(
            "The user of DATABASE_URL is a superuser or has BYPASSRLS.",
            "Make the owner of the database an ordinary role: row-level security needs nothing more.",
        )
    return ok("The database user is what it should be." if it.settings.database_url else "The embedded server's own.")


def database_encrypted(it: Examined) -> Found:
    if not it.settings.database_url:
        return ok("The embedded PostgreSQL listens on a socket of this machine.")
    server = it.health.server()
    if not server.address or ipaddress.ip_address(server.address).is_loopback:
        return ok("PostgreSQL is on this machine.")
    if not server.encrypted:
        return failing(
            f"Texts and questions go to {server.address} unencrypted.",
            "Turn on TLS in PostgreSQL and write sslmode=verify-full into DATABASE_URL.",
        )
    if "verify-full" not in it.settings.database_url:
        return warning(
            f"The connection to {server.address} is encrypted, but does not check who answers.",
            "Write sslmode=verify-full&sslrootcert=FILE into DATABASE_URL.",
        )
    return ok("The connection is encrypted and checks the server's certificate.")


def secret_files(it: Examined) -> Found:
    folder = it.settings.home / "secrets"
    if not folder.is_dir():
        return failing(f"There is no {folder}.", "Restore it from a backup; a new installation makes it at first use.")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if wrong := [path.name for path in (folder, *files) if _open(path)]:
        return failing(f"Others than their owner can reach {listed(wrong)}.", f"Run: chmod -R u=rwX,go= {folder}")
    return ok(f"{len(files)} keys, open to their owner alone.")


def data_files(it: Examined) -> Found:
    folders = [it.settings.home / name for name in ("blobs", "audit", "segments", "adapters")]
    if wrong := [path.name for path in folders if path.is_dir() and stat.S_IMODE(path.stat().st_mode) & 0o022]:
        return failing(f"Others may write to {listed(wrong)}.", f"Run: chmod -R go-w {it.settings.home}")
    blobs = it.settings.home / "blobs"
    if blobs.is_dir() and _open(blobs):
        return failing("Others may read the folder of originals.", f"Run: chmod -R u=rwX,go= {blobs}")
    return ok("Originals are open to their owner alone.")


def demo_off(it: Examined) -> Found:
    if it.settings.demo:
        return failing("Demo mode is on: anybody may sign in as a sample person.", "Unset FOOTNOTE_DEMO.")
    if it.installation.is_demo():
        return warning("The demo has been in this database.", "Keep real documents in another one.")
    return ok("Demo mode is off, and has never been on here.")


def addresses(it: Examined) -> Found:
    settings = it.settings
    if settings.host in {"", "localhost"} or _is_loopback(settings.host):
        where = "loopback only"
    elif not settings.public_url:
        return warning(
            f"The service listens on {settings.host} and no public address is set.",
            "Put a TLS proxy in front, and set FOOTNOTE_PUBLIC_URL and FOOTNOTE_ALLOWED_HOSTS.",
        )
    else:
        where = settings.host
    if settings.public_url and urlsplit(settings.public_url).scheme != "https" and where != "loopback only":
        return failing(f"{settings.public_url} is not HTTPS.", "Set FOOTNOTE_PUBLIC_URL to the https:// address.")
    if settings.public_url and not settings.allowed_hosts:
        return warning(
            "Any Host header is served.", f"Set FOOTNOTE_ALLOWED_HOSTS={urlsplit(settings.public_url).hostname}."
        )
    return ok(f"Listens on {where}" + (f", is reached at {settings.public_url}." if settings.public_url else "."))


def keys_end(it: Examined) -> Found:
    keys = _valid(it)
    if endless := [key.id for key in keys if key.expires_at is None]:
        return warning(
            f"{len(endless)} of {len(keys)} valid keys never end: {listed(endless)}.",
            "Give each a successor that ends: footnote keys rotate ID.",
        )
    return ok(f"{len(keys)} valid keys, and each of them ends.")


def keys_soon(it: Examined) -> Found:
    if soon := [key for key in _valid(it) if key.ends_soon]:
        told = [
            f"{key.id} ({key.user}{', ' if key.label else ''}{key.label}: {key.expires_at:%Y-%m-%d})" for key in soon
        ]
        return warning(
            f"These API keys end soon, and whoever uses one is refused from then on: {listed(told)}.",
            "Make a successor of each that is still needed and give it to whoever uses it: footnote keys rotate ID.",
        )
    return ok("No API key ends within two weeks, and none of a short life is in its last quarter.")


def keys_used(it: Examined) -> Found:
    before = datetime.now(UTC) - _IDLE
    if idle := [key.id for key in _valid(it) if (key.last_used_at or key.created_at) < before]:
        return warning(f"Not used for 90 days: {listed(idle)}.", "Revoke what nobody needs: footnote keys revoke ID.")
    return ok("Every valid key was made or used within 90 days.")


def powerful_keys(it: Examined) -> Found:
    keys = [key for key in _valid(it) if key.scopes & _POWERS]
    if not keys:
        return ok("No key may administer, sync people or read the trail.")
    told = [f"{key.id} ({key.user}: {','.join(sorted(key.scopes & _POWERS))})" for key in keys]
    if any(key.expires_at is None for key in keys):
        return warning(f"Powerful keys: {listed(told)}.", "Let each of them end, and look whether it is still needed.")
    return ok(f"Powerful keys, each of which ends: {listed(told)}.")


def folders(it: Examined) -> Found:
    home = it.settings.home.resolve()
    for folder in it.settings.folders:
        there = folder.resolve()
        if there == Path("/") or home.is_relative_to(there) or there.is_relative_to(home):
            return failing(
                f"FOOTNOTE_FOLDERS lets admins ingest {folder}, where Footnote's own data lies.",
                "Name the folders that hold documents, and nothing above them.",
            )
        if not there.is_dir():
            return warning(f"{folder} of FOOTNOTE_FOLDERS is not there.", "Mount it, or take it off the list.")
    count = len(it.settings.folders)
    return ok(f"{count} folders may be ingested over HTTP." if count else "No folder may be ingested over HTTP.")


def tokens(it: Examined) -> Found:
    settings = it.settings
    try:
        accepted = access_tokens(settings)
    except SettingsError as error:
        return failing(str(error), "See docs/people.md, Tokens of programs. Until then the service does not start.")
    if accepted is None:
        return ok("No tokens are accepted.")
    with closing(accepted):
        if not (settings.jwt_issuer and settings.jwt_audience):
            return failing(
                "Tokens that were made for other programs are accepted.",
                "Set FOOTNOTE_JWT_ISSUER and FOOTNOTE_JWT_AUDIENCE to what 'iss' and 'aud' are in tokens for Footnote.",
            )
        try:
            keys = accepted.signing()
        except ProviderUnavailable as error:
            return failing(f"Tokens cannot be checked: {error}", "See that the provider's address can be reached.")
    if not keys:
        return failing(
            "The provider publishes no key that signs tokens.", "Compare FOOTNOTE_JWT_JWKS_URL with its own."
        )
    return ok(f"Tokens of {settings.jwt_issuer} for {settings.jwt_audience} count, by {keys} keys.")


def generator_address(it: Examined) -> Found:
    addresses = [urlsplit(address) for address in it.settings.llm_urls]
    if not addresses:
        return ok("The language model runs on this machine.")
    open_ones = [
        one.hostname or "?"
        for one in addresses
        if one.scheme != "https" and one.hostname != "localhost" and not _is_loopback(one.hostname or "")
    ]
    if not open_ones:
        return ok(f"Passages go to {listed([one.hostname or '?' for one in addresses])}.")
    return warning(
        f"Passages of documents go to {listed(open_ones)} unencrypted.",
        "Use https in FOOTNOTE_LLM_URL, or a network that nobody else is in.",
    )


def deleted(it: Examined) -> Found:
    total, overdue = it.health.documents(it.settings.recycle_days)
    if overdue:
        return failing(
            f"{overdue} deleted documents are kept longer than FOOTNOTE_RECYCLE_DAYS says.",
            "Run `footnote documents sweep`; a running service does so every minute.",
        )
    return ok(f"{total} documents; none is kept beyond its recycle period.")


def erasures(it: Examined) -> Found:
    if count := it.health.unfinished_erasures():
        return failing(f"{count} erasures were begun and not finished.", "Run: footnote erase resume")
    return ok("Every erasure was carried out to its end.")


def open_to_all(it: Examined) -> Found:
    if count := it.health.open_to_all():
        return warning(
            f"{count} documents may be read by everybody who signs in.",
            "See that this is meant: footnote documents list --as user:nobody shows them.",
        )
    return ok("No document is open to everybody.")


def _valid(it: Examined) -> list[ApiKey]:
    return [key for key in it.api_keys.list() if not key.revoked_at and not key.expired]


def _open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


ROWS = tuple(
    Row(name, Area.PRIVACY, asks, look)
    for name, asks, look in (
        ("row-security", "Row-level security shows a stranger nothing", row_security),
        ("database-user", "The database user is no superuser", database_user),
        ("database-tls", "The way to PostgreSQL is encrypted", database_encrypted),
        ("secret-files", "Keys are open to their owner alone", secret_files),
        ("data-files", "Originals and the head are closed to others", data_files),
        ("demo-off", "Demo mode is off", demo_off),
        ("addresses", "The service is reached by HTTPS, under its own names", addresses),
        ("tokens", "Tokens of the identity provider are meant for this service", tokens),
        ("keys-end", "API keys end", keys_end),
        ("keys-soon", "No API key is about to end", keys_soon),
        ("keys-used", "API keys are used", keys_used),
        ("powerful-keys", "Keys that may administer are few and end", powerful_keys),
        ("folders", "Folders that admins may ingest hold documents alone", folders),
        ("generator-address", "Passages reach the language model in private", generator_address),
        ("deleted", "Deleted documents are purged in time", deleted),
        ("erasures", "Erasures were carried out to their end", erasures),
        ("open-to-all", "Documents open to everybody are known", open_to_all),
    )
)
