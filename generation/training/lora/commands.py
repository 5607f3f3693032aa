"""What the commands of this package share: arguments, and how they end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from generation.errors import UnreadableModel
from generation.training.lora.errors import LoraError
from generation.training.lora.steps import Stopped


def parser(doc: str | None) -> argparse.ArgumentParser:
    """The arguments that every training takes."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("run", type=Path, help="the run's settings, TOML")
    made.add_argument("--base", type=Path, required=True, help="the model to start from, GGUF")
    made.add_argument("--data", type=Path, required=True, help="folder with the rows")
    made.add_argument("--out", type=Path, required=True, help="folder for checkpoints, log, curve and the adapter")
    return made


def ended(work: Callable[[], None]) -> int:
    """Do the work. Returns the exit status: 2 for what a person can mend, 128 + signal when asked to stop."""
    try:
        work()
    except (LoraError, UnreadableModel) as error:
        print(error, file=sys.stderr)
        return 2
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 128 + stopped.number
    return 0
