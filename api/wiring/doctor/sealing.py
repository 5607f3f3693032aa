"""Whether what the trail says can be erased, and is not lost by accident: its keys, their copy, what is unsealed."""

from __future__ import annotations

import stat
from datetime import UTC, datetime

from api.wiring import vaulting
from api.wiring.doctor.examined import Examined
from api.wiring.doctor.findings import Area, Found, Row, failing, ok, warning
from infra.postgres.sealed import erasures, unsealed

_COPY = "footnote audit vault copy COPY --passphrase-file FILE"


def trail_keys(it: Examined) -> Found:
    keys = it.keys
    if keys is None:
        return ok("Nothing is sealed yet: the keys are made with the first record.")
    indices = [index for one in erasures(it.pool) for index in one.indices]
    back = keys.missing(indices)  # raises what is wrong with the file
    if any(stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (keys.path.parent, keys.path)):
        return failing("Others can reach the keys of the trail.", f"Run: chmod -R u=rwX,go= {keys.path.parent}")
    if back:
        return failing(
            f"{len(back)} keys are there that were destroyed: the file of keys is older than an erasure.",
            "Run: footnote audit vault reapply",
        )
    return ok(f"The keys of the trail are there; {len(set(indices))} were destroyed by erasures.")


def trail_keys_copy(it: Examined) -> Found:
    keys = it.keys
    if keys is None:
        return ok("There are no keys yet.")
    copied = vaulting.copied_at(keys)
    if copied is None:
        return warning("There is no copy of the trail's keys: without them it says nothing any more.", f"Run: {_COPY}")
    at = datetime.fromtimestamp(copied, UTC)
    if later := [one for one in erasures(it.pool) if one.at > at]:
        return warning(
            f"The copy of {at:%Y-%m-%d %H:%M} holds keys that {len(later)} erasures have destroyed since.",
            f"Make a new one ({_COPY}) and destroy the old one: until then it undoes them.",
        )
    return ok(f"The keys of the trail were copied on {at:%Y-%m-%d %H:%M}, after the last erasure.")


def trail_sealed(it: Examined) -> Found:
    left = unsealed(it.pool)
    if left.count:
        return warning(
            f"{left.count} records ({left.first} to {left.last}) stand in the clear: nothing in them can be erased.",
            "Run: footnote audit reseal",
        )
    return ok("Every record is sealed.")


ROWS = tuple(
    Row(name, Area.SAFETY, asks, look)
    for name, asks, look in (
        ("trail-keys", "The keys of the trail are there, and those that were destroyed are not", trail_keys),
        ("trail-keys-copy", "There is a copy of the trail's keys, newer than the last erasure", trail_keys_copy),
        ("trail-sealed", "What the trail says can be erased", trail_sealed),
    )
)
