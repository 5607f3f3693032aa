"""Exits 0 if the service of this container lives, 1 if not. Needs nothing but Python itself.

/healthz and not /readyz: a restart does not bring back a database that is away.
"""

from __future__ import annotations

import os
import sys
import urllib.request


def lives(port: str) -> bool:
    """Whether the service answers within three seconds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if lives(os.environ.get("FOOTNOTE_PORT", "8000")) else 1)
