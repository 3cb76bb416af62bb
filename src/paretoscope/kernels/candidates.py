"""Which models can carry the frontier: those that no other model dominates."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import inner, kernel
from paretoscope.kernels.lanes import N_LANES, any_at_least, lane, load, splat, where_greater, whole_lanes


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
def find_candidates(
    values: Array, n_inputs: int, carriers: IntArray, dominator: IntArray, candidates: IntArray, work: Array
) -> int:
    """Write the indices of the models that may carry the frontier into `candidates`; return how many there are.

    These are the models that no other dominates, and perhaps some that were not compared with the one that does.

    Parameters
    ----------
    values : (n_metrics, n_models) array
    carriers : (n_models,) array
        1 for models that carried the frontier the last time.  They come first in the output, and a model that nothing
        dominated the last time is compared with them alone.
    dominator : (n_models,) array
        For each model, one that dominated it the last time, itself where nothing did, -1 where there is no last time.
        Read as a guess, which is right for most models when values change little from call to call, and updated.
    candidates : (2, n_models) array
        Output in the first row; the second is overwritten.
    work : (n_metrics, whole lanes of models) array
        Overwritten.
    """
    n_metrics, n_models = values.shape
    n_open, n_carriers = 0, 0
    for carrying in (1, 0):
        n_carriers = n_open
        for i in range(n_models):
            if carriers[i] == carrying and not (dominator[i] >= 0 and dominates(values, n_inputs, dominator[i], i)):
                candidates[1, n_open] = i
                n_open += 1
    n_carriers = n_open if n_carriers == 0 else n_carriers
    for metric in range(n_metrics):
        for position in range(n_open):
            work[metric, position] = values[metric, candidates[1, position]]
        for position in range(n_open, whole_lanes(n_open)):
            work[metric, position] = np.inf if metric < n_inputs else -np.inf  # worse than anything

    n_candidates = 0
    for position in range(n_open):
        i = candidates[1, position]
        n_rivals = n_carriers if dominator[i] == i else n_open
        dominator[i] = i
        for first in range(0, n_rivals, N_LANES):
            margin = splat(np.inf)
            for metric in range(n_inputs):
                other = work[metric, position] - load(work, (metric, first))
                margin = where_greater(margin, other, other, margin)
            for metric in range(n_inputs, n_metrics):
                other = load(work, (metric, first)) - work[metric, position]
                margin = where_greater(margin, other, other, margin)
            if any_at_least(margin, 0.0):
                for k in range(N_LANES):
                    if lane(margin, k) >= 0.0 and dominates(values, n_inputs, candidates[1, first + k], i):
                        dominator[i] = candidates[1, first + k]
                if dominator[i] != i:
                    break
        if dominator[i] == i:
            candidates[0, n_candidates] = i
            n_candidates += 1
    return n_candidates


@kernel
def find_nondominated(values: Array, n_inputs: int) -> IntArray:
    """Indices of the models that no other dominates, ascending; of equal ones the first."""
    n_metrics, n_models = values.shape
    nobody, dominator = np.zeros(n_models, np.int64), np.full(n_models, -1)
    candidates, work = np.empty((2, n_models), np.int64), np.empty((n_metrics, whole_lanes(n_models)))
    n_candidates = find_candidates(values, n_inputs, nobody, dominator, candidates, work)
    return candidates[0, :n_candidates]
