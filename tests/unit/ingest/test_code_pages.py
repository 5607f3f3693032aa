"""Short texts without a label, in the code pages that offices really use."""

import pytest

from ingest.parsers import parse
from ingest.parsers.clean import decoded
from ingest.types import WarningKind

TEXTS = {
    "The fee is £4,500 – see the client’s “Annex” for the rest.": "cp1252 mac_roman",
    "Die Gebühr beträgt 4.500 € für die Prüfung.": "cp1252 iso8859_15",
    "Müller schuldet 300 Euro.": "cp1252 iso8859_1 cp850 cp437",
    "Le prix est fixé à 4 500 € ; voir l’annexe.": "cp1252",
    "El señor Núñez pagará 300 euros.": "cp1252 cp850 mac_roman",
    "Opłata wynosi 300 zł za usługę, płatna w środę.": "cp1250 iso8859_2 cp852",
    "Poplatek činí 300 Kč za službu, splatný ve středu příští týden.": "cp1250 iso8859_2 cp852",
    "Ücret 300 liradır, şubat ayında ödenir.": "cp1254",
    "Leigan er 300 krónur á mánuði og það skal greiða í maí.": "cp1252",
    "Avgiften är 300 kronor på måndag för åkeri.": "cp1252 cp850 mac_roman",
    "Плата составляет 300 рублей.": "cp1251 koi8_r cp866 iso8859_5",
    "Договор аренды": "cp1251 koi8_r cp866",
    "Η αμοιβή είναι 300 ευρώ.": "cp1253 iso8859_7",
    "料金は三百円です。": "shift_jis euc_jp iso2022_jp",
}
CASES = [(text, page) for text, pages in TEXTS.items() for page in pages.split()]


@pytest.mark.parametrize(("text", "page"), CASES)
def test_a_line_in_a_code_page_is_read_and_all_but_the_usual_one_is_told(text: str, page: str) -> None:
    found, warnings = decoded(f"{text}\n".encode(page))
    assert found.strip() == text
    usual = page in ("cp1252", "iso8859_1", "iso2022_jp")
    assert [warning.kind for warning in warnings] == ([] if usual else [WarningKind.ENCODING])


@pytest.mark.parametrize("page", ["mac_roman", "iso8859_15", "cp850"])
def test_what_may_be_misread_is_never_misread_in_silence(page: str) -> None:
    for text in (
        "Price: €9,800.",
        "Die Gebühr für Köln–Bonn beträgt 300 €.",
        "Zürich, Genève: 20 °C, § 4, ½ Tag, © 2024",
    ):
        data = text.encode(page, errors="ignore")
        found, warnings = decoded(data)
        assert warnings or found == data.decode(page)


def test_windows_text_with_every_usual_sign_is_not_warned() -> None:
    said = (
        "§ 4: “Müller’s” fee—€ 1.200 at 5 °C ± 2 µm, ½ day • 30 m² … naïve café, Ångström, «là», ¿qué?, ÉTÉ, O’Brien™ ©"
    )
    parsed = parse(said.encode("cp1252"), "a.txt")
    assert parsed.elements[0].text == said
    assert parsed.warnings == ()
