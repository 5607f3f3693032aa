"""The stand-in for the language model: what it says, and that our client understands it."""

import pytest

from evals.bench.service.quoting import NAME, reply, served
from generation.llm import PLAIN, OpenAIChatModel
from generation.prompts import load_prompt, numbered
from generation.types import Delta, Usage

SOURCES = "\n\n".join(
    (numbered(1, "Lease > Rent", "The rent is 500 euros. It is due in May."), numbered(2, "Lease > Lift", "It is old."))
)


@pytest.mark.parametrize("prompt", ["answer", "cited"])
def test_it_quotes_the_first_sentence_of_the_first_source(prompt: str) -> None:
    asked = load_prompt(prompt).messages(sources=SOURCES, question="How high is the rent?")
    assert reply(asked[-1].content) == "The rent is 500 euros [1]."


def test_a_source_without_a_heading_is_quoted_too() -> None:
    asked = load_prompt("cited").messages(sources=numbered(1, "", "It is old."), question="How old is it?")
    assert reply(asked[-1].content) == "It is old [1]."


def test_without_sources_it_finds_nothing() -> None:
    assert reply("Write the sentence again.") == "NOT FOUND"


async def test_our_client_reads_its_replies_and_its_yes() -> None:
    asked = load_prompt("cited").messages(sources=SOURCES, question="How high is the rent?")
    with served() as url:
        model = OpenAIChatModel(url, NAME, dialect=PLAIN)
        await model.ping()
        assert [delta async for delta in model.stream(asked, max_tokens=9)] == [
            Delta("The rent is 500 euros [1]."),
            Delta("", Usage(0, 0)),
        ]
        assert await model.first_token(asked) == {"Yes": pytest.approx(0.99, abs=0.01)}
        await model.aclose()
