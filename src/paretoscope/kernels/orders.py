"""Orders of models by their draws: how often one exceeds another, which place it takes, at which quantiles it leads.

A *row* holds all draws of one model, a *draw* one score of every model; a kernel takes whichever of the two layouts
lets its inner loop run over neighbours in memory.
"""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array, BoolArray, IntArray
from paretoscope.kernels.compiler import kernel

# Draws that are compared at a time: short enough for all models' pieces to stay in the cache, long enough to vectorise.
# The pieces are slices because an index that the compiler cannot see to be non-negative costs the vector instructions.
CHUNK = 512


@kernel
def count_greater(rows: Array, first: int, counts: IntArray) -> None:
    """Add to ``counts[i, j]`` the number of draws in which model ``first + i`` is strictly greater than model j.

    Parameters
    ----------
    rows : (n_models, n_draws) array
        In the order in which they were drawn: entries of one column belong together.
    first : int
    counts : (n, n_models) array
        Of n models from the first on; input and output.
    """
    n_draws = rows.shape[1]
    for start in range(0, n_draws, CHUNK):
        stop = min(start + CHUNK, n_draws)
        for i in range(counts.shape[0]):
            for j in range(counts.shape[1]):
                row, other = rows[first + i, start:stop], rows[j, start:stop]
                greater = 0
                for draw in range(row.size):
                    greater += row[draw] > other[draw]
                counts[i, j] += greater


@kernel
def rank_draws(draws: Array, order: IntArray, ranks: IntArray) -> None:
    """Write every draw's competition ranks: one more than the number of models that are strictly greater.

    Parameters
    ----------
    draws, order, ranks : (n_draws, n_models) arrays
        ``order[b]`` lists the models of draw b from the least to the greatest; `ranks` is the output.
    """
    n_draws, n_models = draws.shape
    for draw in range(n_draws):
        rank, previous = 0, np.inf
        for place in range(n_models):
            model = order[draw, n_models - 1 - place]
            score = draws[draw, model]
            if place == 0 or score < previous:
                rank = place + 1
            ranks[draw, model] = rank
            previous = score


@kernel
def count_ranks(ranks: IntArray, counts: IntArray) -> None:
    """Add to ``counts[i, r]`` the number of draws, rows of `ranks`, in which model i has rank r + 1."""
    n_draws, n_models = ranks.shape
    for draw in range(n_draws):
        for i in range(n_models):
            counts[i, ranks[draw, i] - 1] += 1


@kernel
def at_least(rows: Array, related: BoolArray) -> None:
    """Write whether row i is nowhere below row j, for every ordered pair.

    Parameters
    ----------
    rows : (n_models, n_draws) array
        Each row ascending: sorted draws for the first order, their cumulative sums for the second.
    related : (n_models, n_models) array
        Output; true on the diagonal.
    """
    n_models, n_draws = rows.shape
    least, greatest = rows[:, 0].copy(), rows[:, n_draws - 1].copy()
    for i in range(n_models):
        for j in range(n_models):
            related[i, j] = least[i] >= least[j] and greatest[i] >= greatest[j]
    for start in range(0, n_draws, CHUNK):
        stop = min(start + CHUNK, n_draws)
        for i in range(n_models):
            for j in range(n_models):
                # Settled already, or ranges that do not overlap.
                if not related[i, j] or least[i] >= greatest[j]:
                    continue
                row, other = rows[i, start:stop], rows[j, start:stop]
                below = 0
                for place in range(row.size):
                    below += row[place] < other[place]
                related[i, j] = below == 0


@kernel
def almost_first(rows: Array, sums: Array, epsilon: float, related: BoolArray) -> None:
    r"""Set ``related[i, j]`` where i almost dominates j in the first order, for pairs not related either way yet.

    The area between two distribution functions is the area between their quantile functions.  With :math:`V` the part
    where i is the lower one and :math:`D` the sum of i's draws less that of j's, the whole area is :math:`D + 2 V`, so
    :math:`V \le \epsilon (D + 2 V)` is :math:`V \le \epsilon D / (1 - 2 \epsilon)`: the sweep can stop at that value.

    Parameters
    ----------
    rows : (n_models, n_draws) array
        Sorted draws, ascending, finite or +inf.
    sums : (n_models,) array
        The sums of the rows.
    epsilon : float
        In [0, 0.5).
    related : (n_models, n_models) array
        Input and output.
    """
    n_models, n_draws = rows.shape
    for i in range(n_models):
        for j in range(n_models):
            if not sums[j] < sums[i] < np.inf or related[i, j] or related[j, i]:
                continue
            limit = epsilon * (sums[i] - sums[j]) / (1.0 - 2.0 * epsilon)
            violation = 0.0
            for place in range(n_draws):
                difference = rows[j, place] - rows[i, place]
                if difference > 0.0:
                    violation += difference
                    if violation > limit:
                        break
            related[i, j] = violation <= limit


