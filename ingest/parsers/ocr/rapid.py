"""RapidOCR: PP-OCR's models, which come in its wheel, run by OpenVINO where it is installed, else by onnxruntime, which
takes twice as long for the same words. Nothing is fetched."""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.parsers.ocr.engine import PageTimeout, Piece, Read
from ingest.parsers.ocr.leftover import leftover

_THREADS = 2  # the same on every machine, so that the sums in the models are too
_DETECTION_SIDE = 1600  # pixels of the longer side in which lines are looked for; they are read at full size
_TALL = 1.8  # times as high as it is wide: a line that stands on end
_HEIGHT = 48  # pixels to which a line is brought
_STEP = 64  # of the lengths to which lines are filled up, as each new one costs time and memory
_SURE = 0.8  # of a line, and of what stands beside it
_SAMPLE = 12  # lines that tell which way up a page lies
_MARGIN = 0.5  # of a character, on either side of the column that it was recognised in
_RUN_ON = re.compile(
    r"(articles?|sections?|clauses?|paragraphs?|parts?|exhibits?|schedules?|annex|appendix|pages?|of)(\d[\w.,;:()]*)",
    re.IGNORECASE,
)


class RapidEngine:
    """Loads its models at the first page."""

    name = "rapidocr"

    def __init__(self) -> None:
        self._rapid: Any = None

    def read(self, picture: Any, deadline: float) -> list[Read]:
        import cv2
        import numpy as np

        colours = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        found = []
        lines = self._lines(cv2, colours)
        for corners in _telling(lines):
            if time.monotonic() > deadline:
                raise PageTimeout
            line = _cut_out(cv2, colours, corners)
            ends = (1, 3) if _on_end(corners) else (0,)
            place = tuple((float(x), float(y)) for x, y in corners)
            reads = [Read(self._pieces(np.ascontiguousarray(np.rot90(line, -turns))), place, turns) for turns in ends]
            best = max(reads, key=lambda read: read.mean)
            if best.pieces:
                found.append(best)
        return found + list(self._left_over(cv2, colours, lines, found, deadline))

    def _left_over(self, cv2: Any, colours: Any, lines: Any, found: Sequence[Read], deadline: float) -> Iterator[Read]:
        """Words that are no line of their own; only what is surely read, as specks may look like letters."""
        import numpy as np

        level = [read.corners for read in found if not read.turns and read.mean >= _SURE]
        for corners in leftover(colours[:, :, 0], lines, np.array(level, np.float32).reshape(-1, 4, 2)):
            if time.monotonic() > deadline:
                raise PageTimeout
            pieces = self._pieces(_cut_out(cv2, colours, corners))
            read = Read(pieces, tuple((float(x), float(y)) for x, y in corners))
            if read.confidence >= _SURE and any(character.isalnum() for piece in pieces for character in piece.text):
                yield read

    def _model(self) -> Any:
        if self._rapid is None:
            import cv2
            from rapidocr import RapidOCR

            cv2.setNumThreads(1)
            params = {"Global.log_level": "critical", "Global.max_side_len": 1 << 16, "Global.min_side_len": 1}
            threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": _THREADS for kind in ("intra", "inter")}
            fast = importlib.util.find_spec("openvino") is not None
            self._rapid = _by_openvino(params) if fast else RapidOCR(params={**params, **threads})
        return self._rapid

    def _lines(self, cv2: Any, colours: Any) -> Any:
        """Corners of the lines in `colours`, an (n, 4, 2) array, from top to bottom."""
        import numpy as np

        scale = min(1.0, _DETECTION_SIDE / max(colours.shape[:2]))
        small = cv2.resize(colours, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else colours
        found = self._model()(small, use_det=True, use_cls=False, use_rec=False)
        return np.zeros((0, 4, 2), np.float32) if found.boxes is None else (found.boxes / scale).astype(np.float32)

    def _pieces(self, line: Any) -> tuple[Piece, ...]:
        filled = _filled(line)
        found = self._model()(filled, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
        if not found.txts or not found.txts[0].strip():
            return ()
        words = found.word_results[0]
        columns = [column for word in words.word_cols for column in word]
        width = words.line_txt_len * line.shape[1] / filled.shape[1]
        return tuple(_words(found.txts[0], columns, words.confs, width))


def _by_openvino(params: dict[str, Any]) -> Any:
    """In single precision: in half of it, which OpenVINO takes where the machine can, the words are the same, and how
    sure they are is not. Pages have so many sizes that what is prepared for one is not kept."""
    from openvino import Core
    from rapidocr import EngineType, RapidOCR

    rapid: Any = RapidOCR(params=params | {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Rec")})
    exact = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": _THREADS, "NUM_STREAMS": 1,
             "ENABLE_CPU_PINNING": False}  # fmt: skip
    for part, more in ((rapid._load_det_model(), {"CPU_RUNTIME_CACHE_CAPACITY": 0}), (rapid._load_rec_model(), {})):
        compiled = Core().compile_model(part.session.model, "CPU", {**exact, **more})
        part.session.session = compiled.create_infer_request()
    return rapid


def _filled(line: Any) -> Any:
    """The line with empty paper at its end, to one of few lengths."""
    import cv2
    import numpy as np

    height, width = line.shape[:2]
    steps = -(-_HEIGHT * width // (height * _STEP))
    more = max(0, -(-steps * _STEP * height // _HEIGHT) - width)
    paper = [float(value) for value in np.median(line, axis=(0, 1))]
    return cv2.copyMakeBorder(line, 0, 0, 0, more, cv2.BORDER_CONSTANT, value=paper) if more else line


def _on_end(corners: Any) -> bool:
    width, height = _sides(corners)
    return height > _TALL * width


def _telling(lines: Any) -> Any:
    """All lines, or the longest of those on end where most are: the page is going to be read again the right way up."""
    ends = [corners for corners in lines if _on_end(corners)]
    if len(ends) <= len(lines) / 2:
        return lines
    return sorted(ends, key=lambda corners: -_sides(corners)[1])[:_SAMPLE]


def _sides(corners: Any) -> tuple[int, int]:
    """Width and height of a line in pixels, at least 1."""
    import numpy as np

    width = max(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[2] - corners[3]))
    height = max(np.linalg.norm(corners[0] - corners[3]), np.linalg.norm(corners[1] - corners[2]))
    return max(1, int(width)), max(1, int(height))


def _words(text: str, columns: Sequence[int], sure: Sequence[float], width: float) -> Iterator[Piece]:
    """The words of a line: `columns` of its letters (spaces left out), how sure each character is (spaces too)."""
    step = width / max(1, len(text))
    letter = place = 0
    for part in text.split(" "):
        size = len("".join(part.split()))
        if size:
            first, last = columns[letter], columns[min(letter + size, len(columns)) - 1]
            start, end = max(0.0, (first - _MARGIN * step) / width), min(1.0, (last + (1 - _MARGIN) * step) / width)
            yield from _apart(Piece(part, start, max(start, end), float(min(sure[place : place + len(part)]))))
        letter += size
        place += len(part) + 1


def _apart(piece: Piece) -> Iterator[Piece]:
    """Two words where the narrow space before a number was missed: "ARTICLE3"."""
    run_on = _RUN_ON.fullmatch(piece.text)
    if run_on is None:
        yield piece
        return
    middle = piece.start + (piece.end - piece.start) * run_on.start(2) / len(piece.text)
    yield replace(piece, text=run_on.group(1), end=middle)
    yield replace(piece, text=run_on.group(2), start=middle)


def _cut_out(cv2: Any, colours: Any, corners: Any) -> Any:
    """The line as a picture of its own, set straight."""
    import numpy as np

    width, height = _sides(corners)
    straight = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, straight)
    return cv2.warpPerspective(colours, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
