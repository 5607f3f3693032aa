"""`footnote bench generation`: language models before the gate, all on the same contexts."""
