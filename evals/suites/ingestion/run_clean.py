"""Every PDF of a folder: which are warned and why, and the share of labelled passages that their text holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from api.terminal import UsageError, note, say
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.ingestion.clean import Found, found_in, missing, passages, unrecognised

_FIRST = (60, None)  # letters of a passage that are looked for: people's labels now and then end in the middle
_EVERY = 20  # files between two words on how far it is


def run_clean(folder: Path, out: Path | None) -> int:
    """1 if a file is refused. `folder`/qa.jsonl, where it is there, names the passages."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".pdf")
    if not paths:
        raise UsageError(f"{folder} holds no PDF.")
    results, found = ResultFile(out), []
    with unrecognised():
        for at, path in enumerate(paths, start=1):
            found.append(found_in(path))
            if at % _EVERY == 0:
                note(f"{at} of {len(paths)} files.")
    warned = [one for one in found if one.warnings or one.error]
    table("Files that are warned or refused", ("file", "what"), [(one.name[:60], _what(one)) for one in warned])
    kinds = Counter(kind for one in found for kind in one.kinds)
    table("Warned files, by kind", ("kind", "files"), kinds.most_common())
    numbers = {"files": len(found), "pages": sum(one.pages for one in found), "warned": len(warned), "kinds": kinds}
    say(f"\n{len(warned)} of {len(found)} files ({numbers['pages']} pages) are warned or refused.")
    for one in warned:
        results.add({"row": "warned", "file": one.name, "warnings": one.warnings, "error": one.error})
    qa = folder / "qa.jsonl"
    rates = _passages(qa, found, results) if qa.is_file() else {}
    summary = {"row": "summary", "command": command_line(), **setting(), "code": code("ingest")}
    results.add({**summary, "found": numbers, "passages": rates})
    return 1 if any(one.error for one in found) else 0


def _passages(qa: Path, found: Sequence[Found], results: ResultFile) -> dict[str, float]:
    texts = {one.name: one.letters for one in found}
    wanted = [(name, words) for name, words in passages(qa) if name in texts]
    rates, lines = {}, []
    for first in _FIRST:
        lost = missing(wanted, texts, first)
        name = f"first {first} letters" if first else "all of it"
        rates[name] = 1 - len(lost) / max(1, len(wanted))
        lines.append((name, len(wanted) - len(lost), len(wanted), f"{100 * rates[name]:.2f}"))
        for file, words in lost:
            results.add({"row": "passage", "looked_for": name, "file": file, "words": words})
    table("Labelled passages in the text", ("looked for", "found", "of", "percent"), lines)
    return rates


def _what(one: Found) -> str:
    places = (f"{kind} on page {page}" if page else kind for kind, page in one.warnings)
    return one.error or ", ".join(places)[:160]