@kernel
def violated_area(row: Array, other: Array, limit: float) -> float:
    r"""Area where :math:`F^{(2)}` of `row` exceeds that of `other`, times the number of draws; stops above `limit`.

    :math:`F^{(2)}(t) = \mathrm{E}(t - X)^+` has its kinks at the draws, so between two neighbours of the pooled sample
    the difference is a straight line, whose slope counts the draws passed.
    """
    n_draws = row.size
    first, second = 0, 0
    time = min(row[0], other[0])
    height, area = 0.0, 0.0
    while first < n_draws or second < n_draws:
        kink = np.inf
        if first < n_draws:
            kink = row[first]
        if second < n_draws:
            kink = min(kink, other[second])
        width = kink - time
        if width > 0.0:
            slope = float(first - second)
            end = height + slope * width
            if height >= 0.0 and end >= 0.0:
                area += 0.5 * (height + end) * width
            elif height > 0.0:
                area += 0.5 * height * (height / -slope)
            elif end > 0.0:
                area += 0.5 * end * (end / slope)
            if area > limit:
                break
            height, time = end, kink
        if first < n_draws and row[first] == kink:
            first += 1
        else:
            second += 1
    return area


@kernel
def almost_second(rows: Array, sums: Array, end: float, epsilon: float, related: BoolArray) -> None:
    r"""Set ``related[i, j]`` where i almost dominates j in the second order, for pairs not related either way yet.

    As `almost_first`, with the integrated distribution functions up to `end`, b, which no finite draw exceeds:
    :math:`D = \frac12 \sum (b - y)^2 - \frac12 \sum (b - x)^2`, and V by `violated_area`; beyond the greatest draw
    there is no violation, since i has the larger sum.
    """
    n_models, n_draws = rows.shape
    for i in range(n_models):
        for j in range(n_models):
            if not sums[j] < sums[i] < np.inf or related[i, j] or related[j, i]:
                continue
            advantage = 0.0
            for place in range(n_draws):
                # (b - y)^2 - (b - x)^2 as a product, which keeps the digits of nearly equal draws.
                x, y = rows[i, place], rows[j, place]
                advantage += 0.5 * (x - y) * ((end - x) + (end - y))
            if advantage > 0.0:
                limit = epsilon * advantage / (1.0 - 2.0 * epsilon)
                related[i, j] = violated_area(rows[i], rows[j], limit) <= limit


@kernel
def largest_advantages(rows: Array, weights: Array, largest: Array) -> None:
    """Raise ``largest[b]`` to the largest weighted advantage of one model over another in draw b.

    Parameters
    ----------
    rows : (n_models, n_draws) array
    weights : (n_models, n_models) array
        ``weights[i, j]``, zero or more, is what i's advantage over j is multiplied by; 0 leaves the pair out.
    largest : (n_draws,) array
        Input and output.
    """
    n_models, n_draws = rows.shape
    for start in range(0, n_draws, CHUNK):
        stop = min(start + CHUNK, n_draws)
        most = largest[start:stop]
        for i in range(n_models):
            for j in range(i):
                ahead, behind = weights[i, j], -weights[j, i]
                if ahead == 0.0 and behind == 0.0:
                    continue
                row, other = rows[i, start:stop], rows[j, start:stop]
                for draw in range(row.size):
                    difference = row[draw] - other[draw]
                    one, reverse, so_far = difference * ahead, difference * behind, most[draw]
                    # Not `max`, whose care for NaN costs the vector instructions.
                    so_far = one if one > so_far else so_far
                    most[draw] = reverse if reverse > so_far else so_far
