"""Signs in fonts whose codes are not letters: Symbol (Adobe's encoding), Wingdings, Wingdings 2, Webdings, Dingbats.

A ticked box is ☒ whether the font draws a tick or a cross into it, an empty one ☐.
"""

from __future__ import annotations

_SYMBOL = dict(
    zip(
        (*range(0x20, 0x7F), *range(0xA0, 0xFF)),
        " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλµνοπθρστυϖωξψζ{|}∼"
        "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\uf8ff〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭",
        strict=True,
    )
)
_WINGDINGS = {
    0x20: " ", 0x21: "✏", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3F: "✍", 0x41: "✌", 0x45: "☜", 0x46: "☞",
    0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x4E: "☠", 0x51: "✈", 0x52: "☼", 0x54: "❄", 0x5B: "☯",
    0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "☐", 0x70: "☐", 0x71: "☐", 0x72: "☐", 0x73: "⬧", 0x74: "⧫", 0x75: "◆",
    0x76: "❖", 0x77: "⬥", 0x78: "☒", 0x9E: "·", 0x9F: "•", 0xA0: "▪", 0xA1: "○", 0xA4: "◉", 0xA6: "❍", 0xA7: "▪",
    0xA8: "☐", 0xAA: "✦", 0xAB: "★", 0xAC: "✶", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE3: "↖",
    0xE4: "↗", 0xE5: "↙", 0xE6: "↘", 0xE7: "←", 0xE8: "→", 0xE9: "↑", 0xEA: "↓", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧",
    0xF2: "⇩", 0xF3: "⬄", 0xF4: "⇳", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☒",
    **{0x80 + n: sign for n, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
_WINGDINGS_2 = {
    0x20: " ", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☒", 0x53: "☒", 0x54: "☒", 0x55: "⊗", 0x56: "⊗", 0x97: "•",
    0x98: "●", 0xA1: "■", 0xA2: "■", 0xA3: "☐", 0xA4: "☐", 0xA5: "☐", 0x99: "○", 0x9A: "○", 0xA7: "▪",
    **{0x69 + n: sign for n, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
_WINGDINGS_3 = {
    0x20: " ", 0x21: "←", 0x22: "→", 0x23: "↑", 0x24: "↓", 0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓", 0x70: "▲",
    0x71: "▼", 0x72: "△", 0x73: "▽", 0x74: "◀", 0x75: "▶", 0x76: "◁", 0x77: "▷", 0x7C: "◀", 0x7D: "▶",
}  # fmt: skip
_WEBDINGS = {
    0x20: " ", 0x33: "◀", 0x34: "▶", 0x35: "▲", 0x36: "▼", 0x3D: "■", 0x61: "✓", 0x63: "☐", 0x67: "■", 0x6E: "●",
    0x72: "✗", 0x69: "ℹ", 0x80: "■",
}  # fmt: skip
_DINGBATS = {
    **{code: chr(0x2701 + code - 0x21) for code in range(0x21, 0x7F)},
    0x20: " ", 0x25: "☎", 0x2A: "☛", 0x2B: "☞", 0x48: "★", 0x6C: "●", 0x6E: "■", 0x6F: "☐", 0x70: "☐", 0x71: "☐",
    0x72: "☐", 0x73: "▲", 0x74: "▼", 0x75: "◆", 0x77: "◗",
}  # fmt: skip
_FONTS = {
    "symbol": _SYMBOL, "symbolmt": _SYMBOL, "standardsymbolsps": _SYMBOL, "wingdings": _WINGDINGS,
    "wingdings2": _WINGDINGS_2, "wingdings3": _WINGDINGS_3, "webdings": _WEBDINGS, "zapfdingbats": _DINGBATS,
    "itczapfdingbats": _DINGBATS, "monotypesorts": _DINGBATS, "mtextra": {}, "marlett": {},
}  # fmt: skip
_BULLETS = (0xB7, 0xA7, 0x76, 0xD8)


def is_symbolic(font: str) -> bool:
    """Whether a font's codes are signs, not letters."""
    return _key(font) in _FONTS


def sign(font: str, code: int) -> tuple[str, bool]:
    """The sign that a font draws for a code, and whether that is known; "[sign F04A in Wingdings 3]" where not."""
    table = _FONTS.get(_key(font))
    private = 0xF000 <= code <= 0xF0FF
    if table is not None and (private or code <= 0xFF):
        found = table.get(code & 0xFF, "")
    elif private:
        found = "•" if code & 0xFF in _BULLETS else ""
    else:
        found = chr(code) if 0x20 <= code < 0x110000 and not 0xE000 <= code <= 0xF8FF else ""
    if found and found != "\uf8ff":
        return found, True
    return f"[sign {code:04X} in {font}]" if font else f"[sign {code:04X}]", False


def spelled(text: str, font: str) -> tuple[str, bool]:
    """Text as it is printed in a font, and whether every sign is known."""
    symbolic = is_symbolic(font)
    if not symbolic and not any("\uf000" <= character <= "\uf0ff" for character in text):
        return text, True
    signs = [
        sign(font, ord(character))
        if "\uf000" <= character <= "\uf0ff" or (symbolic and character > " ")
        else (character, True)
        for character in text
    ]
    return "".join(found for found, _ in signs), all(known for _, known in signs)


def _key(font: str) -> str:
    return font.lower().replace(" ", "").replace("-", "")
