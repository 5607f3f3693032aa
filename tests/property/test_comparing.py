"""Whatever is changed: differences stand at their bytes, and the new text follows from the old one and them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from generation.gate.claims import sentence_spans
from retrieval.comparing.tokens import key, tokens
from retrieval.comparing.types import Kind, Span, Text
from retrieval.comparing.units import outline
from tests.compared_texts import Compared, text_of

WORDS = (
    "the Supplier Buyer shall may must not pay deliver goods price EUR 1,250 500 on 3 March 2024 within thirty (30) days "
    'clause 4.1 Kestrel Ltd law of Denmark party notice written "Term" long-term risk passes, if unless and term ends'
).split()
sentences = st.lists(st.sampled_from(WORDS), min_size=4, max_size=14).map(lambda words: f"The {' '.join(words)}.")
headings = st.lists(st.sampled_from("Delivery Price Law Notices Term Risk".split()), min_size=1, max_size=2)
rows = st.lists(st.sampled_from(["Rent", "500", "600", "", "Fees", "20"]), min_size=2, max_size=4)
lines = st.one_of(
    st.lists(sentences, min_size=1, max_size=3).map(" ".join),
    st.tuples(st.integers(1, 9), headings).map(lambda one: f"# {one[0]}. {' '.join(one[1])}"),
    st.tuples(st.integers(1, 9), sentences).map(lambda one: f"{one[0]}.1 {one[1]}"),
    rows.map(lambda cells: f"| {' | '.join(cells)}"),
    st.text(alphabet='ab1. "-()|\n\x0c\u00adé“漢', min_size=1, max_size=20),
).filter(lambda line: line.strip("#|~ ") != "")


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Lines, and the same with some of them taken out, moved, put in or changed."""
    old = draw(st.lists(lines, max_size=10))
    new = list(old)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(new)))
        what = draw(st.sampled_from(["add", "remove", "move", "word"]))
        if what == "add":
            new.insert(at, draw(lines))
        elif at < len(new) and what == "remove":
            del new[at]
        elif at < len(new) and what == "move":
            new.insert(draw(st.integers(0, len(new) - 1)), new.pop(at))
        elif at < len(new):
            words = new[at].split(" ")
            words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
            new[at] = " ".join(words) or "The"
    return old, new


pairs = edited() | st.tuples(st.lists(lines, max_size=8), st.lists(lines, max_size=8))


def keys(side: Text, spans: Sequence[Span] | None = None) -> Counter[str]:
    """What the units of a text say, or those of them that lie in these spans."""
    units = outline(side, sentence_spans).units
    wanted = [u for u in units if spans is None or any(s.start <= u.start and u.end <= s.end for s in spans)]
    return Counter(unit.key for unit in wanted if unit.key)


def rebuilt(found: Compared) -> str:
    """The old words with every difference carried out, as the words of the new text in their order."""
    old = found.old.text
    changes = []
    for one in found.differences:
        if one.kind in {Kind.REMOVED, Kind.CHANGED}:
            changes += [(span.start, span.end) for span in one.old]
    kept = outline(found.old, sentence_spans).units
    gone = [unit for unit in kept if any(start <= unit.start and unit.end <= end for start, end in changes)]
    left = Counter(unit.key for unit in kept) - Counter(unit.key for unit in gone)
    coming = [one for one in found.differences if one.kind in {Kind.ADDED, Kind.CHANGED}]
    spans = [span for one in coming for span in one.new]
    told = left + keys(found.new, spans)
    assert old == found.old.text
    return " ".join(sorted(" ".join(told.elements()).split()))


@given(pairs)
@settings(max_examples=400, deadline=None)
def test_the_new_words_follow_from_the_old_ones_and_the_differences(pair: tuple[list[str], list[str]]) -> None:
    found = Compared(*map(text_of, pair))
    new = " ".join(sorted(" ".join(keys(found.new).elements()).split()))
    assert letters(rebuilt(found)) == letters(new)


def letters(words: str) -> Counter[str]:
    """Hyphens, bars and blanks within words are no differences."""
    return Counter(sign for sign in words if sign.isalnum())


@given(pairs)
@settings(max_examples=300, deadline=None)
def test_changed_words_make_one_sentence_the_other(pair: tuple[list[str], list[str]]) -> None:
    found = Compared(*map(text_of, pair))
    for one in found.differences:
        if one.kind is not Kind.CHANGED:
            assert one.words == ()
            continue
        begin, end = starts(found, one.old[0].start, one.new[0].start)
        parts, at = list[str](), begin
        for words in one.words:
            assert one.old[0].start <= words.old.start <= words.old.end <= one.old[-1].end
            assert one.new[0].start <= words.new.start <= words.new.end <= one.new[-1].end
            assert words.changes
            parts += [found.old.text[at : words.old.start], found.new.text[words.new.start : words.new.end]]
            at = words.old.end
        made = "\n".join([*parts, found.old.text[at : one.old[-1].end]])
        said = found.new.text[end : one.new[-1].end]
        assert letters(plain(made)) == letters(plain(said))


def starts(found: Compared, old: int, new: int) -> tuple[int, int]:
    """Where the words of two sentences begin: after their numbers, which are told of by themselves, if both have one."""
    own, its = (
        next(unit for unit in outline(side, sentence_spans).units if unit.start == at)
        for side, at in ((found.old, old), (found.new, new))
    )
    return (own.start, its.start) if (own.label is None) != (its.label is None) else (own.body, its.body)


def plain(text: str) -> str:
    return key(tokens(text, 0, len(text)))


@given(pairs)
@settings(max_examples=300, deadline=None)
def test_every_difference_stands_at_its_bytes_and_no_place_is_told_twice(pair: tuple[list[str], list[str]]) -> None:
    found = Compared(*map(text_of, pair))
    for side, name in ((found.old, "old"), (found.new, "new")):
        places = [
            span for one in found.differences if one.kind in {Kind.ADDED, Kind.REMOVED} for span in getattr(one, name)
        ]
        assert len(set(places)) == len(places)
        for one in found.differences:
            for span in getattr(one, name):
                assert 0 <= span.start < span.end <= len(side.text)
                assert side.text[span.start : span.end].strip()
    for one in found.differences:
        assert bool(one.old) == (one.kind is not Kind.ADDED)
        assert bool(one.new) == (one.kind is not Kind.REMOVED)
        assert one.kind is not Kind.RENUMBERED or len(one.old) == len(one.new)


@given(pairs)
@settings(max_examples=100, deadline=None)
def test_the_same_texts_give_the_same_differences(pair: tuple[list[str], list[str]]) -> None:
    first, second = (Compared(*map(text_of, pair)).found for _ in range(2))
    assert first == second
    assert Compared(text_of(pair[0]), text_of(pair[0])).found.differences == ()
