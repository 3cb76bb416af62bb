"""Dual simplex steps for one point: from a facet that bounds its efficiency to the facet that it reaches."""

from __future__ import annotations

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.bounds import dual_bound
from paretoscope.kernels.compiler import inlined, pasted
from paretoscope.kernels.facets import Facets, accept, cache_size, exchange, forget
from paretoscope.kernels.pricing import find_entering, is_valid
from paretoscope.kernels.reference import Reference
from paretoscope.kernels.technology import (
    CERTIFIED,
    INFEASIBLE,
    LEAST_LEVEL,
    UNRESOLVED,
    VRS,
    WEIGHT_TOLERANCE,
    Technology,
)
from paretoscope.kernels.weights import basis_weights

# What the rows of the room for steps hold: the point's column at the bound, the direction of the step, the factors that
# make a violation relative, the weights on the basis.
AT, SLOPE, SCALES, WEIGHTS = range(4)


@inlined
def fill_scales(technology: Technology, at: Array, scales: Array) -> None:
    """Write what a violation of each row's constraint is multiplied by to be relative to the constraint's level.

    But not to a level of nearly 0 where the origin is arbitrary: of the metrics that stay, under vrs.
    """
    for row in range(technology.rank):
        level = abs(at[row])
        moves = (row < technology.n_needs) != technology.output_oriented
        if technology.rts == VRS and not moves and row != technology.unit_row and level > 0.0:
            level = LEAST_LEVEL if level < LEAST_LEVEL else level
        scales[row] = 1.0 / level if level > 0.0 else 1.0


@inlined
def find_leaving(columns: Array, basis: IntArray, weights: Array, scales: Array, smallest_index: bool) -> int:
    """The position whose negative weight violates a constraint most, for the size of that constraint; -1 if none."""
    leaving, worst = -1, WEIGHT_TOLERANCE
    for position in range(basis.size):
        weight = -weights[position]
        if weight <= 0.0:
            continue
        index = basis[position]
        violation = 0.0
        for row in range(scales.size):
            of_row = weight * abs(columns[index, row]) * scales[row]
            violation = of_row if of_row > violation else violation
        if violation <= WEIGHT_TOLERANCE:
            continue
        if smallest_index:
            if leaving < 0 or index < basis[leaving]:
                leaving = position
        elif violation > worst:
            leaving, worst = position, violation
    return leaving


@inlined
def fill_slope(technology: Technology, released: Array, normal: Array, point: Array, slope: Array) -> None:
    """Write the direction that releases a basis column and keeps the denominator of the bound of a point."""
    need, change = 0.0, 0.0
    for row in range(technology.n_needs):
        need += normal[row] * point[row]
        change -= released[row] * point[row]
    for row in range(technology.rank):
        slope[row] = released[row] + change / need * normal[row]


@pasted
def settle(
    technology: Technology,
    reference: Reference,
    facets: Facets,
    n_facets: int,
    point: Array,
    facet: int,
    bound: float,
    enough: float,
    steps: Array,
) -> tuple[int, int, float, int]:
    """Certify the efficiency of a point by dual simplex steps from a facet that bounds it.

    A bound of `enough` is attained by every point.

    Returns
    -------
    status, facet, efficiency, n_facets
    """
    rank = technology.rank
    most_facets = cache_size(facets.basis)
    at, slope, scales, weights = steps[AT, :rank], steps[SLOPE, :rank], steps[SCALES, :rank], steps[WEIGHTS]
    status = UNRESOLVED
    for n_steps in range(200 * rank):
        if bound >= enough or not basis_weights(technology, facets.inverse[facet], point, bound, at, weights):
            status = CERTIFIED
            break
        # Ties can make the steps go round in circles.  So many steps may be such a circle, or just a long way: Bland's
        # rule is right for both.
        smallest_index = n_steps > 10 * rank
        fill_scales(technology, at, scales)
        basis, normal = facets.basis[facet], facets.normals[:, facet]
        leaving = find_leaving(reference.columns, basis, weights, scales, smallest_index)
        if leaving < 0:
            status = CERTIFIED
            break
        fill_slope(technology, facets.inverse[facet, :, leaving], normal, point, slope)
        entering = find_entering(technology, reference, normal, slope, smallest_index)
        if entering < 0:
            status = INFEASIBLE
            break
        there = n_facets if n_facets < most_facets else most_facets + (facet == most_facets)
        for position in range(rank - 1):
            facets.basis[there, position] = basis[position]
        facets.basis[there, leaving] = entering
        column = reference.columns[entering]
        found = exchange(facets.inverse[facet], facets.inverse[there], facets.normals, facet, there, leaving, column)
        found = found and is_valid(technology, reference.rows, reference.size[0], facets.normals[:, there])
        found = found or accept(technology, reference, facets, there)
        supply, need = dual_bound(technology, facets.normals, there, point)
        if not (found and need > 0.0):
            forget(facets.normals, there, there + 1)
            break
        facet, bound = there, supply / need
        n_facets += n_facets < most_facets
    return status, facet, bound, n_facets
