"""`footnote bench gates`: how often the gates of docs/gating.md err, simulated."""
