"""Which models can carry the frontier: those that no other model dominates."""

from __future__ import annotations

import numpy as np

from paretoscope.kernels.lanes import N_LANES, any_at_least, lane, load, where_greater, whole_lanes
from paretoscope.kernels.options import inner, kernel
from paretoscope.kernels.technology import Array, IntArray


@inner
def dominates(values: Array, n_inputs: int, j: int, i: int) -> bool:
    """Whether model j is no worse than i in any metric, and better in one or, among equals, earlier.

    The tie rule makes this a strict partial order, so that dropping every dominated model never drops a whole group of
    equal ones.
    """
    better = j < i
    for metric in range(values.shape[0]):
        lead = values[metric, i] - values[metric, j]
        if metric >= n_inputs:
            lead = -lead
        if lead < 0.0:
            return False
        better |= lead > 0.0
    return better


@inner
def find_candidates(values: Array, n_inputs: int, candidates: IntArray, work: Array) -> int:
    """Write the indices of the models that no other dominates, ascending, and return how many there are.

    Parameters
    ----------
    values : (n_metrics, n_models) array
    candidates : (n_models,) array
        Output, in its first entries.
    work : (n_metrics, whole lanes of models) array
        Overwritten.
    """
    n_metrics, n_models = values.shape
    for metric in range(n_metrics):
        for i in range(n_models):
            work[metric, i] = values[metric, i]
        for i in range(n_models, whole_lanes(n_models)):
            work[metric, i] = np.inf if metric < n_inputs else -np.inf  # worse than anything

    n_candidates = 0
    for i in range(n_models):
        dominated = False
        for first in range(0, n_models, N_LANES):
            margin = values[0, i] - load(work, (0, first))
            for metric in range(1, n_inputs):
                other = values[metric, i] - load(work, (metric, first))
                margin = where_greater(margin, other, other, margin)
            for metric in range(n_inputs, n_metrics):
                other = load(work, (metric, first)) - values[metric, i]
                margin = where_greater(margin, other, other, margin)
            if any_at_least(margin, 0.0):
                for k in range(N_LANES):
                    dominated |= lane(margin, k) >= 0.0 and dominates(values, n_inputs, first + k, i)
                if dominated:
                    break
        if not dominated:
            candidates[n_candidates] = i
            n_candidates += 1
    return n_candidates


@kernel
def find_nondominated(values: Array, n_inputs: int) -> IntArray:
    """Indices of the models that no other dominates, ascending; of equal ones the first."""
    n_metrics, n_models = values.shape
    candidates, work = np.empty(n_models, np.int64), np.empty((n_metrics, whole_lanes(n_models)))
    return candidates[: find_candidates(values, n_inputs, candidates, work)]
