"""Prices of all columns at once: whether a normal is valid, and which column a step away from it meets first."""

from __future__ import annotations

import numpy as np

from paretoscope.arrays import Array
from paretoscope.kernels.compiler import inlined, inner
from paretoscope.kernels.lanes import (
    N_LANES,
    any_greater,
    as_index,
    combine,
    load,
    magnitude,
    smallest,
    splat,
    store,
    where_greater,
)
from paretoscope.kernels.reference import Reference
from paretoscope.kernels.technology import (
    PIVOT_TOLERANCE,
    PRICE_TOLERANCE,
    TIE_TOLERANCE,
    ZERO_TOLERANCE,
    Technology,
    slack_sign,
)


@inner
def is_valid(technology: Technology, rows: Array, n_columns: int, normal: Array) -> bool:
    """Whether the normal prices every column at no more than zero (dual feasibility).

    Entries that are zero but for rounding are set to zero, so the normal is a feasible dual solution as it stands, and
    a point without any of the inputs that the facet weighs is seen to have none.
    """
    size = 0.0
    for row in range(technology.rank):
        size += abs(normal[row])
    for row in range(technology.rank):
        sign = slack_sign(technology, row)
        if sign * normal[row] > PRICE_TOLERANCE * size:
            return False
        if sign != 0.0 and -sign * normal[row] < ZERO_TOLERANCE * size:
            normal[row] = 0.0
    unit_price = abs(normal[technology.unit_row]) if technology.unit_row >= 0 else 0.0  # a difference hides its size
    for first in range(0, n_columns, N_LANES):
        needs = combine(normal, 0, technology.n_needs, rows, first)
        supplies = combine(normal, technology.n_needs, technology.rank, rows, first)
        terms = magnitude(needs) + magnitude(supplies) + unit_price
        if any_greater(needs + supplies, terms * PRICE_TOLERANCE):
            return False
    return size < np.inf  # else prices are no numbers, of which none is greater than another


@inner
def ends_sooner(
    length: float, fall: float, index: int, shortest: float, steepest: float, entering: int, smallest_index: bool
) -> bool:
    """Whether a column ends the step before the one found so far; ties go to the steeper or the smaller index."""
    if abs(length - shortest) > TIE_TOLERANCE * (1.0 + shortest):
        return length < shortest
    return (entering < 0 or index < entering) if smallest_index else fall > steepest


@inlined
def find_entering(
    technology: Technology, reference: Reference, normal: Array, slope: Array, smallest_index: bool
) -> int:
    """The column that ends a dual simplex step, in which the normal becomes ``normal - t * slope`` for growing t.

    Parameters
    ----------
    smallest_index : bool
        Break ties by Bland's rule, which cannot cycle, instead of by the larger pivot, which is more accurate.

    Returns
    -------
    int
        The entering column, or -1 where the step has no end: the dual is unbounded, so the primal is infeasible.
    """
    rank, candidates, rows = technology.rank, reference.candidates, reference.rows
    n_models, n_columns = reference.candidate_of.size, reference.size[0]
    lengths, falls = reference.steps[0], reference.steps[1]
    slope_size = 0.0
    for row in range(rank):
        slope_size += abs(slope[row])
    least_fall = PIVOT_TOLERANCE * slope_size
    entering: int = as_index(-1)
    shortest, steepest = np.inf, 0.0
    for row in range(rank):
        sign = -slack_sign(technology, row)
        fall = sign * slope[row]
        if fall > least_fall:
            entry = sign * normal[row]
            length = (entry if entry > 0.0 else 0.0) / fall
            if ends_sooner(length, fall, n_models + row, shortest, steepest, entering, smallest_index):
                entering, shortest, steepest = n_models + row, length, fall

    shortest_lanes = splat(shortest)
    for first in range(0, n_columns, N_LANES):
        price, rise = combine(normal, 0, rank, rows, first), combine(slope, 0, rank, rows, first)
        length_lanes = where_greater(0.0, price, price, 0.0) / rise
        length_lanes = where_greater(-least_fall, rise, length_lanes, np.inf)
        store(lengths, (first,), length_lanes)
        store(falls, (first,), 0.0 - rise)
        shortest_lanes = where_greater(shortest_lanes, length_lanes, length_lanes, shortest_lanes)
    # Two passes, since it is the look at each column in turn that would take the time.
    reach = smallest(shortest_lanes)
    reach += TIE_TOLERANCE * (1.0 + reach)
    for first in range(0, n_columns, N_LANES):
        if any_greater(reach, load(lengths, (first,))):
            for j in range(first, first + N_LANES):
                if lengths[j] <= reach:
                    index = candidates[j]
                    if ends_sooner(lengths[j], falls[j], index, shortest, steepest, entering, smallest_index):
                        entering, shortest, steepest = index, lengths[j], falls[j]
    return entering
