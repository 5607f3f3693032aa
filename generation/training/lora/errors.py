"""What a person can get wrong when an adapter is trained or exported."""


class LoraError(ValueError):
    """Says what is wrong and what to do. The commands print it and end with status 2."""
