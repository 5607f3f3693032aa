"""Which tier answers: what it may read, what makes a question hard, the second try, and what it costs."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.answering.routing import (
    EVERYTHING,
    OPEN,
    Choice,
    Reason,
    Router,
    RouterOptions,
    Tier,
    default_sees,
    versions,
)
from generation.errors import GenerationError, NoPermittedTier
from generation.types import ChatMessage, Delta, Status, Usage
from retrieval.errors import InvalidPrincipal
from retrieval.types import ChunkText, Context, Hit, Passage, SearchResult
from retrieval.understanding import understand

EVERYONE = frozenset({"group:everyone"})
PARTNERS = frozenset({"group:partners"})
HR = frozenset({"group:hr"})


class Silent:
    """Implements `ChatModel`; a router never calls it."""

    name = "silent"
    adapter = ""

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        raise NotImplementedError
        yield Delta("")

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        raise NotImplementedError


def tier(name: str, sees: frozenset[str] = EVERYTHING, cost_in: float = 0.0, cost_out: float = 0.0) -> Tier:
    return Tier(name, Silent(), cost_in, cost_out, sees)


SMALL, MIDDLE, LARGE = tier("small"), tier("middle"), tier("large")


def passage(marker: int, document: str = "lease", version: int = 1, text: str = "Rent") -> Passage:
    chunk = ChunkText(
        chunk_id=f"{document}-{version}-{marker}", document_id=document, version=version, content_sha256="ab" * 32,
        title=document.title(), source=f"{document}.txt", ordinal=0, start=0, end=len(text), text=text, section_path=(),
        page=None,
    )  # fmt: skip
    return Passage(marker, chunk, chunk.text, chunk.start, chunk.end)


def shown(*documents: str) -> Context:
    return Context(tuple(passage(marker, document) for marker, document in enumerate(documents, 1)))


def found(question: str = "What is the rent?", context: Context | None = None, *logits: float | None) -> SearchResult:
    """As the search would read the question; a hit for each passage, with its logit where there is one."""
    passages = (context or shown("lease")).passages
    hits = tuple(
        Hit(passage.chunk, 1.0, {} if logit is None else {"rerank": logit})
        for passage, logit in zip(passages, logits or [5.0] * len(passages), strict=True)
    )
    understood = understand(question)
    return SearchResult(question, hits, "snapshot", clues=understood.clues, parts=understood.parts)


def decided(search: SearchResult, context: Context, options: RouterOptions | None = None) -> Choice:
    return Router([SMALL, MIDDLE, LARGE], options).choose(search, context, {})


def test_an_easy_question_goes_to_the_smallest_tier_for_no_reason() -> None:
    decision = decided(found(), shown("lease"))
    assert (decision.tier, decision.reasons) == ("small", ())
    assert decision.permitted == ("small", "middle", "large")


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What is the rent of the flat? How long is the notice period?", Reason.PARTS),
        ("Compare the rents of both flats.", Reason.COMPARE),
        ("How do the two leases differ?", Reason.COMPARE),
        ("Is the notice period different from the old one?", Reason.COMPARE),
        ("Rent versus deposit?", Reason.COMPARE),
        ("Calculate the rent for a year.", Reason.CALCULATE),
        ("What do we pay in total?", Reason.CALCULATE),
        ("By how much did the rent rise?", Reason.CALCULATE),
        ("How many more days do tenants get?", Reason.CALCULATE),
        ("Summarise the lease.", Reason.SUMMARISE),
        ("Please SUMMARIZE the lease.", Reason.SUMMARISE),
        ("Give me an overview of the lease.", Reason.SUMMARISE),
    ],
)
def test_a_question_is_hard_for_what_it_asks(question: str, reason: Reason) -> None:
    decision = decided(found(question), shown("lease"))
    assert (decision.tier, decision.reasons) == ("large", (reason,))


@pytest.mark.parametrize(
    "question",
    [
        'What does "total of all fees versus costs" mean?',
        "Who signed the Fee Comparison Report?",
        "How much does the tenant owe?",
        "How many days of notice are there?",
        "Who lives at a different address?",
        "What is an indifference curve?",
    ],
)
def test_quotes_names_and_other_words_make_no_question_hard(question: str) -> None:
    assert decided(found(question), shown("lease")).reasons == ()


def test_a_question_is_hard_if_the_best_logit_shown_is_below_the_limit() -> None:
    context = shown("lease", "lease")
    options = RouterOptions(unsure_below=-2.0)
    assert decided(found("Rent?", context, -9.0, -2.1), context, options).reasons == (Reason.UNSURE,)
    assert decided(found("Rent?", context, -2.0, -9.0), context, options).reasons == ()
    assert decided(found("Rent?", context, None, -2.1), context, options).reasons == (Reason.UNSURE,)
    assert decided(found("Rent?", context, None, None), context, options).reasons == ()


def test_a_logit_counts_only_if_its_hit_is_shown() -> None:
    context = shown("lease", "plan")
    search = found("Rent?", context, -3.0, 8.0)
    assert decided(search, Context(context.passages[:1])).reasons == (Reason.UNSURE,)
    assert decided(search, context).reasons == ()


def test_a_question_is_hard_if_the_passages_are_from_many_documents() -> None:
    options = RouterOptions(most_documents=2)
    few, many = shown("lease", "plan", "lease"), shown("lease", "plan", "memo")
    assert decided(found("Rent?", few), few, options).reasons == ()
    assert decided(found("Rent?", many), many, options).reasons == (Reason.DOCUMENTS,)


def test_a_question_is_hard_if_a_passage_is_of_a_table() -> None:
    context = Context((passage(1), passage(2, text="Item | 2024")))
    assert decided(found("Rent?", context), context).reasons == (Reason.TABLE,)


def test_every_reason_is_told_in_order() -> None:
    context = Context((passage(1), passage(2, "plan", text="Item | 2024"), passage(3, "memo")))
    search = replace(found("Compare the totals in total, as a summary", context, -1, -1, -1), parts=("a?", "b?"))
    assert decided(search, context).reasons == tuple(Reason)[: tuple(Reason).index(Reason.REFUSED)]


@pytest.mark.parametrize(
    ("sees", "labels", "may"),
    [
        (OPEN, [EVERYONE], True),
        (OPEN, [PARTNERS | EVERYONE], True),
        (OPEN, [PARTNERS], False),
        (PARTNERS, [EVERYONE], True),
        (PARTNERS, [PARTNERS | HR], True),
        (PARTNERS, [HR], False),
        (PARTNERS, [EVERYONE, HR], False),
        (PARTNERS, [HR, EVERYONE], False),
        (PARTNERS | HR, [PARTNERS, HR], True),
        (PARTNERS, [], False),
        (PARTNERS, [frozenset()], False),
        (EVERYTHING, [HR], True),
        (EVERYTHING, [], True),
    ],
)
def test_a_tier_reads_like_a_person_whom_each_label_must_let_in(
    sees: frozenset[str], labels: list[frozenset[str]], may: bool
) -> None:
    assert tier("t", sees).may_read(labels) is may


def test_one_restricted_passage_rules_a_tier_out_however_hard_the_question() -> None:
    context = shown("lease", "salaries")
    router = Router([SMALL, tier("hosted", OPEN)])
    permits = {("lease", 1): [EVERYONE], ("salaries", 1): [HR]}
    hard = found("Compare the rent with the pay", context)
    decision = router.choose(hard, context, permits)
    assert (decision.tier, decision.permitted, decision.reasons) == ("small", ("small",), (Reason.COMPARE,))
    assert router.choose(hard, context, {**permits, ("salaries", 1): [EVERYONE]}).tier == "hosted"


def test_a_small_tier_may_be_the_one_that_is_ruled_out() -> None:
    decision = Router([tier("hosted", OPEN), LARGE]).choose(found(), shown("lease"), {("lease", 1): [HR]})
    assert (decision.tier, decision.permitted, decision.reasons) == ("large", ("large",), ())


def test_an_older_version_under_a_label_of_its_own_counts_by_itself() -> None:
    router = Router([tier("hosted", OPEN), LARGE])
    permits = {("lease", 1): [EVERYONE, PARTNERS], ("lease", 2): [EVERYONE, EVERYONE]}
    new, old = Context((passage(1, version=2),)), Context((passage(1, version=1),))
    assert router.choose(found("Rent?", new), new, permits).tier == "hosted"
    assert router.choose(found("Rent?", old), old, permits).tier == "large"


def test_a_passage_without_a_label_goes_to_no_tier_that_is_narrowed() -> None:
    router = Router([tier("hosted", PARTNERS), LARGE])
    assert router.choose(found(), shown("lease"), {}).permitted == ("large",)


def test_without_a_permitted_tier_the_error_names_visible_titles_and_says_what_to_do() -> None:
    context = shown("lease", "plan", "memo", "note", "lease")
    with pytest.raises(NoPermittedTier) as raised:
        Router([tier("hosted", OPEN)]).choose(found("Rent?", context), context, {("lease", 1): [HR]})
    assert isinstance(raised.value, GenerationError)
    assert raised.value.code == "no_permitted_tier"
    assert "(Lease, Plan, Memo and 1 more)" in str(raised.value)
    assert "operator add a tier" in str(raised.value)
    assert "hr" not in str(raised.value)


def test_the_labels_to_ask_for_are_those_of_the_passages_each_once() -> None:
    context = Context((passage(1, "plan"), passage(2, "lease", 2), passage(3, "plan"), passage(4, "lease", 1)))
    assert versions(context) == (("plan", 1), ("lease", 2), ("lease", 1))


def test_what_a_tier_sees_unless_it_is_said() -> None:
    assert default_sees(local=True) == EVERYTHING
    assert default_sees(local=False) == OPEN
    assert Tier("t", Silent()).sees == OPEN


SECOND = RouterOptions(second_try=True)


@pytest.mark.parametrize(("withheld", "reason"), [(0, Reason.REFUSED), (3, Reason.WITHHELD)])
def test_the_next_larger_tier_tries_once_where_nothing_shipped(withheld: int, reason: Reason) -> None:
    router = Router([SMALL, tier("middle", cost_in=2, cost_out=4), LARGE], SECOND)
    first = router.choose(found(), shown("lease"), {})
    second = router.escalate(first, Status.ABSTAINED, withheld)
    assert second == Choice("middle", (reason,), ("small", "middle", "large"), 2, 4, before="small")
    assert router.tier(second).name == "middle"
    assert router.escalate(second, Status.ABSTAINED, withheld) is None


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.PARTIAL])
def test_what_shipped_is_not_tried_again(status: Status) -> None:
    router = Router([SMALL, LARGE], SECOND)
    assert router.escalate(router.choose(found(), shown("lease"), {}), status, 2) is None


def test_there_is_no_second_try_unless_it_is_asked_for() -> None:
    router = Router([SMALL, LARGE])
    assert router.escalate(router.choose(found(), shown("lease"), {}), Status.ABSTAINED, 1) is None


def test_there_is_no_second_try_above_the_largest_permitted_tier() -> None:
    router = Router([SMALL, LARGE, tier("hosted", OPEN)], SECOND)
    labels = {("lease", 1): [HR]}
    hard = router.choose(found("Summarise the lease."), shown("lease"), labels)
    assert hard.tier == "large"
    assert router.escalate(hard, Status.ABSTAINED, 1) is None
    easy = router.choose(found(), shown("lease"), labels)
    second = router.escalate(easy, Status.ABSTAINED, 1)
    assert second is not None
    assert second.tier == "large"


def test_a_second_try_skips_a_tier_that_may_not_read() -> None:
    router = Router([SMALL, tier("hosted", OPEN), LARGE], SECOND)
    second = router.escalate(router.choose(found(), shown("lease"), {("lease", 1): [HR]}), Status.ABSTAINED, 0)
    assert second is not None
    assert (second.tier, second.permitted) == ("large", ("small", "large"))


def test_what_a_reply_costs() -> None:
    router = Router([tier("hosted", cost_in=0.5, cost_out=2.0)])
    decision = router.choose(found(), shown("lease"), {})
    assert decision.cost(Usage(1_000_000, 0)) == 0.5
    assert decision.cost(Usage(0, 1_000_000)) == 2.0
    assert decision.cost(Usage(1500, 200)) == pytest.approx(0.00075 + 0.0004)
    assert decided(found(), shown("lease")).cost(Usage(1500, 200)) == 0.0


def test_a_decision_goes_into_a_record_as_json() -> None:
    decision = Router([tier("hosted", cost_in=0.5, cost_out=2.0)]).choose(
        found("Summarise the lease."), shown("lease"), {}
    )
    assert json.loads(json.dumps(asdict(decision))) == {
        "tier": "hosted", "reasons": ["summarise"], "permitted": ["hosted"], "cost_in": 0.5, "cost_out": 2.0,
        "before": "",
    }  # fmt: skip


def test_a_router_needs_tiers_with_names_of_their_own() -> None:
    with pytest.raises(ValueError, match="at least one tier"):
        Router([])
    with pytest.raises(ValueError, match="name of its own"):
        Router([SMALL, tier("small")])


def test_a_tier_needs_a_name_possible_costs_and_principals() -> None:
    with pytest.raises(ValueError, match="no name"):
        tier("")
    for cost in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="not possible"):
            tier("t", cost_in=cost)
        with pytest.raises(ValueError, match="not possible"):
            tier("t", cost_out=cost)
    for sees in ({"partners"}, {"*", "group:hr"}, {""}):
        with pytest.raises(InvalidPrincipal):
            tier("t", frozenset(sees))


# Whatever the question, the scores, the labels and the options

DOCUMENTS = st.sampled_from(["lease", "plan", "memo"])
TOKENS = st.sampled_from(["group:everyone", "group:partners", "group:hr", "user:ana"])
LABELS = st.lists(st.frozensets(TOKENS, max_size=2), max_size=2)
PERMITS = st.dictionaries(st.tuples(DOCUMENTS, st.integers(1, 2)), LABELS)
SEES = st.one_of(st.just(EVERYTHING), st.frozensets(TOKENS, max_size=2))
QUESTIONS = st.sampled_from(
    ["What is the rent?", "Compare the rents.", "What is the rent of the flat? How long is the notice period?", ""]
)
OPTIONS = st.builds(RouterOptions, st.floats(-5, 5), st.integers(0, 3), st.booleans())


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    drawn = draw(st.lists(st.tuples(DOCUMENTS, st.integers(1, 2), st.sampled_from(["", "Item | 2024"])), max_size=4))
    return Context(tuple(passage(marker, *what) for marker, what in enumerate(drawn, 1)))


@st.composite
def routers(draw: st.DrawFn) -> Router:
    sees = draw(st.lists(SEES, min_size=1, max_size=4))
    return Router([tier(f"t{number}", what) for number, what in enumerate(sees)], draw(OPTIONS))


def readable(reader: Tier, context: Context, permits: Mapping[tuple[str, int], Sequence[frozenset[str]]]) -> bool:
    """The rule once more, said another way: no label of a passage keeps the tier out, and there is one."""
    if "*" in reader.sees:
        return True
    for shown_passage in context.passages:
        labels = permits.get((shown_passage.chunk.document_id, shown_passage.chunk.version))
        if not labels or any("group:everyone" not in label and reader.sees.isdisjoint(label) for label in labels):
            return False
    return True


@given(routers(), contexts(), PERMITS, QUESTIONS, st.data())
def test_no_tier_is_ever_chosen_that_may_not_read_a_passage(
    router: Router,
    context: Context,
    permits: dict[tuple[str, int], list[frozenset[str]]],
    question: str,
    data: st.DataObject,
) -> None:
    logits = data.draw(
        st.lists(st.none() | st.floats(-9, 9), min_size=len(context.passages), max_size=len(context.passages))
    )
    try:
        decision: Choice | None = router.choose(found(question, context, *logits), context, permits)
    except NoPermittedTier:
        decision = None
        assert not any(readable(known, context, permits) for known in router._tiers.values())
    while decision is not None:
        assert readable(router.tier(decision), context, permits)
        assert decision.permitted == tuple(
            name for name, known in router._tiers.items() if readable(known, context, permits)
        )
        status, withheld = data.draw(st.sampled_from(Status)), data.draw(st.integers(0, 3))
        decision = router.escalate(decision, status, withheld)


@given(contexts(), PERMITS, QUESTIONS, st.lists(st.floats(-9, 9), min_size=3, max_size=3), st.data())
def test_only_what_is_shown_decides_in_whatever_order_its_labels_come(
    context: Context,
    permits: dict[tuple[str, int], list[frozenset[str]]],
    question: str,
    logits: list[float],
    data: st.DataObject,
) -> None:
    """Hits that are not shown, labels of other documents and the order of a mapping change nothing."""
    router = Router([tier("a", OPEN), tier("b", PARTNERS), tier("c")])
    search = found(question, context, *([0.5] * len(context.passages)))
    hidden = tuple(
        Hit(passage(marker, "hidden").chunk, 2.0, {"rerank": logit}) for marker, logit in enumerate(logits, 7)
    )
    shuffled = dict(data.draw(st.permutations([*permits.items(), (("hidden", 1), [HR])])))
    assert router.choose(search, context, permits) == router.choose(
        replace(search, hits=data.draw(st.permutations([*search.hits, *hidden]))), context, shuffled
    )
