"""What a facet says of all points at once: a lower bound of their efficiency, and whether it is attained."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.facets import weighted_sum
from paretoscope.kernels.options import inner
from paretoscope.kernels.technology import ZERO_TOLERANCE, Array, IntArray, Technology


class Points(NamedTuple):
    """Points to score, and what is known of them."""

    values: Array  # (n_metrics, n_points)
    bounds: Array  # (n_points,), the best lower bound of the efficiency; -1 where no facet gives one
    best: IntArray  # (n_points,), the facet that gives it, or -1
    work: Array  # (at least 2, n_points), overwritten at will


@inner
def improve_bounds(technology: Technology, normal: Array, facet: int, points: Points) -> None:
    """Raise the points' bounds to the facet's, where that is larger."""
    n_metrics, n_points = points.values.shape
    intercept = float(normal[n_metrics]) if technology.rank > n_metrics else 0.0
    above, below = intercept, 0.0
    if technology.output_oriented:
        above, below = 0.0, -intercept
    least = ZERO_TOLERANCE * abs(below)
    virtual_input, virtual_output = points.work[0], points.work[1]
    bounds, best = points.bounds, points.best
    origin = n_metrics - n_metrics
    weighted_sum(normal, origin, technology.n_inputs, points.values, virtual_input)
    weighted_sum(normal, technology.n_inputs, n_metrics, points.values, virtual_output)
    for i in range(n_points):
        need = virtual_input[i] + below
        bound = (virtual_output[i] + above) / need
        better = (bound > bounds[i]) & (need > least)
        bounds[i] = bound if better else bounds[i]
        best[i] = facet if better else best[i]


@inner
def least_weights(technology: Technology, inverse: Array, points: Points, least: Array) -> None:
    """For every point the least weight that its column q(bound) has on the basis of its best facet.

    One entry of all inverses at a time, over all points, since that is what the processor's vector unit can do.
    """
    n_inputs = technology.n_inputs
    n_metrics, n_points = points.values.shape
    values, bounds, best, weight = points.values, points.bounds, points.best, points.work[0]
    for i in range(n_points):
        least[i] = np.inf
    for position in range(technology.rank - 1):
        for i in range(n_points):
            weight[i] = 0.0
        for row in range(n_inputs):
            for i in range(n_points):
                weight[i] -= inverse[np.uint64(max(best[i], 0)), position, row] * values[row, i]
        for i in range(n_points):
            weight[i] *= bounds[i]
        for row in range(n_inputs, n_metrics):
            for i in range(n_points):
                weight[i] += inverse[np.uint64(max(best[i], 0)), position, row] * values[row, i]
        if technology.rank > n_metrics:
            for i in range(n_points):
                level = bounds[i] if technology.output_oriented else 1.0
                weight[i] += inverse[np.uint64(max(best[i], 0)), position, n_metrics] * level
        for i in range(n_points):
            least[i] = min(least[i], weight[i])
