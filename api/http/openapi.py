"""The API's description as JSON: `python -m api.http.openapi > frontend/openapi.json`."""

from __future__ import annotations

import json
import sys

from api.bootstrap import Container
from api.http.app import create_app
from infra.settings import load_settings


def description() -> str:
    """OpenAPI of the application, the same bytes wherever it is made. Nothing is opened or started."""
    app = create_app(Container(load_settings()), warm=False)
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(description())
