"""Facets to start from: those that are valid without any search."""

from __future__ import annotations

from paretoscope.kernels.compiler import inner
from paretoscope.kernels.facets import Facets, accept, cache_size, forget
from paretoscope.kernels.reference import Reference
from paretoscope.kernels.technology import Technology


@inner
def add_starts(technology: Technology, reference: Reference, facets: Facets, n_facets: int) -> int:
    """Add, for each metric that moves, a facet that weighs no other such metric; return how many facets there are then.

    That is the exchange of the metric for a partner at the best rate of any model.  The partner is the sum of weights,
    then the rate is the least input that any model needs, or the most output that any gives; or, where returns to scale
    do not allow that, a metric of the other role.  There may be none: no input bounds what a model without it gives.
    """
    rank, n_models, n_candidates = technology.rank, reference.candidate_of.size, reference.size[0]
    first, last = (technology.n_needs, rank) if technology.output_oriented else (0, technology.n_needs)
    for moving in range(first, last):
        for partner in range(rank - 1, -1, -1):  # the sum of weights is the last of its side
            if first <= partner < last or n_facets == cache_size(facets.basis):
                continue
            best, highest = -1, -1.0
            for j in range(n_candidates):
                rate = abs(reference.rows[partner, j]) / abs(reference.rows[moving, j])
                rate = 1.0 / rate if technology.output_oriented else rate
                if rate > highest:
                    best, highest = j, rate
            if best < 0:
                continue
            facets.basis[n_facets, 0] = reference.candidates[best]
            position = 1
            for row in range(rank):
                if row != moving and row != partner:
                    facets.basis[n_facets, position] = n_models + row
                    position += 1
            if accept(technology, reference, facets, n_facets):
                n_facets += 1
                break
            forget(facets.normals, n_facets, n_facets + 1)
    return n_facets
