r"""Facets of the technology's cone: factorise a basis, check that it is valid, step to the neighbouring facet.

A facet with basis :math:`S` keeps the inverse of :math:`[A_S \mid e]`, where :math:`e` has ones in the rows of the
inputs (input orientation) or of the outputs (output orientation).  Its last row is the normal, so scaled that
:math:`\sum_l v_l` or :math:`\sum_m u_m` is 1; it stands apart, among the normals of all facets.  The other rows turn a
point of the facet into its weights on the basis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from paretoscope.arrays import Array, IntArray
from paretoscope.kernels.compiler import inlined, inner, pasted
from paretoscope.kernels.lanes import (
    N_LANES,
    as_index,
    combine,
    empty_lanes,
    greatest,
    load,
    magnitude,
    store,
    whole_lanes,
    with_lane,
    zero_lanes,
)
from paretoscope.kernels.pricing import is_valid
from paretoscope.kernels.reference import Reference
from paretoscope.kernels.technology import SAFE_PIVOT, SINGULAR_TOLERANCE, Technology


class Facets(NamedTuple):
    """Room for facets; how many are in use is counted beside it.

    The last two are no part of the cache: they serve in turn once it is full.
    """

    basis: IntArray  # (capacity, rank - 1)
    normals: Array  # (rank, whole lanes of capacity), a column a facet; zeros where there is none
    inverse: Array  # (capacity, rank, whole lanes of rank - 1): [facet, row, position], transposed; zeros fill lanes
    work: Array  # (rank, whole lanes of the rank), overwritten at will
    pivot_rows: IntArray  # (rank,), overwritten at will


def allocate_facets(rank: int, capacity: int) -> Facets:
    """Make room for `capacity` facets."""
    return Facets(
        basis=np.empty((capacity, rank - 1), np.int64),
        normals=zero_lanes(rank, whole_lanes(capacity)),
        inverse=zero_lanes(capacity, rank, whole_lanes(rank - 1)),
        work=empty_lanes(rank, whole_lanes(rank)),
        pivot_rows=np.empty(rank, np.int64),
    )


@inlined
def cache_size(basis: IntArray) -> int:
    """How many facets are remembered at most."""
    capacity: int = basis.shape[0]
    return capacity - 2


@inner
def invert(work: Array, pivot_rows: IntArray) -> bool:
    """Gauss-Jordan elimination in place, the pivot of each row in the column of its largest entry.

    Afterwards ``work[pivot_rows[p], q]`` is entry ``[p, pivot_rows[q]]`` of the inverse.  False where the matrix is
    singular.  `pivot_rows`, (rank,), is overwritten: the row of the pivot in each column.
    """
    rank = work.shape[0]
    for column in range(rank):
        pivot_rows[column] = -1
    for p in range(rank):
        pivot, largest = -1, SINGULAR_TOLERANCE
        for column in range(rank):
            size = abs(work[p, column])
            if size > largest and pivot_rows[column] < 0:
                pivot, largest = column, size
        if pivot < 0:
            return False
        pivot_rows[pivot] = p
        scale = 1.0 / work[p, pivot]
        for first in range(0, work.shape[1], N_LANES):
            lanes = with_lane(load(work, (p, first)), pivot - first, 1.0)
            store(work, (p, first), lanes * scale)
        for row in range(rank):
            if row != p:
                factor = work[row, pivot]
                for first in range(0, work.shape[1], N_LANES):
                    lanes = with_lane(load(work, (row, first)), pivot - first, 0.0)
                    store(work, (row, first), lanes - load(work, (p, first)) * factor)
    return True


@inner
def accept(technology: Technology, reference: Reference, facets: Facets, facet: int) -> bool:
    """Factorise the facet's basis; whether it is a valid facet."""
    rank, columns, work, pivot_rows = technology.rank, reference.columns, facets.work, facets.pivot_rows
    basis, normal, inverse = facets.basis[facet], facets.normals[:, facet], facets.inverse[facet]
    for p in range(rank):
        index = basis[p] if p < rank - 1 else columns.shape[0] - 1
        for first in range(0, work.shape[1], N_LANES):
            store(work, (p, first), load(columns, (index, first)))
    if not invert(work, pivot_rows):
        return False
    for q in range(rank):
        if pivot_rows[q] == rank - 1:
            for row in range(rank):
                normal[row] = work[pivot_rows[row], q]
    if not is_valid(technology, reference.rows, reference.size[0], normal):
        return False
    for row in range(rank):
        for first in range(0, inverse.shape[1], N_LANES):
            store(inverse, (row, first), 0.0)  # also where an exchange may have left a division by zero
        for q in range(rank):
            if pivot_rows[q] < rank - 1:
                inverse[row, pivot_rows[q]] = work[pivot_rows[row], q]
    return True


@inlined
def exchange(before: Array, after: Array, normals: Array, here: int, there: int, leaving: int, column: Array) -> bool:
    """Derive the facet `there`, in which a column of the basis of `here` is exchanged for another, and its inverse.

    One elimination step in place of a factorisation.  False where the step would lose digits, for then the new basis
    should be factorised instead.
    """
    rank, normal, released = before.shape[0], normals[:, here], before[:, leaving]
    # The entering column in terms of the old basis and the normalisation.
    price, pivot = 0.0, 0.0
    for row in range(rank):
        price += normal[row] * column[row]
        pivot += released[row] * column[row]
    largest = abs(price)
    for first in range(0, before.shape[1], N_LANES):
        terms = combine(column, 0, rank, before, first)
        size = greatest(magnitude(terms))
        largest = size if size > largest else largest
        factors = terms / pivot
        for row in range(rank):
            moved = load(before, (row, first)) - factors * released[row]
            store(after, (row, first), with_lane(moved, leaving - first, released[row] / pivot))
    for row in range(rank):
        normals[row, there] = normal[row] - price / pivot * released[row]
    return abs(pivot) > SAFE_PIVOT * largest


@inner
def forget(normals: Array, first: int, last: int) -> None:
    """Clear the normals of some facets, so that they bound no point."""
    for row in range(normals.shape[0]):
        for facet in range(first, last):
            normals[row, facet] = 0.0


@inner
def mark_carriers(basis: IntArray, n_facets: int, used: IntArray, carriers: IntArray) -> None:
    """Mark the models in the bases of those of the first `n_facets` that a score rests on."""
    for model in range(carriers.size):
        carriers[model] = 0
    for facet in range(n_facets):
        if used[facet]:
            for position in range(basis.shape[1]):
                if basis[facet, position] < carriers.size:
                    carriers[basis[facet, position]] = 1


@pasted
def keep_valid(technology: Technology, reference: Reference, facets: Facets, n_facets: int, used: IntArray) -> int:
    """Move the valid and used ones of the first `n_facets` bases to the front; return how many they are."""
    basis, candidate_of = facets.basis, reference.candidate_of
    n_kept: int = as_index(0)
    for facet in range(n_facets):
        promising = used[facet] > 0
        for position in range(technology.rank - 1):
            index = basis[facet, position]
            basis[n_kept, position] = index
            # Only candidates have columns, and a dominated model carries nothing.
            if index < candidate_of.size and candidate_of[index] < 0:
                promising = False
        if promising:
            n_kept += accept(technology, reference, facets, n_kept)
    forget(facets.normals, n_kept, whole_lanes(n_facets))
    return n_kept
