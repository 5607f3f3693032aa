"""What keys are for, by name. A pseudonym follows from the key of a name, and is nobody's once that is destroyed."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from infra.vault.errors import KeyDestroyed
from infra.vault.keys import Keys

ERASED = "erased"  # the action of the record that an erasure leaves
INDICES = "indices"  # its field that lists which keys were destroyed, as `Keys.destroy` gives them
PERSON = "person:"
_HANDLE_CHARS = 32


def entry(entry_id: str) -> str:
    """`entry_id`: of an answer, or of the record, with `.N` for the N-th access in it."""
    return f"entry:{entry_id}"


def month(at: datetime) -> str:
    return f"month:{at.astimezone(UTC):%Y-%m}"


def document(keys: Keys, document_id: str) -> str:
    return keys.generation(f"document:{document_id.lower()}")


def first_document(document_id: str) -> str:
    """Whether it was erased since or not."""
    return f"document:{document_id.lower()}#0"


def name(keys: Keys, user: str) -> str:
    """Case does not matter, as where people are synced."""
    return keys.generation(f"name:{user.lower()}")


def handle(keys: Keys, user: str) -> str:
    """The pseudonym of a user name, 32 hex digits."""
    return _called(keys, user, b"handle")


def observed(keys: Keys, user: str) -> str:
    """Another one, under which trials of releases count them: nothing leads from one to the other but the key."""
    return _called(keys, user, b"observed")


def _called(keys: Keys, user: str, purpose: bytes) -> str:
    while True:
        try:
            return hmac.digest(keys.key(name(keys, user)), purpose, "sha256").hex()[:_HANDLE_CHARS]
        except KeyDestroyed:  # by another process, since the name was asked for: the next generation then
            continue


def person(keys: Keys, user: str) -> str:
    """What the trail calls them, and the ref of their key."""
    return PERSON + handle(keys, user)


def of_person(keys: Keys, user: str) -> tuple[str, str]:
    """The refs to destroy for somebody: of the name and of the pseudonym."""
    return name(keys, user), person(keys, user)


def of_document(keys: Keys, document_id: str) -> tuple[str, ...]:
    return (document(keys, document_id),)
