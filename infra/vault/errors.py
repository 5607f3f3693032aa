"""Errors of the keys that the trail is sealed under.

FootnoteError
└── VaultError          what is sealed cannot be sealed or opened
    ├── KeysMissing     the file of keys is gone, and there is something that is sealed under them
    ├── KeysDamaged     it is not what was written, or belongs to another trail
    ├── KeysOfAnother   a copy that is to be put back belongs to another trail than the keys that are here
    ├── KeyDestroyed    this key was destroyed: what is sealed under it is erased
    └── BoxDamaged      something was sealed under other keys than those that are here, or was changed
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class VaultError(FootnoteError):
    code = "vault_error"


class KeysMissing(VaultError):
    code = "keys_missing"


class KeysDamaged(VaultError):
    code = "keys_damaged"


class KeysOfAnother(VaultError):
    code = "keys_of_another"


class KeyDestroyed(VaultError):
    code = "key_destroyed"


class BoxDamaged(VaultError):
    code = "box_damaged"
