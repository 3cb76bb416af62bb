r"""What facets say of a point: :math:`\theta \ge` the value of its supplies over that of its needs, at their prices."""

from __future__ import annotations

from paretoscope.arrays import Array
from paretoscope.kernels.compiler import inlined, inner
from paretoscope.kernels.lanes import N_LANES, as_index, combine, lane, load, magnitude, splat, store, where_greater
from paretoscope.kernels.technology import ZERO_TOLERANCE, Technology


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


@inner
def find_best(technology: Technology, normals: Array, n_known: int, n_facets: int, point: Array) -> tuple[int, float]:
    """The facet with the best lower bound of a point's efficiency, and that bound; -1 and -1 where none gives one.

    Facets before `n_known` may be left out.
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
        bound_there, facet_there = lane(best_bound, k), as_index(lane(best_first, k)) + k
        if bound_there > highest:
            facet, highest = facet_there, bound_there
    return facet, highest


@inner
def bound_points(
    technology: Technology,
    normals: Array,
    n_facets: int,
    points: Array,
    n_places: int,
    bounds: Array,
    best: Array,
) -> None:
    """The best facet of each of many points, as a float, and its bound; -1 and -1 where none gives one."""
    row, share = least_need(technology)
    for first in range(0, n_places, N_LANES):
        best_bound, best_facet = splat(-1.0), splat(-1.0)
        for facet in range(n_facets):
            normal = normals[:, facet]
            need = combine(normal, 0, technology.n_needs, points, first)
            supply = combine(normal, technology.n_needs, technology.rank, points, first)
            bound = where_greater(need, abs(normal[row]) * share, supply / need, -1.0)
            best_facet = where_greater(bound, best_bound, float(facet), best_facet)
            best_bound = where_greater(bound, best_bound, bound, best_bound)
        store(bounds, (first,), best_bound)
        store(best, (first,), best_facet)
