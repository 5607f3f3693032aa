"""Which language a text is in, and what says nothing of it."""

from __future__ import annotations

import pytest

from ingest.errors import UnknownLanguage
from ingest.languages import foreign, language_code, language_of, measured, named_language

DE = (
    "Der Mieter zahlt die Miete bis zum dritten Werktag eines Monats. Die Kündigungsfrist beträgt drei Monate zum "
    "Monatsende, sofern die Parteien nichts anderes vereinbart haben. Schönheitsreparaturen übernimmt die Vermieterin."
)
FR = (
    "Le preneur verse un dépôt de garantie égal à deux mois de loyer. Le bailleur le restitue dans les soixante jours "
    "qui suivent la remise des clés, déduction faite des sommes dues au titre des réparations locatives."
)
ES = (
    "El proveedor entregará la maquinaria en un plazo de cuarenta y cinco días desde la firma. Por cada semana de "
    "retraso pagará una penalización del uno por ciento del precio, con un máximo del diez por ciento."
)
PL = (
    "Wykonawca usuwa awarie krytyczne w ciągu czterech godzin od zgłoszenia. Za każdą godzinę opóźnienia zamawiający "
    "może naliczyć karę umowną w wysokości dwustu złotych, chyba że awarię spowodowała siła wyższa."
)
RU = (
    "Хранитель отвечает за утрату и повреждение товара с момента приёмки. Размер ответственности ограничен стоимостью "
    "утраченного товара. Споры рассматриваются арбитражным судом по месту нахождения хранителя."
)
ZH = "承租人应当在合同签订之日起七日内支付押金三万元。租赁期满后，出租人在验收设备完好的十五日内无息退还押金。"
JA = "受領者は、開示者の事前の書面による承諾なしに、秘密情報を第三者に開示してはならない。"
EN = (
    "This agreement terminates automatically in the event of force majeure lasting more than ninety days. Fees are "
    "payable pro rata temporis. Müller & Söhne GmbH, Münchner Straße 5, acts bona fide and mutatis mutandis for them."
)
TABLE = "Umsatz | 2023 | 2024\n" + "\n".join(f"{at} | {at * 1_117:,} | {at * 3_119:,}" for at in range(40))


@pytest.mark.parametrize(
    ("text", "language"),
    [(DE, "de"), (FR, "fr"), (ES, "es"), (PL, "pl"), (RU, "ru"), (ZH, "zh"), (JA, "ja"), (EN, "en")],
)
def test_documents_are_in_the_language_of_most_of_their_words(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language_of("\n\n".join([text] * 40)) == language
    assert measured(language) is (language == "en")


def test_most_words_decide_of_a_mixed_document() -> None:
    assert language_of(f"{DE * 6}\n\n{EN}") == "de"
    assert language_of(f"{EN * 8}\n\n{DE}") == "en"
    assert language_of(EN * 6 + "\n\n" + TABLE * 8) == "en"


@pytest.mark.parametrize("text", ["", "4711", TABLE, "Acme Ltd.", "30,000 units | 5 % | 12/31/2020"])
def test_what_is_no_prose_is_in_no_language(text: str) -> None:
    assert language_of(text) in {"und", "en"}
    assert measured(language_of(text))


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wie lang ist die Kündigungsfrist?", "de"), ("Was kostet das?", "de"), ("Wer haftet?", "de"),
        ("Quel est le délai de préavis ?", "fr"), ("¿Cuál es el plazo de preaviso?", "es"),
        ("Jaki jest okres wypowiedzenia?", "pl"), ("Ile wynosi czynsz?", "pl"), ("Qual è il prezzo?", "it"),
        ("Какой срок уведомления?", "ru"), ("通知期限是多长？", "zh"), ("解約予告期間は？", "ja"),
        ("Hva er oppsigelsestiden?", "no"),
    ],
)  # fmt: skip
def test_short_questions_show_their_language(question: str, language: str) -> None:
    assert foreign(question) == language


