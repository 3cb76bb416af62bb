r"""Whether runs fall into groups that one normal distribution does not explain: an outlier, two modes, three.

Sort k runs and cut them where their sum of squares shrinks most, to a share w of what it was.  For one *given* way to
part normal runs into g groups, the probability of so small a share is :math:`I_w((k - g) / 2, (g - 1) / 2)`, since
normal runs have no direction; times the number of ways to part them, it bounds the probability for the best way
(Bonferroni), closely where w is small.  There are k ways to put one run apart, about :math:`2^{k - 1}` to make two
groups and :math:`3^k / 6` to make three.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from paretoscope.arrays import Array, IntArray

KINDS: Final = 3  # one run apart, two groups, three groups
# How many times smaller the spread within groups must be than that of all runs: less than that, and the fitted noise
# is not far off, whatever is certain.  A lone run must stand out more: real runs have heavier tails than normal ones.
LONE_FACTOR: Final = 4.0
GROUPS_FACTOR: Final = 3.0


class Groups(NamedTuple):
    """The most improbable way to part the runs of each model.

    Attributes
    ----------
    log_risk : (n_models,) array
        Logarithm of a bound on the probability that normal runs part so well; 0 where the spread shrinks too little.
    first, second : (n_models,) arrays
        Where groups begin in the sorted runs, the first at 0; `second` is k where there are two groups.
    """

    log_risk: Array
    first: IntArray
    second: IntArray


def part(runs: Array, tick: Array) -> Groups:
    """Part each model's runs into the groups that normal runs are least likely to show.

    Parameters
    ----------
    runs : (n_models, k) array
        Sorted along the last axis, k at least 3, not all equal.
    tick : (n_models,) array
        To what the runs are rounded: equal runs are known to differ by as much.

    Examples
    --------
    >>> found = part(np.array([[9.97, 10.0, 10.02, 10.03, 60.0], [9.0, 9.6, 10.0, 10.3, 11.0]]), np.zeros(2))
    >>> found.log_risk.round().tolist(), found.first.tolist(), found.second.tolist()
    ([-19.0, 0.0], [4, 1], [5, 5])
    """
    n_models, k = runs.shape
    centred = runs - np.median(runs, axis=1, keepdims=True)
    start = np.zeros((n_models, 1))
    sums = np.hstack([start, np.cumsum(centred, axis=1)])
    squares = np.hstack([start, np.cumsum(centred**2, axis=1)])

    def within(begin: IntArray, end: IntArray) -> Array:
        """Sums of squares of the runs from `begin` to before `end` around their mean."""
        summed, squared = (
            np.take_along_axis(table, end, 1) - np.take_along_axis(table, begin, 1) for table in (sums, squares)
        )
        result: Array = np.maximum(squared - summed**2 / np.maximum(end - begin, 1), 0.0)
        return result

    cuts = np.broadcast_to(np.arange(1, k), (n_models, k - 1))
    none, all_runs = np.zeros_like(cuts), np.full_like(cuts, k)
    rounding = k * tick**2 / 12.0
    total = within(none[:, :1], all_runs[:, :1])[:, 0] + rounding
    two = within(none, cuts) + within(cuts, all_runs)
    best = np.argmin(two, axis=1)[:, np.newaxis] + 1
    low, high = np.minimum(cuts, best), np.maximum(cuts, best)
    three = within(none, low) + within(low, high) + within(high, all_runs)
    three[cuts == best] = np.inf
    lone = np.full_like(two, np.inf)
    lone[:, [0, -1]] = two[:, [0, -1]]

    found = Groups(np.zeros(n_models), np.ones(n_models, np.int64), np.full(n_models, k))
    ways = [(lone, 2, math.log(k), LONE_FACTOR), (two, 2, (k - 1) * math.log(2.0), GROUPS_FACTOR)]
    if k > 3:
        ways.append((three, 3, k * math.log(3.0) - math.log(6.0), GROUPS_FACTOR))
    for table, n_groups, log_ways, factor in ways:
        cut = np.argmin(table, axis=1)
        share = (np.take_along_axis(table, cut[:, np.newaxis], 1)[:, 0] + rounding) / total
        log_risk = log_ways + math.log(KINDS) + _log_risk(share, k, n_groups)
        shrinks = share * factor**2 * (k - 1) <= k - n_groups
        better = shrinks & (log_risk < found.log_risk)
        edges = np.stack([cut + 1, best[:, 0] if n_groups == 3 else np.full(n_models, k)])
        found = Groups(
            np.where(better, log_risk, found.log_risk),
            np.where(better, edges.min(axis=0), found.first),
            np.where(better, edges.max(axis=0), found.second),
        )
    return found


def _log_risk(share: Array, k: int, n_groups: int) -> Array:
    """Logarithm of a close upper bound on the incomplete beta function of small shares."""
    a = (k - n_groups) / 2.0
    w = np.clip(share, 1e-300, 1.0 - 1e-12)
    power: Array = a * np.log(w)
    if n_groups == 3:
        return power
    log_beta = math.lgamma(a) + math.lgamma(0.5) - math.lgamma(a + 0.5)
    return power - math.log(a) - log_beta - np.log1p(-w) / 2.0
