"""Writes what is generated of `footnote.client` from the API's description: `python -m api.client_writer`."""
