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

from paretoscope.kernels.bounds import Points, improve_bounds, least_weights
from paretoscope.kernels.candidates import find_candidates
from paretoscope.kernels.facets import Facets, Reference, accept, exchange, find_entering
from paretoscope.kernels.options import inner, kernel, part
from paretoscope.kernels.starts import start_basis
from paretoscope.kernels.technology import (
    CERTIFIED,
    INFEASIBLE,
    SNAP_TOLERANCE,
    UNRESOLVED,
    VRS,
    WEIGHT_TOLERANCE,
    Array,
    IntArray,
    Technology,
)

PIECE = 1024  # points that are scored together: few enough for the processor's first caches


@inner
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


@inner
def constraint_size(technology: Technology, row: int, n_metrics: int, level: float) -> float:
    """What a violation of a row's constraint is measured by: its level, but not less where the origin is arbitrary."""
    if level == 0.0:
        return 1.0
    moves = (row >= technology.n_inputs) == technology.output_oriented
    if technology.rts == VRS and not moves and row < n_metrics:
        return max(abs(level), 1e-3)
    return abs(level)


@inner
def find_leaving(
    technology: Technology, values: Array, basis: IntArray, weights: Array, at: Array, smallest_index: bool
) -> int:
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
                size = constraint_size(technology, row, n_metrics, at[row])
                violation = max(violation, weight * abs(entry) / size)
        if violation <= WEIGHT_TOLERANCE:
            continue
        if smallest_index:
            if leaving < 0 or index < basis[leaving]:
                leaving = position
        elif violation > worst:
            leaving, worst = position, violation
    return leaving


@inner
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


@inner
def alone(points: Points, i: int) -> Points:
    """Point i by itself."""
    values = np.empty((points.values.shape[0], 1))
    for row in range(points.values.shape[0]):
        values[row, 0] = points.values[row, i]
    return Points(values, points.bounds[i : i + 1], points.best[i : i + 1], np.empty((2, 1)))


@part
def settle(
    technology: Technology,
    reference: Reference,
    points: Points,
    i: int,
    facets: Facets,
    n_facets: int,
    swaps: IntArray,
    at: Array,
    weights: Array,
    slope: Array,
    signed: Array,
) -> tuple[int, int]:
    """Certify the efficiency of point i by dual simplex steps from its best facet; return its status and `n_facets`.

    The arrays behind `swaps` are overwritten.
    """
    rank = technology.rank
    room = facets.basis.shape[0] - 2  # the last two places serve in turn once the cache is full
    bounds, best = points.bounds, points.best
    for n_steps in range(200 * rank):
        here = best[i]
        if not basis_weights(technology, facets.inverse, here, points.values, i, bounds[i], at, weights):
            return CERTIFIED, n_facets
        # Ties can make the steps go round in circles; after a while Bland's rule takes over, which cannot.
        smallest_index = n_steps > 10 * rank
        basis, inverse = facets.basis[here], facets.inverse[here]
        leaving = find_leaving(technology, reference.values, basis, weights, at, smallest_index)
        if leaving < 0:
            return CERTIFIED, n_facets
        fill_slope(technology, inverse, leaving, points.values, i, slope)
        entering = find_entering(technology, reference, inverse[rank - 1], slope, signed, smallest_index)
        if entering < 0:
            return INFEASIBLE, n_facets
        there, raised = n_facets, points
        if n_facets >= room:
            there, raised = room + (here == room), alone(points, i)
        for position in range(rank - 1):
            facets.basis[there, position] = basis[position]
        facets.basis[there, leaving] = entering
        # The step leads to a bound that is at least as good; do not let rounding say otherwise.
        bounds[i] = -1.0
        exchanged = exchange(technology, reference, facets, here, there, leaving, entering)
        if not exchanged and not accept(technology, reference, facets, there, swaps):
            return UNRESOLVED, n_facets
        improve_bounds(technology, facets.inverse[there, rank - 1], there, raised)
        if best[i] != there:
            return UNRESOLVED, n_facets
        n_facets += n_facets < room
    return UNRESOLVED, n_facets


@part
def envelop(
    technology: Technology,
    reference: Reference,
    points: Points,
    facets: Facets,
    n_facets: int,
    status: IntArray,
    swaps: IntArray,
) -> int:
    """Score some points; return how many facets are in use afterwards.

    Parameters
    ----------
    points : Points
        Metrics in units of about 1.  Output: `bounds` become the efficiencies, `best` the facets they rest on.
    facets, n_facets
        Valid ones.
    status : (n_points,) array
        Output: `CERTIFIED` and its like.
    """
    n_points = points.bounds.size
    rank = technology.rank
    room = facets.basis.shape[0] - 2  # the last two places serve in turn once the cache is full
    least = np.empty(n_points)
    at, weights, slope, signed = np.empty(rank), np.empty(rank - 1), np.empty(rank), np.empty(rank)
    # Out of their tuples once, for every look into one costs as much as a few additions.
    values, bounds, best, inverse = points.values, points.bounds, points.best, facets.inverse
    for i in range(n_points):
        bounds[i] = -1.0
        best[i] = -1
    for facet in range(n_facets):
        improve_bounds(technology, inverse[facet, rank - 1], facet, points)
    # Most points are settled by a look at the facets known so far; `least` holds for those whose best facet is one.
    n_checked = n_facets
    least_weights(technology, inverse, points, least)

    first_lead, n_leads = 0, technology.n_inputs
    if technology.output_oriented:
        first_lead, n_leads = technology.n_inputs, technology.n_outputs
    n_started = 0
    for i in range(n_points):
        # A point that no known facet bounds asks for those that need no search.
        while best[i] < 0 and n_started < n_leads and n_facets < room:
            found = start_basis(technology, reference, first_lead + n_started, facets.basis[n_facets])
            n_started += 1
            if found and accept(technology, reference, facets, n_facets, swaps):
                improve_bounds(technology, inverse[n_facets, rank - 1], n_facets, points)
                n_facets += 1
        if best[i] < 0:
            status[i] = UNRESOLVED
        elif (best[i] < n_checked and least[i] >= 0.0) or not basis_weights(
            technology, inverse, best[i], values, i, bounds[i], at, weights
        ):
            status[i] = CERTIFIED
        else:
            status[i], n_facets = settle(
                technology, reference, points, i, facets, n_facets, swaps, at, weights, slope, signed
            )
    return n_facets


@inner
def keep_valid(technology: Technology, reference: Reference, facets: Facets, n_facets: int, swaps: IntArray) -> int:
    """Move the valid ones of the first `n_facets` bases to the front; return how many they are."""
    n_kept = n_facets - n_facets
    for facet in range(n_facets):
        for position in range(technology.rank - 1):
            facets.basis[n_kept, position] = facets.basis[facet, position]
        n_kept += accept(technology, reference, facets, n_kept, swaps)
    return n_kept


@inner
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
    technology: Technology,
    references: Array,
    points: Array,
    facets: Facets,
    n_facets: int,
    scores: Array,
    status: IntArray,
    best: IntArray,
) -> int:
    """Score the points of every draw against the reference of that draw; return how many facets are in use then.

    Parameters
    ----------
    references : (n_draws, n_metrics, n_models) array
        The models that span the technology: metrics in units of about 1, inputs first.
    points : (n_draws, n_metrics, n_points) array
        The points to score; in a bootstrap the very models.
    facets, n_facets
        The first `n_facets` bases are guesses; what one draw leaves are the guesses for the next.
    scores, status : (n_draws, n_points) arrays
        Output: efficiency, and `CERTIFIED` and its like.
    best : (n_points,) array
        Output: the facet that each score of the last draw rests on, or -1.
    """
    n_draws, n_metrics, n_models = references.shape
    n_points = points.shape[2]
    dominator = np.arange(n_models)
    candidates = np.empty((2, n_models), np.int64)
    buffer, pricing = np.empty(n_metrics * n_models), np.empty(2 * n_models)
    work = np.empty((n_metrics + 1, n_models))
    swaps = np.empty(technology.rank, np.int64)
    for draw in range(n_draws):
        n_candidates = find_candidates(references[draw], technology.n_inputs, dominator, candidates, work)
        reference = gather(references[draw], candidates, n_candidates, buffer, pricing)
        n_facets = keep_valid(technology, reference, facets, n_facets, swaps)
        for first in range(0, n_points, PIECE):
            last = min(first + PIECE, n_points)
            some = points[draw]
            if last - first < n_points:
                some = np.empty((n_metrics, last - first))
                for row in range(n_metrics):
                    for i in range(last - first):
                        some[row, i] = points[draw, row, first + i]
            known = Points(some, scores[draw, first:last], best[first:last], np.empty((2, last - first)))
            n_facets = envelop(technology, reference, known, facets, n_facets, status[draw, first:last], swaps)
        for i in range(n_points):
            if status[draw, i] == CERTIFIED and abs(scores[draw, i] - 1.0) < SNAP_TOLERANCE:
                scores[draw, i] = 1.0
    return n_facets
