"""The API's description as JSON: `python -m api.http.openapi > frontend/openapi.json`."""

from __future__ import annotations

import json
import sys

from api.http.app import create_app


def description() -> str:
    """OpenAPI of the application, the same bytes wherever it is made. Nothing is opened or started."""
    return json.dumps(create_app(None).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(description())
