"""The gate's limits as calibrated: generation/gate/limits.toml, one table a profile."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib.resources import files

from generation.gate.reader import shipped_heads
from generation.types import Limits, Pooled


def load_limits(profile: str, judge: str) -> Limits:
    """The limits of a profile for the judge with this sha256.

    Raises `LookupError` if the file was calibrated for another judge: a limit means nothing for other weights.
    """
    text = files(__package__).joinpath("limits.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    if table["judge"] != judge:
        raise LookupError(
            f"The gate's limits were calibrated for the judge {table['judge'][:12]}, and this one is {judge[:12]}. "
            "Run `footnote gate calibrate` for it."
        )
    chosen, pooled = table["profile"][profile], table.get("pooled", {}).get(profile)
    weights = None
    if pooled:
        if pooled["heads"] != shipped_heads().digest:
            raise LookupError("The gate's limits were chosen for other heads of the reader. Run `footnote gate read`.")
        weights = Pooled(**{field.name: pooled[field.name] for field in fields(Pooled)})
    return Limits(
        ship=chosen["ship"],
        grey=chosen["grey"],
        conflict=chosen["conflict"],
        pooled=weights,
    )
