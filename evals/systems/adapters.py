"""Adapters as the product keeps them: whether one's files are whole, and what its weights are pinned by."""

from api.wiring.adapter_in_use import is_whole, pins
from infra.postgres.adapters import Adapter

__all__ = ["Adapter", "is_whole", "pins"]
