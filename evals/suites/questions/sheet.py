"""A sheet on which a person strikes out bad questions: a CSV file for a spreadsheet, or a page that saves one."""

from __future__ import annotations

import csv
import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from api.terminal import UsageError, say
from evals.measuring.results import made
from evals.suites.questions.cases import Row, load, save

COLUMNS = ("keep", "question", "answer", "quote", "kind", "source", "page", "section", "id")
KEEP, STRUCK = frozenset({"", "yes", "y", "1", "true", "keep"}), frozenset({"no", "n", "0", "false", "x", "strike"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SUFFIXES = (".csv", ".html")
_HEAD = """<!doctype html><meta charset="utf-8"><title>Questions to look through</title>
<style>body{font:16px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem}article{border-top:1px solid #999;
padding:.8rem 0}blockquote{margin:.4rem 0 .4rem 1rem;color:#333}small{color:#555}.no h2{text-decoration:line-through}
h2{font-size:1.1rem;margin:.2rem 0}button{font:inherit;position:sticky;top:.5rem}</style>
<h1>Questions to look through</h1><p>Strike out a question that nobody could answer from the quote, that has another
right answer, or that only makes sense with the quote before one's eyes. Then save, and run
<code>footnote eval questions --out FILE --accept reviewed.csv</code>.</p><button id="save">Save reviewed.csv</button>
"""
_TAIL = """<script>
for (const box of document.querySelectorAll("input"))
  box.onchange = () => box.closest("article").classList.toggle("no", box.checked);
document.getElementById("save").onclick = () => {
  const lines = [...document.querySelectorAll("input")].map(box => (box.checked ? "no," : "yes,") + box.name);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([["keep,id", ...lines, ""].join("\\n")], {type: "text/csv"}));
  link.download = "reviewed.csv";
  link.click();
};
</script>
"""


def write_sheet(path: Path, rows: Sequence[Row]) -> None:
    """Raises `UsageError` for another name than .csv or .html."""
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"--sheet {path}: name it .csv or .html.")
    if path.suffix.lower() == ".html":
        made(path).write_text(_HEAD + "".join(_article(_cells(row)) for row in rows) + _TAIL, encoding="utf-8")
        return
    with made(path).open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(COLUMNS)
        sheet.writerows([_harmless(value) for value in _cells(row).values()] for row in rows)


def accept(sheet: Path, out: Path) -> int:
    """Takes what is struck out of the file, and marks the rest of the sheet as looked at; twice is once. Raises
    `UsageError`; then the file stays as it is."""
    try:
        said = dict(_said(sheet))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"--accept {sheet} cannot be read: save it as CSV in UTF-8.") from error
    rows = load(out)
    if unknown := sorted({name for name, keep in said.items() if keep} - {row["id"] for row in rows}):
        raise UsageError(f"{sheet}: {', '.join(unknown[:5])} is not in {out}. Was another file meant?")
    kept = [_looked_at(row) if row["id"] in said else row for row in rows if said.get(row["id"], True)]
    save(out, kept)
    say(f"{len(rows) - len(kept)} of {len(rows)} struck out; {len(kept)} are left in {out}.")
    return 0


def _said(sheet: Path) -> Iterator[tuple[str, bool]]:
    if not sheet.is_file() or sheet.suffix.lower() != ".csv":
        raise UsageError(f"--accept {sheet}: give the CSV file of the sheet; the page saves one.")
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        try:
            separator = csv.Sniffer().sniff(file.readline(), ",;\t").delimiter
        except csv.Error:
            separator = ","
        file.seek(0)
        read = csv.DictReader(file, delimiter=separator)
        if not {"keep", "id"} <= set(read.fieldnames or ()):
            raise UsageError(f"--accept {sheet}: it needs the columns keep and id.")
        for row in read:
            word = (row["keep"] or "").strip().lower()
            if word not in KEEP | STRUCK:
                raise UsageError(f"--accept {sheet}, {row['id']}: write yes or no into keep, not {word}.")
            yield row["id"], word in KEEP


def _looked_at(row: Row) -> Row:
    return {**row, "generated": {**row["generated"], "reviewed": True}} if "generated" in row else row


def _cells(row: Row) -> dict[str, str]:
    place = row["evidence"][0] if row["evidence"] else {}
    return {
        "keep": "yes",
        "question": row["question"],
        "answer": row.get("answer") or "(must be refused)",
        "quote": place.get("quote", ""),
        "kind": row["kind"],
        "source": place.get("source") or row.get("asked_of", ""),
        "page": str(place.get("page") or ""),
        "section": " > ".join(place.get("section", ())),
        "id": row["id"],
    }


def _article(cells: dict[str, str]) -> str:
    told = {name: html.escape(value) for name, value in cells.items()}
    page = f", page {told['page']}" if told["page"] else ""
    return (
        f'<article><label><input type="checkbox" name="{told["id"]}"> strike out</label><h2>{told["question"]}</h2>'
        f"<p>{told['answer']}</p><blockquote>{told['quote']}</blockquote>"
        f"<small>{told['kind']} · {told['source']}{page} · {told['section']}</small></article>\n"
    )


def _harmless(value: str) -> str:
    """No cell that a spreadsheet computes."""
    return f"'{value}" if value.startswith(_FORMULA) else value
