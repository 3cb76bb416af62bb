"""Time of a draw against the number of models and of metrics."""

from __future__ import annotations

from functools import partial

from figures import Growth
from measure import by_turns, seconds
from report import Section
from settings import Settings, check_bootstrap
from workloads import Workload, random_models

# HiGHS would take minutes to check more.
_MOST_CHECKED = 2_000


def seconds_per_draw(workload: Workload, rts: str, least_seconds: float, repeats: int) -> float:
    """What one more draw costs: a call of many draws less one of a batch, so that what a call costs once drops out.

    Draws come in batches, and every batch begins with a search, so whole batches are compared.
    """
    batch: int = workload.bootstrap(1, rts).resampler().batch_size
    alone = seconds(partial(workload.bootstrap, batch, rts))
    n_batches = 2 + int(least_seconds / alone)
    took = by_turns({str(n): partial(workload.bootstrap, n * batch, rts) for n in (1, n_batches)}, repeats)
    return (took[str(n_batches)] - took["1"]) / ((n_batches - 1) * batch)


def bench_growth(settings: Settings) -> Section:
    """Measure both."""
    section = Section(
        "Growth",
        notes=[
            "Time of one more draw: the difference of two calls, of one batch of draws and of as many as take about a "
            f"second, divided by the number of draws between; medians of {settings.size(3, 1)}.",
            f"HiGHS checks data sets of up to {_MOST_CHECKED:,} models.",
        ],
    )

    def add(workload: Workload, rts: str, growth: Growth, family: str, size: int) -> None:
        checked = workload.n_models <= _MOST_CHECKED
        worst = check_bootstrap(workload, rts, 1) if checked else None
        took = seconds_per_draw(workload, rts, settings.size(1, 0), settings.size(3, 1))
        growth.setdefault(family, {})[size] = took
        section.rows.append(
            {
                "models": workload.name,
                "rts": rts,
                "ms a draw": 1e3 * took,
                "ns a programme": 1e9 * took / workload.n_models,
                "largest difference": "not checked" if worst is None else worst,
            }
        )

    for n_models in (1000, 2000) if settings.quick else (1000, 2000, 4000, 8000, 16_000):
        for rts, n_inputs in (("vrs", 3), ("crs", 3)) if settings.quick else (("vrs", 3), ("crs", 3), ("vrs", 6)):
            family = f"{n_inputs} inputs, 1 output, {rts}"
            add(random_models(n_models, n_inputs), rts, settings.by_models, family, n_models)
    for n_inputs in (1, 2) if settings.quick else range(1, 8):
        for rts in ("vrs", "crs"):
            add(random_models(1000, n_inputs), rts, settings.by_metrics, f"1,000 models, {rts}", n_inputs + 1)
    return section
