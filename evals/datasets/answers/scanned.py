"""Contracts as a scanner would bring them: pictures of their pages, a little askew, with grain, and no text."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.datasets.answers.corpus import CONTRACT_FOLDER
from evals.datasets.answers.questions import Kind, Question

DPI = 200
ASKEW = 0.8  # degrees at most, either way
GRAIN = 10.0  # standard deviation in grey levels of 255
QUALITY = 60  # of the JPEG
PAPER = 250
_POINTS = 72


def some_contracts(questions: Sequence[Question], data: Path, count: int) -> tuple[str, ...]:
    """Names below `data` of at most `count` contracts: those that most questions about one contract are asked of, of
    these the ones of fewest pages. A contract that lies there twice is taken with its copy."""
    asked: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for question in questions:
        if _of_one_contract(question):
            asked[question.sources] += 1
    chosen: list[str] = []
    for copies in sorted(asked, key=lambda copies: (-asked[copies], sum(pages(data / one) for one in copies), copies)):
        if len(chosen) + len(copies) <= count:
            chosen += copies
    return tuple(chosen)


def about(questions: Sequence[Question], contracts: Sequence[str]) -> tuple[Question, ...]:
    """Those about one of the contracts alone."""
    return tuple(q for q in questions if _of_one_contract(q) and set(q.sources) <= set(contracts))


def pages(path: Path) -> int:
    from pypdfium2 import PdfDocument

    with PdfDocument(path) as document:
        return len(document)


def scan(path: Path, target: Path) -> None:
    """Writes a PDF with a grey JPEG of each page of `path`, of the page's size: the same pictures every time, as
    angle and grain follow from the file's bytes and the page's number."""
    from pypdfium2 import PdfDocument, PdfImage, PdfMatrix

    digest = hashlib.sha256(path.read_bytes()).digest()
    part = target.with_suffix(".part")
    with PdfDocument(path) as document, PdfDocument.new() as copy:
        for number, page in enumerate(document):
            width, height = page.get_size()
            picture = page.render(scale=DPI / _POINTS, grayscale=True).to_pil()
            image = PdfImage.new(copy)
            image.load_jpeg(io.BytesIO(degraded(picture, int.from_bytes(digest[:8]) + number)), inline=True)
            image.set_matrix(PdfMatrix().scale(width, height))
            sheet = copy.new_page(width, height)
            sheet.insert_obj(image)
            sheet.gen_content()
        copy.save(part)
    part.replace(target)


def degraded(picture: Any, seed: int) -> bytes:
    """A JPEG of the picture (PIL, grey), turned by up to `ASKEW` degrees, with `GRAIN`."""
    import numpy as np
    from PIL import Image

    chance = np.random.default_rng(seed)
    turned = picture.convert("L").rotate(chance.uniform(-ASKEW, ASKEW), Image.Resampling.BICUBIC, fillcolor=PAPER)
    grey = np.asarray(turned, np.float32) + chance.normal(0, GRAIN, (turned.height, turned.width))
    packed = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def _of_one_contract(question: Question) -> bool:
    return question.kind is not Kind.TWO_DOCUMENTS and all(
        s.startswith(f"{CONTRACT_FOLDER}/") for s in question.sources
    )
