"""A release in words: what differs from what answers now, its settings, what they came out as, what was done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.wiring.deployment import Release, ReleaseEvent

_SHOWN = 5
_PINS = ("generator", "adapter", "prompt", "engine", "judge", "code")
_KNOWN = frozenset(
    {"set", "from", "reason", "forced", "decision", "outcome", "runs", "because", "code", "auto", "people", "step"}
)


def described(
    release: Release, status: str, beside: str, other: Mapping[str, Any], drifted: Sequence[str]
) -> Iterator[str]:
    """`other`: the settings of what answers now, which `beside` names."""
    about = f" {release.note}" if release.note else ""
    yield f"{release.name}: {status}; proposed {release.created_at:%Y-%m-%d %H:%M} by {release.by}.{about}"
    if status != "current":
        pairs = {name: (shown(other.get(name)), shown(value)) for name, value in sorted(release.settings.items())}
        differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        yield f"Differs from {beside} in:" if differing else f"It has the settings of {beside}."
        for name, (old, new) in differing.items():
            yield f"  {name:<20} {new}  (there {old})"
    yield from _drift(drifted)
    yield "Settings:"
    for name, value in sorted(release.settings.items()):
        yield f"  {name:<20} {shown(value)}"
    yield f"Came out, where it was proposed, as (setup {release.pins_sha256[:8]}; whole with --json):"
    for name in _PINS:
        if name in release.pins:
            yield f"  {name:<20} {_cut(shown(release.pins[name]), 100)}"


def step(event: ReleaseEvent) -> str:
    """What was done, and in short why."""
    way = {"rollback": "; current again is", "promote": " instead of"}.get(event.action, " beside")
    before = f"{way} {event.previous}" if event.previous else ""
    share = f" on {event.share:.0%} of the people" if event.share else ""
    why = "; ".join(_why(event.evidence))
    done = f"{event.action} {event.name}{share}{before}, by {event.by}"
    return f"{event.at:%Y-%m-%d %H:%M:%S}  {done}{f': {why}' if why else ''}"


def shown(value: Any) -> str:
    return "none" if value in ("", None) else str(value)


def _cut(line: str, longest: int) -> str:
    return line if len(line) <= longest else f"{line[:longest]}..."


def _drift(drifted: Sequence[str]) -> Iterator[str]:
    if not drifted:
        return
    yield "Does not come out here as it was pinned (propose it again by another name, and ask it in a night):"
    for line in drifted[:_SHOWN]:
        yield f"  {_cut(line, 160)}"
    if len(drifted) > _SHOWN:
        yield f"  and {len(drifted) - _SHOWN} more: --json"


def _why(evidence: Mapping[str, Any]) -> Iterator[str]:
    told = {name: value for name, value in evidence.items() if value not in (None, "", {}, [], False)}
    for name in ("reason", "forced"):
        if name in told:
            yield f"{'forced, ' if name == 'forced' else ''}{told[name]!r}"
    if "set" in told:
        yield ", ".join(f"{name}={shown(value)}" for name, value in told["set"].items())
    if "from" in told:
        yield f"else as {told['from']}"
    if isinstance(decision := told.get("decision"), str):
        yield f"decision {decision[:8]}: {told.get('outcome', 'unknown')}"
    if "auto" in told:
        yield "is to be promoted by itself"
    if "because" in told:
        code = f" ({told['code']})" if "code" in told else ""
        yield f"{', '.join(told['because'])}{code}"
    if "people" in told:
        counts = told["people"]
        yield f"after {counts.get('candidate', 0)} and {counts.get('current', 0)} people"
    if told.keys() - _KNOWN:
        yield "more with --json"
