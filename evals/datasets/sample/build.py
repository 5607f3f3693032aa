"""Build the sample corpus from its Markdown sources, and check the golden questions against it.

    python evals/datasets/sample/build.py [group ...]   build all groups, or only those named
    python evals/datasets/sample/build.py --check       verify every line of golden*.jsonl

source/<group>/<name>.md becomes api/demo/corpus/current/<group>/<name>.<format>; an older version, <name>.v1.md,
becomes corpus/previous/<group>/<name>.<format>. The same sources always give the same bytes.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import sys
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import default as email_policy
from functools import cache
from pathlib import Path
from typing import Any

from markup import parse
from writers import BUILDERS

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[2] / "api" / "demo" / "corpus"
GROUPS = ("staff", "legal", "finance", "hr", "clinical", "board")
KINDS = ("answerable", "table", "multi_document", "newer_version", "unanswerable", "forbidden")


def build(groups: list[str]) -> None:
    for group in groups:
        wanted: set[Path] = set()
        for path in sorted((HERE / "source" / group).glob("*.md")):
            name, age = path.stem, "current"
            if name.endswith(".v1"):
                name, age = name[:-3], "previous"
            source = parse(path)
            target = CORPUS / age / group / f"{name}.{source.meta['format']}"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(BUILDERS[source.meta["format"]](source))
            wanted.add(target)
            print(f"{target.relative_to(HERE)}: {target.stat().st_size:,} bytes, {len(read_pages(target))} page(s)")
        for stale in set((CORPUS).glob(f"*/{group}/*")) - wanted:
            stale.unlink()  # its source is gone


@cache
def read_pages(path: Path) -> list[str]:
    """The whitespace-normalised text of a built file: a string per PDF page, one for all else."""
    if path.suffix == ".pdf":
        import pypdfium2

        pdf = pypdfium2.PdfDocument(path)
        texts = [page.get_textpage().get_text_range() for page in pdf]
        texts = [re.sub("[\x02\ufffe]\\s*", "-", text) for text in texts]  # pdfium's sign for a hyphen at a line end
    elif path.suffix == ".docx":
        from docx import Document

        parts = Document(str(path)).iter_inner_content()
        lines = [[p.text] if hasattr(p, "text") else [c.text for r in p.rows for c in r.cells] for p in parts]
        texts = ["\n".join("\n".join(line) for line in lines)]
    elif path.suffix == ".xlsx":
        from openpyxl import load_workbook

        rows = (row for sheet in load_workbook(path).worksheets for row in sheet.iter_rows(values_only=True))
        texts = [" ".join(str(value) for row in rows for value in row if value is not None)]
    elif path.suffix == ".eml":
        message = BytesParser(policy=email_policy).parsebytes(path.read_bytes())
        texts = [f"{message['Subject']}\n{message.get_content()}"]
    else:
        text = path.read_text(encoding="utf-8")
        texts = [html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?b>", "", text))) if path.suffix == ".html" else text]
    return [" ".join(text.split()) for text in texts]


def faults(line: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one golden question."""
    kind, evidence, needed = line["kind"], line["evidence"], line["must_contain"]
    if kind not in KINDS:
        yield f"unknown kind {kind}"
    if (kind == "unanswerable") != (not evidence) or (kind == "unanswerable") != (not needed):
        yield "evidence and must_contain must be empty for unanswerable, and only there"
    if (kind == "newer_version") != bool(line.get("must_not_contain")):
        yield "must_not_contain belongs to newer_version, and only there"
    if kind == "multi_document" and len({e["document"] for e in evidence}) < 2:
        yield "multi_document needs evidence from two documents"
    if kind not in ("forbidden", "unanswerable"):
        answer = line["answer"].lower()
        yield from (
            f"answer lacks all of {any_of}" for any_of in needed if not any(a.lower() in answer for a in any_of)
        )
    for item in evidence:
        group = item["document"].split("/")[0]
        path = CORPUS / "current" / item["document"]
        if (group in line["asker"]["groups"]) == (kind == "forbidden"):
            yield f"asker's groups do not fit kind {kind}: {item['document']}"
        if not path.exists():
            yield f"no such document: {item['document']}"
            continue
        if kind == "newer_version" and not (CORPUS / "previous" / item["document"]).exists():
            yield f"no older version: {item['document']}"
        pages, page = read_pages(path), item.get("page")
        if (path.suffix == ".pdf") != isinstance(page, int) or not 1 <= (page or 1) <= len(pages):
            yield f"bad page {page} for {item['document']}"
            continue
        for cell in (" ".join(c.split()) for c in item["quote"].split(" | ")):
            if cell not in pages[(page or 1) - 1]:
                found = [n for n, text in enumerate(pages, 1) if cell in text]
                yield f"{item['document']} page {page}: not there: {cell!r}; found on pages {found}"


def check() -> int:
    bad, seen = 0, set[str]()
    for path in sorted(HERE.glob("golden*.jsonl")):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = json.loads(text)
            found = [*faults(line), *(["id used twice"] if line["id"] in seen else [])]
            seen.add(line["id"])
            for fault in found:
                print(f"{path.name}:{number} {line['id']}: {fault}")
            bad += bool(found)
    print(f"{len(seen)} questions, {bad} with faults")
    return 1 if bad else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", nargs="*", help=f"of {', '.join(GROUPS)}; default all")
    parser.add_argument("--check", action="store_true", help="verify golden*.jsonl against the built corpus")
    args = parser.parse_args()
    if unknown := set(args.group) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    if args.check:
        return check()
    build(args.group or list(GROUPS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
