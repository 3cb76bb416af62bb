"""Where a spread rests on too few runs, or on none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from paretoscope.arrays import BoolArray
from paretoscope.errors import FewRunsWarning, quote
from paretoscope.flags import setting
from paretoscope.noise.families.base import Family
from paretoscope.noise.runs import MetricRuns
from paretoscope.notices import Notice, Notices

_FEWEST_RUNS = 3
_FEWEST_POOLED = 5  # models, for a prior of their spreads


def review_runs(metrics: Sequence[MetricRuns], families: Mapping[str, Family]) -> Notices:
    """Say which metrics have models with a single run, or with two, and whether nothing varies at all."""
    found: list[str] = []
    for metric in metrics:
        family = families[metric.name]
        if not family.rests_on_runs:
            continue
        repeated = metric.n_runs > 1
        alone = ~repeated & np.isfinite(metric.n_runs) & (metric.sd == 0)
        few = repeated & (metric.n_runs < _FEWEST_RUNS) & (metric.sd > 0)
        if repeated.any() and alone.any():
            treated = "are given the spread of the others" if family.pools_models else "are taken as exact"
            found.append(
                f"metric {quote(metric.name)}: {alone.sum()} of {alone.size} models have a single run "
                f"(first: {quote(_first(metric, alone))}) and {treated}; repeat them, or state a spread such as "
                f"{setting('noise', {metric.name: '3%'})}"
            )
        n_varying = int(np.count_nonzero(repeated & (metric.sd > 0)))
        if family.pools_models and 0 < n_varying < _FEWEST_POOLED:
            found.append(
                f"metric {quote(metric.name)}: {n_varying} of {alone.size} models have repeated runs that differ, too "
                f"few to tell how spreads differ from model to model; expected {_FEWEST_POOLED} or more; repeat the "
                f"others, or give {setting('noise', 'student')}, which takes each model by itself"
            )
        if few.any() and not family.allows_for_few_runs:
            found.append(
                f"metric {quote(metric.name)}: {few.sum()} of {few.size} models have only 2 runs "
                f"(first: {quote(_first(metric, few))}), so their spread is hardly known; expected {_FEWEST_RUNS} or "
                f"more, better 5; {setting('noise', 'student')} allows for it"
            )
    nothing_repeated = not any((metric.sd > 0).any() for metric in metrics)
    if nothing_repeated and not any(family.states_spread for family in families.values()):
        found.append(
            "no metric varies: nothing was repeated, so all draws are equal; "
            f"repeat the runs, or state a spread such as {setting('noise', {metrics[0].name: '3%'})}"
        )
    return [Notice(FewRunsWarning, message) for message in found]


def _first(metric: MetricRuns, culprits: BoolArray) -> str:
    return metric.models[int(np.argmax(culprits))]
