"""What is to be done so that the documents are in step with a listing. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ingest.syncing.mapping import Mapping as Rules
from ingest.syncing.protocols import SourceDenied
from ingest.syncing.types import NOBODY, Change, Item, KnownItem, Listing, Plan, Step

GUARD_ITEMS, GUARD_SHARE = 10, 0.5  # more deletions than both at once are held back, and so is an emptied source


def plan(
    listing: Listing,
    known: Mapping[str, KnownItem],
    rules: Rules,
    *,
    confirm: bool = False,
    retry: bool = False,
) -> Plan:
    """`confirm`: delete however much is gone. `retry`: try again what could not be ingested."""
    rights: list[Change] = []
    contents: list[Change] = []
    without: list[Item] = []
    failed: list[KnownItem] = []
    unchanged = 0
    seen: set[str] = set()
    problems = list(listing.problems)
    for item in listing.items:
        if item.key in seen:
            problems.append(f"{item.key}: two items spell alike; the second is left out.")
            continue
        seen.add(item.key)
        before, label = known.get(item.key), rules.label(item.key, item.facts)
        if before is None:
            if label:
                contents.append(Change(Step.ADD, item.key, label, item, facts=item.facts))
            else:
                without.append(item)
            continue
        right = _right(before, item, NOBODY if before.code == SourceDenied.code else label)
        if right is not None:
            rights.append(right)
        if not label:
            without.append(item)
        elif _other(before, item, retry):
            contents.append(Change(Step.CHANGE, item.key, label, item, before.label, item.facts))
        elif before.code:
            failed.append(before)
        elif right is None:
            unchanged += 1
    unmapped, ignored = _left_out(without, rules)
    gone = [one for key, one in known.items() if key not in seen]
    rights += _unlisted(listing, gone, rules)
    deletions, held = _deletions(listing, gone, known, confirm)
    rights += deletions
    narrowed = [_narrowed(one, rules) for one in gone if one.key in held]
    rights += [change for change in narrowed if change]
    return Plan(
        rights=tuple(sorted(rights, key=_first)),
        contents=tuple(contents),
        unchanged=unchanged,
        unmapped=unmapped,
        ignored=ignored,
        held=tuple(sorted(held)),
        failed=tuple(failed),
        problems=tuple(problems),
    )


def hidden(known: Mapping[str, KnownItem]) -> Plan:
    """Nobody may read anything: who may can no longer be told."""
    return Plan(tuple(change for one in known.values() if (change := _to(one, NOBODY)) is not None))


def narrowed(known: Mapping[str, KnownItem], rules: Rules, problem: str) -> Plan:
    """The source cannot be listed: rights that the rules took away are gone, and none is given."""
    changes = [_narrowed(one, rules) for one in known.values()]
    rights = tuple(change for change in changes if change is not None)
    return Plan(rights, problems=(problem,) if problem else (), unlisted=bool(problem))


def _left_out(items: list[Item], rules: Rules) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys of those that no rule names, and of those that a rule leaves out."""
    ignored = {item.key for item in items if rules.ignores(item.key, item.facts)}
    keys = [item.key for item in items]
    return tuple(key for key in keys if key not in ignored), tuple(key for key in keys if key in ignored)


def _other(before: KnownItem, item: Item, retry: bool) -> bool:
    """Whether its bytes are to be fetched."""
    return not before.settled or before.fingerprint != item.fingerprint or (retry and bool(before.code))


def _right(before: KnownItem, item: Item, label: frozenset[str]) -> Change | None:
    """The label of what is not settled is set again, whatever it is said to be: it may be just being stored."""
    if before.label == label and before.settled:
        return None
    step = Step.RELABEL if label else Step.HIDE
    return Change(step, item.key, label, item, before.label, item.facts)


def _unlisted(listing: Listing, gone: list[KnownItem], rules: Rules) -> Iterator[Change]:
    for one in gone:
        change = None
        if _under(one.key, listing.denied):
            change = _to(one, NOBODY)
        elif _under(one.key, listing.unseen):
            change = _narrowed(one, rules)
        if change is not None:
            yield change


def _deletions(
    listing: Listing, gone: list[KnownItem], known: Mapping[str, KnownItem], confirm: bool
) -> tuple[list[Change], frozenset[str]]:
    """What is gone for certain: to be deleted, or held back."""
    around = (*listing.unseen, *listing.denied)
    certain = [one for one in gone if not _under(one.key, around)]
    many = len(certain) > max(GUARD_ITEMS, GUARD_SHARE * len(known))
    if certain and not confirm and (many or not listing.items):
        return [], frozenset(one.key for one in certain)
    return [Change(Step.DELETE, one.key, before=one.label, facts=one.facts) for one in certain], frozenset()


def _under(key: str, places: Iterable[str]) -> bool:
    """Whether it is one of the places, or in one that ends with a slash; "" is everywhere."""
    return any(key == place or (key.startswith(place) and place[-1:] in ("", "/")) for place in places)


def _narrowed(one: KnownItem, rules: Rules) -> Change | None:
    """By what was known of it when it was last seen; never to more than could read it before."""
    return _to(one, one.label & rules.label(one.key, one.facts))


def _to(one: KnownItem, label: frozenset[str]) -> Change | None:
    if one.label == label:
        return None
    return Change(Step.RELABEL if label else Step.HIDE, one.key, label, before=one.label, facts=one.facts)


def _first(change: Change) -> int:
    """Hiding comes first, then relabelling that takes something away."""
    if change.step is Step.HIDE:
        return 0
    if change.step is Step.DELETE:
        return 1
    return 2 if change.before is not None and change.before - change.label else 3
