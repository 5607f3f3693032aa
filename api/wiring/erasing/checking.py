"""A receipt checked against a public key, without a database."""

from __future__ import annotations

from infra.erasure.receipts import Receipt, ReceiptInvalid, read
from infra.files.signing import signing_key
from infra.settings import load_settings


def checked(data: bytes, public: bytes | None) -> Receipt:
    """`public`: PEM; None: the key of the installation that the settings name. Raises `ReceiptInvalid`."""
    if public is not None:
        return read(data, public)
    home = load_settings().home
    if not (home / "secrets" / "signing.key").exists():
        raise ReceiptInvalid(
            f"There is no key in {home} to check it with: give --key, as `footnote audit key` prints it."
        )
    return read(data, signing_key(home).public_key())
