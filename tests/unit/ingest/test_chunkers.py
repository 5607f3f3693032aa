"""What sets the kinds of chunking apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from api.http.schemas.documents import ChunkingName
from infra.settings import Settings, SettingsError, load_settings
from ingest.chunkers import Chunkers
from ingest.chunkers.semantic import SemanticChunker
from ingest.chunkers.sentences import sentences
from ingest.chunkers.small_to_big import SmallToBigChunker
from ingest.chunkers.summary import central_sentence
from ingest.chunking import assemble
from ingest.types import Chunking, ChunkingKind, Document, Element, ElementKind, ParsedFile

RENT = "The tenant pays the rent of EUR 1 250 000 on time."
CAT = "A cat in the garden chases birds all through the day."
P, H, T = ElementKind.PARAGRAPH, ElementKind.HEADING, ElementKind.TABLE


class Topics:
    """Texts of rent in one direction, others in the other."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return np.array([[1, 0] if "rent" in text else [0, 1] for text in texts], np.float32).reshape(-1, 2)


def document(*elements: Element) -> Document:
    return assemble(ParsedFile("Lease", "text/plain", elements), source="s", content_sha256="0" * 64)


def cut(chunking: str, *elements: Element) -> list[str]:
    return [one.text for one in Chunkers().chunks(document(*elements), Chunking.of(chunking), Topics())]


def test_a_kind_is_spelled_as_it_is_read() -> None:
    for kind in ChunkingKind:
        for summary in (False, True):
            for chars in (800, 400):
                assert Chunking.of(str(Chunking(kind, summary, chars))) == Chunking(kind, summary, chars)
    assert str(Chunking(chars=400, summary=True)) == "structure@400+summary"
    for wrong in ("", "pages", "structure+", "structure+summary+summary", "+summary", "structure@", "recursive@99999"):
        with pytest.raises(ValueError, match="Choose from structure, recursive"):
            Chunking.of(wrong)


def test_a_size_is_kept_by_every_kind() -> None:
    text = " ".join([RENT] * 60)
    for kind in ChunkingKind:
        longest = [max(map(len, cut(f"{kind}@{chars}", Element(P, text)))) for chars in (200, 800)]
        assert longest[0] < longest[1], kind
        assert longest[0] <= 300


def test_the_setting_and_the_form_name_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    every = {str(Chunking(kind, summary)) for kind in ChunkingKind for summary in (False, True)}
    assert set(get_args(ChunkingName)) == every
    assert set(get_args(Settings.model_fields["chunking"].annotation)) == every
    monkeypatch.setenv("FOOTNOTE_CHUNKING", "pages")
    with pytest.raises(SettingsError, match="FOOTNOTE_CHUNKING"):
        load_settings()


def test_semantic_cuts_where_the_subject_changes() -> None:
    text = " ".join([RENT] * 6 + [CAT] * 6 + [RENT] * 6)
    assert cut("semantic", Element(P, text)) == [" ".join([RENT] * 6), " ".join([CAT] * 6), " ".join([RENT] * 6)]
    assert cut("structure", Element(P, text))[0] != " ".join([RENT] * 6)


def test_semantic_never_goes_over_a_heading_and_keeps_it_with_its_text() -> None:
    found = cut("semantic", Element(H, "Rent", 1), Element(P, RENT), Element(H, "Term", 1), Element(P, RENT))
    assert found == [f"Rent\n\n{RENT}", f"Term\n\n{RENT}"]


def test_semantic_embeds_a_bounded_number_of_texts() -> None:
    topics = Topics()
    chunks = SemanticChunker().chunks(document(Element(P, " ".join([RENT, CAT] * 4_000))), topics)
    assert len(topics.texts) <= 2_000
    assert max(len(one.text) for one in chunks) <= 1_200


def test_recursive_goes_over_headings_and_rows_stay_whole() -> None:
    sections = [one for at in range(4) for one in (Element(H, f"Part {at}", 1), Element(P, RENT))]
    assert len(cut("recursive", *sections)) == 1
    rows = [f"Room {at} | EUR {at} 250 000" for at in range(100)]
    found = cut("recursive", Element(T, "\n".join(["Room | Rent", *rows])))
    assert len(found) > 2
    assert [row for text in found for row in text.split("\n")] == ["Room | Rent", *rows]
    chunks = Chunkers().chunks(
        document(Element(T, "\n".join(["Room | Rent", *rows]))), Chunking.of("recursive"), Topics()
    )
    assert [one.table_header for one in chunks] == ["", *["Room | Rent"] * (len(chunks) - 1)]


def test_small_chunks_stand_for_the_larger_span_around_them() -> None:
    whole = document(Element(H, "Rent", 1), Element(P, " ".join([RENT] * 12)), Element(H, "Term", 1), Element(P, CAT))
    big = Chunkers().chunks(whole, Chunking(), Topics())
    found = SmallToBigChunker().chunks(whole)
    assert {one.parent for one in found[:-1]} == {(one.start, one.end) for one in big[:-1]}
    assert found[-1].parent is None  # it is all there is of its section
    assert all(len(one.text) <= 400 for one in found)
    assert found[0].text.startswith("Rent\n\nThe tenant")
    assert {one.section_path for one in found} == {("Rent",), ("Term",)}


def test_small_chunks_of_a_table_have_its_header() -> None:
    rows = "\n".join(["Room | Rent", *(f"Room {at} of the upper floor | EUR {at} 250 000" for at in range(60))])
    found = SmallToBigChunker().chunks(document(Element(T, rows)))
    assert [one.table_header for one in found] == ["", *["Room | Rent"] * (len(found) - 1)]


def test_a_summary_is_a_sentence_of_the_document_in_every_chunk() -> None:
    whole = document(
        Element(H, "Lease", 1), Element(P, f"{RENT} {RENT} {CAT}"), Element(H, "Term", 1), Element(P, CAT[:20])
    )
    found = Chunkers().chunks(whole, Chunking.of("structure+summary"), Topics())
    assert {one.summary for one in found} == {RENT}
    assert all(one.indexed_text.split("\n")[1] == RENT for one in found)
    assert not any(one.summary for one in Chunkers().chunks(whole, Chunking(), Topics()))


def test_a_summary_is_short_and_ends_before_an_amount_that_does_not_fit() -> None:
    long = "The rent of all rooms on the ground floor and of those above it, with the garden and the sheds in it, is set at some quite a round amount: CHF 1 250 000 a year."
    assert central_sentence(document(Element(P, long)), Topics()) == long[: long.index(": CHF")]
    assert central_sentence(document(Element(T, "a | b")), Topics()) == ""


def test_sentences_end_where_they_end() -> None:
    def found(text: str) -> list[str]:
        return [text[start:end] for start, end in sentences(text)]

    assert found("It is due. The rent is 5.\nIt is paid.") == ["It is due. The rent is 5.", "It is paid."]
    assert found("The first rule holds. The second one, of Mr. Smith, under No. 5 and Sec. 4, is e.g. this. Nothing else.") == [
        "The first rule holds.", "The second one, of Mr. Smith, under No. 5 and Sec. 4, is e.g. this.", "Nothing else.",
    ]  # fmt: skip
    assert found("支付租金的日期是每个月的第一天。这是第二句话，没有空格。") == [
        "支付租金的日期是每个月的第一天。",
        "这是第二句话，没有空格。",
    ]
    assert found("He asked “Is it due now?” Then he went home.") == ["He asked “Is it due now?”", "Then he went home."]
