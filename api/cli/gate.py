"""`footnote gate`: sentences held against evidence from elsewhere, without database and network."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.checked_lines import SHAPE, parsed
from api.cli.local import opened
from api.cli.registry import Registry
from api.terminal import UsageError, note, say, say_json
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from generation.gate import CheckedSentence, FaithfulnessGate

NOT_ENTAILED_EXIT, BAD_INPUT_EXIT = 1, 2
STDIN = "-"


def register(commands: Registry) -> None:
    group = commands.add_group("gate", "The gate without the rest.")
    group.add(check, "check")
    group.add(calibrate, "calibrate")
    group.add(read, "read")


def check(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="JSON lines; - for standard input.")] = STDIN,
    question: Annotated[str, typer.Option(help="What the sentences answer, where a line has no question.")] = "",
    second: Annotated[bool, typer.Option("--second", help="Ask the language model too, as the service does.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> int:
    """Does the evidence entail the sentence? One {"evidence": ..., "sentence": ...} a line in, one verdict a line out.

    Exit code 0 if all are entailed, 1 if one is not, 2 if a line could not be read. Needs no documents and no network,
    and without --second no language model.
    """
    # Each line goes out as soon as it is known. 2 also where the file could not be read, or there is nothing to check
    # with: what is not 0 or 1 says nothing about the sentences.
    try:
        with _lines(file) as lines, opened() as parts:
            gate = parts.faithfulness(second=second)
            counts = Counter(_answered(gate, number, line, question, as_json) for number, line in lines)
    except FootnoteError as error:
        note(f"footnote: {error}")
        return BAD_INPUT_EXIT
    if not counts:
        note(f"footnote: There is nothing to check. Write one {SHAPE} a line.")
        return BAD_INPUT_EXIT
    if not as_json:
        unread = f"; {counts[None]} lines could not be read" if counts[None] else ""
        say(f"\n{counts[True]} of {counts[True] + counts[False]} sentences are entailed{unread}.")
    if counts[None]:
        return BAD_INPUT_EXIT
    return NOT_ENTAILED_EXIT if counts[False] else 0


def calibrate(
    folder: Annotated[Path, typer.Argument(help="Folder with model.onnx and tokenizer.json.")],
    pairs: Annotated[Path, typer.Option(help="Held-out pairs, as generation.training.judge.data writes them.")],
    limits: Annotated[Path | None, typer.Option(help="File to write; the package's own if not given.")] = None,
) -> int:
    """Fit a judge's temperature and choose the gate's limits for the risks of each profile."""
    import generation.gate
    from api.wiring.models import encoder
    from generation.training.judge.calibrate import calibrate as run

    missing = [path for path in (folder / "model.onnx", folder / "tokenizer.json", pairs) if not path.is_file()]
    if missing:
        note(f"footnote: {missing[0]} is not there. Name the folder of an exported judge and a file of pairs.")
        return BAD_INPUT_EXIT
    run(folder, pairs, limits or Path(generation.gate.__path__[0]) / "limits.toml", encoder, say)
    return 0


def read(
    data: Annotated[Path, typer.Option(help="Folder with the public data sets.")],
    states: Annotated[Path, typer.Option(help="Folder for what the language model holds; goes on from there.")],
    most: Annotated[int, typer.Option(help="Sentences to train on.", min=200)] = 20_000,
    out: Annotated[Path | None, typer.Option(help="Folder of limits.toml and heads.npz; the package's own.")] = None,
) -> int:
    """Train the reader's heads on the language model's states, and choose the limits for the risks of the profile."""
    import generation.gate
    from generation.training.judge.reading import train

    out = out or Path(generation.gate.__path__[0])
    if not (out / "limits.toml").is_file():
        note(f"footnote: {out} holds no limits.toml. Name the folder that `footnote gate calibrate` wrote it to.")
        return BAD_INPUT_EXIT
    try:
        with opened() as parts, asyncio.Runner() as runner:
            model = parts.state_model
            found = train(
                data,
                lambda messages, since: runner.run(model.states(messages, since)),
                parts.judge,
                generator=parts.language.weights,
                profile=parts.settings.profile,
                states=states,
                most=most,
                out=out,
                say=note,
            )
    except FileNotFoundError as error:
        missing = error.filename or error
        note(f"footnote: {missing} is not there. Name the folder of the public sets (docs/models/judge.md).")
        return BAD_INPUT_EXIT
    except FootnoteError as error:
        note(f"footnote: {error}")
        return BAD_INPUT_EXIT
    say(f"{found}")
    return 0


def _answered(gate: FaithfulnessGate, number: int, line: bytes, question: str, as_json: bool) -> bool | None:
    """Prints the result of one line: True if entailed, False if not, None if the line could not be read."""
    try:
        request = parsed(number, line)
    except UsageError as error:
        note(f"footnote: {error}")
        if as_json:  # whoever waits for an answer to each line gets one
            say_json({"line": number, "error": str(error)})
        return None
    asked = request.question or question
    found = gate.check(request.sentence, request.evidence, question=asked, before=request.before)
    if as_json:
        say_json(_row(request.id, found))
    else:
        name = " ".join(str(request.id).split())
        said = f"{name:<8}  {found.verdict:<12}  {found.support:.3f}  {found.stage:<9}  {_why(found)}"
        say(said.rstrip())
    return found.passed


def _row(name: str | int, found: CheckedSentence) -> dict[str, Any]:
    return {
        "id": name,
        "verdict": found.verdict,
        "support": round(found.support, 4),
        "stage": found.stage,
        "reason": found.reason,
        "quotes": [asdict(quote) for quote in found.quotes],
        "moved": found.moved,
    }


def _why(found: CheckedSentence) -> str:
    """The reason, or the quotes by number of the evidence and characters in it."""
    quotes = (f"[{q.index + 1}] {q.start}-{q.end} {json.dumps(q.text, ensure_ascii=False)}" for q in found.quotes)
    return found.reason or "  ".join(quotes)


@contextmanager
def _lines(file: str) -> Iterator[Iterator[tuple[int, bytes]]]:
    """Numbered lines that are not blank, each as soon as it is there; raises `UsageError` if there is no such file."""
    with ExitStack() as stack:
        try:
            lines = sys.stdin.buffer if file == STDIN else stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror}. Name a file of JSON lines, or - for stdin.") from error
        yield ((number, line) for number, line in enumerate(lines, 1) if line.strip())
