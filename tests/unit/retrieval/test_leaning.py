"""What a sentence cannot be read without comes with it."""

import time

import pytest

from retrieval.context.leaning import opening


def from_(*sentences: str, at: int = -1) -> str:
    """What is shown from, for one of the sentences; the last if nothing is said."""
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + "\n"
    start = opening(text, spans, at % len(spans))
    return sentences[start]


@pytest.mark.parametrize(
    ("sentences", "shown_from"),
    [
        (("The rent is 5 pounds.", "It is due monthly."), "The rent is 5 pounds."),
        (("The rent is 5 pounds.", "The tenant pays it monthly."), "The tenant pays it monthly."),
        (("The following fees are due:", "(a) a setup fee;", "(b) 4 pounds a month."), "The following fees are due:"),
        (("The fee is 4 pounds.", "(b) 4 pounds a month."), "(b) 4 pounds a month."),
        (("Year ended 2019 2018", "Net sales", "Juices 41,870 $ 39,205"), "Year ended 2019 2018"),
        (("Year ended 2019 2018", "Preserves (12) 4.5%"), "Year ended 2019 2018"),
        (("Year ended 2019 2018", "There were 618 employees"), "There were 618 employees"),
        (("Sizes", "Juices 41,870 39,205"), "Juices 41,870 39,205"),
    ],
)
def test_what_a_sentence_leans_on(sentences: tuple[str, ...], shown_from: str) -> None:
    assert from_(*sentences) == shown_from


def test_rows_of_figures_take_no_time() -> None:
    began = time.process_time()
    from_("Year ended 2019 2018", "Phone " + "1234567890" * 30 + "x", "1,2,3,4,5,6,7,8,9 " * 200 + "end")
    assert time.process_time() - began < 1.0  # an ambiguous pattern would take for ever
