# Written by `python -m api.client_writer`: change the API, or the writer.
"""For programs without an event loop."""
