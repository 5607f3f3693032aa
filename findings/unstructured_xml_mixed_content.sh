#!/usr/bin/env bash
# unstructured 0.27.32, partition_xml: words after an inner element are lost, an inner element's words come before those
# that it stands in, and attributes are dropped, without any warning. partition_json writes the numbers of JSON that is
# not its own anew: 12.50 becomes 12.5.
#
# Seen: <p>The fee is <b>500</b> euros.</p> gives '500', 'The fee is '; <amount currency="CHF">700</amount> gives '700'.
#
# It matters because the currency, and the end of each sentence with an emphasised word in it, are gone, and what is left
# still reads like a figure that can be cited. Walk the tree with lxml (itertext gives text and tails in their order).
#
# A blank spaCy pipeline stands in for the model that unstructured would download; it only tells titles from prose.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet "unstructured==0.27.32"
DO_NOT_TRACK=1 UNSTRUCTURED_DISABLE_NOTICE=1 "$dir/venv/bin/python" - <<'PY'
import spacy
from unstructured.nlp import tokenize
from unstructured.partition.json import partition_json
from unstructured.partition.xml import partition_xml

blank = spacy.blank("en")
blank.add_pipe("sentencizer")
tokenize._get_nlp = lambda: blank

page = '<r><p>The fee is <b>500</b> euros.</p><amount currency="CHF">700</amount></r>'
words = [element.text for element in partition_xml(text=page)]
print(words)
assert words == ["500", "The fee is ", "700"], "changed: tails, order or attributes are kept"
other = partition_json(text='{"fee": 12.50, "currency": "CHF"}')[0].text
print(other)
assert '"fee": 12.5\n' in other, "changed: numbers stay as they are written"
PY
