"""Sentences, markers and claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.gate.claims import SentenceStream, claim_text, markers, sentence_spans
from generation.gate.splitting.split import split_claims


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Smith of Kestrel Ltd. pays £1.50 per unit. He may stop.", ["Mr. Smith of Kestrel Ltd. pays £1.50 per unit.", "He may stop."]),
        ("See Art. 5 and No. 7, e.g. the annex. End.", ["See Art. 5 and No. 7, e.g. the annex.", "End."]),
        ("3.1. The Supplier pays. 4. Term.", ["3.1. The Supplier pays.", "4. Term."]),
        ("J. R. Hart signed. Done.", ["J. R. Hart signed.", "Done."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Item | Fee\nRent | 5", ["Item | Fee", "Rent | 5"]),
        ("It rains. Snow falls.\nItem. In GBP. | Fee\nRent. | 5", ["It rains.", "Snow falls.", "Item. In GBP. | Fee", "Rent. | 5"]),
        ("Heading\n\nText.", ["Heading", "Text."]),
        ("𝒳 pays. ﬁnal day.", ["𝒳 pays.", "ﬁnal day."]),
        ("no full stop", ["no full stop"]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(st.text(st.sampled_from("aB1.?! \n\"')[]|§𝒳"), max_size=80))
def test_spans_are_ordered_trimmed_and_lose_nothing_but_blanks(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert text[position:start].strip() == ""
        assert start < end
        assert text[start:end] == text[start:end].strip()
        position = end
    assert text[position:].strip() == ""


def streamed(text: str, size: int) -> list[str]:
    stream = SentenceStream()
    found = [sentence for at in range(0, len(text), size) for sentence in stream.feed(text[at : at + size])]
    return found + list(stream.finish())


ANSWER = "The fee is £1.50 [1]. It is due in 30 days. [2][3] Kestrel Ltd. pays it [1, 2]. Nobody else [4]"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 200])
def test_the_stream_gives_the_same_sentences_whatever_the_deltas(size: int) -> None:
    assert streamed(ANSWER, size) == [
        "The fee is £1.50 [1].",
        "It is due in 30 days. [2][3]",
        "Kestrel Ltd. pays it [1, 2].",
        "Nobody else [4]",
    ]


def test_a_sentence_is_released_as_soon_as_the_next_one_begins() -> None:
    stream = SentenceStream()
    assert list(stream.feed("One [1]. ")) == []
    assert list(stream.feed("T")) == ["One [1]."]
    assert list(stream.feed("wo [2].")) == []
    assert list(stream.finish()) == ["Two [2]."]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a [1].", (1,)),
        ("a [2] b [1] [2].", (2, 1)),
        ("a [1, 3; 5].", (1, 3, 5)),
        ("a [2-4].", (2, 3, 4)),
        ("a [1-99].", tuple(range(1, 12))),
        ("a [0] [12].", (0, 12)),
        ("a [x] [1a] (1) [1234].", ()),
    ],
)
def test_markers(sentence: str, expected: tuple[int, ...]) -> None:
    assert markers(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The fee is 5 [1].", "The fee is 5."),
        ("The fee is 5. [1][2]", "The fee is 5."),
        ("- **The fee** is `5` [1, 2].", "The fee is 5."),
        ("2) The  fee\nis 5 [1].", "The fee is 5."),
        ("The fee is 5 [6.2]. [1]", "The fee is 5."),
        ("[1]", ""),
    ],
)
def test_the_claim_is_the_sentence_without_its_signs(sentence: str, expected: str) -> None:
    assert claim_text(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The tenant pays rent and the landlord keeps the roof in repair.", ("The tenant pays rent.", "The landlord keeps the roof in repair.")),
        ("The tenant must pay rent and insure the building.", ("The tenant must pay rent.", "The tenant must insure the building.")),
        ("The tenant must pay rent, insure the building and keep it clean.", ("The tenant must pay rent.", "The tenant must insure the building.", "The tenant must keep it clean.")),
        ("The tenant must pay rent, insure the building, and keep it clean.", ("The tenant must pay rent.", "The tenant must insure the building.", "The tenant must keep it clean.")),
        ("The tenant must pay the rent and may not sublet the flat.", ("The tenant must pay the rent.", "The tenant may not sublet the flat.")),
        ("The rent is £500; the deposit is £1,000.", ("The rent is £500.", "The deposit is £1,000.")),
        ("The rent is £500 a month, while the deposit is £1,000.", ("The rent is £500 a month.", "The deposit is £1,000.")),
        ("Revenue was £37.6 million, whereas the budget was £38.4 million.", ("Revenue was £37.6 million.", "The budget was £38.4 million.")),
        ("The policy covers fire, but it does not cover flood.", ("The policy covers fire.", "The policy does not cover flood.")),
        ("The policy covers fire but does not cover flood.", ("The policy covers fire.", "The policy does not cover flood.")),
        ("Revenue rose by 4% and costs fell by 2%.", ("Revenue rose by 4%.", "Costs fell by 2%.")),
        ("In 2024, revenue rose by 4% and costs fell by 2%.", ("In 2024, revenue rose by 4%.", "In 2024, costs fell by 2%.")),
        ("Kestrel Ltd was founded in 1990 and acquired by Heron plc in 2004.", ("Kestrel Ltd was founded in 1990.", "Kestrel Ltd was acquired by Heron plc in 2004.")),
        ("Kestrel Ltd was founded in 1990 and acquired the pump business in 2004.", ("Kestrel Ltd was founded in 1990.", "Kestrel Ltd acquired the pump business in 2004.")),
        ("The drug lowers blood pressure and has few side effects.", ("The drug lowers blood pressure.", "The drug has few side effects.")),
        ("The board approved the accounts and declared a dividend.", ("The board approved the accounts.", "The board declared a dividend.")),
        ("The supplier has delivered the pumps and is waiting for payment.", ("The supplier has delivered the pumps.", "The supplier is waiting for payment.")),
        ("The tenant agrees to pay the rent and to insure the building.", ("The tenant agrees to pay the rent.", "The tenant agrees to insure the building.")),
        ("The invoice must be sent to the buyer and paid by the end of May.", ("The invoice must be sent to the buyer.", "The invoice must be paid by the end of May.")),
        ("If the tenant leaves early, the deposit is forfeited and the keys must be returned.", ("If the tenant leaves early, the deposit is forfeited.", "If the tenant leaves early, the keys must be returned.")),
        ("The rent is £500 and it depends on the index.", ("The rent is £500.", "The rent depends on the index.")),
        ("The fee covers cleaning, heating and water.", ("The fee covers cleaning.", "The fee covers heating.", "The fee covers water.")),
        ("The fee covers cleaning as well as heating.", ("The fee covers cleaning.", "The fee covers heating.")),
        ("The fee covers both cleaning and heating.", ("The fee covers cleaning.", "The fee covers heating.")),
        ("The policy does not cover flood or theft.", ("The policy does not cover flood.", "The policy does not cover theft.")),
        ("The costs include: (a) rent, (b) heating and (c) water.", ("The costs include rent.", "The costs include heating.", "The costs include water.")),
        ("The tenant must: (i) pay the rent; (ii) insure the building; and (iii) keep it clean.", ("The tenant must pay the rent.", "The tenant must insure the building.", "The tenant must keep it clean.")),
        ("The price includes the following: delivery, installation and training.", ("The price includes delivery.", "The price includes installation.", "The price includes training.")),
        ("Kestrel Ltd, which was founded in 1990, supplies pumps to Heron.", ("Kestrel Ltd supplies pumps to Heron.", "Kestrel Ltd was founded in 1990.")),
        ("Kestrel Ltd, a subsidiary of Heron plc, supplies pumps.", ("Kestrel Ltd supplies pumps.", "Kestrel Ltd is a subsidiary of Heron plc.")),
        ("Kestrel Ltd, founded in 1990, supplies pumps.", ("Kestrel Ltd supplies pumps.", "Kestrel Ltd was founded in 1990.")),
        ("Mara Ellison, who joined in 2015, chairs the board.", ("Mara Ellison chairs the board.", "Mara Ellison joined in 2015.")),
        ("According to the sources, the rent is £500.", ("The rent is £500.",)),
        ("According to section 3, the rent is £500.", ("The rent is £500.",)),
        ("Yes, the tenant may leave early.", ("The tenant may leave early.",)),
        ("No, the tenant may not sublet the flat.", ("The tenant may not sublet the flat.",)),
        ("The passage states that the rent is £500.", ("The rent is £500.",)),
        ("Based on the provided documents, the rent is £500 and the deposit is £900.", ("The rent is £500.", "The deposit is £900.")),
        ("In summary, the rent is £500.", ("The rent is £500.",)),
        ("The rent is £500, according to the document.", ("The rent is £500.",)),
        ("You can delete the account and have the data erased.", ("You can delete the account.", "You can have the data erased.")),
        ("It is important to read the label and check the date.", ("It is important to read the label.", "It is important to check the date.")),
    ],
)  # fmt: skip
def test_a_sentence_is_split_into_claims_that_hold_alone(sentence: str, expected: tuple[str, ...]) -> None:
    assert split_claims(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "The tenant must pay rent within 30 days of the invoice.",
        "The tenant may leave if he gives notice and pays the rent.",
        "The tenant pays the rent and insures the flat if the landlord asks.",
        "The deposit is returned unless the tenant has damaged the flat and the landlord has complained.",
        "The supplier may terminate provided that notice is given and the fee is paid.",
        "The policy covers fire and theft except in empty buildings.",
        "The Research and Development department has 40 staff.",
        "Johnson & Johnson supplies the device.",
        "The buyer accepts the terms and conditions.",
        "The rent lies between £500 and £600 a month.",
        "The meeting lasts between five and six hours.",
        "Five and six are the limits.",
        "The tenant may either pay the rent or leave the flat.",
        "Neither the tenant nor the landlord may enter the flat.",
        "Revenue was higher than in 2023 and 2024.",
        "The tenant pays rent and charges levied by the landlord.",
        "The tenant and the landlord must sign the lease.",
        "The company said that profits rose and costs fell.",
        "The fee covers only cleaning and heating.",
        "The tenant must inspect and repair the roof.",
        "The supplier must comply with and enforce the rules.",
        "The fee covers structural repairs and maintenance.",
        "The fee covers cleaning and heating of the common parts.",
        "The board consists of a chair, a secretary and a treasurer.",
        "Kestrel and Heron own 40% and 60% of the shares respectively.",
        "The supplier must provide safe and secure storage.",
        "The tenant must not assign the lease and sublet the flat.",
        "Patients received aspirin and placebo in a crossover design.",
        "The total of rent and charges is £900.",
        "The firm owns Smith, Jones and Partners.",
        "The report describes the merger of Kestrel and Heron and its effects.",
        "Not only the rent is due but also the deposit.",
        "The rent is due, if at all, in May.",
        "The tenant pays rent but only in summer.",
        "The flat is warm and dry.",
        "Is the rent due and is the deposit paid?",
        "The landlord (who owns the flat and the garden) lives in Leeds.",
        'The sign reads "Keep out and stay safe".',
        "The limit applies when the claim is made and the loss occurred.",
        "The T3 pump weighs 1.2 kg and 1.4 kg with its case.",
        "The season is set to begin in May and run for 22 weeks.",
        "The cure must be found before the heart stops and kills the patient.",
        "The university closed all but three schools in May.",
        "A party is excused while an event prevents performance and the other party is told.",
        "Our team uses tools to help organise and manage the requests.",
        "It is important that you keep the code and that you report its loss.",
        "When you ask for help, we will collect and store the details you provide.",
        "We keep the contacts for helping you and your contacts make calls.",
        "Data may be disclosed to: (a) comply with the law; or (b) protect the users.",
    ],
)
def test_what_is_unsure_or_one_statement_stays_whole(sentence: str) -> None:
    assert split_claims(sentence) == (sentence,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Here is what I found:",
        "I hope this helps!",
        "Please let me know if you have any questions.",
        "Sure!",
        "",
        "...",
        "- ",
        "Feel free to ask.",
        "You're welcome!",
        "Below is a summary of the lease:",
    ],
)
def test_what_states_nothing_has_no_claim(sentence: str) -> None:
    assert split_claims(sentence) == ()


@pytest.mark.parametrize(
    ("before", "sentence", "expected"),
    [
        ("The rent is £500 per unit.", "It is due monthly.", "The rent is due monthly."),
        ("The service fee covers cleaning.", "This fee is £20.", "The service fee is £20."),
        ("The barrels are made of glass.", "They weigh 4 g each.", "The barrels weigh 4 g each."),
        ("Mr Petrak was appointed in 2015.", "He is the company secretary.", "Mr Petrak is the company secretary."),
        ("The rent is £500.", "Its review is in May.", "The rent's review is in May."),
        ("In 2024, the rent was £500.", "It is £520 now.", "The rent is £520 now."),
        ("According to section 2, the rent is £500.", "It is due monthly.", "The rent is due monthly."),
        ("The fee covers:", "cleaning", "The fee covers cleaning."),
        ("The tenant must:", "pay the rent", "The tenant must pay the rent."),
        # More than one antecedent, or none that fits: left as it is.
        ("The tenant pays the rent.", "It is due monthly.", "It is due monthly."),
        ("Kestrel supplies Heron.", "It was founded in 1990.", "It was founded in 1990."),
        ("The rent of the flat is £500.", "It is due monthly.", "It is due monthly."),
        ("The tenant is late.", "It is due monthly.", "It is due monthly."),
        ("The rent is £500.", "They are due monthly.", "They are due monthly."),
        ("The rent is £500.", "He may leave.", "He may leave."),
        ("The rent is £500.", "This fee is due.", "This fee is due."),
        ("The rent is £500.", "It is important to pay in time.", "It is important to pay in time."),
        ("It is £500.", "It is due monthly.", "It is due monthly."),
        ("", "It is due monthly.", "It is due monthly."),
        ("The fee covers:", "The rent is £500.", "The rent is £500."),
    ],
)  # fmt: skip
def test_a_pronoun_is_resolved_only_where_one_thing_can_be_meant(before: str, sentence: str, expected: str) -> None:
    assert split_claims(sentence, before) == (expected,)


def test_a_clause_number_is_no_answer_of_no() -> None:
    assert split_claims("No. 7 Harbour Road is let.") == ("No. 7 Harbour Road is let.",)


def test_a_sentence_without_a_stop_gets_one() -> None:
    assert split_claims("the rent is £500") == ("The rent is £500.",)
