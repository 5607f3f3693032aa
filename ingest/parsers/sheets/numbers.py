"""Digits in the placeholders of a number format: grouping, scaling, fractions and exponents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Tokens = Sequence[tuple[str, str]]  # kind and text, see `formats.Kind`


def general(value: float) -> str:
    """Up to 15 digits, without an exponent where they can do without."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    text = f"{value:.15g}"
    if "e" in text and 1e-10 < abs(value) < 1e21:
        text = f"{Decimal(text):f}"
    return text.replace("e", "E")


def number_text(tokens: Tokens, value: Decimal) -> str:
    """`value`, not negative, in a plain format; fills stay as NUL."""
    places = [place for place, (kind, text) in enumerate(tokens) if kind == "digit"]
    point = next((place for place, token in enumerate(tokens) if token == ("mark", ".")), len(tokens))
    whole = [place for place in places if place < point]
    decimals = [place for place in places if place > point]
    last = whole[-1] if whole else -1
    commas = [place for place, token in enumerate(tokens) if token == ("mark", ",")]
    grouped = any(whole and whole[0] < comma < last for comma in commas)
    end = decimals[-1] if decimals else -1
    scale = sum(last < comma < point or comma > end > -1 for comma in commas if whole or decimals)
    percent = sum(token == ("mark", "%") for token in tokens)
    value = value.scaleb(2 * percent - 3 * scale)
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP) if value.adjusted() < 300 else value
    digits, _, rest = f"{rounded:f}".partition(".")
    written = {
        **_whole(tokens, whole, digits.lstrip("0"), grouped),
        **_decimals(tokens, decimals, rest),
    }
    return "".join(_piece(tokens, place, written, point) for place in range(len(tokens)))


def _piece(tokens: Tokens, place: int, written: dict[int, str], point: int) -> str:
    kind, text = tokens[place]
    if kind == "digit":
        return written[place]
    if kind == "fill":
        return "\0"
    if place == point:
        decimals = [written[at].strip() for at in written if at > point]
        return "." if any(decimals) or not decimals else ""
    return "" if (kind, text) == ("mark", ",") else text


def _whole(tokens: Tokens, places: list[int], digits: str, grouped: bool) -> dict[int, str]:
    """Digits in the placeholders before the point, filled from the right; what is left over goes into the first."""
    first_zero = next((at for at, place in enumerate(places) if tokens[place][1] == "0"), len(places))
    digits = digits.rjust(len(places) - first_zero, "0")
    written: dict[int, str] = {}
    for at, place in enumerate(places):
        behind = len(places) - at - 1
        if at == 0:
            mine = digits[: len(digits) - behind] if len(digits) > behind else ""
        else:
            mine = digits[len(digits) - behind - 1 : len(digits) - behind] if len(digits) > behind else ""
        if grouped:
            mine = "".join(
                digit + ("," if (behind + left) % 3 == 0 and behind + left else "")
                for digit, left in zip(mine, range(len(mine) - 1, -1, -1), strict=True)
            )
        written[place] = mine or (" " if tokens[place][1] == "?" else "")
    return written


def _decimals(tokens: Tokens, places: list[int], digits: str) -> dict[int, str]:
    written: dict[int, str] = {}
    digits = digits.ljust(len(places), "0")
    trailing = True
    for at in range(len(places) - 1, -1, -1):
        sign = tokens[places[at]][1]
        trailing = trailing and digits[at] == "0" and sign != "0"
        written[places[at]] = (" " if sign == "?" else "") if trailing else digits[at]
    return written


def scientific_text(tokens: Tokens, value: float) -> str:
    """`value`, not negative, with an exponent; one that is a multiple of the digits before the point, as Excel does."""
    split = next(place for place, (kind, _) in enumerate(tokens) if kind == "exponent")
    point = next((place for place, token in enumerate(tokens[:split]) if token == ("mark", ".")), split)
    whole = sum(kind == "digit" for kind, _ in tokens[:point])
    decimals = sum(kind == "digit" for kind, _ in tokens[point:split])
    step = max(whole, 1)
    exact = Decimal(f"{value:.15g}")
    exponent = _exponent(exact, step)
    unit = Decimal(1).scaleb(-decimals)
    if exact.scaleb(-exponent).quantize(unit, ROUND_HALF_UP) >= Decimal(10) ** step:
        exponent += step
    mantissa = number_text(tokens[:split], exact.scaleb(-exponent))
    sign = "-" if exponent < 0 else "+" if tokens[split][1][1] == "+" else ""
    width = sum(kind == "digit" and text == "0" for kind, text in tokens[split:])
    after = "".join(text for kind, text in tokens[split + 1 :] if kind == "literal")
    return f"{mantissa}E{sign}{abs(exponent):0{max(width, 1)}d}{after}"


def _exponent(value: Decimal, step: int) -> int:
    return math.floor(value.adjusted() / step) * step if value else 0


def fraction_text(tokens: Tokens, value: float) -> str:
    """`value`, not negative, as a fraction, of a whole number where the format has a place for it."""
    slash = tokens.index(("mark", "/"))
    top = slash - 1
    while top >= 0 and tokens[top][0] == "literal" and not tokens[top][1].strip():
        top -= 1
    first = top
    while first > 0 and tokens[first - 1][0] == "digit":
        first -= 1
    end = slash + 1
    while end < len(tokens) and (tokens[end][0] in ("digit", "number")):
        end += 1
    has_whole = any(kind == "digit" for kind, _ in tokens[:first])
    exact = Fraction(f"{value:.15g}")
    fixed = "".join(text for _, text in tokens[slash + 1 : end])
    if fixed.isdecimal() and int(fixed):
        below = int(fixed)
        above = int(exact * below + Fraction(1, 2))
    else:
        near = exact.limit_denominator(10 ** max(end - slash - 1, 1) - 1)
        above, below = near.numerator, near.denominator
    before = tokens[:first]
    after = "".join(text for kind, text in tokens[end:] if kind == "literal")
    if not has_whole:
        return f"{''.join(text for kind, text in before if kind == 'literal')}{above}/{below}{after}"
    whole, above = divmod(above, below)
    lead = number_text(before, Decimal(whole)) if whole or not above else number_text(_optional(before), Decimal(0))
    if not above and not whole:
        lead = lead.rstrip() if lead.strip() else "0"
    return f"{lead}{f'{above}/{below}' if above else ''}{after}"


def _optional(tokens: Tokens) -> Tokens:
    """With placeholders that show no zero."""
    return [(kind, "#" if kind == "digit" and text != "0" else text) for kind, text in tokens]
