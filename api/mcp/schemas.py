"""What the tools take and give, as models see them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.http.schemas.values import AskedStrictness, AskedVersion, Day, whole

MOST_AROUND = 8000
MOST_SHOWN = 20_000


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, asked: Any) -> Any:
        return whole(asked)


class Narrowing(Given):
    """Which documents alone are meant."""

    documents: Annotated[list[str] | None, Field(description="Only these, by document_id.")] = None
    kinds: Annotated[
        list[str] | None, Field(description="Only of one of these kinds: pdf, email, spreadsheet, or words as lease.")
    ] = None
    groups: Annotated[list[str] | None, Field(description="Only what one of these groups of the caller may read.")] = (
        None
    )
    since: Annotated[Day | None, Field(alias="from", description="Only documents of this day or later.")] = None
    until: Annotated[Day | None, Field(alias="to", description="Only documents of this day or before.")] = None


AsOf = Annotated[Day | None, Field(description="Use the versions in force on this day instead of the newest.")]
Only = Annotated[Narrowing | None, Field(alias="filter", description="Which documents alone are meant.")]
Version = Annotated[
    AskedVersion, Field(description="The version_id of a citation or hit, or a number; absent: the current one.")
]


Strictness = Annotated[
    AskedStrictness,
    Field(
        description="`strict` leaves out what leaves something to doubt: sentences with less support, from words that "
        "were hard to read, or that another source contradicts. Absent: as this service usually answers."
    ),
]


class SearchGiven(Given):
    query: Annotated[str, Field(description="What is looked for, in words or as a question.")]
    top_k: Annotated[int, Field(ge=1, le=50, description="How many passages at most.")] = 8
    as_of: AsOf = None
    only: Only = None


class AskGiven(Given):
    question: Annotated[str, Field(description="One question that can be understood by itself.")]
    as_of: AsOf = None
    only: Only = None
    strictness: Strictness = None


class OpenGiven(Given):
    document_id: Annotated[str, Field(pattern=r"^[\w-]+$")]
    version: Version = None
    start: Annotated[int | None, Field(ge=0, description="First character of the place, as a citation has it.")] = None
    end: Annotated[int | None, Field(ge=0, description="Where the place ends: the character after its last.")] = None
    page: Annotated[int | None, Field(ge=1, description="A page, counted from 1, instead of start and end.")] = None
    around: Annotated[
        int, Field(ge=0, le=MOST_AROUND, description="So many characters before and after it are shown, too.")
    ] = 1000


class ListGiven(Given):
    # What is longer makes an address that nobody can ask for.
    words: Annotated[
        str, Field(max_length=200, description="Words that each stand in the title, the source or a name.")
    ] = ""
    kinds: Annotated[
        list[Annotated[str, Field(max_length=100)]] | None,
        Field(max_length=50, description="Only of one of these kinds, as in a search."),
    ] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str, Field(max_length=8000, description="The `next` of the page before.")] = ""


class Place(BaseModel):
    """Characters [start, end) of one version of a document, which never change. `url` opens it at these words in a
    browser, for whoever may read it."""

    title: str
    document_id: str
    version: int
    version_id: str
    section: list[str]
    page: int | None
    start: int
    end: int
    url: str


class CitationTold(Place):
    """`source`: the name that the document is known by, since titles may be alike. `page_label`: what is printed on the
    page. `warnings`: what was hard to read of it."""

    number: int
    source: str
    quote: str
    page_label: str
    warnings: list[str]


class SentenceTold(BaseModel):
    text: str
    citations: list[int]


class AnswerTold(BaseModel):
    """`status`: answered, partial or abstained; `explanation`: what is missing. `nearest`: where nothing can be
    answered, the passages that came closest, none of which answers it. `strictness`: `usual` or `strict`, by which
    sentences were left out."""

    status: str
    answer: str
    explanation: str
    sentences: list[SentenceTold]
    citations: list[CitationTold]
    nearest: list[CitationTold]
    cautions: list[str]
    strictness: str
    audit_id: str


class HitTold(Place):
    """`source`: the name that the document is known by, since titles may be alike."""

    source: str
    text: str
    score: float


class HitsTold(BaseModel):
    hits: list[HitTold]


class SourceTold(Place):
    """`text` is the place itself, between `before` and `after`; `length`: characters of the whole version. `cut`: the
    place is longer than what is shown, and goes on at `end`."""

    text: str
    before: str
    after: str
    length: int
    pages: int
    cut: bool


class DocumentTold(BaseModel):
    document_id: str
    title: str
    source: str
    version: int
    version_id: str
    pages: int | None
    date: str | None
    language: str


class DocumentsTold(BaseModel):
    """`total`: on all pages; `next`: to be given as `after` for the next one, null on the last."""

    documents: list[DocumentTold]
    total: int
    next: str | None


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """As JSON Schema in one piece: some hosts follow no references."""
    told = model.model_json_schema(by_alias=True)
    parts = told.pop("$defs", {})

    def merged(node: Any) -> Any:
        if isinstance(node, list):
            return [merged(one) for one in node]
        if not isinstance(node, dict):
            return node
        inner = parts[node["$ref"].rpartition("/")[2]] if "$ref" in node else {}
        own = {**inner, **{name: one for name, one in node.items() if name != "$ref"}}
        return {name: merged(one) for name, one in own.items()}

    return dict(merged(told))
