"""Decides from numbers alone whether a candidate ships: gates, canaries, drift and judged samples (docs/gating.md)."""
