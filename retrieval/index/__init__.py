"""The index: immutable segments, a principal's view of them, and exact search over a view."""
