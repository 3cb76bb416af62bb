r"""What facets say of a point: :math:`\theta \ge` the value of its supplies over that of its needs, at their prices."""

from __future__ import annotations

from paretoscope.kernels.lanes import N_LANES, combine, lane, load, magnitude, splat, store, where_greater
from paretoscope.kernels.lineup import Lineup
from paretoscope.kernels.options import inlined, inner
from paretoscope.kernels.technology import ZERO_TOLERANCE, Array, Technology


@inner
def least_need(technology: Technology) -> tuple[int, float]:
    """The row, and the share of the normal's entry there, that needs must exceed to be more than rounding errors."""
    if technology.output_oriented:
        return technology.unit_row, ZERO_TOLERANCE  # needs are a difference
    return 0, 0.0


@inlined
def dual_bound(technology: Technology, normals: Array, facet: int, point: Array) -> tuple[float, float]:
    """Numerator and denominator of a facet's bound on the efficiency of a point."""
    need, supply = 0.0, 0.0
    for row in range(technology.n_needs):
        need += normals[row, facet] * point[row]
    for row in range(technology.n_needs, technology.rank):
        supply += normals[row, facet] * point[row]
    return supply, need


@inlined
def bound_point(technology: Technology, normals: Array, facet: int, point: Array) -> float:
    """The bound of a facet on the efficiency of a point; -1 where it gives none."""
    row, share = least_need(technology)
    supply, need = dual_bound(technology, normals, facet, point)
    return supply / need if need > abs(normals[row, facet]) * share else -1.0


@inlined
def find_best(technology: Technology, normals: Array, n_known: int, n_facets: int, point: Array) -> tuple[int, float]:
    """The facet with the best lower bound of a point's efficiency, and that bound; -1 and -1 where none gives one.

    Facets before `n_known` may be left out.  (A full cache has others behind it, in the last lanes.)
    """
    row, share = least_need(technology)
    best_bound, best_first = splat(-1.0), splat(0.0)
    for first in range(n_known - n_known % N_LANES, n_facets, N_LANES):
        need = combine(point, 0, technology.n_needs, normals, first)
        supply = combine(point, technology.n_needs, technology.rank, normals, first)
        bound = where_greater(need, magnitude(load(normals, (row, first))) * share, supply / need, -1.0)
        best_first = where_greater(bound, best_bound, float(first), best_first)
        best_bound = where_greater(bound, best_bound, bound, best_bound)
    facet, highest = -1, -1.0
    for k in range(N_LANES):
        bound_there, facet_there = lane(best_bound, k), int(lane(best_first, k)) + k
        higher = (bound_there > highest) & (facet_there < n_facets)
        facet = facet_there if higher else facet
        highest = bound_there if higher else highest
    return facet, highest


@inner
def bound_points(
    technology: Technology,
    normals: Array,
    first_facet: int,
    last_facet: int,
    n_points: int,
    unbounded: float,
    lineup: Lineup,
) -> None:
    """Raise the bound of each of many points to the best one that some facets give.

    `unbounded` stands for the bound of a point whose needs a facet values at nothing, or less, but not its supplies.
    """
    row, share = least_need(technology)
    for first in range(0, n_points, N_LANES):
        best_bound, best_facet = load(lineup.bounds, (first,)), load(lineup.facets, (first,))
        for facet in range(first_facet, last_facet):
            normal = normals[:, facet]
            need = combine(normal, 0, technology.n_needs, lineup.values, first)
            supply = combine(normal, technology.n_needs, technology.rank, lineup.values, first)
            otherwise = where_greater(supply, need, unbounded, -1.0)
            bound = where_greater(need, abs(normal[row]) * share, supply / need, otherwise)
            best_facet = where_greater(bound, best_bound, float(facet), best_facet)
            best_bound = where_greater(bound, best_bound, bound, best_bound)
        store(lineup.bounds, (first,), best_bound)
        store(lineup.facets, (first,), best_facet)


@inner
def forget(normals: Array, first: int, last: int) -> None:
    """Clear the normals of some facets, so that they bound no point."""
    for row in range(normals.shape[0]):
        for facet in range(first, last):
            normals[row, facet] = 0.0
