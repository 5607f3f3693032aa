"""A number as Word's number formats write it (ST_NumberFormat, ECMA-376 part 1, 17.18.59), in English."""

from __future__ import annotations

from collections.abc import Callable

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_CHICAGO = "*†‡§"
_LONGEST = 40  # signs of a repeated letter or mark; a longer row is written in digits
_DIGITS = {
    "decimalFullWidth": "０１２３４５６７８９", "decimalFullWidth2": "０１２３４５６７８９",
    "hindiNumbers": "०१२३४५६७८९",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙", "ideographDigital": "〇一二三四五六七八九", "taiwaneseDigital": "○一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九", "koreanDigital": "영일이삼사오육칠팔구",
}  # fmt: skip
_ALPHABETS = {
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz", "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "chicago": _CHICAGO,
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя", "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת", "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ", "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "irohaFullWidth": "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス",
    "ganada": "가나다라마바사아자차카타파하", "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}  # fmt: skip
_EASTERN = frozenset(
    "chineseCounting chineseCountingThousand japaneseCounting taiwaneseCounting taiwaneseCountingThousand".split()
)


def write(number: int, form: str) -> tuple[str, bool]:
    """The number as printed, and whether the format is known; in digits where it is not."""
    if form in ("none", "bullet"):
        return "", True
    if form.startswith("custom "):
        return _custom(number, form.removeprefix("custom "))
    if form in _ALPHABETS and number > 0:
        alphabet = _ALPHABETS[form]
        times = 1 + (number - 1) // len(alphabet)
        return (alphabet[(number - 1) % len(alphabet)] * times, True) if times <= _LONGEST else (str(number), False)
    if form in _DIGITS:
        return "".join(_DIGITS[form][int(digit)] for digit in str(max(number, 0))), True
    if form in _EASTERN and 0 < number < 100:
        return _eastern(number), True
    if form in _WRITERS:
        return _WRITERS[form](number), True
    return str(number), False


def _custom(number: int, example: str) -> tuple[str, bool]:
    """Word's own: the first numbers as an example, "001, 002, 003, ..."."""
    first = example.split(",")[0].strip()
    return (str(number).zfill(len(first)), True) if first.isdecimal() and int(first) == 1 else (str(number), False)


def roman(number: int) -> str:
    if not 0 < number < 32000:
        return str(number)
    text = ""
    for size, letters in _ROMAN:
        text += letters * (number // size)
        number %= size
    return text


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _cardinal(number: int) -> str:
    if number < 0 or number >= 1_000_000:
        return str(number)
    if number < 20:
        return _UNITS[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_UNITS[number % 10]}" if number % 10 else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = f" {_cardinal(number % size)}" if number % size else ""
    return f"{_cardinal(number // size)} {name}{rest}"


def _ordinal_text(number: int) -> str:
    words = _cardinal(number)
    if not words[-1:].isalpha():
        return _ordinal(number)
    start = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[start:]
    return words[:start] + _ORDINALS.get(last, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _enclosed(first: int, otherwise: str) -> Callable[[int], str]:
    return lambda number: chr(first + number - 1) if 0 < number <= 20 else otherwise.format(number)


def _circled(number: int) -> str:
    if 20 < number <= 50:
        return chr((0x3251 if number <= 35 else 0x32B1 - 15) + number - 21)
    return _enclosed(0x2460, "({})")(number)


def _eastern(number: int) -> str:
    tens, unit = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[unit] if unit else "")


_WRITERS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda number: f"{number:02d}",
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "ordinal": _ordinal,
    "cardinalText": lambda number: _capital(_cardinal(number)),
    "ordinalText": lambda number: _capital(_ordinal_text(number)),
    "hex": lambda number: f"{number:X}",
    "numberInDash": lambda number: f"- {number} -",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _enclosed(0x2488, "{}."),
    "decimalEnclosedParen": _enclosed(0x2474, "({})"),
}
