"""What settings come out as on this machine: models with their digests, adapter, prompts, limits, code.

The same thing has two forms: `pins`, whose values can be read, which a release keeps; and `setup`, the digests of its
parts, which an evaluation keeps. One digest is of both, so a run can be known to be of a release.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from api.wiring import answering, hosting, searching, weights
from api.wiring.deployment import Wanted
from api.wiring.indexes import beside_name
from api.wiring.language import own_engine, prompt_of
from infra.code import SERVING, code
from infra.models.store import ModelStore

JUDGE = "judge"


def pinned(wanted: Wanted, models: ModelStore) -> dict[str, Any]:
    """All but who checks, `JUDGE`, which is known where a language model has been started. Raises `ModelError` for a
    name that no model has, `SettingsError`."""
    settings, adapter = wanted.chosen.settings, wanted.adapter
    name_of = partial(weights.pinned, models)
    generator, own = hosting.model_name(settings), own_engine(settings, adapter)
    search = searching.options_of_answers(settings, searching.options(settings))
    recipe = answering.recipe(
        settings,
        weights.limits(settings, models),
        search,
        searching.context_options(settings),
        name_of,
        generator=generator,
        own=own,
        beside=beside_name(settings, name_of) if wanted.chosen.beside else "",
    )
    return pins(generator, adapter.pinned if adapter else "", prompt_of(adapter).pinned, recipe)


def pins(generator: str, adapter: str, prompt: str, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON holds it. `recipe`: as `api.wiring.answering.recipe` gives it."""
    told = {
        "generator": generator,
        "adapter": adapter,
        "prompt": prompt,
        "engine": recipe["engine"],
        "recipe": recipe,
        "code": code(*SERVING),
    }
    found: dict[str, Any] = json.loads(json.dumps(told))
    return found


def setup(of: Mapping[str, Any]) -> dict[str, Any]:
    """The short form of `pins`, with `JUDGE`: each part of the recipe by the first 12 digits of its sha256 (hex)."""
    recipe = {part: _digest(value)[:12] for part, value in of["recipe"].items()} | {"code": of["code"]}
    return {name: of[name] for name in ("generator", "adapter", "prompt", JUDGE, "engine")} | {"recipe": recipe}


def setup_sha256(told: Mapping[str, Any]) -> str:
    """Of a `setup`."""
    return _digest(told)


def drift(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not as it was pinned, in words; empty where all is. Who checks is compared if both tell."""
    both = _flat({name: value for name, value in then.items() if name in now})
    found = dict(_flat({name: value for name, value in now.items() if name in then}))
    before = dict(both)
    return [
        f"{name} was {before.get(name)!r} and is {found.get(name)!r}"
        for name in sorted(before.keys() | found.keys())
        if before.get(name) != found.get(name)
    ]


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, one in value.items():
        if isinstance(one, Mapping) and one:
            yield from _flat(one, f"{before}{name}.")
        else:
            yield f"{before}{name}", one


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
