"""`python -m api.client_writer` writes the files; a test compares them."""

from __future__ import annotations

from api.client_writer.writing import ROOT, written

if __name__ == "__main__":
    for place, text in written().items():
        (ROOT / place).write_text(text, encoding="utf-8")
