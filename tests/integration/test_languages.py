"""Documents in many languages with real PostgreSQL and the real embedder: found across languages and by their stems."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.http.schemas.asking import SearchResponse
from infra.files.blobs import BlobStore
from infra.models.manifest import Manifest
from infra.models.onnx import OnnxEncoder
from infra.models.store import ModelStore, default_cache_dir
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog
from infra.postgres.chunks import PostgresChunkReader, PostgresVersionText
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.errors import DocumentMissing
from infra.postgres.head import HeadFile
from infra.postgres.numbers import PostgresNumbers
from infra.postgres.pool import Pool, transaction
from infra.postgres.segments import PostgresSegments
from ingest.chunkers import Chunkers
from ingest.embedding import onnx_embedder
from ingest.errors import NotAllowed
from ingest.parsers import parse
from ingest.pipeline import IngestPipeline
from ingest.protocols import Embedder, Outcome
from ingest.types import OPERATOR, Author, ParsedFile, document_id
from retrieval.index.access import AccessIndex
from retrieval.search.hybrid import HybridSearch
from retrieval.types import Principal, SearchOptions

ALL, HR = frozenset({"group:everyone"}), frozenset({"group:hr"})
ANA, CARLA = Principal("ana"), Principal("carla", frozenset({"hr"}))
FILES = {
    "de": (
        "Mietvertrag Lindenhof\n\nDie ordentliche Kündigung bedarf der Schriftform. Die gesetzlichen Kündigungsfristen "
        "betragen für den Mieter drei Monate zum Monatsende. Die Nettokaltmiete beträgt 1.250,50 EUR."
    ),
    "fr": (
        "Bail Beaumont\n\nLe preneur verse un dépôt de garantie égal à deux mois de loyer. Le bailleur le restitue dans "
        "les soixante jours qui suivent la remise des clés."
    ),
    "es": (
        "Contrato Almagro\n\nEl proveedor entregará la maquinaria en un plazo de cuarenta y cinco días desde la firma. "
        "Por cada semana de retraso pagará una penalización del uno por ciento del precio."
    ),
    "pl": (
        "Umowa Krzemień\n\nWykonawca usuwa awarie krytyczne w ciągu czterech godzin od zgłoszenia. Za każdą godzinę "
        "opóźnienia zamawiający może naliczyć karę umowną w wysokości dwustu złotych."
    ),
    "ru": (
        "Договор Северный склад\n\nХранитель отвечает за утрату и повреждение товара с момента приёмки. Споры "
        "рассматриваются арбитражным судом по месту нахождения хранителя."
    ),
    "ja": "秘密保持契約書\n\n受領者は、秘密情報を第三者に開示してはならない。本契約の終了後も、秘密保持義務は五年間存続する。",
    "zh": "设备租赁合同\n\n承租人应当在合同签订之日起七日内支付押金三万元。承租人逾期支付租金的，每日按欠款的千分之一支付违约金。",
    "en": (
        "Canteen rules\n\nLunch costs four euros. The canteen closes at two o'clock on working days, and nobody may "
        "bring a dog into the kitchen."
    ),
}
ACROSS = (
    ("How long is the notice period for ending the tenancy?", "de"),
    ("When does the landlord pay back the deposit?", "fr"),
    ("By when must the machinery be delivered?", "es"),
    ("How fast must critical failures be fixed?", "pl"),
    ("Who is liable for lost or damaged goods in storage?", "ru"),
    ("For how many years does the duty of secrecy go on?", "ja"),
    ("Wann schließt die Kantine?", "en"),
    ("Quel est le délai de résiliation pour le locataire ?", "de"),
)
STEMS = (("Kündigungsfrist", "de"), ("dépôts de garantie", "fr"), ("penalizaciones", "es"), ("kary umownej", "pl"),
         ("арбитражный суд", "ru"), ("違約 秘密", "ja"), ("押金", "zh"), ("1,250.50", "de"))  # fmt: skip


class InProcess:
    def parse(self, data: bytes, name: str) -> ParsedFile:
        return parse(data, name)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    name, store = "multilingual-e5-small", ModelStore(default_cache_dir(), Manifest.load())
    files = store.path(name)
    encoder = OnnxEncoder(files / "model.onnx", files / "tokenizer.json")
    return onnx_embedder(files, encoder, name=name, threads=2)


class Installation:
    def __init__(self, pool: Pool, home: Path, embedder: Embedder) -> None:
        self.pool = pool
        head = home / "head.json"
        HeadFile(head, b"k" * 32).begin()
        trail = PostgresAudit(pool, b"k" * 32, head)
        self.documents = PostgresDocumentStore(pool, BlobStore(home / "blobs"), trail=trail)
        self.index = AccessIndex(PostgresCatalog(pool), PostgresSegments(pool), home / "segments", dimension=384)
        self.pipeline = IngestPipeline(
            parser=InProcess(), chunkers=Chunkers(), embedder=embedder, store=self.documents, publish=self.index.publish
        )
        chunks = PostgresChunkReader(pool)
        self.numbers = PostgresNumbers(pool, b"")
        self.search = HybridSearch(self.index, chunks, embedder, None, SearchOptions(across=True))
        self.versions = PostgresVersionText(pool)

    def put(self, name: str, allow: frozenset[str] = ALL, language: str = "", author: Author = OPERATOR) -> Outcome:
        data = FILES[name].encode()
        report = self.pipeline.ingest(data, f"{name}.txt", name, allow, language=language, author=author)
        self.index.publish()
        return report.outcome

    def found(self, query: str, principal: Principal = ANA, **options: object) -> SearchResponse:
        chosen = SearchOptions(across=True, **options)  # type: ignore[arg-type]
        result = self.search.search_now(query, principal, 10, options=chosen)
        return SearchResponse.of(result, self.numbers.of(principal, {id_ for id_, _ in result.versions}))

    def language(self, name: str) -> str:
        return {info.source: info.language for info in self.documents.list(ANA)}[name]


@pytest.fixture
def house(fresh_database: Pool, tmp_path: Path, embedder: Embedder) -> Installation:
    return Installation(fresh_database, tmp_path, embedder)


def test_every_document_is_found_in_its_language_and_across_languages(house: Installation) -> None:
    for name in FILES:
        house.put(name)
    assert {name: house.language(name) for name in FILES} == {name: name for name in FILES}
    for question, source in ACROSS:
        assert house.found(question).hits[0].source == source, question
        assert house.found(question).hits[0].language == source
    for words, source in STEMS:
        hits = house.found(words, fusion="sparse", understand=False).hits
        assert hits[0].source == source, words
        assert hits[0].score > hits[1].score


def test_hidden_documents_in_other_languages_leave_no_trace(house: Installation) -> None:
    """The answer is byte for byte the one without them."""
    for name in ("en", "fr"):
        house.put(name)
    questions = (*(question for question, _ in ACROSS), *(words for words, _ in STEMS), "die in was canteen 1,250.50")
    before = [house.found(question) for question in questions]
    house.put("de", HR)
    house.put("zh", HR)
    after = [house.found(question) for question in questions]
    assert [one.model_dump_json(exclude={"snapshot"}) for one in before] == [
        one.model_dump_json(exclude={"snapshot"}) for one in after
    ]
    assert house.found("Kündigungsfrist", CARLA).hits[0].source == "de"


async def test_a_person_says_the_language_and_the_index_follows(house: Installation) -> None:
    house.put("de", language="fr")
    assert house.language("de") == "fr"
    sparse = house.found("Kündigungsfrist", fusion="sparse", understand=False).hits
    assert sparse == [] or sparse[0].scores["sparse"] == 0  # by French stems the two words differ
    assert house.put("de", language="de") is Outcome.UNCHANGED
    assert house.language("de") == "de"
    assert house.found("Kündigungsfrist", fusion="sparse", understand=False).hits[0].scores["sparse"] > 0
    text = await house.versions.text(document_id("de"), 1, ANA)
    assert text is not None
    assert text.language == "de"
    with transaction(house.pool) as conn:
        said = [record for (record,) in conn.execute("SELECT record FROM audit") if '"language"' in record]
    assert '"before":"fr"' in said[-1]
    house.documents.set_language(document_id("de"), "fr")
    house.put("en")
    data = FILES["de"].encode()
    house.pipeline.ingest(data + b" Ende.", "de.txt", "de", ALL)  # other words: as they look
    assert house.language("de") == "de"
    house.pipeline.ingest(data, "de.txt", "de", ALL)  # these words again: as somebody has said of them
    assert house.language("de") == "fr"


def test_not_everybody_may_say_so(house: Installation) -> None:
    house.put("de")
    with pytest.raises(NotAllowed):
        house.documents.set_language(document_id("de"), "fr", author=Author("bo", frozenset({"group:everyone"})))
    with pytest.raises(DocumentMissing):
        house.documents.set_language(document_id("nothing"), "fr")


async def test_what_nobody_has_looked_at_is_looked_at_when_it_is_read(house: Installation) -> None:
    """Documents of an installation from before there were languages."""
    house.put("de")
    with transaction(house.pool) as conn:
        conn.execute("UPDATE versions SET language = NULL")
    assert house.language("de") == "und"
    text = await house.versions.text(document_id("de"), 1, ANA)
    assert text is not None
    assert text.language == "de"
