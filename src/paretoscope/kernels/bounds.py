"""What a facet says of all points at once: a lower bound of their efficiency, and whether it is attained."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.facets import Facets, Reference, fill_basis_matrix, invert, is_valid, weighted_sum
from paretoscope.kernels.options import kernel, part
from paretoscope.kernels.technology import ZERO_TOLERANCE, Array, IntArray, Technology

PIECE = 512  # points; their sums stay in the processor's first cache


class Points(NamedTuple):
    """Points to score, and what is known of them."""

    values: Array  # (n_metrics, n_points)
    bounds: Array  # (n_points,), the best lower bound of the efficiency; -1 where no facet gives one
    best: IntArray  # (n_points,), the facet that gives it, or -1
    work: Array  # (at least 2, n_points), overwritten at will


@part
def improve_bounds(technology: Technology, normal: Array, facet: int, points: Points, first: int, last: int) -> None:
    """Raise the bounds of the points from `first` up to `last` to the facet's, where that is larger."""
    n_metrics = points.values.shape[0]
    intercept = float(normal[n_metrics]) if technology.rank > n_metrics else 0.0
    above, below = intercept, 0.0
    if technology.output_oriented:
        above, below = 0.0, -intercept
    least = ZERO_TOLERANCE * abs(below)
    virtual_input, virtual_output = points.work[0], points.work[1]
    origin = n_metrics - n_metrics
    for start in range(first, last, PIECE):
        stop = min(start + PIECE, last)
        weighted_sum(normal, origin, technology.n_inputs, points.values, start, stop, virtual_input)
        weighted_sum(normal, technology.n_inputs, n_metrics, points.values, start, stop, virtual_output)
        bounds, best = points.bounds[start:stop], points.best[start:stop]
        for i in range(stop - start):
            need = virtual_input[i] + below
            bound = (virtual_output[i] + above) / need
            better = (bound > bounds[i]) & (need > least)
            bounds[i] = bound if better else bounds[i]
            best[i] = facet if better else best[i]


@kernel
def adopt(
    technology: Technology,
    reference: Reference,
    facets: Facets,
    facet: int,
    points: Points,
    first: int,
    last: int,
    swaps: IntArray,
) -> bool:
    """Factorise the facet's basis, and let it raise the bounds of some points; False if it is no valid facet."""
    inverse = facets.inverse[facet]
    normal = inverse[technology.rank - 1]
    fill_basis_matrix(technology, reference.values, facets.basis[facet], inverse)
    valid = invert(inverse, swaps) and is_valid(technology, reference, normal)
    if valid:
        improve_bounds(technology, normal, facet, points, first, last)
    return valid


@kernel
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
