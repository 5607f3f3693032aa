"""Measurements on public data that is not part of this package."""
