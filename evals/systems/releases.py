"""Adapters as the product keeps them: whether one's files are whole, and what its weights are pinned by."""

from api.wiring.releases import is_whole, pins

__all__ = ["is_whole", "pins"]
