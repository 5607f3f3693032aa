"""A digest of the code that decides a result: what other code measured is never gone on from."""

from infra.code import (
    ANSWERING,
    CHECKING,
    EMBEDDING,
    FINDING,
    IMAGINING,
    JUDGING,
    SERVING,
    SHOWING,
    WRITING,
    closure,
    code,
)

__all__ = [
    "ANSWERING", "CHECKING", "EMBEDDING", "FINDING", "IMAGINING", "JUDGING", "SERVING", "SHOWING", "WRITING", "closure",
    "code",
]  # fmt: skip
