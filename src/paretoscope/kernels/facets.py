r"""Facets of the technology's cone: factorise a basis, price all columns, step to the neighbouring facet.

A facet with basis :math:`S` keeps the inverse of :math:`[A_S \mid e]`, where :math:`e` has ones in the rows of the
inputs (input orientation) or of the outputs (output orientation).  Its last row is the normal, so scaled that
:math:`\sum_l v_l` or :math:`\sum_m u_m` is 1; the other rows turn a point of the facet into its weights on the basis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.kernels.options import inner, part
from paretoscope.kernels.technology import (
    NDRS,
    NIRS,
    PIVOT_TOLERANCE,
    PRICE_TOLERANCE,
    SAFE_PIVOT,
    SINGULAR_TOLERANCE,
    TIE_TOLERANCE,
    ZERO_TOLERANCE,
    Array,
    IntArray,
    Technology,
)


class Facets(NamedTuple):
    """Room for facets; how many are in use is counted beside it."""

    basis: IntArray  # (capacity, rank - 1)
    inverse: Array  # (capacity, rank, rank)


class Reference(NamedTuple):
    """The models that span the technology, and those of them that can carry its frontier."""

    values: Array  # (n_metrics, n_models)
    candidates: IntArray  # (n_candidates,), indices of models
    metrics: Array  # (n_metrics, n_candidates), values[:, candidates] side by side
    work: Array  # (2, n_candidates), overwritten at will


def allocate_facets(rank: int, capacity: int) -> Facets:
    """Make room for `capacity` facets."""
    return Facets(np.empty((capacity, rank - 1), np.int64), np.empty((capacity, rank, rank)))


@inner
def slack_sign(technology: Technology, row: int) -> float:
    """The nonzero entry of the slack column of a row; 0 where the row is an equation."""
    if row < technology.n_inputs + technology.n_outputs or technology.rts == NDRS:
        return -1.0
    if technology.rts == NIRS:
        return 1.0
    return 0.0


@part
def fill_basis_matrix(technology: Technology, values: Array, basis: IntArray, matrix: Array) -> None:
    """Write the columns of a basis side by side, and the unit normalisation behind them."""
    n_metrics, n_models = values.shape
    for column in range(basis.size):
        index = basis[column]
        if index < n_models:
            for row in range(n_metrics):
                matrix[row, column] = -values[row, index] if row < technology.n_inputs else values[row, index]
            if technology.rank > n_metrics:
                matrix[n_metrics, column] = 1.0
        else:
            for row in range(technology.rank):
                matrix[row, column] = 0.0
            matrix[index - n_models, column] = slack_sign(technology, index - n_models)
    for row in range(technology.rank):
        in_role = (row >= technology.n_inputs) == technology.output_oriented and row < n_metrics
        matrix[row, basis.size] = 1.0 if in_role else 0.0


@part
def invert(matrix: Array, swaps: IntArray) -> bool:
    """Replace a matrix by its inverse, by Gauss-Jordan elimination with row pivoting; False where it is singular."""
    rank = matrix.shape[0]
    for column in range(rank):
        pivot = column
        for row in range(column + 1, rank):
            if abs(matrix[row, column]) > abs(matrix[pivot, column]):
                pivot = row
        if abs(matrix[pivot, column]) < SINGULAR_TOLERANCE:
            return False
        swaps[column] = pivot
        if pivot != column:
            for k in range(rank):
                matrix[column, k], matrix[pivot, k] = matrix[pivot, k], matrix[column, k]
        scale = 1.0 / matrix[column, column]
        matrix[column, column] = 1.0
        for k in range(rank):
            matrix[column, k] *= scale
        for row in range(rank):
            factor = matrix[row, column]
            if row != column and factor != 0.0:
                matrix[row, column] = 0.0
                for k in range(rank):
                    matrix[row, k] -= factor * matrix[column, k]
    for column in range(rank - 1, -1, -1):
        pivot = swaps[column]
        if pivot != column:
            for row in range(rank):
                matrix[row, column], matrix[row, pivot] = matrix[row, pivot], matrix[row, column]
    return True


@inner
def weighted_sum(weights: Array, first: int, last: int, metrics: Array, total: Array) -> None:
    """``total[j] = sum of weights[row] * metrics[row, j]`` over rows from `first` up to `last`, for all j at once.

    Three rows go in one pass, because passes over memory are what it costs.  Loops over points begin at 0, here and
    elsewhere, or the compiler allows for negative indices and gives up on vector instructions.
    """
    n_points = metrics.shape[1]
    a = weights[first]
    if last - first == 1:
        for j in range(n_points):
            total[j] = a * metrics[first, j]
        return
    b = weights[first + 1]
    if last - first == 2:
        for j in range(n_points):
            total[j] = a * metrics[first, j] + b * metrics[first + 1, j]
        return
    c = weights[first + 2]
    for j in range(n_points):
        total[j] = a * metrics[first, j] + b * metrics[first + 1, j] + c * metrics[first + 2, j]
    for row in range(first + 3, last):
        d = weights[row]
        for j in range(n_points):
            total[j] += d * metrics[row, j]


@part
def is_valid(technology: Technology, reference: Reference, normal: Array) -> bool:
    """Whether the normal prices every column at no more than zero (dual feasibility).

    Entries that are zero but for rounding are set to zero, so the normal is a feasible dual solution as it stands, and
    a point without any of the inputs that the facet weighs is seen to have none.
    """
    n_metrics, n_candidates = reference.metrics.shape
    size = 0.0
    for row in range(technology.rank):
        size += abs(normal[row])
    for row in range(technology.rank):
        sign = slack_sign(technology, row)
        if sign * normal[row] > PRICE_TOLERANCE * size:
            return False
        if sign != 0.0 and -sign * normal[row] < ZERO_TOLERANCE * size:
            normal[row] = 0.0
    intercept = float(normal[n_metrics]) if technology.rank > n_metrics else 0.0
    virtual_input, virtual_output = reference.work[0], reference.work[1]
    origin = n_candidates - n_candidates
    weighted_sum(normal, origin, technology.n_inputs, reference.metrics, virtual_input)
    weighted_sum(normal, technology.n_inputs, n_metrics, reference.metrics, virtual_output)
    violations = 0
    for j in range(n_candidates):
        gain = virtual_output[j] + intercept - virtual_input[j]
        violations += gain > PRICE_TOLERANCE * (abs(virtual_output[j]) + abs(intercept) + abs(virtual_input[j]))
    return violations == 0


@inner
def accept(technology: Technology, reference: Reference, facets: Facets, facet: int, swaps: IntArray) -> bool:
    """Factorise the facet's basis; whether it is a valid facet."""
    inverse = facets.inverse[facet]
    fill_basis_matrix(technology, reference.values, facets.basis[facet], inverse)
    return invert(inverse, swaps) and is_valid(technology, reference, inverse[technology.rank - 1])


