"""`footnote keys`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import opened, principal
from api.cli.options import Groups, Json
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json, say_table

if TYPE_CHECKING:
    from api.http.people import KeyRecord
    from retrieval.types import Principal


KeyId = Annotated[str, typer.Argument(metavar="ID", help="As `footnote keys list` shows it.")]
Expires = Annotated[
    str,
    typer.Option(metavar="90d|YYYY-MM-DD|never", help="When it ends; after FOOTNOTE_KEY_DAYS, a year, if not given."),
]


def register(commands: Registry) -> None:
    group = commands.add_group("keys", "Create, replace and revoke API keys.")
    group.add(create, "create")
    group.add(list_all, "list")
    group.add(rotate, "rotate")
    group.add(revoke, "revoke")


def create(
    user: Annotated[str, typer.Option(help="User id that the key speaks for.")],
    groups: Groups = "",
    synced: Annotated[
        bool, typer.Option("--synced-groups", help="In whatever groups the identity provider has synced the user.")
    ] = False,
    scope: Annotated[
        str,
        typer.Option(
            metavar="a,b",
            help="read; write: may upload, and delete what is theirs; admin: may delete and restore whatever this user "
            "may read, and manage keys; audit; scim: may sync people and groups. Those who search and ask need read, "
            "too: read,admin.",
        ),
    ] = "read",
    expires: Expires = "",
    label: Annotated[str, typer.Option(help="A note, for the list.")] = "",
) -> int:
    """Create an API key; it is shown once."""
    if synced and groups:
        raise UsageError("Give either --groups or --synced-groups.")
    owner, ends, scopes = principal(user, groups), _ends(expires), _scopes(scope)
    with opened() as parts:
        ends = ends if expires else _in_days(parts.settings.key_days)
        held = None if synced else owner.groups
        secret = parts.api_keys.create(owner.user, held, scopes, label, expires_at=ends)
        unknown = synced and parts.people.standing(owner.user) is None
    for warning in _warnings(owner, scopes, synced=synced, unknown=unknown):
        note(f"! {warning}")
    note(f"Key for user:{owner.user}, until {_minute(ends, 'it is revoked')}. It is shown only now; keep it safe.")
    say(secret)
    return 0


def _warnings(owner: Principal, scopes: frozenset[str], *, synced: bool, unknown: bool) -> Iterator[str]:
    """Why the key opens less than one may think."""
    if scopes & {"write", "admin"} and "read" not in scopes:
        yield f"Without the scope read it searches and reads nothing: --scope read,{','.join(sorted(scopes))}."
    if "read" in scopes and unknown:
        yield f"user:{owner.user} was never synced: until then the key is in no group (`footnote people list`)."
    elif "read" in scopes and not synced and not owner.groups:
        yield f"It is in no group: it opens only what user:{owner.user} may read by name. --groups a,b names groups."


def list_all(as_json: Json = False) -> int:
    """Keys without their secrets."""
    with opened() as parts:
        keys = parts.api_keys.list()
    if as_json:
        say_json({"keys": keys})
    else:
        say_table(
            ("id", "user", "groups", "scopes", "state", "expires", "last used", "label"),
            [
                (
                    key.id,
                    key.user,
                    "(synced)" if key.groups is None else ",".join(sorted(key.groups)),
                    ",".join(sorted(key.scopes)),
                    _state(key),
                    _minute(key.expires_at),
                    _minute(key.last_used_at),
                    key.label,
                )
                for key in keys
            ],
        )
    return 0


def rotate(
    key_id: KeyId,
    grace: Annotated[
        str, typer.Option(metavar="7d", help="How long the old key goes on at most; 0d: it ends at once.")
    ] = "7d",
    expires: Expires = "",
) -> int:
    """Replace a key: a new one for the same user, groups and scopes, shown once, and an end for the old one."""
    days = re.fullmatch(r"(\d{1,4})d", grace)
    if not days:
        raise UsageError("--grace takes days, 7d.")
    ends = _ends(expires)
    with opened() as parts:
        ends = ends if expires else _in_days(parts.settings.key_days)
        made = parts.api_keys.rotate(key_id, grace=timedelta(days=int(days[1])), expires_at=ends)
        if made is None:
            raise UsageError(f"There is no key {key_id} that is still valid.")
    secret, old_ends = made
    note(f"Key {key_id} goes on until {_minute(old_ends)}, its successor until {_minute(ends, 'it is revoked')}.")
    note("The successor is shown only now; keep it safe.")
    say(secret)
    return 0


def revoke(key_id: KeyId) -> int:
    """Revoke a key, from the next request on."""
    with opened() as parts:
        if not parts.api_keys.revoke(key_id):
            raise UsageError(f"There is no key {key_id} that is still valid.")
    say(f"Revoked {key_id}.")
    return 0


def _scopes(text: str) -> frozenset[str]:
    from api.http.auth import ALL_SCOPES

    scopes = frozenset(filter(None, (name.strip() for name in text.split(","))))
    if not scopes or not scopes <= set(ALL_SCOPES):
        raise UsageError(f"--scope takes one or more of {', '.join(ALL_SCOPES)}, with commas between.")
    return scopes


def _state(key: KeyRecord) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expired else "ends soon" if key.ends_soon else "valid"


def _in_days(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def _ends(text: str) -> datetime | None:
    """`90d`: so many days from now; a day: at its end, in UTC; None for `never`, and where nothing is said. Raises
    `UsageError`."""
    if text in {"", "never"}:
        return None
    now = datetime.now(UTC)
    try:
        days = re.fullmatch(r"(\d{1,5})d", text)
        if days:
            ends = _in_days(int(days[1]))
        else:
            ends = datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time.max, UTC)  # noqa: DTZ007
    except ValueError as error:
        raise UsageError("--expires takes days from now, 90d, a day, 2027-03-31, or never.") from error
    if ends <= now:
        raise UsageError(f"--expires {text} is past: the key would open nothing.")
    return ends


def _minute(at: datetime | None, never: str = "-") -> str:
    return never if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
