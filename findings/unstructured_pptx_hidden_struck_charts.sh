#!/usr/bin/env bash
# unstructured 0.27.32, partition_pptx (python-pptx 1.0.2): the words of a hidden slide and of struck-out runs come out
# as ordinary text, and nothing in an element's metadata marks them. A chart comes out not at all: neither its title,
# nor its series, categories and values.
#
# Seen: 'The fee is 40 euros 55 euros a month.' (40 euros is struck out); 'The old price list is still in force.' (the
# slide is hidden), with the metadata of the slide before but for the page number; of the slide with the chart only the
# text box above it.
#
# It matters because the withdrawn figure stands beside the valid one, and a slide that no audience was shown counts as
# said: both can be cited as what the deck says. What a chart shows cannot be found at all, and no warning says so.
# Ask slide._element.get("show"), the run's a:rPr/@strike, and shape.has_chart of python-pptx oneself.
#
# A blank spaCy pipeline stands in for the model that unstructured would download; it only tells titles from prose.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "unstructured[pptx]==0.27.32" python-pptx==1.0.2
DO_NOT_TRACK=1 UNSTRUCTURED_DISABLE_NOTICE=1 "$dir/venv/bin/python" - <<'PY'
import io

import spacy
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from unstructured.nlp import tokenize
from unstructured.partition.pptx import partition_pptx

blank = spacy.blank("en")
blank.add_pipe("sentencizer")
tokenize._get_nlp = lambda: blank


def slide(deck, *runs):
    """A new slide with a text box of (text, struck out?) runs."""
    added = deck.slides.add_slide(deck.slide_layouts[6])
    box = added.shapes.add_textbox(Inches(1), Inches(1), Inches(6), Inches(1))
    for text, struck in runs:
        run = box.text_frame.paragraphs[0].add_run()
        run.text = text
        if struck:
            run._r.get_or_add_rPr().set("strike", "sngStrike")
    return added


deck = Presentation()
slide(deck, ("The fee is ", False), ("40 euros ", True), ("55 euros a month.", False))
hidden = slide(deck, ("The old price list is still in force.", False))
hidden._element.set("show", "0")
data = CategoryChartData()
data.categories = ["Northern", "Southern"]
data.add_series("Pumps", (1234, 5678))
charted = slide(deck, ("Sales by region, in pieces.", False))
frame = charted.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(5), Inches(3), data)
frame.chart.has_title = True
frame.chart.chart_title.text_frame.text = "Deliveries"
file = io.BytesIO()
deck.save(file)
file.seek(0)

elements = [element for element in partition_pptx(file=file) if element.text]
for element in elements:
    print(repr(element.text), element.metadata.to_dict())
fee, old, *rest = elements
assert fee.text == "The fee is 40 euros 55 euros a month.", "changed: a struck-out run is left out or marked"
assert old.text == "The old price list is still in force.", "changed: a hidden slide is left out or marked"
shown, unseen = fee.metadata.to_dict(), old.metadata.to_dict()
assert (shown.pop("page_number"), unseen.pop("page_number")) == (1, 2)
assert shown == unseen and not {"strike", "hidden"} & set(shown), "changed: metadata tells hidden slides apart"
assert [element.text for element in rest] == ["Sales by region, in pieces."], "changed: a chart comes out"
PY