@part
def exchange(
    technology: Technology, reference: Reference, facets: Facets, here: int, there: int, leaving: int, entering: int
) -> bool:
    """Derive the facet `there`, in which a column of the basis of `here` is exchanged for another, and its inverse.

    One elimination step in place of a factorisation.  False where the step would lose digits, for then the new basis
    should be factorised instead, or where the facet is not valid.
    """
    rank = technology.rank
    n_metrics, n_models = reference.values.shape
    before, after = facets.inverse[here], facets.inverse[there]
    largest, pivot = 0.0, 0.0
    # The entering column in terms of the old basis; the first column of `after` holds it until that is written.
    for row in range(rank):
        weight = 0.0
        if entering < n_models:
            for metric in range(n_metrics):
                value = reference.values[metric, entering]
                weight += before[row, metric] * (-value if metric < technology.n_inputs else value)
            if rank > n_metrics:
                weight += before[row, n_metrics]
        else:
            weight = before[row, entering - n_models] * slack_sign(technology, entering - n_models)
        after[row, 0] = weight
        largest = max(largest, abs(weight))
        if row == leaving:
            pivot = weight
    if not abs(pivot) > SAFE_PIVOT * largest:
        return False
    for row in range(rank):
        factor = after[row, 0] / pivot
        if row == leaving:
            for k in range(rank):
                after[row, k] = before[leaving, k] / pivot
        else:
            for k in range(rank):
                after[row, k] = before[row, k] - factor * before[leaving, k]
    return is_valid(technology, reference, after[rank - 1])


