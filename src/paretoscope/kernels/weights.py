"""Weights of a point on the basis of a facet: where none is negative they prove that the facet's bound is attained."""

from __future__ import annotations

from paretoscope.kernels.lanes import N_LANES, any_greater, combine, store
from paretoscope.kernels.lineup import Lineup
from paretoscope.kernels.options import inlined, inner
from paretoscope.kernels.reference import MEMBER, OUTSIDER
from paretoscope.kernels.technology import ABOVE_ONE, ALMOST_ONE, CERTIFIED, Array, IntArray, Scores, Technology


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
    lineup: Lineup,
    queue: IntArray,
    first: int,
    last: int,
    standing: IntArray,
    scores: Scores,
    used: IntArray,
) -> None:
    """Settle every open point of some turns, as lined up, that attains the bound of its best facet.

    A model that has to join the reference first is left open.
    """
    n_needs, rank = technology.n_needs, technology.rank
    for place in range(last - first):
        i, facet, bound = queue[first + place], int(lineup.facets[place]), lineup.bounds[place]
        if facet < 0 or scores.status[i] == CERTIFIED:
            continue
        attained = False
        if bound >= ALMOST_ONE:
            attained = standing[i] == MEMBER
            if standing[i] == OUTSIDER and bound >= ABOVE_ONE:
                continue
        if not attained:
            point, rows = lineup.values[:, place], inverse[facet]
            negative = False
            for lanes in range(0, inverse.shape[2], N_LANES):
                weights = combine(point, n_needs, rank, rows, lanes) - combine(point, 0, n_needs, rows, lanes) * bound
                negative |= any_greater(0.0, weights)
            attained = not negative
        if attained:
            scores.status[i], scores.facet[i], scores.efficiency[i] = CERTIFIED, facet, bound
            used[facet] = 1
