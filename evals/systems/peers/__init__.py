"""Other libraries' hybrid search, each as its own documentation sets it up (extra `peers`).

A peer is a function from passages to a search; rows are named by their position.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from api.terminal import UsageError
from ingest.protocols import Embedder

PEERS = ("langchain", "llamaindex", "txtai", "haystack")
PACKAGES = {
    "langchain": ("langchain-classic", "langchain-community", "langchain-core", "rank-bm25", "faiss-cpu"),
    "llamaindex": ("llama-index-core", "llama-index-retrievers-bm25", "bm25s"),
    "txtai": ("txtai", "faiss-cpu"),
    "haystack": ("haystack-ai",),
}
_QUIET = {
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


class Search(Protocol):
    def __call__(self, query: str, k: int, tier: int | None = None) -> Sequence[int]:
        """Rows for the query, best first, `k` as the library understands it; with `tier`, only rows of at most
        this tier, in the library's own way of filtering."""
        ...


class Peer(Protocol):
    def __call__(self, texts: Sequence[str], embedder: Embedder, tiers: Sequence[int] | None = None) -> Search:
        """Indexes the texts; `tiers` is metadata that `Search` can filter by."""
        ...


def peer(name: str) -> Peer:
    """The peer's `build`; raises `UsageError` if its packages are missing."""
    os.environ.update(_QUIET)
    try:
        build: Peer = importlib.import_module(f"evals.systems.peers.{name}").build
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{name} needs the package {error.name}: pip install torch==2.13.0, then "
            "pip install -c constraints.txt -e '.[peers]' in Footnote's folder."
        ) from error
    return build


def versions(name: str) -> dict[str, str]:
    """Installed versions of the packages that a peer is made of; missing ones are left out."""
    found = {}
    for package in PACKAGES[name]:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
