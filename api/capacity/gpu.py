"""Answers of the gpu profile: services that search and check, and GPUs with a vLLM each. None of it has been run."""

from __future__ import annotations

import math
from dataclasses import replace

from api.capacity.demand import Demand
from api.capacity.figures import Figures, Machine
from api.capacity.fits import Spread, spread
from api.capacity.plan import Group, Number, Part, Weight, cheapest, known
from api.capacity.searching import Index, search_line
from api.capacity.waiting import Sized, fewest, rate, told
from api.capacity.words import GIB

_AT_ONCE = (1, 2, 4, 8, 16, 32, 64)  # answers of one GPU that are tried
_SERVICE_CORES = 2  # of the machine on which `service_s` was measured
_RULES = ("service_s", "service_gib_without_model", "searches_per_question", "busy", "used")
_GPU_RULES = ("gpu_weights_gib", "gpu_at_once", "wait_s_at_most", "refused_at_most")


def answers(demand: Demand, figures: Figures, index: Index, searches: float, weight: Weight) -> Part:
    """`searches`: a second, in the busiest hour. At least one prompt has to fit into the GPU (`requests`)."""
    services = _services(demand, figures, index, searches, weight)
    sized, at_once, missed = _gpus(demand, figures, services.count)
    machine = Machine("gpu", figures.with_gpu.cores, figures.with_gpu.memory_gib, demand.gpu)
    needs = figures.of("gpu_weights_gib") + figures.of("service_gib_without_model")
    vllm = Group(
        "language model", machine, sized.machines, needs, f"a vLLM each, {at_once} answers at once", _GPU_RULES
    )
    services = replace(services, why=f"FOOTNOTE_ANSWERS_AT_ONCE={sized.bounds.at_once}")
    return Part(_told(demand, figures, sized, at_once), (services, vllm), (), missed)


def requests(figures: Figures, name: str) -> int:
    """How many prompts with their answers the memory of a GPU holds at once; 0: not even the weights fit."""
    fit = _room(figures, name) * GIB / (_tokens(figures) * figures.of("gpu_kv_kib_per_token") * 1024)
    return max(0, min(int(fit), int(figures.of("gpu_at_once"))))


def answer_time(figures: Figures, name: str, at_once: int) -> float:
    """Seconds of an answer at the median, with so many under way at one GPU. A token takes as long as all weights and
    the caches of all that are under way take to be read; beside it the prompts of all of them are read."""
    _, bandwidth, arithmetic = figures[f"gpu {name}"].numbers
    reached = figures.of("gpu_efficiency")
    cache = at_once * _tokens(figures) * figures.of("gpu_kv_kib_per_token") * 1024
    step = (figures.of("gpu_weights_gib") * GIB + cache) / (bandwidth * 1e9 * reached)
    prompt = 2 * figures.of("gpu_parameters") * figures.of("gpu_prompt_tokens") / (arithmetic * 1e12 * reached)
    return figures["service_s"].numbers[0] + at_once * prompt + figures.of("gpu_answer_tokens") * step


def _services(demand: Demand, figures: Figures, index: Index, searches: float, weight: Weight) -> Group:
    """The machines that search and check."""
    cores = rate(demand, figures) * figures["service_s"].numbers[0] * _SERVICE_CORES
    if not index.spread:
        cores += searches * search_line(figures).at(demand.visible) / 1000
    needs = figures.of("service_gib_without_model") + (0.0 if index.spread else index.memory_gib)
    least = 1 if index.spread else demand.copies

    def group(machine: Machine) -> Group:
        count = max(least, math.ceil(cores / (machine.cores * figures.of("busy"))))
        return Group("answers", machine, count, needs, "", _RULES)

    return cheapest((group(one) for one in figures.machines if needs <= one.memory_gib * figures.of("used")), weight)


def _gpus(demand: Demand, figures: Figures, services: int) -> tuple[Sized, int, tuple[str, ...]]:
    """The fewest, and of these with the fewest answers at once each, that meet what is asked for; or, with a line that
    says so, that nobody waits long."""
    sigma = spread(*figures["answer_s"].numbers).sigma
    able = [at_once for at_once in _AT_ONCE if at_once <= requests(figures, demand.gpu)]
    times = {at_once: Spread(answer_time(figures, demand.gpu, at_once), sigma) for at_once in able}
    best: tuple[Sized, int] | None = None
    for at_once, time in times.items():
        if demand.answer_s is None or time.quantile(0.95) < demand.answer_s:
            sized = _fewest(demand, figures, time, at_once, services, best[0].machines - 1 if best else None)
            best = (sized, at_once) if sized else best
    if best:
        return *best, ()
    sized, at_once, _ = _gpus(replace(demand, answer_s=None), figures, services)
    missed = (
        f"No number of {demand.gpu} gives 95 of 100 answers within {demand.answer_s:g} s: with one at a time it is "
        f"{times[1].quantile(0.95):.3g} s at p95. Planned instead: 95 of 100 wait "
        f"{figures.of('wait_s_at_most'):g} s at most. --gpu names another."
    )
    return sized, at_once, (missed,)


def _fewest(
    demand: Demand, figures: Figures, time: Spread, at_once: int, services: int, most: int | None
) -> Sized | None:
    """The lines are those of the services, which share all GPUs."""
    return fewest(demand, figures, time, at_once, lambda gpus: (services, math.ceil(gpus * at_once / services)), most)


def _told(demand: Demand, figures: Figures, sized: Sized, at_once: int) -> tuple[Number, ...]:
    card = f"gpu {demand.gpu}"
    memory = ("gpu_weights_gib", "gpu_beside_gib", "gpu_memory_used", "gpu_kv_kib_per_token", card)
    times = (*memory[:1], "gpu_parameters", "gpu_prompt_tokens", "gpu_answer_tokens", "gpu_efficiency", card)
    room, tokens, each = _room(figures, demand.gpu), _tokens(figures), figures.of("gpu_kv_kib_per_token")
    most = figures.of("gpu_at_once")
    held = f"{room:.1f} GiB beside the weights / {tokens:,.0f} tokens x {each:g} KiB; {most:g} at most"
    took = (sized.time.p50, sized.time.quantile(0.95))
    ours = figures["service_s"].numbers[0]
    how = f"{at_once} at once: weights read once a token, prompts by TFLOP/s, {ours} s of ours"
    return (
        Number(
            "answers", "requests a GPU holds", requests(figures, demand.gpu), "", held, memory, known(figures, memory)
        ),
        Number(
            "answers", "an answer: p50, p95", took, "s", how, (*times, "service_s", "answer_s"), known(figures, times)
        ),
        *told(demand, figures, sized, times),
    )


def _room(figures: Figures, name: str) -> float:
    """GiB for the caches."""
    memory = figures[f"gpu {name}"].numbers[0] * figures.of("gpu_memory_used")
    return memory - figures.of("gpu_weights_gib") - figures.of("gpu_beside_gib")


def _tokens(figures: Figures) -> float:
    return figures.of("gpu_prompt_tokens") + figures.of("gpu_answer_tokens")
