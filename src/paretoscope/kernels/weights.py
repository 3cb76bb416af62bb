"""Weights of a point on the basis of a facet: where none is negative they prove that the facet's bound is attained."""

from __future__ import annotations

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.bounds import LinedUp
from paretoscope.kernels.compiler import inlined, inner
from paretoscope.kernels.lanes import N_LANES, any_greater, as_index, combine, store
from paretoscope.kernels.technology import CERTIFIED, Scores, Technology


@inlined
def basis_weights(
    technology: Technology, inverse: Array, point: Array, efficiency: float, at: Array, weights: Array
) -> bool:
    """Write the column q(efficiency) of a point, and its weights on a facet's basis; whether one is negative."""
    for row in range(technology.rank):
        at[row] = -efficiency * point[row] if row < technology.n_needs else point[row]
    negative = False
    for first in range(0, inverse.shape[1], N_LANES):
        some = combine(at, 0, technology.rank, inverse, first)
        store(weights, (first,), some)
        negative |= any_greater(0.0, some)
    return negative


@inner
def certify_points(
    technology: Technology,
    inverse: Array,
    lined_up: LinedUp,
    turns: IntArray,
    enough: float,
    scores: Scores,
    used: IntArray,
) -> None:
    """Settle every point, lined up in the order of its turn, that attains the bound of its best facet.

    A bound of `enough` is attained by every point.
    """
    n_needs, rank = technology.n_needs, technology.rank
    points, bounds, best = lined_up.points, lined_up.bounds, lined_up.facets
    for turn in range(turns.size):
        i, facet, bound = turns[turn], as_index(best[turn]), bounds[turn]
        if facet < 0:
            continue
        point, rows = points[:, turn], inverse[facet]
        attained = True
        if bound < enough:
            for lanes in range(0, inverse.shape[2], N_LANES):
                weights = combine(point, n_needs, rank, rows, lanes) - combine(point, 0, n_needs, rows, lanes) * bound
                attained &= not any_greater(0.0, weights)
        if attained:
            scores.status[i], scores.facet[i], scores.efficiency[i] = CERTIFIED, facet, bound
            used[facet] = 1
