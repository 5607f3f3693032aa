"""Fonts whose characters are not what the file says that they are: their text reads as no language does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import pairwise

# Pairs of letters that are frequent in English, German, French, Spanish, Italian, Dutch and their neighbours.
_PAIRS = frozenset(
    (
        "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi "
        "ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc "
        "et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv "
        "ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr ag by da bo ei ue sc ck eu qu "
        "je du oe aa ij nn tt uv ov ub ap ep mm ff do go lu ru cr gr br dr fa ga va za ze zi zo zu ja ju ko ka ki "
        "sk sz cz rz ek ok ak ik ah eh oh uh ht rd rn rm rk rg sp ks kt lk lt ug og eg ib ob eb ef if up mb "
    ).split()
)
_ODD = frozenset("=~^`|{}\\<>@#\x7f\ufffd")
_RUN = re.compile(r"[^\W\d_]{4,}")
_BARRED = str.maketrans("đłıøðþæœ", "dlioddae")
_FEWEST, _MANY = 45, 80  # letters
_SHARE, _SURE = 0.42, 0.33  # of pairs that are frequent: texts have 0.55 to 0.9, shifted letters 0.15 to 0.4
_GAIN = 3  # frequent pairs
_WORD = re.compile(r"[^\W\d_]{2,}")
_SMALL = frozenset(
    "the of and to in is for on that by with this as be or shall not any all are from at has will may it its an if no "
    "der die das und von zu den mit ist des im auf ein eine nicht als auch fur le la les et de du des un une que qui "
    "dans pour par est sur au el los las y en del se con una por para il di che non per sono het een van voor op niet"
    "".split()
)
_ALPHABET = 9  # different letters; a gene has four


def unreadable(text: str) -> bool:
    """Whether the words of one font cannot be a language in Latin letters; False where there are few, or others."""
    runs = [_plain(run) for run in _RUN.findall(text)]
    letters = sum(map(len, runs))
    latin = sum(letter < "\u0250" for run in runs for letter in run)
    if _is_noise(text):
        return True
    if letters < _FEWEST or latin < 0.9 * letters or len(set("".join(runs))) < _ALPHABET:
        return False
    pairs = [one + other for run in runs for one, other in pairwise(run)]
    most = _SHARE if letters >= _MANY else _SURE
    return sum(pair in _PAIRS for pair in pairs) < most * len(pairs)


def reads_better(text: str, looks: Mapping[str, str]) -> bool:
    """Whether a text is clearly more of a language with its letters read as what they look like."""
    words = [_plain(word) for word in _WORD.findall(text)]
    table = str.maketrans(dict(looks))
    gain = _likely(word.translate(table) for word in words) - _likely(words)
    return gain >= _GAIN and gain > 0.01 * sum(map(len, words))


def _likely(words: Iterable[str]) -> int:
    """Frequent pairs of letters, and words that no text goes without, which count for more."""
    return sum(_GAIN * (word in _SMALL) + sum(one + other in _PAIRS for one, other in pairwise(word)) for word in words)


def _is_noise(text: str) -> bool:
    """Whether signs that no text has in such number stand among few letters, as shifted letters become."""
    shown = sum(not letter.isspace() for letter in text)
    odd = [letter for letter in text if letter in _ODD]
    return (
        shown >= _FEWEST and len(odd) > 0.4 * shown and sum(map(str.isalnum, text)) < 0.5 * shown and len(set(odd)) > 1
    )


def _plain(run: str) -> str:
    """In small letters without accents."""
    apart = unicodedata.normalize("NFD", run.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(_BARRED)
