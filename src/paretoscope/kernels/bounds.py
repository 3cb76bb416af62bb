r"""What facets say of a point: :math:`\theta \ge` the value of its supplies over that of its needs, at their prices."""

from __future__ import annotations

from typing import NamedTuple

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import inlined, inner
from paretoscope.kernels.lanes import (
    N_LANES,
    as_index,
    combine,
    empty_lanes,
    lane,
    load,
    magnitude,
    splat,
    store,
    where_greater,
    whole_lanes,
)
from paretoscope.kernels.technology import ZERO_TOLERANCE, Technology, metric_of


class LinedUp(NamedTuple):
    """Some points side by side in whole lanes, and what facets say of them."""

    points: Array  # (rank, whole lanes of points)
    bounds: Array  # (whole lanes of points,), the best bound of each
    facets: Array  # (whole lanes of points,), the facet that gives it, as a float


def allocate_line(rank: int, n_points: int) -> LinedUp:
    """Room for so many points."""
    room = whole_lanes(n_points)
    return LinedUp(points=empty_lanes(rank, room), bounds=empty_lanes(room), facets=empty_lanes(room))


@inner
def line_up(technology: Technology, points: Array, turns: IntArray, lined_up: Array) -> int:
    """Put the points whose turns these are side by side, in whole lanes; return how many are there then."""
    n_points, n_filled = turns.size, whole_lanes(turns.size)
    for row in range(technology.rank):
        metric = metric_of(technology, row)
        for turn in range(n_points):
            lined_up[row, turn] = technology.unit if metric < 0 else points[metric, turns[turn]]
        for turn in range(n_points, n_filled):
            lined_up[row, turn] = lined_up[row, 0]
    return n_filled


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
def bound_points(technology: Technology, normals: Array, n_facets: int, lined_up: LinedUp, n_points: int) -> None:
    """Write the best facet of each of the first points and its bound; -1 and -1 where none gives one."""
    points, bounds, best = lined_up.points, lined_up.bounds, lined_up.facets
    row, share = least_need(technology)
    for first in range(0, n_points, N_LANES):
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
