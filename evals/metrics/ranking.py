"""How good a ranked list is, as BEIR counts: by trec_eval, which ir-measures calls (extra `eval`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.measuring.statistics import library

Gains = Mapping[str, float]  # whole numbers


def ndcg(ranked: Sequence[str], gains: Gains, top: int) -> float:
    """Normalised discounted cumulative gain of the first `top` ids: trec_eval's ndcg_cut, so gains count linearly
    and the ideal list holds every judged document (Jarvelin and Kekalainen 2002). 0 without any gain."""
    return _measured("nDCG", ranked, gains, top)


def recall(ranked: Sequence[str], gains: Gains, top: int) -> float:
    """Share of the relevant documents (gain above 0) among the first `top` ids; 0 without any."""
    return _measured("R", ranked, gains, top)


def reciprocal_rank(ranked: Sequence[str], gains: Gains, top: int) -> float:
    """1 / rank of the first relevant id among the first `top`, else 0; its mean is MRR@top."""
    return _measured("RR", ranked[:top], gains, None)


def _measured(name: str, ranked: Sequence[str], gains: Gains, top: int | None) -> float:
    ir_measures = library("ir_measures")
    if not gains or not ranked:
        return 0.0
    measure = getattr(ir_measures, name) @ top if top else getattr(ir_measures, name)
    judged = {"q": {item: int(gain) for item, gain in gains.items()}}
    run = {"q": {item: float(-rank) for rank, item in enumerate(ranked)}}
    (found,) = ir_measures.iter_calc([measure], judged, run)
    return float(found.value)
