"""Footnote for programs that talk to a service: `footnote.client`."""
