"""A candidate that is tried beside the current release: who is answered by it, what became of that, what is decided."""
