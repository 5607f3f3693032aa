"""The same questions through the command line, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.terminal import note
from evals.datasets.cuad import ASKER

ABSTAINED_EXIT = 3  # of `footnote ask`


def same_by_command(home: Path, answered: Sequence[Mapping[str, Any]]) -> bool:
    """Whether `footnote ask --json` gives these answers again, word for word."""
    same = True
    for row in answered:
        answer = _asked(home, row["question"])
        if (answer["status"], answer["answer"]) != (row["status"], row["answer"]):
            note(f"{row['id']}: `footnote ask` says {answer['answer']!r}, the service said {row['answer']!r}.")
            same = False
    return same


def _asked(home: Path, question: str) -> Mapping[str, Any]:
    """The JSON that the command prints; its message goes to stderr if it fails."""
    command = [sys.executable, "-m", "api.cli.main", "ask", question, "--as", f"user:{ASKER.user}", "--json"]
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "FOOTNOTE_URL"}}
    done = subprocess.run(
        [*command, "--groups", ",".join(sorted(ASKER.groups))],
        env=kept | {"FOOTNOTE_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode not in {0, ABSTAINED_EXIT}:
        return {"status": "failed", "answer": f"exit code {done.returncode}"}
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer
