r"""Exact efficiency scores of many points against one reference set, through a cache of facets.

Every valid facet bounds the efficiency of every point from below (weak duality), so a point starts from the best facet
that is known.  If its weights on that facet's basis are non-negative, they are a primal solution of the same value:
the score is exact and both certificates are at hand.  Otherwise dual simplex steps lead to better facets, each of which
is valid for all points and joins the cache.

References
----------
Banker, Charnes, Cooper (1984), "Some models for estimating technical and scale inefficiencies in data envelopment
analysis", Management Science 30(9); Lemke (1954), "The dual method of solving the linear programming problem".
"""

from __future__ import annotations

import numpy as np

from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.facets import (
    Facets,
    Reference,
    fill_basis_matrix,
    find_entering,
    invert,
    is_valid,
    weighted_sum,
)
from paretoscope.kernels.options import kernel
from paretoscope.kernels.technology import (
    CERTIFIED,
    CRS,
    INFEASIBLE,
    NDRS,
    NIRS,
    SNAP_TOLERANCE,
    UNRESOLVED,
    WEIGHT_TOLERANCE,
    ZERO_TOLERANCE,
    Array,
    IntArray,
    Technology,
)

PIECE = 512


@kernel
def start_basis(technology: Technology, reference: Reference, lead: int, basis: IntArray) -> bool:
    """Write the basis of a facet that is valid without any search, with the normal's weight on metric `lead` alone.

    Input orientation, `lead` an input: the least of that input any model needs, at all (vrs, ndrs) or for a unit of an
    output (crs, nirs).  Output orientation, `lead` an output: the most of it that any model gives, at all (vrs, nirs)
    or for a unit of an input (crs, ndrs).  False where no such facet exists.
    """
    n_inputs = technology.n_inputs
    n_metrics, n_candidates = reference.metrics.shape
    n_models = reference.values.shape[1]
    metrics = reference.metrics
    if technology.output_oriented:
        per_unit = technology.rts == CRS or technology.rts == NDRS
        first, last = 0, n_inputs
    else:
        per_unit = technology.rts == CRS or technology.rts == NIRS
        first, last = n_inputs, n_metrics
    partner, model, extreme = -1, -1, np.inf
    if per_unit:
        for other in range(first, last):
            model, extreme = -1, np.inf
            bounded = True
            for j in range(n_candidates):
                supply = metrics[lead, j] if technology.output_oriented else metrics[other, j]
                demand = metrics[other, j] if technology.output_oriented else metrics[lead, j]
                if supply > 0.0:
                    if technology.output_oriented and demand == 0.0:
                        bounded = False
                    ratio = demand / supply
                    if ratio < extreme:
                        model, extreme = j, ratio
            if bounded and model >= 0:
                partner = other
                break
        if partner < 0:
            return False
    else:
        for j in range(n_candidates):
            level = -metrics[lead, j] if technology.output_oriented else metrics[lead, j]
            if level < extreme:
                model, extreme = j, level
        if model < 0:
            return False
    basis[0] = reference.candidates[model]
    position = 1
    for row in range(n_metrics):
        if row != lead and row != partner:
            basis[position] = n_models + row
            position += 1
    if per_unit and technology.rts != CRS:
        basis[position] = n_models + n_metrics
    return True


@kernel
def improve_bounds(
    technology: Technology,
    normal: Array,
    facet: int,
    points: Array,
    first: int,
    last: int,
    bounds: Array,
    best: IntArray,
    work: Array,
) -> None:
    """Raise ``bounds[i]`` to the facet's bound on point i where that is larger, for i from `first` up to `last`."""
    n_metrics = points.shape[0]
    intercept = float(normal[n_metrics]) if technology.rank > n_metrics else 0.0
    virtual_input, virtual_output = work[0], work[1]
    above, below = intercept, 0.0
    if technology.output_oriented:
        above, below = 0.0, -intercept
    least = ZERO_TOLERANCE * abs(below)
    # In pieces that stay in the processor's first cache.
    for start in range(first, last, PIECE):
        stop = min(start + PIECE, last)
        weighted_sum(normal, 0, technology.n_inputs, points, start, stop, virtual_input)
        weighted_sum(normal, technology.n_inputs, n_metrics, points, start, stop, virtual_output)
        offset = np.uint64(start)
        for k in range(np.uint64(stop - start)):
            i = offset + k
            need = virtual_input[k] + below
            bound = (virtual_output[k] + above) / need
            better = (bound > bounds[i]) & (need > least)
            bounds[i] = bound if better else bounds[i]
            best[i] = facet if better else best[i]


@kernel
def accept(technology: Technology, reference: Reference, facets: Facets, facet: int, swaps: IntArray) -> bool:
    """Factorise the facet's basis; whether it is a valid facet."""
    inverse = facets.inverse[facet]
    fill_basis_matrix(technology, reference.values, facets.basis[facet], inverse)
    return invert(inverse, swaps) and is_valid(technology, reference, inverse[technology.rank - 1])


@kernel
def least_weights(
    technology: Technology, inverse: Array, best: IntArray, points: Array, scores: Array, weight: Array, least: Array
) -> None:
    """For every point the least weight that its column q(score) has on the basis of its best facet.

    One entry of all inverses at a time, over all points, since that is what the processor's vector unit can do.
    """
    n_inputs = technology.n_inputs
    n_metrics, n_points = points.shape
    for i in range(n_points):
        least[i] = np.inf
    for position in range(technology.rank - 1):
        for i in range(n_points):
            weight[i] = 0.0
        for row in range(n_inputs):
            for i in range(n_points):
                weight[i] -= inverse[np.uint64(max(best[i], 0)), position, row] * points[row, i]
        for i in range(n_points):
            weight[i] *= scores[i]
        for row in range(n_inputs, n_metrics):
            for i in range(n_points):
                weight[i] += inverse[np.uint64(max(best[i], 0)), position, row] * points[row, i]
        if technology.rank > n_metrics:
            for i in range(n_points):
                level = scores[i] if technology.output_oriented else 1.0
                weight[i] += inverse[np.uint64(max(best[i], 0)), position, n_metrics] * level
        for i in range(n_points):
            least[i] = min(least[i], weight[i])


@kernel
def basis_weights(
    technology: Technology,
    inverse: Array,
    facet: int,
    points: Array,
    i: int,
    efficiency: float,
    at: Array,
    weights: Array,
) -> bool:
    """Write the column q(efficiency) of point i, and its weights on the facet's basis; whether one is negative."""
    rank, n_inputs, n_metrics = technology.rank, technology.n_inputs, points.shape[0]
    for row in range(n_metrics):
        at[row] = -efficiency * points[row, i] if row < n_inputs else points[row, i]
    if rank > n_metrics:
        at[n_metrics] = efficiency if technology.output_oriented else 1.0
    negative = False
    for position in range(rank - 1):
        weight = 0.0
        for row in range(rank):
            weight += inverse[facet, position, row] * at[row]
        weights[position] = weight
        negative |= weight < 0.0
    return negative


@kernel
def find_leaving(values: Array, basis: IntArray, weights: Array, at: Array, smallest_index: bool) -> int:
    """The position whose negative weight violates a constraint most, for the size of that constraint; -1 if none."""
    n_metrics, n_models = values.shape
    leaving, worst = -1, WEIGHT_TOLERANCE
    for position in range(basis.size):
        weight = -weights[position]
        if weight <= 0.0:
            continue
        index = basis[position]
        violation = 0.0
        for row in range(at.size):
            entry = 1.0 if row >= n_metrics or index >= n_models else values[row, min(index, n_models - 1)]
            if index < n_models or row == index - n_models:
                size = abs(at[row])
                violation = max(violation, weight * entry / size if size > 0.0 else weight * entry)
        if violation <= WEIGHT_TOLERANCE:
            continue
        if smallest_index:
            if leaving < 0 or index < basis[leaving]:
                leaving = position
        elif violation > worst:
            leaving, worst = position, violation
    return leaving


@kernel
def fill_slope(technology: Technology, inverse: Array, leaving: int, points: Array, i: int, slope: Array) -> None:
    """Write the direction that releases a basis column and keeps the denominator of the bound of point i."""
    rank, n_metrics = technology.rank, points.shape[0]
    need, change = 0.0, 0.0
    for row in range(technology.n_inputs):
        need += inverse[rank - 1, row] * points[row, i]
        change -= inverse[leaving, row] * points[row, i]
    if technology.output_oriented and rank > n_metrics:
        need -= inverse[rank - 1, n_metrics]
        change += inverse[leaving, n_metrics]
    for row in range(rank):
        slope[row] = inverse[leaving, row] + change / need * inverse[rank - 1, row]


@kernel
def envelop(
    technology: Technology,
    reference: Reference,
    points: Array,
    facets: Facets,
    n_facets: int,
    scores: Array,
    status: IntArray,
    best: IntArray,
    work: Array,
) -> int:
    """Score all points; return how many facets are in use afterwards.

    Parameters
    ----------
    points : (n_metrics, n_points) array
        Inputs first, every metric in units of about 1.
    facets, n_facets
        The first `n_facets` bases are guesses, e.g. those of a similar data set.
    scores, status, best : (n_points,) arrays
        Output: efficiency, `CERTIFIED` and its like, and the facet that each score rests on (-1 for none).
    work : (2, n_points) array
        Overwritten.
    """
    n_points = points.shape[1]
    rank = technology.rank
    capacity = facets.basis.shape[0]
    swaps = np.empty(rank, np.int64)
    at, slope, signed, weights = np.empty(rank), np.empty(rank), np.empty(rank), np.empty(rank)
    for i in range(n_points):
        scores[i] = -1.0
        best[i] = -1
    kept = 0
    for facet in range(n_facets):
        for position in range(rank - 1):
            facets.basis[kept, position] = facets.basis[facet, position]
        if accept(technology, reference, facets, kept, swaps):
            normal = facets.inverse[kept, rank - 1]
            improve_bounds(technology, normal, kept, points, 0, n_points, scores, best, work)
            kept += 1
    n_facets = kept

    # Most points are settled by a look at the facets known so far; `least` holds for those whose best facet is one.
    least = np.empty(n_points)
    n_checked = n_facets
    if n_checked:
        least_weights(technology, facets.inverse, best, points, scores, work[0], least)

    # The last two places serve in turn once the cache is full.
    room = capacity - 2

    first_lead, n_leads = 0, technology.n_inputs
    if technology.output_oriented:
        first_lead, n_leads = technology.n_inputs, technology.n_outputs
    n_started = 0
    for i in range(n_points):
        # A point that no known facet bounds asks for those that need no search.
        while best[i] < 0 and n_started < n_leads and n_facets < room:
            there = n_facets
            found = start_basis(technology, reference, first_lead + n_started, facets.basis[there])
            n_started += 1
            if found and accept(technology, reference, facets, there, swaps):
                normal = facets.inverse[there, rank - 1]
                improve_bounds(technology, normal, there, points, i, n_points, scores, best, work)
                n_facets += 1
        if best[i] < 0:
            status[i] = UNRESOLVED
            continue

        status[i] = CERTIFIED
        n_steps = 0
        if best[i] < n_checked and least[i] >= 0.0:
            continue
        while basis_weights(technology, facets.inverse, best[i], points, i, scores[i], at, weights):
            # Ties can make the steps go round in circles; after a while Bland's rule takes over, which cannot.
            smallest_index = n_steps > 10 * rank
            here = best[i]
            basis = facets.basis[here]
            leaving = find_leaving(reference.values, basis, weights, at, smallest_index)
            if leaving < 0:
                break
            if n_steps > 200 * rank:
                status[i] = UNRESOLVED
                break
            inverse = facets.inverse[here]
            fill_slope(technology, inverse, leaving, points, i, slope)
            entering = find_entering(technology, reference, basis, inverse[rank - 1], slope, signed, smallest_index)
            if entering < 0:
                status[i] = INFEASIBLE
                break
            there, last = n_facets, n_points
            if n_facets >= room:
                there, last = room + (here == room), i + 1
            for position in range(rank - 1):
                facets.basis[there, position] = basis[position]
            facets.basis[there, leaving] = entering
            if not accept(technology, reference, facets, there, swaps):
                status[i] = UNRESOLVED
                break
            # The step leads to a bound that is at least as good; do not let rounding say otherwise.
            scores[i] = -1.0
            improve_bounds(technology, facets.inverse[there, rank - 1], there, points, i, last, scores, best, work)
            n_facets += n_facets < room
            n_steps += 1
    return n_facets


@kernel
def gather(values: Array, candidates: IntArray, n_candidates: int, buffer: Array, work: Array) -> Reference:
    """Put the candidates' metrics side by side."""
    n_metrics = values.shape[0]
    metrics = buffer[: n_metrics * n_candidates].reshape(n_metrics, n_candidates)
    for row in range(n_metrics):
        for j in range(n_candidates):
            metrics[row, j] = values[row, candidates[0, j]]
    return Reference(values, candidates[0, :n_candidates], metrics, work[: 2 * n_candidates].reshape(2, n_candidates))


@kernel
def envelop_draws(
    technology: Technology, draws: Array, facets: Facets, n_facets: int, scores: Array, status: IntArray
) -> None:
    """Score all models of every draw against each other; the facets of one draw are the guesses for the next.

    Parameters
    ----------
    draws : (n_draws, n_metrics, n_models) array
        Simulated metrics, inputs first, every metric in units of about 1.
    scores, status : (n_draws, n_models) arrays
        Output.
    """
    n_draws, n_metrics, n_models = draws.shape
    dominator = np.arange(n_models)
    candidates = np.empty((2, n_models), np.int64)
    buffer, pricing = np.empty(n_metrics * n_models), np.empty(2 * n_models)
    work = np.empty((n_metrics + 1, n_models))
    best = np.empty(n_models, np.int64)
    for draw in range(n_draws):
        values = draws[draw]
        n_candidates = find_candidates(values, technology.n_inputs, dominator, candidates, work)
        reference = gather(values, candidates, n_candidates, buffer, pricing)
        n_facets = envelop(technology, reference, values, facets, n_facets, scores[draw], status[draw], best, work)
        for i in range(n_models):
            if status[draw, i] == CERTIFIED and scores[draw, i] > 1.0 - SNAP_TOLERANCE:
                scores[draw, i] = 1.0
