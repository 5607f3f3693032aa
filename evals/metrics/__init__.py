"""One metric a file. Each is called with a case and an answer and gives a score in [0, 1] or None."""
