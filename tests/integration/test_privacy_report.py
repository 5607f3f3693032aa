"""Documents that many may read and that hold personal data or words of privilege are reported, and no others."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from api.wiring.privacy import exposed
from infra.files.blobs import BlobStore
from infra.postgres.audit import PostgresAudit
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.head import HeadFile
from infra.postgres.people import PostgresPeople
from infra.postgres.pool import Pool
from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.types import OPERATOR, Element, ElementKind, ParsedFile, PersonalData

EVERYONE, FEW = frozenset({"group:Everyone"}), frozenset({"group:legal"})


class Mails:
    def find(self, text: str) -> list[PersonalData]:
        names = [PersonalData("PERSON", *found.span(), 0.8) for found in re.finditer(r"Ana Ruiz", text)]
        return [*names, *(PersonalData("EMAIL_ADDRESS", *m.span(), 1.0) for m in re.finditer(r"\S+@\S+", text))]


@pytest.fixture
def shelf(fresh_database: Pool, tmp_path: Path) -> PostgresDocumentStore:
    HeadFile(tmp_path / "head.json", b"k" * 32).begin()
    trail = PostgresAudit(fresh_database, b"k" * 32, tmp_path / "head.json")
    store = PostgresDocumentStore(fresh_database, BlobStore(tmp_path / "blobs"), trail=trail)
    for source, text, allow in (
        ("mail.txt", "Write to ana@thornquay.example today about the lease.", EVERYONE),
        ("name.txt", "The lease was signed by Ana Ruiz for the tenant.", EVERYONE),
        ("privileged.txt", "Privileged and Confidential. Attorney-client communication on the lease.", EVERYONE),
        ("closed.txt", "Write to ben@thornquay.example. Privileged and confidential.", FEW),
    ):
        put(store, source, text, allow)
    return store


def put(store: PostgresDocumentStore, source: str, text: str, allow: frozenset[str]) -> None:
    parsed = ParsedFile("Lease", "text/plain", (Element(ElementKind.PARAGRAPH, text),))
    document = assemble(parsed, source=source, content_sha256=hashlib.sha256(text.encode()).hexdigest())
    chunks = StructureChunker().chunks(document)
    store.add_version(document, chunks, np.ones((len(chunks), 4), np.float32), allow, text.encode(), author=OPERATOR)


def test_what_everybody_may_read_is_reported_with_kinds_and_not_with_the_data(
    shelf: PostgresDocumentStore, fresh_database: Pool
) -> None:
    found = {one.source: one for one in exposed(fresh_database, ["group:everyone"], 100, Mails())}
    assert set(found) == {"mail.txt", "privileged.txt"}
    assert found["mail.txt"].personal == {"EMAIL_ADDRESS": 1}
    assert found["privileged.txt"].privilege == ("privileged and confidential", "attorney-client communication")
    assert "ana@" not in str(found)


def test_a_group_of_many_synced_people_counts_as_many(shelf: PostgresDocumentStore, fresh_database: Pool) -> None:
    people = PostgresPeople(fresh_database)
    made = [
        people.add_person(SimpleNamespace(user_name=name, external_id=None, active=name != "cy", attributes={}), "scim")
        for name in ("ana", "bo", "cy")
    ]
    members = frozenset(one.id for one in made)
    people.add_group(SimpleNamespace(display_name="Legal", external_id=None, members=members), "scim")
    assert [one.readers for one in exposed(fresh_database, [], 1, Mails())] == [2]
    assert not list(exposed(fresh_database, [], 2, Mails()))


def test_an_earlier_version_that_is_open_still_is_reported_beside_a_blackened_one(
    shelf: PostgresDocumentStore, fresh_database: Pool
) -> None:
    put(shelf, "mail.txt", "Write to [blackened] today about the lease.", EVERYONE)
    put(shelf, "privileged.txt", "Words on the lease.", FEW)  # nobody else reads any version of it from now on
    found = [(one.source, one.version) for one in exposed(fresh_database, ["group:everyone"], 100, Mails())]
    assert found == [("mail.txt", 1)]
