"""Whatever a model writes: claims are made of its words, and windows are places in the text."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from generation.gate.evidence import spans
from generation.gate.splitting.split import split_claims

WORDS = (
    "The the tenant landlord rent fee Kestrel Ltd Ltd, must shall pay pays paid insure covers include includes: is was not "
    "and and, but while or if unless which who, It They This to by in of 30 days £500 (a) (b) cleaning heating, water; "
    "building. both as well as between either \" ' ) ( : ; , . No, Yes, 2024, may never rose keeps"
).split()
texts = st.text(max_size=120) | st.lists(st.sampled_from(WORDS), max_size=24).map(" ".join)
ADDED = {"is", "was"}  # what an apposition lacks: "Kestrel, a bank, pays" says that Kestrel is a bank


def words(text: str) -> list[str]:
    return [word.removesuffix("'s").strip("'").casefold() for word in re.findall(r"[^\W_](?:[\w'’]*\w)?", text)]


@given(texts, texts)
@example("NO- /", "")
@settings(max_examples=300)
def test_claims_are_made_of_the_words_of_the_sentence_and_the_one_before(sentence: str, before: str) -> None:
    known = {*words(sentence), *words(before)} | ADDED
    for claim in split_claims(sentence, before):
        assert claim.strip()
        assert any(map(str.isalnum, claim))
        assert set(words(claim)) <= known


@given(texts)
def test_the_same_sentence_gives_the_same_claims_each_once(sentence: str) -> None:
    claims = split_claims(sentence)
    assert claims == split_claims(sentence)
    assert len(set(claims)) == len(claims)


FRAMES = frozenset("and but or while whereas which who both as well yes no".split())


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=24).map(" ".join))
@settings(max_examples=300)
def test_no_word_of_weight_is_lost(sentence: str) -> None:
    """What a claim could be wrong about is in one of the claims."""
    claims = split_claims(sentence)
    kept = Counter(word for claim in claims for word in words(claim))
    lost = [word for word in words(sentence) if word not in kept and word not in FRAMES and len(word) > 1]
    assert not claims or not lost


@given(texts, texts, st.lists(texts, max_size=2))
def test_windows_are_ordered_places_in_the_text_each_once(claim: str, text: str, headings: list[str]) -> None:
    found = spans(claim, text, headings)
    assert len(found) == len(set(found)) <= 3
    assert bool(found) == bool(text.strip())
    for start, end in found:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
