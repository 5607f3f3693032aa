"""For programs with an event loop. `footnote.client._sync` is written from this folder."""
