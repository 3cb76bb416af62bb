"""Points side by side, and the best facet that is known for each."""

from __future__ import annotations

from typing import NamedTuple

from paretoscope.kernels.lanes import empty_lanes, whole_lanes
from paretoscope.kernels.options import inlined, inner
from paretoscope.kernels.technology import Array, IntArray, Technology, metric_of


class Lineup(NamedTuple):
    """Points in whole lanes; what fills the last lanes are copies of the first point."""

    values: Array  # (rank, whole lanes of points), needs and supplies
    bounds: Array  # (whole lanes of points,), the highest bound of each point; -1 where there is none
    facets: Array  # (whole lanes of points,), the facet that gives it, as a float; -1 where there is none


def allocate_lineup(rank: int, n_points: int) -> Lineup:
    """Room for so many points."""
    room = whole_lanes(n_points)
    return Lineup(empty_lanes(rank, room), empty_lanes(room), empty_lanes(room))


@inner
def line_up_all(technology: Technology, points: Array, lineup: Lineup) -> None:
    """Take all points, in order."""
    n_points = points.shape[1]
    for row in range(technology.rank):
        metric = metric_of(technology, row)
        if metric < 0:
            for place in range(lineup.bounds.size):
                lineup.values[row, place] = technology.unit
        else:
            for place in range(n_points):
                lineup.values[row, place] = points[metric, place]
            for place in range(n_points, lineup.bounds.size):
                lineup.values[row, place] = points[metric, 0]


@inner
def line_up(technology: Technology, points: Array, queue: IntArray, first: int, last: int, lineup: Lineup) -> None:
    """Take the points of some turns."""
    n_points = last - first
    for row in range(technology.rank):
        metric = metric_of(technology, row)
        for place in range(n_points):
            lineup.values[row, place] = technology.unit if metric < 0 else points[metric, queue[first + place]]
        for place in range(n_points, whole_lanes(n_points)):
            lineup.values[row, place] = lineup.values[row, 0]


@inlined
def take(lineup: Lineup, place: int, point: Array) -> None:
    """Copy one of the points."""
    for row in range(point.size):
        point[row] = lineup.values[row, place]
