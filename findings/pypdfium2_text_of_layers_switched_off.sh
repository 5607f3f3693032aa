#!/usr/bin/env bash
# pypdfium2 5.15.2, PdfTextPage.get_text_range: the words of an optional-content group (a "layer") that the document
# has switched off come out like all others. The renderer of the same library does not draw them. Nothing in the text
# tells which words these are.
#
# Seen: the text is 'Shown to all\r\nDraft only' whether the layer is on or off; drawn with the layer off, the page is
# byte for byte the page without the layer's words.
#
# It matters because a reader who opens the file sees no such line: an answer that cites it cites a page on which it
# cannot be found, and what an author withdrew from view (a draft, another language, another customer's variant) is
# read as the document's own. Compare the text with what is drawn, or read /OCProperties, before citing.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet pypdfium2==5.15.2
"$dir/venv/bin/python" - <<'PY'
import pypdfium2


def pdf(*, layer, off=False):
    """One page with a line of its own and, if `layer`, a second one in an optional-content group."""
    content = b"BT /F1 18 Tf 20 150 Td (Shown to all) Tj ET"
    if layer:
        content += b"\n/OC /Layer BDC BT /F1 18 Tf 20 100 Td (Draft only) Tj ET EMC"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [6 0 R] /D << /BaseState /ON /Order [6 0 R]"
        + (b" /OFF [6 0 R]" if off else b"")
        + b" >> >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> /Properties << /Layer 6 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /OCG /Name (Draft) >>",
    )
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def read(data):
    """A page's text, and its pixels."""
    page = pypdfium2.PdfDocument(data)[0]
    return page.get_textpage().get_text_range(), bytes(page.render(scale=2).buffer)


text_on, drawn_on = read(pdf(layer=True))
text_off, drawn_off = read(pdf(layer=True, off=True))
text_without, drawn_without = read(pdf(layer=False))
print("on:     ", repr(text_on))
print("off:    ", repr(text_off), "drawn as without:", drawn_off == drawn_without)
print("without:", repr(text_without))
assert "Draft only" not in text_without
assert drawn_on != drawn_off, "changed: the renderer no longer tells on from off"
assert drawn_off == drawn_without, "changed: the renderer draws a layer that is off"
assert text_off == text_on == "Shown to all\r\nDraft only", "changed: the text heeds a layer's state"
PY