@pytest.mark.parametrize(
    "text",
    [
        "", "?", "5", "Rent?", "EBITDA 2023", "Governing law", "Termination for convenience", "force majeure",
        "pro rata temporis", "MFN clause Accuray", "Who signed for Müller & Söhne GmbH?", "Rent Müllerstraße 5",
        "What does höhere Gewalt mean?", "Which clause has the words “le preneur verse un dépôt de garantie”?",
        "What does 租赁合同 say about rent?", "Siemens Aktiengesellschaft", "WPD Pharmaceuticals Sp. z o.o.", EN, TABLE,
    ],
)  # fmt: skip
def test_nothing_that_may_be_english_is_foreign(text: str) -> None:
    assert foreign(text) == ""


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Der Mieter will die Miete mindern.", "de"), ("Will der Mieter kündigen?", "de"),
        ("Die Miete beträgt 1.250,50 EUR.", "de"), ("Die Frist beträgt 30 Tage.", "de"),
        ("Laufzeit fünf Jahre.", "de"), ("Kündigungsfrist: drei Monate", "de"), ("Durée : cinq ans", "fr"),
        ("¿Has firmado el contrato?", "es"), ("De huurprijs is 1.250 euro.", "nl"),
        ("Opzegtermijn: drie maanden", "nl"), ("Sewa bulanan adalah 1.250 euro.", "id"),
        ("Nájemné činí 1 250 Kč měsíčně.", "cs"), ("A bérleti díj havi 1250 euró.", "hu"),
        ("Kontrakt udløber den 1. maj.", "da"), ("Tiền thuê hàng tháng là 1.250 euro.", "vi"),
    ],
)  # fmt: skip
def test_short_sentences_show_their_language_by_their_signs_and_small_words(sentence: str, language: str) -> None:
    """An answer, or what it rests on, is a sentence of a few words as often as not; "will" is German too."""
    assert foreign(sentence) == language


@pytest.mark.parametrize(
    "text",
    [
        "Société Générale guarantee amount", "Deutsche Bank Aktiengesellschaft commitment", "Shareholders to",
        "holder to deliver", "them as contemplated", "café résumé", "The Lessee will not die.", "vis-à-vis the Lessor",
        "Tenant will vacate", "Term: three years", "LICENSOR MUST PAY", "naïve façade résumé requirements",
    ],
)  # fmt: skip
def test_names_borrowed_words_and_words_of_two_languages_are_not_foreign(text: str) -> None:
    assert foreign(text) == ""


SW = (
    "Mpangaji atalipa kodi ya nyumba kila mwezi kabla ya tarehe tano. Mkataba huu utadumu kwa miaka miwili na unaweza "
    "kusitishwa kwa notisi ya siku sitini iliyoandikwa na upande wowote."
)
EU = (
    "Maizterrak errenta ordainduko du hilabete bakoitzaren bosgarren eguna baino lehen. Kontratu honek bi urte iraungo "
    "du eta edozein aldek amaitu dezake hirurogei eguneko idatzizko jakinarazpenarekin."
)
HY = "Վարձակալը վարձավճարը վճարում է մինչև յուրաքանչյուր ամսվա հինգերորդ օրը:"


@pytest.mark.parametrize(
    ("text", "language", "name"), [(SW, "sw", "Swahili"), (EU, "eu", "Basque"), (HY, "hy", "Armenian")]
)
def test_rarer_languages_are_none_that_was_measured_and_have_their_own_names(
    text: str, language: str, name: str
) -> None:
    assert (foreign(text), language_of(text), named_language(language)) == (language, language, name)
    assert not measured(language_of("\n\n".join([text] * 30)))


def test_the_same_text_is_always_in_the_same_language() -> None:
    assert {language_of(DE + FR) for _ in range(5)} == {language_of(DE + FR)}


def test_codes_are_written_one_way_and_have_names() -> None:
    assert [language_code(code) for code in ("DE", "pt-br", "zh-Hant")] == ["de", "pt-BR", "zh-Hant"]
    assert [named_language(code) for code in ("de", "pt-BR", "nb", "xx")] == ["German", "Portuguese", "Norwegian", "xx"]
    assert [measured(code) for code in ("en", "en-GB", "und", "", "de", "pt-BR")] == [True] * 4 + [False] * 2
    assert [language_code(code) for code in ("eng", "deu", "FRE", "eng-us")] == ["en", "de", "fr", "en-US"]
    assert named_language("und") == "no language that can be told"
    for wrong in ("", "german!", "1", "d", "de_DE", "x" * 40):
        with pytest.raises(UnknownLanguage):
            language_code(wrong)
