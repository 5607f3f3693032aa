"""Twenty regressions of stated size and twenty changes that harm nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evals.systems import plants
from evals.systems.trying import Configuration
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Planted:
    """`backwards`: the cases are asked in the reverse order. `asks`: about how many of the prompts are new to the
    memo: none, some, or all."""

    name: str
    harmful: bool
    what: str
    configuration: Configuration
    asks: str = "none"
    backwards: bool = False


def planted(now: Settings) -> tuple[Planted, ...]:
    """Sizes are stated against the settings of `now`."""
    return (*_regressions(now), *_harmless(now))


def _regressions(now: Settings) -> list[Planted]:
    shown = "shown_chars" if now.shown_chars else "budget_chars"

    def harm(name: str, what: str, asks: str = "none", **changed: object) -> Planted:
        return Planted(name, True, what, Configuration(name, **{"apart": True, **changed}), asks)  # type: ignore[arg-type]

    def sets(name: str, what: str, asks: str = "none", **settings: object) -> Planted:
        return harm(name, what, asks, settings=settings)

    return [
        harm("wrong-prompt", "a prompt without rules and examples", "all", plant=plants.curt_prompt),
        sets("short-context", "500 characters are shown", "all", **{shown: 500}),
        harm("reranker-reversed", "the cross-encoder's logits have the other sign", "some",
             plant=plants.reranker_reversed),
        harm("vectors-shuffled", "the dimensions of query vectors are shuffled", "some",
             plant=plants.query_vectors_shuffled),
        sets("one-leg", "vectors alone, no BM25 and no cross-encoder", "some",
             search_fusion="dense", answer_rerank=0),
        harm("labels-swapped", "documents of legal and hr have each other's labels", "some", documents="swapped"),
        harm("citations-shifted", "citations point 40 characters further, after all checks",
             plant=plants.citations_shifted),
        harm("gate-open", "every claim is supported enough", "some", plant=plants.gate_limits(0.0)),
        harm("gate-shut", "a claim needs a support of 0.999", "some", plant=plants.gate_limits(0.999)),
        harm("relevance-off", "a sentence need not answer the question", "some", plant=plants.relevance_off),
        sets("max-tokens-16", "replies end after 16 tokens", "all", max_tokens=16),
        sets("one-passage", "one passage is shown", "all", passages=1),
        sets("smaller-generator", "the 0.5B in place of the 1.5B, no reader", "all",
             generator="Qwen2.5-Coder-0.5B-Instruct", adapter="none"),
        harm("outdated", "older versions of four documents count as newest", "some", documents="outdated"),
        harm("names-not-resolved", "what a question says of its document is not used", "some",
             plant=plants.names_not_resolved),
        sets("quotes-never", "no quotation opens an answer", "some", quote_from=1.0),
        sets("quotes-always", "the best sentence opens every answer", "some", quote_from=0.0),
        harm("engine-30-slower", "the language model takes 1.3 times as long", slower=1.3),
        harm("only-when-sure", "abstains where a sentence has less support than 0.97", plant=plants.only_when_sure),
        harm("never-silent", "answers with what came closest where it would abstain", plant=plants.never_silent),
    ]  # fmt: skip


def _harmless(now: Settings) -> list[Planted]:
    def sets(name: str, what: str, asks: str = "none", **settings: object) -> Planted:
        return Planted(name, False, what, Configuration(name, settings, apart=True), asks)

    def same(name: str, what: str, **changed: object) -> Planted:
        return Planted(name, False, what, replace(Configuration(name, apart=True), **changed))  # type: ignore[arg-type]

    shown = "shown_chars" if now.shown_chars else "budget_chars"
    quote = min(1.0, now.quote_from + 0.02)
    return [
        sets("rerank-11", "the cross-encoder reads one hit more", "some", answer_rerank=now.answer_rerank + 1),
        sets("shown-5-percent", "5 % more characters are shown", "some", **{shown: round(1.05 * getattr(now, shown))}),
        sets("judge-81", "judge_threshold + 0.01", judge_threshold=min(1.0, now.judge_threshold + 0.01)),
        sets("candidates-120", "20 candidates more", "some", search_candidates=now.search_candidates + 20),
        sets("candidates-90", "10 candidates fewer", "some", search_candidates=now.search_candidates - 10),
        sets("dense-66", "dense_weight + 0.01", "some", dense_weight=now.dense_weight + 0.01),
        sets("rerank-weight-41", "rerank_weight + 0.01", "some", rerank_weight=now.rerank_weight + 0.01),
        sets("quote-52", "quote_from + 0.02", quote_from=quote),
        sets("relevance-26", "relevance_threshold + 0.01", relevance_threshold=now.relevance_threshold + 0.01),
        sets("passages-9", "one passage more may be shown", "some", passages=now.passages + 1),
        sets("budget-5-percent", "5 % more where nothing is trimmed", budget_chars=round(1.05 * now.budget_chars)),
        replace(same("restarted", "the engine is started anew, and asked everything again", repeat=1), asks="all"),
        same("asked-twice", "asked once more: noise of the clock"),
        replace(same("backwards", "the cases in the reverse order"), backwards=True),
        sets("port", "another port", port=8999),
        sets("workers", "four workers ingest", workers=4),
        sets("debug-log", "the log tells all", log_level="debug"),
        sets("timeout", "a reply may take longer", llm_timeout_s=now.llm_timeout_s + 60),
        sets("search-rerank-20", "the cross-encoder reads more for searches", search_rerank=20),
        same("engine-3-slower", "the language model takes 1.03 times as long", slower=1.03),
    ]
