"""Which models can carry the frontier: those that no other model dominates."""

from __future__ import annotations

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


@kernel
def find_candidates(values: Array, n_inputs: int, dominator: IntArray, candidates: IntArray, work: Array) -> int:
    """Write the indices of the non-dominated models into `candidates`, ascending, and return how many there are.

    Parameters
    ----------
    values : (n_metrics, n_models) array
    dominator : (n_models,) array
        For each model, one that dominated it the last time, or itself.  Read as a guess, which is right for most models
        when values change little from call to call, and updated.
    candidates : (2, n_models) array
        Output in the first row; the second is overwritten.
    work : (n_metrics + 1, n_models) array
        Overwritten.
    """
    n_metrics, n_models = values.shape
    n_open = 0
    for i in range(n_models):
        if not dominates(values, n_inputs, dominator[i], i):
            candidates[1, n_open] = i
            n_open += 1
    for metric in range(n_metrics):
        for position in range(n_open):
            work[metric, position] = values[metric, candidates[1, position]]

    margin = work[n_metrics]
    n_candidates = 0
    for position in range(n_open):
        for metric in range(n_metrics):
            level = work[metric, position]
            sign = 1.0 if metric < n_inputs else -1.0
            if metric == 0:
                for other in range(n_open):
                    margin[other] = sign * (level - work[0, other])
            else:
                for other in range(n_open):
                    margin[other] = min(margin[other], sign * (level - work[metric, other]))
        n_no_worse = 0
        for other in range(n_open):
            n_no_worse += margin[other] >= 0.0
        i = candidates[1, position]
        dominated = False
        if n_no_worse > 1:  # not itself alone
            for other in range(n_open):
                j = candidates[1, other]
                if margin[other] >= 0.0 and dominates(values, n_inputs, j, i):
                    dominator[i] = j
                    dominated = True
                    break
        if not dominated:
            candidates[0, n_candidates] = i
            n_candidates += 1
    return n_candidates
