#!/usr/bin/env bash
# python-docx 1.2.0, Document.core_properties: for a .docx without docProps/core.xml (the part is optional) it answers
# with a part of its own making: title "Word Document", last modified by "python-docx", modified at the time of reading.
# The file says none of this; with no such part one would expect "" and None, as author and created indeed are.
#
# Seen: title 'Word Document', last_modified_by 'python-docx', revision 1, modified = now; author '', created None.
#
# It matters because every file without the part gets the same title, under which it is then listed and cited, and an
# old file passes for the newest version. Look for a core-properties relationship of the package before asking: the
# call adds the part to the open package, so afterwards one can no longer tell, and a save writes it into the file.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet python-docx==1.2.0
"$dir/venv/bin/python" - <<'PY'
import datetime
import io
import zipfile

import docx
from docx.opc.constants import RELATIONSHIP_TYPE

FORMATS = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{FORMATS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{FORMATS}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{FORMATS}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": f'<w:document xmlns:w="{FORMATS}/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>Lease of the boathouse</w:t></w:r></w:p></w:body></w:document>",
}
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as package:
    for name, xml in PARTS.items():
        package.writestr(name, xml)

document = docx.Document(file)
assert [paragraph.text for paragraph in document.paragraphs] == ["Lease of the boathouse"]


def kinds():
    """The types of the package's relationships."""
    return {relation.reltype for relation in document.part.package.rels.values()}


assert RELATIONSHIP_TYPE.CORE_PROPERTIES not in kinds()
told = document.core_properties
print(repr(told.title), repr(told.last_modified_by), told.revision, told.modified, repr(told.author), told.created)
assert told.title == "Word Document", "changed: no title is made up"
assert told.last_modified_by == "python-docx" and told.revision == 1, "changed: who and which revision"
age = datetime.datetime.now(datetime.timezone.utc) - told.modified
assert abs(age) < datetime.timedelta(minutes=1), "changed: the time of reading no longer passes for that of a change"
assert told.author == "" and told.created is None
assert RELATIONSHIP_TYPE.CORE_PROPERTIES in kinds(), "changed: asking leaves the package as it was"
PY
