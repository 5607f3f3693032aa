"""What a sentence cannot be read without is shown with it."""

from __future__ import annotations

import time

import pytest

from generation.gate.claims import sentence_spans
from retrieval.context.leaning import opening


def opened(text: str, sentence: str) -> str:
    """The sentence from which on the one that begins like `sentence` is shown."""
    spans = sentence_spans(text)
    at = next(at for at, (start, _) in enumerate(spans) if text.startswith(sentence, start))
    return text[slice(*spans[opening(text, spans, at)])]


LEASE = "The tenant pays a deposit. It is returned after a year. Pets are welcome."
FEES = "General.\nThe following fees are due:\n(a) 50 euros for a key;\n(b) 80 euros for a lock."
SALES = "Net sales by line\n2021 2020 2019\nPhones 191,973 137,781 142,381\nTotal net sales 365,817 274,515 260,174"


@pytest.mark.parametrize(
    ("text", "sentence", "start"),
    [
        (LEASE, "It is", "The tenant pays a deposit."),
        (LEASE, "Pets", "Pets are welcome."),
        (LEASE, "The tenant", "The tenant pays a deposit."),
        ("It rains.", "It", "It rains."),
        (FEES, "(a)", "The following fees are due:"),
        (FEES, "(b)", "The following fees are due:"),
        ("A fee is due.\n(b) 80 euros.", "(b)", "(b) 80 euros."),
        (SALES, "Total", "2021 2020 2019"),
        ("Phones 191,973 137,781\nTotal 365,817 274,515", "Total", "Total 365,817 274,515"),
        ("Years ended 2021 2020\nLoss $ (1,204) $ (99)", "Loss", "Years ended 2021 2020"),
        ("2021 2020\nItem | 5 | 6", "Item", "Item | 5 | 6"),
    ],
)
def test_a_sentence_opens_with_what_it_leans_on(text: str, sentence: str, start: str) -> None:
    assert opened(text, sentence) == start


def test_what_is_far_above_stays_there() -> None:
    assert opened(f"The following is due:\n(a) {'x' * 600};\n(b) a fee.", "(b)") == "(b) a fee."
    assert opened(f"{'The deposit ' * 60}. It is due.", "It is") == "It is due."


def test_a_line_of_many_figures_is_read_in_no_time() -> None:
    started = time.process_time()
    opened(f"2021 2020\n{'1' * 4000}{'1,1 ' * 400}x", "1")
    assert time.process_time() - started < 1