@inner
def smallest(values: Array, n_values: int) -> float:
    """The smallest of the first values, four at a time, for comparisons that wait for each other are slow."""
    a = b = c = d = np.inf
    whole = n_values - n_values % 4
    for j in range(0, whole, 4):
        a, b = min(a, values[j]), min(b, values[j + 1])
        c, d = min(c, values[j + 2]), min(d, values[j + 3])
    for j in range(whole, n_values):
        a = min(a, values[j])
    return min(min(a, b), min(c, d))


@inner
def blocks_before(
    length: float, fall: float, index: int, shortest: float, steepest: float, entering: int, smallest_index: bool
) -> bool:
    """Whether a column ends the step before the one found so far; ties go to the steeper or the smaller index."""
    if abs(length - shortest) > TIE_TOLERANCE * (1.0 + shortest):
        return length < shortest
    return index < entering if smallest_index else fall > steepest


@inner
def find_entering(
    technology: Technology,
    reference: Reference,
    normal: Array,
    slope: Array,
    signed: Array,
    smallest_index: bool,
) -> int:
    """The column that ends a dual simplex step, in which the normal becomes ``normal - t * slope`` for growing t.

    Parameters
    ----------
    signed : (rank,) array
        Overwritten.
    smallest_index : bool
        Break ties by Bland's rule, which cannot cycle, instead of by the larger pivot, which is more accurate.

    Returns
    -------
    int
        The entering column, or -1 where the step has no end: the dual is unbounded, so the primal is infeasible.
    """
    n_metrics, n_candidates = reference.metrics.shape
    n_models = reference.values.shape[1]
    size = 0.0
    for row in range(technology.rank):
        size += abs(slope[row])
    least_fall = PIVOT_TOLERANCE * size
    entering, shortest, steepest = -1, np.inf, 0.0
    for row in range(technology.rank):
        sign = -slack_sign(technology, row)
        fall = sign * slope[row]
        if fall > least_fall:
            length = max(0.0, sign * normal[row]) / fall
            if blocks_before(length, fall, n_models + row, shortest, steepest, entering, smallest_index):
                entering, shortest, steepest = n_models + row, length, fall

    origin = n_candidates - n_candidates  # not 0: for that very number functions would be compiled once more
    lengths, falls = reference.work[0], reference.work[1]
    intercept, intercept_slope = 0.0, 0.0
    if technology.rank > n_metrics:
        intercept, intercept_slope = float(normal[n_metrics]), float(slope[n_metrics])
    for row in range(n_metrics):
        signed[row] = normal[row] if row < technology.n_inputs else -normal[row]
    weighted_sum(signed, origin, n_metrics, reference.metrics, lengths)
    for row in range(n_metrics):
        signed[row] = slope[row] if row < technology.n_inputs else -slope[row]
    weighted_sum(signed, origin, n_metrics, reference.metrics, falls)
    for j in range(n_candidates):
        falls[j] -= intercept_slope
        length = max(0.0, lengths[j] - intercept) / falls[j]
        lengths[j] = length if falls[j] > least_fall else np.inf
    # Two passes, since it is the look at each column in turn that would take the time.
    shortest_model = smallest(lengths, n_candidates)
    if shortest_model == np.inf:
        return entering
    reach = min(shortest, shortest_model)
    reach += TIE_TOLERANCE * (1.0 + reach)
    for j in range(n_candidates):
        if lengths[j] <= reach:
            index = reference.candidates[j]
            if blocks_before(lengths[j], falls[j], index, shortest, steepest, entering, smallest_index):
                entering, shortest, steepest = index, lengths[j], falls[j]
    return entering
